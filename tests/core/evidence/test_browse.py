"""Pages of a ledger, newest first, and what proves one event."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.evidence import browse
from troth.core.evidence.browse import Wanted
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import parse_vkey
from troth.state.memory import MemoryLedger
from troth.state.state import memory_state

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
KINDS = ("erasure.intended", "erasure.done", "hold.added")


def ledger(*days: int) -> MemoryLedger:
    """One event for each, that many days after the first; kinds in turn, two requests in turn."""
    made = MemoryLedger()
    made.append([
        Event(KINDS[i % 3], NOW + timedelta(days=day), {"request": f"r-{i % 2}", "n": i}) for i, day in enumerate(days)
    ])  # fmt: skip
    return made


def positions(log: MemoryLedger, wanted: Wanted, before: int | None = None) -> list[int]:
    return [one.position for one in browse.page(log, wanted, PARIS, before).entries]


def test_the_newest_events_come_first_and_the_next_page_goes_on() -> None:
    log = ledger(*[0] * (browse.PAGE + 5))
    first = browse.page(log, Wanted(), PARIS)
    assert [one.position for one in first.entries] == list(range(browse.PAGE + 4, 4, -1))
    second = browse.page(log, Wanted(), PARIS, first.older)
    assert [one.position for one in second.entries] == [4, 3, 2, 1, 0]
    assert second.older is None


def test_an_empty_ledger_has_one_empty_page() -> None:
    assert browse.page(ledger(), Wanted(), PARIS) == browse.Page((), None, 0)


def test_a_kind_is_a_whole_word_or_a_family() -> None:
    log = ledger(0, 0, 0)
    assert positions(log, Wanted("erasure")) == [1, 0]
    assert positions(log, Wanted("erasure.done")) == [1]
    assert positions(log, Wanted("eras")) == []


def test_a_day_is_one_where_the_publisher_is() -> None:
    made = MemoryLedger()
    made.append([Event("a.b", datetime(2026, 11, 21, 22, 30, tzinfo=UTC), {})])
    made.append([Event("a.b", datetime(2026, 11, 21, 23, 30, tzinfo=UTC), {})])  # half past midnight in Paris
    assert positions(made, Wanted(day=date(2026, 11, 22))) == [1]
    assert positions(made, Wanted(day=date(2026, 11, 20))) == []


def test_the_first_event_at_a_moment_is_the_first_of_those_that_have_it() -> None:
    log = ledger(0, 1, 1, 1, 3)
    asked = [browse.first_at(log, NOW + timedelta(days=day)) for day in (-1, 0, 1, 2, 3, 4)]
    assert asked == [0, 0, 1, 4, 4, 5]


def test_a_deleted_body_is_shown_as_such() -> None:
    log = ledger(0, 0)
    log.redact([1])
    newest, oldest = browse.page(log, Wanted(), PARIS).entries
    assert newest.body is None
    assert oldest.body == {"request": "r-0", "n": 0}


def test_a_search_for_what_is_rare_stops_and_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "LOOKED", 4)
    log = ledger(*[0] * 9)
    found = browse.page(log, Wanted("nothing"), PARIS)
    assert (found.entries, found.older, found.looked) == ((), 5, 4)
    assert browse.page(log, Wanted("nothing"), PARIS, 1).older is None


@given(st.lists(st.integers(0, 4), max_size=40), st.sampled_from(["", "erasure", "hold.added"]),
       st.sampled_from(["", "r-0", "r-7"]), st.one_of(st.none(), st.integers(-1, 5)))  # fmt: skip
def test_the_pages_together_are_exactly_what_was_wanted(
    days: list[int], kind: str, request: str, day: int | None
) -> None:  # fmt: skip
    days.sort()
    log = ledger(*days)
    wanted = Wanted(kind, (NOW + timedelta(days=day)).date() if day is not None else None, request)
    found, before = [], None
    while True:
        one = browse.page(log, wanted, PARIS, before)
        found += [entry.position for entry in one.entries]
        if one.older is None:
            break
        before = one.older
    expected = [
        i for i, at in enumerate(days)
        if KINDS[i % 3].startswith(kind) and (not request or request == f"r-{i % 2}") and (day is None or at == day)
    ]  # fmt: skip
    assert found == expected[::-1]


def test_an_event_is_shown_with_what_proves_it() -> None:
    state = memory_state(at=NOW)
    position = state.record(Event("hold.added", NOW, {"request": "h-1"})).positions[0]
    keys = tuple(parse_vkey(key) for _, key in state.ledger.signers())
    found = browse.shown(state.ledger, position, keys)
    assert found is not None
    assert (found.included, found.signed, found.opened) == (True, True, True)
    state.ledger.redact([position])
    again = browse.shown(state.ledger, position, ())
    assert again is not None
    assert (again.included, again.signed, again.opened) == (True, False, None)


def test_an_event_that_no_checkpoint_covers_yet_has_no_proof() -> None:
    assert browse.shown(ledger(0), 0, ()) is None


def test_a_position_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(IndexError):
        browse.entry(ledger(0), 1)
