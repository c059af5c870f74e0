"""What the database forbids is told in the plan; what it does meanwhile ends the run, never half of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pymysql
import pytest

from integration.world import CANARIES, Content, Ran, World

ANA = "email=ana@example.org"


def untouched(world: World, ran: Ran, before: Content, store: str | None = None) -> None:
    """Exit 1, nothing written (in that store), nobody's data told, the ledger sound."""
    assert ran.code == 1, ran.said
    after = world.content()
    for place, rows in before.items():
        if store is None or place.startswith(f"{store}."):
            assert after[place] == rows, place
    for canary in CANARIES:
        assert canary not in ran.said
    world.evidence_holds()


# --- forbidden from the start: in the plan -------------------------------------------------------------

CHECK = "ALTER TABLE customers ADD CONSTRAINT looks_like_one CHECK (email LIKE '%@%.org')"
UNIQUE = "CREATE UNIQUE INDEX one_phone ON customers (phone)"
NO_REFERENCE = (
    "CREATE TABLE parcels (id INTEGER PRIMARY KEY, address_id INTEGER NOT NULL, "
    "CONSTRAINT parcel_address FOREIGN KEY (address_id) REFERENCES addresses (id)); "
    "INSERT INTO parcels (id, address_id) VALUES (1, 21)"
)
CASCADE = (
    "CREATE TABLE parcels (id INTEGER PRIMARY KEY, address_id INTEGER NOT NULL, "
    "CONSTRAINT parcel_address FOREIGN KEY (address_id) REFERENCES addresses (id) ON DELETE CASCADE); "
    "INSERT INTO parcels (id, address_id) VALUES (1, 21)"
)


def planned_refusal(world: World, said: str) -> None:
    before = world.content()
    plan = world.troth("erase", "--as-of", "2025-12-31", "--dry-run", ANA)
    assert plan.code == 1
    assert said in plan.out, plan.said
    untouched(world, world.erase("--yes", ANA), before)
    assert not any(kind.startswith("erasure.") for kind, _ in world.events())


def test_a_check_that_forbids_the_change_is_told_in_the_plan(world: World) -> None:
    if world.kind == "sqlite":
        _remake_customers(world, "email VARCHAR(120) NOT NULL CHECK (email LIKE '%@%.org')")
    else:
        world.run_sql("shop", CHECK)
    planned_refusal(world, "shop.customers.email cannot be emptied: a CHECK of the database decides")


def test_a_column_that_may_not_be_empty_is_told_in_the_plan(world: World) -> None:
    """NOT NULL, and too short for a tombstone."""
    if world.kind == "sqlite":
        _remake_customers(world, "email VARCHAR(120) NOT NULL", "phone INTEGER NOT NULL")
        world.run_sql("shop", "UPDATE customers SET phone = 33600000001")
    else:
        world.run_sql("shop", "UPDATE customers SET phone = 'p'")
        to = "ALTER COLUMN phone TYPE VARCHAR(20), ALTER COLUMN phone SET NOT NULL"
        world.run_sql(
            "shop", f"ALTER TABLE customers {to if world.kind == 'postgresql' else 'MODIFY phone VARCHAR(20) NOT NULL'}"
        )
    planned_refusal(world, "shop.customers.phone cannot be emptied: ")


def test_a_neutral_value_that_must_be_unique_is_told_in_the_plan(world: World) -> None:
    world.run_sql("shop", UNIQUE)
    world.edit(
        "phone: {is: TelephoneNumber, for: prospecting}", "phone: {is: TelephoneNumber, for: prospecting, neutral: '-'}"
    )
    planned_refusal(world, "it must be unique, so one neutral value cannot serve all rows")


def test_rows_of_an_unmapped_table_that_would_go_along_are_told_in_the_plan(world: World) -> None:
    world.run_sql("shop", CASCADE)
    planned_refusal(world, "makes the database delete rows of")


def test_a_row_that_an_unmapped_table_refers_to_is_emptied_and_kept(world: World) -> None:
    """A foreign key that forbids the deletion is no reason to stop: the row stays, without the person."""
    world.run_sql("shop", NO_REFERENCE)
    ran = world.erase("--yes", ANA)
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT id, street, city FROM addresses WHERE customer_id = 1") == [(21, None, None)]
    assert "parcels refer to it" in ran.out


def test_an_unmapped_table_that_refers_to_somebody_else_keeps_nobody(world: World) -> None:
    """Ana has a ticket in a table that the policy does not map; Ben has none, and goes."""
    world.run_sql(
        "shop",
        "CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, "
        "CONSTRAINT ticket_customer FOREIGN KEY (customer_id) REFERENCES customers (id));"
        "INSERT INTO tickets (id, customer_id) VALUES (1, 1)",
    )
    ran = world.erase("--yes", "email=ben@example.org")
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 2") == []
    assert world.erase("--yes", ANA).code == 0
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 1") == [(1,)]
    assert world.sweep("--yes").code == 0
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 7") == []


def _remake_customers(world: World, email: str, phone: str = "phone VARCHAR(40)") -> None:
    """SQLite cannot add a constraint to a table."""
    world.run_sql(
        "shop",
        "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; ALTER TABLE customers RENAME TO old;"
        f"CREATE TABLE customers (id INTEGER NOT NULL PRIMARY KEY, {email}, name VARCHAR(80), {phone},"
        "status VARCHAR(10) NOT NULL, seen DATETIME NULL);"
        "INSERT INTO customers SELECT id, email, name, coalesce(phone, ''), status, seen FROM old; DROP TABLE old;"
        "CREATE INDEX customers_email ON customers (email);",
    )


# --- changed since the plan ----------------------------------------------------------------------------

NEWCOMER = "INSERT INTO addresses (id, customer_id, street, city) VALUES (99, 1, '9 New Street', 'Metz')"
SWAP = "DELETE FROM addresses WHERE id = 21; INSERT INTO addresses (id, customer_id, street) VALUES (98, 1, 'x')"
COLUMN = "ALTER TABLE customers ADD COLUMN nickname VARCHAR(20)"


def test_a_plan_by_digest_runs_only_while_nothing_has_changed(world: World) -> None:
    for change in (NEWCOMER, SWAP, COLUMN):
        digest = world.erase("--dry-run", ANA).json["digest"]
        world.run_sql("shop", change)
        before = world.content()
        ran = world.erase("--plan", digest, ANA)
        untouched(world, ran, before)
        assert "no longer the plan" in ran.err, change
    assert world.erase("--plan", world.erase("--dry-run", ANA).json["digest"][:12], ANA).code == 0


def before_writing(world: World, action: Callable[[], None]) -> Callable[[], None]:
    """A hook: just before the shop's writing transaction begins, somebody else does this."""

    def hook() -> None:
        from troth.connectors.sql.execute import Execution

        really, done = Execution.run, []

        def run(self: Any) -> Any:
            if self.store.name == "shop" and not done:
                done.append(True)
                action()
            return really(self)

        Execution.run = run  # type: ignore[method-assign]

    return hook


@pytest.mark.parametrize("change", [NEWCOMER, SWAP, COLUMN], ids=["more rows", "other rows", "schema"])
def test_what_changes_between_plan_and_act_ends_the_run(world: World, change: str) -> None:
    before = world.content()
    ran = world.erase("--yes", ANA, hook=before_writing(world, lambda: world.run_sql("shop", change)))
    assert ran.code == 1, ran.said
    assert "changed since the plan was made" in ran.out
    assert world.rows("shop", "SELECT email FROM customers WHERE id = 1") == [("ana@example.org",)]
    assert world.rows("shop", "SELECT count(*) FROM orders") == [(len(before["shop.orders"]),)]
    world.evidence_holds()
    # The other store was done; a second run, though only the shop knows her there, finishes.
    again = world.erase("--yes", ANA)
    assert again.code == 0, again.said
    assert world.rows("shop", "SELECT count(*) FROM addresses WHERE customer_id = 1") == [(0,)]
    assert world.rows("mailing", "SELECT count(*) FROM subscribers") == [(3,)]


# --- somebody else holds a lock ------------------------------------------------------------------------

# In a process that no run is forked from: SQLite's locks are the process's, and a fork believes to have them.
SQLITE_SESSION = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
for line in sys.stdin:
    connection.execute(line)
    print("done", flush=True)
"""


def _told(session: subprocess.Popen[str], sql: str) -> None:
    assert session.stdin
    assert session.stdout
    session.stdin.write(sql + "\n")
    session.stdin.flush()
    assert session.stdout.readline() == "done\n"


@contextmanager
def other_session(world: World) -> Iterator[Callable[[str], None]]:
    """A transaction of the application, under way in the shop."""
    if world.shop.path:
        with subprocess.Popen(
            [sys.executable, "-c", SQLITE_SESSION, str(world.shop.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as lite:
            yield lambda sql: _told(lite, sql)
            _told(lite, "SELECT 1")
            lite.kill()
        return
    server: Any = world.shop.server
    if world.kind == "postgresql":
        with closing(psycopg.connect(server.dsn(world.shop.database))) as pg:
            yield lambda sql: (pg.execute(sql), None)[1]
        return
    my = pymysql.connect(host="127.0.0.1", port=server.port, user="troth_admin", password=server.password,
                         database=world.shop.database, autocommit=False)  # fmt: skip
    try:
        yield lambda sql: (my.cursor().execute(sql), None)[1]
    finally:
        my.close()


def test_a_lock_that_is_not_given_back_ends_in_a_clear_failure(world: World) -> None:
    before = world.content()
    with other_session(world) as say:
        say("UPDATE addresses SET city = 'Paris' WHERE id = 22")
        ran = world.erase("--yes", ANA)
    assert "locked" in ran.out, ran.said
    untouched(world, ran, before, "shop")
    assert world.erase("--yes", ANA).code == 0


def test_a_lock_that_is_given_back_in_time_is_waited_for(world: World) -> None:
    """Longer than one lock timeout: the second try gets it."""
    with other_session(world) as say:
        say("UPDATE addresses SET city = city WHERE id = 22")
        running = world.start("erase", "--as-of", "2025-12-31", "--yes", "--residue-seconds", "0", ANA)
        end = threading.Timer(1.6, say, ("ROLLBACK",))
        end.start()
        ran = running.wait()
        end.join()
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT count(*) FROM addresses WHERE customer_id = 1") == [(0,)]


def test_a_deadlock_is_survived(world: World) -> None:
    """The other transaction takes Ana's order, waits for her row, and one of the two is ended by the server."""
    if world.kind == "sqlite":
        pytest.skip("one writer at a time: there are no deadlocks")
    with other_session(world) as say:
        # Heavier than ours, so that we are the one to be ended where the engine looks at that.
        say("UPDATE orders SET note = 'busy' WHERE id IN (31, 33)")
        running = world.start("erase", "--as-of", "2025-12-31", "--yes", "--residue-seconds", "0", ANA)
        _wait_until_it_waits(world)
        _quietly(say, "UPDATE customers SET name = name WHERE id IN (1, 2, 3)")
        _quietly(say, "ROLLBACK")
        ran = running.wait()
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT count(*) FROM orders WHERE customer_id = 1") == [(1,)]


def _quietly(say: Callable[[str], None], sql: str) -> None:
    try:
        say(sql)
    except (psycopg.Error, pymysql.err.MySQLError):
        say("ROLLBACK")


def _wait_until_it_waits(world: World) -> None:
    """Until our transaction waits for the other's."""
    asked = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'troth' "
        f"AND wait_event_type = 'Lock' AND datname = '{world.shop.database}'",
        "mariadb": "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
    }[world.kind]
    for _ in range(60):
        if world.rows("shop", asked)[0][0]:
            return
        # MariaDB tells the same as before to whoever asks again within a tenth of a second.
        threading.Event().wait(0.15)
    raise AssertionError("our transaction never waited")


# --- no room -------------------------------------------------------------------------------------------


def test_a_full_disk_changes_nothing(file_world: World) -> None:
    """SQLite may not grow: writing the tombstones of a wide table needs more pages than there are."""
    world = file_world
    wide = "x" * 900
    world.run_sql("shop", "UPDATE customers SET name = '" + wide + "'")

    def hook() -> None:
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        @event.listens_for(Engine, "connect")
        def full(connection: Any, record: object) -> None:
            path = connection.execute("PRAGMA database_list").fetchone()[2]
            if path.endswith("shop.sqlite"):
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
                connection.execute(f"PRAGMA max_page_count = {pages}")

    world.edit(
        "name: {is: Name, for: [orders, prospecting]}",
        "name: {is: Name, for: [orders, prospecting], neutral: '" + "n" * 9000 + "'}",
    )
    world.edit("parents: {customers: [name]}", "parents: {customers: [email]}")
    before = world.content()
    ran = world.erase("--yes", ANA, hook=hook)
    assert "no disk space left" in ran.out, ran.said
    untouched(world, ran, before, "shop")
    assert world.erase("--yes", ANA).code == 0
