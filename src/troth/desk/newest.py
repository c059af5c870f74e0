"""Which rows of many are shown: the newest, by the clock that says when a row came to be."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from troth.core.errors import StoreError
from troth.core.ports import Want
from troth.core.query import Readable, all_of
from troth.core.retention.clockvalue import as_date
from troth.desk.lasting import begin_of

if TYPE_CHECKING:
    from troth.core.policy.model import Clock
    from troth.core.rights.access import Reading
    from troth.core.rights.session import Session

Row = Mapping[str, Any]

_SPANS = (0, 3, 10, 30, 100, 365, 1100, 3700)
"""Days before the newest row within which enough of them are looked for."""
_MOST = 2000
"""Rows that are read for it."""


def first_rows(session: Session, reading: Reading, names: Sequence[str], most: int) -> list[Row]:
    """The first rows in the order of the key, at most so many. Raises StoreError."""
    rows = session.stores[reading.place[0]].connector.read(reading.place[1], reading.where, names)
    try:
        return list(islice(rows, most))
    finally:
        if isinstance(rows, Generator):
            rows.close()  # gives its connection back now, not when the memory is tidied


def newest_rows(session: Session, reading: Reading, names: Sequence[str], most: int) -> list[Row]:
    """The newest rows, at most so many, the newest first; in the order of the key where no clock tells, or where more
    than ``_MOST`` came on one day. Raises StoreError."""
    rows = first_rows(session, reading, names, most)
    clock = clock_of(session, reading)
    if clock is None or clock.column not in names or len(rows) < 2:
        return rows
    if len(rows) == most:
        with suppress(StoreError):  # a clock that the database cannot compare
            within = _enough(session, reading, clock, most)
            rows = first_rows(session, within, names, _MOST) if within is not None else rows
    return in_order(clock, rows)[:most]


def clock_of(session: Session, reading: Reading) -> Clock | None:
    """The clock of these rows: when they came to be, or else the first that the policy names."""
    begin = begin_of(reading.collection, session.policy)
    return begin or next(iter(reading.collection.events.values()), None)


def in_order(clock: Clock, rows: Sequence[Row]) -> list[Row]:
    """The newest first; those that do not tell it last."""
    return sorted(
        rows, key=lambda row: (as_date(clock, row[clock.column]) or date.min, _moment(row[clock.column])), reverse=True
    )


def _moment(value: object) -> tuple[float, str]:
    """Within one day numbers are told by their size, all else by how it is written."""
    number = float(value) if isinstance(value, int | float) else 0.0
    return number, "" if value is None else str(value)


def _enough(session: Session, reading: Reading, clock: Clock, most: int) -> Reading | None:
    """The rows of the last days in which there are enough of them."""
    store, name = reading.place
    ask = session.stores[store].connector.count
    [newest] = ask([Want(name, reading.where, span=clock)])
    if newest.latest is None:
        return None
    begins = [newest.latest - timedelta(days=days) for days in _SPANS if days < newest.latest.toordinal()]
    wheres = [all_of(reading.where, Readable(clock, begin)) for begin in begins]
    counts = ask([Want(name, where) for where in wheres])
    found = zip(wheres, counts, strict=True)
    return next((replace(reading, where=where) for where, count in found if count.rows >= most), None)
