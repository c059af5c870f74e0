"""Flags: columns by which the publisher's software knows what a person has decided, set and taken back.

What stood in a row before is remembered, so that what ends leaves the row as it was. Only rows that Troth itself
changed are taken back, and only while they still say what Troth wrote: whatever the publisher's software has written
since, or had written before, is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from troth.core.policy.model import Collection, Condition, Flag, Scalar
from troth.core.ports import Assignment, Change, ColumnFacts, Finding, TableFacts
from troth.core.query import Expr, Key, KeyIn, Readable, Where, all_of, none_of
from troth.core.rights.before import Before
from troth.core.rights.clearing import self_updating
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import Runner, person_rows
from troth.core.rights.identity import Identity
from troth.core.rights.plan import Draft, Plan
from troth.core.rights.session import Opened, Session

Flags = tuple[Flag, ...]
"""Columns of a collection that are written together."""


def says(flags: Iterable[Flag]) -> Expr:
    """The rows where all of them stand already."""
    return all_of(*(Readable(flag.clock) if flag.clock else Where(_holds(flag.column, flag.value)) for flag in flags))


def _holds(column: str, value: Scalar) -> Condition:
    return Condition(column, "null") if value is None else Condition(column, "in", (value,))


def written(flag: Flag, moment: datetime) -> Scalar:
    """What is written into the column; a moment as its clock tells it, in UTC."""
    if flag.clock is None:
        return flag.value
    at = moment.astimezone(UTC)
    match flag.clock.kind:
        case "date":
            return at.date().isoformat()
        case "datetime":
            return at.strftime("%Y-%m-%d %H:%M:%S")
        case "epoch_s":
            return int(at.timestamp())
        case "epoch_ms":
            return int(at.timestamp()) * 1000
    return at.strftime(flag.clock.format or "%Y-%m-%d")


def together(sets: Iterable[Flags]) -> list[Flags]:
    """Sets of flags that share a column become one: a row is written once."""
    groups: list[dict[str, Flag]] = []
    for flags in sets:
        new = {flag.column: flag for flag in flags}
        for other in [group for group in groups if group.keys() & new.keys()]:
            groups.remove(other)
            new = other | new
        groups.append(new)
    return [tuple(group.values()) for group in groups]


def setting(
    opened: Opened, rows: Mapping[str, Expr], flags_of: Callable[[Collection], Iterable[Flags]],
    moment: datetime,
) -> StoreDraft:  # fmt: skip
    """The steps that set these flags wherever one of them does not stand yet. Rows that belong to others come first:
    a flag may take its row out of a collection's filter."""
    collections = opened.graph.store.collections
    groups = [(name, flags) for name in rows for flags in together(flags_of(collections[name])) if flags]
    groups.sort(key=lambda group: -_depth(opened, group[0]))
    drafts: list[Draft] = []
    refusals: dict[int, tuple[Finding, ...]] = {}
    for number, (name, flags) in enumerate(groups, 1):
        where = all_of(rows[name], none_of(says(flags)))
        values = [Assignment(flag.column, "value", written(flag, moment)) for flag in flags]
        drafts.append(_draft(number, name, where, values, opened.facts.tables[name]))
        refusals[number] = tuple(_impossible(collections[name], flags, moment, opened.facts.tables[name]))
    return StoreDraft(tuple(drafts), (), refusals)


def _depth(opened: Opened, name: str) -> int:
    """How many steps lead at most from a row up to its person."""
    graph = opened.graph
    return max((len(path) for top in graph.persons_above(name) for path in graph.paths_up(name, top)), default=0)


def _draft(number: int, name: str, where: Expr, values: Sequence[Assignment], table: TableFacts) -> Draft:
    columns = tuple(one.column for one in values)
    assigned = (*values, *self_updating(table, set(columns)))
    return Draft("set", name, columns, where, change=Change(number, name, "update", where, assigned))


# --- preflight --------------------------------------------------------------------------------------------


def _impossible(
    collection: Collection, flags: Iterable[Flag], moment: datetime, table: TableFacts
) -> Iterator[Finding]:  # fmt: skip
    for flag in flags:
        facts = table.columns.get(flag.column)
        why = _why_not(facts, written(flag, moment), table) if facts is not None else ""
        if why:
            yield Finding(
                "flag_impossible", "refuse",
                f"{collection.store}.{collection.name}.{flag.column} cannot be set: {why}",
                collection.name, flag.column, remedy="name another column, or another `value:`, in the policy",
            )  # fmt: skip


def _why_not(facts: ColumnFacts, value: Scalar, table: TableFacts) -> str:
    if facts.name in table.key:
        return "it is part of the table's key"
    if facts.generated or facts.always_identity:
        return "the database alone writes it"
    if any(facts.name in key.columns for key in table.outgoing):
        return "it refers to another table"
    if any(facts.name in unique.columns for unique in table.uniques):
        return "its values must be unique"
    if value is None:
        return "" if facts.nullable else "it may not be NULL"
    text = str(int(value) if isinstance(value, bool) else value)
    if facts.enum and text not in facts.enum:
        return f"only these labels are allowed: {', '.join(facts.enum)}"
    if facts.length is not None and len(text) > facts.length:
        return f"it holds {facts.length} characters at most"
    return f"it is of type {facts.declared}" if not _of_kind(facts, value) else ""


def _of_kind(facts: ColumnFacts, value: Scalar) -> bool:
    """Whether a column of this kind can hold the value, as far as the declared type tells."""
    match facts.family:
        case "integer" | "number":
            return not isinstance(value, str) or value.lstrip("-").isdigit()
        case "boolean":
            return value in (0, 1) or str(value).lower() in ("true", "false", "0", "1")
        case "date" | "datetime":
            return isinstance(value, str)
    return True


# --- what stood there before ------------------------------------------------------------------------------


def changes_of(plan: Plan) -> dict[str, tuple[Change, ...]]:
    """What a plan writes, by store."""
    return {store.store: store.changes for store in plan.stores if store.changes}


def midnight(day: date) -> datetime:
    """The beginning of a day, where no moment is written."""
    return datetime.combine(day, time(), UTC)


def inherited(
    session: Session, identity: Identity, runner: Runner, name: str, flags_of: Callable[[Collection], Iterable[Flags]]
) -> list[Before]:
    """What other marks in force on the person remember of rows and columns that this one would write too. When those
    end first, this one still knows what stood there."""
    found: list[Before] = []
    for one in runner.records.beside(name, session.as_of):
        opened = session.stores.get(one.store)
        collection = opened.graph.store.collections.get(one.collection) if opened else None
        if opened is None or collection is None:
            continue
        columns = {flag.column for flags in flags_of(collection) for flag in flags}
        mine = person_rows(opened, identity.anchors.get(one.store, {})).get(one.collection)
        if mine is not None and one.column in columns:
            where = all_of(mine, KeyIn(opened.graph.key_of(one.collection), one.keys))
            found.append(replace(one, keys=tuple(opened.connector.keys(one.collection, where))))
    return [one for one in found if one.keys]


def before_of(session: Session, changes: Mapping[str, Sequence[Change]]) -> list[Before]:
    """What stands now where these changes (by store) would write. A table without a key has no names for its rows:
    of it nothing is remembered."""
    return [
        one for store, some in changes.items() for change in some for one in _standing(session.stores[store], change)
    ]


def _standing(opened: Opened, change: Change) -> Iterator[Before]:
    key = opened.graph.key_of(change.collection)
    ours = {one.column: one.value for one in change.assignments if one.kind == "value"}
    if not key or change.expected is None or not change.expected.rows:
        return
    found: dict[tuple[str, Scalar], list[Key]] = {}
    for row in opened.connector.read(change.collection, change.where, tuple(dict.fromkeys([*key, *ours]))):
        at: Key = tuple(row[part] for part in key)  # type: ignore[misc]
        for column, mark in ours.items():
            if row[column] is None or plain(row[column]) != mark:
                found.setdefault((column, plain(row[column])), []).append(at)
    for (column, former), keys in found.items():
        yield Before(opened.graph.store.name, change.collection, column, former, ours[column], tuple(keys))


def plain(value: object) -> Scalar:
    """A value read from a column as one that can be written back."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)


def back(opened: Opened, remembered: Iterable[Before], otherwise: Mapping[str, Mapping[str, Scalar]]) -> StoreDraft:
    """The steps that put back what stood there, in columns that still say what Troth wrote. ``otherwise``: what the
    policy wants written instead, by collection and column."""
    store, drafts = opened.graph.store, list[Draft]()
    for (name, marks), keys in _alike(opened, [one for one in remembered if one.store == store.name]).items():
        at = KeyIn(opened.graph.key_of(name), keys)
        ours = {column: Where(_holds(column, mark)) for column, _, mark in marks}
        instead = otherwise.get(name, {})
        values = [Assignment(column, "value", instead.get(column, former)) for column, former, _ in marks]
        whole = all_of(*ours.values())
        # A row whose columns all say so is written at once: half of it might take it out of the collection's filter.
        wheres = [(all_of(at, whole), values)]
        if len(values) > 1:
            wheres += [(all_of(at, ours[one.column], none_of(whole)), [one]) for one in values]
        for where, some in wheres:
            drafts.append(_draft(len(drafts) + 1, name, where, some, opened.facts.tables[name]))
    return StoreDraft(tuple(drafts), (), {})


def _alike(
    opened: Opened, remembered: Iterable[Before]
) -> dict[tuple[str, tuple[tuple[str, Scalar, Scalar], ...]], tuple[Key, ...]]:
    """Rows of which the same is remembered, by collection; columns that are gone are left out."""
    rows: dict[tuple[str, Key], list[tuple[str, Scalar, Scalar]]] = {}
    for one in remembered:
        table = opened.facts.tables.get(one.collection)
        if table is not None and one.column in table.columns:
            for key in one.keys:
                rows.setdefault((one.collection, key), []).append((one.column, one.former, one.written))
    found: dict[tuple[str, tuple[tuple[str, Scalar, Scalar], ...]], list[Key]] = {}
    for (name, key), marks in rows.items():
        found.setdefault((name, tuple(sorted(marks, key=lambda mark: mark[0]))), []).append(key)
    return {what: tuple(keys) for what, keys in found.items()}
