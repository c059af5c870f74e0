"""Dates, numbers and sizes as people write them in English and French."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from troth.core.ports import Family

_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
}  # fmt: skip
_GROUP = {"en": ",", "fr": "\u202f"}
_POINT = {"en": ".", "fr": ","}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII)
_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?", re.ASCII)


def whole(number: int, language: str) -> str:
    """A count, in groups of three."""
    return f"{number:,}".replace(",", _GROUP[language])


def number(value: Decimal | float, language: str) -> str:
    """A number with every digit it has; anything unusual (1E+9, NaN) as it is written."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    sign, units, fraction = match.groups()
    groups = whole(int(units), language) if len(units) > 4 and not units.startswith("0") else units
    return f"{'−' if sign else ''}{groups}" + (f"{_POINT[language]}{fraction}" if fraction else "")


def day(value: date, language: str) -> str:
    """``22 November 2026``, ``1er mai 2026``."""
    first = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{first} {_MONTHS[language][value.month - 1]} {value.year:04}"


def moment(value: datetime, language: str, timezone: str = "") -> str:
    """A day and a time. Where there is an offset from universal time: with it, or by the clocks of ``timezone`` and
    with its name."""
    zone = ""
    offset = value.utcoffset()
    if offset is not None and timezone:
        value, zone = value.astimezone(ZoneInfo(timezone)), f" ({timezone})"
    clock = value.strftime("%H:%M:%S")
    if offset is not None and not timezone:
        minutes = int(offset.total_seconds() // 60)
        sign = "−" if minutes < 0 else "+"
        zone = " UTC" if not minutes else f" UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return f"{day(value, language)}, {clock}{zone}" if language == "en" else f"{day(value, language)} à {clock}{zone}"


def minute(value: datetime, language: str) -> str:
    """A day and a time to the minute, as people say it of what they did themselves."""
    return f"{day(value, language)}{', ' if language == 'en' else ' à '}{value:%H:%M}"


_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def money(amount: Decimal, currency: str, language: str, *, hundredths: bool = False) -> str:
    """``€1,234.50``, ``1 234,50 €``; ``hundredths``: the number counts cents."""
    exact = amount / 100 if hundredths else amount
    if not exact.is_finite():
        return f"{exact} {currency}"
    units, _, fraction = f"{abs(exact):.2f}".partition(".")
    digits = f"{whole(int(units), language)}{_POINT[language]}{fraction}"
    minus, sign = "−" if exact < 0 else "", _SIGNS.get(currency, "")
    if language == "fr":
        return f"{minus}{digits}\u00a0{sign or currency}"
    return f"{minus}{sign}{digits}" if sign else f"{minus}{digits} {currency}"


def read_moment(value: object, family: Family) -> date | datetime | None:
    """The date or moment that a value is, also where a database keeps it as text (SQLite)."""
    if isinstance(value, date):
        return value
    if family not in ("date", "datetime") or not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    except ValueError:
        return None


def clock_time(value: time) -> str:
    """A time of day, to the second."""
    return value.strftime("%H:%M:%S")


def size(count: int, language: str) -> str:
    """A number of bytes, rounded."""
    units = {"en": ("bytes", "KB", "MB", "GB"), "fr": ("octets", "Ko", "Mo", "Go")}[language]
    amount, step = float(count), 0
    while amount >= 1000 and step < 3:
        amount, step = amount / 1000, step + 1
    digits = f"{amount:.0f}" if step == 0 or amount >= 10 else f"{amount:.1f}".replace(".", _POINT[language])
    return f"{digits}\u202f{units[step]}"
