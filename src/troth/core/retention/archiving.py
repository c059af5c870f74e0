"""Putting rows into the sealed archive before a sweep takes them out of daily reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from troth.core.policy.model import Policy, Purpose, Scalar
from troth.core.ports import Change
from troth.core.query import Hop, Key, KeyIn, Nothing, all_of
from troth.core.records import ArchiveRecord, Records
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
                columns = tuple(dict.fromkeys(f.column for f in fields))
                sealed += _seal(rules, opened, change, purpose, columns, records)
    return sealed


def _seal(
    rules: DueRules, opened: Opened, change: Change, purpose: Purpose, columns: tuple[str, ...], records: Records
) -> int:
    name = change.collection
    where = all_of(change.where, rules.over(purpose, name))
    key = opened.graph.key_of(name)
    if isinstance(where, Nothing) or not key:
        return 0
    timer = rules.archive_timer(purpose, name)
    needed = tuple(dict.fromkeys((*key, *columns, *_first_columns(timer))))
    identifiers = {i.kind: i.column for i in opened.graph.store.collections[name].identifiers}
    total, group = 0, []
    for row in opened.connector.read(name, where, tuple(dict.fromkeys((*needed, *identifiers.values())))):
        group.append(row)
        if len(group) == _GROUP:
            total += _seal_group(rules, opened, purpose, name, key, timer, columns, identifiers, group, records)
            group = []
    if group:
        total += _seal_group(rules, opened, purpose, name, key, timer, columns, identifiers, group, records)
    return total


def _seal_group(
    rules: DueRules, opened: Opened, purpose: Purpose, name: str, key: tuple[str, ...], timer: Timer,
    columns: tuple[str, ...], identifiers: Mapping[str, str], rows: list[Row], records: Records,
) -> int:  # fmt: skip
    moments = _moments(opened, timer, rows)
    out = []
    for row, moment in zip(rows, moments, strict=True):
        if moment is None:
            continue
        ends = rules.ends_on(timer.event, timer.period, moment)
        if ends < rules.as_of:
            continue
        known = tuple((k, str(row[c])) for k, c in identifiers.items() if row[c] not in (None, ""))
        at: Key = tuple(row[k] for k in key)  # type: ignore[misc]
        content = {c: row[c] for c in dict.fromkeys((*key, *columns))}
        out.append(ArchiveRecord(purpose.name, opened.graph.store.name, name, at, ends, content, known))
    return records.archive(out)


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
