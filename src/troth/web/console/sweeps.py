"""What the next sweeps will do: day by day for a month, then month by month, by purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from troth.core.policy.model import Policy
from troth.core.retention.forecast import DAYS, Due, Forecast, days_of
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.console import outlook
from troth.web.console.drawing import draw, language_of, stores_called, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.headers import with_script
from troth.web.pages.published import kept
from troth.web.pages.site import asset_named, asset_script
from troth.web.wording import Words

HELD = "-"
"""Stands for rows that a hold had kept; no purpose has such a name."""
_SERIES = 6
"""Purposes that have a line of their own in the chart; the smaller ones share one."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one purpose in a month. ``key`` tells the chart which line it belongs to."""

    key: str
    title: str
    rows: int
    said: str


@dataclass(frozen=True, slots=True)
class Month:
    """``rows`` counts each row once, whatever number of purposes it serves. ``unasked``: the stores that cannot tell of
    this month, as finished markup; ``gaps``: the lines of the chart that have a gap here because of them."""

    title: str
    short: str
    rows: int
    said: str
    parts: tuple[Part, ...]
    unasked: str = ""
    gaps: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day and its sentences, which are finished markup."""

    title: str
    lines: tuple[str, ...]


@staff_only()
@require_safe
def sweeps(request: HttpRequest, me: Member) -> HttpResponse:
    """The calendar and the chart, as a job has counted them."""
    found = outlook.found(outlook.SWEEPS)
    shown: dict[str, Any] = {"counting": outlook.underway(), "none": found is None}
    if found is not None:
        shown |= _shown(forecast_on(found), language_of(request), words_for(request), kept.get().policy)
    response = draw(
        request, me, "sweeps", room="sweeps", chart_style=asset_named("uplot"), chart=asset_script("uplot"),
        chart_own=asset_script("outlook"), **shown,
    )  # fmt: skip
    return with_script(response)


@staff_only()
@require_POST
def count(request: HttpRequest, me: Member) -> HttpResponse:
    """Have it counted anew."""
    outlook.ask()
    return to(request, "console_stores" if "stores" in request.POST else "console_sweeps", said="asked")


def forecast_on(found: tuple[Any, dict[str, Any]]) -> tuple[Any, Forecast]:
    """When it was counted, and what."""
    return found[0], outlook.forecast_of(found[1])


def _shown(counted: tuple[Any, Forecast], language: str, words: Words, policy: Policy) -> dict[str, Any]:
    made, one = counted
    say = _Saying(policy, language, words)
    return {
        "made": say.moment(made), "as_of": locale.day(one.as_of, language), "away": say.stores(one.away),
        "asks_others": one.asks_others, "coarse": say.stores(name for name, _ in one.coarse),
        "now": say.lines(line for line in one.due if line.day == one.as_of),
        "days": say.days(one), "months": say.months(one), "last_day": locale.day(_last(one), language),
        "observing": say.stores(name for name, store in policy.stores.items() if store.mode != "enforce"),
    }  # fmt: skip


def _last(one: Forecast) -> date:
    return days_of(one.as_of)[DAYS]


class _Saying:
    """One language."""

    def __init__(self, policy: Policy, language: str, words: Words) -> None:
        self._policy, self._language, self._words = policy, language, words
        self._namer = Namer(policy, language)

    def moment(self, made: Any) -> str:
        """When, by the clocks where the publisher is."""
        return locale.minute(made.astimezone(ZoneInfo(self._policy.timezone)), self._language)

    def stores(self, names: Iterable[str]) -> list[str]:
        """Stores by their titles, as finished markup."""
        return stores_called(self._policy, names, self._language)

    def days(self, one: Forecast) -> list[Day]:
        """The days of the next weeks on which something happens."""
        last = _last(one)
        near = sorted({line.day for line in one.due if one.as_of < line.day <= last})
        return [Day(locale.day(day, self._language), self.lines(x for x in one.due if x.day == day)) for day in near]

    def lines(self, due: Iterable[Due]) -> tuple[str, ...]:
        """A sentence for each thing that happens, the same thing in places of one name said once; finished markup."""
        found: dict[tuple[str, str], int] = {}
        for one in due:
            place = "" if one.action == "rest" else self._namer.collection(one.store, one.collection)
            found[place, one.action] = found.get((place, one.action), 0) + one.rows
        return tuple(self._line(place, action, rows) for (place, action), rows in found.items())

    def _line(self, place: str, action: str, rows: int) -> str:
        number = locale.whole(rows, self._language)
        if action == "rest":
            return self._words.say("due_rest_one" if rows == 1 else "due_rest", n=number)
        said = self._words.say("due_row" if rows == 1 else "due_rows", n=number)
        return self._words.say("due_line", place=place, rows=said, act=self._words[f"due_{action}"])

    def months(self, one: Forecast) -> list[Month]:
        """Every month of the forecast, empty ones too; a store that cannot tell of one leaves a gap there."""
        counts: dict[tuple[int, int], tuple[int, dict[str, int]]] = {
            (day.year, day.month): (0, {}) for day in days_of(one.as_of)
        }
        for line in one.due:
            if line.day == one.as_of or line.action == "rest":
                continue
            rows, parts = counts[line.day.year, line.day.month]
            for purpose, number in line.causes:
                parts[purpose] = parts.get(purpose, 0) + number
            counts[line.day.year, line.day.month] = (rows + line.rows, parts)
        drawn = _lines_of(parts for _, parts in counts.values())
        return [
            self._month(date(year, month, 1), rows, parts, drawn, one.missing(date(year, month, 1)))
            for (year, month), (rows, parts) in counts.items()
        ]

    def _month(
        self, first: date, rows: int, parts: dict[str, int], drawn: Mapping[str, str], missing: tuple[str, ...]
    ) -> Month:  # fmt: skip
        shown = tuple(
            Part(drawn[name], self._title(name), number, locale.whole(number, self._language))
            for name, number in sorted(parts.items(), key=lambda item: (-item[1], item[0]))
        )
        known = locale.whole(rows, self._language)
        said = self._words.say("sweeps_at_least", n=known) if missing and rows else "–" if missing else known
        served = {purpose for name in missing for purpose in _served(self._policy, name)}
        gaps = dict.fromkeys(drawn[name] for name in drawn if name in served)
        return Month(
            locale.day(first, self._language).partition(" ")[2], f"{first:%Y-%m}", rows, said, shown,
            ", ".join(self._namer.store(name) for name in missing), " ".join(key or "*" for key in gaps),
        )  # fmt: skip

    def _title(self, purpose: str) -> str:
        if not purpose:
            return self._words["due_held"]
        known = self._policy.purposes.get(purpose)
        titles = known.title if known is not None else {}
        return titles.get(self._language) or next(iter(titles.values()), purpose)


def _lines_of(months: Iterable[dict[str, int]]) -> dict[str, str]:
    """For each purpose its line of the chart: its own for those with most rows, and an empty name for the others."""
    sums: dict[str, int] = {}
    for parts in months:
        for name, rows in parts.items():
            sums[name] = sums.get(name, 0) + rows
    large = sorted(sums, key=lambda name: (-sums[name], name))[:_SERIES]
    return {name: (name or HELD) if name in large else "" for name in sums}


def _served(policy: Policy, store: str) -> set[str]:
    """The purposes for which something lies in a store, and the empty one of rows that a hold keeps there."""
    collections = policy.stores[store].collections.values() if store in policy.stores else ()
    groups = [one.purposes | {p for field in one.fields for p in field.purposes} for one in collections]
    return {"", *(purpose for group in groups for purpose in group)}
