"""The only place that builds objects from a policy: reads files and the environment, opens stores and state."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.core.policy.model import Policy, Store
    from troth.core.ports import Connector
    from troth.core.rights.session import Session
    from troth.state.engine import StateRecords

DEFAULT_POLICY = "troth.yaml"


def load_policy(path: Path | str = DEFAULT_POLICY, env: Mapping[str, str] | None = None) -> Policy:
    """Read a policy file and what it includes.

    Raises UsageError when the file cannot be read, PolicyError with every problem found in it.
    """
    from troth.core.policy.loader import load

    path = Path(path)
    return load(
        read_bytes(path), name=str(path), read=lambda name: read_bytes(path.parent / name),
        env=os.environ if env is None else env,
    )  # fmt: skip


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises UsageError naming the file when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {(error.strerror or 'error').lower()}",
            remedy="name the policy with --policy PATH, or make one from examples/",
        ) from None


def open_connector(store: Store, folder: Path, env: Mapping[str, str] | None = None) -> Connector:
    """Connect to a store of the policy; relative SQLite paths are relative to the policy's folder.

    Raises StoreUnreachable, StoreRefused; UsageError for an address that cannot be understood or a variable
    that is not set.
    """
    from troth.connectors.sql.connector import SqlConnector
    from troth.core.policy.loader import expand_url

    url = expand_url(store, os.environ if env is None else env)
    return SqlConnector(store, _absolute(url, folder))


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


def new_ref(prefix: str) -> str:
    """A name for a request: random, says nothing about anybody."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"
