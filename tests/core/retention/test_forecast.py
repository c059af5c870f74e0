"""What the next sweeps will do, against sweeps that are then really run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.errors import StoreBusy
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
from troth.core.records import Pending
from troth.core.retention.forecast import DAYS, between, days_of, forecast, thinned
from troth.core.retention.sweep import plan_sweep, run_sweep
from troth.core.rights.erase import Runner
from troth.core.rights.session import Session, open_session
from troth.state.engine import StateRecords
from troth.state.state import memory_state

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOTH = frozenset({"offers", "orders"})

CUSTOMER = Collection(
    "shop", "customer", "customer", key=("id",), purposes=BOTH, identifiers=(Identifier("email", "email"),),
    fields=(Field("email", "email", "EmailAddress", BOTH), Field("taste", "taste", "Preference", frozenset({"offers"}))),
    events={"last_contact": Clock("seen", "date")},
)  # fmt: skip
INVOICE = Collection(
    "shop", "invoice", "invoice", key=("id",), purposes=frozenset({"orders"}),
    fields=(Field("street", "street", "PhysicalAddress", frozenset({"orders"})),),
    links=(Link("customer", (("customer", "id"),)),), events={"issued": Clock("on", "date")},
    holds=(Hold("accounting", "accounting", ("street",), {}, Duration(12), "issued"),),
)  # fmt: skip
POLICY = Policy(
    "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
    {
        "offers": Purpose("offers", {}, Basis.CONSENT, (), (), (), Keep(period=Duration(6), after="last_contact")),
        "orders": Purpose("orders", {}, Basis.CONTRACT, (), (), (), Keep(period=Duration(9), after="last_contact")),
    }, {},
    {"last_contact": Event("last_contact", "person"), "issued": Event("issued", "row")},
    {"email": IdentifierKind("email")},
    {"shop": Store("shop", "", "FR", None, Mode.ENFORCE, {c.name: c for c in (CUSTOMER, INVOICE)})},
    "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
)  # fmt: skip

Seen = list[date | None]


def shop(seen: Seen, issued: list[tuple[int, date | None]] = ()) -> dict[str, MemoryTable]:  # type: ignore[assignment]
    return {
        "customer": MemoryTable.of(
            ("id",), {"id": ("int", False), "email": ("text", True), "taste": ("text", True), "seen": ("date", True)},
            [{"id": i, "email": f"p{i}@example.org", "taste": "tea", "seen": day} for i, day in enumerate(seen)],
        ),
        "invoice": MemoryTable.of(
            ("id",), {"id": ("int", False), "customer": ("int", True), "street": ("text", True), "on": ("date", True)},
            [{"id": i, "customer": who, "street": "rue A", "on": day} for i, (who, day) in enumerate(issued)],
        ),
    }  # fmt: skip


def opened(tables: dict[str, MemoryTable], day: date = TODAY, connector: Any = MemoryConnector) -> Session:
    return open_session(POLICY, day, lambda store: connector(store, tables))


def told(tables: dict[str, MemoryTable], records: StateRecords | None = None) -> list[tuple[Any, ...]]:
    with opened(tables) as session:
        found = forecast(session, records or StateRecords(memory_state(at=NOW)))
    return [(one.day, one.collection, one.action, one.rows, dict(one.causes)) for one in found.due]


def test_days_are_single_for_a_month_and_then_the_ends_of_months() -> None:
    days = days_of(TODAY)
    assert days[0] == TODAY
    assert days[DAYS] == date(2026, 12, 23)
    assert days[DAYS + 1 : DAYS + 3] == (date(2026, 12, 31), date(2027, 1, 31))
    assert days[-1] == date(2028, 10, 31)
    assert list(days) == sorted(set(days))


def test_it_says_when_a_field_goes_and_when_the_row_goes() -> None:
    found = told(shop([date(2026, 6, 1)]))  # six months: 1 December; nine: 1 March
    assert found == [
        (date(2026, 12, 2), "customer", "clear", 1, {"offers": 1}),
        (date(2027, 3, 31), "customer", "delete", 1, {"orders": 1}),
    ]


def test_what_is_due_already_stands_under_today() -> None:
    assert told(shop([date(2020, 1, 1), date(2020, 1, 1)])) == [
        (TODAY, "customer", "delete", 2, {}),
    ]


def test_rows_stand_under_the_purpose_that_ended_last() -> None:
    """Seen in May: the offers end in November with nothing of their own left, the orders in February take the row."""
    tables = shop([date(2026, 5, 20), date(2026, 5, 21)])
    for row in tables["customer"].rows:
        row["taste"] = None
    assert told(tables) == [(date(2027, 2, 28), "customer", "delete", 2, {"orders": 2})]


def test_a_hold_puts_the_day_off() -> None:
    found = told(shop([date(2026, 1, 1)], [(0, date(2026, 12, 24))]))
    assert (date(2027, 12, 31), "invoice", "delete", 1, {"": 1}) in found
    assert [one for one in found if one[2] == "delete" and one[0] < date(2027, 12, 1)] == []


def test_a_hold_by_hand_that_ends_lets_go_on_its_day() -> None:
    from troth.core.records import HoldRecord

    records = StateRecords(memory_state(at=NOW))
    anchors = {"shop": {"customer": ((0,),)}}
    until = TODAY + timedelta(days=3)
    records.add_hold(HoldRecord("h-1", "hold", "claim", anchors, until=until), NOW, [("email", "p0@example.org")])
    found = told(shop([date(2020, 1, 1)]), records)
    assert found == [(until + timedelta(days=1), "customer", "delete", 1, {"": 1})]


def test_a_rest_of_an_erasure_stands_under_its_day() -> None:
    records = StateRecords(memory_state(at=NOW))
    records.begin(Pending("e-1", {}, (("email", "a@example.org"),)), NOW, [])
    records.finish("e-1", NOW, Pending("e-1", {}, (), due=date(2027, 5, 3)))
    assert told(shop([]), records) == [(date(2027, 5, 31), "", "rest", 1, {})]


def test_a_row_whose_clock_is_empty_is_never_announced() -> None:
    assert told(shop([None])) == []


def test_a_store_that_is_too_slow_is_named_and_the_rest_is_told() -> None:
    class Slow(MemoryConnector):
        def count(self, wants: Any) -> Any:
            raise StoreBusy("too slow")

    with opened(shop([date(2020, 1, 1)]), connector=Slow) as session:
        found = forecast(session, StateRecords(memory_state(at=NOW)))
    assert found.away == ("shop",)
    assert found.due == ()


def test_when_the_time_is_over_the_store_is_named() -> None:
    with opened(shop([date(2020, 1, 1)])) as session:
        found = forecast(session, StateRecords(memory_state(at=NOW)), lambda: 0.0)
    assert (found.away, found.due) == (("shop",), ())
    assert {found.missing(day) for day in days_of(TODAY)} == {("shop",)}


def test_a_slow_store_is_asked_about_fewer_days_and_nothing_is_lost() -> None:
    """Every question takes a second of the ninety there are; the numbers still add up to those of all days."""
    clock = [90.0]

    class Slow(MemoryConnector):
        def count(self, wants: Any) -> Any:
            clock[0] -= len(wants)
            return super().count(wants)

    tables = shop([date(2024, 6, 1) + timedelta(days=23 * n) for n in range(40)])
    with opened(tables, connector=Slow) as session:
        found = forecast(session, StateRecords(memory_state(at=NOW)), lambda: clock[0])
    whole = told(shop([date(2024, 6, 1) + timedelta(days=23 * n) for n in range(40)]))
    [(name, asked)] = found.coarse
    assert name == "shop"
    days = days_of(TODAY)
    ends = [day for day, after in zip(days, (*days[1:], None), strict=True) if not after or after.month != day.month]
    told_of = [end for end in ends if not found.missing(end)]
    assert set(told_of) <= set(asked)
    assert 0 < len(told_of) < len(ends)
    assert found.away == ()
    deleted = [one.rows for one in found.due if one.action == "delete"]
    assert sum(deleted) == sum(rows for _, _, action, rows, _ in whole if action == "delete")


def test_fewer_days_keep_the_first_and_the_last() -> None:
    days = days_of(TODAY)
    for most in (1, 2, 3, 17.9, 54, 55, 1000):
        some = thinned(days, most)
        assert (some[0], some[-1]) == (days[0], days[-1])
        assert len(some) <= max(2, most)
        assert list(some) == sorted(set(some))


def test_spans_that_answer_alike_at_both_ends_are_not_asked_about() -> None:
    days = days_of(TODAY)
    asked: set[date] = set()

    def answer(day: date) -> bool:
        asked.add(day)
        return day >= date(2026, 12, 3)

    assert between(days, answer) == [(date(2026, 12, 2), date(2026, 12, 3))]
    assert len(asked) <= 12


class Pace:
    def next_size(self, rows: int) -> int:
        return 1000

    def advance(self, place: str, rows: int, total: int) -> None:
        pass


DATES = st.one_of(st.none(), st.dates(date(2025, 11, 1), date(2026, 12, 31)))


@settings(max_examples=40)
@given(st.lists(DATES, max_size=4), st.lists(st.tuples(st.integers(0, 3), DATES), max_size=4))
def test_sweeps_then_do_what_was_announced(seen: Seen, issued: list[tuple[int, date | None]]) -> None:
    """Run on every day that was told, they change exactly those rows, and on the days between them none."""
    tables = shop(seen, issued)
    announced: dict[date, dict[tuple[str, str], int]] = {}
    for day, collection, action, rows, _ in told(tables):
        place = announced.setdefault(day, {})
        place[collection, action] = place.get((collection, action), 0) + rows
    records = StateRecords(memory_state(at=NOW))
    for day in days_of(TODAY)[::3] if not announced else sorted({*announced, *days_of(TODAY)[::9]}):
        with opened(tables, day) as session:
            moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            outcomes = run_sweep(
                session, plan_sweep(session, records, ignore_limits=True), Runner(records, moment, f"s-{day}"), Pace()
            )
        done: dict[tuple[str, str], int] = {}
        for one in outcomes:
            if one.status == "done" and one.rows:
                place = (one.step.collection, one.step.action)
                done[place] = done.get(place, 0) + one.rows
        assert done == announced.get(day, {}), day


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 1)])
def test_days_go_up_from_any_day(day: date) -> None:
    days = days_of(day)
    assert list(days) == sorted(set(days))
    assert days[0] == day
