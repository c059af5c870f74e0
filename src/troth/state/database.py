"""Where Troth keeps its own state: one small shim over SQLite and PostgreSQL.

Queries are named, live in ``sql/*.sql``, and use ``:name`` parameters; each engine translates what it must.
A transaction may be opened inside another one and is then part of it, so that the ledger and the vault can
be changed together.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from threading import RLock
from typing import Any

from troth.core.errors import EvidenceError

SCHEMA_VERSION = 4
Row = tuple[Any, ...]
Params = Mapping[str, Any]
_NONE: Params = {}
_VERSION = "SELECT max(version) FROM troth_schema"
_NEW_VERSION = "INSERT INTO troth_schema (version) VALUES (:version)"
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_REMARK = re.compile(r"^-- (?!name: ).*\n", re.MULTILINE)


@cache
def queries(file: str, package: str = "troth.state") -> dict[str, str]:
    """The named statements of ``sql/<file>.sql`` in a package."""
    parts = _NAME.split(_REMARK.sub("", _read(file, package)))[1:]
    return {name: text.strip().rstrip(";") for name, text in zip(parts[::2], parts[1::2], strict=True)}


def schema() -> list[str]:
    """The statements that create the tables; each may be run again without harm."""
    bare = "\n".join(line for line in _read("schema").splitlines() if not line.startswith("--"))
    return [statement.strip() for statement in bare.split(";") if statement.strip()]


class Database(ABC):
    """One connection, shared by the threads of a process, one transaction at a time."""

    dialect: str
    """``sqlite`` or ``postgresql``: the ending of the names of statements that differ."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._depth = 0
        self._failed = False
        self._later: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable on leaving the outermost one.

        Raises LedgerBusy if another process writes and does not finish in time. An error inside an inner
        one undoes the outer one too, even where somebody caught it: its half would be committed.
        """
        with self._lock:
            if self._depth:
                with self._noting_failure():
                    yield
                return
            self._begin()
            self._depth, self._failed = 1, False
            try:
                with self._noting_failure():
                    yield
            except BaseException:
                self._end(commit=False)
                raise
            self._end(commit=not self._failed)
            if self._failed:
                raise EvidenceError("a part of the transaction failed, so all of it was undone")

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._failed = True
            raise

    def _end(self, *, commit: bool) -> None:
        self._depth = 0
        later, self._later = self._later, []
        if not commit:
            self._rollback()
            return
        self._commit()
        for action in later:
            action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run this once the transaction is durable (now, when there is none); never if it is rolled back."""
        with self._lock:
            if self._depth:
                self._later.append(action)
            else:
                action()

    def one(self, query: str, params: Params = _NONE) -> Row | None:
        """The first row, or None."""
        rows = self.all(query, params)
        return rows[0] if rows else None

    def all(self, query: str, params: Params = _NONE) -> list[Row]:
        """All rows of a query."""
        with self._lock:
            return self._fetch(self.translate(query), params)

    def run(self, query: str, params: Params = _NONE) -> int:
        """Run one statement in a transaction; returns how many rows it changed."""
        with self.transaction():
            return self._run(self.translate(query), params)

    def run_many(self, query: str, rows: Iterable[Params]) -> int:
        """Run one statement for each of the rows, in one transaction; returns how many rows changed."""
        with self.transaction():
            return self._run_many(self.translate(query), list(rows))

    def create_tables(self) -> None:
        """Make what is missing, waiting for no other writer when nothing is.

        Raises EvidenceError for a state written by a newer Troth.
        """
        found = self.format()
        if found is None or found < SCHEMA_VERSION:
            with self.transaction():
                # So far every new version only adds tables; one that changes one needs more than this.
                for statement in schema():
                    self._run(self.translate(statement), {})
                (known,) = self.one(_VERSION) or (None,)
                if known is None or known < SCHEMA_VERSION:
                    self.run(_NEW_VERSION, {"version": SCHEMA_VERSION})
            found = self.format()
        if found is not None and found > SCHEMA_VERSION:
            raise EvidenceError(
                f"this state has format {found}, this Troth knows up to {SCHEMA_VERSION}",
                remedy="use the Troth that wrote it, or a newer one",
            )

    def format(self) -> int | None:
        """The format of the tables that are there; None where there are none."""
        row = self.one(_VERSION) if self._has_tables() else None
        return row[0] if row else None

    def erase_traces(self) -> None:
        """After a deletion that must leave nothing behind: do what the engine can."""
        self.after_commit(self._erase_traces)

    @abstractmethod
    def translate(self, query: str) -> str:
        """The query as this engine's driver wants it."""

    @abstractmethod
    def array(self, values: list[int]) -> object:
        """A parameter that holds many numbers."""

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def _has_tables(self) -> bool: ...

    @abstractmethod
    def _erase_traces(self) -> None: ...

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _commit(self) -> None: ...

    @abstractmethod
    def _rollback(self) -> None: ...

    @abstractmethod
    def _fetch(self, query: str, params: Params) -> list[Row]: ...

    @abstractmethod
    def _run(self, query: str, params: Params) -> int: ...

    @abstractmethod
    def _run_many(self, query: str, rows: list[Params]) -> int: ...


def _read(file: str, package: str = "troth.state") -> str:
    return files(package).joinpath("sql", f"{file}.sql").read_text(encoding="utf-8")
