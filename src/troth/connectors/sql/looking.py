"""One connection on which a budget of seconds is kept, whatever the server does.

The server is told to end a statement that takes too long; SQLite asks between steps; and where a server or a
proxy falls silent altogether, the socket is closed under the driver. Every statement is a transaction of its
own that only reads, so nothing is held while Python thinks.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from psycopg.adapt import Loader
from sqlalchemy import Connection, Executable, TableClause, event, func, select, text
from sqlalchemy import Engine as SqlEngine

from troth.connectors.sql.connect import CONNECT_SECONDS, open_engine
from troth.connectors.sql.encrypted import Encrypted
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.reading import make_tolerant
from troth.core.discover.model import Budget, Engine, Table, Trouble
from troth.core.errors import StoreBusy, StoreChanged, StoreError, StoreRefused, StoreUnreachable
from troth.core.policy.model import Mode, Store

CATALOGUE_SECONDS = 15.0
"""For one question about the whole schema, which may be large; the budget's own limit is for single tables."""
GRACE = 2.0
"""Seconds after its limit that a statement is still waited for: the server may be about to end it."""
_LOCK_SECONDS = 1
_SQLITE_STEPS = 2_000
_MOST_LOSSES = 2
"""After so many broken connections the server is left alone."""

_LOCKED = frozenset({"55P03", "40P01", "1205", "3572", "1213", "SQLITE_BUSY", "SQLITE_LOCKED"})
_DENIED = frozenset({
    "42501", "1044", "1142", "1143", "1227", "1370", "SQLITE_AUTH", "SQLITE_PERM",
})  # fmt: skip


def observed(name: str, budget: Budget) -> Store:
    """What the connection's settings are made from: a store that may only be read."""
    seconds = max(1, math.ceil(budget.statement_seconds))
    return Store(name, "", "", None, Mode.OBSERVE, {}, statement_timeout=seconds, lock_timeout=_LOCK_SECONDS)


class Looking:
    """A connection that reads, and gives up in time. Not for several threads at once.

    Raises StoreUnreachable, StoreRefused, StoreBusy, UsageError when it cannot be opened.
    """

    def __init__(self, name: str, url: str, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = budget
        self._clock = clock
        self._ends = clock() + budget.seconds
        self._deadline = self._ends
        self._limit = 0.0
        self._losses = 0
        self._store = observed(name, budget)
        self._sql = open_engine(self._store, url, read_only=True, watched=False)
        self._connection: Connection | None = None
        self._watched: tuple[threading.Timer, socket.socket] | None = None
        self._stalled = False
        event.listen(self._sql, "do_connect", self._connect)
        _keep_out_of_logs(self._sql)
        try:
            self._connected()
        except BaseException:
            self.close()
            raise

    @property
    def engine(self) -> Engine:
        """Which of the three it is; MariaDB counts as ``mysql``."""
        names: dict[str, Engine] = {"sqlite": "sqlite", "postgresql": "postgresql"}
        return names.get(self._sql.dialect.name, "mysql")

    def name_of(self, table: TableClause) -> str:
        """The table's name as this engine writes it, quoted."""
        # The driver's own sign comes doubled, as in the text of a statement with parameters.
        return self._sql.dialect.identifier_preparer.format_table(table).replace("%%", "%")

    def remaining(self) -> float:
        """Seconds that are left of the budget."""
        return max(0.0, self._ends - self._clock())

    def ask(self, statement: Executable) -> list[Any]:
        """All rows of a bounded statement. Raises StoreError; StoreBusy with code ``budget`` when the time for
        everything is used up."""
        return self._ask(statement, self.budget.statement_seconds)

    def ask_catalogue(self, statement: Executable) -> list[Any]:
        """As ``ask``, with the time that a question about the whole schema may need."""
        return self._ask(statement, max(CATALOGUE_SECONDS, self.budget.statement_seconds))

    def close(self) -> None:
        """Let go of the connection."""
        self._unwatch()
        with contextlib.suppress(Exception):
            if self._connection is not None:
                self._connection.close()
        self._connection = None
        self._sql.dispose()

    # --- one statement ------------------------------------------------------------------------------------

    def _ask(self, statement: Executable, seconds: float) -> list[Any]:
        left = self.remaining()
        if left <= 0:
            raise StoreBusy("the time for looking is used up", store=self._store.name, code="budget")
        limit = min(seconds, left)
        connection = self._connected()
        try:
            with cleaned(self._store), self._within(connection, limit):
                self._tell_limit(connection, limit)
                return list(connection.execute(statement))
        except StoreUnreachable as error:
            if self._lives(connection):
                # Another server, behind a foreign table, was not reached: that is this table's trouble only.
                raise StoreRefused(error.message, store=self._store.name, code=error.code) from None
            self._lose(connection)
            if self._stalled:
                raise self._silent() from None
            raise
        finally:
            # On SQLite even reading holds others up.
            if self.engine == "sqlite" and self._connection is not None:
                connection.rollback()

    @contextlib.contextmanager
    def _within(self, connection: Connection, limit: float) -> Iterator[None]:
        self._deadline = self._clock() + limit
        self._watch(connection.connection.driver_connection, limit + GRACE)
        try:
            yield
        finally:
            self._unwatch()

    def _tell_limit(self, connection: Connection, limit: float) -> None:
        """Tell the server how long a statement may take, when that has changed."""
        if self._limit == limit or self.engine == "sqlite":
            return
        self._limit = 0.0
        milliseconds = max(1, math.ceil(limit * 1000))
        if self.engine == "postgresql":
            connection.execute(select(func.set_config("statement_timeout", str(milliseconds), False)))
        elif getattr(connection.dialect, "is_mariadb", False):
            connection.execute(text("SET SESSION max_statement_time = :seconds"), {"seconds": limit})
        else:
            connection.execute(text("SET SESSION max_execution_time = :ms"), {"ms": milliseconds})
        self._limit = limit

    # --- the connection -----------------------------------------------------------------------------------

    def _connected(self) -> Connection:
        if self._connection is not None:
            return self._connection
        if self._losses >= _MOST_LOSSES:
            raise self._silent()
        self._limit = 0.0
        try:
            with cleaned(self._store):
                connection = self._sql.connect()
                try:
                    if self.engine != "sqlite":
                        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                    self._make_tolerant(connection)
                except BaseException:
                    connection.close()
                    raise
        except StoreError:
            self._losses += 1
            if self._stalled:
                raise self._silent() from None
            raise
        finally:
            self._unwatch()
        self._connection = connection
        return connection

    def _make_tolerant(self, connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        make_tolerant(raw, self.engine)
        if self.engine == "postgresql":
            # One process of the server at most; and no compiling for statements that are short by design.
            quiet = func.set_config("max_parallel_workers_per_gather", "0", False), func.set_config("jit", "off", False)
            connection.execute(select(*quiet))
        if self.engine == "postgresql" and raw.info.parameter_status("server_encoding") == "SQL_ASCII":
            # Any byte is a LATIN1 one: the server then lets through what would be no UTF-8.
            connection.execute(select(func.set_config("client_encoding", "LATIN1", False)))
            raw.adapters.register_loader("text", _TextOrBytes)
        if self.engine == "sqlite":
            raw.text_factory = _text_or_bytes
            raw.set_progress_handler(lambda: self._clock() > self._deadline, _SQLITE_STEPS)
            connection.rollback()

    def _connect(self, dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> Any:
        """Connects in the place of the pool, with limits of ours and the watch set."""
        patience = min(CONNECT_SECONDS, self.remaining())
        if self._losses:
            patience = min(patience, self.budget.statement_seconds)
        options["connect_timeout"] = max(2, math.ceil(patience))
        connect = dialect.connect
        if dialect.name == "postgresql":
            # A database without an encoding (SQL_ASCII) would have every text read as bytes.
            options["client_encoding"] = "UTF8"
        elif dialect.name != "sqlite":
            connect = Encrypted
            longest = max(CATALOGUE_SECONDS, self.budget.statement_seconds)
            options["read_timeout"] = math.ceil(min(longest, self.remaining()) + GRACE)
            if self._losses:
                options["read_timeout"] = options["connect_timeout"]
        raw = connect(*arguments, **options)
        self._watch(raw, CONNECT_SECONDS)
        return raw

    def _lives(self, connection: Connection) -> bool:
        if connection.closed or connection.invalidated:
            return False
        raw: Any = connection.connection.driver_connection
        return self.engine == "postgresql" and raw is not None and not raw.closed

    def _lose(self, connection: Connection) -> None:
        """Forget a connection that is broken."""
        self._losses += 1
        self._connection = None
        with contextlib.suppress(Exception):
            connection.invalidate()
            connection.close()

    def _silent(self) -> StoreUnreachable:
        self._stalled = False
        return StoreUnreachable(
            f"store {self._store.name} stopped answering",
            store=self._store.name,
            remedy="check that the server runs and is not overloaded, then run again",
        )

    # --- a server that falls silent -----------------------------------------------------------------------

    def _watch(self, raw: Any, seconds: float) -> None:
        """Hang up on a PostgreSQL server that does not answer in time; PyMySQL has a limit of its own."""
        self._unwatch()
        if self.engine != "postgresql":
            return
        # A number of its own: the driver may close its socket, and the system give the number to somebody else.
        line = socket.socket(fileno=os.dup(raw.fileno()))
        timer = threading.Timer(max(seconds, 0.1), self._hang_up, [line])
        timer.daemon = True
        timer.start()
        self._watched = (timer, line)

    def _hang_up(self, line: socket.socket) -> None:
        self._stalled = True
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    def _unwatch(self) -> None:
        if self._watched is not None:
            timer, line = self._watched
            timer.cancel()
            line.close()
            self._watched = None


class _TextOrBytes(Loader):
    """Reads a text, or the bytes of one that is no UTF-8, from a database that accepts anything."""

    def load(self, data: Any) -> str | bytes:
        return _text_or_bytes(bytes(data))


def _keep_out_of_logs(engine: SqlEngine) -> None:
    """Whatever level a program logs at: on DEBUG, SQLAlchemy would write down every row."""
    engine.logging_name = "troth.looking"
    engine.echo = None
    if isinstance(engine.logger, logging.Logger):
        engine.logger.setLevel(logging.WARNING)


def _text_or_bytes(data: bytes) -> str | bytes:
    """A text, or the bytes of one that is no UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


# --- what went wrong, in the words of a Trouble --------------------------------------------------------------

_COMPUTED = frozenset({"view", "materialised view", "virtual", "foreign"})
_SAID = {
    "unreachable": "the server stopped answering",
    "budget": "the time for looking was used up",
    "locked": "somebody else has it locked",
    "timeout": "it took too long",
    "no_right": "this account has no right to read it",
    "view_fails": "it fails when it is read",
    "gone": "it is not there any more",
    "unreadable": "its values cannot be read",
    "fails": "the server answered with an error",
}


def trouble(error: StoreError, table: Table, column: str = "") -> Trouble:
    """What an error means for a look at a table: a code, and a sentence without any value."""
    code = _code(error)
    if table.kind in _COMPUTED and (code in ("fails", "gone") or error.code[:2] == "22"):
        code = "view_fails"
    place = f"column {column} of {table.qualified}" if column else table.qualified
    number = f" (code {error.code})" if error.code and code not in ("budget",) else ""
    return Trouble(code, f"{place}: {_SAID[code]}{number}", table.qualified, column)


def _code(error: StoreError) -> str:
    code = error.code
    if isinstance(error, StoreUnreachable):
        return "unreachable"
    if code == "budget":
        return "budget"
    if code in _LOCKED or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "locked"
    if isinstance(error, StoreBusy):
        return "timeout"
    if code in _DENIED:
        return "no_right"
    if isinstance(error, StoreChanged):
        return "gone"
    return "unreadable" if code in ("UnicodeDecodeError", "OverflowError") or code[:2] == "22" else "fails"
