"""Lines to a store: connections of the driver itself, for what every request asks.

A request about one person is two dozen small statements. SQLAlchemy composes them, once; run through its own
connection each would cost several times what the database needs to answer. A line sends the composed text as
it is. Each statement stands for itself unless ``begin`` was said before, so that a question costs one round
trip; on PostgreSQL several are sent in one (``together``).

Listeners to ``before_cursor_execute`` of the engine hear of every statement here too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any, NoReturn

from psycopg import Pipeline
from psycopg.errors import InFailedSqlTransaction
from psycopg.pq import TransactionStatus
from pymysql.cursors import SSCursor
from sqlalchemy import Engine
from sqlalchemy.sql.elements import ClauseElement

from troth.connectors.sql.connect import REST_SECONDS, refuse_writing_when_observing
from troth.connectors.sql.prepared import Prepared
from troth.connectors.sql.reading import make_tolerant
from troth.core.policy.model import Store

_BEGIN = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": ("BEGIN ISOLATION LEVEL READ COMMITTED",),
    "mysql": ("START TRANSACTION",),
}
"""How a writing transaction opens. MariaDB's session is READ COMMITTED from the start."""
_SNAPSHOT = {
    "sqlite": ("BEGIN",),
    "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
    "mysql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION"),
}
"""How a transaction opens that only looks, and sees one moment."""


_OUTDATED = frozenset({"0A000", "26000"})
"""What PostgreSQL says of a statement that this session keeps prepared when its table has changed since, or somebody
(a pooler) has thrown it away. It would say so each time, so the session is given up."""


class Answer:
    """What the driver has to say to one statement. Inside ``together`` it is waited for when it is read."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._cursor)

    def all(self) -> Sequence[tuple[Any, ...]]:
        """All rows."""
        rows: Sequence[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def first(self) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def one(self) -> tuple[Any, ...]:
        """The only row."""
        row = self.first()
        if row is None:
            raise AssertionError("a statement that always has a row has none")
        return row

    def scalar_one(self) -> Any:
        """The first value of the only row."""
        return self.one()[0]

    @property
    def rowcount(self) -> int:
        """How many rows the engine says there were."""
        return int(self._cursor.rowcount)

    def close(self) -> None:
        """Read no further."""
        self._cursor.close()


class Line:
    """One connection of the driver, in one thread's hands."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self.store = store
        self.engine = engine
        self.dialect = engine.dialect
        self.kind = engine.dialect.name
        self.invalidated = False
        self.rested_since = 0.0
        self._errors = engine.dialect.loaded_dbapi.Error
        self._open = False
        self._pipeline: Any = None
        pooled = engine.raw_connection()
        raw: Any = pooled.driver_connection
        pooled.detach()
        self.raw = raw
        if self.kind == "postgresql":
            raw.autocommit = True
        elif self.kind == "mysql":
            raw.autocommit(True)
        make_tolerant(self.raw, self.kind)

    # As SQLAlchemy's connection calls them, for those who listen to both.

    @property
    def connection(self) -> Line:
        """What stands between this and the driver: nothing."""
        return self

    @property
    def dbapi_connection(self) -> Any:
        """The driver's connection."""
        return self.raw

    @property
    def driver_connection(self) -> Any:
        """The driver's connection."""
        return self.raw

    # --- statements --------------------------------------------------------------------------------------

    def exec_driver_sql(self, text: str, parameters: Any = None, cursor: Any = None) -> Answer:
        """Send a statement as the driver takes it. Raises the driver's own errors."""
        cursor = cursor or self.raw.cursor()
        for listener in self.engine.dispatch.before_cursor_execute:
            listener(self, cursor, text, parameters, None, False)
        try:
            if parameters is None:
                cursor.execute(text)
            else:
                cursor.execute(text, parameters)
        except self._errors as exc:
            self._lost(exc)
        return Answer(cursor)

    def execute(self, statement: ClauseElement, parameters: Sequence[Mapping[str, Any]] = ({},)) -> Answer:
        """Compose a statement and send it, once for each set of parameters; the last one's answer."""
        compiled: Any = statement.compile(dialect=self.dialect)
        for given in parameters:
            state = compiled.construct_expanded_state(given)
            bound = {
                name: state.processors[name](value) if name in state.processors else value
                for name, value in state.parameters.items()
            }
            ordered = None if state.positiontup is None else tuple(bound[name] for name in state.positiontup)
            answer = self.exec_driver_sql(state.statement, bound if ordered is None else ordered)
        return answer

    def stream(self, statement: ClauseElement) -> Iterator[tuple[Any, ...]]:
        """The rows of a query of any length, in constant memory where a transaction is open; nothing else may be
        asked before the last of them is read."""
        if not self._open or self.queues or self.kind == "sqlite":
            yield from self.execute(statement)
            return
        compiled = Prepared(statement, self.dialect)
        cursor = self.raw.cursor(name="troth") if self.kind == "postgresql" else self.raw.cursor(SSCursor)
        with closing(cursor):
            yield from compiled.run(self, (), cursor)

    def _lost(self, exc: Exception) -> NoReturn:
        """A connection that is gone is not used again."""
        if self.dialect.is_disconnect(exc, self.raw, None):  # type: ignore[arg-type]
            self.invalidated = True
        raise exc

    # --- together ----------------------------------------------------------------------------------------

    @property
    def queues(self) -> bool:
        """Whether statements are being sent without waiting for the one before."""
        return self._pipeline is not None

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is said inside is sent in one go, where the engine can; the answers are there at the end, or
        when one of them is read. The first error ends it, and what was sent after that is not done."""
        if self.kind != "postgresql" or self.queues or not Pipeline.is_supported():
            yield
            return
        pipeline = self.raw.pipeline()
        pipeline.__enter__()
        self._pipeline = pipeline
        try:
            yield
        except BaseException:
            # Not handed over to the driver, which would write a second error to the log, values and all.
            self._pipeline = None
            with suppress(Exception):
                pipeline.__exit__(None, None, None)
            self._open = True
            raise
        self._pipeline = None
        try:
            pipeline.__exit__(None, None, None)
        except self._errors as exc:
            # Whatever was sent behind the error, a COMMIT too, was not done.
            self._open = True
            self._lost(exc)

    # --- transactions ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open a transaction that writes: READ COMMITTED; on SQLite it takes the lock at once."""
        refuse_writing_when_observing(self.store)
        self._begin(_BEGIN)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Look at one moment, whatever is committed meanwhile."""
        self._begin(_SNAPSHOT)
        try:
            yield
            self.exec_driver_sql("COMMIT")
            self._open = False
        except BaseException:
            with suppress(Exception):
                self.rollback()
            raise

    def _begin(self, words: Mapping[str, Sequence[str]]) -> None:
        self._open = True
        for word in words[self.kind]:
            self.exec_driver_sql(word)

    def commit(self) -> None:
        """Make it durable. Raises the driver's error, also where PostgreSQL would undo all in silence."""
        if self.kind == "postgresql" and self.raw.info.transaction_status == TransactionStatus.INERROR:
            raise InFailedSqlTransaction("a statement of the transaction had failed")
        try:
            self.dialect.do_commit(self.raw)
        except self._errors as exc:
            self._lost(exc)
        self._open = False

    def rollback(self) -> None:
        """Undo what was done since ``begin``. A line that cannot even do that is not used again."""
        if not self._open or self.invalidated:
            return
        self._open = False
        try:
            self.dialect.do_rollback(self.raw)
        except self._errors:
            self.invalidate()

    # --- the end -----------------------------------------------------------------------------------------

    def invalidate(self) -> None:
        """Close it whatever state it is in; what was not committed is undone by the server."""
        self.invalidated, self._open = True, False
        with suppress(Exception):
            self.raw.close()

    def is_alive(self) -> bool:
        """Whether it may be used again; after a rest the server is asked."""
        if self.invalidated:
            return False
        if self.kind == "sqlite" or time.monotonic() - self.rested_since < REST_SECONDS:
            return True
        try:
            self.dialect.do_ping(self.raw)
        except self._errors:
            self.invalidate()
        return not self.invalidated


class Lines:
    """The lines of one store that are not in use; as many as threads that ask at once."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine
        self._idle: list[Line] = []

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A line of one's own. Raises the driver's errors, or SQLAlchemy's, when none can be had."""
        line = self._take()
        try:
            yield line
        except (Exception, GeneratorExit) as exc:
            if getattr(exc, "sqlstate", None) in _OUTDATED:
                line.invalidate()
            line.rollback()
            raise
        except BaseException:
            # Stopped in the middle of an answer: nobody knows what comes next on it.
            line.invalidate()
            raise
        finally:
            self._give(line)

    def _take(self) -> Line:
        while (line := self._resting()) is not None:
            if line.is_alive():
                return line
        return Line(self._store, self._engine)

    def _resting(self) -> Line | None:
        # Not asked first whether there is one: another thread may take it in between.
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _give(self, line: Line) -> None:
        if line.invalidated:
            line.invalidate()
            return
        line.rollback()
        line.rested_since = time.monotonic()
        self._idle.append(line)

    def close(self) -> None:
        """Close those that rest."""
        while self._idle:
            self._idle.pop().invalidate()
