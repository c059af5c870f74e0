"""`execute`: a batch is done wholly or not at all, and only as planned, on every connector alike."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contract.worlds import World, shop
from troth.core.errors import StoreChanged, StoreError, StoreRefused
from troth.core.policy.model import Condition, Mode, Within
from troth.core.ports import Assignment, Batch, Change, Count, Want
from troth.core.query import (
    And,
    Differs,
    Everything,
    Expr,
    Hop,
    Identified,
    KeyIn,
    KeySpan,
    Not,
    NotClear,
    Related,
    Where,
)
from troth.core.tombstone import is_tombstone

TO_CUSTOMER = Hop("orders", "customer", (("customer_id", "id"),))
TO_ORDER = Hop("line", "orders", (("order_id", "id"),))
ALICE = Identified("email", "email", "alice@example.org")
HERS = Related((TO_CUSTOMER,), ALICE)
HER_LINES = Related((TO_ORDER, TO_CUSTOMER), ALICE)


def planned(world: World, collection: str, where: Expr) -> Count:
    [count] = world.connector.count([Want(collection, where, digest=True)])
    return count


def delete(world: World, number: int, collection: str, where: Expr) -> Change:
    return Change(number, collection, "delete", where, expected=planned(world, collection, where))


def update(world: World, number: int, collection: str, where: Expr, *assignments: Assignment) -> Change:
    return Change(number, collection, "update", where, assignments, expected=planned(world, collection, where))


def erasure_of_alice(world: World) -> Batch:
    clear = And((ALICE, NotClear(("email", "name", "phone"))))
    return Batch(
        "request-1",
        (
            delete(world, 1, "line", HER_LINES),
            delete(world, 2, "orders", HERS),
            update(
                world, 3, "customer", clear,
                Assignment("email", "tombstone", email=True),
                Assignment("name", "null"),
                Assignment("phone", "value", "n/a"),
            ),
        ),
        anchors=(("customer", ALICE),),
        facts_digest=world.connector.inspect().digest,
    )  # fmt: skip


def test_it_erases_one_person_and_nobody_else(world: World) -> None:
    done = world.connector.execute(erasure_of_alice(world))
    assert (dict(done.rows), dict(done.late), done.more) == ({1: 3, 2: 2, 3: 1}, {}, False)
    assert sorted(world.column("line", "label")) == [200]
    assert sorted(world.column("orders", "note")) == [20, 30]
    email = world.column("customer", "email")
    assert is_tombstone(email[1])
    assert email[2:] if isinstance(email, list) else email[2] == "bob@example.org"
    assert world.column("customer", "name") == {1: None, 2: "Bob", 3: None}
    assert world.column("customer", "phone") == {1: "n/a", 2: None, 3: ""}


def test_a_second_run_does_nothing(world: World) -> None:
    world.connector.execute(erasure_of_alice(world))
    before = {name: world.peek(name) for name in ("customer", "orders", "line")}
    done = world.connector.execute(erasure_of_alice(world))
    assert set(done.rows.values()) == {0}
    assert before == {name: world.peek(name) for name in ("customer", "orders", "line")}


def test_a_plan_for_other_rows_changes_nothing_and_names_the_collection(world: World) -> None:
    batch = erasure_of_alice(world)
    other = planned(world, "orders", Where(Condition("id", "in", (10, 20))))
    changes = (batch.changes[0], replace(batch.changes[1], expected=other), batch.changes[2])
    with pytest.raises(StoreChanged, match="orders") as caught:
        world.connector.execute(replace(batch, changes=changes))
    assert "alice" not in str(caught.value).lower()
    assert sorted(world.column("line", "label")) == [100, 101, 110, 200]


def test_a_plan_for_another_number_of_rows_changes_nothing(world: World) -> None:
    batch = erasure_of_alice(world)
    changes = (*batch.changes[:2], replace(batch.changes[2], expected=Count(2)))
    with pytest.raises(StoreChanged, match="customer"):
        world.connector.execute(replace(batch, changes=changes))
    assert len(world.peek("line")) == 4


def test_another_schema_changes_nothing(world: World) -> None:
    with pytest.raises(StoreChanged, match="schema"):
        world.connector.execute(replace(erasure_of_alice(world), facts_digest="0" * 64))
    assert len(world.peek("line")) == 4


def test_an_error_in_the_last_change_takes_back_the_first(world: World) -> None:
    where = And((ALICE, NotClear(("email",))))
    bad = update(world, 2, "customer", where, Assignment("email", "null"))
    batch = Batch("request-1", (delete(world, 1, "line", HER_LINES), bad))
    with pytest.raises(StoreError) as caught:
        world.connector.execute(batch)
    assert "alice" not in str(caught.value).lower()
    assert len(world.peek("line")) == 4


def test_a_change_that_leaves_its_rows_as_they_were_is_refused(world: World) -> None:
    where = And((ALICE, NotClear(("name",))))
    batch = Batch("request-1", (update(world, 1, "customer", where, Assignment("name", "value", "Alicia")),))
    with pytest.raises(StoreRefused):
        world.connector.execute(batch)
    assert world.column("customer", "name")[1] == "Alice"


def test_a_limit_stops_a_change_that_would_touch_more(world: World) -> None:
    change = Change(1, "line", "delete", Everything(), limit=3)
    with pytest.raises(StoreChanged, match="line"):
        world.connector.execute(Batch("sweep-1", (change,)))
    swept = Change(1, "line", "delete", KeySpan("id", 0, 1000), limit=3)
    with pytest.raises(StoreChanged, match="line"):
        world.connector.execute(Batch("sweep-1", (swept,)))
    assert len(world.peek("line")) == 4


def test_a_batch_is_cut_at_its_number_of_rows_and_goes_on_where_it_stopped(world: World) -> None:
    changes = (Change(1, "line", "delete", HER_LINES), Change(2, "orders", "delete", HERS))
    batch = Batch("request-1", changes, max_rows=2)
    runs = []
    while True:
        done = world.connector.execute(batch)
        runs.append(dict(done.rows))
        if not done.more:
            break
    assert runs[0] == {1: 2}
    assert sum(sum(run.values()) for run in runs) == 5
    assert sorted(world.column("orders", "note")) == [20, 30]


def test_a_span_is_swept_by_its_condition(world: World) -> None:
    where = And((KeySpan("id", 100, 111), Not(Where(Condition("label", "in", ("pen",))))))
    done = world.connector.execute(Batch("sweep-1", (Change(1, "line", "delete", where, limit=10),)))
    assert dict(done.rows) == {1: 2}
    assert sorted(world.column("line", "label")) == [101, 200]


def test_rows_without_a_key_are_deleted_by_their_condition(world: World) -> None:
    where = KeyIn(("customer_id",), ((1,),))
    done = world.connector.execute(Batch("request-1", (delete(world, 1, "visit", where),)))
    assert dict(done.rows) == {1: 2}
    assert [row["customer_id"] for row in world.peek("visit")] == [2]


def test_rows_with_a_composite_key_are_changed_by_it(world: World) -> None:
    where = Where(Condition("customer_id", "in", (2,)))
    batch = Batch("request-1", (update(world, 1, "seat", where, Assignment("customer_id", "null")),))
    assert dict(world.connector.execute(batch).rows) == {1: 2}
    assert [row["customer_id"] for row in world.peek("seat")] == [1, None, None]


def test_values_inside_json_go_and_the_rest_stays(world: World) -> None:
    where = And((ALICE, NotClear(("profile.address.city", "profile.tags.*"))))
    batch = Batch(
        "request-1",
        (
            update(
                world, 1, "customer", where,
                Assignment("profile", "remove", within=Within("json", ("address", "city"))),
                Assignment("profile", "remove", within=Within("json", ("tags", "*"))),
            ),
        ),
    )  # fmt: skip
    assert dict(world.connector.execute(batch).rows) == {1: 1}
    assert inside(world) == {"address": {"zip": "69001"}, "tags": []}


def test_a_value_inside_json_is_replaced(world: World) -> None:
    where = And((ALICE, Not(KeyIn(("id",), ((2,),))), NotClear(("profile.address.city",))))
    path = Within("json", ("address", "city"))
    neutral = replace(shop().collections["customer"].fields[3], neutral="Somewhere", has_neutral=True)
    assert world.reopen is not None
    fields = tuple(neutral if f.name == neutral.name else f for f in shop().collections["customer"].fields)
    collections = {**shop().collections, "customer": replace(shop().collections["customer"], fields=fields)}
    connector = world.reopen(replace(shop(), collections=collections))
    world.connector.close()
    world.connector = connector
    change = update(world, 1, "customer", where, Assignment("profile", "replace", "Somewhere", within=path))
    assert dict(world.connector.execute(Batch("request-1", (change,))).rows) == {1: 1}
    assert inside(world)["address"] == {"city": "Somewhere", "zip": "69001"}


def test_a_value_inside_json_is_corrected_where_another_stands(world: World) -> None:
    path = Within("json", ("address", "city"))
    where = Differs("profile.address.city", "Nîmes")
    change = update(world, 1, "customer", where, Assignment("profile", "replace", "Nîmes", within=path))
    assert dict(world.connector.execute(Batch("request-1", (change,))).rows) == {1: 1}
    assert inside(world)["address"] == {"city": "Nîmes", "zip": "69001"}
    assert [c.rows for c in world.connector.count([Want("customer", where)])] == [0]


def test_a_value_inside_php_is_corrected_where_another_stands(world: World) -> None:
    if world.kind == "memory":
        pytest.skip("the memory connector keeps no PHP-serialised values")
    where = Differs("settings.phone", "É45")
    change = update(
        world, 1, "customer", where, Assignment("settings", "replace", "É45", within=Within("php", ("phone",)))
    )
    assert dict(world.connector.execute(Batch("request-1", (change,))).rows) == {1: 1}
    assert world.column("customer", "settings")[1] == 'a:2:{s:5:"phone";s:4:"É45";s:5:"theme";s:4:"dark";}'
    assert [c.rows for c in world.connector.count([Want("customer", where)])] == [0]


def inside(world: World) -> dict[str, object]:
    raw = world.column("customer", "profile")[1]
    parsed: dict[str, object] = json.loads(raw) if isinstance(raw, str) else raw
    return parsed


def test_values_inside_php_go_and_the_rest_stays(world: World) -> None:
    if world.kind == "memory":
        pytest.skip("the memory connector keeps no PHP-serialised values")
    where = And((ALICE, NotClear(("settings.phone",))))
    change = update(world, 1, "customer", where, Assignment("settings", "remove", within=Within("php", ("phone",))))
    assert dict(world.connector.execute(Batch("request-1", (change,))).rows) == {1: 1}
    assert world.column("customer", "settings")[1] == 'a:1:{s:5:"theme";s:4:"dark";}'


def test_a_store_in_observe_mode_is_never_written_to(world: World) -> None:
    batch = erasure_of_alice(world)
    assert world.reopen is not None
    watching = world.reopen(replace(shop(), mode=Mode.OBSERVE))
    try:
        with pytest.raises(StoreRefused, match="reading only"):
            watching.execute(replace(batch, facts_digest=""))
    finally:
        watching.close()
    assert len(world.peek("line")) == 4


def test_spans_cover_the_key_once_and_resume_where_they_stopped(world: World) -> None:
    for collection in ("customer", "line", "seat", "visit", "meta"):
        everything = list(world.connector.keys(collection, Everything()))
        spans = list(world.connector.spans(collection, Everything(), 2))
        walked = [key for span in spans for key in world.connector.keys(collection, span.where)]
        assert sorted(walked, key=repr) == sorted(everything, key=repr)
        if len(spans) > 1:
            rest = list(world.connector.spans(collection, Everything(), 2, after=spans[0].resume))
            again = [key for span in rest for key in world.connector.keys(collection, span.where)]
            first = set(world.connector.keys(collection, spans[0].where))
            assert set(again) == set(everything) - first
