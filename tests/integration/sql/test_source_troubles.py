"""Whatever a server does, a look at it ends in time, with a trouble that says what happened and nothing else."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pymysql
import pytest

from databases import EngineCase, sqlite_case
from inspecting import database_on
from servers import ADMIN, MariaDBServer, PostgresServer
from sourcing import SCHEMAS, TOKEN, codes, looking, people, tables_of
from troth.bootstrap import open_source
from troth.core.discover.model import Budget, Inclusion, Source, Table
from troth.core.errors import StoreError, StoreUnreachable, UsageError

PASSWORD = "s3cret-word"


@contextmanager
def taking_at_most(seconds: float) -> Iterator[None]:
    since = time.monotonic()
    yield
    assert time.monotonic() - since < seconds


def everything(source: Source, table: Table) -> set[str]:
    """The codes of the troubles of every question about a table."""
    column = table.columns[0].name
    asked = (
        source.profiles(table),
        source.keyed_profiles(table, column, table.columns[1].name),
        source.values_of(table, column),
        source.inclusion(table, column, table, column),
        source.bounds(table, column, "epoch_s"),
        source.rows(table),
    )
    return {code for answer in asked for code in codes(answer[-1])}


# --- opening ------------------------------------------------------------------------------------------------


@contextmanager
def silent_port() -> Iterator[int]:
    """A port on which somebody accepts and never says a word."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_server_that_accepts_and_is_silent_cannot_be_reached(scheme: str) -> None:
    with silent_port() as port, taking_at_most(8), pytest.raises(StoreUnreachable) as refused:
        open_source(f"{scheme}://ana:{PASSWORD}@127.0.0.1:{port}/shop", budget=Budget(seconds=2))
    shown = "".join(traceback.format_exception(refused.value))
    assert PASSWORD not in shown
    assert "store main" in shown


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_port_where_nobody_listens_cannot_be_reached(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with taking_at_most(5), pytest.raises(StoreUnreachable):
        open_source(f"{scheme}://ana:{PASSWORD}@127.0.0.1:{port}/shop", name="shop")


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_wrong_password_is_said_without_the_password(request: pytest.FixtureRequest, kind: str) -> None:
    server = request.getfixturevalue("postgres_server" if kind == "postgresql" else "mariadb_server")
    with pytest.raises(StoreUnreachable) as refused:
        open_source(server.url("nosuch", ADMIN, PASSWORD))
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))


def test_an_address_that_cannot_be_understood_is_wrong_use(tmp_path: Path) -> None:
    for url in ("oracle://x/y", "nonsense", "postgresql://host/db?options=-cx"):
        with pytest.raises(UsageError):
            open_source(url, folder=tmp_path)


def test_a_relative_path_counts_from_the_folder(tmp_path: Path) -> None:
    sqlite_case(tmp_path)
    open_source("sqlite:///store.sqlite", folder=tmp_path).close()
    with pytest.raises(StoreUnreachable):
        open_source("sqlite:///nosuch.sqlite", folder=tmp_path)
    assert not (tmp_path / "nosuch.sqlite").exists()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("no database " * 500)
    with pytest.raises(StoreError) as refused:
        open_source("sqlite:///store.sqlite", folder=tmp_path)
    assert "not an SQLite database" in refused.value.message


# --- reading only -------------------------------------------------------------------------------------------


def test_nothing_can_be_written_through_a_source(engine_case: EngineCase) -> None:
    from sqlalchemy import text

    engine_case.execute_script("CREATE TABLE thing (id int)")
    with looking(engine_case.url) as source:
        connection = source._looking  # type: ignore[attr-defined]
        for statement in ("INSERT INTO thing VALUES (1) RETURNING id", "DELETE FROM thing RETURNING id"):
            with pytest.raises(StoreError, match="is read-only"):
                connection.ask(text(statement))
    assert engine_case.query("SELECT count(*) FROM thing") == [(0,)]


def test_a_look_keeps_to_one_process_of_the_server(postgres_server: PostgresServer) -> None:
    from sqlalchemy import func, select

    with database_on(postgres_server) as case, looking(case.url, statement_seconds=3) as source:
        names = ("max_parallel_workers_per_gather", "lock_timeout", "statement_timeout", "transaction_read_only")
        asked = source._looking.ask(select(*(func.current_setting(n) for n in names)))  # type: ignore[attr-defined]
    assert tuple(asked[0]) == ("0", "1s", "3s", "on")


def test_no_transaction_stays_open_between_questions(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)")
    with looking(engine_case.url) as source:
        source.profiles(tables_of(source)["thing"])
        # Each of these waits for whoever still reads.
        engine_case.execute_script("DROP TABLE thing")
        if engine_case.kind == "postgresql":
            states = engine_case.query("SELECT state FROM pg_stat_activity WHERE application_name = 'troth'")
            assert states == [("idle",)]
    assert engine_case.kind != "sqlite" or engine_case.query("PRAGMA journal_mode") == [("delete",)]


# --- while looking ------------------------------------------------------------------------------------------


@contextmanager
def locked(case: EngineCase, table: str) -> Iterator[None]:
    """Somebody else holds a table (on SQLite: the file) so that nobody may read it."""
    with ExitStack() as stack:
        if case.kind == "sqlite":
            file = stack.enter_context(closing(sqlite3.connect(case.database, isolation_level=None)))
            file.execute("BEGIN EXCLUSIVE")
        elif case.kind == "postgresql":
            other = stack.enter_context(psycopg.connect(case.url.replace("+psycopg", "")))
            other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        else:
            assert case.server is not None
            session = stack.enter_context(closing(pymysql.connect(
                host="127.0.0.1", port=case.server.port, user=ADMIN, password=case.server.password,
                database=case.database,
            )))  # fmt: skip
            session.cursor().execute(f"LOCK TABLES {table} WRITE")
        yield


def test_a_table_that_somebody_has_locked_is_a_trouble_and_soon(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE held (id int, what int); CREATE TABLE free (id int)")
    with looking(engine_case.url) as source:
        tables = tables_of(source)
        with locked(engine_case, "held"):
            with taking_at_most(15):
                assert everything(source, tables["held"]) == {"locked"}
            if engine_case.kind != "sqlite":
                assert source.profiles(tables["free"])[1] == []
        assert source.profiles(tables["held"])[1] == []


def test_a_locked_table_does_not_hide_the_schema(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE held (id int); CREATE TABLE free (id int)")
    with looking(engine_case.url) as source, locked(engine_case, "held"), taking_at_most(15):
        found = source.catalogue()
    if engine_case.kind == "sqlite":
        assert (found.tables, codes(found.troubles)) == ((), {"locked"})
    else:
        assert [(t.name, len(t.columns)) for t in found.tables] == [("free", 1), ("held", 1)]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_view_that_sleeps_ends_in_time(request: pytest.FixtureRequest, kind: str) -> None:
    server = request.getfixturevalue("postgres_server" if kind == "postgresql" else "mariadb_server")
    with database_on(server, SCHEMAS[kind]) as case:
        people(case, 20)
        with looking(case.url, statement_seconds=0.5) as source, taking_at_most(10):
            sleepy = tables_of(source)["sleepy"]
            assert everything(source, sleepy) <= {"timeout", "unreadable"}
            assert codes(source.profiles(sleepy)[1]) == {"timeout"}


def test_an_endless_view_ends_in_time_on_sqlite(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    case.execute_script("""
        CREATE VIEW endless AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)
            SELECT count(*) AS a, max(i) AS b FROM c;
    """)
    with looking(case.url, statement_seconds=0.3) as source, taking_at_most(8):
        assert everything(source, tables_of(source)["endless"]) == {"timeout"}


def test_a_slow_sample_is_tried_again_with_fewer_rows(postgres_server: PostgresServer) -> None:
    script = """
        CREATE TABLE person AS SELECT i AS id FROM generate_series(1, 100) n(i);
        CREATE VIEW slow AS SELECT id, pg_sleep(0.03)::text AS rest FROM person
    """
    with database_on(postgres_server, script) as case, looking(case.url, statement_seconds=1, rows=80) as source:
        profiles, troubles = source.profiles(tables_of(source)["slow"])
    assert profiles["id"].sampled == 4
    assert codes(troubles) == {"timeout"}
    assert "only 4 rows" in troubles[0].message


def test_when_the_time_is_used_up_every_answer_is_empty(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE thing (id int, what int); INSERT INTO thing VALUES (1, 1)")
    with looking(engine_case.url, seconds=2) as source:
        thing = tables_of(source)["thing"]
        assert 0 < source.remaining_seconds() <= 2
        time.sleep(2)
        assert source.remaining_seconds() == 0
        with taking_at_most(1):
            assert everything(source, thing) == {"budget"}
            assert source.inclusion(thing, "id", thing, "id")[0] == Inclusion(0, 0)
            found = source.catalogue()
    assert (found.tables, codes(found.troubles)) == ((), {"budget"})


def test_the_last_statement_may_not_outlast_the_budget(postgres_server: PostgresServer) -> None:
    with (
        database_on(postgres_server, SCHEMAS["postgresql"]) as case,
        looking(case.url, seconds=2, statement_seconds=60) as source,
        taking_at_most(5),
    ):
        people(case, 20)
        assert codes(source.profiles(tables_of(source)["sleepy"])[1]) <= {"timeout", "budget"}


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_that_falls_silent_is_given_up(request: pytest.FixtureRequest, kind: str) -> None:
    server: PostgresServer | MariaDBServer
    server = request.getfixturevalue("postgres_server" if kind == "postgresql" else "mariadb_server")
    with (
        database_on(server, "CREATE TABLE thing (id int, what int)") as case,
        looking(case.url, statement_seconds=1, seconds=6) as source,
    ):
        thing = tables_of(source)["thing"]
        server.pause()
        try:
            with taking_at_most(12):
                assert codes(source.profiles(thing)[1]) == {"unreachable"}
                assert everything(source, thing) <= {"unreachable", "budget"}
        finally:
            server.resume()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_one_broken_connection_is_made_again(request: pytest.FixtureRequest, kind: str) -> None:
    server = request.getfixturevalue("postgres_server" if kind == "postgresql" else "mariadb_server")
    with (
        database_on(server, "CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)") as case,
        looking(case.url) as source,
    ):
        thing = tables_of(source)["thing"]
        _end_sessions(case)
        assert codes(source.profiles(thing)[1]) == {"unreachable"}
        profiles, troubles = source.profiles(thing)
    assert profiles["id"].sampled == 1
    assert list(troubles) == []


def _end_sessions(case: EngineCase) -> None:
    if case.kind == "postgresql":
        case.execute_script(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'troth' AND datname = current_database()"
        )
        return
    assert case.server is not None
    for (session,) in case.query(
        f"SELECT id FROM information_schema.processlist WHERE db = '{case.database}' AND id <> connection_id()"
    ):
        case.server.admin_execute(f"KILL {session}")


def test_a_foreign_table_whose_server_is_down_is_that_table_s_trouble(postgres_server: PostgresServer) -> None:
    script = """
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'x');
        CREATE USER MAPPING FOR current_user SERVER far OPTIONS (user 'ana', password 's3cret-word');
        CREATE FOREIGN TABLE away (id int, what text) SERVER far; CREATE TABLE here (id int); CREATE TABLE bare ();
    """
    with database_on(postgres_server, script) as case, looking(case.url) as source:
        tables = tables_of(source)
        assert tables["away"].kind == "foreign"
        for _ in range(3):
            troubles = source.profiles(tables["away"])[1]
            assert codes(troubles) == {"view_fails"}
            assert PASSWORD not in repr(troubles)
        assert set(source.profiles(tables["here"])[0]) == {"id"}
        assert source.profiles(tables["bare"]) == ({}, [])


def test_a_table_that_is_gone_since_is_a_trouble(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE thing (id int, what int)")
    with looking(engine_case.url) as source:
        thing = tables_of(source)["thing"]
        engine_case.execute_script("DROP TABLE thing")
        assert everything(source, thing) == {"gone"}


def test_no_trouble_tells_a_value(engine_case: EngineCase) -> None:
    engine_case.execute_script(
        f"CREATE TABLE thing (id int, what varchar(60)); INSERT INTO thing VALUES (1, '{TOKEN}')"
    )
    if engine_case.kind == "postgresql":
        engine_case.execute_script("CREATE VIEW wrong AS SELECT id, what::int AS what FROM thing")
    else:
        engine_case.execute_script("CREATE VIEW wrong AS SELECT id, what FROM thing")
        engine_case.execute_script("DROP TABLE thing")
    with looking(engine_case.url) as source:
        found = source.catalogue()
        told: list[object] = [found]
        for table in found.tables:
            if table.columns:
                told.append(source.profiles(table))
                told.append(source.values_of(table, "what") if table.name == "wrong" else ())
    assert "view_fails" in repr(told)
    assert TOKEN not in repr(told)
