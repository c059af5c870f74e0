"""What a sweep puts into the sealed archive, who finds it there, and when it is destroyed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.policy.model import (
    Archive,
    Basis,
    Clock,
    Collection,
    Condition,
    Event,
    Field,
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
from troth.core.rights.erase import Outcome, Runner
from troth.core.rights.session import open_session
from troth.state.engine import StateRecords
from troth.state.state import memory_state

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
ORDERS = frozenset({"orders"})

CUSTOMER = Collection(
    "shop", "customer", "customer", key=("id",), purposes=ORDERS, identifiers=(Identifier("email", "email"),),
    fields=(Field("email", "email", "EmailAddress", ORDERS),),
    states={"contract": (Condition("active", "in", (True,)),)},
)  # fmt: skip
ORDER = Collection(
    "shop", "order", "order", key=("id",), purposes=ORDERS,
    fields=(Field("street", "street", "PhysicalAddress", ORDERS),),
    links=(Link("customer", (("customer", "id"),)),), events={"year_end": Clock("on", "date")},
)  # fmt: skip
LINE = Collection(
    "shop", "line", "line", key=("id",), purposes=ORDERS,
    fields=(Field("item", "item", "Purchase", ORDERS),), links=(Link("order", (("order", "id"),)),),
)  # fmt: skip
KEEP = Keep(while_state="contract", archive=Archive(Duration(120), "last_year_end", "accounting"))
POLICY = Policy(
    "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
    {"orders": Purpose("orders", {}, Basis.CONTRACT, (), (), (), KEEP)}, {},
    {
        "year_end": Event("year_end", "row", "financial_year_end"),
        "last_year_end": Event("last_year_end", "person", "financial_year_end"),
    },
    {"email": IdentifierKind("email")},
    {"shop": Store("shop", "", "FR", None, Mode.ENFORCE, {c.name: c for c in (CUSTOMER, ORDER, LINE)})},
    "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
)  # fmt: skip


class Pace:
    def next_size(self, rows: int) -> int:
        return 1

    def advance(self, place: str, rows: int, total: int) -> None:
        pass


@pytest.fixture
def tables() -> dict[str, MemoryTable]:
    return {
        "customer": MemoryTable.of(
            ("id",), {"id": ("int", False), "email": ("text", True), "active": ("bool", True)},
            [
                {"id": 1, "email": "ana@example.org", "active": False},
                {"id": 2, "email": "ben@example.org", "active": True},
                {"id": 3, "email": "cleo@example.org", "active": False},
            ],
        ),
        "order": MemoryTable.of(
            ("id",),
            {"id": ("int", False), "customer": ("int", True), "street": ("text", True), "on": ("date", True),
             "last": ("date", True)},
            [
                {"id": 10, "customer": 1, "street": "rue A", "on": date(2020, 5, 1)},
                {"id": 11, "customer": 1, "street": "rue A", "on": date(2024, 5, 1)},
                {"id": 20, "customer": 2, "street": "rue B", "on": date(2024, 5, 1)},
                {"id": 30, "customer": 3, "street": "rue C", "on": None},
            ],
        ),
        "line": MemoryTable.of(
            ("id",), {"id": ("int", False), "order": ("int", True), "item": ("text", True)},
            [{"id": 100, "order": 10, "item": "lamp"}, {"id": 200, "order": 20, "item": "rug"}],
        ),
    }  # fmt: skip


def with_person_event(policy: Policy) -> Policy:
    """The same clock, also read as the person's latest."""
    from dataclasses import replace

    order = replace(ORDER, events={**ORDER.events, "last_year_end": ORDER.events["year_end"]})
    shop = replace(policy.stores["shop"], collections={c.name: c for c in (CUSTOMER, order, LINE)})
    return replace(policy, stores={"shop": shop})


def sweep(tables: dict[str, MemoryTable], records: StateRecords, day: date) -> list[Outcome]:
    policy = with_person_event(POLICY)
    with open_session(policy, day, lambda store: MemoryConnector(store, tables)) as opened:
        return run_sweep(opened, plan_sweep(opened, records), Runner(records, NOW, f"sweep-{day}"), Pace())


def ids(tables: dict[str, MemoryTable], name: str) -> list[Any]:
    return sorted(row["id"] for row in tables[name].rows)


def test_former_clients_go_into_the_archive_and_active_ones_stay(tables: dict[str, MemoryTable]) -> None:
    records = StateRecords(memory_state(at=NOW))
    sweep(tables, records, date(2026, 1, 15))
    assert ids(tables, "customer") == [2, 3]
    assert ids(tables, "order") == [20, 30]
    assert ids(tables, "line") == [200]
    found = records.archived([("email", "ANA@example.org")])
    assert {(r.collection, r.row["id"]) for r in found} == {
        ("customer", 1), ("order", 10), ("order", 11), ("line", 100),
    }  # fmt: skip
    assert {r.ends for r in found} == {date(2034, 12, 31)}


def test_nobody_else_is_found_there(tables: dict[str, MemoryTable]) -> None:
    records = StateRecords(memory_state(at=NOW))
    sweep(tables, records, date(2026, 1, 15))
    assert records.archived([("email", "ben@example.org")]) == []


def test_whose_end_cannot_be_told_is_not_archived(tables: dict[str, MemoryTable]) -> None:
    records = StateRecords(memory_state(at=NOW))
    sweep(tables, records, date(2026, 1, 15))
    assert 3 in ids(tables, "customer")
    assert records.archived([("email", "cleo@example.org")]) == []


def test_the_archive_is_destroyed_after_its_last_day(tables: dict[str, MemoryTable]) -> None:
    records = StateRecords(memory_state(at=NOW))
    sweep(tables, records, date(2026, 1, 15))
    sweep(tables, records, date(2034, 12, 31))
    assert len(records.archived([("email", "ana@example.org")])) == 4
    outcomes = sweep(tables, records, date(2035, 1, 1))
    assert records.archived([("email", "ana@example.org")]) == []
    assert [o.rows for o in outcomes if o.step.store == "archive"] == [4]


def test_a_second_sweep_archives_nothing_twice(tables: dict[str, MemoryTable]) -> None:
    records = StateRecords(memory_state(at=NOW))
    sweep(tables, records, date(2026, 1, 15))
    sweep(tables, records, date(2026, 1, 16))
    assert len(records.archived([("email", "ana@example.org")])) == 4


def test_rows_without_a_key_stay_and_the_plan_says_so(tables: dict[str, MemoryTable]) -> None:
    from dataclasses import replace

    policy = with_person_event(POLICY)
    line = replace(LINE, key=())
    shop = replace(policy.stores["shop"], collections={**policy.stores["shop"].collections, "line": line})
    tables["line"].key = ()
    records = StateRecords(memory_state(at=NOW))
    day = date(2026, 1, 15)
    with open_session(
        replace(policy, stores={"shop": shop}), day, lambda store: MemoryConnector(store, tables)
    ) as opened:
        plan = plan_sweep(opened, records)
        run_sweep(opened, plan, Runner(records, NOW, "sweep-1"), Pace())
    assert "archive_needs_key" in [f.code for f in plan.plan.stores[0].findings]
    assert ids(tables, "line") == [100, 200]
    assert 10 in ids(tables, "order")


def test_a_record_says_to_what_it_belongs_and_when_it_was(tables: dict[str, MemoryTable]) -> None:
    records = StateRecords(memory_state(at=NOW))
    sweep(tables, records, date(2026, 1, 15))
    found = {(r.collection, r.row["id"]): r.row for r in records.archived([("email", "ana@example.org")])}
    assert found["order", 10] == {"id": 10, "customer": 1, "street": "rue A", "on": date(2020, 5, 1)}
    assert found["line", 100] == {"id": 100, "order": 10, "item": "lamp"}
