"""The day on which what an erasure by kind of data had left goes: whose row it is then, and no other field of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rights.test_kinds import Pace, memory
from core.rights.test_partial_properties import (
    EMAIL,
    NOW,
    POLICY,
    World,
    erase,
    opened,
    rows,
    rows_of,
    table,
    world,
)
from effort import usually
from troth.connectors.memory.connector import MemoryConnector
from troth.core.policy.model import Clock, Condition, Field, Hold, Identifier, Link, Mode, Store
from troth.core.policy.values import Duration
from troth.core.retention.sweep import plan_sweep, run_sweep
from troth.core.rights.erase import Runner, Wish, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.session import Session, open_session
from troth.state.engine import StateRecords

THE_DAY = date(2028, 1, 1)


def waiting() -> tuple[World, StateRecords]:
    """The name of a customer waits for the day of an invoice."""
    tables, records = world({"subscriber": 0, "member": 0, "below": 2}), memory()
    erase(tables, records, Wish(categories=("Name", "PhysicalAddress")))
    assert [row["name"] for row in rows(tables)["customer"]] == ["x"]
    return tables, records


def come(tables: World, records: StateRecords, day: date = THE_DAY) -> list[tuple[str, int]]:
    """What the sweep of that day leaves to a human."""
    with opened(tables, day) as session:
        planned = plan_sweep(session, records)
        told = [(s.collection, s.rows) for _, _, steps in planned.rests for s in steps if s.reason == "key_reused"]
        done = run_sweep(session, planned, Runner(records, NOW, f"s-{day}"), Pace())
        failed = [(one.step.collection, one.rows) for one in done if one.status == "failed"]
    assert failed == told, "nothing else fails"
    return told


def test_a_row_whose_key_was_given_to_somebody_else_meanwhile_is_left_alone_and_flagged() -> None:
    tables, records = waiting()
    tables["shop"]["customer"].rows[0].update(email="zoe@example.org", number=99, name="Zoe")
    assert come(tables, records) == [("customer", 1)]
    assert [row["name"] for row in rows(tables)["customer"]] == ["Zoe"]
    assert [row["address"] for row in rows(tables)["invoice"]] == [None, "x"], "found through that row alone"
    assert not records.due(date.max), "told once"


@pytest.mark.parametrize(
    "since", [{"email": "new@example.org"}, {"number": 99}, {"phone": "given since"}], ids=lambda one: next(iter(one))
)
def test_a_row_that_one_identifier_tells_to_be_the_persons_is_emptied_on_its_day(since: dict[str, Any]) -> None:
    tables, records = waiting()
    tables["shop"]["customer"].rows[0].update(since)
    assert come(tables, records) == []
    (customer,) = rows(tables)["customer"]
    assert customer["name"] is None
    assert customer.items() >= since.items()
    assert [row["address"] for row in rows(tables)["invoice"]] == [None, None]


def test_a_row_that_is_not_there_any_more_is_nothing_to_look_at() -> None:
    tables, records = waiting()
    tables["shop"]["customer"].rows[:] = [row for row in tables["shop"]["customer"].rows if row["id"] != 0]
    assert come(tables, records) == []
    assert not records.due(date.max)


# --- two fields of one kind, each held in other rows; rows that lose their own identifier -----------

HELD = tuple(
    Hold(one, one, (one,), {}, Duration(120), "financial_year_end", if_state=f"keeps {one}") for one in ("bill", "ship")
)
ADDRESS = replace(
    table(
        "shop", "address", "orders", "bill:TelephoneNumber ship:TelephoneNumber",
        links=(Link("customer", (("customer", "id"),)),), events={"financial_year_end": Clock("on", "date")},
    ),
    states={"keeps bill": (Condition("kind", "in", ("bill",)),), "keeps ship": (Condition("kind", "in", ("ship",)),)},
    identifiers=(Identifier("phone", "bill"),), holds=HELD,
)  # fmt: skip
CUSTOMER = table("shop", "customer", "orders", "email:EmailAddress name:Name", identifiers=(EMAIL,))
CALL = table(
    "shop", "call", "orders", "called:TelephoneNumber", links=(Link("address", (("address", "id"),)),),
    events={"financial_year_end": Clock("on", "date")},
    holds=(Hold("calls", "calls", ("called",), {}, Duration(120), "financial_year_end"),),
)  # fmt: skip
PHONES = replace(
    POLICY,
    stores={"shop": Store("shop", "", "FR", None, Mode.ENFORCE, {one.name: one for one in (CUSTOMER, ADDRESS, CALL)})},
    identifiers={**POLICY.identifiers, "phone": replace(POLICY.identifiers["email"], name="phone")},
)
KIND = Field("kind", "kind", "Other", frozenset({"orders"}))


def phones(held: list[str]) -> World:
    """A customer with addresses, each with two telephone numbers, one of which a hold keeps."""
    addresses = [
        {"id": at, "customer": 1, "on": date(2025, 5, 5), "kind": one, "bill": f"b{at}", "ship": f"s{at}"}
        for at, one in enumerate(held)
    ]
    with_kind = replace(ADDRESS, fields=(*ADDRESS.fields, KIND))
    return {
        "shop": {
            "customer": rows_of(CUSTOMER, [{"id": 1, "email": "p@example.org"}]),
            "address": rows_of(with_kind, addresses),
            "call": rows_of(CALL, [{"id": one["id"], "address": one["id"], "on": one["on"]} for one in addresses]),
        }
    }


def session_of(tables: World, day: date) -> Session:
    return open_session(PHONES, day, lambda store: MemoryConnector(store, tables[store.name]))


def without_phones(tables: World, records: StateRecords) -> None:
    with session_of(tables, date(2026, 1, 15)) as session:
        who = Subject((("email", "p@example.org"), ("phone", "b0")))
        found = identify(session, who, Decisions(shared=True), records)
        wish = Wish(categories=("TelephoneNumber",), decisions=Decisions(shared=True))
        run_erasure(session, plan_erasure(session, found, wish, ()), Runner(records, NOW, "r1"))


def in_2036(tables: World, records: StateRecords) -> list[str]:
    """The day comes; returns where something is left to a human."""
    with session_of(tables, date(2036, 1, 1)) as session:
        done = run_sweep(session, plan_sweep(session, records), Runner(records, NOW, "s"), Pace())
    return [one.step.collection for one in done if one.status == "failed"]


@settings(max_examples=usually(25, 200))
@given(st.lists(st.sampled_from(["bill", "ship"]), max_size=3), st.sets(st.integers(0, 2)))
def test_on_its_day_of_each_row_nothing_goes_but_the_field_that_was_held_in_it(
    held: list[str], since: set[int]
) -> None:
    tables, records = phones(held), memory()
    found = tables["shop"]["address"].rows
    without_phones(tables, records)
    other = {"bill": "ship", "ship": "bill"}
    assert all(row[row["kind"]] and not row[other[row["kind"]]] for row in found)
    anew = {row["id"] for row in found if row["id"] in since}
    for row in found:
        if row["id"] in anew:
            row[other[row["kind"]]] = "given since"
    in_2036(tables, records)
    left = {row["id"]: (row[row["kind"]], row[other[row["kind"]]]) for row in found}
    assert {at: one for at, one in left.items() if any(one)} == dict.fromkeys(anew, (None, "given since"))
    assert not records.due(date.max)


@pytest.mark.parametrize(
    ("meanwhile", "flagged", "left"),
    [
        ({}, [], None),
        ({"customer": None}, [], None),
        ({"bill": "given since"}, [], None),
        ({"customer": None, "bill": "z1", "ship": "z2"}, ["address"], "z2"),
    ],
    ids=["as it was left", "on its own, as it was left", "below the person's row", "somebody else's"],
)
def test_a_row_whose_own_identifier_went_is_known_by_how_it_was_left_or_by_what_it_belongs_to(
    meanwhile: dict[str, Any], flagged: list[str], left: str | None
) -> None:
    tables, records = phones(["ship"]), memory()
    without_phones(tables, records)
    (address,) = tables["shop"]["address"].rows
    assert (address["bill"], address["ship"]) == (None, "s0")
    address.update(meanwhile)
    assert in_2036(tables, records) == flagged
    (address,) = tables["shop"]["address"].rows
    assert (address["bill"], address["ship"]) == (meanwhile.get("bill"), left)


@pytest.mark.parametrize("since", [True, False])
def test_a_row_under_which_something_was_given_since_stays_on_its_day(since: bool) -> None:
    tables, records = phones(["bill", "ship"]), memory()
    without_phones(tables, records)
    calls, address = tables["shop"]["call"].rows, tables["shop"]["address"].rows
    calls += [{**calls[0], "id": 9, "on": date(2012, 5, 5), "called": "given since"}] if since else []
    assert in_2036(tables, records) == []
    assert [row["called"] for row in tables["shop"]["call"].rows] == ["given since"] * since
    assert [row["id"] for row in address] == [0] * since, "the others hold nothing any more"
