"""Counts what a column's values are like, and forgets the values.

A profiler keeps numbers, and hashes under a salt of its own that nobody else knows and that dies with it: they
tell two values apart and cannot be compared with anything else.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from troth.core.discover.model import Profile, Profiler
from troth.core.discover.paths import joined, step_of
from troth.core.discover.recognise_dates import (
    Kind,
    Moment,
    counted_moments,
    is_zero_date,
    native_moments,
    text_moments,
)
from troth.core.discover.recognise_structured import Format, taken_apart
from troth.core.discover.signs import as_text, signs_of
from troth.core.ports import Family

MOST_DISTINCT = 20_000
"""Beyond that many different values the count stays as it is."""
MOST_PATHS = 80
"""Places inside structured values that are told apart."""
DEEPEST_PATH = 6
MOST_INNER = 200
"""Inner values of one row that are looked at."""
CLOSELY = 200
"""So many filled values of a column are looked at closely, one after the other; from then on every ``STRIDE``-th
is, so that the picture is one of the whole sample. All are counted and told apart."""
STRIDE = 5
REMEMBERED = 512
"""Different values whose signs are remembered by their hash."""

_EMPTY = frozenset({"0", "[]", "{}", "null", "a:0:{}", "N;"})
_READ_AS_CLOCK = 0.9
"""The share of filled values that must read as one kind of moment."""


def new_profiler(family: Family) -> Profiler:
    """A profiler for a column of the family (``json`` for one that the driver has decoded already)."""
    return ColumnProfiler(family)


def _shown_length(value: Any) -> int:
    """Characters that it takes to write a scalar; numbers beyond all sense are not written for that."""
    return 80 if isinstance(value, int) and value.bit_length() > 256 else len(str(value))


def _to_two_figures(number: int) -> int:
    """Rounded up, so that no single value is told: 1,234 is 1,300."""
    step = 1
    while number // step >= 100:
        step *= 10
    return -(-number // step) * step


@dataclass(slots=True)
class _Reading:
    """How often one way of telling the time fitted, and between which days."""

    count: int
    earliest: date
    latest: date


class ColumnProfiler:
    """The profiler behind ``new_profiler``."""

    def __init__(self, family: Family = "text", depth: int = 0, salt: bytes | None = None) -> None:
        self._family = family
        self._depth = depth
        self._salt = salt or os.urandom(16)
        self._sampled = self._nulls = self._blanks = self._filled = self._looked = 0
        self._length = self._longest = self._words = self._texts = 0
        self._signs: Counter[str] = Counter()
        self._seen: set[int] = set()
        self._known: dict[int, frozenset[str]] = {}
        self._moments: dict[tuple[Kind, str | None], _Reading] = {}
        self._inner = _Inside(self._salt) if depth == 0 else None
        self._highest = 0

    def add(self, value: Any) -> None:
        """Look at a value and forget it."""
        self._sampled += 1
        if value is None:
            self._nulls += 1
        elif isinstance(value, str):
            self._add_text(value)
        elif isinstance(value, bytes | bytearray | memoryview):
            self._add_bytes(bytes(value))
        elif isinstance(value, dict | list | tuple):
            self._add_structure("json", value)
        else:
            self._add_scalar(value)

    def add_all(self, values: Iterable[Any]) -> None:
        """Look at several."""
        for value in values:
            self.add(value)

    def _closely(self) -> bool:
        """Whether the filled value at hand, counted here, is one to look at closely. Inside structured values all
        are: their rows were chosen already."""
        self._filled += 1
        if self._filled > CLOSELY and self._filled % STRIDE and self._depth == 0:
            return False
        self._looked += 1
        return True

    def _add_bytes(self, data: bytes) -> None:
        text = as_text(data) if len(data) > 4 else None
        if text is not None:
            self._add_text(text)
        elif data.strip(b"\x00"):
            self._measure(len(data), 0)
            self._note(data, data)
        else:
            self._blanks += 1

    def _add_text(self, value: str) -> None:
        text = value.strip()
        if not text or text in _EMPTY or is_zero_date(text):
            self._blanks += 1
            return
        self._measure(len(value), text.count(" ") + 1 if len(text) < 4_000 else len(text) // 6)
        mark = self._mark(text)
        if not self._closely():
            return
        if self._inner is not None and text[0] in "{[aO" and (found := taken_apart(text)):
            self._signs[found[0]] += 1
            self._inner.add(*found)
            return
        self._recognise(mark, text)
        for moment in text_moments(text):
            self._moment(moment)

    def _add_structure(self, format_: Format, value: Any) -> None:
        if not value:
            self._blanks += 1
            return
        self._mark(repr(value)[:2_000])
        if self._closely():
            self._signs[format_] += 1
            if self._inner is not None:
                self._inner.add(format_, value)

    def _add_scalar(self, value: Any) -> None:
        if isinstance(value, date):
            if self._note(value, value):
                for moment in native_moments(value):
                    self._moment(moment)
            return
        if isinstance(value, Decimal) and not value.is_finite():
            value = float("nan")
        if value == 0 and not isinstance(value, bool):
            self._blanks += 1
            return
        if self._family == "integer" and isinstance(value, int) and value > self._highest:
            self._highest = value
        # Equal numbers of different types are told apart, as 1 and True.
        if self._note((type(value), value), value):
            self._measure(_shown_length(value), 1)
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                for moment in counted_moments(value):
                    self._moment(moment)

    def _measure(self, length: int, words: int) -> None:
        self._texts += 1
        self._length += length
        self._words += words
        self._longest = max(self._longest, length)

    def _mark(self, value: Any) -> int:
        try:
            mark = hash((self._salt, value))
        except TypeError:
            mark = hash((self._salt, repr(value)))
        if len(self._seen) < MOST_DISTINCT:
            self._seen.add(mark)
        return mark

    def _note(self, key: Any, value: Any) -> bool:
        """Count it, and tell whether it was looked at closely."""
        mark = self._mark(key)
        if not self._closely():
            return False
        self._recognise(mark, value)
        return True

    def _recognise(self, mark: int, value: Any) -> None:
        signs = self._known.get(mark)
        if signs is None:
            signs = signs_of(value)
            if len(self._known) < REMEMBERED:
                self._known[mark] = signs
        for sign in signs:
            self._signs[sign] += 1

    def _moment(self, moment: Moment) -> None:
        if moment.midnight:
            self._signs["midnight"] += 1
        if moment.day.year < 1990:
            self._signs["before_1990"] += 1
        way = (moment.kind, moment.format)
        reading = self._moments.get(way)
        if reading is None:
            self._moments[way] = _Reading(1, moment.day, moment.day)
            return
        reading.count += 1
        reading.earliest = min(reading.earliest, moment.day)
        reading.latest = max(reading.latest, moment.day)

    def profile(self) -> Profile:
        """What they were like."""
        clock, format_, reading = self._clock(self._looked)
        return Profile(
            sampled=self._sampled,
            nulls=self._nulls,
            blanks=self._blanks,
            distinct=len(self._seen),
            signs={sign: min(count, self._looked) for sign, count in self._signs.items()},
            mean_length=self._length / self._texts if self._texts else 0.0,
            max_length=self._longest,
            mean_words=self._words / self._texts if self._texts else 0.0,
            clock=clock,
            clock_format=format_,
            earliest=reading.earliest if reading else None,
            latest=reading.latest if reading else None,
            inner=self._inner.profiles() if self._inner else {},
            inner_format=self._inner.format() if self._inner else None,
            highest=_to_two_figures(self._highest) if self._highest else None,
            looked=self._looked if self._looked < self._filled else None,
        )

    def _clock(self, looked: int) -> tuple[Kind | None, str | None, _Reading | None]:
        if not looked or not self._moments:
            return None, None, None
        ways = self._moments.items()
        (kind, format_), reading = max(ways, key=lambda way: way[1].count)
        if kind in ("date", "datetime"):
            # A text column may hold days and moments: the connector reads both as moments.
            both = [r for (k, _), r in ways if k in ("date", "datetime")]
            kind = "datetime" if ("datetime", None) in self._moments else "date"
            total = sum(r.count for r in both)
            reading = _Reading(total, min(r.earliest for r in both), max(r.latest for r in both))
        if reading.count < looked * _READ_AS_CLOCK:
            return None, None, None
        return kind, format_, reading


class _Inside:
    """The profilers of the places inside structured values."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._formats: Counter[Format] = Counter()
        self._rows: Counter[tuple[str, ...]] = Counter()
        self._profilers: dict[tuple[str, ...], ColumnProfiler] = {}
        self._left = 0

    def add(self, format_: Format, value: Any) -> None:
        """Look at every scalar inside a value."""
        self._formats[format_] += 1
        self._left = MOST_INNER
        touched: set[tuple[str, ...]] = set()
        self._walk(value, (), touched)
        self._rows.update(touched)

    def _walk(self, value: Any, path: tuple[str, ...], touched: set[tuple[str, ...]]) -> None:
        if self._left <= 0:
            return
        if isinstance(value, dict | list | tuple):
            if len(path) < DEEPEST_PATH:
                for step, child in _members(value):
                    self._walk(child, (*path, step), touched)
            return
        self._left -= 1
        profiler = self._profilers.get(path)
        if profiler is None:
            if len(self._profilers) >= MOST_PATHS:
                return
            profiler = self._profilers[path] = ColumnProfiler("text", depth=1, salt=self._salt)
        profiler.add(value)
        touched.add(path)

    def profiles(self) -> Mapping[str, Profile]:
        """By path. A key that one row in many has is left out: it may be somebody's."""
        total = sum(self._formats.values())
        kept = ((path, p) for path, p in self._profilers.items() if total < 10 or self._rows[path] > 1)
        return {joined(path): profiler.profile() for path, profiler in kept}

    def format(self) -> Literal["json", "php"] | None:
        """The commoner format; None when nothing was structured."""
        return self._formats.most_common(1)[0][0] if self._formats else None


def _members(value: Mapping[Any, Any] | Sequence[Any]) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return ((step_of(str(key)), child) for key, child in value.items())
    return (("*", child) for child in value)
