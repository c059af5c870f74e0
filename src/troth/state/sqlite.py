"""State in one SQLite file: WAL, every commit flushed to disk, deleted content overwritten."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import IO

from troth.core.errors import EvidenceError, LedgerBusy
from troth.state.database import Database, Params, Row


class SqliteDatabase(Database):
    """``path`` may be ``:memory:``. ``wait`` is how many seconds to wait for another process that writes.

    Two locks keep writers apart: a lock file beside the database (a clear error, and it is held by whoever
    writes), and SQLite's own BEGIN IMMEDIATE, which also stops programs that do not know of the lock file.
    """

    def __init__(self, path: Path | str, *, wait: float = 10.0) -> None:
        super().__init__()
        self._wait = wait
        self._path = str(path)
        on_disk = self._path != ":memory:"
        self._file: IO[bytes] | None = None
        if on_disk:
            _private(Path(self._path))
            self._file = open(_private(Path(self._path).with_suffix(".lock")), "ab")  # noqa: SIM115
        self._db = sqlite3.connect(self._path, isolation_level=None, timeout=wait, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}").fetchall()
            self._db.execute("PRAGMA synchronous=FULL" if on_disk else "PRAGMA synchronous=OFF")
        except sqlite3.Error as error:
            self.close()
            raise EvidenceError(
                f"{self._path} cannot be opened as Troth's state ({_code(error)})",
                remedy="check the path and its rights; if the file is damaged, restore it with its -wal file",
            ) from None

    dialect = "sqlite"

    def translate(self, query: str) -> str:
        return query

    def array(self, values: list[int]) -> str:
        return json.dumps(values)

    def close(self) -> None:
        self._db.close()
        if self._file:
            self._file.close()

    def _has_tables(self) -> bool:
        return self.one("SELECT 1 FROM sqlite_schema WHERE name = 'troth_schema'") is not None

    def _erase_traces(self) -> None:
        """Empty the write-ahead log: secure_delete overwrites the pages, but the log may hold older ones."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _begin(self) -> None:
        self._take_lock()
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._release_lock()
            raise self._busy(error) from None

    def _commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._rollback_quietly()
            raise EvidenceError(f"the state could not be written ({_code(error)})") from None
        finally:
            self._release_lock()

    def _rollback(self) -> None:
        self._rollback_quietly()
        self._release_lock()

    def _rollback_quietly(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _fetch(self, query: str, params: Params) -> list[Row]:
        try:
            return self._db.execute(query, params).fetchall()
        except sqlite3.Error as error:
            raise self._busy(error) from None

    def _run(self, query: str, params: Params) -> int:
        try:
            return self._db.execute(query, params).rowcount
        except sqlite3.Error as error:
            raise self._busy(error) from None

    def _run_many(self, query: str, rows: list[Params]) -> int:
        try:
            return self._db.executemany(query, rows).rowcount
        except sqlite3.Error as error:
            raise self._busy(error) from None

    def _take_lock(self) -> None:
        if self._file is None:
            return
        deadline = time.monotonic() + self._wait
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LedgerBusy(
                        f"another process is writing to {self._path}; waited {self._wait:g} seconds",
                        remedy="try again when it has finished",
                    ) from None
                time.sleep(0.01)

    def _release_lock(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _busy(self, error: sqlite3.Error) -> EvidenceError:
        """Never the driver's own message: it may quote values."""
        code = _code(error)
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return LedgerBusy(f"another program is writing to {self._path}", remedy="try again later")
        return EvidenceError(f"the state in {self._path} cannot be used ({code})")


def _code(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__


def _private(path: Path) -> Path:
    """Make sure the file exists, readable by its owner only when it is new.

    One that is there is never opened here: closing it again would throw away the locks that SQLite holds on it for
    other threads of this process (https://sqlite.org/howtocorrupt.html, 2.2), and with them what others write.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if not os.access(path, os.R_OK | os.W_OK):
            raise _unwritable(path, "Permission denied") from None
    except OSError as error:
        raise _unwritable(path, error.strerror or type(error).__name__) from None
    return path


def _unwritable(path: Path, why: str) -> EvidenceError:
    return EvidenceError(
        f"{path} cannot be written ({why})",
        remedy="Troth needs to write to its own state: check the path, its rights and the disk",
    )
