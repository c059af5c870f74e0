"""Which database a verb looks at: its address, how the file may name it, and how far the look is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.core.errors import UsageError

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SQLITE = re.compile(r"sqlite(\+\w+)?:///(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """A database's address; ``variable`` is the environment variable it came from, if it did. Paths count from
    ``folder``."""

    url: str
    variable: str | None
    folder: Path

    @property
    def name(self) -> str:
        """What to call the store when nobody says: after the database."""
        return store_name(self.url)

    def variable_for(self, store: str) -> str:
        """The environment variable that stands for the address in a file."""
        return self.variable or re.sub("[^A-Z0-9]+", "_", store.upper()).strip("_") + "_DATABASE_URL"

    def written(self, out: Path | None) -> str | None:
        """What may stand in the file: the path of an SQLite file, seen from there. Anything else may hold a
        password."""
        match = _SQLITE.fullmatch(self.url)
        if self.variable is not None or match is None or "?" in match[2] or match[2].startswith((":memory:", "file:")):
            return None
        home = (out.parent if out else Path()).resolve()
        place = Path(os.path.relpath((self.folder / match[2]).resolve(), home))
        return f"sqlite{match[1] or ''}:///{place.as_posix()}"


def given(url: str | None, url_from: str | None, verb: str) -> Address | None:
    """The database as the command line names it: URL, ``${NAME}`` or --url-from; None when it does not.

    Raises UsageError for both at once, and for a variable that cannot be or is empty.
    """
    if url is not None and url_from is not None:
        raise UsageError("an address and --url-from are given", remedy="give one of the two")
    written = _VARIABLE.fullmatch(url) if url is not None else None
    variable = url_from if url_from is not None else (written[1] if written else None)
    if variable is not None:
        return Address(_from_environment(variable), variable, Path())
    if url is None:
        return None
    if not url.strip():
        raise UsageError("the address is empty", remedy=_EXAMPLE.format(verb=verb))
    return Address(url, None, Path())


def asked(url: str | None, url_from: str | None, verb: str) -> Address:
    """The same. Raises UsageError as well when no database is named."""
    address = given(url, url_from, verb)
    if address is None:
        raise UsageError("which database?", remedy=_EXAMPLE.format(verb=verb))
    return address


_EXAMPLE = "troth {verb} sqlite:///shop.sqlite, or --url-from VAR so that the password is in no history"


def _from_environment(variable: str) -> str:
    if not _NAME.fullmatch(variable):
        raise UsageError("--url-from takes the name of an environment variable", remedy="for example SHOP_DATABASE_URL")
    if not os.environ.get(variable):
        raise UsageError(
            f"the environment variable {variable} is not set",
            remedy=f"set {variable} to the address of the database",
        )
    return os.environ[variable]


def store_name(url: str) -> str:
    """A name for the store, from the database's own."""
    from troth.core.discover.mapping_draft import store_key

    tail = url.partition("://")[2].partition("?")[0].rstrip("/").rpartition("/")[2]
    name = tail.rpartition(".")[0] if url.startswith("sqlite") and "." in tail else tail
    return store_key(name) if any(c.isalnum() for c in name) else "main"


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on standard error, when somebody is looking; told of each step, how far it is, of how much."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def tell(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bar.add_task(step, total=total)
        bar.update(tasks[step], completed=done, total=total)

    with bar:
        yield tell
