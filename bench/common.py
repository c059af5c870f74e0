"""What the benchmarks share: databases filled alike, raw drivers, medians, tables.

Every figure is a ratio of two things done in the same run on the same data, because absolute times say more
about the machine than about the program.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import psycopg  # noqa: E402
import pymysql  # noqa: E402

from machine import ServerUnavailable  # noqa: E402
from servers import ADMIN, MariaDBServer, PostgresServer, Server  # noqa: E402

ENGINES = ("sqlite", "postgresql", "mariadb")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
STORE_URL = "TROTH_BENCH_URL"


class DurablePostgres(PostgresServer):
    """As a publisher runs it: a commit is on the disk when it is answered."""

    settings: ClassVar = (
        "shared_buffers=512MB", "work_mem=16MB", "max_wal_size=4GB", "max_connections=20",
        "listen_addresses=127.0.0.1", "logging_collector=off", "timezone=UTC",
    )  # fmt: skip


class DurableMariaDB(MariaDBServer):
    """As a publisher runs it: a commit is on the disk when it is answered."""

    settings: ClassVar = (
        "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-buffer-pool-size=512M",
        "--innodb-log-file-size=1G", "--max-allowed-packet=64M", "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_general_ci", "--default-time-zone=+00:00",
    )  # fmt: skip


# --- databases ------------------------------------------------------------------------------------


@dataclass
class Target:
    """A database of this run's own, with the engine's own driver and its dialect's few words."""

    kind: str
    url: str
    database: str
    server: Server | None

    def raw(self) -> Raw:
        """A connection of the driver itself, as somebody writing SQL by hand would open it."""
        if self.server is None:
            connection: Any = sqlite3.connect(self.database, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = ON")
            # Troth sets it too: erased pages are overwritten.
            connection.execute("PRAGMA secure_delete = ON")
            return Raw(self.kind, connection)
        if isinstance(self.server, PostgresServer):
            return Raw(self.kind, psycopg.connect(self.server.dsn(self.database), autocommit=True))
        connection = pymysql.connect(
            host="127.0.0.1", port=self.server.port, user=ADMIN, password=self.server.password,
            database=self.database, charset="utf8mb4", autocommit=True,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return Raw(self.kind, connection)

    def script(self, *statements: str) -> None:
        """Run statements one by one, each committed."""
        with self.raw() as raw:
            if self.kind == "mariadb":
                raw.run("SET SESSION sql_mode = 'PIPES_AS_CONCAT'")
            for statement in statements:
                raw.run(statement)

    def numbers(self, most: int) -> str:
        """A FROM item ``n`` with the numbers 1 to ``most`` in its column ``i``."""
        if self.kind == "sqlite":
            return (
                "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
                f"WHERE i < {most}) SELECT i FROM c) AS n"
            )
        if self.kind == "postgresql":
            return f"generate_series(1::bigint, {most}) AS n(i)"
        return f"(SELECT CAST(seq AS SIGNED) AS i FROM seq_1_to_{most}) AS n"

    def day(self, first: str, offset: str) -> str:
        """An expression: the day so many days after ``first``."""
        if self.kind == "sqlite":
            return f"date('{first}', printf('%+d days', {offset}))"
        if self.kind == "postgresql":
            return f"date '{first}' + ({offset})::int"
        return f"DATE_ADD('{first}', INTERVAL ({offset}) DAY)"

    def settle(self, *tables: str) -> None:
        """Fresh statistics, as a database in use has them."""
        for table in tables:
            self.script({"mariadb": f"ANALYZE TABLE {table}"}.get(self.kind, f"ANALYZE {table}"))


class Raw:
    """A driver's connection with one spelling of placeholders: ``?``."""

    def __init__(self, kind: str, connection: Any) -> None:
        self.kind = kind
        self.connection = connection
        self._spelt: dict[str, str] = {}
        self._cursor = connection.cursor()

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *exc: object) -> None:
        self.connection.close()

    def run(self, sql: str, *values: Any) -> int:
        """Execute; how many rows the engine says there were."""
        if values and self.kind != "sqlite":
            sql = self._spelt.get(sql) or self._spelt.setdefault(sql, sql.replace("?", "%s"))
        self._cursor.execute(sql, values) if values else self._cursor.execute(sql)
        return int(self._cursor.rowcount)

    def all(self, sql: str, *values: Any) -> list[Any]:
        """All rows of a query."""
        self.run(sql, *values)
        return list(self._cursor.fetchall())

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute for each of the rows."""
        if rows:
            self._cursor.executemany(sql if self.kind == "sqlite" else sql.replace("?", "%s"), rows)

    def one(self, sql: str, *values: Any) -> Any:
        """The first row of a query, or None."""
        self.run(sql, *values)
        return self._cursor.fetchone()

    def begin(self) -> None:
        """Open a transaction that will write."""
        self.run("BEGIN IMMEDIATE" if self.kind == "sqlite" else "BEGIN")

    def commit(self) -> None:
        """End it, durably."""
        self.run("COMMIT")

    @property
    def for_update(self) -> str:
        """The clause that locks rows; SQLite has locked everything already."""
        return "" if self.kind == "sqlite" else " FOR UPDATE"


@contextlib.contextmanager
def targets(wanted: Sequence[str]) -> Iterator[Iterator[Target]]:
    """Each engine in turn, in an empty database; one that is not installed is told and left out."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="troth-bench-")))

        def each() -> Iterator[Target]:
            for kind in wanted:
                try:
                    with _target(kind, folder) as target:
                        yield target
                except ServerUnavailable as reason:
                    print(f"{kind}: left out, {reason}", file=sys.stderr)

        yield each()


@contextlib.contextmanager
def _target(kind: str, folder: Path) -> Iterator[Target]:
    if kind == "sqlite":
        path = folder / "shop.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        yield Target(kind, f"sqlite:///{path}", str(path), None)
        return
    with (DurablePostgres if kind == "postgresql" else DurableMariaDB)() as server:
        database = server.create_database("bench")
        yield Target(kind, server.url(database), database, server)


# --- Troth itself ---------------------------------------------------------------------------------


@contextlib.contextmanager
def troth(target: Target, policy: str, folder: Path) -> Iterator[tuple[Any, Any]]:
    """(session, records): the policy loaded from a file, stores opened once, a ledger of this run's own."""
    from troth import bootstrap
    from troth.state.engine import StateRecords
    from troth.state.state import init_state

    path = folder / "troth.yaml"
    path.write_text(policy, encoding="utf-8")
    os.environ[STORE_URL] = target.url
    loaded = bootstrap.load_policy(path)
    with init_state(folder / "state", origin="bench.test/troth", at=NOW) as state:
        session = bootstrap.open_session(loaded, path, TODAY)
        if session.unreachable:
            raise SystemExit(f"{target.kind}: {session.unreachable}")
        with session:
            yield session, StateRecords(state)


class Timed:
    """Passes everything on to another object and adds up the time spent there."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._depth = 0
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value
        if name == "transaction":
            return self._transaction

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self._clock():
                return value(*args, **kwargs)

        return timed

    @contextlib.contextmanager
    def _clock(self) -> Iterator[None]:
        since = time.perf_counter()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self.seconds += time.perf_counter() - since

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._clock(), self._inner.transaction():
            yield


# --- the same statements --------------------------------------------------------------------------


@dataclass
class Sent:
    """One thing that went to the database: a statement, a COMMIT, or where a group sent in one go begins and ends."""

    word: str
    text: str = ""
    parameters: Any = None


class Recorder:
    """Writes down what Troth's connector sends, in order."""

    def __init__(self, connector: Any) -> None:
        self.sent: list[Sent] = []
        self._engine = connector._engine

    @contextlib.contextmanager
    def on(self) -> Iterator[list[Sent]]:
        """Listen as long as the block lasts; what was sent."""
        from sqlalchemy import event

        from troth.connectors.sql.line import Line

        dialect, commit, together = self._engine.dialect, self._engine.dialect.do_commit, Line.together
        sent: list[Sent] = []

        def statement(connection: Any, cursor: Any, text: str, parameters: Any, *_: Any) -> None:
            sent.append(Sent("run", text, parameters))

        def committing(connection: Any) -> None:
            sent.append(Sent("commit"))
            commit(connection)

        @contextlib.contextmanager
        def grouping(line: Line) -> Iterator[None]:
            sent.append(Sent("together"))
            with together(line):
                yield
            sent.append(Sent("end"))

        event.listen(self._engine, "before_cursor_execute", statement)
        dialect.do_commit, Line.together = committing, grouping  # type: ignore[method-assign,assignment]
        try:
            yield sent
        finally:
            event.remove(self._engine, "before_cursor_execute", statement)
            dialect.do_commit, Line.together = commit, together  # type: ignore[method-assign]


def replay(raw: Raw, sent: Sequence[Sent]) -> None:
    """The same through the bare driver: same texts, same values, same groups, every row fetched."""
    waiting: list[Any] = []
    with contextlib.ExitStack() as group:
        for one in sent:
            if one.word == "commit":
                raw.connection.commit()
            elif one.word == "together" and raw.kind == "postgresql":
                group.enter_context(raw.connection.pipeline())
            elif one.word == "end" and raw.kind == "postgresql":
                group.close()
                _fetch(waiting)
            elif one.word == "run":
                cursor = raw.connection.cursor()
                cursor.execute(one.text, one.parameters) if one.parameters else cursor.execute(one.text)
                waiting.append(cursor)
                if raw.kind != "postgresql" or raw.connection.info.pipeline_status == 0:
                    _fetch(waiting)


def _fetch(waiting: list[Any]) -> None:
    for cursor in waiting:
        if cursor.description is not None:
            cursor.fetchall()
    waiting.clear()


# --- figures --------------------------------------------------------------------------------------


def seconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    since = time.perf_counter()
    action()
    return time.perf_counter() - since


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def ms(value: float) -> str:
    """Seconds as milliseconds."""
    return f"{value * 1000:.2f} ms" if value < 0.1 else f"{value * 1000:.0f} ms"


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns."""
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    print(f"\n{title}")
    for row in [heads, ["-" * w for w in widths], *rows]:
        print("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())
    sys.stdout.flush()


def again(name: str) -> None:
    """How to get these figures again."""
    print(f"\nagain: .venv/bin/python bench/{name} {' '.join(sys.argv[1:])}".rstrip())
