"""EXPLAIN before the first write: whole reads of large tables become findings, and nothing is executed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, TableClause, bindparam, column, delete, exists, select, table, update

from databases import EngineCase
from inspecting import connected, store
from troth.connectors.sql.explain import explain
from troth.core.ports import Finding

ROWS = 12_000
PERSON = table("person", column("id"), column("email"), column("town"))
VISIT = table("visit", column("id"), column("person_id"))
ANA = "ana@example.org"


@pytest.fixture
def case(engine_case: EngineCase) -> EngineCase:
    """Twelve thousand people (e-mail indexed, town not) and as many visits without an index."""
    numbers = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i AS i FROM n",
        "postgresql": "SELECT i FROM generate_series(1, {}) i",
        "mariadb": "SELECT seq AS i FROM seq_1_to_{}",
    }[engine_case.kind].format(ROWS)
    text = "i || '@example.org'" if engine_case.kind != "mariadb" else "concat(i, '@example.org')"
    engine_case.execute_script(f"""
        CREATE TABLE person (id integer PRIMARY KEY, email varchar(60), town varchar(60));
        CREATE INDEX by_email ON person (email);
        CREATE TABLE visit (id integer PRIMARY KEY, person_id integer);
        CREATE TABLE few (id integer PRIMARY KEY, town varchar(60)); INSERT INTO few VALUES (1, 'x');
        INSERT INTO person SELECT i, {text}, 'Testville' FROM ({numbers}) AS numbers;
        INSERT INTO visit SELECT i, i FROM ({numbers}) AS numbers;
    """)
    engine_case.execute_script("ANALYZE TABLE person, visit" if engine_case.kind == "mariadb" else "ANALYZE")
    return engine_case


def scans(case: EngineCase, *statements: Any) -> list[Finding]:
    with connected(store(), case.url) as connection:
        return [f for s in statements for f in explain(connection, s)]


def tables(findings: list[Finding]) -> list[str]:
    return [f.message.split(" (")[0].split()[-1].rsplit(".", 1)[-1] for f in findings]


def test_a_lookup_by_index_or_key_is_fine(case: EngineCase) -> None:
    assert scans(
        case,
        select(PERSON.c.id).where(PERSON.c.email == ANA),
        update(PERSON).where(PERSON.c.id.in_([1, 2])).values(town=None),
        delete(PERSON).where(PERSON.c.email == bindparam("e", ANA)),
    ) == []  # fmt: skip


def test_a_lookup_without_an_index_is_told_for_reading_and_writing(case: EngineCase) -> None:
    in_town = PERSON.c.town == "Testville 7"
    found = scans(
        case,
        select(PERSON.c.id).where(in_town),
        delete(PERSON).where(in_town),
        update(PERSON).where(in_town).values(town=""),
    )
    assert tables(found) == ["person"] * 3
    assert {(f.code, f.severity) for f in found} == {("full_scan", "warn")}
    assert all("12000" in f.message or "about 1" in f.message for f in found)


def test_small_tables_may_be_read_as_a_whole(case: EngineCase) -> None:
    few = table("few", column("town"))
    assert scans(case, select(few.c.town).where(few.c.town == "x")) == []


def test_the_table_is_named_behind_aliases_and_in_subqueries(case: EngineCase) -> None:
    person, visit = PERSON.alias(), VISIT.alias("v")
    statement = select(person.c.id).where(
        person.c.email == ANA, exists().where(visit.c.person_id == person.c.id).correlate(person)
    )
    assert tables(scans(case, statement)) == ["visit"]


def test_the_words_of_a_finding_hold_no_value(case: EngineCase) -> None:
    secret = "ana.verdier@example.org"
    found = scans(case, select(PERSON.c.id).where(PERSON.c.town == secret))
    assert found
    assert not any(secret in f.message + f.remedy for f in found)


def test_nothing_is_executed(case: EngineCase) -> None:
    scans(case, delete(PERSON), update(VISIT).values(person_id=None))
    assert case.query("SELECT count(*) FROM person") == [(ROWS,)]
    assert case.query("SELECT count(*) FROM visit WHERE person_id IS NULL") == [(0,)]


def test_the_threshold_can_be_lowered(case: EngineCase) -> None:
    few: TableClause = table("few", column("town"))
    with connected(store(), case.url) as connection:
        assert tables(_explained(connection, select(few.c.town).where(few.c.town == "x"))) == ["few"]


def _explained(connection: Connection, statement: Any) -> list[Finding]:
    return explain(connection, statement, threshold=1)


def test_names_with_schema_and_quotes_are_told_as_the_facts_do(engine_case: EngineCase) -> None:
    if engine_case.kind != "postgresql":
        pytest.skip("schemas of their own only on PostgreSQL")
    engine_case.execute_script('CREATE SCHEMA "my.shop"; CREATE TABLE "my.shop"."Odd" (a int); ANALYZE')
    odd = table("Odd", column("a"), schema="my.shop")
    with connected(store(), engine_case.url) as connection:
        [found] = explain(connection, select(odd.c.a).where(odd.c.a == 1), threshold=0)
    assert '"my.shop".Odd' in found.message
    assert "a" in found.remedy
