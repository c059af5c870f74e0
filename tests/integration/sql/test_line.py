"""Lines to a store: statements sent together, transactions, and connections that are gone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy

from databases import EngineCase
from integration.sql.making import connector, erase, heard, only, store, table, update
from troth.connectors.sql import line as lines
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.line import Line, Lines
from troth.core.errors import StoreRefused
from troth.core.policy.model import Mode
from troth.core.ports import Assignment, Batch, Want
from troth.core.query import And, Everything, Identified, KeyIn, NotClear

SCRIPT = """
CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60) UNIQUE, name VARCHAR(60));
INSERT INTO t VALUES (1, 'ana@example.org', 'Ana'), (2, 'ben@example.org', 'Ben');
"""
ANA = "ana@example.org"


@pytest.fixture
def made(engine_case: EngineCase) -> Iterator[SqlConnector]:
    with connector(engine_case, table("t", "name", email="email"), script=SCRIPT) as connected:
        yield connected


def one(number: int) -> KeyIn:
    return KeyIn(("id",), ((number,),))


def set_email(line: Line, value: str, number: int) -> None:
    where = sqlalchemy.column("id") == number
    line.execute(sqlalchemy.update(sqlalchemy.table("t", sqlalchemy.column("email"))).where(where).values(email=value))


def write_all(line: Line, *emails: str) -> None:
    with line.together():
        line.begin()
        for email in emails:
            set_email(line, email, 2)


def write_and_refuse(line: Line) -> None:
    """Our own error while the server's, about a value that is there already, has not been read yet."""
    with line.together():
        line.begin()
        if line.queues:
            set_email(line, ANA, 2)
        raise StoreRefused("no")


def test_a_person_is_found_by_one_statement(made: SqlConnector) -> None:
    list(made.read("t", Identified("email", "email", ANA), ["id"]))
    with heard(made) as told:
        rows = list(made.read("t", Identified("email", "email", "ben@example.org"), ["id", "email"]))
    assert rows == [{"id": 2, "email": "ben@example.org"}]
    assert len(told) == 1


def test_more_holders_of_an_identifier_than_a_page_are_all_read_in_order(engine_case: EngineCase) -> None:
    people = ", ".join(f"({i}, 'ana@example.org')" for i in range(2_500, 0, -1))
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60)); INSERT INTO t VALUES {people};"
    with connector(engine_case, table("t", email="email"), script=script) as made:
        for where in (Identified("email", "email", ANA), Everything()):
            assert [row["id"] for row in made.read("t", where, ["id"])] == list(range(1, 2_501))


def test_the_first_error_of_several_statements_undoes_all_of_them_and_nothing_is_logged(
    made: SqlConnector, engine_case: EngineCase, caplog: pytest.LogCaptureFixture
) -> None:
    made.count([Want("t", Everything())])
    with caplog.at_level(logging.DEBUG), made._lines.line() as line:
        with pytest.raises(line._errors):
            write_all(line, "new@example.org", ANA, "other@example.org")
        line.rollback()
    assert engine_case.query("SELECT email FROM t ORDER BY id") == [(ANA,), ("ben@example.org",)]
    assert "example.org" not in caplog.text
    assert made.count([Want("t", Everything())])[0].rows == 2


def test_an_error_of_our_own_among_statements_sent_together_leaves_no_second_one_in_the_log(
    made: SqlConnector, engine_case: EngineCase, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(StoreRefused), made._lines.line() as line:
        write_and_refuse(line)
    assert "example.org" not in caplog.text
    assert engine_case.query("SELECT email FROM t WHERE id = 2") == [("ben@example.org",)]
    assert made.execute(erase(made, "t", one(2))).rows == {1: 1}


def test_several_questions_are_answered_by_few_statements(made: SqlConnector) -> None:
    wants = [Want("t", one(1), digest=True), Want("t", Everything(), digest=True), Want("t", one(2))]
    expected = made.count(wants)
    with heard(made) as told:
        assert made.count(wants) == expected
    assert [count.rows for count in expected] == [1, 2, 1]
    assert len(told) == {"mysql": 1}.get(made._engine.dialect.name, 5)


def test_what_is_erased_twice_in_one_way_is_written_by_the_same_statements(made: SqlConnector) -> None:
    texts = []
    for number in (1, 2):
        batch = update(made, "t", And((one(number), NotClear(("name",)))), Assignment("name", "null"))
        with heard(made) as told:
            assert made.execute(batch).rows == {1: 1}
        texts.append(told)
    assert texts[0] == texts[1]


def test_a_corrected_value_is_not_remembered_with_the_statement(made: SqlConnector) -> None:
    batch = update(made, "t", one(1), Assignment("name", "value", "Secretname"))
    # The condition of an update must not hold any more afterwards; here it is only looked at what is kept.
    with pytest.raises(StoreRefused):
        made.execute(batch)
    kept = [vars_of(prepared) for prepared in made._compile().statements._known.values()]
    assert kept
    assert "Secretname" not in repr(kept)


def vars_of(prepared: object) -> list[object]:
    return [getattr(prepared, name, None) for name in ("_text", "_named", "_ordered")]


def test_an_identifier_is_not_remembered_with_the_statement(made: SqlConnector) -> None:
    list(made.read("t", Identified("email", "email", ANA), ["id"]))
    kept = [vars_of(prepared) for prepared in made._compile().statements._known.values()]
    assert kept
    assert "ana" not in repr([kept, *made._compile().statements._known]).lower()


def test_an_observed_store_is_not_written_to(engine_case: EngineCase) -> None:
    engine_case.execute_script(SCRIPT)
    made = SqlConnector(store(table("t", "name")), engine_case.url)
    batch = erase(made, "t", one(1))
    made.close()
    observed = SqlConnector(replace(store(table("t", "name")), mode=Mode.OBSERVE), engine_case.url)
    with pytest.raises(StoreRefused, match="for reading only"):
        observed.execute(batch)
    observed.close()
    assert len(engine_case.query("SELECT id FROM t")) == 2


@only("postgresql", "mariadb")
def test_a_line_that_the_server_ended_while_it_rested_is_replaced(
    engine_case: EngineCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connector(engine_case, table("t", "name"), script=SCRIPT) as made:
        made.count([Want("t", Everything())])
        [resting] = made._lines._idle
        if engine_case.kind == "postgresql":
            engine_case.execute_script(f"SELECT pg_terminate_backend({resting.raw.info.backend_pid}, 5000)")
        else:
            engine_case.execute_script(f"KILL {resting.raw.thread_id()}")
        monkeypatch.setattr(lines, "REST_SECONDS", 0.0)
        assert made.count([Want("t", Everything())])[0].rows == 2
        assert made._lines._idle != [resting]


def test_a_line_is_given_back_and_used_again(made: SqlConnector) -> None:
    made.count([Want("t", Everything())])
    first = list(made._lines._idle)
    made.execute(Batch("r", erase(made, "t", one(1)).changes))
    list(made.read("t", NotClear(("name",)), ["id"]))
    assert made._lines._idle == first
    assert isinstance(made._lines, Lines)
