"""Durations and dates in calendar arithmetic: three years are three years, not 1095 days."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_PART = re.compile(r"(\d{1,5})\s*([a-zé]+)", re.IGNORECASE)
_UNITS = {
    "year": "months12", "years": "months12", "an": "months12", "ans": "months12",
    "month": "months", "months": "months", "mois": "months",
    "week": "days7", "weeks": "days7", "semaine": "days7", "semaines": "days7",
    "day": "days", "days": "days", "jour": "days", "jours": "days",
    "hour": "hours", "hours": "hours", "heure": "hours", "heures": "hours",
    "minute": "minutes", "minutes": "minutes",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=False)
class Duration:
    """A calendar period: whole months, whole days and whole minutes, each added in that order."""

    months: int = 0
    days: int = 0
    minutes: int = 0

    def __str__(self) -> str:
        parts = []
        years, months = divmod(self.months, 12)
        hours, minutes = divmod(self.minutes, 60)
        for amount, word in (
            (years, "year"), (months, "month"), (self.days, "day"), (hours, "hour"), (minutes, "minute"),
        ):  # fmt: skip
            if amount:
                parts.append(f"{amount} {word}" + ("s" if amount > 1 else ""))
        return " ".join(parts) or "0 days"


def parse_duration(text: str) -> Duration:
    """Read ``3 years``, ``13 months``, ``1 year 6 months``, ``2 weeks``, ``30 minutes`` (French words too).

    Raises ValueError with the reason when the text is not wholly made of such parts.
    """
    months = days = minutes = 0
    rest = text.strip()
    if not rest:
        raise ValueError("an empty period; write for example '3 years' or '13 months'")
    while rest:
        match = _PART.match(rest)
        unit = _UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            raise ValueError(f"{text!r} is not a period; write for example '3 years', '13 months', '2 weeks'")
        amount = int(match[1])
        months += amount * {"months12": 12, "months": 1}.get(unit, 0)
        days += amount * {"days7": 7, "days": 1}.get(unit, 0)
        minutes += amount * {"hours": 60, "minutes": 1}.get(unit, 0)
        rest = rest[match.end() :].strip().removeprefix(",").strip()
    return Duration(months, days, minutes)


def add_months(day: date, months: int) -> date:
    """The same-numbered day ``months`` later (or earlier); the last day of the month if it does not exist.

    Source: Regulation (EEC, Euratom) 1182/71, article 3(2)(c).
    """
    index = day.year * 12 + (day.month - 1) + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"{day} and {months} months lie outside the calendar")
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def add(day: date, period: Duration) -> date:
    """``day`` plus ``period``; parts of a day are rounded up to a whole one, so that nothing ends early."""
    extra = -(-period.minutes // (24 * 60))
    return add_months(day, period.months) + timedelta(days=period.days + extra)


def latest_start(as_of: date, period: Duration) -> date:
    """The latest day ``d`` for which ``add(d, period) < as_of``: what began then or before is past its time.

    A period that began on 31 December 2025 and lasts ten years ends with 31 December 2035; its data is due
    from 1 January 2036 on. Calendar addition is not invertible (31 January + 1 month = 28 February), so the
    answer is searched for around the naive one.
    """
    guess = add_months(as_of - timedelta(days=period.days), -period.months) + timedelta(days=4)
    while add(guess, period) >= as_of:
        guess -= timedelta(days=1)
    return guess


@dataclass(frozen=True, slots=True)
class FinancialYear:
    """The day a publisher's financial year ends, for example 31 December."""

    month: int = 12
    day: int = 31

    def end_of(self, day: date) -> date:
        """The end of the financial year in which ``day`` lies."""
        end = self._on(day.year)
        return end if day <= end else self._on(day.year + 1)

    def last_ended(self, on_or_before: date) -> date:
        """The latest year end that is not after the given day."""
        end = self._on(on_or_before.year)
        return end if end <= on_or_before else self._on(on_or_before.year - 1)

    def _on(self, year: int) -> date:
        return date(year, self.month, min(self.day, calendar.monthrange(year, self.month)[1]))
