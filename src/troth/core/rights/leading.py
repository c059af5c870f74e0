"""What leads to a person while some of their uses go and others stay.

An erasure of some uses only leaves the rows of the others. Who comes back for those is found by an identifier in one
row and by the links from there: as long as such rows stay, so do the row that they hang on and the columns by which it
is found. It goes with the last of them. An erasure of everything keeps no such thing: what the law keeps of it is
found again by the keys that the records keep. What stays after an erasure of some kinds of data, ``kinds`` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from troth.core.policy.model import Collection as Described
from troth.core.policy.model import Field
from troth.core.ports import Want
from troth.core.query import Everything, Expr, Key, KeyIn, Nothing, all_of, any_of, related
from troth.core.records import Anchors, Known
from troth.core.rights.graph import StoreGraph
from troth.core.rights.kinds import COMING, Kinds, KindsLeading
from troth.core.rights.session import Opened, Session

_Place = tuple[str, str, Key]


class _Signs(NamedTuple):
    """What a row is known by: the identifiers that were verified, and all of them; then those that stay anyway."""

    sure: frozenset[Known]
    every: frozenset[Known]
    safe: frozenset[Known]
    safe_every: frozenset[Known]


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
    session: Session, anchors: Anchors, purposes: Collection[str], collections: Collection[str],
    categories: Collection[str] = (),
) -> dict[str, dict[str, tuple[Key, ...]]]:  # fmt: skip
    """Of an erasure of these purposes, collections or categories only (none: of everything, which keeps nothing of the
    kind), the person's rows without which others of theirs would not be found any more, by store and collection: a row
    without an e-mail address is found through one that has an identifier in common with it, and stays so with its own.
    Only rows under which something stays for other uses are worth that."""
    if not (purposes or collections or categories):
        return {}
    kinds = Kinds(frozenset(categories)) if categories else None
    through = _through(_identified(session, anchors, kinds))
    found: dict[str, dict[str, tuple[Key, ...]]] = {}
    asked = frozenset(purposes) if purposes else None
    for place in through:
        opened = session.stores[place[0]]
        if kinds is not None and hangs(opened, place, anchors):
            continue
        if not _stays(opened, place, asked, collections, kinds):
            continue
        at: _Place | None = place
        while at is not None:
            store, name, key = at
            have = found.setdefault(store, {}).get(name, ())
            found[store][name] = tuple(dict.fromkeys((*have, key)))
            at = through.get(at)
    return found


def _identified(session: Session, anchors: Anchors, kinds: Kinds | None) -> dict[_Place, _Signs]:
    """Each anchor row with what it is known by; nothing where there is one row only, unless some kinds of data go: then
    the way to it may be one of them."""
    found: dict[_Place, _Signs] = {}
    if kinds is None and sum(len(keys) for by in anchors.values() for keys in by.values()) < 2:
        return found
    for store, name, keys in ((s, c, k) for s, by in anchors.items() for c, k in by.items()):
        opened = session.stores.get(store)
        key = opened.graph.key_of(name) if opened is not None else ()
        if opened is None or not key or not keys:
            continue
        described = opened.graph.store.collections[name]
        columns = tuple(dict.fromkeys((*key, *(one.column for one in described.identifiers))))
        for row in opened.connector.read(name, KeyIn(key, keys), columns):
            at: Key = tuple(row[column] for column in key)  # type: ignore[misc]
            found[store, name, at] = _signs(described, row, kinds)
    return found


def _signs(described: Described, row: Mapping[str, object], kinds: Kinds | None) -> _Signs:
    asked = {one.column for one in described.fields if kinds is not None and kinds.has(described, one)}
    filled = [
        (one, (one.kind, str(row[one.column]))) for one in described.identifiers if row[one.column] not in (None, "")
    ]
    safe = [pair for pair in filled if kinds is not None and pair[0].column not in asked]
    return _Signs(
        frozenset(known for one, known in filled if one.verified), frozenset(known for _, known in filled),
        frozenset(known for one, known in safe if one.verified), frozenset(known for _, known in safe),
    )  # fmt: skip


def _through(rows: Mapping[_Place, _Signs]) -> dict[_Place, _Place | None]:
    """The rows that are found by something that is in question: each with the row through which it is found from one
    that holds an e-mail address, or None where its own address does so, which nobody verified."""
    reached = [place for place, one in rows.items() if _comes(one.sure)]
    reached += _spread(reached, rows, lambda one: (one.safe, one.safe))
    through: dict[_Place, _Place | None] = {}
    through.update(_spread(reached, rows, lambda one: (one.sure, one.sure)))
    reached += through
    # What nobody verified leads to a row that a human opens; from there nobody is followed.
    weak = {place: one for place, one in rows.items() if place not in set(reached) and not _comes(one.safe_every)}
    free = _spread(reached, rows, lambda one: (one.safe, one.safe_every), among=weak)
    by_others = _spread(reached, rows, lambda one: (one.sure, one.every), among=weak)
    for place in [one for one in weak if one not in free]:
        if _comes(rows[place].every):
            through[place] = None
        elif place in by_others:
            through[place] = by_others[place]
    return through


def _comes(known: Iterable[Known]) -> bool:
    return any(kind == COMING for kind, _ in known)


def _spread(
    reached: Sequence[_Place], rows: Mapping[_Place, _Signs],
    signs: Callable[[_Signs], tuple[frozenset[Known], frozenset[Known]]], among: Collection[_Place] | None = None,
) -> dict[_Place, _Place]:  # fmt: skip
    """The rows that are found from those reached, each with the one through which it is. ``signs``: by what a row leads
    to others, and by what it is found; ``among``: only these are looked for, and none of them leads on."""
    waiting: dict[Known, list[_Place]] = {}
    for place in [one for one in rows if one not in set(reached)] if among is None else among:
        for known in signs(rows[place])[1]:
            waiting.setdefault(known, []).append(place)
    found: dict[_Place, _Place] = {}
    places = list(reached)
    for place in places:  # grows while it is walked
        for known in sorted(signs(rows[place])[0]):
            for other in waiting.pop(known, ()):
                if other not in found:
                    found[other] = place
                    places += [other] if among is None else []
    return found


def hangs(opened: Opened, place: _Place, anchors: Anchors) -> bool:
    """Whether a row is found through one that it belongs to, whatever it holds itself."""
    store, name, key = place
    graph, described = opened.graph, opened.graph.store.collections[place[1]]
    others = {one: keys for one, keys in anchors.get(store, {}).items() if one != name}
    ways = [related((graph.up(described, link),), graph.rows_of(link.parent, others)) for link in described.links]
    above = all_of(KeyIn(graph.key_of(name), (key,)), any_of(*ways))
    return not isinstance(above, Nothing) and bool(opened.connector.count([Want(name, above)])[0].rows)


def _stays(
    opened: Opened, place: _Place, purposes: frozenset[str] | None, collections: Collection[str], kinds: Kinds | None
) -> bool:  # fmt: skip
    store, name, key = place
    graph = opened.graph
    rows = [c for c in graph.facts.tables if not collections or f"{store}.{c}" in collections]
    lead = Leading(graph, rows, purposes, {}) if kinds is None else KindsLeading(graph, kinds, rows, purposes, {})
    here = {name: (key,)}
    wants = [
        Want(one, where)
        for one in graph.facts.tables
        if lead.stays(one) and not isinstance(where := all_of(graph.rows_of(one, here)), Nothing)
    ]
    return any(count.rows for count in opened.connector.count(wants)) if wants else False
