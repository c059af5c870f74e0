"""Until when a request must be answered: the count of Regulation (EEC, Euratom) 1182/71.

GDPR Article 12(3): within one month of receipt, three in all if the person is told why within the first. The
Regulation's article 3 counts it: the day of receipt is not counted; the period ends with the same-numbered day,
or the last day of a month without one; if that is a Saturday, a Sunday or a public holiday of the Member State
concerned (article 2), it ends with the next working day.

Public holidays come from the ``holidays`` library. Only national ones count: those of a region, a canton or a
town (Good Friday in Alsace-Moselle, Corpus Christi in parts of Germany) would only lengthen the period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from troth.core.errors import UsageError
from troth.core.law.territories import home_of
from troth.core.policy.countries import COUNTRIES
from troth.core.policy.values import add_months

ANSWER_MONTHS = 1
"""GDPR Article 12(3), first sentence."""
EXTENDED_MONTHS = 3
"""GDPR Article 12(3), second sentence: two further months."""

_EARLIEST, _LATEST = 1971, 2199
"""The years that can be counted in: since the Regulation, and as far as holidays are told with any sense."""

Pause = tuple[date, date]
"""From the day something was asked of the person to the day the answer came."""


@dataclass(frozen=True, slots=True)
class Due:
    """``target`` is the day to aim for; ``limit`` the last day the law allows, to its last hour, local time."""

    target: date
    limit: date


def due_date(received: date, country: str, months: int = ANSWER_MONTHS, pauses: Sequence[Pause] = ()) -> Due:
    """When an answer is due to a request that arrived on ``received``.

    ``pauses`` are the times the publisher waited for what it needed to identify the person (France: decree
    2019-536; EDPB guidelines 01/2022, paragraph 157). The day of asking is not counted, the day of the answer is;
    the days are added before the end is moved to a working day. A pause that begins when the period is already
    over no longer suspends anything.

    Raises UsageError for a country without known holidays, for pauses that end before they begin, begin before
    the request, or overlap, for ``months`` below 1, and for years that cannot be counted in.
    """
    if months < 1:
        raise UsageError(f"a period of {months} months: it must be at least one")
    _countable(received)
    target = _suspended(add_months(received, months), received, country, pauses)
    return Due(target, working_day_from(target, country))


def extension_due(received: date, country: str, pauses: Sequence[Pause] = ()) -> Due:
    """When an answer is due if the person was told, within the first month, that it takes longer and why."""
    return due_date(received, country, EXTENDED_MONTHS, pauses)


def working_day_from(day: date, country: str) -> date:
    """``day``, or the first day after it that is no Saturday, Sunday or national holiday. UsageError as above."""
    _countable(day)
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day


def is_working_day(day: date, country: str) -> bool:
    """Whether it is a working day in the sense of article 2(2) of the Regulation. UsageError as above."""
    _countable(day)
    return day.weekday() < 5 and day not in national_holidays(country, day.year)


@lru_cache(maxsize=512)
def national_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a whole country in one year. UsageError if the country is not known."""
    home = home_of(country)
    if home not in COUNTRIES:
        raise UsageError(f"{country!r} is not a country code", remedy="write two capital letters, such as FR")
    from holidays import country_holidays  # some 100 ms, and most commands never count days

    try:
        return frozenset(country_holidays(home, years=year).keys())
    except NotImplementedError:
        raise UsageError(
            f"the public holidays of {country} are not known",
            remedy="name the country of the EEA whose authority is competent",
        ) from None


def naive_days_late(days: int = 30, months: int = ANSWER_MONTHS) -> tuple[int, ...]:
    """The months (1 to 12) of receipt in which a promise of ``days`` days can end after the legal period.

    The un-rolled days are compared, in a common and in a leap year: a week-end may hide the difference, but
    nobody should promise on that. Thirty days for one month: January (its last days) and February.
    """
    late = set()
    for year in (2026, 2028):
        day = date(year, 1, 1)
        while day.year == year:
            if day + timedelta(days=days) > add_months(day, months):
                late.add(day.month)
            day += timedelta(days=1)
    return tuple(sorted(late))


def _suspended(end: date, received: date, country: str, pauses: Sequence[Pause]) -> date:
    before = received
    for start, stop in sorted(pauses):
        if stop < start:
            raise UsageError(f"a pause ends on {stop}, before it begins on {start}")
        if start < before:
            about = "the request of" if before == received else "the pause that ends on"
            raise UsageError(f"a pause begins on {start}, before {about} {before}")
        if start <= working_day_from(end, country):
            end += stop - start
        before = stop
    return end


def _countable(day: date) -> None:
    if not _EARLIEST <= day.year <= _LATEST:
        raise UsageError(f"{day}: days are counted from {_EARLIEST} to {_LATEST}")
