"""Who is meant: from one verified identifier to the person's own rows in every store.

Troth follows identifiers from row to row (the e-mail finds the customer, the customer's number finds the
subscriptions in another database) as long as that cannot reach somebody else:

- rows found only through an identifier that nobody verified are *flagged*;
- an identifier that two people share is never followed; what it finds is *flagged*;
- if the identifier that was asked for is itself shared, everything it finds is flagged.

Flagged rows are never read out, changed or counted as the person's until a human says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from troth.core.errors import StoreUnreachable
from troth.core.policy.model import Collection, Identifier, Policy
from troth.core.query import Identified, Key
from troth.core.records import Anchors, Pending
from troth.core.rights.session import Opened

Known = tuple[str, str]
"""(kind, value)"""

_MAX_ANCHOR_ROWS = 100_000
"""More rows of one person in one anchor collection than this are not believed to be one person."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Rows that a human has to decide about. ``reason``: shared | unverified | too_many."""

    store: str
    collection: str
    rows: int
    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is asked for, as given and verified by whoever asks."""

    identifiers: tuple[Known, ...]


@dataclass(frozen=True)
class Identity:
    """What was found: the person's identifiers, the keys of their anchor rows by store and collection, and
    what a human has to decide."""

    known: tuple[Known, ...]
    anchors: Mapping[str, Mapping[str, tuple[Key, ...]]]
    flags: tuple[Flag, ...] = ()
    unreachable: Mapping[str, str] = field(default_factory=dict)
    resumed: tuple[Pending, ...] = ()
    """Earlier erasures of the same person that a crash cut short; completing this one completes them."""
    apart: Anchors = field(default_factory=dict)
    """Rows that lead to the person and are somebody else's all the same, as a human has said (``Decisions.apart``), or
    has said once, for another request; these are in doubt again."""
    shared: tuple[Known, ...] = ()
    """Those of ``known`` that lead to rows of somebody else too, or to rows of which nobody has said whose they are."""
    reopened: tuple[tuple[Known, str], ...] = ()
    """Rows (by their tags) that were set apart once, and are opened by what a human has decided now; with the
    identifier for which it had been said."""

    @property
    def certain(self) -> tuple[Known, ...]:
        """What they are known by and nobody else is, as far as the stores tell."""
        return tuple(one for one in self.known if one not in self.shared)

    @property
    def found(self) -> bool:
        """Whether any row of the person is known."""
        return any(keys for by in self.anchors.values() for keys in by.values())


@dataclass(frozen=True, slots=True)
class _Row:
    store: str
    collection: str
    key: Key
    others: tuple[Known, ...]
    """Verified identifiers the row holds."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a human has decided: to open shared or unverified rows for this request, but for those in ``apart`` (by
    their tags, ``Records.tag``): these are somebody else's. They are neither read nor changed, and not followed."""

    shared: bool = False
    unverified: bool = False
    apart: frozenset[str] = frozenset()


Tag = Callable[[str, str, Key], str]
"""What a row is called where its key must not stand (``Records.tag``)."""


def without(anchors: Anchors, apart: frozenset[str], tag: Tag) -> dict[str, dict[str, tuple[Key, ...]]]:
    """The rows that are not somebody else's."""
    return {
        store: {name: tuple(k for k in keys if tag(store, name, k) not in apart) for name, keys in found.items()}
        for store, found in anchors.items()
    }


class Search:
    """One search for a person over all stores that could be opened."""

    def __init__(
        self, policy: Policy, stores: Mapping[str, Opened], decisions: Decisions, anchors: Anchors | None = None,
        tag: Tag | None = None, apart_of: Callable[[Known], frozenset[str]] = lambda known: frozenset(),
    ) -> None:  # fmt: skip
        """``anchors``: rows that are known to be the person's, from an erasure that was cut short. ``tag`` is needed
        where something was set apart; ``apart_of``: what was for an identifier, by earlier requests."""
        self.policy = policy
        self.stores = stores
        self.decisions = decisions
        self._tag = tag
        self._apart_of = apart_of
        self.said: set[str] = set()
        self.shared: dict[Known, None] = {}
        self.reopened: list[tuple[Known, str]] = []
        self.rows: dict[tuple[str, str, Key], _Row] = {}
        self.flags: list[Flag] = []
        self.unreachable: dict[str, str] = {}
        self._entities = self._entity_kinds()
        self._mine = {(s, c, k) for s, by in (anchors or {}).items() for c, keys in by.items() for k in keys}

    def run(self, subject: Subject) -> Identity:
        """Follow the identifiers until nothing new is found."""
        known: dict[Known, None] = dict.fromkeys(subject.identifiers)
        queue = list(subject.identifiers)
        while queue:
            identifier = queue.pop(0)
            found, doubtful = self._rows_with(identifier)
            said = self._apart_of(identifier)
            self.said |= said
            self._flag(doubtful, identifier, "unverified", said)
            accepted = [r for r in found if _place(r) in self._mine]
            self.rows.update((_place(r), r) for r in accepted)
            for row in self._theirs(identifier, found, said):
                self.rows[_place(row)] = row
                for other in row.others:
                    if other not in known:
                        known[other] = None
                        queue.append(other)
        return Identity(
            tuple(known), self._anchors(), tuple(self.flags), dict(self.unreachable),
            shared=tuple(self.shared), reopened=tuple(self.reopened),
        )  # fmt: skip

    def _theirs(self, identifier: Known, found: list[_Row], said: frozenset[str]) -> list[_Row]:
        """Those of these rows that are the person's; the others are flagged."""
        new = [row for row in found if _place(row) not in self.rows]
        apart = [row for row in new if said and self._tag_of(row) in said]
        doubtful = new if self._is_shared(identifier, found) else apart
        if self.decisions.shared:
            self.reopened += [(identifier, self._tag_of(row)) for row in apart]
            return found
        if doubtful:
            self.shared[identifier] = None
            self._flag(doubtful, identifier, "shared")
        return [row for row in found if row not in doubtful]

    def _tag_of(self, row: _Row) -> str:
        return self._tag(*_place(row)) if self._tag is not None else ""

    def _anchors(self) -> dict[str, dict[str, tuple[Key, ...]]]:
        anchors: dict[str, dict[str, list[Key]]] = {}
        for row in self.rows.values():
            anchors.setdefault(row.store, {}).setdefault(row.collection, []).append(row.key)
        return {s: {c: tuple(sorted(k, key=repr)) for c, k in by.items()} for s, by in anchors.items()}

    def _flag(
        self, rows: list[_Row], identifier: Known, reason: str, said: frozenset[str] = frozenset()
    ) -> None:  # fmt: skip
        if reason == "unverified" and self.decisions.unverified:
            for row in rows:
                if said and self._tag_of(row) in said:
                    self.reopened.append((identifier, self._tag_of(row)))
                self.rows[_place(row)] = row
            return
        counted: dict[tuple[str, str], int] = {}
        for row in rows:
            if _place(row) not in self.rows:
                counted[row.store, row.collection] = counted.get((row.store, row.collection), 0) + 1
        self.flags.extend(Flag(s, c, n, reason, identifier[0]) for (s, c), n in counted.items())

    # --- looking ----------------------------------------------------------------------------------

    def _rows_with(self, identifier: Known) -> tuple[list[_Row], list[_Row]]:
        """(rows in which a verified column holds it, rows in which only an unverified one does)."""
        sure: dict[tuple[str, str, Key], _Row] = {}
        doubtful: dict[tuple[str, str, Key], _Row] = {}
        for name, opened in self.stores.items():
            try:
                for collection in opened.graph.store.collections.values():
                    for column in collection.identifiers:
                        if column.kind == identifier[0]:
                            into = sure if column.verified else doubtful
                            for row in self._look(opened, collection, column, identifier):
                                into[_place(row)] = row
            except StoreUnreachable as gone:
                self.unreachable[name] = gone.message
        return list(sure.values()), [r for place, r in doubtful.items() if place not in sure]

    def _look(self, opened: Opened, collection: Collection, column: Identifier, identifier: Known) -> list[_Row]:
        key = opened.graph.key_of(collection.name)
        verified = [i for i in collection.identifiers if i.verified]
        columns = list(dict.fromkeys([*key, *(i.column for i in verified)]))
        rows: list[_Row] = []
        where = Identified(column.kind, column.column, identifier[1])
        for values in opened.connector.read(collection.name, where, columns):
            others = tuple((i.kind, str(values[i.column])) for i in verified if values[i.column] not in (None, ""))
            at: Key = tuple(values[k] for k in key)  # type: ignore[misc]
            row = _Row(collection.store, collection.name, at, others)
            if self.decisions.apart and self._tag_of(row) in self.decisions.apart:
                self.shared[identifier] = None
                continue
            rows.append(row)
            if len(rows) > _MAX_ANCHOR_ROWS:
                self.flags.append(Flag(collection.store, collection.name, len(rows), "too_many", column.kind))
                return []
        return rows

    # --- sharing ----------------------------------------------------------------------------------

    def _entity_kinds(self) -> frozenset[str]:
        """Kinds of identifier that are the key of some collection: one value is one person."""
        return frozenset(
            identifier.kind
            for opened in self.stores.values()
            for collection in opened.graph.store.collections.values()
            for identifier in collection.identifiers
            if opened.graph.key_of(collection.name) == (identifier.column,)
        )

    def _is_shared(self, identifier: Known, rows: list[_Row]) -> bool:
        """Whether these rows belong to more than one person, together with the rows found before."""
        every = {**self.rows, **{_place(r): r for r in rows}}
        for kind in self._entities - {identifier[0]}:
            if len({value for row in every.values() for k, value in row.others if k == kind}) > 1:
                return True
        # Rows that hold the number of a person who was found are that person's, however many there are.
        ours = {k for r in self.rows.values() for k in r.others if k[0] in self._entities} | {identifier}
        seen = {(r.store, r.collection) for r in self.rows.values()}
        for row in rows:
            place, graph = (row.store, row.collection), self.stores[row.store].graph
            alike = place in seen and row.collection in graph.top_anchors and graph.children[row.collection]
            if _place(row) not in self.rows and alike and not self._entities_of(row) & ours:
                return True
            seen.add(place)
        return False

    def _entities_of(self, row: _Row) -> set[Known]:
        return {known for known in row.others if known[0] in self._entities}


def _place(row: _Row) -> tuple[str, str, Key]:
    return row.store, row.collection, row.key
