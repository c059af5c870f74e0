"""Since when data is held for a use, and until when: as days, where the policy's clocks tell them for certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from troth.core.retention.clockvalue import as_date
from troth.core.retention.due import DueRules
from troth.package.html_meaning import is_nothing

if TYPE_CHECKING:
    from troth.core.policy.model import Collection, Purpose
    from troth.core.rights.access import Reading
    from troth.core.rights.session import Session

Place = tuple[str, str]
Rows = Mapping[Place, Sequence[Mapping[str, Any]]]

BEGINS = ("collected", "document_date")
"""Events that say when a row came to be. Any other may lie long before or after that."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The last days of the first and of the last rows of a use."""

    first: date
    last: date


def clock_columns(collection: Collection) -> tuple[str, ...]:
    """The columns that tell a moment of the row."""
    return tuple(dict.fromkeys(clock.column for clock in collection.events.values()))


def since(purpose: str, readings: Mapping[Place, Reading], rows: Rows) -> date | None:
    """The earliest day on which a value that serves a purpose is known to have been collected: others may be older.
    None where no clock means that."""
    days = []
    for place, reading in readings.items():
        names = [one.name for one in reading.columns if one.field is not None and purpose in one.field.purposes]
        there = [row for row in rows[place] if not all(is_nothing(row[name]) for name in names)]
        clock = next((reading.collection.events[one] for one in BEGINS if one in reading.collection.events), None)
        if clock is not None:
            days += [day for row in there if (day := as_date(clock, row.get(clock.column))) is not None]
    return min(days, default=None)


def _idle(reading: Reading, purpose: str, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """The rows, by their place, that hold nothing for a purpose; none where that is not known."""
    names = [one.name for one in reading.columns if one.field is not None and purpose in one.field.purposes]
    return {
        number for number, row in enumerate(rows)
        if names and all(name in row and is_nothing(row[name]) for name in names)
    }  # fmt: skip


def ends(session: Session, purpose: Purpose, readings: Mapping[Place, Reading], clocks: Rows | None) -> Ends | None:
    """When a use ends for what it uses, if nothing happens meanwhile. None where the policy's rule asks for more than a
    period after an event, or a row does not tell the event. ``clocks``: every row of the person, with at least its
    clocks; None where not all of them are known."""
    keep = purpose.keep
    if keep.while_state or keep.archive or keep.after is None or keep.period is None or clocks is None:
        return None
    event = session.policy.events[keep.after]
    mine = [one for place, one in readings.items() if purpose.name in one.purposes and clocks.get(place)]
    if event.per == "person":
        told = [(place, one.collection.events[event.name]) for place, one in readings.items()
                if event.name in one.collection.events]  # fmt: skip
    else:
        told = []
        for one in mine:
            store, name = one.place
            rules = DueRules(session.policy, session.stores[store].graph, session.as_of)
            sources = rules.row_timer(name, event.name, keep.period).sources
            if not sources:
                return None
            told += [((store, path[-1].target if path else name), clock) for path, clock in sources]
    idle = {} if event.per == "person" else {one.place: _idle(one, purpose.name, clocks[one.place]) for one in mine}
    days = [
        as_date(clock, row.get(clock.column)) for place, clock in told
        for number, row in enumerate(clocks.get(place, ())) if number not in idle.get(place, ())
    ]  # fmt: skip
    known = [day for day in days if day is not None]
    if not mine or not known or len(known) < len(days):
        return None
    rules = DueRules(session.policy, session.stores[mine[0].place[0]].graph, session.as_of)
    last = rules.ends_on(event, keep.period, max(known))
    return Ends(last if event.per == "person" else rules.ends_on(event, keep.period, min(known)), last)
