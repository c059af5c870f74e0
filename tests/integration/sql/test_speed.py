"""What keeps statements fast, told by the statements themselves: nothing here looks at a clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from databases import EngineCase
from integration.sql.making import connector, erase, heard, only, table
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.narrow import narrowed
from troth.core.policy.model import Condition
from troth.core.ports import Want
from troth.core.query import And, Everything, Expr, Given, Hop, KeyIn, KeySpan, Not, Or, Related, Where

SCRIPT = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(40));
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), held INTEGER);
CREATE TABLE line (id INTEGER PRIMARY KEY, purchase_id INTEGER REFERENCES purchase (id), word VARCHAR(40));
CREATE TABLE tag (code VARCHAR(20) PRIMARY KEY, word VARCHAR(40));
INSERT INTO customer VALUES (1, 'Alice'), (2, 'Bob'), (3, 'Charlie');
INSERT INTO purchase VALUES (10, 1, 1), (11, 1, 0), (20, 2, 0);
INSERT INTO line VALUES (100, 10, 'a'), (101, 11, 'b'), (200, 20, 'c');
INSERT INTO tag VALUES ('x', 'one'), ('y', 'two');
"""
TABLES = (table("customer", "name"), table("purchase"), table("line", "word"), table("tag", "word"))
DOWN = Hop("customer", "purchase", (("id", "customer_id"),), to_children=True)
LINES = Hop("purchase", "line", (("id", "purchase_id"),), to_children=True)
UP = Hop("line", "purchase", (("purchase_id", "id"),))
OWNER = Hop("purchase", "customer", (("customer_id", "id"),))
HELD = Where(Condition("held", "in", (1,)))


@pytest.fixture
def shop(engine_case: EngineCase) -> Iterator[SqlConnector]:
    with connector(engine_case, *TABLES, script=SCRIPT) as made:
        yield made


def person(number: int) -> Expr:
    return KeyIn(("id",), ((number,),))


def narrow(shop: SqlConnector, collection: str, expr: Expr) -> Expr:
    places = shop._compile().places
    return narrowed(places, places[collection], expr)


def found(shop: SqlConnector, collection: str, expr: Expr) -> list[object]:
    return [key for (key,) in shop.keys(collection, expr)]


# --- bounds -----------------------------------------------------------------------------------------------


@only("sqlite")
def test_a_question_about_one_person_looks_at_nobody_elses_rows(shop: SqlConnector) -> None:
    expr = And((person(1), Not(Related((DOWN,), HELD))))
    told = narrow(shop, "customer", expr)
    assert told == And((person(1), Not(Related((DOWN,), And((KeyIn(("customer_id",), ((1,),)), HELD))))))


@only("sqlite")
def test_a_span_of_the_key_bounds_the_rows_below(shop: SqlConnector) -> None:
    span = KeySpan("id", 1, 3)
    told = narrow(shop, "customer", And((span, Not(Related((DOWN,), HELD)))))
    assert told == And((span, Not(Related((DOWN,), And((KeySpan("customer_id", 1, 3), HELD))))))


@only("sqlite")
def test_the_same_step_to_the_one_parent_is_bounded_by_what_is_known_of_it(shop: SqlConnector) -> None:
    mine = Related((UP, OWNER), person(1))
    told = narrow(shop, "line", And((mine, Not(Related((UP,), HELD)))))
    assert told == And((mine, Not(Related((UP,), And((Related((OWNER,), person(1)), HELD))))))


@only("sqlite")
def test_nothing_is_added_where_nothing_is_known(shop: SqlConnector) -> None:
    expr = And((Where(Condition("name", "not_null")), Not(Related((DOWN,), HELD))))
    assert narrow(shop, "customer", expr) == expr


BOUNDED = [
    ("customer", And((person(1), Related((DOWN,), HELD))), [1]),
    ("customer", And((person(2), Not(Related((DOWN,), HELD)))), [2]),
    ("customer", And((KeySpan("id", 1, 4), Not(Related((DOWN,), HELD)))), [2, 3]),
    ("customer", And((person(1), Related((DOWN, LINES), Where(Condition("word", "in", ("b",)))))), [1]),
    ("customer", And((person(2), Related((DOWN, LINES), Where(Condition("word", "in", ("b",)))))), []),
    ("line", And((Related((UP, OWNER), person(1)), Not(Related((UP,), HELD)))), [101]),
    ("line", And((Related((UP, OWNER), KeySpan("id", 1, 3)), Not(Related((UP,), HELD)))), [101, 200]),
]


@pytest.mark.parametrize(("collection", "expr", "rows"), BOUNDED)
def test_a_bounded_condition_means_the_same_rows(
    shop: SqlConnector, collection: str, expr: Expr, rows: list[int]
) -> None:
    assert found(shop, collection, expr) == rows


def test_an_erasure_under_bounds_takes_the_planned_rows(shop: SqlConnector) -> None:
    batch = erase(shop, "line", And((Related((UP, OWNER), person(1)), Not(Related((UP,), HELD)))))
    assert shop.execute(batch).rows == {1: 1}
    assert found(shop, "line", Everything()) == [100, 200]


# --- statements used again --------------------------------------------------------------------------------


def test_the_same_question_about_another_person_is_the_same_statement(shop: SqlConnector) -> None:
    known = shop._compile().statements
    assert found(shop, "purchase", Related((OWNER,), person(1))) == [10, 11]
    before = known.count
    assert found(shop, "purchase", Related((OWNER,), person(2))) == [20]
    assert found(shop, "purchase", Related((OWNER,), person(9))) == []
    assert known.count == before > 0


def test_other_constants_make_another_statement(shop: SqlConnector) -> None:
    for value, rows in ((1, [10]), (0, [11])):
        own = And((Related((OWNER,), person(1)), Where(Condition("held", "in", (value,)))))
        assert found(shop, "purchase", own) == rows


def test_keys_that_are_no_numbers_are_found_one_after_the_other(shop: SqlConnector) -> None:
    for code in ("x", "y"):
        assert found(shop, "tag", KeyIn(("code",), ((code,),))) == [code]


def test_a_number_against_a_text_column_is_found_as_text(shop: SqlConnector) -> None:
    assert found(shop, "tag", KeyIn(("word",), ((1,),))) == []


@only("sqlite")
def test_statements_are_not_remembered_without_end(shop: SqlConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.connectors.sql.prepared.MOST", 3)
    for number in range(10):
        found(shop, "purchase", Where(Condition("held", "in", (number,))))
    assert shop._compile().statements.count <= 3


@only("sqlite")
def test_a_condition_of_the_policy_is_composed_once_and_one_with_somebodys_key_each_time(shop: SqlConnector) -> None:
    compiler = shop._compile()
    place = compiler.places["line"]
    held, named = Related((UP,), HELD), Given(Condition("name", "in", ("Alice",)))
    assert compiler.test(place, held) is compiler.test(place, held)
    before = list(compiler._composed)
    for somebodys in (person(1), KeySpan("id", 1, 3), named, Not(Or((person(1), person(2))))):
        asked = Related((UP, OWNER), somebodys)
        assert compiler.test(place, asked) is not compiler.test(place, asked)
    assert [expr for _, expr in before] == [HELD, held]
    assert list(compiler._composed) == before


@only("sqlite")
def test_composed_conditions_are_not_kept_without_end(shop: SqlConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.connectors.sql.compile.MOST", 3)
    for number in range(10):
        found(shop, "purchase", Where(Condition("held", "in", (number,))))
    assert 0 < len(shop._compile()._composed) <= 3


def test_a_question_asked_twice_is_answered_once(shop: SqlConnector) -> None:
    wants = [Want("purchase", HELD), Want("line", Everything()), Want("purchase", HELD)]
    shop.count(wants[:1])
    with heard(shop) as told:
        assert [c.rows for c in shop.count(wants)] == [1, 3, 1]
    assert sum("purchase" in statement for statement in told) == 1


# --- spans ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", ["customer", "tag"])
def test_a_walk_in_single_steps_ends_and_sees_every_row_once(shop: SqlConnector, collection: str) -> None:
    seen: list[object] = []
    after = None
    for _ in range(20):
        span = next(iter(shop.spans(collection, Everything(), 1, after)), None)
        if span is None:
            break
        seen += found(shop, collection, span.where)
        after = span.resume
    assert span is None
    assert seen == found(shop, collection, Everything())


def test_a_walk_goes_on_where_everything_before_is_gone(shop: SqlConnector) -> None:
    first = next(iter(shop.spans("line", Everything(), 1)))
    shop.execute(replace(erase(shop, "line", first.where), name="sweep"))
    rest = list(shop.spans("line", Everything(), 1, first.resume))
    assert [row for s in rest for row in found(shop, "line", s.where)] == [101, 200]
