"""Accounts with exactly the rights that ``troth grants`` prints: enough to work, and not one too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import Connection, text

from databases import EngineCase, sqlite_case
from inspecting import clock, codes, collection, database_on, field, identified, link, look, opened, store
from servers import MariaDBServer, PostgresServer
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.grants import grants
from troth.connectors.sql.inspect import inspect
from troth.core.errors import StoreRefused
from troth.core.policy.model import Condition, Flag, Other, Store
from troth.core.ports import Assignment, Batch, Budget, Change, Grant, Needle, StoreFacts, Want
from troth.core.query import Before, Hop, Identified, NotClear, Related, Where, all_of, none_of

Server = PostgresServer | MariaDBServer

TABLES = """
CREATE TABLE {s}person (
    id int PRIMARY KEY, email varchar(60) NOT NULL, name varchar(60), seen_at timestamp NULL, secret int, frozen int);
CREATE TABLE {s}invoice (id int PRIMARY KEY, person_id int, address varchar(80), total int, quantity int,
    FOREIGN KEY (person_id) REFERENCES {s}person (id));
CREATE TABLE {s}node (id int PRIMARY KEY, up int, title varchar(20), FOREIGN KEY (up) REFERENCES {s}node (id));
CREATE TABLE {s}ticket (nr int PRIMARY KEY, person_id int NOT NULL, salt int,
    FOREIGN KEY (person_id) REFERENCES {s}person (id));
CREATE TABLE {s}unrelated (id int PRIMARY KEY, diary varchar(60));
INSERT INTO {s}person VALUES
    (1, 'ana@example.org', 'Ana', '2019-01-01', 7, 0), (2, 'bo@example.org', 'Bo', '2025-01-01', 8, 0);
INSERT INTO {s}invoice VALUES (10, 1, '1 Test Road', 99, 3), (20, 2, '2 Test Road', 98, 4);
INSERT INTO {s}node VALUES (1, NULL, 'a'), (2, 1, 'b');
"""


def shop(schema: str | None) -> Store:
    """People, their invoices (kept, emptied) and a table that refers to itself."""
    return store(
        collection("person", schema=schema, identifiers=identified("email"), fields=(field("email"), field("name")),
                   events=clock("seen_at"), restricted=Flag("frozen", 1)),
        collection("invoice", schema=schema, links=link("person", ("person_id", "")), fields=(field("address"),),
                   on_erase="clear", where=(Condition("total", "gt", (0,)),), others={"quantity": Other()}),
        collection("node", schema=schema, links=link("node", ("up", "")), fields=(field("title"),)),
    )  # fmt: skip


@dataclass
class World:
    """A database with its facts as an administrator sees them."""

    server: Server
    case: EngineCase
    of: Store
    facts: StoreFacts

    @contextmanager
    def account(self, rights: Sequence[Grant], name: str) -> Iterator[str]:
        """The url of an account that has exactly these rights."""
        for grant in rights:
            self.case.execute_script(grant.statement)
        password = (
            f"ALTER ROLE {name} PASSWORD 'x'" if self.server.kind == "postgresql"
            else f"ALTER USER {name} IDENTIFIED BY 'x' ACCOUNT UNLOCK"
        )  # fmt: skip
        self.case.execute_script(password)
        try:
            yield self.server.url(self.case.database, name, "x")
        finally:
            if self.server.kind == "postgresql":
                self.case.execute_script(f"DROP OWNED BY {name}; DROP ROLE {name}")
            else:
                self.case.execute_script(f"DROP USER {name}")


@pytest.fixture(params=["postgres_server", "mariadb_server"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The shop on each server, on PostgreSQL in a schema that nobody may use by default."""
    server: Server = request.getfixturevalue(request.param)
    schema = "shop" if server.kind == "postgresql" else None
    script = TABLES.replace("{s}", "shop." if schema else "")
    with database_on(server, ("CREATE SCHEMA shop;" if schema else "") + script) as case:
        of = shop(schema)
        yield World(server, case, of, look(case.url, *of.collections.values()))


def listed(world: World, account: Literal["inspect", "act"]) -> list[Grant]:
    return grants(world.facts, world.of, account)


# --- inspect -------------------------------------------------------------------------------------------


def schema_seen(facts: StoreFacts) -> object:
    """What both accounts must agree on: everything but rights and row estimates."""
    from dataclasses import replace

    return {
        name: replace(t, rights=None, rows=None, columns=dict(t.columns))
        for name, t in {**facts.tables, **facts.others}.items()
    }


def triggers_and_a_foreign_key_from_elsewhere(world: World) -> str:
    """A statement that makes them, and the name of the other schema or database."""
    if world.server.kind == "postgresql":
        world.case.execute_script(
            """CREATE SCHEMA far; CREATE TABLE far.away (p int REFERENCES shop.person ON DELETE CASCADE);
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
            CREATE TRIGGER t AFTER DELETE ON shop.person FOR EACH ROW EXECUTE FUNCTION f()"""
        )
        return "far"
    far = world.server.create_database("far")
    db = world.case.database
    world.case.execute_script(f"CREATE TABLE {far}.away (p int REFERENCES {db}.person (id) ON DELETE CASCADE)")
    world.case.execute_script("CREATE TRIGGER t AFTER DELETE ON person FOR EACH ROW SET @x = 1")
    return far


def test_the_inspect_account_sees_the_schema_as_an_administrator_does_and_no_rows(world: World) -> None:
    far = triggers_and_a_foreign_key_from_elsewhere(world)
    admin = look(world.case.url, *world.of.collections.values())
    assert any("away" in k.table for k in admin.tables["person"].incoming)
    with world.account(grants(admin, world.of, "inspect"), "troth_inspect") as url:
        seen = look(url, *world.of.collections.values())
        with opened(world.of, url) as engine, pytest.raises(StoreRefused, match="denies"), cleaned(world.of):
            _read_people(engine.connect(), world)
    assert schema_seen(seen) == schema_seen(admin)
    assert seen.not_visible == ()
    if world.server.kind == "mariadb":
        world.server.drop_database(far)


def _read_people(connection: Connection, world: World) -> None:
    with connection:
        connection.execute(text("SELECT email FROM person".replace("person", f"{_prefix(world)}person")))


def _prefix(world: World) -> str:
    return "shop." if world.server.kind == "postgresql" else ""


def test_the_inspect_account_sees_less_with_any_right_less(world: World) -> None:
    far = triggers_and_a_foreign_key_from_elsewhere(world)
    admin = look(world.case.url, *world.of.collections.values())
    rights = grants(admin, world.of, "inspect")
    for missing in rights[1:]:
        with world.account([g for g in rights if g is not missing], "troth_inspect") as url:
            seen = look(url, *world.of.collections.values())
        hidden = seen.not_visible or any("not visible" in sentence for sentence in seen.remains)
        assert hidden or not seen.tables, missing.statement
    if world.server.kind == "mariadb":
        world.server.drop_database(far)


# --- act -----------------------------------------------------------------------------------------------

ANA = Identified("email", "email", "ana@example.org")
HERS = Related((Hop("invoice", "person", (("person_id", "id"),)),), ANA)


def work(url: str, world: World) -> None:
    """A day's work through the connector: find, hand over, empty, restrict, sweep, delete, search."""
    connector = SqlConnector(world.of, url, facts=world.facts)
    try:
        assert connector.count([Want("person", ANA, digest=True), Want("invoice", HERS)])[1].rows == 1
        assert [r["name"] for r in connector.read("person", ANA, ("email", "name"))] == ["Ana"]
        empty = Change(1, "invoice", "update", all_of(HERS, NotClear(("address",))), (Assignment("address", "null"),))
        free = Where(Condition("frozen", "not_in", (1,)))
        freeze = Change(2, "person", "update", all_of(ANA, free), (Assignment("frozen", "value", 1),))
        done = connector.execute(Batch("request", (empty, freeze), anchors=(("person", ANA),)))
        assert dict(done.rows) == {1: 1, 2: 1}
        due = Before(world.of.collections["person"].events["last_contact"], date(2020, 1, 1))
        sweep = connector.execute(Batch("sweep", (Change(1, "person", "delete", all_of(due, none_of(ANA))),)))
        assert dict(sweep.rows) == {1: 0}
        node = Change(1, "node", "delete", Where(Condition("up", "not_null")))
        assert dict(connector.execute(Batch("node", (node,))).rows) == {1: 1}
        assert connector.search([Needle("email", "ana@example.org")], Budget()).found[0].column == "email"
    finally:
        connector.close()


def statements(world: World) -> list[str]:
    """What the engine does, by hand, so that each right is asked for on its own."""
    p = _prefix(world)
    return [
        f"SELECT id, email, name, seen_at, frozen FROM {p}person WHERE email = 'ana@example.org' FOR UPDATE",
        f"SELECT i.id, i.address, i.quantity FROM {p}invoice i JOIN {p}person q ON q.id = i.person_id WHERE i.total > 0",
        f"SELECT 1 FROM {p}person q WHERE NOT EXISTS (SELECT 1 FROM {p}ticket t WHERE t.person_id = q.id)",
        f"UPDATE {p}invoice SET address = NULL WHERE id = 20",
        f"UPDATE {p}person SET name = NULL, email = 'x', frozen = 1 WHERE id = 2",
        f"UPDATE {p}node SET up = NULL, title = NULL WHERE id = 2",
        f"DELETE FROM {p}node WHERE id = 2",
        f"DELETE FROM {p}person WHERE id = 99",
        f"SELECT id, up, title FROM {p}node",
    ]


def by_hand(url: str, world: World) -> None:
    """Run them all and roll back."""
    with opened(world.of, url) as engine, cleaned(world.of), engine.connect() as connection:
        for statement in statements(world):
            connection.execute(text(statement))
        connection.rollback()


def test_the_act_account_does_a_days_work(world: World) -> None:
    with world.account(listed(world, "act"), "troth_act") as url:
        by_hand(url, world)
        seen = look(url, *world.of.collections.values())
        assert not {f.code for f in seen.findings if f.severity == "refuse"}
        assert seen.tables["person"].key == ("id",)
        assert not codes(seen) & {"no_select", "no_update", "no_delete", "key_unproven"}
        work(url, world)


def test_the_act_account_reads_nothing_that_is_not_mapped(world: World) -> None:
    p = _prefix(world)
    with world.account(listed(world, "act"), "troth_act") as url:
        for forbidden in (
            f"SELECT secret FROM {p}person",
            f"SELECT diary FROM {p}unrelated",
            f"SELECT salt FROM {p}ticket",
            f"UPDATE {p}person SET secret = 1",
            f"DELETE FROM {p}invoice",
            f"DELETE FROM {p}ticket",
            f"INSERT INTO {p}person (id) VALUES (9)",
        ):
            with pytest.raises(StoreRefused, match="denies"):
                _run(url, world, forbidden)


def _run(url: str, world: World, statement: str) -> None:
    with opened(world.of, url) as engine, cleaned(world.of), engine.connect() as connection:
        connection.execute(text(statement))


def test_the_act_account_fails_with_any_right_less(world: World) -> None:
    rights = listed(world, "act")
    for table in ("person", "invoice", "node"):
        world.case.execute_script(f"ALTER TABLE {_prefix(world)}{table} ADD added_later int")
    with world.account(rights, "troth_act") as url:
        assert _works(url, world)
    for missing in rights[1:]:
        with world.account([g for g in rights if g is not missing], "troth_act") as url:
            assert not _works(url, world), missing.statement


def _works(url: str, world: World) -> bool:
    """Whether the statements run, and the schema is seen as far as the plan needs it."""
    try:
        by_hand(url, world)
    except StoreRefused as refused:
        return "denies" not in refused.message
    seen = look(url, *world.of.collections.values())
    whole = all("added_later" in t.columns for t in seen.tables.values())
    return whole and any("ticket" in name for name in seen.others) and "key_unproven" not in codes(seen)


def test_each_right_says_why(world: World) -> None:
    for account in ("inspect", "act"):
        for grant in listed(world, account):
            assert len(grant.why) > 10
            assert "'" not in grant.statement, "no password in what is printed"


def test_row_security_asks_for_a_way_around_it(postgres_server: PostgresServer) -> None:
    script = "CREATE TABLE person (id int PRIMARY KEY, email text); ALTER TABLE person ENABLE ROW LEVEL SECURITY"
    with database_on(postgres_server, script) as case:
        of = store(collection("person", fields=(field("email"),)))
        with opened(of, case.url) as engine:
            rights = grants(inspect(engine, of), of, "act")
        assert 'ALTER ROLE "troth_act" BYPASSRLS' in [g.statement for g in rights]


def test_odd_names_are_quoted(engine_case: EngineCase) -> None:
    if engine_case.kind == "sqlite":
        pytest.skip("an SQLite file knows no accounts")
    q = "`" if engine_case.kind == "mariadb" else '"'
    engine_case.execute_script(f"CREATE TABLE {q}a b{q}{q}c{q} ({q}select{q} int PRIMARY KEY, {q}x,y{q} varchar(9))")
    of = store(collection("odd", f"a b{q}c", fields=(field("x,y"),)))
    with opened(of, engine_case.url) as engine:
        rights = grants(inspect(engine, of), of, "act", name=f"odd {q} one")
    try:
        for grant in rights:
            engine_case.execute_script(grant.statement)
    finally:
        account = f"{q}odd {q}{q} one{q}"
        end = f"DROP OWNED BY {account}; DROP ROLE {account}" if q == '"' else f"DROP USER {account}"
        engine_case.execute_script(end)
    assert rights
    assert all(f"{q}{q}" in grant.statement for grant in rights)


@pytest.mark.parametrize("account", ["inspect", "act"])
def test_sqlite_speaks_of_files(tmp_path: Path, account: Literal["inspect", "act"]) -> None:
    case = sqlite_case(tmp_path)
    of = store()
    with opened(of, case.url) as engine:
        rights = grants(inspect(engine, of), of, account)
    assert all("GRANT" not in g.statement for g in rights)
    assert any("permission" in g.statement for g in rights)
