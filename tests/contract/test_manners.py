"""What else every connector does alike: telling what a store is, searching it, explaining, the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contract.worlds import SHOP, World
from troth.core.errors import StoreError, TrothError
from troth.core.ports import Budget, Needle, Residue, Want
from troth.core.query import Everything, KeyIn


def test_it_tells_every_mapped_table_with_its_key_and_columns(still_world: World) -> None:
    facts = still_world.connector.inspect()
    assert facts.engine == still_world.kind
    assert set(facts.tables) == set(still_world.connector.store.collections)
    for name, table in facts.tables.items():
        held = SHOP[still_world.connector.store.collections[name].table]
        assert table.key == held.key
        assert list(table.columns) == list(held.columns)
        assert {c.name: c.nullable for c in table.columns.values()} == {
            c: nullable and c not in held.key for c, (_, nullable) in held.columns.items()
        }


def test_its_digest_stays_while_the_schema_does(still_world: World) -> None:
    assert still_world.connector.inspect().digest == still_world.connector.inspect().digest


def test_a_collection_without_a_table_is_a_finding(world: World) -> None:
    assert world.reopen is not None
    store = world.connector.store
    ghost = replace(store.collections["visit"], name="ghost", table="ghost")
    other = world.reopen(replace(store, collections={**store.collections, "ghost": ghost}))
    try:
        facts = other.inspect()
        assert "ghost" not in facts.tables
        assert [f.severity for f in facts.findings if f.collection == "ghost"] == ["refuse"]
        with pytest.raises(StoreError):
            other.count([Want("ghost", Everything())])
    finally:
        other.close()


def test_it_finds_what_is_left_of_a_person_by_place_and_kind(still_world: World) -> None:
    needles = [Needle("email", "Alice@Example.org"), Needle("email", "nobody@example.org")]
    report = still_world.connector.search(needles, Budget())
    assert report.found == (Residue("customer", "email", "email", 1),)
    assert report.finished
    assert report.searched_rows == sum(len(table.rows) for table in SHOP.values())
    assert "alice" not in repr(report)


def test_small_tables_are_found_without_a_complaint(still_world: World) -> None:
    assert still_world.connector.explain([Want("customer", KeyIn(("id",), ((1,),)))]) == []


@pytest.mark.parametrize("account", ["inspect", "act"])
def test_it_says_the_rights_that_an_account_needs(still_world: World, account: str) -> None:
    grants = still_world.connector.grants(account)  # type: ignore[arg-type]
    assert bool(grants) == (still_world.kind != "memory")
    assert all(g.statement and g.why for g in grants)


def test_its_clock_is_in_utc(still_world: World) -> None:
    told = still_world.connector.now()
    assert told.utcoffset() == datetime.now(UTC).utcoffset()
    assert abs((told - datetime.now(UTC)).total_seconds()) < 60


def test_it_can_be_closed_twice_and_asked_nothing_wrong_before(world: World) -> None:
    with pytest.raises((TrothError, ValueError)):
        world.connector.count([Want("customer", KeyIn(("id", "name"), ((1,),)))])
    world.connector.close()
    world.connector.close()
