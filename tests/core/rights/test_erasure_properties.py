"""Erasure and sweep over random people, on the store in memory: what must always hold."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

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
ORDERS = frozenset({"orders"})

CUSTOMER = Collection(
    "shop", "customer", "customer", key=("id",), purposes=ORDERS,
    identifiers=(Identifier("customer_id", "id"),),
    fields=tuple(Field(n, n, "Name", ORDERS) for n in ("name", "phone")),
)  # fmt: skip
INVOICE = Collection(
    "shop", "invoice", "invoice", key=("id",), purposes=ORDERS,
    fields=(Field("address", "address", "PhysicalAddress", ORDERS), Field("note", "note", "Communication", ORDERS)),
    links=(Link("customer", (("customer", "id"),)),),
    events={"financial_year_end": Clock("on", "date")},
    holds=(Hold("accounting", "accounting", ("address",), {"customer": ("name",)}, Duration(120), "financial_year_end"),),
)  # fmt: skip
LINE = Collection("shop", "line", "line", key=("id",), links=(Link("invoice", (("invoice", "id"),)),))
POLICY = Policy(
    "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
    {"orders": Purpose("orders", {}, Basis.CONTRACT, (), (), (), Keep())}, {},
    {"financial_year_end": Event("financial_year_end", "row", "financial_year_end")},
    {"customer_id": IdentifierKind("customer_id", strong=False)},
    {"shop": Store("shop", "", "FR", None, Mode.ENFORCE, {c.name: c for c in (CUSTOMER, INVOICE, LINE)})},
    "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
)  # fmt: skip

EDGES = [date(2014, 1, 1), date(2015, 12, 31), date(2016, 1, 1), date(2016, 7, 1), date(2025, 12, 31)]

people = st.lists(
    st.tuples(st.sampled_from(["Ana", "Ben", None]), st.sampled_from(["1", None])), min_size=1, max_size=4
)
invoices = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 4]),
        st.sampled_from(["rue A", None]),
        st.sampled_from(["note", None]),
        st.one_of(st.none(), st.sampled_from(EDGES), st.dates(date(2009, 1, 1), date(2026, 1, 1))),
        st.integers(0, 2),
    ),
    max_size=6,
)


def world(customers: list[Any], documents: list[Any]) -> dict[str, MemoryTable]:
    shop = {
        "customer": MemoryTable.of(
            ("id",), {"id": ("int", False), "name": ("text", True), "phone": ("text", True)},
            [{"id": i, "name": n, "phone": p} for i, (n, p) in enumerate(customers)],
        ),
        "invoice": MemoryTable.of(
            ("id",),
            {"id": ("int", False), "customer": ("int", True), "address": ("text", True), "note": ("text", True),
             "on": ("date", True)},
            [
                {"id": i, "customer": c, "address": a, "note": n, "on": on}
                for i, (c, a, n, on, _) in enumerate(documents)
            ],
        ),
        "line": MemoryTable.of(
            ("id",), {"id": ("int", False), "invoice": ("int", True)},
            [{"id": 10 * i + k, "invoice": i} for i, row in enumerate(documents) for k in range(row[4])],
        ),
    }  # fmt: skip
    return shop


def session(tables: dict[str, MemoryTable], day: date) -> Session:
    return open_session(POLICY, day, lambda store: MemoryConnector(store, tables))


def erase(tables: dict[str, MemoryTable], records: StateRecords, person: int, day: date = TODAY) -> list[Any]:
    with session(tables, day) as opened:
        who = identify(opened, Subject((("customer_id", str(person)),)), Decisions(), records)
        planned = plan_erasure(opened, who, Wish(), ())
        outcomes = run_erasure(opened, planned, Runner(records, NOW, f"erase-{person}-{day}"))
    assert not [o for o in outcomes if o.status == "failed"]
    return outcomes


def sweep(tables: dict[str, MemoryTable], records: StateRecords, day: date) -> list[Any]:
    class Pace:
        def next_size(self, rows: int) -> int:
            return 2

        def advance(self, place: str, rows: int, total: int) -> None:
            pass

    with session(tables, day) as opened:
        plan = plan_sweep(opened, records)
        return run_sweep(opened, plan, Runner(records, NOW, f"sweep-{day}"), Pace())


def of_person(tables: dict[str, MemoryTable], person: int, mine: bool = True) -> dict[str, list[Any]]:
    documents = {r["id"] for r in tables["invoice"].rows if (r["customer"] == person) == mine}
    return {
        "customer": [r for r in tables["customer"].rows if (r["id"] == person) == mine],
        "invoice": [r for r in tables["invoice"].rows if r["id"] in documents],
        "line": [r for r in tables["line"].rows if r["invoice"] in documents],
    }


def held(on: date | None, day: date) -> bool:
    """Ten years after the end of the year; without a date nobody can say that it is over."""
    return on is None or day.year - on.year <= 10


@given(people, invoices)
def test_nobody_else_is_touched(customers: list[Any], documents: list[Any]) -> None:
    tables = world(customers, documents)
    before = copy.deepcopy(of_person(tables, 0, mine=False))
    erase(tables, StateRecords(memory_state(at=NOW)), 0)
    assert of_person(tables, 0, mine=False) == before


@given(people, invoices)
def test_what_is_held_stays_and_all_else_goes(customers: list[Any], documents: list[Any]) -> None:
    tables = world(customers, documents)
    before = copy.deepcopy(of_person(tables, 0))
    erase(tables, StateRecords(memory_state(at=NOW)), 0)
    after = of_person(tables, 0)
    kept = {r["id"]: r for r in before["invoice"] if held(r["on"], TODAY)}
    assert {r["id"] for r in after["invoice"]} == set(kept)
    for row in after["invoice"]:
        assert row["note"] is None
        assert row["address"] == kept[row["id"]]["address"]
    if kept:
        assert after["customer"] == [{**before["customer"][0], "phone": None}]
    else:
        assert after["customer"] == []
    assert {r["invoice"] for r in after["line"]} <= set(kept)


@given(people, invoices)
def test_a_second_erasure_changes_nothing(customers: list[Any], documents: list[Any]) -> None:
    tables, records = world(customers, documents), StateRecords(memory_state(at=NOW))
    erase(tables, records, 0)
    once = copy.deepcopy({n: t.rows for n, t in tables.items()})
    assert not [o for o in erase(tables, records, 0) if o.status == "done"]
    assert {n: t.rows for n, t in tables.items()} == once


@given(people, invoices)
def test_the_rest_goes_on_its_day_and_nobody_else_with_it(customers: list[Any], documents: list[Any]) -> None:
    tables, records = world(customers, documents), StateRecords(memory_state(at=NOW))
    others = copy.deepcopy(of_person(tables, 0, mine=False))
    erase(tables, records, 0)
    for year in range(2026, 2038):
        sweep(tables, records, date(year, 1, 1))
        left = of_person(tables, 0)["invoice"]
        assert all(held(r["on"], date(year, 1, 1)) for r in left)
    assert of_person(tables, 0, mine=False) == others
    if all(on is not None for c, _, _, on, _ in documents if c == 0):
        assert of_person(tables, 0) == {"customer": [], "invoice": [], "line": []}


@given(people, invoices)
def test_the_plan_is_the_same_each_time_and_writes_nothing(customers: list[Any], documents: list[Any]) -> None:
    tables, records = world(customers, documents), StateRecords(memory_state(at=NOW))
    before = copy.deepcopy({n: t.rows for n, t in tables.items()})
    digests = set()
    for _ in range(2):
        with session(tables, TODAY) as opened:
            who = identify(opened, Subject((("customer_id", "0"),)), Decisions(), records)
            digests.add(plan_erasure(opened, who, Wish(), ()).plan.digest)
    assert len(digests) == 1
    assert {n: t.rows for n, t in tables.items()} == before
