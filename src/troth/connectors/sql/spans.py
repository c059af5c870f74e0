"""Walking a table's key in stretches, so that no transaction is long and nothing is scanned twice.

Dense integer keys are cut into spans of fixed width, without asking the database where (fastest, and no plan
of its to go wrong). Other keys are cut where every so-many-th row stands. Of a composite key the first column
is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from troth.connectors.sql.binding import bind, scalar
from troth.connectors.sql.tables import Column, Place
from troth.core.policy.model import Scalar
from troth.core.ports import Span
from troth.core.query import Everything, KeySpan

Ask = Callable[[Select[Any]], Sequence[Any]]
"""Asks a query and gives its first row; a row of one None where there is none."""

SPARSE = 8
"""Integers per row beyond which a key counts as sparse."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a key reaches and how dense it was when a walk began. What is added behind is for the next walk."""

    lowest: Any
    highest: Any
    per_row: float | None
    """Integers per row; None for other keys."""


def walk(
    ask: Ask, place: Place, size: int, after: Scalar, known: MutableMapping[str, Extent] | None = None
) -> Iterator[Span]:
    """Spans over the whole table, from ``after`` (a former span's ``resume``) on.

    ``ask`` answers one query in a transaction of its own: nothing is held while a span is worked on, or
    SQLite could not commit what was done with it. ``known`` remembers the extent from one call to the next:
    behind a sweep the least key is found only after all that is dead.
    """
    if size < 1:
        raise ValueError("a span holds at least one row")
    if not place.key:
        total = ask(select(func.count()).select_from(place.clause))[0]
        if after is None and total:
            yield Span(Everything(), None, total)
        return
    extent = known.get(place.name) if known is not None and after is not None else None
    if extent is None:
        extent = _extent(ask, place)
        if known is not None:
            known[place.name] = extent
    name = place.key[0]
    if extent.highest is None:
        return
    if extent.per_row is not None and len(place.key) == 1 and extent.per_row <= SPARSE:
        yield from _fixed(name, extent.lowest, extent.highest, size, extent.per_row, after)
    elif after is None or after != scalar(extent.highest):
        yield from _sampled(ask, name, place.column(name), scalar(extent.highest), size, after)


def _extent(ask: Ask, place: Place) -> Extent:
    column = place.column(place.key[0])
    # Each by itself, or SQLite reads the whole table for them.
    ends = [select(end(column)).scalar_subquery() for end in (func.min, func.max)]
    lowest, highest = ask(select(*ends))
    if place.facts_of(place.key[0]).family != "integer" or not (isinstance(lowest, int) and isinstance(highest, int)):
        return Extent(lowest, highest, None)
    rows = place.facts.rows if place.facts.rows and place.facts.rows > 0 else None
    if rows is None:
        rows = ask(select(func.count()).select_from(place.clause))[0]
    return Extent(lowest, highest, (highest - lowest + 1) / max(rows, 1))


def _fixed(name: str, lowest: int, highest: int, size: int, per_row: float, after: Scalar) -> Iterator[Span]:
    width = max(1, round(size * max(per_row, 1.0)))
    low = lowest if after is None else max(lowest, int(after))
    while low <= highest:
        high = low + width
        yield Span(KeySpan(name, low, high), high, min(size, high - low))
        low = high


def _sampled(ask: Ask, name: str, column: Column, highest: Scalar, size: int, after: Scalar) -> Iterator[Span]:
    low: Any = after
    while True:
        query = select(column).order_by(column).offset(size).limit(1)
        if low is not None:
            query = query.where(column >= bind(low))
        high = scalar(ask(query)[0])
        if high is not None and high == low:
            # More rows than a span holds share this value of a composite key's first column.
            beyond = select(func.min(column)).where(column > bind(low))
            high = scalar(ask(beyond)[0])
        if high is None or high == highest:
            yield Span(KeySpan(name, low, None), highest, size)
            return
        yield Span(KeySpan(name, low, high), high, size)
        low = high
