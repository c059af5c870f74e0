"""The rows in doubt of a request, for whoever has to say whose they are: where each lies, by which number, and what it
says. Whoever shows them has put that on record before (``console.trace``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from troth.core.query import Nothing, all_of, none_of
from troth.core.rights.access import Reading, plan_access
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.session import Session
from troth.desk.holdings import cells_of
from troth.desk.house import House, stores
from troth.desk.newest import first_rows
from troth.desk.particulars import Particulars
from troth.desk.sharing import OPENED
from troth.package.html_names import Namer

MOST = 50
"""Rows of one collection that are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row in doubt. ``place``, the heads and the cells are finished markup; ``key`` is the row's own number, as it
    stands in the store, and ``tag`` what it is called where that must not stand; both are empty for one without a
    key."""

    place: str
    key: str
    tag: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Those that are shown; ``more``: there are others beyond them."""

    rows: tuple[Row, ...]
    more: bool = False


def rows_in_doubt(
    house: House, who: Particulars, language: str, now: datetime, another: str, *, hurried: bool = False
) -> Rows:
    """Each row that would count as the person's with a yes, and does not without one. Secrets are not read; where an
    identifier that the person is not known by stands, ``another`` is shown. Raises StoreError."""
    with stores(house.policy, now, hurried=hurried) as session:
        sure = identify(session, Subject(who.identifiers), Decisions(), house.records)
        wide = identify(session, Subject(who.identifiers), OPENED, house.records)
        certain = {one.place: one.where for one in plan_access(session, sure, Decisions(), "access").readings}
        known = {*who.identifiers, *sure.known}
        found: list[Row] = []
        more = False
        for reading in plan_access(session, wide, OPENED, "access").readings:
            only = all_of(reading.where, none_of(certain.get(reading.place, Nothing())))
            rows = first_rows(session, replace(reading, where=only), [c.name for c in reading.columns], MOST + 1)
            more = more or len(rows) > MOST
            found += _drawn(house, session, reading, rows[:MOST], known, language, another)
    return Rows(tuple(found), more)


def _drawn(
    house: House, session: Session, reading: Reading, rows: list[Mapping[str, Any]], known: set[tuple[str, str]],
    language: str, another: str,
) -> list[Row]:  # fmt: skip
    place = Namer(house.policy, language).place(*reading.place)
    names = session.stores[reading.place[0]].graph.key_of(reading.place[1])
    kinds = {one.column: one.kind for one in reading.collection.identifiers}
    folded = {(kind, value.casefold()) for kind, value in known}
    drawn = []
    for row, cells in zip(rows, cells_of(house, language, reading, rows), strict=True):
        strange = {
            name for name, kind in kinds.items()
            if name in row and row[name] is not None and (kind, str(row[name]).casefold()) not in folded
        }  # fmt: skip
        key = ", ".join(str(row[name]) for name in names if name in row)
        whole = bool(names) and all(name in row for name in names)
        tag = house.records.tag(*reading.place, tuple(row[name] for name in names)) if whole else ""
        shown = tuple((head, another if column in strange else cell) for column, head, cell in cells if cell)
        drawn.append(Row(place, key, tag, shown))
    return drawn
