"""Whose rows they are: which of a store lead to a person, and which of those are somebody else's all the same."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.policy.model import Collection
from troth.core.query import Expr, Key, KeyIn, Nothing, all_of, any_of, none_of, related
from troth.core.records import Anchors, Records
from troth.core.rights.graph import StoreGraph
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.keepers import shared_rows
from troth.core.rights.session import Opened, Session
from troth.core.rights.template import filled, nobody, once

Keys = Mapping[str, tuple[Key, ...]]
"""By collection."""


def rows_apart(graph: StoreGraph, mine: Mapping[str, Expr], anchors: Keys, apart: Keys) -> dict[str, Expr]:
    """For each collection, those of the rows in ``mine`` that stay untouched: the ones with a key in ``apart``, and
    what hangs from nothing but such rows. What belongs to a row of the person as well is theirs."""
    if not any(apart.values()):
        return {}
    search = _Apart(graph, mine, anchors, apart)
    found = {name: search.of(name) for name in mine}
    return {name: where for name, where in found.items() if not isinstance(where, Nothing)}


def person_rows(opened: Opened, anchors: Mapping[str, tuple[Key, ...]]) -> dict[str, Expr]:
    """For each collection that has rows of the person, the condition that finds them."""
    graph, unknown = opened.graph, nobody(anchors)
    rows = once(graph, ("rows", *sorted(unknown)), lambda: {n: graph.rows_of(n, unknown) for n in graph.facts.tables})
    return {name: filled(where, anchors) for name, where in rows.items() if not isinstance(where, Nothing)}


def shared_of(opened: Opened, mine: dict[str, Expr]) -> dict[str, Expr]:
    """For each collection, the condition under which a row belongs to somebody else too."""
    found = {name: shared_rows(opened.graph, opened.graph.store.collections[name], mine) for name in mine}
    return {name: where for name, where in found.items() if not isinstance(where, Nothing)}


def not_theirs(
    opened: Opened, mine: dict[str, Expr], anchors: Mapping[str, tuple[Key, ...]],
    apart: Mapping[str, tuple[Key, ...]], decisions: Decisions,
) -> dict[str, Expr]:  # fmt: skip
    """For each collection, the rows that lead to the person and are not opened: those that were said to be somebody
    else's, and, before a human has looked at them, all that belong to somebody else too."""
    parted = rows_apart(opened.graph, mine, anchors, apart)
    shared = {} if decisions.shared else shared_of(opened, mine)
    return {n: any_of(shared.get(n, Nothing()), parted.get(n, Nothing())) for n in mine if n in shared or n in parted}


def keep_apart(records: Records, identity: Identity, decisions: Decisions) -> None:
    """What a human has decided about rows in doubt holds beyond this request: those that were set apart are in doubt
    for every later one, and those that were opened no more. To be said before anything is done."""
    if decisions.apart or identity.reopened:
        again = [(known, row) for known, row in identity.reopened if row not in decisions.apart]
        records.set_apart(identity.known, decisions.apart, again)


def set_apart(session: Session, anchors: Anchors, decisions: Decisions, records: Records) -> Anchors:
    """Of the rows that these lead to, those that a human has said to be somebody else's."""
    found: dict[str, dict[str, tuple[Key, ...]]] = {}
    for name, opened in session.stores.items() if decisions.apart else ():
        for collection, where in person_rows(opened, anchors.get(name, {})).items():
            keys = opened.connector.keys(collection, where) if opened.graph.key_of(collection) else ()
            apart = tuple(key for key in keys if records.tag(name, collection, key) in decisions.apart)
            if apart:
                found.setdefault(name, {})[collection] = apart
    return found


class _Apart:
    """Looks from each collection up to those that its rows belong to."""

    def __init__(self, graph: StoreGraph, mine: Mapping[str, Expr], anchors: Keys, apart: Keys) -> None:
        self._graph, self._mine, self._anchors, self._apart = graph, mine, anchors, apart
        self._found: dict[str, Expr] = {}
        self._open: set[str] = set()

    def of(self, name: str) -> Expr:
        if name not in self._found and name not in self._open:
            self._open.add(name)
            self._found[name] = any_of(self._keyed(name, self._apart), self._hanging(name))
            self._open.discard(name)
        return self._found.get(name, Nothing())

    def _keyed(self, name: str, keys: Keys) -> Expr:
        found = keys.get(name, ())
        return KeyIn(self._graph.key_of(name), found) if found else Nothing()

    def _hanging(self, name: str) -> Expr:
        collection = self._graph.store.collections[name]
        under = self._above(collection, {parent: self.of(parent) for parent in _parents(collection)})
        if isinstance(under, Nothing):
            return under
        own = {
            parent: all_of(self._mine.get(parent, Nothing()), none_of(self.of(parent)))
            for parent in _parents(collection)
        }
        return all_of(under, none_of(any_of(self._above(collection, own), self._keyed(name, self._anchors))))

    def _above(self, collection: Collection, rows: Mapping[str, Expr]) -> Expr:
        """The rows that belong to one of these."""
        links = [link for link in collection.links if link.parent in rows]
        return any_of(*(related((self._graph.up(collection, link),), rows[link.parent]) for link in links))


def _parents(collection: Collection) -> list[str]:
    return list(dict.fromkeys(link.parent for link in collection.links if link.parent != collection.name))
