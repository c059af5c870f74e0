"""Erasure by kind of data, on the store in memory: that kind goes, nothing else does, and all that stays is found."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rights.test_partial_properties import (
    KINDS,
    NOW,
    NUMBER,
    POLICY,
    STORES,
    World,
    counts,
    erase,
    kinds,
    opened,
    rows,
    rows_of,
    sweep,
    table,
    world,
)
from effort import usually
from troth.connectors.memory.connector import MemoryConnector
from troth.core.errors import UsageError
from troth.core.policy.model import Hook, Identifier, Mode, Store
from troth.core.retention.sweep import plan_sweep, run_sweep
from troth.core.rights.erase import Planned, Runner, Wish, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.replay import plan_replay
from troth.core.rights.session import Session, open_session
from troth.core.rights.wish import covers, wish_from
from troth.state.engine import StateRecords
from troth.state.state import memory_state

EVERY = {c.name: c for every in STORES.values() for c in every}
FOUND_BY = {("customer", "email"), ("subscriber", "email")}
Rows = dict[str, list[dict[str, Any]]]


def memory() -> StateRecords:
    return StateRecords(memory_state(at=NOW))


def filled(found: Rows) -> dict[tuple[str, int, str], object]:
    """Every field that holds something, by its place."""
    return {
        (name, row["id"], field.name): row[field.column]
        for name, some in found.items() for row in some for field in EVERY[name].fields if row[field.column] is not None
    }  # fmt: skip


def may_stay(asked: frozenset[str], number: dict[str, int], name: str, at: int, field: str) -> bool:
    """Whether a field that was asked about is held, or the row, which stays, is found by it."""
    held = [k for k in range(number["below"]) if k]
    if (name, field) == ("invoice", "address"):
        return at in held
    if (name, field) == ("customer", "name"):
        return bool(held)
    return (name, field) in FOUND_BY


@settings(max_examples=usually(40, 200))
@given(counts, kinds)
def test_a_kind_of_data_goes_but_for_what_is_held_and_no_other_field_is_touched(
    number: dict[str, int], asked: frozenset[str]
) -> None:
    tables = world(number)
    before, others = filled(copy.deepcopy(rows(tables))), copy.deepcopy(rows(tables, 10))
    erase(tables, memory(), Wish(categories=tuple(sorted(asked))))
    after = filled(rows(tables))
    kind = {(c.name, one.name): one.category for c in EVERY.values() for one in c.fields}
    untouched = {place: value for place, value in before.items() if kind[place[0], place[2]] not in asked}
    assert {place: v for place, v in after.items() if kind[place[0], place[2]] not in asked} == untouched
    left = {place for place in after if kind[place[0], place[2]] in asked}
    assert all(may_stay(asked, number, *place) for place in left)
    assert {place[0] for place in before} - {place[0] for place in after} <= {
        c.name for c in EVERY.values() if {one.category for one in c.fields} <= asked
    }, "no row goes that holds something else"
    assert rows(tables, 10) == others


@settings(max_examples=usually(25, 200))
@given(counts, kinds, st.sampled_from(KINDS))
def test_beside_uses_and_places_a_kind_only_narrows(number: dict[str, int], asked: frozenset[str], one: str) -> None:
    wide, narrow = world(number), world(number)
    uses, place = ("offers", "billing"), ("shop.customer", "shop.invoice")
    erase(wide, memory(), Wish(uses, place))
    erase(narrow, memory(), Wish(uses, place, categories=tuple(sorted(asked | {one}))))
    before, both, alone = (filled(rows(tables)) for tables in (world(number), narrow, wide))
    kind = {(c.name, f.name): f.category for c in EVERY.values() for f in c.fields}
    gone = before.keys() - both.keys()
    assert gone <= before.keys() - alone.keys()
    assert {kind[name, field] for name, _, field in gone} <= asked | {one}


def test_a_row_that_holds_nothing_else_goes_and_any_other_stays() -> None:
    tables = world({"subscriber": 1, "member": 1, "below": 2})
    erase(tables, memory(), Wish(categories=("Communication",)))
    left = rows(tables)
    assert not left["bounce"], "its text was all that it held"
    assert [row["subject"] for row in left["sent"]] == [None, None], "the clicks still belong to it"
    assert [(row["address"], row["note"]) for row in left["invoice"]] == [("x", None), ("x", None)]


def test_the_day_of_a_held_field_comes_and_what_was_given_since_stays() -> None:
    tables, records = world({"subscriber": 0, "member": 0, "below": 2}), memory()
    erase(tables, records, Wish(categories=("PhysicalAddress", "Name")))
    invoices = tables["shop"]["invoice"]
    assert [row["address"] for row in rows(tables)["invoice"]] == [None, "x"]
    (pending,) = records.due(date.max)
    assert pending.due == date(2028, 1, 1), "ten years after the year of the second invoice"
    assert pending.held.rows["shop"]["invoice"] == {"address": ((1,),)}
    invoices.rows[0]["address"] = tables["shop"]["customer"].rows[0]["phone"] = "given anew"
    later(tables, records, date(2027, 12, 31))
    assert [row["address"] for row in rows(tables)["invoice"]] == ["given anew", "x"]
    later(tables, records, date(2028, 1, 1))
    assert [row["address"] for row in rows(tables)["invoice"]] == ["given anew", None]
    (customer,) = rows(tables)["customer"]
    assert (customer["name"], customer["phone"]) == (None, "given anew")
    assert not records.due(date.max)


def later(tables: World, records: StateRecords, day: date) -> None:
    with opened(tables, day) as session:
        planned = plan_sweep(session, records)
        assert not [one for one in run_sweep(session, planned, Runner(records, at(day), f"s-{day}"), Pace())
                    if one.status == "failed"]  # fmt: skip


def at(day: date) -> datetime:
    return NOW.replace(year=day.year, month=day.month, day=day.day)


class Pace:
    def next_size(self, rows: int) -> int:
        return 10

    def advance(self, place: str, rows: int, total: int) -> None:
        pass


def test_what_waits_for_its_day_is_packed_and_unpacked_whole() -> None:
    tables, records = world({"subscriber": 1, "member": 1, "below": 2}), memory()
    erase(tables, records, Wish(categories=("Name",)))
    (pending,) = records.due(date.max)
    assert pending.scope["categories"] == ("Name",)
    assert pending.held.fields == {"shop": {"customer": ("name",)}}
    assert pending.held.rows == {"shop": {"customer": {"name": ((0,),)}}}
    sweep(tables, records)
    assert [one.held for one in records.due(date.max)] == [pending.held], "a sweep before the day leaves it as it is"


# --- what the rows that stay are found by ---------------------------------------------------------

PHONE, EMAIL = Identifier("phone", "phone"), Identifier("email", "email")
SHOP = {
    "customer": table(
        "shop", "customer", "orders", "email:EmailAddress phone:TelephoneNumber name:Name",
        identifiers=(EMAIL, PHONE, NUMBER),
    ),
    "letters": table("shop", "letters", "letter", "email:EmailAddress", identifiers=(EMAIL,)),
    "texting": table("shop", "texting", "offers", "phone:TelephoneNumber", identifiers=(PHONE,)),
}  # fmt: skip
DESK = {
    "contact": table(
        "desk", "contact", "forum", "email:EmailAddress phone:TelephoneNumber said:Communication",
        identifiers=(EMAIL, PHONE, NUMBER),
    ),
}  # fmt: skip
TWO = replace(
    POLICY,
    stores={n: Store(n, "", "FR", None, Mode.ENFORCE, found) for n, found in (("shop", SHOP), ("desk", DESK))},
    identifiers={**POLICY.identifiers, "phone": replace(POLICY.identifiers["email"], name="phone")},
)


def two(contact: dict[str, Any], customer: dict[str, Any] | None = None) -> World:
    mine = {"id": 1, "email": "p@example.org", "phone": "0199", "number": 7, "name": "Ana", **(customer or {})}
    found = {"customer": [mine], "letters": [{"id": 1, "email": "p@example.org"}], "texting": [
        {"id": 1, "phone": "0199"}], "contact": [{"id": 1, "email": None, "number": None, "said": "hi", **contact}],
    }  # fmt: skip
    return {
        n: {c.name: rows_of(c, found[c.name]) for c in some.values()} for n, some in (("shop", SHOP), ("desk", DESK))
    }


def second(tables: World) -> Session:
    return open_session(TWO, date(2026, 1, 15), lambda store: MemoryConnector(store, tables[store.name]))


def without(tables: World, records: StateRecords, *categories: str, ref: str = "r1") -> Planned:
    with second(tables) as session:
        who = identify(session, Subject((("email", "p@example.org"),)), Decisions(), records)
        planned = plan_erasure(session, who, Wish(categories=categories), ())
        assert all(one.status != "failed" for one in run_erasure(session, planned, Runner(records, NOW, ref)))
        return planned


def phones(tables: World) -> list[object]:
    return [row["phone"] for name in ("shop", "desk") for one in tables[name].values() for row in one.rows
            if "phone" in row]  # fmt: skip


@pytest.mark.parametrize(
    ("contact", "left"),
    [
        ({"phone": "0199", "email": "p@example.org"}, [None, None]),
        ({"phone": "0199", "number": 7}, [None, None]),
        ({"phone": "0199"}, ["0199", "0199"]),
        ({"phone": "0555", "number": 7}, [None, None]),
    ],
    ids=["by its own address", "by the customer's number", "by nothing but the telephone", "by another telephone"],
)
def test_a_telephone_number_stays_only_where_nothing_else_leads_to_a_row(
    contact: dict[str, Any], left: list[object]
) -> None:
    tables, records = two(contact), memory()
    planned = without(tables, records, "TelephoneNumber")
    assert phones(tables) == left
    assert not tables["shop"]["texting"].rows, "it held nothing else"
    kept = [step for store in planned.plan.stores for step in store.steps if step.action == "keep"]
    assert {(s.collection, s.fields, s.detail) for s in kept} == (
        {(n, ("phone",), "leads") for n in ("customer", "contact")} if left[0] else set()
    )
    assert not records.due(date.max), "it goes with its row, not on a day of its own"
    with second(tables) as session:
        who = identify(session, Subject((("email", "p@example.org"),)), Decisions(), records)
    assert who.anchors["desk"]["contact"] == ((1,),), "all that stays is found"


def test_the_address_of_a_row_that_stays_is_kept_and_told_while_one_alone_goes() -> None:
    tables = two({"phone": None, "email": "p@example.org"})
    planned = without(tables, memory(), "EmailAddress")
    assert [row["email"] for row in tables["shop"]["customer"].rows] == ["p@example.org"]
    assert not tables["shop"]["letters"].rows
    kept = {(s.collection, s.detail, s.rows) for st in planned.plan.stores for s in st.steps if s.action == "keep"}
    assert kept == {("customer", "leads", 1), ("contact", "leads", 1)}


def test_a_program_that_runs_afterwards_is_told_that_it_was_a_part() -> None:
    hooked = replace(TWO.stores["shop"], hooks=(Hook("crm", ("crm",), frozenset({"erase"})),))
    policy, heard = replace(TWO, stores={**TWO.stores, "shop": hooked}), list[dict[str, Any]]()

    def run(hook: Hook, line: bytes) -> str:
        heard.append(json.loads(line))
        return ""

    for wish in (Wish(categories=("TelephoneNumber",)), Wish()):
        tables, records = two({"phone": "0199", "email": "p@example.org"}), memory()
        connect = partial(connected, tables)
        with open_session(policy, date(2026, 1, 15), connect) as session:
            who = identify(session, Subject((("email", "p@example.org"),)), Decisions(), records)
            run_erasure(session, plan_erasure(session, who, wish, ()), Runner(records, NOW, "r1", run))
    assert [one.get("part") for one in heard] == [True, None]


def connected(tables: World, store: Store) -> MemoryConnector:
    return MemoryConnector(store, tables[store.name])


def test_a_replay_takes_the_kind_out_again_and_nobody_is_said_to_have_come_back() -> None:
    tables, records = two({"phone": "0199", "email": "p@example.org"}), memory()
    backup = copy.deepcopy(tables)
    without(tables, records, "TelephoneNumber")
    backup["shop"]["customer"].rows.append({**backup["shop"]["customer"].rows[0], "id": 2, "number": 8})
    with second(backup) as session:
        plan = plan_replay(session, records).plan
    steps = {(s.collection, s.action, s.fields, s.rows) for store in plan.stores for s in store.steps}
    assert {("customer", "clear", ("phone",), 1), ("contact", "clear", ("phone",), 1)} <= steps
    assert not [step for step in steps if step[1] == "flag"], "they never went: a second account is nobody's return"


# --- the wish itself -------------------------------------------------------------------------------


def test_a_kind_that_no_field_is_of_is_refused_with_the_nearest_word() -> None:
    tables = world({"subscriber": 1, "member": 1, "below": 0})
    with opened(tables) as session:
        who = identify(session, Subject((("email", "p0@example.org"),)), Decisions(), memory())
        with pytest.raises(UsageError) as caught:
            plan_erasure(session, who, Wish(categories=("telephonenumbr",)), ())
    assert "did you mean TelephoneNumber" in caught.value.remedy


def test_a_wish_by_kind_is_recorded_and_covers_no_more_than_it_names() -> None:
    wish = Wish(("letter",), ("shop.customer",), Decisions(shared=True), ("Name", "TelephoneNumber"))
    assert wish_from({n: list(v) for n, v in wish.scope.items()}) == wish
    assert "categories" not in Wish().scope
    assert covers(Wish(), Wish(categories=("Name",)))
    assert not covers(Wish(categories=("Name",)), Wish())
    assert covers(Wish(categories=("Name", "Email")), Wish(categories=("Name",)))
    assert not covers(Wish(categories=("Name",)), Wish(categories=("Name", "Email")))
