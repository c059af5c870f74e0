"""The tables of refusals and their views, on the publisher's own engines: made by a person, kept up by Troth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contract.worlds import SHOP, Table, make_sql, quote, shop
from databases import EngineCase
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.refusals import table_name, view_name
from troth.core.errors import StoreRefused
from troth.core.policy.model import Collection, Condition, Field, Identifier, Mode, Store
from troth.core.ports import Refused

TODAY = date(2026, 11, 22)
ODD = 'a "b`c%d'


def _store() -> Store:
    base = shop()
    fields = (Field("email", "email", "EmailAddress", frozenset({"news"})),)
    people = Collection(
        base.name, "people", "customer", identifiers=(Identifier("email", "email"),), fields=fields,
        where=(Condition("name", "not_in", ("it's % not", "O\\K")), Condition("id", "lt", (3,))),
        purposes=frozenset({"news"}),
    )  # fmt: skip
    odd = Collection(base.name, "odd", ODD, key=("Ke'y", "n%"), identifiers=(Identifier("email", "Em`ail"),))
    return replace(base, collections={"people": people, "odd": odd})


TABLES = {
    "customer": SHOP["customer"],
    ODD: Table(
        {"Ke'y": ("text", False), "n%": ("int", False), "Em`ail": ("text", True)}, key=("Ke'y", "n%"),
        rows=({"Ke'y": "a\\'", "n%": 1, "Em`ail": "x"}, {"Ke'y": "A", "n%": 2, "Em`ail": "y"}),
    ),
}  # fmt: skip


@contextmanager
def opened(case: EngineCase) -> Iterator[Any]:
    world = make_sql(case, _store(), TABLES)
    with closing(world.connector) as connector:
        yield connector


def run(case: EngineCase, connector: Any) -> list[str]:
    """An administrator runs what was printed, without the rights of an account that does not exist here."""
    listed = [one.statement for one in connector.refusals().statements({"people": ["news"], "odd": ["news"]})]
    for statement in listed:
        if not statement.startswith("GRANT"):
            case.execute_script(statement)
    return listed


def seen(case: EngineCase, name: str, column: str) -> list[Any]:
    marked = quote(case.kind, column)
    return [row[0] for row in case.query(f"SELECT {marked} FROM {quote(case.kind, name)} ORDER BY {marked}")]


def test_the_tables_and_views_work_as_they_are_printed(engine_case: EngineCase) -> None:
    with opened(engine_case) as connector:
        assert connector.refusals().tables() == frozenset()
        listed = run(engine_case, connector)
        assert sum("GRANT" in one for one in listed) == (0 if engine_case.kind == "sqlite" else 2)
        tables = connector.refusals()
        assert tables.tables() == {"people", "odd"}
        view = view_name("news", "people")
        assert seen(engine_case, view, "id") == [1, 2]  # as the collection's own filter has it
        tables.change("people", [Refused((1,), "news", "objection", TODAY), Refused((2,), "other", "objection", TODAY)])
        assert seen(engine_case, view, "id") == [2]
        tables.change("people", [Refused((2,), "*", "restricted", TODAY)])
        assert seen(engine_case, view, "id") == []
        assert tables.present("people") == {((1,), "news"), ((2,), "other"), ((2,), "*")}
        tables.change("people", [Refused((2,), "*", "restricted", TODAY)], [((2,), "other"), ((1,), "news")])
        assert seen(engine_case, view, "id") == [1]  # it was there already, and is there once
        rows = engine_case.query(f"SELECT id, purpose, ground, since FROM {table_name('people')}")
        assert [tuple(map(str, row)) for row in rows] == [("2", "*", "restricted", "2026-11-22")]
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            engine_case.execute_script(f"INSERT INTO {table_name('people')} SELECT * FROM {table_name('people')}")
        with closing(SqlConnector(replace(_store(), mode=Mode.OBSERVE), engine_case.url)) as observing:
            assert observing.refusals().tables() == {"people", "odd"}
            with pytest.raises(StoreRefused, match="reading only"):
                observing.refusals().change("people", [Refused((1,), "news", "objection", TODAY)])
        assert len(tables.present("people")) == 1


def test_the_view_of_a_purpose_on_consent_does_not_call_itself_allowed(engine_case: EngineCase) -> None:
    with opened(engine_case) as connector:
        made = connector.refusals().statements({"people": ["news"]}, consent={"news"})
        for one in made:
            if not one.statement.startswith("GRANT"):
                engine_case.execute_script(one.statement)
        assert seen(engine_case, "troth_not_refused_news_people", "id") == [1, 2]
        assert not any("troth_may_" in one.statement for one in made)
        assert "whose consent you hold yourself" in made[-1].why


def test_names_and_keys_with_every_kind_of_quote_are_taken_as_they_are(engine_case: EngineCase) -> None:
    with opened(engine_case) as connector:
        run(engine_case, connector)
        tables = connector.refusals()
        assert seen(engine_case, view_name("news", "odd"), "n%") == [1, 2]
        tables.change("odd", [Refused(("a\\'", 1), "news", "withdrawal", TODAY)])
        assert seen(engine_case, view_name("news", "odd"), "n%") == [2]
        assert tables.present("odd") == {(("a\\'", 1), "news")}


def test_long_names_stay_apart_and_short_enough() -> None:
    long = "a" * 58
    names = {view_name(long, one) for one in ("x", "y", long)} | {table_name(long)}
    names.add(view_name(long, "x", consent=True))
    assert len(names) == 5
    assert max(map(len, names)) <= 60
