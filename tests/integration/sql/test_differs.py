"""Which rows a correction inside a structured value concerns: the same on every engine, whoever has to parse."""

from __future__ import annotations

import pytest

from databases import EngineCase
from integration.sql.making import a_field, connector, table
from troth.core.policy.model import Within
from troth.core.query import And, Differs, KeyIn

ROWS = {
    1: '{"city": "Lion"}',
    2: '{"city": "lion"}',
    3: '{"city": null}',
    4: '{"town": "Lion"}',
    5: "{}",
    6: None,
    7: '{"city": 5}',
    8: '{"city": "5"}',
    9: '{"city": "Li\\u006fn"}',
    10: '{"city": ""}',
}
NATIVE = {"sqlite": "TEXT", "postgresql": "jsonb", "mariadb": "JSON"}


def script(kind: str, declared: str) -> str:
    def told(text: str | None) -> str:
        if text is None:
            return "NULL"
        return "'" + (text.replace("\\", "\\\\") if kind == "mariadb" else text) + "'"

    rows = ", ".join(f"({n}, {told(text)})" for n, text in ROWS.items())
    return f"CREATE TABLE t (id INTEGER PRIMARY KEY, doc {declared}); INSERT INTO t VALUES {rows};"


@pytest.mark.parametrize("how", ["by the engine", "in Python"])
def test_the_rows_to_be_corrected_are_those_where_something_else_stands(engine_case: EngineCase, how: str) -> None:
    native = how == "by the engine"
    declared = NATIVE[engine_case.kind] if native else "TEXT"
    path = ("city",)
    field = a_field("city", column="doc", within=Within("json", path))
    with connector(engine_case, table("t", fields=(field,)), script=script(engine_case.kind, declared)) as made:
        assert [k for (k,) in made.keys("t", Differs("city", "Lion"))] == [2, 7, 8, 10]
        assert [k for (k,) in made.keys("t", Differs("city", "5"))] == [1, 2, 9, 10]
        mine = And((KeyIn(("id",), ((3,), (4,), (6,), (7,))), Differs("city", "Lion")))
        assert [k for (k,) in made.keys("t", mine)] == [7]


@pytest.mark.parametrize("engine_case", ["sqlite", "mariadb"], indirect=True)
def test_what_is_no_json_may_hold_anything(engine_case: EngineCase) -> None:
    field = a_field("city", column="doc", within=Within("json", ("city",)))
    extra = "INSERT INTO t VALUES (20, 'rubbish'), (21, '');"
    with connector(engine_case, table("t", fields=(field,)), script=script(engine_case.kind, "TEXT") + extra) as made:
        assert [k for (k,) in made.keys("t", Differs("city", "Lion"))] == [2, 7, 8, 10, 20]
