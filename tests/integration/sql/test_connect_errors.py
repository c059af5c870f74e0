"""Drivers' errors, cleaned: the right kind, a code, and never a person's data."""

from __future__ import annotations

import re
import sqlite3
import threading
import traceback
from pathlib import Path

import psycopg
import pymysql
import pytest
from sqlalchemy import exc as sa
from sqlalchemy import text

from databases import EngineCase, sqlite_case
from inspecting import attempt, connected, database_on, opened, store
from servers import MariaDBServer, PostgresServer
from troth.connectors.sql.errors import cleaned, translate
from troth.core.errors import StoreBusy, StoreChanged, StoreError, StoreRefused, StoreUnreachable

SHOP = store()
ADDRESS = "ana.o'brien@example.org"
TABLES = """
CREATE TABLE parent (id varchar(60) PRIMARY KEY);
CREATE TABLE person (
    id integer PRIMARY KEY, email varchar(40) NOT NULL, age integer, parent varchar(60),
    CONSTRAINT person_email UNIQUE (email), CONSTRAINT person_adult CHECK (age > 17),
    CONSTRAINT person_parent FOREIGN KEY (parent) REFERENCES parent (id));
"""


@pytest.fixture
def people(engine_case: EngineCase) -> EngineCase:
    """A table whose every constraint would love to quote an address."""
    engine_case.execute_script(TABLES)
    attempt(SHOP, engine_case.url, f"INSERT INTO person VALUES (1, '{quoted(ADDRESS)}', 40, NULL)")
    return engine_case


def quoted(value: str) -> str:
    return value.replace("'", "''")


def refusal(case: EngineCase, statement: str, value: object = ADDRESS) -> StoreError:
    """The error of a statement that has the value bound as ``:v``."""
    with pytest.raises(StoreError) as refused, connected(SHOP, case.url) as connection:
        connection.execute(text(statement), {"v": value})
    return refused.value


def assert_clean(error: StoreError) -> None:
    """No part of the address, and no text of the driver, in anything that is shown or logged."""
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    for part in ("ana", "brien", "example.org", "[SQL", "[parameters", "DETAIL", "Duplicate"):
        assert part not in shown, part


@pytest.mark.parametrize(
    ("statement", "kind", "said", "names"),
    [
        ("INSERT INTO person VALUES (2, :v, 40, NULL)", StoreRefused, "must be unique", "person"),
        ("INSERT INTO person VALUES (2, :v, 7, NULL)", StoreRefused, "CHECK", "person_adult"),
        ("UPDATE person SET email = NULL WHERE email = :v", StoreRefused, "empty value", ""),
        ("UPDATE person SET parent = :v WHERE id = 1", StoreRefused, "foreign key", ""),
        ("SELECT * FROM nosuch WHERE email = :v", StoreChanged, "no longer has", ""),
        ("SELECT nosuch FROM person WHERE email = :v", StoreChanged, "no longer has", ""),
    ],
)
def test_a_refusal_says_what_and_which_constraint_but_no_value(
    people: EngineCase, statement: str, kind: type[StoreError], said: str, names: str
) -> None:
    error = refusal(people, statement)
    assert type(error) is kind
    assert said in error.message
    assert names in error.message
    assert error.code
    assert error.store == "shop"
    assert error.remedy
    assert_clean(error)


@pytest.mark.parametrize("value", [ADDRESS, "' for key 'ana@example.org'", "`ana@example.org`"])
def test_a_value_that_does_not_fit_is_not_quoted(people: EngineCase, value: str) -> None:
    if people.kind == "sqlite":
        pytest.skip("SQLite limits no length")
    error = refusal(people, "INSERT INTO person VALUES (2, :v, 40, NULL)", value * 10)
    assert "does not accept a value" in error.message
    assert_clean(error)


@pytest.mark.parametrize(
    "value", ["x' for key 'ana_example_org", "CONSTRAINT `ana_example` FOREIGN KEY", "constraint failed: ana_example"]
)
def test_a_value_made_to_look_like_a_message_is_not_taken_for_a_constraint(people: EngineCase, value: str) -> None:
    attempt(SHOP, people.url, f"INSERT INTO person VALUES (3, '{quoted(value)}', 40, NULL)")
    error = refusal(people, "INSERT INTO person VALUES (4, :v, 40, NULL)", value)
    assert_clean(error)
    assert "must be unique" in error.message


def test_a_value_of_the_wrong_kind_is_not_quoted(people: EngineCase) -> None:
    if people.kind == "sqlite":
        people.execute_script("CREATE TABLE strict_one (age INTEGER) STRICT")
        error = refusal(people, "INSERT INTO strict_one VALUES (:v)")
    else:
        error = refusal(people, "UPDATE person SET age = :v WHERE id = 1")
    assert type(error) is StoreRefused
    assert_clean(error)


@pytest.mark.parametrize("value", ["ana@example.org\x00", "ana@example.org\ud800", 10**30])
def test_a_value_that_the_driver_cannot_send_is_cleaned(people: EngineCase, value: object) -> None:
    try:
        with connected(SHOP, people.url) as connection:
            connection.execute(text("SELECT * FROM person WHERE email = :v"), {"v": value})
    except StoreError as error:
        assert_clean(error)


def test_a_deadlock_is_busy(engine_case: EngineCase) -> None:
    if engine_case.kind == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    engine_case.execute_script("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 0), (2, 0)")
    of = store(lock_timeout=10)
    failures: list[StoreError] = []
    both = threading.Barrier(2, timeout=20)

    def work(first: int, second: int) -> None:
        try:
            with connected(of, engine_case.url) as connection:
                connection.execute(text(f"UPDATE t SET a = a + 1 WHERE id = {first}"))
                both.wait()
                connection.execute(text(f"UPDATE t SET a = a + 1 WHERE id = {second}"))
                connection.commit()
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [failure] = failures
    assert type(failure) is StoreBusy
    assert "deadlock" in failure.message


def test_a_full_disk_is_refused_and_said(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    case.execute_script("CREATE TABLE t (a)")
    large = f"INSERT INTO t VALUES ('{quoted(ADDRESS) * 1_000}')"
    with pytest.raises(StoreRefused, match="no disk space") as refused:
        attempt(SHOP, case.url, "PRAGMA max_page_count = 3", large)
    assert_clean(refused.value)


def test_a_full_disk_of_a_server_is_told_by_its_code() -> None:
    for exc in (
        psycopg.errors.DiskFull(f'could not extend file while writing "{ADDRESS}"'),
        pymysql.err.OperationalError(1021, f"Disk full writing {ADDRESS}"),
        pymysql.err.OperationalError(1114, "The table 't' is full"),
    ):
        error = translate(sa.OperationalError("INSERT", {"v": ADDRESS}, exc), SHOP)
        assert type(error) is StoreRefused
        assert "no disk space" in error.message
        assert_clean(error)


def test_a_missing_right_points_to_troth_grants(postgres_server: PostgresServer, mariadb_server: MariaDBServer) -> None:
    for server, make in ((postgres_server, "CREATE ROLE ruth LOGIN PASSWORD 'x'"),
                         (mariadb_server, "CREATE USER ruth IDENTIFIED BY 'x'; GRANT SELECT (id) ON person TO ruth"),
                         ):  # fmt: skip
        with database_on(server, TABLES) as case:
            case.execute_script(make)
            try:
                with pytest.raises(StoreRefused, match="denies this account a right") as refused:
                    attempt(SHOP, server.url(case.database, "ruth", "x"), "DELETE FROM person")
            finally:
                case.execute_script("DROP USER ruth")
        assert "troth grants" in refused.value.remedy


def test_row_security_that_would_hide_rows_is_an_error(postgres_server: PostgresServer) -> None:
    """Pitfall A6: without `row_security = off` the DELETE answers "0 rows" and nobody notices."""
    script = """
        CREATE TABLE person (email text); INSERT INTO person VALUES ('ana@example.org');
        ALTER TABLE person ENABLE ROW LEVEL SECURITY;
        CREATE ROLE rita LOGIN PASSWORD 'x'; GRANT ALL ON person TO rita;
    """
    with database_on(postgres_server, script) as case:
        try:
            with pytest.raises(StoreRefused, match="denies this account"):
                attempt(SHOP, postgres_server.url(case.database, "rita", "x"), "DELETE FROM person")
        finally:
            case.execute_script("DROP OWNED BY rita; DROP ROLE rita")


def test_a_check_without_a_name_is_not_told_by_its_text(tmp_path: Path) -> None:
    """SQLite names it by its expression, which may hold anything."""
    case = sqlite_case(tmp_path)
    case.execute_script("CREATE TABLE t (email TEXT CHECK (email <> 'ana@example.org'))")
    error = refusal(case, "INSERT INTO t VALUES (:v)", "ana@example.org")
    assert "CHECK" in error.message
    assert_clean(error)


def test_an_exhausted_pool_is_busy(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    with opened(SHOP, case.url) as engine:
        engine.pool._timeout = 0  # type: ignore[attr-defined]
        held = [engine.connect() for _ in range(4)]
        with pytest.raises(StoreBusy, match="no free connection"), cleaned(SHOP):
            engine.connect()
        for connection in held:
            connection.close()


def test_our_own_errors_pass_unchanged() -> None:
    ours = StoreChanged("rows changed", store="shop")
    with pytest.raises(StoreChanged) as passed, cleaned(SHOP):
        raise ours
    assert passed.value is ours


def test_unknown_codes_are_kept_without_the_words() -> None:
    strange = sqlite3.OperationalError(f"something about {ADDRESS}")
    for exc in (strange, pymysql.err.InternalError(4711, ADDRESS), psycopg.errors.lookup("XX000")(ADDRESS)):
        assert_clean(translate(exc, SHOP))
    assert translate(pymysql.err.InternalError(4711, ADDRESS), SHOP).code == "4711"
    assert translate(psycopg.errors.lookup("XX000")(ADDRESS), SHOP).code == "XX000"


def test_lost_connections_are_unreachable() -> None:
    for exc in (
        pymysql.err.OperationalError(2013, "Lost connection"),
        pymysql.err.InterfaceError(0, ""),
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.errors.AdminShutdown("terminating connection"),
    ):
        assert type(translate(exc, SHOP)) is StoreUnreachable


def test_every_meaning_says_what_to_do() -> None:
    from troth.connectors.sql import errors

    for meaning in [*errors._SQLSTATES.values(), *errors._ERRNOS.values(), *errors._SQLITE.values()]:
        assert meaning.remedy
        assert re.match(r"[a-z]", meaning.what)
