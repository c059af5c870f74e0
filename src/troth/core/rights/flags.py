"""Flags: columns by which the publisher's software knows what a person has decided, set and taken back.

What stood in a row before is remembered, so that what ends leaves the row as it was. Only rows that Troth itself
changed are taken back, and only while they still say what Troth wrote: whatever the publisher's software has written
since, or had written before, is its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from troth.core.errors import StoreError
from troth.core.policy.model import Basis, Collection, Condition, Flag, Policy, Scalar, Store
from troth.core.ports import Assignment, Change, ColumnFacts, Finding, Redescribed, StoreFacts, TableFacts, Want
from troth.core.query import Expr, Given, Key, KeyIn, Nothing, Readable, Where, all_of, any_of, none_of
from troth.core.records import Anchors, Known, Records
from troth.core.rights.before import Before
from troth.core.rights.clearing import self_updating
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import Outcome, Runner
from troth.core.rights.graph import StoreGraph
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.plan import Draft, StorePlan
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import not_theirs, person_rows

Flags = tuple[Flag, ...]
"""Columns of a collection that are written together."""

_BITS = re.compile(r"bit(?:\(([0-9]+)\))?", re.IGNORECASE)
_TRIES = 3
"""So often what stands in the rows is read again while somebody else is writing there."""
_MOST_VALUES = 200
"""Up to so many different values are compared once more when the rows are written."""


def says(flags: Iterable[Flag]) -> Expr:
    """The rows where all of them stand already."""
    return all_of(*(Readable(flag.clock) if flag.clock else Where(_holds(flag.column, flag.value)) for flag in flags))


def _holds(column: str, value: Scalar) -> Condition:
    return Condition(column, "null") if value is None else Condition(column, "in", (value,))


def written(flag: Flag, moment: datetime, zone: str, *, zoned: bool = False) -> Scalar:
    """What is written into the column; a moment as its clock tells it: days and times without a zone by the clocks of
    ``zone``, the publisher's, as the publisher's software writes them. ``zoned``: the column keeps moments, and reads
    what it is given as UTC."""
    if flag.clock is None:
        return flag.value
    at = moment.astimezone(ZoneInfo(zone))
    match flag.clock.kind:
        case "date":
            return at.date().isoformat()
        case "datetime":
            return (at.astimezone(UTC) if zoned else at).strftime("%Y-%m-%d %H:%M:%S")
        case "epoch_s":
            return int(at.timestamp())
        case "epoch_ms":
            return int(at.timestamp()) * 1000
    return at.strftime(flag.clock.format or "%Y-%m-%d")


def zoned(facts: StoreFacts, collection: str, column: str) -> bool:
    """Whether a column keeps moments, which the database tells by the zone of whoever asks: here UTC."""
    there = facts.tables[collection].columns.get(column)
    declared = there.declared.lower() if there is not None else ""
    match facts.engine:
        case "postgresql":
            return "timestamptz" in declared or ("timestamp" in declared and "with time zone" in declared)
        case "mariadb":
            return declared.startswith("timestamp")
    return False


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
    moment: datetime, zone: str,
) -> StoreDraft:  # fmt: skip
    """The steps that set these flags wherever one of them does not stand yet, moments told by the clocks of ``zone``,
    the publisher's. Rows that belong to others come first, and what the collection's filter asks for last: a flag may
    take its row out of it."""
    collections = opened.graph.store.collections
    groups = [(name, flags) for name in rows for flags in together(flags_of(collections[name])) if flags]
    asked = {name: {condition.column for condition in collections[name].where} for name, _ in groups}
    groups.sort(key=lambda group: (-_depth(opened, group[0]), any(one.column in asked[group[0]] for one in group[1])))
    drafts: list[Draft] = []
    refusals: dict[int, tuple[Finding, ...]] = {}
    for number, (name, flags) in enumerate(groups, 1):
        where = all_of(rows[name], none_of(says(flags)))
        told = [written(one, moment, zone, zoned=zoned(opened.facts, name, one.column)) for one in flags]
        values = [Assignment(flag.column, "value", value) for flag, value in zip(flags, told, strict=True)]
        drafts.append(_draft(number, name, where, values, opened.facts.tables[name]))
        refusals[number] = tuple(_impossible(opened, name, values))
    return StoreDraft(tuple(drafts), (), refusals)


def somebody_elses(
    opened: Opened,
    rows: Mapping[str, Expr],
    mine: Mapping[str, Expr],
    flags_of: Callable[[Collection], Iterable[Flags]],
    identity: Identity,
    decisions: Decisions,
) -> dict[str, Expr]:
    """Of these rows those that belong to somebody else too, or were said to be theirs alone, and would be written."""
    store = opened.graph.store
    collections, name = store.collections, store.name
    anchors, apart = identity.anchors.get(name, {}), identity.apart.get(name, {})
    found = not_theirs(opened, dict(mine), anchors, apart, decisions)
    every = {name: [flag for group in flags_of(collections[name]) for flag in group] for name in rows}
    return {name: all_of(found[name], none_of(says(every[name]))) for name in rows if name in found}


def _depth(opened: Opened, name: str) -> int:
    """How many steps lead at most from a row up to its person."""
    graph = opened.graph
    return max((len(path) for top in graph.persons_above(name) for path in graph.paths_up(name, top)), default=0)


def _draft(number: int, name: str, where: Expr, values: Sequence[Assignment], table: TableFacts) -> Draft:
    columns = tuple(one.column for one in values)
    assigned = (*values, *self_updating(table, set(columns)))
    return Draft("set", name, columns, where, change=Change(number, name, "update", where, assigned))


# --- preflight --------------------------------------------------------------------------------------------


def _impossible(opened: Opened, name: str, values: Iterable[Assignment]) -> Iterator[Finding]:
    collection, table = opened.graph.store.collections[name], opened.facts.tables[name]
    for one in values:
        facts, value = table.columns.get(one.column), one.value
        why = _why_not(facts, value, table) if facts is not None else ""
        if facts is not None and not why and opened.facts.engine != "sqlite" and not _readable(facts, value):
            why = f"it is of type {facts.declared}"
        if why:
            yield Finding(
                "flag_impossible", "refuse",
                f"{collection.store}.{collection.name}.{one.column} cannot be set: {why}",
                collection.name, one.column, remedy="name another column, or another `value:`, in the policy",
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


def _bits(facts: ColumnFacts) -> int:
    """How many bits a column of bits holds; 0 for all others."""
    told = _BITS.fullmatch(facts.declared)
    return int(told[1] or 1) if told else 0


def _of_kind(facts: ColumnFacts, value: Scalar) -> bool:
    """Whether a column of this kind can hold the value, as far as the declared type tells."""
    if width := _bits(facts):
        return not isinstance(value, str | float) and 0 <= int(value or 0) < 2**width
    match facts.family:
        case "integer" | "number":
            return not isinstance(value, str) or value.lstrip("-").isdigit()
        case "boolean":
            return value in (0, 1) or str(value).lower() in ("true", "false", "0", "1")
        case "date" | "datetime":
            return isinstance(value, str)
    return True


def _readable(facts: ColumnFacts, value: Scalar) -> bool:
    """Whether an engine that insists on its types reads the value as one of the column's."""
    read: dict[str, Callable[[str], object]] = {
        "date": datetime.fromisoformat, "datetime": datetime.fromisoformat, "time": time.fromisoformat,
        "binary": bytes.fromhex,
    }  # fmt: skip
    try:
        if value is not None and facts.family in read:
            read[facts.family](str(value))
    except ValueError:
        return False
    return True


# --- what stood there before ------------------------------------------------------------------------------


def midnight(day: date, zone: str) -> datetime:
    """The beginning of a day by the clocks of ``zone``, where no moment is written."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def inherited(
    session: Session, identity: Identity, runner: Runner, name: str, flags_of: Callable[[Collection], Iterable[Flags]]
) -> list[Before]:
    """What other marks that nobody has lifted remember of rows and columns where this one says the same. When those
    end first, this one still knows what stood there."""
    found: list[Before] = []
    for opened in session.stores.values():
        store = opened.graph.store
        for collection, where in person_rows(opened, identity.anchors.get(store.name, {})).items():
            flags = [flag for group in flags_of(store.collections[collection]) for flag in group]
            if flags and opened.graph.key_of(collection):
                marked = all_of(where, any_of(*(says([flag]) for flag in flags)))
                columns = frozenset(flag.column for flag in flags)
                found += _told_by_others(opened, collection, marked, columns, runner.records, name)
    return found


def _told_by_others(
    opened: Opened, collection: str, marked: Expr, columns: frozenset[str], records: Records, name: str
) -> Iterator[Before]:
    store, table = opened.graph.store.name, opened.facts.tables[collection].table
    rows = [(store, table, key) for key in opened.connector.keys(collection, marked)]
    for one in records.beside(name, rows) if rows else ():
        if one.place[:2] == (store, table) and one.column in columns:
            where = all_of(marked, KeyIn(opened.graph.key_of(collection), one.keys))
            keys = tuple(opened.connector.keys(collection, where))
            if keys:
                yield replace(one, collection=collection, keys=keys)


def compared(session: Session, stores: Iterable[StorePlan]) -> tuple[list[StorePlan], list[Before]]:
    """What stands now where these plans would write, and the plans so that they write only while that still stands. A
    table without a key has no names for its rows: of it nothing is remembered."""
    plans: list[StorePlan] = []
    before: list[Before] = []
    for store in stores:
        changes: list[Change] = []
        for change in store.changes:
            held, found = _compared(session.stores[store.store], change)
            changes.append(held)
            before += found
        plans.append(replace(store, changes=tuple(changes)))
    return plans, before


def _compared(opened: Opened, change: Change) -> tuple[Change, list[Before]]:
    key = opened.graph.key_of(change.collection)
    if not key or change.expected is None or not change.expected.rows:
        return change, []
    found = _standing(opened, change)
    held = _while_so(change, key, found)
    for _ in range(_TRIES):
        if _finds(opened, held):
            break
        again = _standing(opened, change)
        if again == found:
            # Nobody has changed it: the engine does not find by this value what it has read as this value.
            held = replace(change, locked=True)
            break
        found, held = again, _while_so(change, key, again)
    return held, [one for one in found if one.former is None or one.former != one.written]


def _while_so(change: Change, key: tuple[str, ...], found: Sequence[Before]) -> Change:
    """The change, of rows where nothing else stands than was read."""
    if len(found) > _MOST_VALUES:
        return replace(change, locked=True)
    other = any_of(*(all_of(KeyIn(key, one.keys), none_of(_is_still(one))) for one in found))
    return replace(change, where=all_of(change.where, none_of(other)), locked=True)


def _finds(opened: Opened, change: Change) -> bool:
    """Whether the change finds the rows that the plan saw."""
    try:
        [count] = opened.connector.count([Want(change.collection, change.where, digest=True)])
    except StoreError:
        return False  # a type that knows no comparison
    return change.expected is not None and (count.rows, count.digest) == (change.expected.rows, change.expected.digest)


def _is_still(one: Before) -> Expr:
    if one.former is None:
        return Where(Condition(one.column, "null"))
    return Given(Condition(one.column, "in", (one.former,)))


def unwritten(done: Iterable[Outcome]) -> bool:
    """Whether it is certain that none of these steps wrote anything, so that nothing is to be put back after them."""
    return any(one.untouched for one in done)


def _standing(opened: Opened, change: Change) -> list[Before]:
    """What stands in the columns that the change would write, in the rows that it would write."""
    table = opened.facts.tables[change.collection]
    key = opened.graph.key_of(change.collection)
    ours = {one.column: one.value for one in change.assignments if one.kind == "value"}
    found: dict[tuple[str, Scalar], list[Key]] = {}
    for row in opened.connector.read(change.collection, change.where, tuple(dict.fromkeys([*key, *ours]))):
        at: Key = tuple(row[part] for part in key)  # type: ignore[misc]
        for column in ours:
            found.setdefault((column, _former(row[column], table.columns.get(column))), []).append(at)
    store = opened.graph.store.name
    return [
        Before(store, change.collection, column, former, ours[column], tuple(keys), table.table)
        for (column, former), keys in found.items()
    ]


def _former(value: object, facts: ColumnFacts | None) -> Scalar:
    if isinstance(value, bytes) and facts is not None and _bits(facts):
        return int.from_bytes(value)
    return plain(value)


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


def still_theirs(session: Session, records: Records, name: str, anchors: Anchors, *, by_key: bool) -> Anchors:
    """Which of these rows of a person still carry an identifier of whoever the mark is about: a key may have been given
    to somebody else since. ``by_key``: that the key itself is such an identifier is enough."""
    return {
        store: {
            collection: tuple(records.whose(name, _carried(session.stores[store], collection, keys, by_key)))
            for collection, keys in by.items() if collection in session.stores[store].facts.tables
        }
        for store, by in anchors.items() if store in session.stores
    }  # fmt: skip


def _carried(
    opened: Opened, collection: str, keys: tuple[Key, ...], by_key: bool
) -> Iterator[tuple[Key, list[Known]]]:  # fmt: skip
    """The rows with their identifiers. Without ``by_key`` one that is the key counts only where there is no other."""
    key = opened.graph.key_of(collection)
    every = opened.graph.store.collections[collection].identifiers
    columns = tuple(dict.fromkeys([*key, *(one.column for one in every)]))
    for row in opened.connector.read(collection, KeyIn(key, keys), columns):
        told = [one for one in every if row[one.column] not in (None, "")]
        sure = [one for one in told if by_key or (one.verified and (one.column,) != key)] or told
        yield tuple(row[part] for part in key), [(one.kind, str(row[one.column])) for one in sure]  # type: ignore[misc]


def of_consent(policy: Policy, before: Before) -> bool:
    """Whether this column also says that somebody consented: only the person gives a consent (Article 4(11))."""
    store = policy.stores.get(before.store)
    here = store.collections.get(before.collection) if store else None
    return store is not None and here is not None and any(
        policy.purposes[name].basis == Basis.CONSENT and before.column in {flag.column for flag in flags}
        for collection in store.collections.values()
        if (collection.schema, collection.table) == (here.schema, here.table)
        for name, flags in collection.refused.items()
    )  # fmt: skip


def beyond(session: Session) -> Session:
    """The same stores, with the rows that a flag has taken out of their collection's filter: no filter asks there what
    a flag says."""
    return replace(session, stores={name: _beyond(opened) for name, opened in session.stores.items()})


def _beyond(opened: Opened) -> Opened:
    store = opened.graph.store
    flags = {(*_table(one), flag.column) for one in store.collections.values() for flag in one.flags}
    collections = {
        name: replace(one, where=tuple(c for c in one.where if (*_table(one), c.column) not in flags))
        for name, one in store.collections.items()
    }
    if collections == store.collections or not isinstance(opened.connector, Redescribed):
        return opened
    wide: Store = replace(store, collections=collections)
    return Opened(opened.connector.by(wide), opened.facts, StoreGraph(wide, opened.facts))


def _table(collection: Collection) -> tuple[str | None, str]:
    return collection.schema, collection.table


def back(
    opened: Opened, policy: Policy, remembered: Iterable[Before], otherwise: Mapping[str, Mapping[str, Scalar]],
    anchors: Mapping[str, tuple[Key, ...]],
) -> StoreDraft:  # fmt: skip
    """The steps that put back what stood there, in columns that still say what Troth wrote, of rows that belong to
    these ``anchors``, and to their collection but for what Troth wrote. ``otherwise``: what the policy wants written
    instead, by collection and column."""
    store, drafts, mine = opened.graph.store, list[Draft](), person_rows(opened, anchors)
    ours_here = [one for one in remembered if one.store == store.name and one.collection in mine]
    for (name, marks), keys in _alike(opened, ours_here).items():
        at = all_of(mine[name], KeyIn(opened.graph.key_of(name), keys))
        ours: dict[str, Expr] = {column: Where(_holds(column, mark)) for column, _, mark in marks}
        at = all_of(at, *_inside(policy.stores[store.name].collections[name], ours))
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


def _inside(collection: Collection, ours: Mapping[str, Expr]) -> Iterator[Expr]:
    """What the collection's filter asks for; or a flag says otherwise, by what Troth wrote or would write."""
    for one in collection.where:
        flags = (flag for flag in collection.flags if flag.column == one.column and flag.clock is None)
        said = (Where(_holds(flag.column, flag.value)) for flag in flags)
        yield any_of(Where(one), ours.get(one.column, Nothing()), *said)


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
