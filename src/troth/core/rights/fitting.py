"""Whether a value that somebody typed can stand in a column: of its kind, within its size.

Databases differ in what they make of a value of another kind: one keeps the word in a column of numbers, another
answers with an error, a third writes something near it. Here the answer is the same before anything is asked.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Literal

from troth.core.ports import ColumnFacts, Family

Engine = Literal["sqlite", "postgresql", "mariadb", "mysql", "memory"]

_FREE: tuple[Family, ...] = ("date", "datetime", "time", "uuid", "json", "array", "other")
"""Families that are no more than names on SQLite: what stands there is text, however the application writes it."""
_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,64}(\.[0-9]{1,64})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DIGITS = re.compile(r"\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\)")


def family_of(engine: Engine, facts: ColumnFacts) -> Family:
    """What a value of the column has to be."""
    return "text" if engine == "sqlite" and facts.family in _FREE else facts.family


def of_family(family: Family, value: str) -> bool:
    """Whether a text can be read as a value of this family."""
    try:
        return _READERS[family](value) if family in _READERS else True
    except (ValueError, RecursionError):
        return False


def is_day(value: str) -> bool:
    """Whether it is a day as ``2026-11-22``, and no other spelling."""
    return of_family("date", value)


_READERS: dict[Family, Callable[[str], bool]] = {
    "integer": lambda value: _WHOLE.fullmatch(value) is not None and -(2**63) <= int(value) < 2**63,
    "number": lambda value: _NUMBER.fullmatch(value) is not None,
    "boolean": lambda value: value.lower() in ("true", "false", "1", "0"),
    "date": lambda value: _DAY.fullmatch(value) is not None and bool(date.fromisoformat(value)),
    "datetime": lambda value: bool(datetime.fromisoformat(value)),
    "time": lambda value: time.fromisoformat(value) is not None,
    "uuid": lambda value: bool(uuid.UUID(value)),
    "json": lambda value: isinstance(json.dumps(json.loads(value)), str),
    "binary": lambda value: isinstance(bytes.fromhex(value), bytes),
}


def in_range(engine: Engine, facts: ColumnFacts, value: str) -> bool:
    """Whether a number that is of the column's family fits its size; SQLite's columns have none."""
    if engine == "sqlite" or facts.family not in ("integer", "number"):
        return True
    declared = facts.declared.lower()
    if "unsigned" in declared and value.startswith("-"):
        return False
    if facts.family == "number":
        digits = _DIGITS.search(declared)
        return digits is None or _short(value, int(digits[1]), int(digits[2] or 0))
    word = re.match(r"[a-z]*", declared)
    bits = _BITS.get(word[0] if word else "", 64)
    half = 1 << (bits - 1)
    low, high = (0, 2 * half) if "unsigned" in declared else (-half, half)
    return low <= int(value) < high


def _short(value: str, digits: int, after: int) -> bool:
    """``numeric(5,2)``: so many digits in all, so many of them after the point; a database would round the rest."""
    whole, _, rest = value.removeprefix("-").partition(".")
    return len(whole.lstrip("0")) <= digits - after and len(rest.rstrip("0")) <= after


def approximate(engine: Engine, facts: ColumnFacts) -> bool:
    """Whether a number that was written is not found again by itself: MariaDB's FLOAT keeps seven digits of it."""
    return engine in ("mariadb", "mysql") and facts.declared.lower().startswith("float")
