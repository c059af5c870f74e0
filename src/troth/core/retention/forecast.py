"""What the next sweeps will do: the sweep's own conditions, asked of the stores at days to come.

The stores are taken as they are today: a row that is written or a person who comes back tomorrow changes the answer,
and where other stores are asked about each person (``asks_others``) fewer rows may go. It is an upper bound, like the
plan of a sweep. Days between two that answer alike are not asked about: time only ever makes more rows due.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from troth.core.errors import StoreError
from troth.core.policy.values import Duration, add
from troth.core.ports import Want
from troth.core.query import Everything, Expr, all_of, none_of
from troth.core.records import Records
from troth.core.retention.due import DueRules
from troth.core.retention.sweep import closed_graphs
from troth.core.retention.units import Unit, units_of
from troth.core.rights.draft import Drafting
from troth.core.rights.erase import manual_hold
from troth.core.rights.keepers import Scope
from troth.core.rights.plan import PASSIVE
from troth.core.rights.session import Opened, Session

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
    ``DAYS`` days it stands under the last day of its month. ``away``: stores that could not be asked."""

    as_of: date
    due: tuple[Due, ...]
    away: tuple[str, ...] = ()
    asks_others: bool = False


def days_of(as_of: date) -> tuple[date, ...]:
    """The days asked about: today, each of the next ``DAYS``, then the end of each month."""
    near = [as_of + timedelta(days=n) for n in range(DAYS + 1)]
    far = [_end_of_month(as_of, n) for n in range(MONTHS)]
    return (*near, *(day for day in far if day > near[-1]))


def _end_of_month(day: date, months: int) -> date:
    return add(day.replace(day=1), Duration(months + 1)) - timedelta(days=1)


class _OutOfTime(Exception):
    """The time for this forecast is over."""


def forecast(session: Session, records: Records, in_time: Callable[[], bool] = lambda: True) -> Forecast:
    """Ask every store, and the state for what waits there. A store that does not answer, or is not through while
    ``in_time`` says that there is time, is named."""
    days = days_of(session.as_of)
    due = [*_rests(records, days), *_archive(records, days)]
    away, asks = set(session.unreachable), False
    for name, opened in session.stores.items():
        try:
            found, asked = _Store(session, records, opened, in_time).due(days)
        except (StoreError, _OutOfTime):
            away.add(name)
            continue
        due.extend(found)
        asks = asks or asked
    order = {name: place for place, name in enumerate(session.policy.stores)}
    due.sort(key=lambda one: (one.day, order.get(one.store, -1)))
    return Forecast(session.as_of, tuple(due), tuple(sorted(away)), asks)


class _Store:
    """One store on many days."""

    def __init__(self, session: Session, records: Records, opened: Opened, in_time: Callable[[], bool]) -> None:
        self._session, self._records, self._opened, self._in_time = session, records, opened, in_time
        self._steps: dict[date, Mapping[Key, Expr]] = {}
        self._rows: dict[date, dict[Key, int]] = {}

    def due(self, days: Sequence[date]) -> tuple[list[Due], bool]:
        """What becomes due, and whether other stores have a say."""
        first, found = days[0], []
        units = self._units(first)
        if not units:
            return [], False
        found.extend(self._new(None, first))
        changing = between(days, self._counted)
        for before, day in changing:
            found.extend(self._new(before, day))
        return found, any(unit.guards for unit in units)

    def _units(self, day: date) -> list[Unit]:
        rules = DueRules(self._session.policy, self._opened.graph, day)
        return units_of(rules, dict(self._session.graphs) | closed_graphs(self._session))

    def _on(self, day: date) -> Mapping[Key, Expr]:
        """What a sweep of that day would change: the condition of each step."""
        if day not in self._steps:
            rules = DueRules(self._session.policy, self._opened.graph, day)
            members = {member for unit in self._units(day) for member in unit.members}
            rows: dict[str, Expr] = {m: Everything() for m in self._opened.graph.facts.tables if m in members}
            manual = tuple(manual_hold(hold) for hold in self._records.holds(day))
            drafts = Drafting(rules, Scope(rows, sweeping=True, manual=manual)).make().drafts
            steps: dict[Key, Expr] = {
                (draft.collection, draft.action, draft.fields): draft.where
                for draft in drafts if draft.change is not None and draft.action not in PASSIVE
            }  # fmt: skip
            self._steps[day] = steps
        return self._steps[day]

    def _counted(self, day: date) -> dict[Key, int]:
        """How many rows each step of a day reaches; those that reach none are left out."""
        if day not in self._rows:
            steps = self._on(day)
            rows = self._count([Want(key[0], where) for key, where in steps.items()])
            self._rows[day] = {key: number for key, number in zip(steps, rows, strict=True) if number}
        return self._rows[day]

    def _new(self, before: date | None, day: date) -> list[Due]:
        """Rows that a step reaches on this day and did not reach before."""
        counted, earlier = self._counted(day), self._counted(before) if before else {}
        new = {key: self._beyond(before, day, key) for key in counted}
        unknown = [key for key in counted if key[1] != "delete" and key in earlier]
        rows = counted | {key: n - earlier.get(key, 0) for key, n in counted.items() if key[1] == "delete"}
        rows |= zip(unknown, self._count([new[key] for key in unknown]), strict=True)
        store, found = self._opened.graph.store.name, []
        for (collection, action, fields), number in rows.items():
            if number and action != "unlink":
                purposes = self._purposes(collection, action, fields)
                causes = self._causes(before, new[collection, action, fields], purposes) if before else ()
                found.append(Due(day, store, collection, action, number, causes))
        return found

    def _beyond(self, before: date | None, day: date, key: Key) -> Want:
        """The rows of a step that it did not reach on the earlier day. A row once due for deletion stays so: there the
        numbers alone tell the difference."""
        where, earlier = self._on(day)[key], self._on(before) if before else {}
        return Want(key[0], all_of(where, none_of(earlier[key])) if key in earlier else where)

    def _causes(self, before: date, new: Want, purposes: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Which of the purposes these rows had still served on the day before."""
        rules = DueRules(self._session.policy, self._opened.graph, before)
        over = [rules.over(self._session.policy.purposes[name], new.collection) for name in purposes]
        wants = [Want(new.collection, all_of(new.where, none_of(one))) for one in over]
        wants.append(Want(new.collection, all_of(new.where, *over)))
        counts = zip((*purposes, ""), self._count(wants), strict=True)
        return tuple((name, rows) for name, rows in counts if rows)

    def _purposes(self, collection: str, action: str, fields: Sequence[str]) -> tuple[str, ...]:
        if action == "delete":
            return tuple(sorted(self._opened.graph.purposes_of(collection)))
        here = self._opened.graph.store.collections[collection]
        named = [field for name in fields if (field := here.field_named(name)) is not None]
        return tuple(sorted({purpose for field in named for purpose in field.purposes}))

    def _count(self, wants: Sequence[Want]) -> tuple[int, ...]:
        if not self._in_time():
            raise _OutOfTime
        return tuple(count.rows for count in self._opened.connector.count(wants)) if wants else ()


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
