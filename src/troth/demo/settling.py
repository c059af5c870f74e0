"""Putting invented times in order: nothing happens after the moment at which the demo begins, nor before its cause."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, time

from troth.demo.database import Row, Tables, Value

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_AHEAD = frozenset({"expires", "due_on"})
"""Columns that speak of the future."""
_ORDER = {
    "customers": ("created_at", "last_seen_at"), "orders": ("placed_at", "closed_at"),
    "accounts": ("created_at", "last_login_at", "closed_at"), "tickets": ("opened_at", "closed_at"),
}  # fmt: skip
"""Moments that follow one another."""


def settle(tables: Tables, as_of: date) -> Tables:
    """The same tables. What is of ``as_of`` itself happened in its first minute, so that it is past; of two moments of
    one row in the wrong order within a day each takes the other's place."""
    return {name: [_settled(name, row, as_of) for row in rows] for name, rows in tables.items()}


def _settled(table: str, row: Row, as_of: date) -> Row:
    past = {name: value if name in _AHEAD else _past(value, as_of) for name, value in row.items()}
    columns = [name for name in _ORDER.get(table, ()) if _is_moment(past.get(name))]
    for one, other in itertools.pairwise(columns):
        first, then = str(past[one]), str(past[other])
        if first[:10] == then[:10] and first > then:
            past[one], past[other] = then, first
    return past


def _is_moment(value: Value) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def _past(value: Value, as_of: date) -> Value:
    """A moment of that day, as text or in seconds or milliseconds since 1970."""
    if isinstance(value, str) and _MOMENT.fullmatch(value) and value.startswith(str(as_of)):
        return f"{as_of} 00:00:{value[-2:]}"
    if isinstance(value, int):
        midnight = int(datetime.combine(as_of, time(), UTC).timestamp())
        for unit in (1, 1000):
            if midnight * unit <= value < (midnight + 86_400) * unit:
                return (midnight + value // unit % 60) * unit
    return value
