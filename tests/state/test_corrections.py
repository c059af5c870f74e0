"""What the ledger tells of corrections: which rows of which collections, at whose request, and no value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from troth.core.evidence.leaf import Event
from troth.state import State, memory_state
from troth.state.corrections import Corrected, corrected

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
PHONE = ["shop", "customers", "set", 1, "done", None]


def note(state: State, days: int, kind: str, request: str, *lines: list[object]) -> datetime:
    at = START + timedelta(days=days)
    state.record(Event(kind, at, {"request": request, "outcomes": [*lines]}))  # type: ignore[list-item]
    return at


def test_corrections_are_told_by_request_and_collection_from_a_day_on() -> None:
    with memory_state(at=START) as state:
        first = note(state, 1, "rectification.done", "req-a", PHONE, [*PHONE[:3], 2, "done", None])
        note(state, 2, "erasure.done", "req-b", ["shop", "customers", "delete", 1, "done", None])
        note(state, 2, "rectification.done", "req-c")
        orders = ["shop", "orders", "set", 3, "done", None]
        last = note(state, 3, "rectification.failed", "req-d", orders, ["mail", "people", "set", 0, "failed", None])
        of_a, of_d = Corrected(first, "req-a", "shop", "customers", 3), Corrected(last, "req-d", "shop", "orders", 3)
        assert list(corrected(state.ledger)) == [of_a, of_d]
        assert list(corrected(state.ledger, last.date())) == [of_d]
        assert list(corrected(state.ledger, date(2026, 12, 1))) == []


def test_of_an_event_whose_body_was_deleted_the_day_is_left() -> None:
    with memory_state(at=START) as state:
        at = note(state, 1, "rectification.done", "req-a", PHONE)
        note(state, 1, "rectification.failed", "req-a", PHONE)
        state.ledger.redact(range(state.ledger.size - 2, state.ledger.size))
        assert list(corrected(state.ledger)) == [Corrected(at)]
