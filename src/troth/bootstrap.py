"""The only place that builds objects from a policy: reads files and the environment, opens stores and state."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.core.discover.model import Budget, Source
    from troth.core.policy.loader import Examined
    from troth.core.policy.model import Policy, Store
    from troth.core.ports import Connector
    from troth.core.rights.hooks import RunHook
    from troth.core.rights.session import Session
    from troth.publishing.look import Look
    from troth.publishing.publish import Published
    from troth.state.engine import StateRecords
    from troth.state.publications import Publication

DEFAULT_POLICY = "troth.yaml"

_MOST_BYTES = 5_000_001
"""One more than the loader accepts: enough for it to say that a file is too large."""


def load_policy(path: Path | str = DEFAULT_POLICY, env: Mapping[str, str] | None = None) -> Policy:
    """Read a policy file and what it includes.

    Raises UsageError when the file cannot be read, PolicyError with every problem found in it.
    """
    from troth.core.policy.loader import load

    path = Path(path)
    return load(
        read_bytes(path), name=str(path), read=_reader(path.parent), env=_environment(env),
        folder=str(path.resolve().parent),
    )  # fmt: skip


def examine_policy(path: Path | str = DEFAULT_POLICY, env: Mapping[str, str] | None = None) -> Examined:
    """As ``load_policy``, but with all problems, warnings too, instead of PolicyError."""
    from troth.core.policy.loader import examine

    path = Path(path)
    return examine(
        read_bytes(path), name=str(path), read=_reader(path.parent), env=_environment(env),
        folder=str(path.resolve().parent),
    )  # fmt: skip


def _environment(env: Mapping[str, str] | None) -> Mapping[str, str]:
    """The one given, else this process's, in which a variable may have its value in a file (``NAME_FILE``)."""
    from troth.state.environment import Environment

    return Environment() if env is None else env


def read_bytes(path: Path) -> bytes:
    """A file's content, at most a little over what a policy may hold. Raises UsageError naming the file when it
    cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {(error.strerror or 'error').lower()}",
            remedy="name the policy with --policy PATH, or make one from examples/",
        ) from None


def _reader(folder: Path) -> Callable[[str], bytes]:
    """Reads included files; a symbolic link that leads out of the policy's folder is not followed."""
    home = folder.resolve()

    def read(name: str) -> bytes:
        path = (folder / name).resolve()
        if not path.is_relative_to(home):
            raise PermissionError(f"{name} lies outside the policy's folder")
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)

    return read


def open_connector(store: Store, folder: Path, env: Mapping[str, str] | None = None) -> Connector:
    """Connect to a store of the policy; relative SQLite paths are relative to the policy's folder.

    Raises StoreUnreachable, StoreRefused; UsageError for an address that cannot be understood or a variable
    that is not set.
    """
    from troth.connectors.sql.connector import SqlConnector
    from troth.core.policy.environment import expand_url

    url = expand_url(store, _environment(env))
    return SqlConnector(store, _absolute(url, folder))


def open_source(url: str, *, name: str = "main", budget: Budget | None = None, folder: Path | None = None) -> Source:
    """Open a database that no policy describes, for looking only; relative SQLite paths count from ``folder``
    (by default the current one). The budget's time begins now.

    Raises StoreUnreachable, StoreRefused, StoreBusy; UsageError for an address that cannot be understood.
    """
    from troth.connectors.sql.source import SqlSource
    from troth.core.discover.model import Budget
    from troth.core.discover.profile import new_profiler

    return SqlSource(name, _absolute(url, folder or Path()), budget or Budget(), new_profiler)


def _absolute(url: str, folder: Path) -> str:
    scheme, separator, rest = url.partition(":///")
    if scheme != "sqlite" or not separator or rest.startswith("/") or not rest:
        return url
    return f"sqlite:///{(folder / rest).resolve()}"


def open_session(policy: Policy, policy_path: Path | str, as_of: date, only: Iterable[str] | None = None) -> Session:
    """Open and inspect the policy's stores."""
    from troth.core.rights.session import open_session as opening

    folder = Path(policy_path).resolve().parent
    return opening(policy, as_of, lambda store: open_connector(store, folder), only)


def open_records(directory: Path | str | None = None) -> StateRecords:
    """The engine's memory and ledger. Raises KeyUnavailable when `troth keys init` was never run."""
    from troth.state.engine import StateRecords
    from troth.state.state import open_state

    return StateRecords(open_state(directory))


def hook_runner(policy_path: Path | str, env: Mapping[str, str] | None = None) -> RunHook:
    """What runs the policy's hooks, in the policy's folder."""
    from troth.connectors.programs import Programs

    return Programs(Path(policy_path).resolve().parent, os.environ if env is None else env)


def check_state(directory: Path | str | None) -> None:
    """Open the state and close it again. Raises as ``open_state`` when it cannot be used."""
    from troth.state.state import open_state

    open_state(directory).close()


def publish(policy_path: Path | str, directory: Path | str | None, now: datetime) -> Published:
    """Put the policy on record as its version. Raises as ``publishing.publish``, and UsageError for a logo that
    cannot be shown."""
    from troth.publishing.publish import publish as publishing
    from troth.state.state import open_state

    policy = load_policy(policy_path)
    look = read_look(policy, policy_path)
    with open_state(directory) as state:
        return publishing(policy, state, now, look)


def read_look(policy: Policy, policy_path: Path | str) -> Look:
    """Colours and logo, from the policy's folder. Raises UsageError naming the place for a logo that cannot be
    shown."""
    from troth.publishing.look import BadLogo, look_of

    try:
        return look_of(policy, _reader(Path(policy_path).parent))
    except BadLogo as error:
        places = examine_policy(policy_path).places
        at = places.at(error.path) if places else None
        place = f"{at.file}:{at.line}:{at.column}: " if at else ""
        raise UsageError(f"{place}{error}", remedy="name an SVG, PNG or WebP file of at most 100 KB") from None


def write_fragments(made: Publication, folder: Path, base: str = "") -> None:
    """Write each language's text as ``policy.LANGUAGE.html``: one article, without style or script. ``base`` stands
    before the links that lead to Troth's pages."""
    from troth.publishing.html import fragment
    from troth.publishing.stored import from_json

    folder.mkdir(parents=True, exist_ok=True)
    for language, page in made.pages.items():
        text = fragment(from_json(page), base=base.rstrip("/"))
        (folder / f"policy.{language}.html").write_text(text, encoding="utf-8")


def new_ref(prefix: str) -> str:
    """A name for a request: random, says nothing about anybody."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"
