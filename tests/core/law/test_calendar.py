"""Deadlines are counted as Regulation 1182/71 counts them, for every country of the EEA."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import UsageError
from troth.core.law import calendar as law
from troth.core.law.calendar import due_date, extension_due, is_working_day, naive_days_late, national_holidays
from troth.core.law.territories import EFTA_EEA, EU
from troth.core.policy.values import add_months

EEA = [*EU, *EFTA_EEA]
DAYS = st.dates(date(2018, 5, 25), date(2060, 12, 31))
COUNTRIES = st.sampled_from(EEA)

TABLE = [
    # received, un-rolled, limit in France, limit after an extension
    ("2026-01-31", "2026-02-28", "2026-03-02", "2026-04-30"),
    ("2028-01-31", "2028-02-29", "2028-02-29", "2028-05-02"),
    ("2026-03-05", "2026-04-05", "2026-04-07", "2026-06-05"),
    ("2026-04-01", "2026-05-01", "2026-05-04", "2026-07-01"),
    ("2026-08-31", "2026-09-30", "2026-09-30", "2026-11-30"),
    ("2026-10-01", "2026-11-01", "2026-11-02", "2027-01-04"),
    ("2026-11-25", "2026-12-25", "2026-12-28", "2027-02-25"),
    ("2026-12-01", "2027-01-01", "2027-01-04", "2027-03-01"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("received", "target", "limit", "extended"), TABLE)
def test_the_worked_examples_for_france(received: str, target: str, limit: str, extended: str) -> None:
    due = due_date(day(received), "FR")
    assert (due.target, due.limit) == (day(target), day(limit))
    assert extension_due(day(received), "FR").limit == day(extended)


def test_the_same_day_may_end_on_another_one_elsewhere() -> None:
    received = day("2026-10-11")  # + 1 month: 11 November, a holiday in France and Poland only
    assert due_date(received, "FR").limit == due_date(received, "PL").limit == day("2026-11-12")
    assert due_date(received, "DE").limit == due_date(received, "ES").limit == day("2026-11-11")


def test_the_holidays_of_france_are_the_eleven_of_the_code_du_travail() -> None:
    assert national_holidays("FR", 2026) == {
        day(f"2026-{d}") for d in (
            "01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25",
        )
    }  # fmt: skip


def test_holidays_of_a_part_of_a_country_do_not_count() -> None:
    good_friday, corpus_christi = day("2026-04-03"), day("2026-06-04")
    assert is_working_day(good_friday, "FR")
    assert not is_working_day(good_friday, "DE")
    assert is_working_day(corpus_christi, "DE")


def test_a_territory_counts_as_the_country_it_belongs_to_without_its_own_holidays() -> None:
    abolition = day("2027-12-20")  # a holiday in Réunion, a Monday
    assert due_date(day("2027-11-20"), "RE") == due_date(day("2027-11-20"), "FR")
    assert due_date(day("2027-11-20"), "RE").limit == abolition
    assert due_date(day("2026-04-14"), "RE").limit == day("2026-05-15")


# --- properties ---------------------------------------------------------------------------------------


@given(DAYS, COUNTRIES, st.sampled_from([1, 3]))
def test_the_limit_is_a_working_day_on_or_after_the_target(received: date, country: str, months: int) -> None:
    due = due_date(received, country, months)
    assert due.target == add_months(received, months)
    assert due.limit >= due.target
    assert is_working_day(due.limit, country)
    between = (due.target + timedelta(days=n) for n in range((due.limit - due.target).days))
    assert not any(is_working_day(d, country) for d in between)


@given(DAYS, COUNTRIES)
def test_the_target_bears_the_same_number_or_ends_a_month(received: date, country: str) -> None:
    target = due_date(received, country).target
    assert target.day == received.day or (target + timedelta(days=1)).day == 1
    assert (target.month - received.month) % 12 == 1


@given(DAYS, DAYS, COUNTRIES)
def test_what_comes_later_is_never_due_earlier(one: date, other: date, country: str) -> None:
    first, second = sorted([one, other])
    assert due_date(first, country).limit <= due_date(second, country).limit


@given(DAYS, COUNTRIES, st.integers(0, 25), st.integers(0, 200))
def test_a_pause_adds_its_days_before_the_end_is_rolled(received: date, country: str, after: int, long: int) -> None:
    asked = received + timedelta(days=after)
    due = due_date(received, country, pauses=[(asked, asked + timedelta(days=long))])
    assert due.target == due_date(received, country).target + timedelta(days=long)
    assert is_working_day(due.limit, country)


@given(DAYS, COUNTRIES, st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_two_pauses_add_up_in_whatever_order_they_are_told(received: date, country: str, steps: list[int]) -> None:
    a, b, c, d = (received + timedelta(days=sum(steps[: n + 1])) for n in range(4))
    due = due_date(received, country, pauses=[(c, d), (a, b)])
    assert due.target == due_date(received, country).target + (b - a) + (d - c)


# --- pauses -------------------------------------------------------------------------------------------


def test_the_day_of_asking_is_not_counted_and_the_day_of_the_answer_is() -> None:
    assert due_date(day("2026-06-01"), "FR", pauses=[(day("2026-06-10"), day("2026-06-11"))]).target == day(
        "2026-07-02"
    )
    assert due_date(day("2026-06-01"), "FR", pauses=[(day("2026-06-10"), day("2026-06-10"))]).target == day(
        "2026-07-01"
    )


def test_asking_after_the_end_does_not_bring_the_time_back() -> None:
    received, late = day("2026-06-01"), (day("2026-07-02"), day("2026-08-15"))
    assert due_date(received, "FR", pauses=[late]) == due_date(received, "FR")


def test_asking_on_the_last_day_still_pauses() -> None:
    last = due_date(day("2026-04-01"), "FR").limit
    assert last == day("2026-05-04")
    assert due_date(day("2026-04-01"), "FR", pauses=[(last, last + timedelta(days=7))]).limit == day("2026-05-11")


@pytest.mark.parametrize(
    ("pauses", "words"),
    [
        ([("2026-06-10", "2026-06-09")], "ends on 2026-06-09, before it begins on 2026-06-10"),
        ([("2026-05-31", "2026-06-02")], "begins on 2026-05-31, before the request of 2026-06-01"),
        ([("2026-06-05", "2026-06-10"), ("2026-06-09", "2026-06-12")], "before the pause that ends on 2026-06-10"),
    ],
)  # fmt: skip
def test_impossible_pauses_are_refused_with_their_days(pauses: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        due_date(day("2026-06-01"), "FR", pauses=[(day(a), day(b)) for a, b in pauses])


# --- wrong use ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["XX", "fr", "", "FRA", "France"])
def test_what_is_no_country_is_refused(country: str) -> None:
    with pytest.raises(UsageError, match="is not a country code") as error:
        due_date(day("2026-06-01"), country)
    assert "FR" in error.value.remedy


def test_a_country_whose_holidays_nobody_knows_is_refused_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(country: str, years: int) -> None:
        raise NotImplementedError(country)

    monkeypatch.setattr("holidays.country_holidays", unknown)
    law.national_holidays.cache_clear()
    with pytest.raises(UsageError, match="public holidays of AQ are not known"):
        due_date(day("2026-06-01"), "AQ")


@pytest.mark.parametrize("received", [date.min, date.max, date(1970, 12, 31), date(2199, 12, 15)])
def test_days_far_from_ours_are_refused(received: date) -> None:
    with pytest.raises(UsageError, match="from 1971 to 2199"):
        due_date(received, "FR")


def test_a_period_of_no_month_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one"):
        due_date(day("2026-06-01"), "FR", 0)


# --- the promise of thirty days -----------------------------------------------------------------------


def test_thirty_days_end_after_the_month_for_requests_of_january_and_february() -> None:
    assert naive_days_late() == (1, 2)


def test_thirty_days_are_late_by_the_days_that_february_lacks() -> None:
    for year, days in ((2026, 2), (2028, 1)):
        received = date(year, 2, 10)
        assert received + timedelta(days=30) - due_date(received, "FR").target == timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "months", "late"),
    [
        (27, 1, ()),
        (28, 1, ()),
        (29, 1, (1, 2)),
        (31, 1, (1, 2, 3, 4, 5, 6, 8, 9, 10, 11)),
        (90, 3, (1, 2)),
        (89, 3, ()),
    ],
)
def test_other_promises_of_days(days: int, months: int, late: tuple[int, ...]) -> None:
    assert naive_days_late(days, months) == late


def test_the_library_is_asked_once_for_a_country_and_year() -> None:
    law.national_holidays.cache_clear()
    for _ in range(3):
        due_date(day("2026-03-05"), "FR")
    assert law.national_holidays.cache_info().misses == 1
