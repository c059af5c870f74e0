"""Pitfalls J: the residue search finds every spelling in every text column, within its budget."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from databases import EngineCase
from integration.sql.making import connector, only, table
from troth.connectors.sql.search import ResumableReport, Search, spellings
from troth.connectors.sql.tables import Places
from troth.core.ports import Budget, Needle, Residue

ANA = Needle("email", "Ana.Zoé@Example.org")


def insert(rows: list[tuple[object, ...]], name: str = "t") -> str:
    return "".join(f"INSERT INTO {name} VALUES ({', '.join(_literal(v) for v in row)});\n" for row in rows)


def _literal(value: object) -> str:
    return (
        "NULL" if value is None else str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
    )


def test_j_every_spelling_is_found_in_every_column_of_one_scan(engine_case: EngineCase) -> None:
    escaped = json.dumps({"m": "ana.zoé@example.org"})
    texts = ["Ana.Zoé@Example.org", "to: ana.zoé@example.org, ben", "/u?m=ana.zo%C3%A9%40example.org",
             "ana.zoé&#64;example.org", "ana.zoé%40example.org", "ana.zoe@example.org",
             "erased-x@erased.invalid", None]  # fmt: skip
    rows: list[tuple[object, ...]] = [(i, text, None) for i, text in enumerate(texts)]
    rows += [(50, None, escaped.replace("\\", "\\\\") if engine_case.kind == "mariadb" else escaped)]
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(200), b TEXT);" + insert(rows)
    with connector(engine_case, table("t"), script=script) as made:
        report = made.search([ANA], Budget())
    assert report.found == (Residue("t", "a", "email", 5), Residue("t", "b", "email", 1))
    assert (report.searched_rows, report.finished) == (9, True)


def test_j_a_percent_sign_or_underscore_is_only_a_character(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(200));"
    script += insert([(1, "an_a%@example.org"), (2, "anna12@example.org")])
    with connector(engine_case, table("t"), script=script) as made:
        assert made.search([Needle("email", "an_a%@example.org")], Budget()).found == (Residue("t", "a", "email", 1),)
        assert made.search([Needle("email", "ann%12@example.org")], Budget()).found == ()


def test_j_accents_and_endings_are_not_forgotten(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(200));" + insert([(1, "ÁNA@example.org")])
    with connector(engine_case, table("t"), script=script) as made:
        assert made.search([Needle("email", "ana@example.org")], Budget()).found == ()


@only("sqlite")
def test_j_a_text_is_searched_behind_its_nul(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b);"
    script += "INSERT INTO t VALUES (1, 'x' || char(0) || 'ana@example.org', 'ana@example.org');"
    with connector(engine_case, table("t"), script=script) as made:
        found = made.search([Needle("email", "ana@example.org")], Budget()).found
    assert found == (Residue("t", "a", "email", 1), Residue("t", "b", "email", 1))


@only("mariadb")
def test_j_columns_of_other_character_sets_are_searched(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(99) CHARACTER SET latin1, b JSON);"
    script += insert([(1, "zoé@example.org", '{"m": "zoé@example.org"}')])
    with connector(engine_case, table("t"), script=script) as made:
        found = made.search([Needle("email", "zoé@example.org")], Budget()).found
    assert {(r.column, r.rows) for r in found} == {("a", 1), ("b", 1)}


@only("postgresql")
def test_j_json_and_arrays_are_searched(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, a jsonb, b json, c text[], d bytea);
    INSERT INTO t VALUES (1, '{"m": "ana@example.org"}', '["ana@example.org"]', '{ana@example.org}',
        'ana@example.org');"""
    with connector(engine_case, table("t"), script=script) as made:
        report = made.search([Needle("email", "ana@example.org")], Budget())
    assert {(r.column, r.rows) for r in report.found} == {("a", 1), ("b", 1), ("c", 1)}
    assert [place for place, _ in report.not_searched] == ["public.t.d"]


def test_j_what_is_not_searched_is_listed(engine_case: EngineCase) -> None:
    binary = "BYTEA" if engine_case.kind == "postgresql" else "BLOB"
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(9), packed {binary});"
    needles = [Needle("customer_id", "42"), Needle("email", "erased-0123456789abcdef01234567@erased.invalid"),
               Needle("odd", "a\x00bcdefgh"), Needle("name", "Zoé Martin")]  # fmt: skip
    with connector(engine_case, table("t"), script=script) as made:
        skipped = dict(made.search(needles, Budget()).not_searched)
    assert {"needle customer_id", "needle email", "needle odd"} < set(skipped)
    assert "needle name" not in skipped
    assert [place.rpartition(".")[2] for place in skipped if "packed" in place] == ["packed"]


def test_j_rows_outside_a_filter_are_searched_and_a_table_only_once(engine_case: EngineCase) -> None:
    from troth.core.policy.model import Condition

    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(99));"
    script += insert([(1, "ana@example.org"), (2, "ana@example.org")])
    few = table("few", table="t", where=(Condition("id", "in", (1,)),))
    with connector(engine_case, few, table("t"), script=script) as made:
        report = made.search([Needle("email", "ana@example.org")], Budget())
    assert (report.found, report.searched_rows) == ((Residue("few", "a", "email", 2),), 2)


def test_j_a_search_stops_at_its_budget_and_goes_on_where_it_stopped(engine_case: EngineCase) -> None:
    script = ""
    for name in ("t", "u"):
        script += f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, a VARCHAR(99));"
        script += insert([(i, f"n{i} ana@example.org" if i % 10 == 0 else "nothing") for i in range(100)], name)
    naps: list[float] = []
    with connector(engine_case, table("t"), table("u"), script=script) as made:
        places = Places(made.store, made.inspect())
        resume, reports = "", []
        while not reports or not reports[-1].finished:
            with made._engine.connect() as connection:
                # Every look at the clock is a second later: two ranges for each search.
                clock = ticking().__next__
                needles, budget = [Needle("email", "ana@example.org")], Budget(2, range_rows=30, pause=0.5)
                reports.append(Search(places, connection, needles, budget, clock, naps.append).run(resume))
                resume = reports[-1].resume
    assert all(isinstance(r, ResumableReport) for r in reports)
    assert len(reports) > 2
    assert sum(r.searched_rows for r in reports) == 200
    assert sum(residue.rows for r in reports for residue in r.found) == 20
    assert set(naps) == {0.5}


def ticking() -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += 1.0


def test_a_report_tells_places_and_kinds_and_never_the_value(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(99));" + insert([(1, "ana@example.org")])
    with connector(engine_case, table("t"), script=script) as made:
        assert "ana@" not in repr(made.search([Needle("email", "ana@example.org")], Budget()))


@pytest.mark.parametrize("value", ["Ana@Example.org", "zoé@example.org", 'a"b/c@example.org'])
def test_a_value_is_among_its_own_spellings(value: str) -> None:
    found = spellings(value)
    assert {value, value.lower(), value.lower().replace("@", "%40"), value.lower().replace("@", "&#64;")} <= set(found)
    assert json.dumps(value)[1:-1] in found
    assert len(found) == len(set(found))
