"""Uses, places and kinds of data erased one after the other, on the store in memory: nothing that stays is lost sight
of."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.policy.model import (
    Basis,
    Clock,
    Collection,
    Event,
    Field,
    Hold,
    Identifier,
    IdentifierKind,
    Keep,
    Link,
    Mode,
    Policy,
    Purpose,
    Store,
)
from troth.core.policy.values import Duration, FinancialYear
from troth.core.retention.sweep import plan_sweep, run_sweep
from troth.core.rights.erase import Runner, Wish, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.session import Session, open_session
from troth.state.engine import StateRecords
from troth.state.state import memory_state

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = date(2026, 1, 15)
USES = ("letter", "counting", "mailbox", "orders", "offers", "billing", "forum")


def table(store: str, name: str, use: str, fields: str = "", **more: Any) -> Collection:
    """``fields``: names with their category, and a use of their own where it is not the table's."""
    made = []
    for one in fields.split():
        field, category, *own = one.split(":")
        made.append(Field(field, field, category, frozenset(own or [use])))
    return Collection(store, name, name, key=("id",), purposes=frozenset({use}), fields=tuple(made), **more)


EMAIL, NUMBER = Identifier("email", "email"), Identifier("customer_id", "number")
MAIL = (
    table("mail", "subscriber", "letter", "email:EmailAddress name:Name", identifiers=(EMAIL,)),
    table("mail", "sent", "letter", "subject:Communication", links=(Link("subscriber", (("subscriber", "id"),)),)),
    table("mail", "click", "counting", "ip:IPAddress", links=(Link("sent", (("sent", "id"),)),)),
    table("mail", "bounce", "mailbox", "said:Communication", links=(Link("subscriber", (("address", "email"),)),)),
)
SHOP = (
    table(
        "shop", "customer", "orders", "email:EmailAddress name:Name phone:TelephoneNumber:offers",
        identifiers=(EMAIL, NUMBER),
    ),
    table("shop", "wish", "offers", "what:Interest", links=(Link("customer", (("customer", "id"),)),)),
    table(
        "shop", "invoice", "billing", "address:PhysicalAddress note:Communication",
        links=(Link("customer", (("customer", "id"),)),), events={"financial_year_end": Clock("on", "date")},
        holds=(
            Hold("accounting", "accounting", ("address",), {"customer": ("name",)}, Duration(120), "financial_year_end"),
        ),
    ),
)  # fmt: skip
FORUM = (
    table("forum", "member", "forum", "nick:Username", identifiers=(NUMBER,)),
    table("forum", "post", "forum", "text:Opinion", links=(Link("member", (("member", "id"),)),)),
)
STORES = {"mail": MAIL, "shop": SHOP, "forum": FORUM}
POLICY = Policy(
    "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
    {name: Purpose(name, {}, Basis.CONSENT, (), (), (), Keep()) for name in USES}, {},
    {"financial_year_end": Event("financial_year_end", "row", "financial_year_end")},
    {"email": IdentifierKind("email"), "customer_id": IdentifierKind("customer_id", strong=False)},
    {n: Store(n, "", "FR", None, Mode.ENFORCE, {c.name: c for c in found}) for n, found in STORES.items()},
    "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
)  # fmt: skip
REF = count()
World = dict[str, dict[str, MemoryTable]]


def rows_of(collection: Collection, rows: list[dict[str, Any]]) -> MemoryTable:
    names = dict.fromkeys([
        *(f.column for f in collection.fields), *(i.column for i in collection.identifiers),
        *(ours for link in collection.links for ours, _ in link.columns), *(c.column for c in collection.events.values()),
    ])  # fmt: skip
    kinds = {n: ("date" if n == "on" else "int" if n in ("id", "number") else "text", n != "id") for n in names}
    for link in collection.links:
        kinds |= {ours: ("text" if theirs == "email" else "int", True) for ours, theirs in link.columns}
    filled = [{n: row.get(n, "x" if kinds[n][0] == "text" else None) for n in names} | row for row in rows]
    return MemoryTable.of(("id",), {"id": ("int", False), **kinds}, filled)


def world(counts: dict[str, int]) -> World:
    """Person 0 with so many rows of each kind; person 10 with one of each."""
    found: dict[str, list[dict[str, Any]]] = {one.name: [] for every in STORES.values() for one in every}
    for who, number in ((0, counts), (10, dict.fromkeys(counts, 1))):
        mail = f"p{who}@example.org"
        found["subscriber"] += [{"id": who, "email": mail}] * number["subscriber"]
        found["customer"].append({"id": who, "number": who + 50, "email": mail})
        found["member"] += [{"id": who, "number": who + 50}] * number["member"]
        for at in range(who, who + number["below"]):
            found["wish"].append({"id": at, "customer": who})
            found["invoice"].append({"id": at, "customer": who, "on": date(2013 + 4 * (at - who), 5, 5)})
            found["post"] += [{"id": at, "member": who}] * number["member"]
            found["sent"] += [{"id": at, "subscriber": who}] * number["subscriber"]
            found["click"] += [{"id": at, "sent": at}] * number["subscriber"]
            found["bounce"] += [{"id": at, "address": mail}] * number["subscriber"]
    return {n: {c.name: rows_of(c, found[c.name]) for c in every} for n, every in STORES.items()}


def opened(tables: World, day: date = TODAY) -> Session:
    return open_session(POLICY, day, lambda store: MemoryConnector(store, tables[store.name]))


def erase(tables: World, records: StateRecords, wish: Wish) -> None:
    with opened(tables) as session:
        who = identify(session, Subject((("email", "p0@example.org"),)), Decisions(), records)
        planned = plan_erasure(session, who, wish, ())
        outcomes = run_erasure(session, planned, Runner(records, NOW, f"erase-{next(REF)}"))
    assert not [one for one in outcomes if one.status == "failed"]


def rows(tables: World, who: int = 0) -> dict[str, list[dict[str, Any]]]:
    """The person's rows: they are known by their numbers."""
    every = {name: one.rows for store in tables.values() for name, one in store.items()}
    return {name: [row for row in found if row["id"] // 10 * 10 == who] for name, found in every.items()}


some = st.frozensets(st.sampled_from(USES), min_size=1, max_size=6)
places = st.frozensets(st.sampled_from([f"{s}.{c.name}" for s, every in STORES.items() for c in every]), min_size=1)
KINDS = tuple(sorted({one.category for every in STORES.values() for c in every for one in c.fields}))
kinds = st.frozensets(st.sampled_from(KINDS), min_size=1, max_size=3)
wishes = st.one_of(
    some.map(lambda uses: Wish(purposes=tuple(sorted(uses)))),
    places.map(lambda c: Wish(collections=tuple(sorted(c)))),
    st.builds(
        lambda k, uses, c: Wish(tuple(sorted(uses)), tuple(sorted(c)), categories=tuple(sorted(k))),
        kinds, st.one_of(st.just(frozenset[str]()), some), st.one_of(st.just(frozenset[str]()), places),
    ),
)  # fmt: skip
counts = st.fixed_dictionaries(
    {"subscriber": st.integers(0, 1), "member": st.integers(0, 1), "below": st.integers(0, 2)}
)


@given(counts, st.lists(wishes, max_size=3))
def test_after_parts_the_whole_leaves_nothing_but_what_the_law_keeps(number: dict[str, int], parts: list[Wish]) -> None:
    tables, records = world(number), StateRecords(memory_state(at=NOW))
    others = copy.deepcopy(rows(tables, 10))
    for wish in (*parts, Wish()):
        erase(tables, records, wish)
    left = {name: found for name, found in rows(tables).items() if found}
    held = [row["id"] for row in left.pop("invoice", [])]
    assert held == [k for k in range(number["below"]) if k]
    assert [row["name"] for row in left.pop("customer", [])] == (["x"] if held else [])
    assert left == {}
    assert rows(tables, 10) == others


def test_a_row_by_which_others_are_found_stays_with_its_address_and_goes_with_the_last_of_them() -> None:
    tables = world({"subscriber": 1, "member": 1, "below": 1})
    records = StateRecords(memory_state(at=NOW))
    erase(tables, records, Wish(purposes=("letter",)))
    left = rows(tables)
    assert left["subscriber"] == [{"id": 0, "email": "p0@example.org", "name": None}]
    assert [row["subscriber"] for row in left["sent"]] == [0], "a step on the way to the clicks"
    assert [row["subject"] for row in left["sent"]] == [None]
    assert len(left["click"]) == len(left["bounce"]) == 1
    erase(tables, records, Wish(purposes=("counting",)))
    sweep(tables, records)
    assert not rows(tables)["sent"]
    assert rows(tables)["subscriber"], "the bounces still belong to its address"
    erase(tables, records, Wish(purposes=("mailbox",)))
    sweep(tables, records)
    assert not rows(tables)["subscriber"]


def test_a_row_that_leads_to_another_store_stays_until_nothing_is_left_there() -> None:
    tables = world({"subscriber": 1, "member": 1, "below": 0})
    records = StateRecords(memory_state(at=NOW))
    erase(tables, records, Wish(purposes=("orders", "offers", "billing")))
    (left,) = rows(tables)["customer"]
    assert (left["email"], left["number"], left["name"], left["phone"]) == ("p0@example.org", 50, None, None)
    erase(tables, records, Wish(purposes=("forum",)))
    sweep(tables, records)
    assert not rows(tables)["customer"]
    assert rows(tables)["subscriber"], "of another use, found by its own address"


@pytest.mark.parametrize("uses", [("letter", "counting", "mailbox"), ()])
def test_where_nothing_of_other_uses_hangs_on_it_the_row_goes_at_once(uses: tuple[str, ...]) -> None:
    tables = world({"subscriber": 1, "member": 1, "below": 1})
    erase(tables, StateRecords(memory_state(at=NOW)), Wish(purposes=uses))
    assert not rows(tables)["subscriber"]
    assert bool(rows(tables)["customer"]) == bool(uses)


def sweep(tables: World, records: StateRecords) -> None:
    class Pace:
        def next_size(self, rows: int) -> int:
            return 2

        def advance(self, place: str, rows: int, total: int) -> None:
            pass

    with opened(tables) as session:
        run_sweep(session, plan_sweep(session, records), Runner(records, NOW, f"sweep-{next(REF)}"), Pace())
