"""What a person is handed over (GDPR Articles 15 and 20): which rows of which columns are read, and what is not.

Rows are found exactly as for an erasure; rows that also belong to somebody else are left out and said to be.
Everything that is left out has an entry with its reason: nothing is skipped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from troth.core.evidence.canonical import JSON
from troth.core.policy.document import PolicyDocument
from troth.core.policy.model import Basis, Collection, Field, Policy
from troth.core.policy.sections.stores import Collection as CollectionSection
from troth.core.ports import Family, TableFacts, Want
from troth.core.query import Expr, Nothing, all_of, none_of
from troth.core.records import ArchiveRecord
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.session import Opened, Session
from troth.core.rights.template import once
from troth.core.rights.whose import not_theirs, person_rows
from troth.core.vocabulary import falls_under

Right = Literal["access", "portability"]

Role = Literal["field", "identifier", "event", "state", "link", "key", "filter", "flag", "refusal", "other"]
"""What a column is to the policy. Only the first is personal data by declaration; the others make the rows
understandable (which order a line belongs to, when, in which state)."""

Reason = Literal[
    "shared", "unverified", "too_many", "unreachable", "interrupted", "secret", "not_exported", "undescribed",
    "undescribed_within", "no_fields", "inferred", "other_basis", "structure",
]  # fmt: skip
"""Why something is not in the package. Documented in docs/reference/access-package.md."""

ARCHIVE = "archive"
"""The name under which a package shows what lies in the sealed archive."""

SECRETS = "Authenticating"
"""The category of the vocabulary under which passwords and other secrets fall."""

PORTABLE_BASES = frozenset({Basis.CONSENT, Basis.CONTRACT})
"""Article 20(1)(a)."""

_PORTABLE_ROLES: tuple[Role, ...] = ("field", "link", "key", "filter")


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or a value within one, that is read. ``detail``: the kind of identifier, the event, the state,
    or the collection that a link leads to."""

    name: str
    role: Role
    family: Family = "other"
    field: Field | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one collection to be read. The rows come in the order of the key."""

    collection: Collection
    where: Expr
    columns: tuple[Column, ...]
    purposes: frozenset[str]
    """The purposes that the rows or one of their fields serve."""

    @property
    def place(self) -> tuple[str, str]:
        """(store, collection)"""
        return self.collection.store, self.collection.name


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not handed over: columns, rows or a whole place, and why. ``what`` names columns."""

    store: str
    collection: str
    reason: Reason
    what: tuple[str, ...] = ()
    rows: int = 0
    kind: str = ""

    @property
    def asks_for_action(self) -> bool:
        """Whether somebody has to do something before the answer is complete."""
        return self.reason in ("shared", "unverified", "too_many", "unreachable", "interrupted")


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """What is handed over, in the order of the policy, and what is not."""

    right: Right
    readings: tuple[Reading, ...]
    left_out: tuple[LeftOut, ...]


def plan_access(session: Session, identity: Identity, decisions: Decisions, right: Right = "access") -> AccessPlan:
    """Decide what is read for a person who was found. Asks the stores only for the number of shared rows."""
    readings: list[Reading] = []
    left_out = [LeftOut(f.store, f.collection, _flag(f.reason), (), f.rows, f.kind) for f in identity.flags]
    unreachable = {**session.unreachable, **identity.unreachable}
    for name, opened in session.stores.items():
        if name in unreachable:
            continue
        store = _StoreReadings(session.policy, opened, right)
        mine = person_rows(opened, identity.anchors.get(name, {}))
        others = identity.apart.get(name, {})
        untouched = not_theirs(opened, mine, identity.anchors.get(name, {}), others, decisions)
        store.plan(mine, untouched, decided=decisions.shared)
        readings.extend(store.readings)
        left_out.extend(store.left_out)
    left_out.extend(LeftOut(name, "*", "unreachable") for name in unreachable)
    return AccessPlan(right, tuple(readings), tuple(left_out))


def _flag(reason: str) -> Reason:
    return reason if reason in ("shared", "unverified", "too_many") else "shared"  # type: ignore[return-value]


class _StoreReadings:
    """The readings of one store."""

    def __init__(self, policy: Policy, opened: Opened, right: Right) -> None:
        self.policy = policy
        self.opened = opened
        self.right = right
        self.store = opened.graph.store
        self.readings: list[Reading] = []
        self.left_out: list[LeftOut] = []

    def plan(self, mine: dict[str, Expr], shared: dict[str, Expr], *, decided: bool) -> None:
        """One reading for each collection that may hold rows of the person. ``shared``: rows that are not read;
        ``decided``: a human has said of each whose it is."""
        collections = [self.store.collections[name] for name in mine]
        for collection in collections:
            columns = self._columns(collection) if _holds_data(collection) else ()
            if any(c.role in self._telling for c in columns):
                where = all_of(mine[collection.name], none_of(shared.get(collection.name, Nothing())))
                purposes = once(
                    self.opened.graph,
                    ("purposes", collection.name),
                    partial(self.opened.graph.purposes_of, collection.name),
                )
                self.readings.append(Reading(collection, where, columns, purposes))
        if not decided:
            self._count("shared", {n: all_of(mine[n], w) for n, w in shared.items()})
        if self.right == "access":
            self._count("no_fields", self._bare(mine, shared))
            self._undescribed([r.collection for r in self.readings])

    def _bare(self, mine: dict[str, Expr], shared: dict[str, Expr]) -> dict[str, Expr]:
        """Rows of the person that hold nothing by declaration."""
        names = [name for name in mine if not _holds_data(self.store.collections[name])]
        return {name: all_of(mine[name], none_of(shared.get(name, Nothing()))) for name in names}

    @property
    def _telling(self) -> tuple[Role, ...]:
        """Roles of which a row must have one to be worth reading."""
        return ("field", "identifier") if self.right == "access" else ("field",)

    def _leave(self, collection: str, reason: Reason, what: Iterable[str], rows: int = 0) -> None:
        self.left_out.append(LeftOut(self.store.name, collection, reason, tuple(what), rows))

    def _count(self, reason: Reason, rows: Mapping[str, Expr]) -> None:
        """Say how many rows are left out, where there are any."""
        wants = [Want(name, where) for name, where in rows.items()]
        for want, count in zip(wants, self.opened.connector.count(wants) if wants else (), strict=True):
            if count.rows:
                self._leave(want.collection, reason, (), count.rows)

    # --- columns ----------------------------------------------------------------------------------

    def _columns(self, collection: Collection) -> tuple[Column, ...]:
        """What is read of each row; what is refused is said. The same for every person, so found out once."""
        what = ("columns", self.right, collection.name)
        columns, refused = once(self.opened.graph, what, lambda: self._find_columns(collection))
        self.left_out.extend(refused)
        return columns

    def _find_columns(self, collection: Collection) -> tuple[tuple[Column, ...], tuple[LeftOut, ...]]:
        """Declared fields first, then what makes them understandable; and what is left out."""
        before, self.left_out = self.left_out, []
        columns = self._chosen(collection)
        refused, self.left_out = tuple(self.left_out), before
        return columns, refused

    def _chosen(self, collection: Collection) -> tuple[Column, ...]:
        table = self.opened.facts.tables[collection.name]
        refused = self._refused(collection)
        chosen: dict[str, Column] = {}
        for column in self._declared(collection):
            if column.name not in refused and (self.right == "access" or column.role in _PORTABLE_ROLES):
                chosen.setdefault(column.name, _typed(column, table))
        return tuple(chosen.values())

    def _refused(self, collection: Collection) -> set[str]:
        """Names of columns that must not be handed over, each said with its reason."""
        by_reason: dict[Reason, list[str]] = {}
        for field in collection.fields:
            reason = self._why_not(field)
            if reason is not None:
                by_reason.setdefault(reason, []).append(field.name)
        for reason, fields in by_reason.items():
            self._leave(collection.name, reason, fields)
        if self.right == "portability":
            declared = list(self._declared(collection))
            kept = {c.name for c in declared if c.role in _PORTABLE_ROLES} | {f.column for f in collection.fields}
            told = dict.fromkeys(c.name for c in declared if c.name not in kept)
            if told:
                self._leave(collection.name, "structure", told)
        # Refused in every role it has: a column that hides a secret within is no good as a state either.
        names = {name for told in by_reason.values() for name in told}
        return names | {f.column for f in collection.fields if f.name in names}

    def _why_not(self, field: Field) -> Reason | None:
        if falls_under(field.category, SECRETS) and field.category != "AuthenticationHistory":
            return "secret"
        if not field.export:
            return "not_exported"
        if self.right == "access":
            return None
        if field.given == "inferred":
            return "inferred"
        if not any(self.policy.purposes[p].basis in PORTABLE_BASES for p in field.purposes):
            return "other_basis"
        return None

    def _declared(self, collection: Collection) -> Iterator[Column]:
        return declared(self.policy.document, collection, self._key(collection))

    def _key(self, collection: Collection) -> Iterator[str]:
        """The key, and the columns by which rows of other collections refer to this one."""
        yield from self.opened.graph.key_of(collection.name)
        for child, link in self.opened.graph.children[collection.name]:
            yield from (theirs for _, theirs in self.opened.graph.up(child, link).columns)

    def _undescribed(self, collections: Sequence[Collection]) -> None:
        """Columns of the tables read from that no collection of the policy speaks of."""
        by_table: dict[str, list[Collection]] = {}
        for collection in collections:
            by_table.setdefault(self.opened.facts.tables[collection.name].table, []).append(collection)
        for table, sharing in by_table.items():
            facts = self.opened.facts.tables[sharing[0].name]
            whole, within = self._described(table)
            unknown = [c for c in facts.columns if c not in whole | within]
            if unknown:
                self._leave(sharing[0].name, "undescribed", unknown)
            if within - whole:
                self._leave(sharing[0].name, "undescribed_within", sorted(within - whole))

    def _described(self, table: str) -> tuple[set[str], set[str]]:
        """(columns the policy describes, columns of which it describes values within)"""
        whole: set[str] = set()
        within: set[str] = set()
        for name, facts in self.opened.facts.tables.items():
            if facts.table != table:
                continue
            collection = self.store.collections[name]
            for column in self._declared(collection):
                field = column.field
                into = within if field is not None and field.within is not None else whole
                into.add(_real(facts, field.column if field is not None else column.name) or column.name)
        return whole, within


def declared(document: PolicyDocument, collection: Collection, keys: Iterable[str] = ()) -> Iterator[Column]:
    """Every column that the policy speaks of, most telling role first; ``keys``: those that tell rows apart."""
    yield from (Column(f.name, "field", field=f) for f in collection.fields)
    yield from (Column(i.column, "identifier", detail=i.kind) for i in collection.identifiers)
    yield from (Column(clock.column, "event", detail=event) for event, clock in collection.events.items())
    for state, conditions in collection.states.items():
        yield from (Column(c.column, "state", detail=state) for c in conditions)
    for link in collection.links:
        yield from (Column(ours, "link", detail=link.parent) for ours, _ in link.columns)
        yield from (Column(c.column, "filter") for c in link.where)
    yield from (Column(name, "key") for name in keys)
    yield from (Column(c.column, "filter") for c in collection.where)
    if collection.restricted is not None:
        yield Column(collection.restricted.column, "flag")
    for purpose, flags in collection.refused.items():
        yield from (Column(flag.column, "refusal", detail=purpose) for flag in flags)
    section = section_of(document, collection)
    yield from (Column(name, "other") for name in (section.other_columns if section is not None else ()))


def section_of(document: PolicyDocument, collection: Collection) -> CollectionSection | None:
    """What the file says of a collection; key/value groups (``meta[phone]``) belong to the one they are made of."""
    store = document.stores.get(collection.store)
    if store is None:
        return None
    return store.collections.get(collection.name) or store.collections.get(collection.name.partition("[")[0])


def _holds_data(collection: Collection) -> bool:
    """Whether the policy declares anything in it that could be handed over."""
    return bool(collection.fields or collection.identifiers)


def _real(table: TableFacts, name: str) -> str | None:
    """The column as the database spells it."""
    try:
        return table.columns[name].name
    except KeyError:
        return None


def _typed(column: Column, table: TableFacts) -> Column:
    """The column with the family of values the database declares; a value within a column has its own."""
    if column.field is not None and column.field.within is not None:
        return column
    family = table.columns[column.field.column if column.field is not None else column.name].family
    return Column(column.name, column.role, family, column.field, column.detail)


def with_archive(plan: AccessPlan, policy: Policy, archived: Sequence[ArchiveRecord]) -> AccessPlan:
    """The plan with the sealed copies of the person's rows, as collections of a store named ``archive``: what was
    put away is still processed, so it is still handed over."""
    readings = list(plan.readings)
    for store, name in dict.fromkeys((r.store, r.collection) for r in archived):
        here = [r for r in archived if (r.store, r.collection) == (store, name)]
        readings.append(_archive_reading(policy, store, name, here))
    return replace(plan, readings=tuple(readings))


def _archive_reading(policy: Policy, store: str, name: str, records: Sequence[ArchiveRecord]) -> Reading:
    known = policy.stores[store].collections.get(name) if store in policy.stores else None
    fields = {f.column: f for f in known.fields if f.within is None} if known else {}
    names = dict.fromkeys(column for record in records for column in record.row)
    columns = [Column(c, "field", "other", fields[c]) if c in fields else Column(c, "other") for c in names]
    collection = Collection(ARCHIVE, f"{store}.{name}", name, title=known.title if known else None)
    purposes = frozenset(r.purpose for r in records if r.purpose in policy.purposes)
    return Reading(collection, Nothing(), (*columns, Column("archived_until", "other", "date")), purposes)


def rows_read(session: Session, reading: Reading, archived: Sequence[ArchiveRecord]) -> Iterable[Mapping[str, object]]:
    """The rows of one reading, from its store or from the archive, as they come. Raises StoreError at any row."""
    store, name = reading.place
    if store == ARCHIVE:
        return archived_rows(reading, archived)
    names = [column.name for column in reading.columns]
    return session.stores[store].connector.read(name, reading.where, names)


def archived_rows(reading: Reading, archived: Sequence[ArchiveRecord]) -> Iterator[Mapping[str, object]]:
    """The rows of one reading of the archive."""
    for record in archived:
        if f"{record.store}.{record.collection}" == reading.collection.name:
            row = {column.name: record.row.get(column.name) for column in reading.columns}
            yield {**row, "archived_until": record.ends}


def given(
    right: Right,
    ref: str,
    policy: Policy,
    counts: Mapping[tuple[str, str], int],
    left_out: Iterable[LeftOut],
    form: str,
) -> dict[str, JSON]:
    """What the ledger is told: request, places and numbers, nobody's data."""
    return {
        "request": ref,
        "right": right,
        "policy": policy.digest,
        "form": form,
        "collections": [[store, collection, rows] for (store, collection), rows in counts.items()],
        "left_out": [[o.store, o.collection, o.reason, o.rows] for o in left_out],
    }
