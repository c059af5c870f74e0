"""Stores that do not let us in, or not far enough: said clearly, nothing written, no value and no secret shown."""

from __future__ import annotations

import ctypes
import os
import re
import secrets

import pytest

from integration.world import CANARIES, Content, Ran, World
from machine import free_port

ANA = "email=ana@example.org"
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def refused(world: World, ran: Ran, before: Content, code: int = 1) -> None:
    """The run failed as it should, changed nothing, told no value and no secret, and the ledger is sound."""
    assert ran.code == code, ran.said
    assert world.content() == before
    for secret in (*CANARIES, *_passwords(world)):
        assert secret not in ran.said.replace("email=ana@example.org", "")
    world.evidence_holds()


def _passwords(world: World) -> list[str]:
    return [m[1] for url in world.env.values() if (m := re.search(r"://\w+:([^@]+)@", url))]


def _server_world(world: World) -> World:
    if world.shop.server is None:
        pytest.skip("a file has no accounts and no network")
    return world


def test_it_says_that_a_password_is_wrong(world: World) -> None:
    _server_world(world)
    before, url = world.content(), world.env["SHOP_URL"]
    world.env["SHOP_URL"] = re.sub(r":([^:@/]+)@", ":wrong-secret@", url)
    ran = world.erase("--yes", ANA)
    refused(world, ran, before)
    assert "shop; nothing was changed" in ran.err
    plan = world.troth("erase", ANA, "--dry-run")
    assert plan.code == 1
    assert "refuses the account or its password" in plan.out
    assert "wrong-secret" not in ran.said + plan.said


def test_it_says_that_a_host_cannot_be_reached(world: World) -> None:
    _server_world(world)
    before = world.content()
    world.env["SHOP_URL"] = re.sub(r":\d+/", f":{free_port()}/", world.env["SHOP_URL"])
    refused(world, world.erase("--yes", ANA), before)
    assert "cannot be reached" in world.troth("erase", ANA, "--dry-run").out


def test_it_says_that_there_is_no_such_database(world: World) -> None:
    before = world.content()
    world.env["SHOP_URL"] = world.env["SHOP_URL"].replace(world.shop.database, world.shop.database + "_gone")
    refused(world, world.erase("--yes", ANA), before)
    said = world.troth("erase", ANA, "--dry-run").out
    assert "there is no file" in said or "has no database of that name" in said


def test_it_makes_no_database_of_its_own(file_world: World) -> None:
    world = file_world
    assert world.shop.path
    gone = world.shop.path.with_name("gone.sqlite")
    world.env["SHOP_URL"] = f"sqlite:///{gone}"
    assert world.erase("--yes", ANA).code == 1
    assert not gone.exists()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_sqlite_database_is_refused(file_world: World, what: str) -> None:
    world = file_world
    before = world.content()
    assert world.shop.path
    place = world.shop.path.parent / "locked"
    place.mkdir()
    moved = world.shop.path.rename(place / "shop.sqlite")
    world.env["SHOP_URL"] = f"sqlite:///{moved}"
    (moved if what == "file" else place).chmod(0o444 if what == "file" else 0o555)
    ran = world.erase("--yes", ANA, hook=_without_override)
    place.chmod(0o700)
    moved.chmod(0o600)
    moved.rename(world.shop.path)
    refused(world, ran, before)
    assert "this account may not delete in shop.addresses" in ran.err


def _without_override() -> None:
    """Root may write to every file; without these capabilities it is an account like any other."""
    if os.geteuid() != 0:
        return
    # Capabilities of the running process: header and two data blocks, version 3.
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, data) == 0
    mask = ~((1 << CAP_DAC_OVERRIDE) | (1 << CAP_DAC_READ_SEARCH)) & 0xFFFFFFFF
    for block in (0, 1, 2):
        data[block] &= mask
    assert libc.capset(header, data) == 0


def _account(world: World, rights: dict[str, str]) -> str:
    """An account with these rights (by table) in the shop; its url."""
    server, database = world.shop.server, world.shop.database
    assert server is not None
    name, secret = f"clerk_{secrets.token_hex(3)}", "clerk-secret-77"
    if world.kind == "postgresql":
        script = f"CREATE ROLE {name} LOGIN PASSWORD '{secret}'; GRANT USAGE ON SCHEMA public TO {name};"
        script += "".join(f"GRANT {right} ON {table} TO {name};" for table, right in rights.items())
        server.admin_execute(script, database)
    else:
        script = f"CREATE USER '{name}'@'%' IDENTIFIED BY '{secret}';"
        script += "".join(f"GRANT {right} ON `{database}`.{table} TO '{name}'@'%';" for table, right in rights.items())
        server.admin_execute(script)
    return re.sub(r"://[^@]+@", f"://{name}:{secret}@", world.env["SHOP_URL"])


def test_an_account_that_may_only_read_is_refused_in_the_plan(world: World) -> None:
    _server_world(world)
    before = world.content()
    world.env["SHOP_URL"] = _account(world, dict.fromkeys(("customers", "addresses", "orders"), "SELECT"))
    plan = world.troth("erase", ANA, "--dry-run")
    assert plan.code == 1
    assert "may not delete" in plan.out or "DELETE" in plan.out, plan.out
    ran = world.erase("--yes", ANA)
    refused(world, ran, before)
    assert "intended" not in str([kind for kind, _ in world.events()])


def test_an_account_that_may_not_even_read_is_refused(world: World) -> None:
    _server_world(world)
    before = world.content()
    world.env["SHOP_URL"] = _account(world, {"customers": "SELECT, UPDATE, DELETE", "addresses": "SELECT, DELETE"})
    refused(world, world.erase("--yes", ANA), before)


def test_a_server_that_has_gone_read_only_is_refused(world: World) -> None:
    _server_world(world)
    before = world.content()
    assert world.shop.server is not None
    if world.kind == "postgresql":
        on = f'ALTER DATABASE "{world.shop.database}" SET default_transaction_read_only = on'
        world.shop.server.admin_execute(on)
        ran = world.erase("--yes", ANA)
        # We set it off again for our own session: a database default is no lock.
        assert ran.code == 0
        return
    account = _account(world, dict.fromkeys(("customers", "addresses", "orders"), "SELECT, UPDATE, DELETE"))
    world.env["SHOP_URL"] = account
    world.shop.server.admin_execute("SET GLOBAL read_only = 1")
    try:
        ran = world.erase("--yes", "--partial", ANA)
    finally:
        world.shop.server.admin_execute("SET GLOBAL read_only = 0")
    assert ran.code == 1, ran.said
    assert "read-only" in ran.said
    assert [rows for place, rows in world.content().items() if place.startswith("shop.")] == [
        rows for place, rows in before.items() if place.startswith("shop.")
    ]
    world.evidence_holds()


def test_a_missing_table_is_refused_in_the_plan(world: World) -> None:
    world.run_sql("shop", "ALTER TABLE addresses RENAME TO adresses_moved")
    plan = world.troth("erase", ANA, "--dry-run")
    assert plan.code == 1, plan.said
    assert "addresses" in plan.said
    before = world.rows("shop", "SELECT * FROM customers ORDER BY id")
    ran = world.erase("--yes", ANA)
    assert ran.code == 1, ran.said
    assert world.rows("shop", "SELECT * FROM customers ORDER BY id") == before
    assert world.rows("mailing", "SELECT count(*) FROM subscribers") == [(5,)]


@pytest.mark.parametrize("column", ["phone", "email", "seen", "status"])
def test_a_missing_column_is_refused_in_the_plan(world: World, column: str) -> None:
    """A field, an identifier, a clock, a state."""
    world.run_sql("shop", f"ALTER TABLE customers RENAME COLUMN {column} TO other_name")
    plan = world.troth("erase", "customer_id=1", "--dry-run")
    assert plan.code == 1, plan.said
    assert f"{column}" in plan.said
    ran = world.erase("--yes", "customer_id=1")
    assert ran.code == 1, ran.said
    assert world.rows("shop", "SELECT count(*) FROM addresses") == [(6,)]
    assert world.rows("mailing", "SELECT count(*) FROM subscribers") == [(5,)]


def test_observe_looks_and_plans_but_changes_nothing(world: World) -> None:
    world.edit(
        "    mode: enforce\n    timeouts: {statement: 30, lock: 1}\n    collections:\n      customers:",
        "    mode: observe\n    collections:\n      customers:",
    )
    before = world.content()
    assert "addresses" in world.troth("erase", ANA, "--dry-run").out
    for ran in (world.erase("--yes", ANA), world.sweep("--yes")):
        refused(world, ran, before)
        assert "mode observe" in ran.said


def test_without_keys_nothing_is_done(world: World) -> None:
    before = world.content()
    ran = world.troth("erase", "--yes", ANA, env={"TROTH_STATE": str(world.folder / "nowhere")})
    assert ran.code == 1
    assert "troth keys init" in ran.err
    assert world.content() == before


@pytest.mark.parametrize("words", [["--dry-run", "--yes"], [], ["--plan", "short"], ["--plan", "0" * 64]])
def test_wrong_use_changes_nothing(file_world: World, words: list[str]) -> None:
    world = file_world
    before = world.content()
    ran = world.erase(ANA, *words)
    assert ran.code == (1 if "--plan" in words else 2), ran.said
    assert world.content() == before
