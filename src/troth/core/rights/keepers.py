"""Everything that speaks against erasing something: holds, other purposes, rows that others depend on.

A ``Keeper`` covers some fields of a collection's rows under a condition. A row is deleted when no keeper
covers it; a field is cleared when no keeper covers that field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from troth.core.policy.model import Basis, Clock, Collection, Hold, Link, Purpose
from troth.core.ports import ForeignKeyFacts
from troth.core.query import (
    Everything,
    Expr,
    Hop,
    KeyIn,
    Nothing,
    all_of,
    any_of,
    none_of,
    related,
)
from troth.core.retention.due import DueRules, Timer
from troth.core.rights.graph import StoreGraph
from troth.core.rights.kinds import Kinds, KindsLeading
from troth.core.rights.leading import Leading

ALL: tuple[str, ...] = ("*",)
"""Every field of the collection."""
OTHER = "other"
"""The kind of a keeper of fields that nobody asked about: of them nothing is told."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A reason to keep. ``fields`` () keeps the row but none of its fields."""

    kind: str
    reason: str
    fields: tuple[str, ...]
    where: Expr
    timer: Timer | None = None
    until: date | None = None
    together: bool = False
    """Nothing of it is freed before the last of it is."""
    reason_in: tuple[tuple[str, str], ...] = ()
    """The reason by language."""

    def covers(self, name: str) -> bool:
        """Whether it keeps that field."""
        return self.fields == ALL or name in self.fields

    @property
    def own_clock(self) -> Clock | None:
        """The clock in the row itself that tells until when, if there is one."""
        if self.timer and len(self.timer.sources) == 1 and not self.timer.sources[0][0]:
            return self.timer.sources[0][1]
        return None


@dataclass(frozen=True, slots=True)
class ManualHold:
    """A hold added by hand, or a restriction: the person's anchor rows, what it covers, why, until when."""

    reason: str
    anchors: Mapping[str, Mapping[str, tuple[tuple[object, ...], ...]]]
    collections: tuple[str, ...] = ()
    fields: tuple[str, ...] = ALL
    until: date | None = None


@dataclass(frozen=True)
class Scope:
    """What a request or sweep is about.

    ``rows``: for each collection, the rows in question. ``ends``: for each purpose and collection, the rows for
    which the purpose is over. A collection without entry is out of scope.
    """

    rows: Mapping[str, Expr]
    purposes: frozenset[str] | None = None
    sweeping: bool = False
    only: frozenset[str] | None = None
    manual: tuple[ManualHold, ...] = ()
    exempt_manual: bool = False
    language: str = "en"
    over: Mapping[tuple[str, str], Expr] = field(default_factory=dict)
    shared: Mapping[str, Expr] = field(default_factory=dict)
    partial: bool = False
    """Only some uses, or some collections, of somebody who goes on being known."""
    across: Mapping[str, Expr] = field(default_factory=dict)
    """Rows that lead to others in another store (``leading.across``)."""
    kinds: Kinds | None = None
    """Only the fields of some categories are in question."""


class Keepers:
    """Finds the keepers of each collection, children first, and remembers them."""

    def __init__(self, rules: DueRules, scope: Scope) -> None:
        self.rules = rules
        self.graph: StoreGraph = rules.graph
        self.scope = scope
        self._found: dict[str, tuple[Keeper, ...]] = {}
        self._open: set[str] = set()
        self._leading = Leading(self.graph, scope.rows, scope.purposes, scope.across)

    def of(self, name: str) -> tuple[Keeper, ...]:
        """All keepers of a collection's rows."""
        if name not in self._found:
            self._open.add(name)
            collection = self.graph.store.collections[name]
            keepers = [
                *self._other_kinds(collection),
                *self._purposes(collection),
                *self._holds(collection),
                *self._holds_from_below(collection),
                *self._manual(collection),
                *self._shared(collection),
                *self._lead(collection),
                *self._dependants(collection),
            ]
            self._open.discard(name)
            self._found[name] = tuple(k for k in keepers if not isinstance(k.where, Nothing))
        return self._found[name]

    def keep_row(self, name: str) -> Expr:
        """Rows that cannot be deleted, for whatever reason."""
        collection = self.graph.store.collections[name]
        if name not in self.scope.rows or self._only_clear(collection):
            return Everything()
        return any_of(*(k.where for k in self.of(name)))

    def gone(self, name: str) -> Expr:
        """Rows that will be deleted."""
        return all_of(self.scope.rows.get(name, Nothing()), none_of(self.keep_row(name)))

    def _only_clear(self, collection: Collection) -> bool:
        if collection.on_erase == "clear":
            return True
        if not self.scope.sweeping:
            return False
        return any(
            self.rules.policy.purposes[p].keep.then == "anonymise" for p in self.graph.purposes_of(collection.name)
        )

    # --- kinds ------------------------------------------------------------------------------------

    def _other_kinds(self, collection: Collection) -> list[Keeper]:
        """Of some categories only: every other field, and the row unless it holds nothing else."""
        kinds = self.scope.kinds
        if kinds is None:
            return []
        elsewhere = [Keeper(OTHER, "not asked for", *one) for one in kinds.elsewhere(collection)]
        if kinds.whole(collection):
            return elsewhere
        return [Keeper(OTHER, "not asked for", kinds.others(collection), Everything()), *elsewhere]

    # --- purposes ---------------------------------------------------------------------------------

    def _purposes(self, collection: Collection) -> list[Keeper]:
        keepers = []
        for name in sorted(self.graph.purposes_of(collection.name)):
            purpose = self.rules.policy.purposes[name]
            where, timer = self._needed(purpose, collection)
            if isinstance(where, Nothing):
                continue
            fields = tuple(f.name for f in collection.fields if name in f.purposes)
            keepers.append(
                Keeper("purpose", name, fields, where, timer, reason_in=tuple(sorted(purpose.title.items())))
            )
        return keepers

    def _needed(self, purpose: Purpose, collection: Collection) -> tuple[Expr, Timer | None]:
        """Rows for which the purpose still needs its fields."""
        if self.scope.purposes is not None and purpose.name not in self.scope.purposes:
            return Everything(), None
        if not self.scope.sweeping and purpose.basis not in (Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK):
            return Nothing(), None
        over = self.scope.over.get((purpose.name, collection.name))
        if over is None:
            over = self.rules.over(purpose, collection.name)
        timer = None
        if purpose.keep.after and self.rules.policy.events[purpose.keep.after].per == "row":
            timer = self.rules.row_timer(collection.name, purpose.keep.after, purpose.keep.period)
        return none_of(over), timer

    # --- holds ------------------------------------------------------------------------------------

    def _holds(self, collection: Collection) -> list[Keeper]:
        return [self._hold(hold, collection) for hold in collection.holds]

    def _hold(self, hold: Hold, collection: Collection) -> Keeper:
        timer = self.rules.hold_timer(hold, collection.name) if hold.after else None
        fields = hold.fields or ALL
        return Keeper(
            "hold",
            hold.because,
            fields,
            self.rules.hold_active(hold, collection.name),
            timer,
            together=hold.per == "person",
            reason_in=tuple(sorted(hold.because_in.items())),
        )

    def _holds_from_below(self, collection: Collection) -> list[Keeper]:
        keepers = []
        for below in self.graph.store.collections.values():
            for hold in below.holds:
                fields = hold.parents.get(collection.name)
                if fields is None:
                    continue
                active = self.rules.hold_active(hold, below.name)
                ways = self.graph.paths_down(collection.name, below.name)
                where = any_of(*(related(path, active) for path in ways if path))
                timer = None
                if hold.after:
                    inner = self.rules.hold_timer(hold, below.name)
                    sources = tuple((p + s, c) for p in ways if p for s, c in inner.sources)
                    timer = replace(inner, sources=sources)
                keepers.append(
                    Keeper(
                        "hold", hold.because, fields, where, timer, None, True, tuple(sorted(hold.because_in.items()))
                    )
                )
        return keepers

    # --- by hand ----------------------------------------------------------------------------------

    def _manual(self, collection: Collection) -> list[Keeper]:
        if self.scope.exempt_manual:
            return []
        keepers = []
        for hold in self.scope.manual:
            if hold.collections and f"{collection.store}.{collection.name}" not in hold.collections:
                continue
            anchors = hold.anchors.get(collection.store, {})
            where = self.graph.rows_of(collection.name, anchors)
            keepers.append(Keeper("manual", hold.reason, hold.fields, where, until=hold.until))
        return keepers

    def _shared(self, collection: Collection) -> list[Keeper]:
        """Rows that belong to somebody else too stay as they are until a human has decided."""
        where = self.scope.shared.get(collection.name, Nothing())
        return [Keeper("shared", "shared", ALL, where)]

    def _lead(self, collection: Collection) -> list[Keeper]:
        """Of some uses only: what the rows of the others are found by."""
        if not self.scope.partial:
            return []
        if self.scope.kinds is not None:
            lead = KindsLeading(self.graph, self.scope.kinds, self.scope.rows, self.scope.purposes, self.scope.across)
            return [Keeper("leads", "what stays is found by it", *one) for one in lead.of(collection)]
        fields = self._leading.fields_of(collection)
        if not fields and self._leading.stays(collection.name):
            return []  # it stays for its own uses, with all that it is found by
        return [Keeper("leads", "rows of other uses are found by it", fields, self._leading.rows_of(collection.name))]

    # --- rows that others depend on ---------------------------------------------------------------

    def _dependants(self, collection: Collection) -> list[Keeper]:
        below = [
            related((self.graph.down(child, link),), self.keep_row(child.name))
            for child, link in self.graph.children[collection.name]
            if self._depends(child, link, collection)
        ]
        keepers = [Keeper("needed_by_kept", "rows that stay belong to it", (), any_of(*below))]
        for key in self.graph.facts.tables[collection.name].incoming:
            keepers.extend(self._reference(collection, key))
        return keepers

    def _depends(self, child: Collection, link: Link, parent: Collection) -> bool:
        """Whether the child's rows hang on the parent's key. A link over other columns (an address that several
        customers point at) leaves the parent free to go; so do rows that nobody described. Not where only some kinds
        of data go: then the person goes on being known, and what stays is found through the parent."""
        if child.name == parent.name or child.name in self._open or child.undescribed:
            return False
        if self.scope.kinds is not None:
            return True
        hop = self.graph.up(child, link)
        return tuple(theirs for _, theirs in hop.columns) == self.graph.key_of(link.parent)

    def _stays(self, child: Collection, parent: Collection) -> Expr:
        """Rows of the child that will still be there and so need their parent."""
        if child.name == parent.name or child.name in self._open or child.name not in self.scope.rows:
            return none_of(self.scope.rows.get(child.name, Nothing()))
        return none_of(self.gone(child.name))

    def _reference(self, collection: Collection, key: ForeignKeyFacts) -> list[Keeper]:
        """A foreign key of the database that no ``belongs_to`` speaks of."""
        if key.on_delete in ("cascade", "set null", "set default"):
            return []
        facts = self.graph.facts
        mapped = [n for n, t in facts.tables.items() if t.table == key.table]
        columns = tuple(zip(key.target_columns, key.columns, strict=True))
        if not mapped:
            hop = Hop(collection.name, f"table:{key.table}", columns)
            return [Keeper("referenced", f"rows of {key.table} refer to it", (), related((hop,), Everything()))]
        if any(self._same_link(n, collection.name, key) for n in mapped):
            return []
        keepers = []
        for name in mapped:
            child = self.graph.store.collections[name]
            hop = Hop(collection.name, name, columns)
            keepers.append(
                Keeper("referenced", f"rows of {name} refer to it", (), related((hop,), self._stays(child, collection)))
            )
        return keepers

    def _same_link(self, child: str, parent: str, key: ForeignKeyFacts) -> bool:
        pairs = set(zip(key.columns, key.target_columns, strict=True))
        return any(
            link.parent == parent and set(self.graph.up(self.graph.store.collections[child], link).columns) == pairs
            for link in self.graph.store.collections[child].links
        )


def shared_rows(graph: StoreGraph, collection: Collection, mine: Mapping[str, Expr]) -> Expr:
    """Rows of a collection that also belong to somebody else (two senders of a thread, one address).

    ``mine`` tells for each collection which rows are the person's.
    """
    parts = [_others_through(graph, collection, link, mine) for link in collection.links]
    return any_of(*parts)


def _others_through(graph: StoreGraph, collection: Collection, link: Link, mine: Mapping[str, Expr]) -> Expr:
    if link.parent == collection.name or not graph.persons_above(link.parent):
        return Nothing()
    hop = graph.up(collection, link)
    single = len(collection.links) == 1 and tuple(t for _, t in hop.columns) == graph.key_of(link.parent)
    if single:
        return Nothing()
    return related((hop,), none_of(mine.get(link.parent, Nothing())))


def held_anchor(graph: StoreGraph, collection: str, keys: tuple[tuple[object, ...], ...]) -> Expr:
    """The anchor rows with these keys."""
    return KeyIn(graph.key_of(collection), keys)  # type: ignore[arg-type]
