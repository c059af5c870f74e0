"""The clock of a request: the law's count, the promise, pauses and extensions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.law.calendar import due_date
from troth.core.policy.values import Duration
from troth.core.requests.clock import Terms, clock, pauses
from troth.core.requests.machine import happen
from troth.core.requests.model import Act, By, Channel, Happened, Request, Right

FRANCE = Terms("FR", "Europe/Paris")


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def request(day: str = "2026-03-05", **values: object) -> Request:
    return Request("r-1", Right.ACCESS, "s-1", at(day), Channel.PORTAL, **values)  # type: ignore[arg-type]


def after(one: Request, *acts: tuple[Act, str], terms: Terms = FRANCE) -> Request:
    reasons = {Act.IDENTITY_ASKED: ("identity_required",), Act.EXTENDED: ("complexity",)}
    for act, day in acts:
        one = happen(one, Happened(act, at(day), By.STAFF, reasons.get(act, ())), terms)
    return one


@pytest.mark.parametrize(
    ("received", "target", "limit"),
    [
        ("2026-01-31", "2026-02-28", "2026-03-02"), ("2028-01-31", "2028-02-29", "2028-02-29"),
        ("2026-03-05", "2026-04-05", "2026-04-07"), ("2026-11-25", "2026-12-25", "2026-12-28"),
    ],
)  # fmt: skip
def test_without_a_promise_the_law_alone_counts(received: str, target: str, limit: str) -> None:
    found = clock(request(received), FRANCE, at(received))
    assert (found.target.isoformat(), found.limit.isoformat()) == (target, limit)
    assert found.due == found.limit
    assert found.promised is None


def test_a_promise_of_thirty_days_ends_first_in_march_and_last_in_february() -> None:
    terms = Terms("FR", "Europe/Paris", Duration(days=30))
    assert clock(request("2026-03-05"), terms, at("2026-03-06")).due == date(2026, 4, 4)
    assert clock(request("2028-01-31"), terms, at("2028-02-01")).due == date(2028, 2, 29)


def test_the_day_of_receipt_is_that_of_the_publisher_not_of_greenwich() -> None:
    late = request("2026-06-30")
    late = Request(late.ref, late.right, late.subject, at("2026-06-30", 23), late.channel)
    assert clock(late, FRANCE, at("2026-07-01")).received == date(2026, 7, 1)


def test_waiting_for_who_it_is_stops_the_clock_and_lengthens_it_by_those_days() -> None:
    asked = after(request(), (Act.IDENTITY_ASKED, "2026-03-08"))
    waiting = clock(asked, FRANCE, at("2026-03-18"))
    assert not waiting.running
    shown = after(asked, (Act.IDENTITY_SHOWN, "2026-03-18"))
    assert clock(shown, FRANCE, at("2026-03-18")).running
    assert clock(shown, FRANCE, at("2026-03-19")).target == date(2026, 4, 15)


def test_the_promise_waits_as_well() -> None:
    terms = Terms("FR", "Europe/Paris", Duration(days=10))
    shown = after(request(), (Act.IDENTITY_ASKED, "2026-03-06"), (Act.IDENTITY_SHOWN, "2026-03-11"), terms=terms)
    assert clock(shown, terms, at("2026-03-12")).promised == date(2026, 3, 20)


def test_an_extension_gives_three_months_in_all() -> None:
    extended = after(request(), (Act.TAKEN_UP, "2026-03-06"), (Act.EXTENDED, "2026-04-01"))
    found = clock(extended, FRANCE, at("2026-04-02"))
    assert found.limit == date(2026, 6, 5)
    assert found.extend_by is None


def test_a_processors_request_has_its_own_shorter_clock() -> None:
    terms = Terms("FR", "Europe/Paris", Duration(months=1), Duration(days=2))
    assert clock(request(controller="fabrique"), terms, at("2026-03-05")).due == date(2026, 3, 7)
    assert clock(request(), terms, at("2026-03-05")).due == date(2026, 4, 5)


def test_after_the_end_the_clock_stands() -> None:
    done = after(request(), (Act.TAKEN_UP, "2026-03-06"), (Act.ANSWERED, "2026-03-09"))
    found = clock(done, FRANCE, at("2026-09-01"))
    assert not found.running
    assert found.extend_by is None


def test_reminders_come_before_the_end_and_never_before_the_request() -> None:
    found = clock(request(), FRANCE, at("2026-03-05"))
    assert found.reminders() == (date(2026, 3, 28), date(2026, 4, 2), date(2026, 4, 6))
    short = clock(request(), Terms("FR", "Europe/Paris", Duration(days=3)), at("2026-03-05"))
    assert short.reminders() == (date(2026, 3, 7),)
    assert short.days_left(date(2026, 3, 10)) == -2


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=4),
)
def test_the_end_is_the_laws_own_count_and_pauses_only_lengthen(
    received: datetime, waits: list[tuple[int, int]]
) -> None:
    one = Request("r-1", Right.ERASURE, "s-1", received, Channel.POST)
    plain = clock(one, FRANCE, received)
    assert plain.limit == due_date(FRANCE.day(received), "FR").limit
    moment, before = received, plain.limit
    for gap, wait in waits:
        moment += timedelta(days=gap)
        one = happen(one, Happened(Act.IDENTITY_ASKED, moment, By.STAFF, ("identity_required",)), FRANCE)
        moment += timedelta(days=wait)
        one = happen(one, Happened(Act.IDENTITY_SHOWN, moment, By.PERSON), FRANCE)
        found = clock(one, FRANCE, moment)
        assert found.limit >= before
        waited = sum((stop - start for start, stop in pauses(one, FRANCE, moment)), timedelta())
        assert found.target - plain.target <= waited
        before = found.limit


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(st.integers(0, 40), min_size=1, max_size=4), st.booleans(), st.integers(0, 90),
)  # fmt: skip
def test_asking_once_more_who_it_is_neither_ends_nor_lengthens_the_wait(
    received: datetime, gaps: list[int], shown: bool, later: int
) -> None:
    terms = Terms("FR", "Europe/Paris", Duration(days=30))
    once = again = Request("r-1", Right.ERASURE, "s-1", received, Channel.POST)
    moment = received
    for number, gap in enumerate(gaps):
        moment += timedelta(days=gap)
        asked = Happened(Act.IDENTITY_ASKED, moment, By.STAFF, ("identity_required",))
        again = happen(again, asked, terms)
        once = happen(once, asked, terms) if number == 0 else once
    moment += timedelta(days=later)
    if shown:
        once, again = (happen(one, Happened(Act.IDENTITY_SHOWN, moment, By.STAFF), terms) for one in (once, again))
    assert pauses(again, terms, moment) == pauses(once, terms, moment)
    assert clock(again, terms, moment) == clock(once, terms, moment)
    assert clock(again, terms, moment).running is shown


def test_being_told_that_it_takes_longer_does_not_end_the_wait_for_who_asks() -> None:
    start = datetime(2026, 3, 5, 9, tzinfo=UTC)
    terms = Terms("FR", "Europe/Paris")
    one = Request("r-1", Right.ERASURE, "s-1", start, Channel.PORTAL)
    for what, day, reasons in ((Act.IDENTITY_ASKED, 2, ("identity_required",)), (Act.EXTENDED, 5, ("complexity",))):
        one = happen(one, Happened(what, start + timedelta(days=day), By.STAFF, reasons), terms)
    waiting = clock(one, terms, start + timedelta(days=12))
    assert not waiting.running
    assert pauses(one, terms, start + timedelta(days=12)) == ((date(2026, 3, 7), date(2026, 3, 17)),)
