"""A clock's value, as a connector read it, turned into a date; None where it cannot be told."""

from __future__ import annotations

from datetime import UTC, date, datetime

from troth.core.policy.model import Clock

_SECONDS = {"epoch_s": 1, "epoch_ms": 1000}


def as_date(clock: Clock, value: object) -> date | None:
    """The day of a clock's value, or None when it is NULL, unreadable or before the clock's floor."""
    day = _read(clock, value)
    return day if day is not None and day >= clock.floor else None


def _read(clock: Clock, value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return None
    if clock.kind in _SECONDS:
        return _epoch(clock, value)
    if isinstance(value, str):
        return _text(clock, value)
    return None


def _epoch(clock: Clock, value: object) -> date | None:
    if not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value / _SECONDS[clock.kind], UTC).date()
    except (OverflowError, ValueError, OSError):
        return None


def _text(clock: Clock, value: str) -> date | None:
    try:
        if clock.kind == "text" and clock.format:
            return datetime.strptime(value, clock.format).date()  # noqa: DTZ007 - a day, not a moment
        return datetime.fromisoformat(value).date()
    except ValueError:
        return None
