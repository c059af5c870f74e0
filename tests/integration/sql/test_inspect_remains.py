"""Erased from live rows is not gone from every disk: what the outcome says, with the engine's own figures."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from databases import EngineCase, sqlite_case
from inspecting import attempt, collection, connected, database_on, look, store
from servers import MariaDBServer, PostgresServer
from troth.connectors.sql.remains import Remain, in_language, places, remains
from troth.connectors.sql.remains_texts import TEXTS

PERSON = "CREATE TABLE person (id integer PRIMARY KEY, email varchar(60))"


def told(case: EngineCase) -> dict[str, Remain]:
    """What remains, by code, for the table ``person``."""
    facts = look(case.url, collection("person"))
    with connected(store(), case.url) as connection:
        return {r.code: r for r in places(connection, list(facts.tables.values()))}


# --- texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", TEXTS)
def test_each_sentence_exists_in_both_languages_with_the_same_figures(code: str) -> None:
    english, french = (set(re.findall(r"\{(\w+)\}", TEXTS[code][language])) for language in ("en", "fr"))
    assert english == french
    assert TEXTS[code]["en"] != TEXTS[code]["fr"]


@pytest.mark.parametrize("code", TEXTS)
def test_an_english_sentence_is_found_again_and_told_in_french(code: str) -> None:
    figures = {name: f"{number}0" for number, name in enumerate(re.findall(r"\{(\w+)\}", TEXTS[code]["en"]), start=1)}
    remain = Remain(code, figures)
    assert in_language(remain.text(), "fr") == remain.text("fr")
    assert in_language(remain.text(), "en") == remain.text()


def test_the_policys_own_sentences_pass_unchanged_and_come_last(engine_case: EngineCase) -> None:
    engine_case.execute_script(PERSON)
    own = "nightly backups, kept 30 days (a.b*)"
    with connected(store(), engine_case.url) as connection:
        found = remains(connection, store(remains=(own,)), [])
    assert found[-1] == own
    assert len(found) > 1
    assert in_language(own, "fr") == own


def test_facts_carry_the_sentences(engine_case: EngineCase) -> None:
    engine_case.execute_script(PERSON)
    found = look(engine_case.url, collection("person"), remains=("backups",)).remains
    assert found[-1] == "backups"
    assert all(in_language(sentence, "fr") != sentence for sentence in found[:-1])


def test_no_sentence_claims_destruction() -> None:
    words = " ".join(t for texts in TEXTS.values() for t in texts.values()).lower()
    assert "destroyed" not in words
    assert "détruit" not in words


# --- SQLite --------------------------------------------------------------------------------------------


def spread(case: EngineCase, change: Callable[[], object]) -> int:
    """How many copies of an erased value are in the file and beside it after a change."""
    change()
    files = [case.path, Path(f"{case.path}-wal"), Path(f"{case.path}-journal")]
    return sum(f.read_bytes().count(b"erased.person@example.org") for f in files if f is not None and f.exists())


def fill(case: EngineCase) -> None:
    case.execute_script(PERSON)
    rows = ", ".join(f"({i}, 'erased.person@example.org')" for i in range(1, 501))
    case.execute_script(f"INSERT INTO person VALUES {rows}")


def test_sqlite_overwrites_what_it_frees_on_our_connections(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    fill(case)
    assert spread(case, lambda: attempt(store(), case.url, "DELETE FROM person", write=True)) == 0


def test_sqlite_without_secure_delete_keeps_values_in_free_pages_and_we_say_how_many(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    fill(case)
    assert "sqlite_free_pages" not in told(case)
    left = spread(case, lambda: case.execute_script("PRAGMA secure_delete = OFF; DELETE FROM person"))
    assert left > 0, "else there is nothing to tell"
    assert int(str(told(case)["sqlite_free_pages"].figures["pages"])) > 0


def test_sqlite_tells_of_a_write_ahead_log(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    fill(case)
    assert "sqlite_wal" not in told(case)
    with closing(sqlite3.connect(case.database)) as keeping:
        keeping.execute("PRAGMA journal_mode = wal")
        keeping.execute("SELECT 1 FROM person").fetchall()
        attempt(store(), case.url, "UPDATE person SET email = 'x' || email", write=True)
        left = spread(case, lambda: attempt(store(), case.url, "DELETE FROM person", write=True))
        assert left > 0, "the log still holds them, even with secure_delete"
        assert "sqlite_wal" in told(case)


# --- PostgreSQL ----------------------------------------------------------------------------------------


def test_postgresql_tells_of_heap_log_and_statistics(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server, PERSON) as case:
        found = told(case)
    assert {"postgresql_heap", "postgresql_wal", "postgresql_statistics"} <= set(found)
    assert found["postgresql_wal"].figures == {"size": "256MB", "keep": "0"}
    assert found["postgresql_heap"].figures["autovacuum"] == "on"


def test_postgresql_statistics_hold_values_after_the_rows_are_gone(postgres_server: PostgresServer) -> None:
    """The evidence for what we tell."""
    with database_on(postgres_server, PERSON) as case:
        case.execute_script("INSERT INTO person SELECT i, 'erased.person@example.org' FROM generate_series(1, 50) i")
        case.execute_script("ANALYZE person; DELETE FROM person")
        [(values,)] = case.query("SELECT most_common_vals::text FROM pg_stats WHERE attname = 'email'")
    assert "erased.person" in values


def test_postgresql_tells_how_old_the_oldest_transaction_is(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server, PERSON) as case, connected(store(), case.url) as old:
        old.execution_options(isolation_level="REPEATABLE READ").execute(text("SELECT 1")).all()
        assert "postgresql_oldest" not in told(case), "younger than a minute is not worth a word"
    found = Remain("postgresql_oldest", {"minutes": 7})
    assert "7 minutes" in found.text()


def test_postgresql_says_when_it_cannot_see_other_sessions(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server, f"{PERSON}; CREATE ROLE nell LOGIN PASSWORD 'x'") as case:
        try:
            with connected(store(), postgres_server.url(case.database, "nell", "x")) as connection:
                found = {r.code for r in places(connection, [])}
        finally:
            case.execute_script("DROP ROLE nell")
    assert "postgresql_oldest_unknown" in found


def test_postgresql_tells_of_publications_slots_and_loud_logs(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server, PERSON) as case:
        assert not {"postgresql_publication", "server_log"} & set(told(case))
        # A publication needs no subscriber to be worth telling.
        case.execute_script("CREATE PUBLICATION twin FOR TABLE person")
        case.execute_script(f"ALTER DATABASE \"{case.database}\" SET log_statement = 'mod'")
        case.execute_script(f'ALTER DATABASE "{case.database}" SET log_min_duration_statement = 500')
        found = told(case)
    assert found["postgresql_publication"].figures == {"names": "twin"}
    assert "log_statement=mod" in found["server_log"].text()
    assert "log_min_duration_statement=500ms" in found["server_log"].text()


# --- MariaDB -------------------------------------------------------------------------------------------


def test_mariadb_tells_of_purge_and_redo(mariadb_server: MariaDBServer) -> None:
    with database_on(mariadb_server, PERSON) as case:
        assert set(told(case)) == {"mariadb_purge", "mariadb_redo"}


def test_mariadb_tells_of_persistent_statistics_that_hold_values(mariadb_server: MariaDBServer) -> None:
    with database_on(mariadb_server, PERSON) as case:
        case.execute_script("INSERT INTO person VALUES (1, 'erased.person@example.org')")
        case.execute_script("ANALYZE TABLE person PERSISTENT FOR ALL; DELETE FROM person")
        held = case.query(f"SELECT min_value FROM mysql.column_stats WHERE db_name = '{case.database}'")
        assert (b"erased.person@example.org",) in held
        assert "mariadb_statistics" in told(case)


def test_mariadb_tells_of_history_tables(mariadb_server: MariaDBServer) -> None:
    with database_on(mariadb_server, f"{PERSON} WITH SYSTEM VERSIONING") as case:
        case.execute_script("INSERT INTO person VALUES (1, 'erased.person@example.org'); DELETE FROM person")
        assert case.query("SELECT count(*) FROM person FOR SYSTEM_TIME ALL") == [(1,)]
        assert f"{case.database}.person" in told(case)["mariadb_history"].text()


def test_mariadb_tells_of_the_general_log(mariadb_server: MariaDBServer) -> None:
    with database_on(mariadb_server, PERSON) as case:
        mariadb_server.admin_execute("SET GLOBAL general_log = ON")
        try:
            assert "general_log=ON" in told(case)["server_log"].text()
        finally:
            mariadb_server.admin_execute("SET GLOBAL general_log = OFF")


def test_mariadb_says_what_an_account_with_few_rights_cannot_see(mariadb_server: MariaDBServer) -> None:
    with database_on(
        mariadb_server, f"{PERSON}; CREATE USER fern IDENTIFIED BY 'x'; GRANT SELECT ON person TO fern"
    ) as case:
        try:
            with connected(store(), mariadb_server.url(case.database, "fern", "x")) as connection:
                found = {r.code for r in places(connection, [])}
        finally:
            case.execute_script("DROP USER fern")
    assert {"mariadb_purge_unknown", "mariadb_statistics"} <= found


class LoggingServer(MariaDBServer):
    """A server with a binary log kept for a week and a bit."""

    settings = (  # type: ignore[assignment]
        *MariaDBServer.settings,
        "--log-bin=binlog",
        "--binlog-format=ROW",
        "--server-id=1",
        "--binlog-expire-logs-seconds=604801",
    )


def test_mariadb_tells_how_long_the_binary_log_lasts() -> None:
    with LoggingServer() as server, database_on(server, PERSON) as case:
        assert told(case)["mariadb_binlog"].figures == {"format": "ROW", "days": 8}
        server.admin_execute("SET GLOBAL binlog_expire_logs_seconds = 0")
        assert "without end" in told(case)["mariadb_binlog_endless"].text()
