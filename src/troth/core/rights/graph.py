"""How the collections of one store hang together around the person.

Paths go *up* along ``belongs_to`` to the anchors (collections with a ``subject:``) and *down* the same links.
A path never visits a collection twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

from troth.core.errors import PlanRefused
from troth.core.policy.model import Collection, Identifier, Link, Store
from troth.core.ports import StoreFacts
from troth.core.query import Expr, Hop, KeyIn, any_of, related

Path = tuple[Hop, ...]

_MAX_DEPTH = 8
"""Longer chains of ``belongs_to`` are not known from real software and would make plans unreadable."""


@dataclass(frozen=True)
class StoreGraph:
    """The links of one store, with keys taken from the policy or, failing that, from the database."""

    store: Store
    facts: StoreFacts

    def key_of(self, collection: str) -> tuple[str, ...]:
        """The key columns of a collection; empty when it has none."""
        declared = self.store.collections[collection].key
        table = self.facts.tables.get(collection)
        return declared or (table.key if table else ())

    def up(self, child: Collection, link: Link) -> Hop:
        """The step from a row of ``child`` to the row it belongs to."""
        return Hop(
            source=child.name,
            target=link.parent,
            columns=self._pairs(link),
            source_where=link.where,
            template=link.template,
            template_side="source",
        )

    def down(self, child: Collection, link: Link) -> Hop:
        """The step from a parent's row to the rows of ``child`` that belong to it."""
        pairs = self._pairs(link)
        return Hop(
            source=link.parent,
            target=child.name,
            columns=tuple((theirs, ours) for ours, theirs in pairs),
            where=link.where,
            template=link.template,
            template_side="target",
            to_children=tuple(theirs for _, theirs in pairs) == self.key_of(link.parent),
        )

    def _pairs(self, link: Link) -> tuple[tuple[str, str], ...]:
        if all(theirs for _, theirs in link.columns):
            return link.columns
        key = self.key_of(link.parent)
        if len(key) != len(link.columns):
            raise PlanRefused(
                f"{self.store.name}.{link.parent}: its key has {len(key)} columns, a link to it names "
                f"{len(link.columns)}",
                remedy="name the parent's columns in belongs_to, as {our_column: their_column}",
            )
        return tuple((ours, theirs or key[i]) for i, (ours, theirs) in enumerate(link.columns))

    @cached_property
    def children(self) -> Mapping[str, tuple[tuple[Collection, Link], ...]]:
        """For each collection, the collections that belong to it, with the link."""
        found: dict[str, list[tuple[Collection, Link]]] = {name: [] for name in self.store.collections}
        for child in self.store.collections.values():
            for link in child.links:
                found[link.parent].append((child, link))
        return {name: tuple(pairs) for name, pairs in found.items()}

    def purposes_of(self, collection: str, _seen: frozenset[str] = frozenset()) -> frozenset[str]:
        """Every purpose of the rows or of one of their fields; rows without any follow those they belong to."""
        here = self.store.collections[collection]
        own = here.purposes.union(*(f.purposes for f in here.fields))
        if own or here.undescribed or collection in _seen:
            return own
        return frozenset().union(*(self.purposes_of(link.parent, _seen | {collection}) for link in here.links))

    @cached_property
    def memo(self) -> dict[Hashable, object]:
        """What was worked out once about this store, by what it is about; see ``template``."""
        return {}

    @cached_property
    def _paths(self) -> dict[tuple[str, str], tuple[Path, ...]]:
        return {}

    def paths_up(self, start: str, target: str) -> list[Path]:
        """All simple paths from ``start`` up to ``target``; the empty path when they are the same."""
        if start == target:
            return [()]
        known = self._paths.get((start, target))
        if known is None:
            found: list[Path] = []
            self._climb(start, target, (), {start}, found)
            known = self._paths[start, target] = tuple(found)
        return list(known)

    def _climb(self, at: str, target: str, path: Path, seen: set[str], found: list[Path]) -> None:
        if len(path) >= _MAX_DEPTH:
            return
        child = self.store.collections[at]
        for link in child.links:
            if link.parent in seen:
                continue
            longer = (*path, self.up(child, link))
            if link.parent == target:
                found.append(longer)
            else:
                self._climb(link.parent, target, longer, seen | {link.parent}, found)

    def paths_down(self, start: str, target: str) -> list[Path]:
        """All simple paths from ``start`` down to ``target``; the empty path when they are the same."""
        return [tuple(reversed([self._turned(hop) for hop in path])) for path in self.paths_up(target, start)]

    @cached_property
    def anchors(self) -> tuple[str, ...]:
        """The collections in which a person can be found by an identifier."""
        return tuple(name for name, c in self.store.collections.items() if c.identifiers)

    @cached_property
    def top_anchors(self) -> tuple[str, ...]:
        """Anchors that do not themselves belong to another anchor: the persons of this store."""
        return tuple(a for a in self.anchors if not any(b != a and self.paths_up(a, b) for b in self.anchors if b != a))

    def persons_above(self, collection: str) -> tuple[str, ...]:
        """The top anchors a collection's rows belong to (itself, if it is one)."""
        return tuple(a for a in self.top_anchors if self.paths_up(collection, a))

    def rows_of(self, collection: str, anchors: Mapping[str, tuple[tuple[object, ...], ...]]) -> Expr:
        """The rows of a collection that belong to the given anchor rows (keys by anchor collection)."""
        parts: list[Expr] = []
        for anchor, keys in anchors.items():
            if not keys:
                continue
            at = KeyIn(self.key_of(anchor), keys)  # type: ignore[arg-type]
            parts.extend(related(path, at) for path in self.paths_up(collection, anchor))
        return any_of(*parts)

    def identity_hops(self, source: str, target: str) -> list[Hop]:
        """Steps between two anchors that hold the same kind of verified identifier."""
        theirs = {i.kind: i for i in self._verified(target)}
        return [
            Hop(source=source, target=target, columns=((ours.column, theirs[ours.kind].column),))
            for ours in self._verified(source)
            if ours.kind in theirs
        ]

    def _verified(self, collection: str) -> list[Identifier]:
        return [i for i in self.store.collections[collection].identifiers if i.verified]

    def from_person(self, anchor: str, target: str) -> list[Path]:
        """All ways from a person's row to rows of ``target``: down the links, or by a shared identifier to
        another anchor and down from there."""
        paths = self.paths_down(anchor, target)
        for other in self.anchors:
            if other == anchor or self.paths_down(anchor, other):
                continue
            for hop in self.identity_hops(anchor, other):
                paths.extend((hop, *rest) for rest in self.paths_down(other, target))
        return paths

    def _turned(self, hop: Hop) -> Hop:
        """The same step in the other direction."""
        return Hop(
            source=hop.target,
            target=hop.source,
            columns=tuple((b, a) for a, b in hop.columns),
            where=hop.source_where,
            source_where=hop.where,
            template=hop.template,
            template_side="target" if hop.template_side == "source" else "source",
            to_children=tuple(b for _, b in hop.columns) == self.key_of(hop.target),
        )
