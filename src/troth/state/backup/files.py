"""A snapshot of the state's files while others write to them, and reading such files back from a backup."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from troth.core.errors import EvidenceError, LedgerBusy, StoreBusy
from troth.core.evidence.ports import Head
from troth.state.backup.fence import Fence, fence
from troth.state.database import queries

if TYPE_CHECKING:
    from troth.state.state import State

STATE, SITE = "state.db", "site.db"
_SQL = queries("backup")
_PIECE = 256 * 1024
_PAGES = 2000


class Snapshot:
    """Both files as they were at one moment; ``head`` is the ledger's."""

    def __init__(self, folder: Path, readers: dict[str, sqlite3.Connection], head: Head) -> None:
        self._folder, self._readers, self.head = folder, readers, head

    @property
    def names(self) -> list[str]:
        """The files there are."""
        return list(self._readers)

    def packages(self) -> list[str]:
        """The names of the packages that wait to be fetched."""
        site = self._readers.get(SITE)
        if site is None or site.execute(_SQL["has_packages_sqlite"]).fetchone() is None:
            return []
        return [str(name) for (name,) in site.execute(_SQL["packages"])]

    def read(self, name: str) -> Iterator[bytes]:
        """A file's content. It is copied beside the state first, into a file without a name: whatever happens, nothing
        stays. Raises EvidenceError when the disk does not take it."""
        path = self._folder / f".{name}.{os.getpid()}.snapshot"
        try:
            with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "rb") as copy:
                with closing(_unnamed(path)) as target:
                    self._readers[name].backup(target, pages=_PAGES)
                while piece := copy.read(_PIECE):
                    yield piece
        except sqlite3.Error as error:
            raise EvidenceError(
                f"{name} cannot be copied ({_code(error)})",
                remedy=f"{self._folder} needs room for a copy of it while a backup is made",
            ) from None
        finally:
            path.unlink(missing_ok=True)


def _unnamed(path: Path) -> sqlite3.Connection:
    """A database in a file that vanishes when it is closed."""
    target = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF"):
        target.execute(f"PRAGMA {pragma}").fetchall()
    target.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # it is open now, not at the first page
    path.unlink()
    return target


@contextmanager
def snapshot(state: State, folder: Path, wait: float) -> Iterator[Snapshot]:
    """Both files at one moment: for an instant nobody writes to either, and a reader of each begins."""
    with ExitStack() as stack:
        readers: dict[str, sqlite3.Connection] = {}
        site = folder / SITE
        with _nobody_writes(site, wait), state.transaction():
            for name in (STATE, SITE) if site.exists() else (STATE,):
                readers[name] = stack.enter_context(closing(_reader(folder / name)))
            head = state.ledger.head()
        yield Snapshot(folder, readers, head)


def _reader(path: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # from here on it sees this moment
    return reader


@contextmanager
def _nobody_writes(site: Path, wait: float) -> Iterator[None]:
    """The site's file first, then the state's: the order in which whoever needs both takes them."""
    if not site.exists():
        yield
        return
    with closing(sqlite3.connect(site, isolation_level=None, timeout=wait)) as lock:
        try:
            lock.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise StoreBusy(f"the site's database is being written to ({_code(error)})", remedy="try again") from None
        try:
            yield
        finally:
            lock.execute("ROLLBACK")


def write_file(path: Path, chunks: Iterable[bytes]) -> None:
    """A new file of the owner's alone, durable on return. Raises OSError."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A file out of a backup, for reading only, found whole by SQLite itself. Raises EvidenceError."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as database:
        try:
            said = database.execute("PRAGMA quick_check(1)").fetchall()
            if said != [("ok",)]:
                raise EvidenceError(f"{path.name} in this backup is damaged", remedy="use another backup")
            yield database
        except sqlite3.Error as error:
            raise EvidenceError(f"{path.name} in this backup cannot be read ({_code(error)})") from None


def fenced(path: Path) -> Fence:
    """The fence about the site in this file, if there is one."""
    if not path.exists():
        return Fence()
    with closing(sqlite3.connect(path)) as site:
        with site:
            tables = {str(name) for (name,) in site.execute(_SQL["tables_sqlite"])}
            found = fence(tables, site.execute)
        site.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return found


def _code(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


__all__ = ["SITE", "STATE", "LedgerBusy", "Snapshot", "fenced", "opened", "snapshot", "write_file"]
