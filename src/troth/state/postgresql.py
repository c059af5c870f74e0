"""State in PostgreSQL, for more than one machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from troth.core.errors import EvidenceError, LedgerBusy
from troth.state.database import Database, Params, Row

if TYPE_CHECKING:
    import psycopg

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")
_CAST = re.compile(r"(?<![:\w]):(\w+)(?=::)")  # its type is named, so it can be sent in binary
_LOCK = 0x74726F7468  # "troth": one writer for the whole of Troth's state in this database
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({_LOCK})".encode()
_BUSY = {"55P03", "40P01", "57014"}  # lock timeout, deadlock, statement timeout


class PostgresDatabase(Database):
    """``dsn`` as libpq reads it. ``wait`` is how many seconds to wait for another writer.

    One advisory lock, held for a transaction, keeps writers apart; the ledger's conditional update of its
    head stops a writer that would not take it.
    """

    def __init__(self, dsn: str, *, wait: float = 10.0) -> None:
        super().__init__()
        import psycopg

        self._psycopg = psycopg
        self._dsn = dsn
        self._wait = wait
        self._db = self._connect()

    def _connect(self) -> psycopg.Connection[Row]:
        try:
            db = self._psycopg.connect(self._dsn, autocommit=True, application_name="troth state")
            db.execute("SET synchronous_commit = on")
            db.execute("SET default_transaction_isolation = 'read committed'")
            db.execute("SELECT set_config('lock_timeout', %s, false)", (f"{max(1, int(self._wait * 1000))}ms",))
        except self._psycopg.Error as error:
            raise EvidenceError(
                f"the database of Troth's state cannot be reached (SQLSTATE {_state(error)})",
                remedy="check $TROTH_STATE_URL, and that the server is up",
            ) from None
        return db

    @contextmanager
    def another(self) -> Iterator[Any]:
        """A connection of its own to the same database, closed at the end. Raises EvidenceError."""
        connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def undone(self) -> Iterator[Any]:
        """A connection in a transaction that is rolled back at the end."""
        with self.another() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @property
    def connection(self) -> Any:
        """The driver's own, for what queries cannot say (COPY). Only inside ``transaction``."""
        return self._db

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What the server refuses of a block that uses ``connection`` becomes EvidenceError, without its words."""
        try:
            yield
        except self._psycopg.Error as error:
            raise self._clean(error) from None

    dialect = "postgresql"

    def translate(self, query: str) -> str:
        return _translated(query)

    def array(self, values: list[int]) -> list[int]:
        return values

    def close(self) -> None:
        self._db.close()

    def _has_tables(self) -> bool:
        return self.one("SELECT to_regclass('troth_schema')") != (None,)

    def _erase_traces(self) -> None:
        """Dead rows stay until (auto)vacuum, and in WAL as long as that is kept: nothing to do from here."""

    def _begin(self) -> None:
        if self._db.closed:  # the server was restarted since: outside a transaction nothing is lost
            self._db = self._connect()
        try:
            self._db.execute(_BEGIN)
        except self._psycopg.Error as error:
            self._rollback()
            raise self._clean(error) from None

    def _commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except self._psycopg.Error as error:
            raise self._clean(error) from None

    def _rollback(self) -> None:
        try:
            self._db.execute("ROLLBACK")
        except self._psycopg.Error:
            self._db.close()  # the server rolls back what a lost connection left open

    def _fetch(self, query: str, params: Params) -> list[Row]:
        if self._db.closed and not self._depth:
            self._db = self._connect()
        try:
            return self._db.execute(_literal(query), params or None).fetchall()
        except self._psycopg.Error as error:
            raise self._clean(error) from None

    def _run(self, query: str, params: Params) -> int:
        try:
            return self._db.execute(_literal(query), params or None).rowcount
        except self._psycopg.Error as error:
            raise self._clean(error) from None

    def _run_many(self, query: str, rows: list[Params]) -> int:
        try:
            with self._db.cursor() as cursor:
                cursor.executemany(_literal(query), rows)
                return cursor.rowcount
        except self._psycopg.Error as error:
            raise self._clean(error) from None

    def _clean(self, error: Any) -> EvidenceError:
        """Never the server's own message: it may quote values."""
        if _state(error) in _BUSY:
            return LedgerBusy(
                f"another process is writing to Troth's state; waited {self._wait:g} seconds",
                remedy="try again when it has finished",
            )
        return EvidenceError(f"the database of Troth's state refused (SQLSTATE {_state(error)})")


@cache
def _translated(query: str) -> str:
    if query.startswith("CREATE"):
        return re.sub(r"\bINTEGER\b", "BIGINT", re.sub(r"\bBLOB\b", "BYTEA", query))
    return _PARAMETER.sub(r"%(\1)s", _CAST.sub(r"%(\1)b", query))


def _state(error: Any) -> str:
    return getattr(error, "sqlstate", None) or "none: no connection"


def _literal(query: str) -> bytes:
    """The query comes from a named file of this package; only its parameters come from outside."""
    return query.encode()
