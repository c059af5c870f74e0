"""Since when data is held for a use, and until when: as days, where the policy's clocks tell them for certain.

The stores are asked as a sweep asks them: by the states and clocks of the person's rows as they are. Where a row does
not tell its day, none is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from troth.core.policy.values import Duration
from troth.core.ports import Count, Want
from troth.core.query import Expr, NotClear, Readable, Unreadable, Where, all_of, any_of, none_of, related
from troth.core.retention.due import DueRules
from troth.core.rights.access import section_of
from troth.core.rights.whose import person_rows

if TYPE_CHECKING:
    from troth.core.policy.model import Clock, Collection, Policy, Purpose
    from troth.core.rights.access import AccessPlan, Reading
    from troth.core.rights.identity import Identity
    from troth.core.rights.session import Session

Place = tuple[str, str]

BEGINS = ("collected", "document_date")
"""Events that say when a row came to be. Any other may lie long before or after that."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The last days of the first and of the last rows of a use; ``archive``: the last day in the sealed archive, where
    the rows go there then."""

    first: date
    last: date
    archive: date | None = None


@dataclass(frozen=True, slots=True)
class Lasts:
    """``since``: the earliest day on which a value that serves the use is known to have been collected, others may be
    older; None where no clock means that. ``ends``: None while a state holds, or where a row does not tell
    the event. ``running``: a state holds."""

    since: date | None = None
    ends: Ends | None = None
    running: bool = False


def begin_of(collection: Collection, policy: Policy) -> Clock | None:
    """The clock that says when a row of this collection came to be; the date of a document counts as such."""
    named = [one for one in BEGINS if one in collection.events]
    named += [one for one in collection.events if policy.events[one].computed == "financial_year_end"]
    return collection.events[named[0]] if named else None


def lasting(
    session: Session, identity: Identity, plan: AccessPlan, purposes: Iterable[Purpose], away: Iterable[str]
) -> dict[str, Lasts]:  # fmt: skip
    """For each of these purposes what can be told of what was found for it. ``away``: stores that did not answer. All
    of a store is asked at once. Raises StoreError."""
    whole = _Whole(session, identity, plan, frozenset(away))
    asked = {one.name: whole.use(one) for one in purposes}
    answers = _answered(session, [want for one in asked.values() for want in one.questions])
    return {name: one.tell([answers[want] for want in one.questions]) for name, one in asked.items()}


_Question = tuple[str, Want]
"""A store and what it is asked."""
_Span = tuple[date, date]


@dataclass(frozen=True)
class _Asked:
    """What has to be asked about a use, and what the answers, in the same order, tell."""

    questions: Sequence[_Question]
    tell: Callable[[Sequence[Count]], Lasts]


@dataclass(frozen=True)
class _Part:
    """Questions about a period after an event. ``odd``: so many of them, the first, count rows that do not tell it;
    the others ask for the days of the event."""

    questions: Sequence[_Question] = ()
    odd: int = 0
    ends: Callable[[date], date] | None = None
    together: bool = False
    """The last event counts, for all rows."""

    def days(self, counts: Sequence[Count]) -> _Span | None:
        """The first and the last day of it; None where they are not known."""
        spans = [one for one in counts[self.odd :] if one.earliest is not None and one.latest is not None]
        if self.ends is None or not spans or any(one.rows for one in counts[: self.odd]):
            return None
        last = self.ends(max(one.latest for one in spans if one.latest is not None))
        first = self.ends(min(one.earliest for one in spans if one.earliest is not None))
        return (last if self.together else first), last


def _answered(session: Session, wants: Sequence[_Question]) -> dict[_Question, Count]:
    found: dict[_Question, Count] = {}
    for store in dict.fromkeys(store for store, _ in wants):
        mine = list(dict.fromkeys(want for name, want in wants if name == store))
        counts = session.stores[store].connector.count(mine)
        found |= {(store, want): count for want, count in zip(mine, counts, strict=True)}
    return found


@dataclass(frozen=True)
class _Used:
    """The rows of one place in which something of a use stands, and whether they are there for that use: others may
    only serve it too. Where only reading a structured column would tell, all rows."""

    reading: Reading
    where: Expr
    own: bool


class _Whole:
    """What is asked of one person's rows."""

    def __init__(self, session: Session, identity: Identity, plan: AccessPlan, away: frozenset[str]) -> None:
        self._session, self._policy, self._plan, self._away = session, session.policy, plan, away
        self._doubt = {(one.store, one.collection) for one in plan.left_out if one.reason == "shared"}
        self._rows = {
            name: person_rows(opened, identity.anchors.get(name, {}))
            for name, opened in session.stores.items() if name not in away
        }  # fmt: skip

    def use(self, purpose: Purpose) -> _Asked:
        """One use."""
        used = [one for reading in self._plan.readings if (one := self._used(reading, purpose.name)) is not None]
        begins = [self._begins(one) for one in used]
        parts = self._parts(purpose, used)
        questions = [*begins, *(one for part in parts or () for one in part.questions)]

        def tell(counts: Sequence[Count]) -> Lasts:
            there, rest = counts[: len(begins)], counts[len(begins) :]
            ends = self._ends(purpose, parts, rest) if parts and any(one.rows for one in there) else None
            running = parts is not None and any(one.rows for one in rest[: len(parts[0].questions)])
            return Lasts(_since(used, there), ends, running)

        return _Asked(questions, tell)

    def _used(self, reading: Reading, purpose: str) -> _Used | None:
        if purpose not in reading.purposes or reading.place[0] not in self._rows:
            return None
        fields = [one for one in reading.collection.fields if purpose in one.purposes]
        section = section_of(self._policy.document, reading.collection)
        own = section is not None and purpose in section.for_
        if not fields or any(one.within is not None for one in fields):
            return _Used(reading, reading.where, own)
        return _Used(reading, all_of(reading.where, NotClear(tuple(one.name for one in fields))), own)

    def _begins(self, used: _Used) -> _Question:
        store, name = used.reading.place
        return store, Want(name, used.where, span=begin_of(used.reading.collection, self._policy))

    # --- until when ---------------------------------------------------------------------------------------

    def _parts(self, purpose: Purpose, used: Sequence[_Used]) -> tuple[_Part, _Part, _Part] | None:
        """What is asked about the state, the period and the archive of a use; None where nothing can be told of it."""
        keep = purpose.keep
        silent = (one for name in self._away for one in self._policy.stores[name].collections.values())
        if not used or not (keep.while_state or keep.after) or any(_serves(one, purpose.name) for one in silent):
            return None
        archive = keep.archive
        parts = (
            self._running(keep.while_state, used),
            self._after(keep.after, keep.period, used),
            self._after(archive.after, archive.period, used) if archive is not None else _Part(),
        )
        return None if None in parts else parts  # type: ignore[return-value]

    def _ends(self, purpose: Purpose, parts: Sequence[_Part], counts: Sequence[Count]) -> Ends | None:
        told: list[Sequence[Count]] = []
        for part in parts:
            told.append(counts[: len(part.questions)])
            counts = counts[len(part.questions) :]
        over = self._session.as_of - timedelta(days=1)
        days = parts[1].days(told[1]) if purpose.keep.after is not None else (over, over)
        sealed = parts[2].days(told[2]) if purpose.keep.archive is not None else (over, None)
        if any(one.rows for one in told[0]) or days is None or sealed is None:
            return None
        return Ends(*days, sealed[1])

    def _running(self, state: str | None, used: Sequence[_Used]) -> _Part | None:
        """Rows in the state: these, or those above them; else of the person."""
        if state is None:
            return _Part()
        near = [one for one in used if self._rules(one.reading.place[0]).state_is_near(one.reading.place[1], state)]
        found = [
            (store, Want(name, all_of(one.where, self._rules(store).row_state(name, state))))
            for one in near for store, name in [one.reading.place]
        ]  # fmt: skip
        if len(near) == len(used):
            return _Part(found)
        places = self._of_person(lambda one: state in one.states)
        if places is None:
            return None
        states = [(store, Want(one.name, all_of(rows, *map(Where, one.states[state])))) for store, one, rows in places]
        return _Part([*found, *states])

    def _after(self, name: str | None, period: Duration | None, used: Sequence[_Used]) -> _Part | None:
        """When the event was: of the person, the last counts; or of each row."""
        if name is None:
            return _Part()
        event = self._policy.events[name]
        rules, span = self._rules(next(iter(self._rows), "")), period or Duration()
        odd: list[_Question] = []
        days: list[_Question] = []
        if event.per == "person":
            places = self._of_person(lambda one: name in one.events)
            for store, one, rows in places or ():
                odd.append((store, Want(one.name, all_of(rows, Unreadable(one.events[name])))))
                days.append((store, Want(one.name, rows, span=one.events[name])))
        else:
            for one_used in used:
                without, told = self._of_rows(one_used, name, span)
                odd, days = [*odd, without], [*days, *told]
        known = event.per == "row" or places is not None
        return _Part(
            [*odd, *days], len(odd), lambda day: rules.ends_on(event, span, day), event.per == "person"
        ) if known else None  # fmt: skip

    def _of_rows(self, used: _Used, event: str, period: Duration) -> tuple[_Question, list[_Question]]:
        """Rows that do not tell the event, and its days, in these rows or in the nearest above them."""
        store, name = used.reading.place
        graph = self._session.stores[store].graph
        sources = self._rules(store).row_timer(name, event, period).sources
        known = any_of(*(related(path, Readable(clock)) for path, clock in sources))
        odd = any_of(none_of(known), *(related(path, Unreadable(clock)) for path, clock in sources))
        days: list[_Question] = []
        for path, clock in sources:
            target = path[-1].target if path else name
            ways = graph.paths_down(target, name) if path else ()
            where = any_of(*(related(way, used.where) for way in ways)) if path else used.where
            days.append((store, Want(target, where, span=clock)))
        return (store, Want(name, all_of(used.where, odd))), days

    def _of_person(self, declares: Callable[[Collection], bool]) -> list[tuple[str, Collection, Expr]] | None:
        """The person's rows wherever such a thing is declared; None where some are in doubt, or in a store that does
        not answer."""
        found = []
        for store, described in self._policy.stores.items():
            for one in filter(declares, described.collections.values()):
                if store in self._away or (store, one.name) in self._doubt:
                    return None
                if one.name in self._rows.get(store, {}):
                    found.append((store, one, self._rows[store][one.name]))
        return found

    def _rules(self, store: str) -> DueRules:
        return DueRules(self._policy, self._session.stores[store].graph, self._session.as_of)


def _serves(collection: Collection, purpose: str) -> bool:
    return purpose in collection.purposes.union(*(one.purposes for one in collection.fields))


def _since(used: Sequence[_Used], counts: Sequence[Count]) -> date | None:
    """By the rows that are there for this use; by others that serve it too only where those do not tell."""
    told = list(zip(used, counts, strict=True))
    own = [count.earliest for one, count in told if one.own]
    for days in (own, [count.earliest for _, count in told]):
        known = [day for day in days if day is not None]
        if known:
            return min(known)
    return None
