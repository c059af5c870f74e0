"""Clocks in SQL: which rows are before a day, which can be read at all.

Comparing a clock wrongly makes rows due that are not: numbers sort before text on SQLite, zero dates and
``-infinity`` are older than everything. So each kind is first asked whether it can be read, and whatever
lies before the floor, after the year 9999, or has another form is not a time. All moments are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, collate, column, func, literal, or_, type_coerce
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from troth.connectors.sql.binding import bind
from troth.connectors.sql.logic import not_met
from troth.connectors.sql.tables import Column, Place
from troth.core.errors import StoreRefused
from troth.core.policy.model import Clock

Test = ColumnElement[bool]

_LAST_DAY = date.max
_ISO = "%Y-%m-%d"
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_PATTERNS = {
    "Y": "[0-9]{4}", "m": "(0[1-9]|1[0-2])", "d": "(0[1-9]|[12][0-9]|3[01])",
    "H": "([01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]",
}  # fmt: skip
_HIGHEST = {"H": "23", "M": "59", "S": "59"}
_TIME = "([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_END = r"(?![\s\S])"
"""The end of the text in POSIX and Perl alike; ``$`` would let a line feed pass."""
_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_REAL_DAY = (
    "^([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|[0-9]{{4}}-02-(0[1-9]|1[0-9]|2[0-8])|{_LEAP}-02-29){_END}"
)


@dataclass(frozen=True, slots=True)
class Dial:
    """How to read one clock: the raw column, what is compared, whether it is readable, a day as a bound."""

    raw: Column
    value: Column
    valid: Test | None
    at: Callable[[date], Any]
    bounded: bool = False
    """Whether values beyond the year 9999 exist and must be kept out."""


def before(engine: str, place: Place, clock: Clock, cutoff: date) -> Test:
    """The clock is readable, not before its floor, and before the start of ``cutoff``."""
    dial = dial_of(engine, place, clock)
    return _and(dial.value >= dial.at(clock.floor), dial.value < dial.at(cutoff), dial.valid)


def readable(engine: str, place: Place, clock: Clock, from_: date | None = None) -> Test:
    """The clock is readable and not before its floor, nor before ``from_``."""
    dial = dial_of(engine, place, clock)
    lowest = clock.floor if from_ is None else max(clock.floor, from_)
    highest = dial.value <= dial.at(_LAST_DAY) if dial.bounded else None
    return _and(dial.value >= dial.at(lowest), highest, dial.valid)


def unreadable(engine: str, place: Place, clock: Clock) -> Test:
    """The clock has a value, but not one that ``readable`` accepts."""
    raw = place.column(clock.column)
    return and_(raw.is_not(None), not_met(readable(engine, place, clock)))


def extremes(engine: str, place: Place, clock: Clock) -> tuple[Column, Column]:
    """The earliest and latest readable value, as aggregates over the rows of a statement."""
    dial = dial_of(engine, place, clock)
    value = case((readable(engine, place, clock), dial.value))
    return func.min(value), func.max(value)


def told(clock: Clock, value: object) -> date | None:
    """The day that one of the ``extremes`` tells."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if clock.kind in ("epoch_s", "epoch_ms"):
        seconds = float(str(value)) / (1000 if clock.kind == "epoch_ms" else 1)
        return datetime.fromtimestamp(seconds, UTC).date()
    return date.fromisoformat(str(value)[:10])


def dial_of(engine: str, place: Place, clock: Clock) -> Dial:
    """How this engine reads this clock. Raises StoreRefused when the column cannot be such a clock."""
    facts = place.facts_of(clock.column)
    raw = place.column(clock.column)
    if clock.kind in ("epoch_s", "epoch_ms"):
        if engine == "sqlite" or facts.family in ("integer", "number"):
            return _epoch(engine, raw, clock)
    elif clock.kind == "text":
        if engine == "sqlite" or facts.family in ("text", "enum"):
            return _formatted(engine, place, raw, clock.format or _ISO)
    elif engine == "sqlite":
        return _sqlite_moment(raw)
    elif facts.family in ("date", "datetime"):
        return _native(engine, raw)
    elif facts.family == "text":
        return _text_moment(engine, raw)
    raise StoreRefused(
        f"collection {place.name}: column {clock.column} is {facts.declared}, not a clock of kind {clock.kind}",
        remedy="declare the clock with what the column really holds (`is: epoch_s`, `is: text` with a format)",
    )


def _epoch(engine: str, raw: Column, clock: Clock) -> Dial:
    factor = 1000 if clock.kind == "epoch_ms" else 1

    def at(day: date) -> Any:
        extra = 86_399 if day == _LAST_DAY else 0
        return bind((int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + extra) * factor)

    typed = func.typeof(raw).in_(("integer", "real")) if engine == "sqlite" else None
    return Dial(raw, raw, typed, at, bounded=True)


def _native(engine: str, raw: Column) -> Dial:
    if engine == "postgresql":
        # The last moment of 9999 and not its last midnight; infinity lies beyond.
        return Dial(
            raw, raw, None, lambda d: bind(d.isoformat() + (" 23:59:59" if d == _LAST_DAY else "")), bounded=True
        )
    # TO_DAYS knows no zero date, no zero month and no 31 February.
    return Dial(raw, raw, func.to_days(raw).is_not(None), lambda d: bind(d.isoformat()))


def _sqlite_moment(raw: Column) -> Dial:
    return Dial(raw, raw, _IsMoment(raw), lambda d: bind(d.isoformat()))


class _IsMoment(FunctionElement[bool]):
    """The column holds a day or a moment as SQLite's own functions write them. A sweep asks it a thousand times, so it
    is composed and compiled once, for a name in whose place the column's then stands."""

    inherit_cache = True


@compiles(_IsMoment)
def _compiled(element: _IsMoment, compiler: SQLCompiler, **options: Any) -> str:
    (raw,) = element.clauses
    return _moment_of(_ANY).replace(_ANY, compiler.process(raw, **options))


_ANY = "any_clock"


@cache
def _moment_of(name: str) -> str:
    raw: Column = column(name)
    no_days = literal("+0 days", String)
    # A day is the commonest: whatever comes out of the calendar as it went in is one, and is a text.
    is_day = func.date(raw, no_days) == raw
    day = func.substr(raw, 1, 10)
    is_moment = and_(
        func.typeof(raw) == literal("text", String),
        raw.bool_op("GLOB")(literal("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T]*", String)),
        func.date(day, no_days) == day,
        func.datetime(raw).is_not(None),
    )
    test = or_(is_day, is_moment)
    return f"({test.compile(dialect=sqlite.dialect(), compile_kwargs={'literal_binds': True})})"


def _text_moment(engine: str, raw: Column) -> Dial:
    day = _ordered(engine, func.substr(raw, 1, 10))
    form = "^[0-9]{4}-[0-9]{2}-[0-9]{2}" + _TIME + _END
    valid = and_(_matches(engine, raw, form), _matches(engine, day, _REAL_DAY))
    return Dial(raw, day, valid, lambda d: bind(d.isoformat()))


def _formatted(engine: str, place: Place, raw: Column, format_: str) -> Dial:
    pieces = _pieces(place, format_)
    starts = _starts(pieces)
    dash = type_coerce(bind("-"), String)
    parts = [type_coerce(func.substr(raw, starts[d], _WIDTHS[d]), String) for d in "Ymd"]
    day = parts[0] + dash + parts[1] + dash + parts[2]
    if engine == "sqlite":
        valid = _sqlite_form(raw, day, pieces, starts)
    else:
        form = "".join(_PATTERNS[p] if known else re.escape(p) for p, known in pieces)
        valid = and_(_matches(engine, raw, f"^{form}{_END}"), _matches(engine, day, _REAL_DAY))
    return Dial(raw, _ordered(engine, day), valid, lambda d: bind(d.isoformat()))


def _sqlite_form(raw: Column, day: Column, pieces: list[tuple[str, bool]], starts: dict[str, int]) -> Test:
    glob = "".join("[0-9]" * _WIDTHS[p] if known else re.sub(r"([*?\[])", r"[\1]", p) for p, known in pieces)
    limits = [func.substr(raw, starts[d], 2) <= bind(top) for d, top in _HIGHEST.items() if d in starts]
    return and_(func.typeof(raw) == "text", raw.bool_op("GLOB")(bind(glob)), func.date(day, "+0 days") == day, *limits)


def _pieces(place: Place, format_: str) -> list[tuple[str, bool]]:
    """The format as literal texts and directives (marked True)."""
    pieces: list[tuple[str, bool]] = []
    for match in re.finditer(r"%(.)|([^%]+)|%", format_, re.DOTALL):
        if match[1] in _WIDTHS:
            pieces.append((match[1], True))
        elif match[1] == "%" or match[2]:
            pieces.append((match[2] or "%", False))
        else:
            raise _bad_format(place, format_, f"{match[0]} is not understood")
    directives = [p for p, known in pieces if known]
    if not {"Y", "m", "d"} <= set(directives) or len(directives) != len(set(directives)):
        raise _bad_format(place, format_, "it needs %Y, %m and %d once each")
    return pieces


def _bad_format(place: Place, format_: str, why: str) -> StoreRefused:
    return StoreRefused(
        f"collection {place.name}: the clock format {format_!r} cannot be used: {why}",
        remedy="write it with %Y %m %d %H %M %S and the characters between them",
    )


def _starts(pieces: list[tuple[str, bool]]) -> dict[str, int]:
    starts, position = {}, 1
    for piece, known in pieces:
        if known:
            starts[piece] = position
        position += _WIDTHS[piece] if known else len(piece)
    return starts


def _ordered(engine: str, text: Column) -> Column:
    """Compared character by character, whatever the column's collation thinks of digits and dashes."""
    return collate(cast(text, String), "C") if engine == "postgresql" else text


def _matches(engine: str, text: Column, pattern: str) -> Test:
    return text.bool_op("~" if engine == "postgresql" else "REGEXP")(bind(pattern))


def _and(*tests: Test | None) -> Test:
    return and_(*(t for t in tests if t is not None))
