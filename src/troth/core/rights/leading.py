"""What leads to a person while some of their uses go and others stay.

An erasure of some uses only leaves the rows of the others. Who comes back for those is found by an identifier in one
row and by the links from there: as long as such rows stay, so do the row that they hang on and the columns by which it
is found. It goes with the last of them. An erasure of everything keeps no such thing: what the law keeps of it is
found again by the keys that the records keep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from troth.core.policy.model import Collection as Described
from troth.core.policy.model import Field
from troth.core.ports import Want
from troth.core.query import Everything, Expr, Key, KeyIn, Nothing, all_of, any_of, related
from troth.core.records import Anchors
from troth.core.rights.graph import StoreGraph
from troth.core.rights.session import Opened, Session

COMING = "email"
"""The kind of identifier with which somebody comes back to the personal space."""
_Place = tuple[str, str, Key]
_Rows = dict[_Place, frozenset[tuple[str, str]]]


class Leading:
    """Answers for one store. ``rows``: the collections in question; ``purposes``: the uses in question, None for all;
    ``across``: rows that lead to others of the person in another store (the function of that name)."""

    def __init__(
        self, graph: StoreGraph, rows: Iterable[str], purposes: frozenset[str] | None, across: Mapping[str, Expr]
    ) -> None:  # fmt: skip
        self._graph = graph
        self._rows = frozenset(rows)
        self._purposes = purposes
        self._across = across

    def fields_of(self, collection: Described) -> tuple[str, ...]:
        """The fields by which its rows are found, or by which other rows belong to them, or they to others."""
        columns = {one.column for one in collection.identifiers}
        columns |= {ours for link in collection.links for ours, _ in self._graph.up(collection, link).columns}
        for child, link in self._graph.children[collection.name]:
            columns |= {theirs for _, theirs in self._graph.up(child, link).columns}
        return tuple(
            one.name
            for one in collection.fields
            if one.column in columns and one.within is None and not self._needed_anyway(one)
        )

    def _needed_anyway(self, field: Field) -> bool:
        return self._purposes is not None and bool(field.purposes - self._purposes)

    def rows_of(self, name: str) -> Expr:
        """The rows that have to stay so that others are found."""
        return any_of(self._below(name, frozenset()), self._across.get(name, Nothing()))

    def _below(self, name: str, seen: frozenset[str]) -> Expr:
        if self.stays(name):
            return Everything()
        passed = seen | {name}
        parts = [
            related((self._graph.down(child, link),), self._below(child.name, passed))
            for child, link in self._graph.children[name]
            if child.name not in passed and not child.undescribed
        ]
        return any_of(*parts)

    def stays(self, name: str) -> bool:
        """Whether rows of a collection stay for uses that are not in question."""
        uses = self._graph.purposes_of(name)
        return name not in self._rows or (self._purposes is not None and bool(uses - self._purposes))


def across(
    session: Session, anchors: Anchors, purposes: Collection[str], collections: Collection[str]
) -> dict[str, dict[str, tuple[Key, ...]]]:  # fmt: skip
    """Of an erasure of these purposes, or collections, only (none: of everything, which keeps nothing of the kind), the
    person's rows without which others of theirs would not be found any more, by store and collection: a row
    without an e-mail address is found through one that has an identifier in common with it. Only rows under which
    something stays for other uses are worth that."""
    if not (purposes or collections):
        return {}
    rows = _identified(session, anchors)
    through = _through(rows)
    found: dict[str, dict[str, tuple[Key, ...]]] = {}
    asked = frozenset(purposes) if purposes else None
    for place in [one for one in through if _stays(session.stores[one[0]], one, asked, collections)]:
        at = place
        while at in through:
            store, name, key = at = through[at]
            have = found.setdefault(store, {}).get(name, ())
            found[store][name] = tuple(dict.fromkeys((*have, key)))
    return found


def _identified(session: Session, anchors: Anchors) -> _Rows:
    """Each anchor row with the verified identifiers that it holds; nothing where there is one row only."""
    found: _Rows = {}
    if sum(len(keys) for by in anchors.values() for keys in by.values()) < 2:
        return found
    for store, name, keys in ((s, c, k) for s, by in anchors.items() for c, k in by.items()):
        opened = session.stores.get(store)
        key = opened.graph.key_of(name) if opened is not None else ()
        if opened is None or not key or not keys:
            continue
        verified = [one for one in opened.graph.store.collections[name].identifiers if one.verified]
        columns = list(dict.fromkeys((*key, *(one.column for one in verified))))
        for row in opened.connector.read(name, KeyIn(key, keys), columns):
            known = {(one.kind, str(row[one.column])) for one in verified if row[one.column] not in (None, "")}
            at: Key = tuple(row[column] for column in key)  # type: ignore[misc]
            found[store, name, at] = frozenset(known)
    return found


def _through(rows: _Rows) -> dict[_Place, _Place]:
    """For each row that holds no e-mail address, the row through which it is found from one that does."""
    reached = [place for place, known in rows.items() if any(kind == COMING for kind, _ in known)]
    left = [place for place in rows if place not in set(reached)]
    through: dict[_Place, _Place] = {}
    for place in reached:  # grows while it is walked
        for other in [one for one in left if rows[one] & rows[place]]:
            through[other] = place
            left.remove(other)
            reached.append(other)
    return through


def _stays(opened: Opened, place: _Place, purposes: frozenset[str] | None, collections: Collection[str]) -> bool:
    store, name, key = place
    graph = opened.graph
    rows = [c for c in graph.facts.tables if not collections or f"{store}.{c}" in collections]
    lead = Leading(graph, rows, purposes, {})
    here = {name: (key,)}
    wants = [
        Want(one, where)
        for one in graph.facts.tables
        if lead.stays(one) and not isinstance(where := all_of(graph.rows_of(one, here)), Nothing)
    ]
    return any(count.rows for count in opened.connector.count(wants)) if wants else False
