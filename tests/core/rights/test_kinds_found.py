"""After an erasure by kind of data all that stays is found again: by links over any column, by what a human opened, and
not by a number of its own that leads nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rights.test_kinds import memory, second, two, without
from core.rights.test_partial_properties import EMAIL, NOW, NUMBER, POLICY, World, rows_of, table
from effort import usually
from troth.connectors.memory.connector import MemoryConnector
from troth.core.policy.model import Collection, Identifier, Link, Mode, Policy, Store
from troth.core.rights.erase import Runner, Wish, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.session import Session, open_session
from troth.core.rights.whose import person_rows
from troth.state.engine import StateRecords

MINE = Subject((("email", "p@example.org"),))
PHONE = Identifier("phone", "phone")
TYPED = replace(EMAIL, column="mail", verified=False)
CALLED = replace(PHONE, verified=False)
OPENED = Decisions(shared=True, unverified=True)


@pytest.mark.parametrize("number", [99, 0, ""])
def test_a_number_of_its_own_that_leads_nowhere_is_no_way_back_to_a_row(number: object) -> None:
    tables, records = two({"phone": "0199", "number": number}), memory()
    without(tables, records, "TelephoneNumber")
    with second(tables) as session:
        who = identify(session, MINE, Decisions(), records)
    assert who.anchors["desk"]["contact"] == ((1,),)


# --- one store with every kind of way -------------------------------------------------------------

SHOP = (
    table(
        "shop", "customer", "orders", "email:EmailAddress phone:TelephoneNumber name:Name",
        identifiers=(EMAIL, PHONE, NUMBER),
    ),
    # Its code is neither its key nor described: visits hang on it all the same.
    table("shop", "device", "orders", "ip:IPAddress code:IPAddress", links=(Link("customer", (("customer", "id"),)),)),
    table("shop", "visit", "orders", "page:Interest", links=(Link("device", (("code", "code"),)),)),
    table(
        "shop", "review", "forum", "mail:EmailAddress phone:TelephoneNumber text:Opinion",
        identifiers=(TYPED, CALLED, NUMBER), links=(Link("customer", (("customer", "id"),)),),
    ),
    table(
        "shop", "contact", "forum", "email:EmailAddress phone:TelephoneNumber said:Communication",
        identifiers=(EMAIL, PHONE, NUMBER),
    ),
)  # fmt: skip


def undescribed(collection: Collection) -> Collection:
    """The column is there, and the policy says nothing of it."""
    return replace(collection, fields=tuple(one for one in collection.fields if one.column != "code"))


MAPPED = {one.name: undescribed(one) for one in SHOP}
WAYS: Policy = replace(
    POLICY, stores={"shop": Store("shop", "", "FR", None, Mode.ENFORCE, MAPPED)},
    identifiers={**POLICY.identifiers, "phone": replace(POLICY.identifiers["email"], name="phone")},
)  # fmt: skip


def ways(
    customer: dict[str, Any], devices: int, reviews: list[dict[str, Any]], contacts: list[dict[str, Any]]
) -> World:
    found = {
        "customer": [{"id": 1, "email": "p@example.org", "phone": "0199", "number": 7, **customer}],
        "device": [{"id": at, "customer": 1, "code": str(at)} for at in range(devices)],
        "visit": [{"id": at, "code": str(at)} for at in range(devices)],
        "review": [{"id": at, **one} for at, one in enumerate(reviews)],
        "contact": [{"id": at, **one} for at, one in enumerate(contacts)],
    }
    return {"shop": {one.name: rows_of(one, found[one.name]) for one in SHOP}}


def at(tables: World) -> Session:
    return open_session(WAYS, date(2026, 1, 15), lambda store: MemoryConnector(store, tables[store.name]))


def found(tables: World, records: StateRecords) -> set[tuple[str, object]]:
    with at(tables) as session:
        who = identify(session, MINE, OPENED, records)
        opened = session.stores["shop"]
        mine = person_rows(opened, who.anchors.get("shop", {}))
        return {(name, key[0]) for name, where in mine.items() for key in opened.connector.keys(name, where)}


def erase(tables: World, records: StateRecords, *categories: str) -> None:
    with at(tables) as session:
        wish = Wish(categories=categories, decisions=OPENED)
        planned = plan_erasure(session, identify(session, MINE, OPENED, records), wish, ())
        assert all(one.status != "failed" for one in run_erasure(session, planned, Runner(records, NOW, "r1")))


def values(tables: World, name: str, column: str) -> list[object]:
    return [row[column] for row in tables["shop"][name].rows]


def test_a_row_on_which_others_hang_by_a_column_that_nobody_described_stays() -> None:
    tables = ways({}, 1, [], [])
    erase(tables, memory(), "IPAddress")
    assert values(tables, "device", "ip") == [None], "emptied, for the visits are found through it"
    assert ("visit", 0) in found(tables, memory())
    erase(tables, memory(), "IPAddress", "Interest")
    assert values(tables, "device", "id") == values(tables, "visit", "id") == []


@pytest.mark.parametrize(
    ("review", "left"),
    [
        ({"number": None}, "p@example.org"),
        ({"number": 7}, None),
        ({"number": 99}, "p@example.org"),
        ({"number": 99, "customer": 1}, None),
    ],
    ids=["nothing else", "the customer's number", "a number that leads nowhere", "the customer's row"],
)
def test_an_address_by_which_a_human_opened_a_row_stays_while_nothing_else_leads_there(
    review: dict[str, Any], left: str | None
) -> None:
    tables = ways({}, 0, [{"mail": "p@example.org", "phone": None, **review}], [])
    erase(tables, memory(), "EmailAddress")
    assert values(tables, "review", "mail") == [left]
    assert ("review", 0) in found(tables, memory())


def test_a_telephone_that_leads_to_what_a_human_opened_stays_in_both_rows() -> None:
    tables = ways({}, 0, [{"mail": None, "phone": "0199", "number": None}], [])
    erase(tables, memory(), "TelephoneNumber")
    assert values(tables, "customer", "phone") == values(tables, "review", "phone") == ["0199"]
    assert ("review", 0) in found(tables, memory())


mails = st.sampled_from([None, "p@example.org"])
phones = st.sampled_from([None, "", "0199", "0555"])
numbers = st.sampled_from([None, 0, 7, 99])
typed = st.lists(
    st.fixed_dictionaries({"mail": mails, "customer": st.sampled_from([None, 1]), "phone": phones, "number": numbers}),
    max_size=2,
)
written = st.lists(st.fixed_dictionaries({"email": mails, "phone": phones, "number": numbers}), max_size=2)
customers = st.fixed_dictionaries({"phone": phones, "number": st.sampled_from([None, 7])})
kinds = st.frozensets(
    st.sampled_from(("EmailAddress", "TelephoneNumber", "IPAddress", "Name", "Opinion", "Interest")), min_size=1
)


@settings(max_examples=usually(60, 400))
@given(customers, st.integers(0, 2), typed, written, kinds)
def test_whatever_is_asked_for_what_stays_of_a_person_is_found(
    customer: dict[str, Any], devices: int, reviews: list[dict[str, Any]], contacts: list[dict[str, Any]],
    asked: frozenset[str],
) -> None:  # fmt: skip
    tables, records = ways(customer, devices, reviews, contacts), memory()
    before = found(tables, records)
    erase(tables, records, *sorted(asked))
    left = {(name, row["id"]) for name, one in tables["shop"].items() for row in one.rows}
    assert found(tables, records) == before & left
