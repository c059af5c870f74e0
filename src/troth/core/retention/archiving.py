"""Putting rows into the sealed archive before a sweep takes them out of daily reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from troth.core.policy.model import Collection, Policy, Purpose, Scalar
from troth.core.ports import Change, Finding
from troth.core.query import Expr, Hop, Key, KeyIn, Nothing, all_of
from troth.core.records import ArchiveRecord, Known, Records
from troth.core.retention.clockvalue import as_date
from troth.core.retention.due import DueRules, Timer
from troth.core.rights.session import Opened

Row = Mapping[str, object]

_GROUP = 1_000
"""Rows sealed in one transaction of the state."""


def put_away(policy: Policy, rules: DueRules, opened: Opened, changes: Sequence[Change], records: Records) -> int:
    """Seal a copy of every row that these changes will touch and whose purpose wants an archive. Durable on
    return; only then may the live rows go. Rows whose archive phase is already over are not sealed."""
    sealed = 0
    for change in changes:
        collection = opened.graph.store.collections[change.collection]
        written = {a.column for a in change.assignments}
        for purpose in policy.purposes.values():
            if purpose.keep.archive is None:
                continue
            fields = [f for f in collection.fields if purpose.name in f.purposes]
            if change.action == "update":
                fields = [f for f in fields if f.column in written]
            if fields:
                beside = _beside(opened, collection)
                columns = tuple(dict.fromkeys((*(f.column for f in fields), *beside)))
                sealed += _seal(rules, opened, change, purpose, columns, records)
    return sealed


def _beside(opened: Opened, collection: Collection) -> list[str]:
    """What makes a record of its fields: to what it belongs, and when it was. Not the other columns that the policy
    names: an account that ``troth grants`` has written rights for may not read them all."""
    named = [
        *(ours for link in collection.links for ours, _ in link.columns),
        *(clock.column for clock in collection.events.values()),
    ]
    return [name for name in named if name in opened.facts.tables[collection.name].columns]


def not_archivable(rules: DueRules, collections: Iterable[str]) -> list[Finding]:
    """Collections whose rows should go into the archive and cannot, since they have no key: they stay."""
    purposes = rules.policy.purposes
    return [
        Finding(
            "archive_needs_key",
            "warn",
            f"rows of {name} have no key, so they cannot be archived and stay",
            name,
            remedy="name columns that are unique together under `key:`",
        )
        for name in sorted(collections)
        if not rules.graph.key_of(name) and any(purposes[p].keep.archive for p in rules.graph.purposes_of(name))
    ]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a row leads to an identifier of its person: the column, in the row itself or at the end of a path."""

    kind: str
    path: tuple[Hop, ...]
    column: str


@dataclass(frozen=True, slots=True)
class _Sealing:
    """One collection and purpose on the way into the archive."""

    rules: DueRules
    opened: Opened
    purpose: Purpose
    collection: str
    columns: tuple[str, ...]
    timer: Timer
    ways: tuple[_Way, ...]

    @property
    def key(self) -> tuple[str, ...]:
        return self.opened.graph.key_of(self.collection)

    def read(self, where: Expr) -> Iterator[Row]:
        """The rows, with every column that is needed to seal them."""
        first = [c for way in self.ways for c in ([a for a, _ in way.path[0].columns] if way.path else [way.column])]
        needed = dict.fromkeys((*self.key, *self.columns, *_first_columns(self.timer), *first))
        return iter(self.opened.connector.read(self.collection, where, tuple(needed)))

    def records(self, rows: list[Row]) -> list[ArchiveRecord]:
        """What goes into the archive of these rows: those whose end can be told and is not past."""
        found = self._identifiers(rows)
        out = []
        for number, (row, moment) in enumerate(zip(rows, _moments(self.opened, self.timer, rows), strict=True)):
            ends = self.rules.ends_on(self.timer.event, self.timer.period, moment) if moment else None
            if ends is None or ends < self.rules.as_of:
                continue
            at: Key = tuple(row[k] for k in self.key)  # type: ignore[misc]
            content = {c: row[c] for c in dict.fromkeys((*self.key, *self.columns))}
            store = self.opened.graph.store.name
            out.append(ArchiveRecord(self.purpose.name, store, self.collection, at, ends, content, found[number]))
        return out

    def _identifiers(self, rows: list[Row]) -> list[tuple[Known, ...]]:
        """For each row the verified identifiers of its person: later they are the only way to find it again."""
        found: list[dict[Known, None]] = [{} for _ in rows]
        for way in self.ways:
            values = _follow(self.opened, way.path, way.column, rows) if way.path else [[r[way.column]] for r in rows]
            for known, here in zip(found, values, strict=True):
                known.update(dict.fromkeys((way.kind, str(v)) for v in here if v not in (None, "")))
        return [tuple(known) for known in found]


def _seal(
    rules: DueRules, opened: Opened, change: Change, purpose: Purpose, columns: tuple[str, ...], records: Records
) -> int:
    name = change.collection
    where = all_of(change.where, rules.over(purpose, name))
    if isinstance(where, Nothing) or not opened.graph.key_of(name):
        return 0
    timer = rules.archive_timer(purpose, name)
    sealing = _Sealing(rules, opened, purpose, name, columns, timer, _ways(opened, name))
    total, group = 0, []
    for row in sealing.read(where):
        group.append(row)
        if len(group) == _GROUP:
            total += records.archive(sealing.records(group))
            group = []
    return total + (records.archive(sealing.records(group)) if group else 0)


def _ways(opened: Opened, name: str) -> tuple[_Way, ...]:
    return tuple(
        _Way(identifier.kind, path, identifier.column)
        for anchor in opened.graph.anchors
        for path in opened.graph.paths_up(name, anchor)
        for identifier in opened.graph.store.collections[anchor].identifiers
        if identifier.verified
    )


def _first_columns(timer: Timer) -> list[str]:
    """The columns of the row itself from which its clocks are found."""
    columns: list[str] = []
    for path, clock in timer.sources:
        columns.extend(ours for ours, _ in path[0].columns) if path else columns.append(clock.column)
    return columns


def _moments(opened: Opened, timer: Timer, rows: Sequence[Row]) -> list[date | None]:
    """For each row the latest readable value of the timer's clocks."""
    latest: list[date | None] = [None] * len(rows)
    for path, clock in timer.sources:
        if not path:
            found = [[row[clock.column]] for row in rows]
        else:
            found = _follow(opened, path, clock.column, rows)
        for i, values in enumerate(found):
            days = [d for d in (as_date(clock, v) for v in values) if d is not None]
            latest[i] = max([*days, *([latest[i]] if latest[i] else [])], default=None)  # type: ignore[type-var]
    return latest


def _follow(opened: Opened, path: tuple[Hop, ...], column: str, rows: Iterable[Row]) -> list[list[object]]:
    """The values of ``column`` in the rows that ``path`` leads to, for each row: one read for each hop."""
    places: list[set[Key]] = [{_values(row, [a for a, _ in path[0].columns])} for row in rows]
    for number, hop in enumerate(path):
        theirs = tuple(b for _, b in hop.columns)
        onward = [a for a, _ in path[number + 1].columns] if number + 1 < len(path) else [column]
        wanted = {key for keys in places for key in keys if None not in key}
        step: dict[Key, set[Key]] = {}
        if wanted:
            where = KeyIn(theirs, tuple(sorted(wanted, key=repr)))
            for row in opened.connector.read(hop.target, where, tuple(dict.fromkeys((*theirs, *onward)))):
                step.setdefault(_values(row, theirs), set()).add(_values(row, onward))
        places = [{end for key in keys for end in step.get(key, ())} for keys in places]
    return [[value for (value,) in keys] for keys in places]


def _values(row: Row, columns: Iterable[str]) -> tuple[Scalar, ...]:
    return tuple(row[c] for c in columns)  # type: ignore[misc]
