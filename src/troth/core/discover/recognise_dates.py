"""Moments, however they are written: by the engine's own types, as seconds since 1970, or as a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["date", "datetime", "epoch_s", "epoch_ms", "text"]

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?)?"
)
_WRITTEN = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})(?:,? (\d\d):(\d\d)(:\d\d)?)?")
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
EARLIEST_S, LATEST_S = 725_846_400, 4_102_444_800
"""Seconds that may be a moment: from 1993 to 2100. Smaller numbers are numbers."""
_EPOCH = date(1970, 1, 1)


class Moment(NamedTuple):
    """One way to read a value."""

    kind: Kind
    format: str | None
    day: date
    midnight: bool


def native_moments(value: date) -> Iterator[Moment]:
    """How a date or datetime of the driver's reads."""
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second)
        yield Moment("datetime", None, value.date(), midnight)
    else:
        yield Moment("date", None, value, True)


def counted_moments(value: int | float | Decimal) -> Iterator[Moment]:
    """How a number reads as time since 1970."""
    if EARLIEST_S <= value < LATEST_S:
        yield Moment("epoch_s", None, _EPOCH + timedelta(days=int(value // 86_400)), value % 86_400 == 0)
    elif EARLIEST_S * 1_000 <= value < LATEST_S * 1_000:
        seconds = value // 1_000
        yield Moment("epoch_ms", None, _EPOCH + timedelta(days=int(seconds // 86_400)), seconds % 86_400 == 0)


def text_moments(text: str) -> Iterator[Moment]:
    """Every way in which a text reads as a moment; ``03/04/2024`` has two."""
    if not 8 <= len(text) <= 40 or not text[0].isdecimal():
        return
    if match := _ISO.fullmatch(text):
        yield from _iso(match)
    elif match := _WRITTEN.fullmatch(text):
        yield from _written(match)
    elif match := _PACKED.fullmatch(text):
        yield from _packed(match)


def is_zero_date(text: str) -> bool:
    """Whether it is MySQL's date that is none."""
    return text.startswith("0000-00-00")


def _iso(match: re.Match[str]) -> Iterator[Moment]:
    day = _day(match[1], match[2], match[3])
    if day is not None and _in_a_day(match[4], match[5], match[6]):
        kind: Kind = "date" if match[4] is None else "datetime"
        midnight = not any(int(part or 0) for part in match.group(4, 5, 6))
        yield Moment(kind, None, day, midnight)


def _written(match: re.Match[str]) -> Iterator[Moment]:
    first, mark, second, third = match.group(1, 2, 3, 4)
    clock = "" if match[5] is None else " %H:%M:%S" if match[7] else " %H:%M"
    if match[5] is not None and ("," in match[0] or not _in_a_day(match[5], match[6], (match[7] or "")[1:])):
        return
    midnight = not any(int((part or "0").strip(":")) for part in match.group(5, 6, 7))
    orders = (
        (("%Y", "%m", "%d"), (first, second, third), (4, 2, 2)),
        (("%d", "%m", "%Y"), (third, second, first), (2, 2, 4)),
        (("%m", "%d", "%Y"), (third, first, second), (2, 2, 4)),
    )
    for letters, parts, sizes in orders:
        if tuple(map(len, (first, second, third))) == sizes and (day := _day(*parts)):
            yield Moment("text", mark.join(letters) + clock, day, midnight)


def _packed(match: re.Match[str]) -> Iterator[Moment]:
    day = _day(match[1], match[2], match[3])
    if day is None or not _in_a_day(match[4], match[5], match[6]):
        return
    clock = "" if match[4] is None else "%H%M%S" if match[6] else "%H%M"
    midnight = not any(int(part or 0) for part in match.group(4, 5, 6))
    yield Moment("text", "%Y%m%d" + clock, day, midnight)


def _in_a_day(hour: str | None, minute: str | None, second: str | None) -> bool:
    return int(hour or 0) < 24 and int(minute or 0) < 60 and int(second or 0) < 61


def _day(year: str, month: str, day: str) -> date | None:
    if not 1850 <= int(year) <= 2200:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
