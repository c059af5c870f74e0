"""What a source tells of a schema that nobody has described."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from databases import EngineCase, sqlite_case
from inspecting import database_on
from servers import MariaDBServer, PostgresServer
from sourcing import SCHEMAS, codes, looking, people, tables_of
from troth.connectors.sql.source import SqlSource
from troth.core.discover.model import Catalogue, Table


@pytest.fixture
def rich(engine_case: EngineCase) -> EngineCase:
    """The schema with everything in it."""
    engine_case.execute_script(SCHEMAS[engine_case.kind])
    return engine_case


def catalogue_of(case: EngineCase) -> Catalogue:
    with looking(case.url) as source:
        return source.catalogue()


def the(case: EngineCase, table: str) -> Table:
    found = catalogue_of(case).table(table)
    assert found is not None
    return found


def links(table: Table) -> set[tuple[tuple[str, ...], str, tuple[str, ...], bool]]:
    return {(k.columns, k.target, k.target_columns, k.nullable) for k in table.foreign_keys}


def test_every_table_and_view_is_seen_and_nothing_of_the_system(rich: EngineCase) -> None:
    expected = {"customer", "order", "line", "hen", "egg", "grown", "broken"}
    expected |= {
        "sqlite": {"keyed", "found"},
        "postgresql": {"visit", "Back Office.customer", "sleepy", "kept"},
        "mariadb": {"visit", "sleepy"},
    }[rich.kind]
    assert {t.qualified for t in catalogue_of(rich).tables} == expected


def test_kinds_of_tables_are_told_apart(rich: EngineCase) -> None:
    kinds = {t.qualified: t.kind for t in catalogue_of(rich).tables}
    assert (kinds["customer"], kinds["grown"], kinds["broken"]) == ("table", "view", "view")
    if rich.kind == "sqlite":
        assert kinds["found"] == "virtual"
    else:
        assert kinds["visit"] == "partitioned"
    if rich.kind == "postgresql":
        assert kinds["kept"] == "materialised view"


def test_columns_have_their_family_length_and_nullability(rich: EngineCase) -> None:
    table = the(rich, "customer")
    email, name, made = (table.column(c) for c in ("email", "Full Name", "made"))
    assert email is not None
    assert name is not None
    assert made is not None
    assert (email.family, email.nullable) == ("text", False)
    assert (name.family, name.nullable) == ("text", True)
    assert made.family == "datetime"
    assert email.length == (None if rich.kind == "sqlite" else 60)
    assert [c.name for c in table.columns][:4] == ["id", "email", "Full Name", "kind"]


def test_generated_columns_enums_and_comments_are_told(rich: EngineCase) -> None:
    table = the(rich, "customer")
    columns = {c.name: c for c in table.columns}
    assert [c.name for c in table.columns if c.generated] == ["doubled"]
    if rich.kind != "sqlite":
        assert columns["mood"].family == "enum"
        assert columns["mood"].enum == ("sad", "it's fine")
        assert (table.comment, columns["email"].comment) == ("who buys", "where to write")


def test_unusual_types_have_a_family(rich: EngineCase) -> None:
    families = {c.name: c.family for c in the(rich, "customer").columns}
    if rich.kind == "postgresql":
        assert families | {
            "tags": "array", "home": "other", "firm": "text", "data": "json", "uid": "uuid", "born": "date",
            "paid": "number", "wake": "time", "picture": "binary",
        } == families  # fmt: skip
    elif rich.kind == "mariadb":
        assert families | {"data": "json", "born": "date", "picture": "binary", "spot": "other"} == families
    else:
        assert families["picture"] == "binary"


def test_a_domain_over_a_domain_has_the_length_of_the_type_beneath(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server, SCHEMAS["postgresql"]) as case:
        firm = the(case, "customer").column("firm")
    assert firm is not None
    assert (firm.family, firm.length, firm.declared) == ("text", 20, "firm")


def test_keys_uniques_indexes_and_triggers_are_told(rich: EngineCase) -> None:
    order, customer = the(rich, "order"), the(rich, "customer")
    assert order.key == ("group", "nr")
    assert customer.key == ("id",)
    assert order.triggers == 1
    assert customer.triggers == 0
    assert ("email",) in {u.columns for u in customer.uniques if not u.opaque}
    assert {("group", "nr"), ("cust", "at")} <= set(order.indexes)
    if rich.kind != "mariadb":
        # Up to the expression, and none that covers some rows only.
        assert ("at",) in order.indexes
        assert ("total",) not in order.indexes


def test_foreign_keys_are_told_with_cycles_and_self_references(rich: EngineCase) -> None:
    tables = {t.qualified: t for t in catalogue_of(rich).tables}
    assert links(tables["customer"]) == {(("sponsor",), "customer", ("id",), True)}
    assert links(tables["order"]) == {(("cust",), "customer", ("id",), False)}
    assert links(tables["hen"]) == {(("egg",), "egg", ("id",), True)}
    assert links(tables["egg"]) == {(("hen",), "hen", ("id",), True)}
    [composite] = tables["line"].foreign_keys
    assert dict(zip(composite.columns, composite.target_columns, strict=True)) == {"group": "group", "nr": "nr"}
    if rich.kind == "postgresql":
        assert links(tables["Back Office.customer"]) == {(("main",), "customer", ("id",), True)}
        assert links(tables["visit"]) == {(("cust",), "customer", ("id",), True)}


def test_a_view_that_cannot_tell_its_columns_is_a_trouble_and_the_rest_is_seen(rich: EngineCase) -> None:
    found = catalogue_of(rich)
    grown = found.table("grown")
    assert grown is not None
    assert [c.name for c in grown.columns] == ["id", "email"]
    # PostgreSQL does not let a view outlive its table.
    assert codes(found.troubles) == (set() if rich.kind == "postgresql" else {"view_fails"})


def test_numbers_of_rows_are_estimated(rich: EngineCase) -> None:
    people(rich, 3000)
    if rich.kind != "sqlite":
        rich.execute_script("ANALYZE customer" if rich.kind == "postgresql" else "ANALYZE TABLE customer")
    table = the(rich, "customer")
    assert table.rows is not None
    assert 2000 <= table.rows <= 4000
    assert not table.rows_exact


def test_an_empty_database_has_no_tables_and_no_troubles(engine_case: EngineCase) -> None:
    found = catalogue_of(engine_case)
    assert (found.tables, found.troubles) == ((), ())
    assert found.engine == {"mariadb": "mysql"}.get(engine_case.kind, engine_case.kind)


def test_partitions_are_counted_under_their_parent(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server, SCHEMAS["postgresql"]) as case:
        case.execute_script(
            "INSERT INTO visit SELECT date '2024-01-01' + i, NULL, 'x' FROM generate_series(0, 599) n(i); ANALYZE visit"
        )
        table = the(case, "visit")
    assert (table.rows, table.kind) == (600, "partitioned")


def test_tables_that_keep_the_words_of_a_search_index_are_left_out(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    case.execute_script("CREATE VIRTUAL TABLE found USING fts5(body); CREATE TABLE found_more (id int)")
    assert {t.name for t in catalogue_of(case).tables} == {"found", "found_more"}


def test_a_virtual_table_whose_module_is_missing_is_a_trouble(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    with closing(sqlite3.connect(case.database)) as connection:
        connection.executescript("""
            CREATE TABLE plain (id int); PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema VALUES ('table', 'odd', 'odd', 0, 'CREATE VIRTUAL TABLE odd USING nomodule(x)');
        """)
    found = catalogue_of(case)
    assert codes(found.troubles) == {"view_fails"}
    plain = found.table("plain")
    assert plain is not None
    assert len(plain.columns) == 1


# --- rights -------------------------------------------------------------------------------------------------


@contextmanager
def account(case: EngineCase, *grants: str) -> Iterator[str]:
    """The url of an account with these rights; ``{who}`` and ``{db}`` are put in."""
    assert case.server is not None
    name = f"reader_{secrets.token_hex(4)}"
    if case.kind == "postgresql":
        case.execute_script(f"CREATE ROLE {name} LOGIN PASSWORD 'x'; REVOKE ALL ON SCHEMA public FROM PUBLIC")
        case.execute_script(f"GRANT USAGE ON SCHEMA public TO {name}")
    else:
        case.execute_script(f"CREATE USER {name}@'%' IDENTIFIED BY 'x'")
    for grant in grants:
        case.execute_script(grant.format(who=name, db=case.database))
    try:
        yield case.server.url(case.database, name, "x")
    finally:
        drop = f"DROP OWNED BY {name}; DROP ROLE {name}" if case.kind == "postgresql" else f"DROP USER {name}@'%'"
        case.execute_script(drop)


def test_an_account_that_may_only_select_sees_the_whole_schema_on_postgresql(postgres_server: PostgresServer) -> None:
    with (
        database_on(postgres_server, SCHEMAS["postgresql"]) as case,
        account(case, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {who}") as url,
    ):
        complete = {t.qualified: t for t in catalogue_of(case).tables if t.schema is None}
        with looking(url) as source:
            seen = source.catalogue()
    assert {t.qualified: t for t in seen.tables if t.schema is None} == complete
    assert [(t.code, t.table) for t in seen.troubles] == [("no_right", "Back Office.customer")]


def test_an_account_that_may_only_select_sees_keys_and_links_on_mariadb(mariadb_server: MariaDBServer) -> None:
    with (
        database_on(mariadb_server, SCHEMAS["mariadb"]) as case,
        account(case, "GRANT SELECT ON {db}.* TO {who}") as url,
        looking(url) as source,
    ):
        tables = tables_of(source)
        assert links(tables["order"]) == {(("cust",), "customer", ("id",), False)}
        assert tables["order"].key == ("group", "nr")
        assert source.profiles(tables["customer"])[1] == []


def test_a_table_without_the_right_is_named_and_not_read(postgres_server: PostgresServer) -> None:
    with (
        database_on(postgres_server, SCHEMAS["postgresql"]) as case,
        account(case, "GRANT SELECT ON customer TO {who}") as url,
        looking(url) as source,
    ):
        found = source.catalogue()
        assert ("no_right", "order") in {(t.code, t.table) for t in found.troubles}
        order = found.table("order")
        assert order is not None
        assert not order.readable
        assert codes(source.profiles(order)[1]) == {"no_right"}
        assert codes(source.rows(order)[2]) == {"no_right"}


def test_a_table_without_the_right_is_not_there_on_mariadb(mariadb_server: MariaDBServer) -> None:
    with (
        database_on(mariadb_server, SCHEMAS["mariadb"]) as case,
        account(case, "GRANT SELECT ON {db}.hen TO {who}", "GRANT INSERT ON {db}.egg TO {who}") as url,
        looking(url) as source,
    ):
        found = source.catalogue()
    assert {t.name: t.readable for t in found.tables} == {"hen": True, "egg": False}
    assert [(t.code, t.table) for t in found.troubles] == [("no_right", "egg")]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_columns_without_the_right_are_named_and_the_others_read(request: pytest.FixtureRequest, kind: str) -> None:
    server = request.getfixturevalue("postgres_server" if kind == "postgresql" else "mariadb_server")
    with database_on(server, SCHEMAS[kind]) as case:
        people(case, 20)
        place = "customer" if kind == "postgresql" else "{db}.customer"
        with account(case, f"GRANT SELECT (id, kind) ON {place} TO {{who}}") as url, looking(url) as source:
            found = source.catalogue()
            customer = found.table("customer")
            assert customer is not None
            # MariaDB does not even name the others.
            hidden = {t.column for t in found.troubles if t.table == "customer"}
            assert ("email" in hidden) == (kind == "postgresql")
            profiles, troubles = source.profiles(customer)
            assert set(profiles) == {"id", "kind"}
            assert profiles["kind"].sampled == 20
            assert list(troubles) == []


def test_rows_that_a_policy_hides_are_said_to_be_hidden(postgres_server: PostgresServer) -> None:
    script = "CREATE TABLE secret (id int, owner text); ALTER TABLE secret ENABLE ROW LEVEL SECURITY"
    with (
        database_on(postgres_server, script) as case,
        account(case, "GRANT SELECT ON secret TO {who}") as url,
        looking(url) as source,
    ):
        found = source.catalogue()
    assert codes(found.troubles) == {"row_security"}
    assert [t.readable for t in found.tables] == [False]


# --- size ---------------------------------------------------------------------------------------------------


def many(case: EngineCase, tables: int, columns: int) -> None:
    names = ", ".join(f"column_{i} varchar(40)" for i in range(columns - 1))
    if case.kind == "postgresql":
        # Not in one transaction: each table holds a lock until its end.
        for start in range(0, tables, 500):
            case.execute_script(
                f"DO $$ BEGIN FOR i IN {start} .. {min(start + 500, tables) - 1} LOOP "
                f"EXECUTE format('CREATE TABLE table_%s (id int PRIMARY KEY, {names})', i); END LOOP; END $$"
            )
        return
    statements = [f"CREATE TABLE table_{i} (id integer PRIMARY KEY, {names})" for i in range(tables)]
    for start in range(0, tables, 500):
        case.execute_script(";\n".join(["BEGIN", *statements[start : start + 500], "COMMIT"]))


def statements_for(case: EngineCase, tables: int) -> int:
    many(case, tables, 3)
    with looking(case.url) as source:
        assert isinstance(source, SqlSource)
        count = 0

        def counted(*args: object) -> None:
            nonlocal count
            count += 1

        event.listen(source._looking._sql, "before_cursor_execute", counted)
        assert len(source.catalogue().tables) == tables
        return count


def test_ten_times_the_tables_take_no_more_queries(engine_case: EngineCase) -> None:
    first = statements_for(engine_case, 12)
    engine_case.execute_script(";".join(f"DROP TABLE table_{i}" for i in range(12)))
    assert statements_for(engine_case, 120) == first


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_hundred_thousand_columns_take_seconds(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    if kind == "sqlite":
        case = sqlite_case(tmp_path)
        many(case, 5000, 20)
        spent = _time_of(case, 5000)
    else:
        with database_on(request.getfixturevalue("postgres_server")) as case:
            many(case, 5000, 5)
            spent = _time_of(case, 5000)
    assert spent < 20


def _time_of(case: EngineCase, tables: int) -> float:
    with looking(case.url) as source:
        since = time.monotonic()
        found = source.catalogue()
        spent = time.monotonic() - since
    assert len(found.tables) == tables
    assert found.troubles == ()
    return spent
