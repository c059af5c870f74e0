"""Uses that a person has had erased, of which only what others are found by is left: it goes with the last of those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from troth.core.requests.route import terms_of
from troth.desk.grounds import LEADS
from troth.desk.kinds import stands
from troth.desk.remains import erasures
from troth.package import locale
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.core.policy.model import Collection
    from troth.core.rights.access import Reading
    from troth.core.rights.identity import Known
    from troth.core.rights.session import Session
    from troth.desk.house import House

Place = tuple[str, str]
Rows = Mapping[Place, Sequence[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Leftover:
    """``settled``: when the use was erased; ``uses``: what is still found by what is left, none where nothing is."""

    settled: datetime
    uses: tuple[str, ...]


def leftovers(
    house: House, session: Session, identifiers: Sequence[Known], readings: Iterable[Reading], rows: Rows, now: datetime
) -> dict[str, Leftover]:  # fmt: skip
    """By use. One in which more stands than that erasure has left, is used again."""
    found: dict[str, Leftover] = {}
    there = list(readings)
    for one in erasures(house, identifiers, now):
        left = {(line[0], line[1]): set(line[5]) for line in one.kept if len(line) == 6 and line[4] == LEADS}
        for use in one.scope if left else ():
            standing = _standing(there, rows, use, one.scope)
            if standing and use not in found and all(fields <= left.get(at, set()) for at, fields in standing.items()):
                found[use] = Leftover(one.settled, _led(session, there, rows, standing, one.scope, identifiers))
    return found


def in_words(house: House, one: Leftover, titles: Mapping[str, str], language: str) -> str:
    """A sentence without its full stop."""
    words = Words("portal", language)
    day = locale.day(terms_of(house.policy).day(one.settled), language)
    uses = ", ".join(titles[use] for use in one.uses if use in titles)
    return words.say("h_leads", day=day, uses=uses) if uses else words.say("h_leads_over", day=day)


def _standing(readings: Sequence[Reading], rows: Rows, use: str, scope: frozenset[str]) -> dict[Place, set[str]]:
    """The fields of a use in which something stands; not those that other uses need anyway."""
    found: dict[Place, set[str]] = {}
    for reading in readings:
        for column in reading.columns:
            mine = column.field is not None and use in column.field.purposes and column.field.purposes <= scope
            if mine and any(stands(row.get(column.name)) for row in rows.get(reading.place, ())):
                found.setdefault(reading.place, set()).add(column.name)
    return found


def _led(
    session: Session, readings: Sequence[Reading], rows: Rows, leads: Mapping[Place, object], scope: frozenset[str],
    identifiers: Sequence[Known],
) -> tuple[str, ...]:  # fmt: skip
    """The uses of rows that are found by these places: below them, or by an identifier that both have."""
    known = {kind for kind, _ in identifiers}
    found: dict[str, None] = {}
    for reading in readings:
        store, name = reading.place
        graph = session.stores[store].graph
        below = any(s == store and lead != name and graph.paths_up(name, lead) for s, lead in leads)
        beside = any(_only_beside(session, reading.collection, place, known) for place in leads if place[0] != store)
        if below or beside:
            serving = (
                c.field.purposes
                for c in reading.columns
                if c.field is not None and any(stands(row.get(c.name)) for row in rows.get(reading.place, ()))
            )
            found |= dict.fromkeys(sorted(frozenset[str]().union(*serving) - scope))
    return tuple(found)


def _only_beside(session: Session, collection: Collection, lead: Place, known: set[str]) -> bool:
    """Whether rows are found by an identifier that the lead has too, and not by what the person is known by."""
    mine = {one.kind for one in collection.identifiers}
    theirs = {one.kind for one in session.policy.stores[lead[0]].collections[lead[1]].identifiers}
    return bool(mine & theirs) and not mine & known
