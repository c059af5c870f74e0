"""When a purpose is over for a row: periods, events and states turned into conditions.

Three rules decide every case of doubt in favour of keeping and saying so:

- a clock that is NULL, unreadable or below its floor is never due;
- the latest of several events counts, and one unreadable event stops the clock;
- an event that lies in another store becomes a ``RemoteGuard``: without that store nothing is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from troth.core.policy.model import Clock, Event, Hold, Policy, Purpose
from troth.core.policy.values import Duration, add, latest_start
from troth.core.query import (
    Before,
    Everything,
    Expr,
    Nothing,
    Readable,
    Unreadable,
    Where,
    all_of,
    any_of,
    none_of,
    related,
)
from troth.core.rights.graph import Path, StoreGraph


@dataclass(frozen=True, slots=True)
class Timer:
    """A period after an event, seen from one row: the clocks to look at and the ways to them."""

    event: Event
    period: Duration
    sources: tuple[tuple[Path, Clock], ...]


@dataclass(frozen=True, slots=True)
class RemoteGuard:
    """What must be asked of another store before a person's rows are due.

    ``active`` rows found there for the person's identifier mean: not due. ``known`` rows mean that the event
    has a readable value there.
    """

    anchor: str
    kind: str
    column: str
    store: str
    collection: str
    remote_column: str
    active: Expr
    known: Expr


@dataclass(frozen=True)
class DueRules:
    """Builds conditions for one store at one date."""

    policy: Policy
    graph: StoreGraph
    as_of: date

    def cutoff(self, event: Event, period: Duration) -> date:
        """The day before whose start the event must lie for the period to be over on ``as_of``."""
        start = latest_start(self.as_of, period)
        if event.computed == "financial_year_end":
            start = self.policy.financial_year.last_ended(start)
        return start + timedelta(days=1)

    def ends_on(self, event: Event, period: Duration, moment: date) -> date:
        """The last day of the period that ``moment`` starts."""
        if event.computed == "financial_year_end":
            moment = self.policy.financial_year.end_of(moment)
        return add(moment, period)

    # --- purposes ---------------------------------------------------------------------------------

    def is_personal(self, purpose: Purpose, collection: str) -> bool:
        """Whether the purpose's end is decided for the person as a whole (else for each row by itself)."""
        keep = purpose.keep
        if not self.graph.persons_above(collection):
            return False
        names = [n for n in (keep.after, keep.archive.after if keep.archive else None) if n]
        if any(self.policy.events[name].per == "person" for name in names):
            return True
        return keep.while_state is not None and not self.state_is_near(collection, keep.while_state)

    def state_is_near(self, collection: str, state: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the row itself, or a row above it that is not the person's own, declares the state: the lines of
        an order follow their order, not whatever else the person has open."""
        here = self.graph.store.collections[collection]
        if state in here.states:
            return True
        passed = seen | {collection, *self.graph.top_anchors}
        parents = (link.parent for link in here.links if link.parent not in passed)
        return any(self.state_is_near(parent, state, passed) for parent in parents)

    def over(self, purpose: Purpose, collection: str) -> Expr:
        """Rows of ``collection`` for which the purpose is over. With an archive phase: and for which the end of
        that phase can be told, since nothing may go into the archive for ever."""
        over = self._over(purpose, collection)
        if purpose.keep.archive is None or isinstance(over, Nothing):
            return over
        if not self.graph.key_of(collection):
            return Nothing()  # without a key a row cannot be put away exactly once: it stays, and the plan says so
        timer = self.archive_timer(purpose, collection)
        return all_of(over, any_of(*(related(path, Readable(clock)) for path, clock in timer.sources)))

    def archive_timer(self, purpose: Purpose, collection: str) -> Timer:
        """The timer of the archive phase, seen from a row of ``collection``."""
        archive = purpose.keep.archive
        if archive is None:
            raise ValueError(f"purpose {purpose.name} has no archive")
        return self._timer_from(collection, archive.after, archive.period)

    def _timer_from(self, collection: str, event: str, period: Duration | None) -> Timer:
        """A row-level event as the row sees it, or a person's event seen from one of their rows."""
        if self.policy.events[event].per == "row":
            return self.row_timer(collection, event, period)
        sources = [
            ((*up, *down), clock)
            for person in self.graph.persons_above(collection)
            for up in self.graph.paths_up(collection, person)
            for down, clock in self.person_timer(person, event, period).sources
        ]
        return Timer(self.policy.events[event], period or Duration(), tuple(sources))

    def _over(self, purpose: Purpose, collection: str) -> Expr:
        if not self.is_personal(purpose, collection):
            return self._over_for_row(purpose, collection)
        ways = [
            (path, self._over_for_person(purpose, person))
            for person in self.graph.persons_above(collection)
            for path in self.graph.paths_up(collection, person)
        ]
        some = any_of(*(related(path, over) for path, over in ways))
        against = [related(path, none_of(over)) for path, over in ways if path] if len(ways) > 1 else []
        row = self._row_event(purpose, collection)
        return all_of(some, row, *(none_of(other) for other in against))

    def _row_event(self, purpose: Purpose, collection: str) -> Expr:
        """The part of a personal purpose that each row decides by itself: its own row-level event."""
        keep = purpose.keep
        if keep.after is None or self.policy.events[keep.after].per == "person":
            return Everything()
        return self.timer_over(self.row_timer(collection, keep.after, keep.period))

    def _over_for_row(self, purpose: Purpose, collection: str) -> Expr:
        keep = purpose.keep
        parts: list[Expr] = []
        if keep.while_state is not None:
            parts.append(none_of(self.row_state(collection, keep.while_state)))
        if keep.after is not None:
            parts.append(self.timer_over(self.row_timer(collection, keep.after, keep.period)))
        return all_of(*parts) if parts else Nothing()

    def _over_for_person(self, purpose: Purpose, person: str) -> Expr:
        keep = purpose.keep
        parts: list[Expr] = []
        if keep.while_state is not None:
            parts.append(none_of(self.person_state(person, keep.while_state)))
        if keep.after is not None and self.policy.events[keep.after].per == "person":
            timer = self.person_timer(person, keep.after, keep.period)
            parts.append(self.timer_over(timer, elsewhere=self.has_remote_event(person, keep.after)))
        return all_of(*parts) if parts or keep.after is not None else Nothing()

    # --- timers -----------------------------------------------------------------------------------

    def row_timer(self, collection: str, event: str, period: Duration | None) -> Timer:
        """The event as this row has it, or the nearest row above that declares it."""
        sources: list[tuple[Path, Clock]] = []
        frontier: list[tuple[str, Path]] = [(collection, ())]
        seen = {collection}
        while frontier and not sources:
            upper: list[tuple[str, Path]] = []
            for name, path in frontier:
                here = self.graph.store.collections[name]
                if event in here.events:
                    sources.append((path, here.events[event]))
                    continue
                for link in here.links:
                    if link.parent not in seen:
                        upper.append((link.parent, (*path, self.graph.up(here, link))))
                        seen.add(link.parent)
            frontier = upper
        return Timer(self.policy.events[event], period or Duration(), tuple(sources))

    def person_timer(self, person: str, event: str, period: Duration | None) -> Timer:
        """The event as any collection of this store has it for the person."""
        sources = [
            (path, collection.events[event])
            for collection in self.graph.store.collections.values()
            if event in collection.events
            for path in self.graph.from_person(person, collection.name)
        ]
        return Timer(self.policy.events[event], period or Duration(), tuple(sources))

    def timer_over(self, timer: Timer, elsewhere: bool = False) -> Expr:
        """Some source is readable, and none is at or past the cutoff, nor unreadable.

        ``elsewhere``: another store knows the event too, so that a readable value may be there instead.
        """
        cutoff = self.cutoff(timer.event, timer.period)
        if len(timer.sources) == 1 and not elsewhere:
            path, clock = timer.sources[0]
            if not any(self._many(hop.target) for hop in path) and _only_up(self.graph, path):
                return related(path, Before(clock, cutoff))
        known = any_of(*(related(path, Readable(clock)) for path, clock in timer.sources))
        later = [related(path, any_of(Readable(clock, cutoff), Unreadable(clock))) for path, clock in timer.sources]
        return all_of(Everything() if elsewhere else known, none_of(any_of(*later)))

    def timer_running(self, timer: Timer) -> Expr:
        """The opposite of over: rows for which the period still runs or cannot be told."""
        if len(timer.sources) == 1 and _only_up(self.graph, timer.sources[0][0]):
            path, clock = timer.sources[0]
            return related(path, none_of(Before(clock, self.cutoff(timer.event, timer.period))))
        return none_of(self.timer_over(timer))

    def _many(self, collection: str) -> bool:
        return collection not in self.graph.store.collections

    # --- states -----------------------------------------------------------------------------------

    def row_state(self, collection: str, state: str, seen: frozenset[str] = frozenset()) -> Expr:
        """The rows that are in a state, or below a row that is: ``state_is_near``."""
        here = self.graph.store.collections[collection]
        if state in here.states:
            return all_of(*(Where(c) for c in here.states[state]))
        passed = seen | {collection}
        return any_of(
            *(
                related((self.graph.up(here, link),), self.row_state(link.parent, state, passed))
                for link in here.links
                if link.parent not in passed
            )
        )

    def person_state(self, person: str, state: str) -> Expr:
        """The person has at least one row in that state."""
        return any_of(
            *(
                related(path, all_of(*(Where(c) for c in collection.states[state])))
                for collection in self.graph.store.collections.values()
                if state in collection.states
                for path in self.graph.from_person(person, collection.name)
            )
        )

    # --- holds ------------------------------------------------------------------------------------

    def hold_active(self, hold: Hold, collection: str) -> Expr:
        """Rows of the hold's own collection for which it (still) applies. With ``per`` person one that it applies to
        keeps all others of the person that it is for: those in its ``if`` state, if it names one."""
        own = self._hold_on_row(hold, collection)
        if hold.per == "row":
            return own
        siblings = [
            related((*up, *down), own)
            for person in self.graph.persons_above(collection)
            for up in self.graph.paths_up(collection, person)
            for down in self.graph.paths_down(person, collection)
            if up
        ]
        if not siblings:
            return own
        meant = Everything() if hold.if_state is None else self._in_state(hold.if_state, collection)
        return all_of(meant, any_of(*siblings))

    def _hold_on_row(self, hold: Hold, collection: str) -> Expr:
        parts = [self._in_state(state, collection) for state in (hold.while_state, hold.if_state) if state is not None]
        if hold.after is not None:
            parts.append(self.timer_running(self.hold_timer(hold, collection)))
        return all_of(*parts)

    def _in_state(self, state: str, collection: str) -> Expr:
        """Rows that are in a state themselves, or by the nearest row above that declares it; else by their person."""
        if self.state_is_near(collection, state):
            return self.row_state(collection, state)
        return any_of(*(
            related(path, self.person_state(person, state))
            for person in self.graph.persons_above(collection)
            for path in self.graph.paths_up(collection, person)
        ))  # fmt: skip

    def hold_timer(self, hold: Hold, collection: str) -> Timer:
        """The timer of a hold with a period."""
        if hold.after is None:
            raise ValueError(f"hold {hold.name} has no event")
        return self._timer_from(collection, hold.after, hold.period)

    # --- other stores -----------------------------------------------------------------------------

    def known_here(self, purpose: Purpose, person: str) -> Expr:
        """Persons for whom this store itself has a readable value of the purpose's event (everyone, if the
        purpose needs none)."""
        keep = purpose.keep
        if keep.after is None or self.policy.events[keep.after].per == "row":
            return Everything()
        timer = self.person_timer(person, keep.after, keep.period)
        return any_of(*(related(path, Readable(clock)) for path, clock in timer.sources))

    def has_remote_event(self, person: str, event: str) -> bool:
        """Whether another store that shares an identifier with this one declares the event."""
        return any(True for _ in self._remote_places(person, event=event, state=None))

    def _remote_places(
        self, person: str, *, event: str | None, state: str | None
    ) -> Iterator[tuple[str, str, str, str]]:
        """(store, collection that declares it, kind, our column) for every other store."""
        ours = {i.kind: i.column for i in self.graph.store.collections[person].identifiers if i.verified}
        for other in self.policy.stores.values():
            if other.name == self.graph.store.name:
                continue
            kinds = {i.kind for c in other.collections.values() for i in c.identifiers if i.verified} & set(ours)
            for collection in other.collections.values():
                declares = (event in collection.events) if event else (state in collection.states)
                if declares:
                    yield from ((other.name, collection.name, kind, ours[kind]) for kind in sorted(kinds))

    def remote_guards(self, purpose: Purpose, person: str, others: dict[str, StoreGraph]) -> list[RemoteGuard]:
        """The questions other stores must answer before this purpose is over for rows of ``person``."""
        keep = purpose.keep
        guards: list[RemoteGuard] = []
        event = keep.after if keep.after and self.policy.events[keep.after].per == "person" else None
        for wanted_event, wanted_state in ((event, None), (None, keep.while_state)):
            if wanted_event is None and wanted_state is None:
                continue
            for store, collection, kind, column in self._remote_places(person, event=wanted_event, state=wanted_state):
                guards.extend(
                    self._guard(
                        person, kind, column, others[store], collection, wanted_event, wanted_state, keep.period
                    )
                )
        return guards

    def _guard(
        self,
        person: str,
        kind: str,
        column: str,
        other: StoreGraph,
        collection: str,
        event: str | None,
        state: str | None,
        period: Duration | None,
    ) -> list[RemoteGuard]:
        if not other.facts.tables:
            # It does not answer. Whoever would ask it sees that, and counts nobody as due meanwhile.
            return [RemoteGuard(person, kind, column, other.store.name, collection, "", Everything(), Nothing())]
        source = other.store.collections[collection]
        if event is not None:
            clock = source.events[event]
            cutoff = self.cutoff(self.policy.events[event], period or Duration())
            active: Expr = any_of(Readable(clock, cutoff), Unreadable(clock))
            known: Expr = Readable(clock)
        else:
            active, known = all_of(*(Where(c) for c in source.states[state or ""])), Nothing()
        guards = []
        for anchor in other.anchors:
            for identifier in other.store.collections[anchor].identifiers:
                if identifier.kind != kind or not identifier.verified:
                    continue
                ways = other.paths_down(anchor, collection)
                if not ways:
                    continue
                guards.append(
                    RemoteGuard(
                        person, kind, column, other.store.name, anchor, identifier.column,
                        any_of(*(related(w, active) for w in ways)),
                        any_of(*(related(w, known) for w in ways)),
                    )
                )  # fmt: skip
        return guards


def _only_up(graph: StoreGraph, path: Path) -> bool:
    """Whether every step of the path leads from a child to its one parent row."""
    for hop in path:
        if hop.target not in graph.store.collections:
            return False
        key = graph.key_of(hop.target)
        if not key or tuple(theirs for _, theirs in hop.columns) != key:
            return False
    return True
