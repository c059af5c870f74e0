"""Lines under trouble: whose rows an identifier finds, what is told when the answer to a commit or the look after it
is lost, and in what state a line goes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy

from databases import EngineCase
from integration.sql.making import connector, erase, listening, only, store, table
from servers import PostgresServer
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.line import Line
from troth.core.errors import StoreBusy, StoreChanged, StoreRefused, StoreUnreachable, StoreUnsettled
from troth.core.policy.model import Condition, Mode
from troth.core.ports import Batch, Want
from troth.core.query import Everything, Given, Identified, KeyIn, all_of, none_of

ANA = Identified("email", "email", "ana@example.org")
SCRIPT = """
CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60), name VARCHAR(60), shop INTEGER);
INSERT INTO t VALUES (1, 'ana@example.org', 'Ana', 1), (2, 'ana@example.org', 'Another Ana', 2),
    (3, 'ben@example.org', 'Ben', 1);
"""


@pytest.fixture
def made(engine_case: EngineCase) -> Iterator[SqlConnector]:
    with connector(engine_case, table("t", "name", email="email"), script=SCRIPT) as connected:
        yield connected


def one(number: int) -> KeyIn:
    return KeyIn(("id",), ((number,),))


# --- whose rows ------------------------------------------------------------------------------------------------


def test_an_identifier_finds_nobody_outside_the_collections_row_filter(engine_case: EngineCase) -> None:
    """The table is shared by two shops: the same address in the other one is somebody else's row."""
    ours = table("t", "name", email="email", where=(Condition("shop", "in", (1,)),))
    with connector(engine_case, ours, script=SCRIPT) as made:
        assert [row["id"] for row in made.read("t", ANA, ["id", "email"])] == [1]
        assert list(made.keys("t", ANA)) == [(1,)]
        other = replace(ANA, value="Ana@example.org")
        assert [row["id"] for row in made.read("t", other, ["id"])] == [1]


# --- what is kept in memory ------------------------------------------------------------------------------------


def test_a_value_that_somebody_corrects_is_not_remembered_with_the_question(made: SqlConnector) -> None:
    where = all_of(one(1), none_of(Given(Condition("name", "in", ("Secretname",)))))
    assert [c.rows for c in made.count([Want("t", where, digest=True), Want("t", one(1))])] == [1, 1]
    assert made.count([Want("t", one(2))])[0].rows == 1
    assert list(made.keys("t", where)) == [(1,)]
    known = made._compile().statements._known
    told = [(p._text, p._named) for p in known.values() if p is not None]
    assert told
    assert "Secretname" not in repr([told, *known])


# --- told as it is ---------------------------------------------------------------------------------------------


@contextmanager
def breaking(made: SqlConnector, words: str, error: BaseException) -> Iterator[list[str]]:
    """Fail before every statement that contains these words, once it was armed by the list."""
    told: list[str] = []

    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if words in statement:
            told.append(statement)
            raise error

    with listening(made, before):
        yield told


def driver_error(made: SqlConnector) -> Exception:
    return made._engine.dialect.loaded_dbapi.OperationalError(2013, "Lost connection")  # type: ignore[no-any-return]


@only("mariadb")
def test_a_lock_that_cannot_be_given_back_does_not_deny_what_was_committed(
    made: SqlConnector, engine_case: EngineCase
) -> None:
    batch = erase(made, "t", one(1))
    with breaking(made, "release_lock", driver_error(made)) as told:
        done = made.execute(batch)
    assert told
    assert done.rows == {1: 1}
    assert engine_case.query("SELECT id FROM t ORDER BY id") == [(2,), (3,)]
    # The session that still holds the lock is gone, so the next one gets it.
    assert made.execute(erase(made, "t", one(2))).rows == {1: 1}


@only("mariadb")
def test_an_interruption_stays_one_even_if_the_lock_cannot_be_given_back(
    made: SqlConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = erase(made, "t", one(1))

    def interrupted(line: Line) -> None:
        line.raw._force_close()
        raise KeyboardInterrupt

    monkeypatch.setattr(Line, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.execute(batch)


def test_a_look_after_the_commit_that_fails_does_not_deny_what_was_committed(
    made: SqlConnector, engine_case: EngineCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.connectors.sql.execute import Execution

    def lost(*_: object) -> dict[int, int]:
        raise driver_error(made)

    batch = erase(made, "t", one(1))
    monkeypatch.setattr(Execution, "_late", lost)
    done = made.execute(batch)
    assert (done.rows, done.late, done.looked) == ({1: 1}, {}, False)
    assert engine_case.query("SELECT id FROM t ORDER BY id") == [(2,), (3,)]


def test_a_look_after_the_commit_is_made_on_another_line_if_the_first_is_lost(
    made: SqlConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.connectors.sql.execute import Execution

    looked: list[Line] = []
    real = Execution._late

    def lost_once(self: Execution, line: Line) -> dict[int, int]:
        looked.append(line)
        if len(looked) == 1:
            line.invalidate()
            raise driver_error(made)
        return real(self, line)

    batch = erase(made, "t", one(1))
    monkeypatch.setattr(Execution, "_late", lost_once)
    assert made.execute(batch).looked
    assert len(set(looked)) == 2


def test_a_commit_of_which_nothing_can_be_learnt_is_told_as_that(
    made: SqlConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.connectors.sql.execute import Execution

    batch = erase(made, "t", one(1))

    def lost(line: Line) -> None:
        line.invalidate()
        raise sqlalchemy.exc.TimeoutError

    def busy(_: object) -> bool:
        raise StoreBusy("the lost session is still at it")

    monkeypatch.setattr("troth.connectors.sql.execute.translate", lambda *_: StoreUnreachable("gone"))
    monkeypatch.setattr(Line, "commit", lost)
    monkeypatch.setattr(Execution, "_was_committed", busy)
    with pytest.raises(StoreUnsettled, match="could not be learnt"):
        made.execute(batch)


# --- only looking ----------------------------------------------------------------------------------------------


def test_no_line_of_an_observed_store_can_write_whatever_is_said_on_it(engine_case: EngineCase) -> None:
    engine_case.execute_script(SCRIPT)
    observed = SqlConnector(replace(store(table("t", "name")), mode=Mode.OBSERVE), engine_case.url)
    words = [
        "UPDATE t SET name = 'x'", "DELETE FROM t", "INSERT INTO t (id) VALUES (9)", "CREATE TABLE u (id INTEGER)",
    ]  # fmt: skip
    try:
        for said in words:
            with observed._lines.line() as line, pytest.raises(line._errors):
                line.exec_driver_sql(said)
        with observed._lines.line() as line, pytest.raises(StoreRefused):
            line.begin()
        assert observed.count([Want("t", Everything()), Want("t", one(1))])[0].rows == 3
        with observed._lines.line() as line, line.snapshot(), pytest.raises(line._errors):
            line.exec_driver_sql(words[0])
    finally:
        observed.close()
    assert engine_case.query("SELECT name FROM t WHERE id = 1") == [("Ana",)]


# --- settings, and in what state a line goes back -----------------------------------------------------------------

_SETTINGS = {
    "sqlite": "SELECT foreign_keys, secure_delete FROM pragma_foreign_keys, pragma_secure_delete",
    "postgresql": "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN ("
    "'row_security', 'statement_timeout', 'lock_timeout', 'default_transaction_isolation', "
    "'default_transaction_read_only', 'idle_in_transaction_session_timeout')",
    "mysql": "SELECT @@SESSION.sql_mode, @@SESSION.innodb_lock_wait_timeout, @@SESSION.lock_wait_timeout, "
    "@@SESSION.max_statement_time, @@SESSION.tx_isolation, @@SESSION.tx_read_only",
}
_TOLD = {
    "sqlite": (1, 1),
    "postgresql": (
        "default_transaction_isolation=read committed default_transaction_read_only=off "
        "idle_in_transaction_session_timeout=60000 lock_timeout=1000 row_security=off statement_timeout=30000",
    ),
    "mysql": (
        "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION", 1, 1, 30.0, "READ-COMMITTED", 0,
    ),
}  # fmt: skip


def test_a_line_has_the_settings_of_every_connection_and_keeps_them_after_trouble(made: SqlConnector) -> None:
    with made._lines.line() as line:
        assert line.exec_driver_sql(_SETTINGS[line.kind]).one() == _TOLD[line.kind]
        line.begin()
        with pytest.raises(line._errors):
            line.exec_driver_sql("SELECT nothing FROM t")
    made.count([Want("t", Everything()), Want("t", one(1))])
    made.execute(erase(made, "t", one(3)))
    [resting] = made._lines._idle
    assert resting.exec_driver_sql(_SETTINGS[resting.kind]).one() == _TOLD[resting.kind]


def in_transaction(line: Line) -> bool:
    if line.kind == "sqlite":
        return bool(line.raw.in_transaction)
    if line.kind == "postgresql":
        return bool(line.raw.info.transaction_status != 0)
    return bool(line.exec_driver_sql("SELECT @@in_transaction").scalar_one())


@pytest.mark.parametrize("where", ["BEGIN", "TRANSACTION", "FOR UPDATE", "DELETE", "count("])
def test_whatever_statement_fails_no_line_rests_inside_a_transaction(
    made: SqlConnector, engine_case: EngineCase, where: str
) -> None:
    batch = erase(made, "t", one(1), anchors=(("t", one(1)),))
    with breaking(made, where, StoreRefused("no")) as told:
        try:
            made.execute(batch)
            failed = False
        except StoreRefused:
            failed = True
    assert failed == bool(told) or where == "count("
    assert not any(in_transaction(line) for line in made._lines._idle)
    left = engine_case.query("SELECT count(*) FROM t")
    assert left == ([(3,)] if failed else [(2,)])


def test_two_threads_that_ask_at_once_have_a_line_each(made: SqlConnector) -> None:
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(30):
                assert made.count([Want("t", Everything()), Want("t", one(1))])[0].rows == 3
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert 1 <= len({id(line) for line in made._lines._idle}) <= 4


def test_a_database_without_an_encoding_is_opened_and_its_texts_are_texts(postgres_server: PostgresServer) -> None:
    name = "erase_without_encoding"
    postgres_server.admin_execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        postgres_server.admin_execute(SCRIPT + "UPDATE t SET name = E'\\xc3\\x89va' WHERE id = 3;", name)
        case = EngineCase("postgresql", postgres_server.url(name), name, server=postgres_server)
        with connector(case, table("t", "name", email="email")) as made:
            ben = Identified("email", "email", "ben@example.org")
            assert list(made.read("t", ben, ["id", "name"])) == [{"id": 3, "name": "Éva"}]
            assert made.execute(erase(made, "t", ben)).rows == {1: 1}
            # Bytes that are no text of any kind are told, not guessed.
            case.execute_script("UPDATE t SET name = E'\\xe9' WHERE id = 2")
            with pytest.raises(StoreRefused, match="22021"):
                list(made.read("t", one(2), ["name"]))
            assert made.execute(erase(made, "t", one(2))).rows == {1: 1}
    finally:
        postgres_server.drop_database(name)


@only("postgresql")
def test_a_transaction_in_which_a_statement_failed_is_never_committed_in_silence(made: SqlConnector) -> None:
    with made._lines.line() as line:
        line.begin()
        line.exec_driver_sql("DELETE FROM t")
        with pytest.raises(line._errors):
            line.exec_driver_sql("SELECT 1 / 0")
        with pytest.raises(line._errors):
            line.commit()
    assert made.count([Want("t", Everything())])[0].rows == 3


@only("postgresql")
def test_a_statement_kept_by_the_server_is_given_up_when_its_table_changes(
    made: SqlConnector, engine_case: EngineCase
) -> None:
    for _ in range(8):
        assert list(made.keys("t", one(1))) == [(1,)]
    engine_case.execute_script("ALTER TABLE t ALTER COLUMN id TYPE bigint")
    with pytest.raises(StoreRefused, match="0A000"):
        list(made.keys("t", one(1)))
    assert list(made.keys("t", one(1))) == [(1,)]


@only("postgresql")
def test_an_old_client_library_sends_one_statement_after_the_other(
    made: SqlConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("troth.connectors.sql.line.Pipeline.is_supported", lambda: False)
    assert made.execute(erase(made, "t", one(1), anchors=(("t", one(1)),))).rows == {1: 1}
    assert [c.rows for c in made.count([Want("t", Everything()), Want("t", one(2))])] == [2, 1]


def test_what_has_no_room_in_the_first_part_is_compared_with_the_plan_before_it(
    engine_case: EngineCase,
) -> None:
    more = "CREATE TABLE u (id INTEGER PRIMARY KEY); CREATE TABLE v (id INTEGER); INSERT INTO u VALUES (1); INSERT INTO v VALUES (1);"
    with connector(engine_case, table("t", "name"), table("u"), table("v"), script=SCRIPT + more) as made:
        for other in ("u", "v"):
            first, second = (erase(made, name, Everything()).changes[0] for name in ("t", other))
            batch = Batch("r", (first, replace(second, number=2)), max_rows=1)
            engine_case.execute_script(f"INSERT INTO {other} VALUES (2)")
            with pytest.raises(StoreChanged, match=f"rows of {other} changed"):
                made.execute(batch)
            assert engine_case.query("SELECT count(*) FROM t") == [(3,)]
