"""What the next sweeps will do: the sweep's own conditions, asked of the stores at days to come.

The stores are taken as they are today: a row that is written or a person who comes back tomorrow changes the answer,
and where other stores are asked about each person (``asks_others``) fewer rows may go. It is an upper bound, like the
plan of a sweep. Days between two that answer alike are not asked about: time only ever makes more rows due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

from troth.core.errors import StoreError
from troth.core.policy.values import Duration, add
from troth.core.ports import Want
from troth.core.query import Everything, Expr, NotClear, all_of, any_of, none_of
from troth.core.records import Records
from troth.core.retention.due import DueRules
from troth.core.retention.sweep import closed_graphs
from troth.core.retention.units import Unit, units_of
from troth.core.rights.draft import Drafting
from troth.core.rights.erase import manual_hold
from troth.core.rights.keepers import Scope
from troth.core.rights.plan import PASSIVE
from troth.core.rights.session import Opened, Session

_MORE = 5
"""Questions about a step on a day on which it reaches new rows: how many, how many of them for the first time, why."""
DAYS, MONTHS = 31, 24
"""How far single days are told apart, and how far months are."""

Key = tuple[str, str, tuple[str, ...]]
"""Collection, action and fields: which step it is, on whatever day."""


@dataclass(frozen=True, slots=True)
class Due:
    """Rows for which something is to be done on ``day``, and was not on the day before that was asked about.

    ``action`` is that of a step of the plan; ``rest``, the deferred part of an earlier erasure (``rows`` then counts
    erasures); or ``destroy``, sealed copies of the archive past their last day. ``causes`` tells for how many of the
    rows which purpose ended last, under the empty name for those that a hold had kept until then; where two purposes
    ended between the days asked about, the rows stand under both. What is due already has no causes.
    """

    day: date
    store: str
    collection: str
    action: str
    rows: int
    causes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be due, from ``as_of`` on, in the order of days. What is due already stands under ``as_of``; beyond
    ``DAYS`` days it stands under the last day of its month. ``away``: stores that could not be asked; ``coarse``: slow
    ones that were asked about fewer days, so that a day there stands for some before it too, each with those days."""

    as_of: date
    due: tuple[Due, ...]
    away: tuple[str, ...] = ()
    asks_others: bool = False
    coarse: tuple[tuple[str, tuple[date, ...]], ...] = ()

    def missing(self, month: date) -> tuple[str, ...]:
        """The stores that cannot tell what becomes due in the month of this day: those that could not be asked, and
        slow ones that were not asked about the last of its days. What comes there until the next day that they were
        asked about is counted on that day."""
        last = max(
            (day for day in days_of(self.as_of) if (day.year, day.month) == (month.year, month.month)), default=month
        )
        return (*self.away, *(name for name, asked in self.coarse if last not in asked))


def days_of(as_of: date) -> tuple[date, ...]:
    """The days asked about: today, each of the next ``DAYS``, then the end of each month."""
    near = [as_of + timedelta(days=n) for n in range(DAYS + 1)]
    far = [_end_of_month(as_of, n) for n in range(MONTHS)]
    return (*near, *(day for day in far if day > near[-1]))


def _end_of_month(day: date, months: int) -> date:
    return add(day.replace(day=1), Duration(months + 1)) - timedelta(days=1)


class _OutOfTime(Exception):
    """The time for this forecast is over."""


def forecast(session: Session, records: Records, seconds_left: Callable[[], float] = lambda: inf) -> Forecast:
    """Ask every store, and the state for what waits there. A store that does not answer, or is not through before
    ``seconds_left()`` is nought, is named; a slow one is asked about fewer days, so that it is through in time."""
    days = days_of(session.as_of)
    due = [*_rests(records, days), *_archive(records, days)]
    away, asks, waiting = set(session.unreachable), False, len(session.stores)
    coarse: dict[str, tuple[date, ...]] = {}
    for name, opened in session.stores.items():
        left = seconds_left()
        end, waiting = left - left / waiting if left < inf else 0.0, waiting - 1
        store = _Store(session, records, opened, lambda end=end: seconds_left() - end)  # type: ignore[misc]
        try:
            due.extend(store.due(days))
        except (StoreError, _OutOfTime):
            away.add(name)
            continue
        asks = asks or store.asks_others
        coarse |= {name: tuple(store.asked)} if len(store.asked) < len(days) else {}
    order = {name: place for place, name in enumerate(session.policy.stores)}
    due.sort(key=lambda one: (one.day, order.get(one.store, -1)))
    return Forecast(session.as_of, tuple(due), tuple(sorted(away)), asks, tuple(sorted(coarse.items())))


def thinned(days: Sequence[date], most: float) -> Sequence[date]:
    """At most so many of the days, evenly, the first and the last among them; never fewer than these two."""
    if len(days) <= most:
        return days
    steps = max(1, int(most) - 1)
    return [days[round(n * (len(days) - 1) / steps)] for n in range(steps + 1)]


class _Store:
    """One store on many days. What is counted only ever grows with time, so that it is found by halving when it does:
    rows that may be deleted, and rows in which the fields of a step are needed by nothing any more."""

    def __init__(self, session: Session, records: Records, opened: Opened, seconds_left: Callable[[], float]) -> None:
        self._session, self._records, self._opened, self._left = session, records, opened, seconds_left
        self.asks_others = False
        self.asked: Sequence[date] = ()
        self._drafts: dict[date, Drafting] = {}
        self._rows: dict[tuple[Key, date], int] = {}

    def due(self, days: Sequence[date]) -> list[Due]:
        """What becomes due."""
        self.asked = days
        units = self._units(days[0])
        if not units:
            return []
        self.asks_others = any(unit.guards for unit in units)
        keys, begin = self._keys(days[0], days[-1]), self._left()
        self._ask(keys, days[0])
        found = [one for key in keys if (one := self._first(key, days[0])) is not None]
        self._ask(keys, days[-1])
        self.asked = thinned(days, self._affordable(keys, days, begin - self._left()))
        found.extend(self._new(*change) for change in self._changes(keys, self.asked))
        return [one for one in found if one.rows]

    def _affordable(self, keys: Sequence[Key], days: Sequence[date], spent: float) -> float:
        """About how many days there is time for, after two took so long: each costs a question for every step that
        moves, and some more to tell what is new and why."""
        moving = sum(self._rows[key, days[0]] != self._rows[key, days[-1]] for key in keys)
        each = spent / 2 * moving / max(1, len(keys)) * _MORE
        return self._left() / each if each > 0 else inf

    # --- what is asked ------------------------------------------------------------------------------

    def _units(self, day: date) -> list[Unit]:
        rules = DueRules(self._session.policy, self._opened.graph, day)
        return units_of(rules, dict(self._session.graphs) | closed_graphs(self._session))

    def _on(self, day: date) -> Drafting:
        """How a sweep of that day would draft its steps."""
        if day not in self._drafts:
            rules = DueRules(self._session.policy, self._opened.graph, day)
            members = {member for unit in self._units(day) for member in unit.members}
            rows: dict[str, Expr] = {m: Everything() for m in self._opened.graph.facts.tables if m in members}
            manual = tuple(manual_hold(hold) for hold in self._records.holds(day))
            self._drafts[day] = Drafting(rules, Scope(rows, sweeping=True, manual=manual))
        return self._drafts[day]

    def _keys(self, first: date, last: date) -> list[Key]:
        """The steps there are: those of the first day, and of the last those about fields that were held by hand."""
        keys: list[Key] = []
        for day in (first, last):
            for draft in self._on(day).make().drafts:
                if draft.change is None or draft.action in (*PASSIVE, "unlink"):
                    continue
                known = {name for key in keys if key[:2] == (draft.collection, draft.action) for name in key[2]}
                if draft.action == "delete" or not known & set(draft.fields):
                    keys.append((draft.collection, draft.action, draft.fields))
        return list(dict.fromkeys(keys))

    def _where(self, key: Key, day: date) -> Expr:
        """The rows of a step: those that go, or those whose fields nothing needs, whether they go or not."""
        name, action, fields = key
        keepers = self._on(day).keepers
        if action == "delete":
            return keepers.gone(name)
        return all_of(none_of(self._kept(key, day)), NotClear(fields))

    def _kept(self, key: Key, day: date) -> Expr:
        keepers = self._on(day).keepers.of(key[0])
        return any_of(*(one.where for one in keepers if any(one.covers(name) for name in key[2])))

    def _ask(self, keys: Sequence[Key], day: date) -> None:
        rows = self._count([Want(key[0], self._where(key, day)) for key in keys])
        self._rows |= {(key, day): number for key, number in zip(keys, rows, strict=True)}

    def _count(self, wants: Sequence[Want]) -> tuple[int, ...]:
        if self._left() <= 0:
            raise _OutOfTime
        return tuple(count.rows for count in self._opened.connector.count(wants)) if wants else ()

    # --- what is answered ---------------------------------------------------------------------------

    def _changes(self, keys: Sequence[Key], days: Sequence[date]) -> Iterator[tuple[Key, date, date]]:
        """The steps and pairs of neighbouring days between which something becomes due."""
        moving = [key for key in keys if self._rows[key, days[0]] != self._rows[key, days[-1]]]
        if not moving or len(days) < 2:
            return
        if len(days) == 2:
            yield from ((key, days[0], days[1]) for key in moving)
            return
        middle = len(days) // 2
        self._ask(moving, days[middle])
        yield from self._changes(moving, days[: middle + 1])
        yield from self._changes(moving, days[middle:])

    def _first(self, key: Key, day: date) -> Due | None:
        """What is due already."""
        rows = self._rows[key, day]
        if rows and key[1] != "delete":
            (rows,) = self._count([Want(key[0], all_of(self._where(key, day), self._stays(key, day)))])
        return Due(day, self._opened.graph.store.name, key[0], key[1], rows) if rows else None

    def _stays(self, key: Key, day: date) -> Expr:
        return self._on(day).keepers.keep_row(key[0])

    def _new(self, key: Key, before: date, day: date) -> Due:
        """Rows that a step reaches on this day and did not reach before. Rows that go as a whole are not emptied
        first."""
        where = self._where(key, day)
        rows = self._rows[key, day] - self._rows[key, before]
        if key[1] != "delete":
            stays = self._stays(key, day)
            where = all_of(where, stays)
            if self._goes_too(key[0], before, day):
                earlier = all_of(self._where(key, before), stays)
                now, then = self._count([Want(key[0], where), Want(key[0], earlier)])
                rows = now - then
        causes = self._causes(key, before, where, rows) if rows else ()
        return Due(day, self._opened.graph.store.name, key[0], key[1], rows, causes)

    def _goes_too(self, collection: str, before: date, day: date) -> bool:
        """Whether rows of the collection go as a whole between these days. What was not asked about on both did not
        change."""
        told = {key[0]: rows for (key, at), rows in self._rows.items() if key[1] == "delete" and at == before}
        then = {key[0]: rows for (key, at), rows in self._rows.items() if key[1] == "delete" and at == day}
        return collection in told and collection in then and told[collection] != then[collection]

    def _causes(self, key: Key, before: date, where: Expr, rows: int) -> tuple[tuple[str, int], ...]:
        """Which of the purposes these rows had still served on the day before: whatever one had still served was not
        due then, so the rows of the step are asked, not only the new ones."""
        rules = DueRules(self._session.policy, self._opened.graph, before)
        purposes = self._purposes(key)
        running = [none_of(rules.over(self._session.policy.purposes[name], key[0])) for name in purposes]
        wants = [Want(key[0], all_of(where, one)) for one in running]
        *counts, some = self._count([*wants, Want(key[0], all_of(where, any_of(*running)))])
        told = zip((*purposes, ""), (*counts, rows - some), strict=True)
        return tuple((name, number) for name, number in told if number > 0)

    def _purposes(self, key: Key) -> tuple[str, ...]:
        name, action, fields = key
        if action == "delete":
            return tuple(sorted(self._opened.graph.purposes_of(name)))
        here = self._opened.graph.store.collections[name]
        named = [field for one in fields if (field := here.field_named(one)) is not None]
        return tuple(sorted({purpose for field in named for purpose in field.purposes}))


def between(days: Sequence[date], told: Callable[[date], object]) -> list[tuple[date, date]]:
    """The pairs of neighbouring days whose answers differ, found by halving: where both ends of a span answer alike,
    nothing in it is asked."""
    if len(days) < 2 or told(days[0]) == told(days[-1]):
        return []
    if len(days) == 2:
        return [(days[0], days[1])]
    middle = len(days) // 2
    return [*between(days[: middle + 1], told), *between(days[middle:], told)]


# --- what waits in the state --------------------------------------------------------------------------


def _rests(records: Records, days: Sequence[date]) -> list[Due]:
    """Deferred parts of erasures; those that only a state holds have no day and are not told."""
    counts: dict[date, int] = {}
    for pending in records.due(days[-1]):
        if pending.due is not None:
            day = next(day for day in days if day >= pending.due)
            counts[day] = counts.get(day, 0) + 1
    return [Due(day, "", "", "rest", number) for day, number in counts.items()]


def _archive(records: Records, days: Sequence[date]) -> list[Due]:
    """Sealed copies whose last day comes."""
    found: list[Due] = []
    known: dict[date, list[tuple[str, str, int]]] = {}

    def on(day: date) -> list[tuple[str, str, int]]:
        if day not in known:
            known[day] = records.archive_due(day)
        return known[day]

    pairs = [(None, days[0]), *between(days, on)]
    for before, day in pairs:
        earlier = {(purpose, place): rows for purpose, place, rows in on(before)} if before else {}
        for purpose, place, rows in on(day):
            store, _, collection = place.partition(".")
            new = rows - earlier.get((purpose, place), 0)
            if new > 0:
                found.append(Due(day, store, collection, "destroy", new, ((purpose, new),)))
    return found
