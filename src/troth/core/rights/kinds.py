"""Erasure by kind of data: of all that is held of a person the fields of some categories, and no other field.

A row stays with all that the policy describes in it otherwise. It goes only where its fields are of these categories
and nothing but them tells whose it is. Beside uses or collections a category narrows: what goes is of this kind *and*
serves none but those uses (*and* lies there).

What stays has to be found again, by the person too, who comes back by an e-mail address. So a column of such a
category stays where rows hang on it, and an identifier where the row has no other by which it is found: the plan says
so. A telephone number beside an e-mail address goes; the last e-mail address of a row that stays does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from troth.core.errors import UsageError
from troth.core.policy.model import Collection as Described
from troth.core.policy.model import Condition, Field, Identifier, Policy
from troth.core.policy.problems import nearest
from troth.core.query import Everything, Expr, NotClear, Nothing, Where, all_of, any_of, none_of, related
from troth.core.rights.graph import StoreGraph

COMING = "email"
"""The kind of identifier with which somebody comes back to the personal space."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The fields in question. ``only``: of each collection no other fields than these, each in these rows (the rest of
    an erasure is about what was kept, not about what the person has given since)."""

    categories: frozenset[str]
    only: Mapping[str, Mapping[str, Expr]] | None = None

    def has(self, collection: Described, field: Field) -> bool:
        """Whether a field is in question."""
        named = self.only is None or field.name in self.only.get(collection.name, {})
        return field.category in self.categories and named

    def of(self, collection: Described) -> tuple[str, ...]:
        """The fields of a collection that are in question."""
        return tuple(one.name for one in collection.fields if self.has(collection, one))

    def others(self, collection: Described) -> tuple[str, ...]:
        """Its other fields."""
        return tuple(one.name for one in collection.fields if not self.has(collection, one))

    def elsewhere(self, collection: Described) -> list[tuple[tuple[str, ...], Expr]]:
        """Fields that are in question in some rows only, and the rows in which what they hold is not."""
        rows = self.only.get(collection.name, {}) if self.only is not None else {}
        return [
            ((name,), all_of(none_of(where), NotClear((name,))))
            for name, where in rows.items()
            if not isinstance(where, Everything)
        ]

    def whole(self, collection: Described) -> bool:
        """Whether the policy describes nothing else in its rows: these go, rather than stay empty."""
        columns = {one.column for one in collection.fields}
        named = all(one.column in columns for one in collection.identifiers)
        return bool(collection.fields) and not self.others(collection) and named


class KindsLeading:
    """What has to stay of these fields so that other rows are found. ``rows``: the collections in question;
    ``across``: rows that lead to others in another store (``leading.across``)."""

    def __init__(
        self, graph: StoreGraph, kinds: Kinds, rows: Collection[str], purposes: frozenset[str] | None,
        across: Mapping[str, Expr],
    ) -> None:  # fmt: skip
        self._graph, self._kinds, self._rows = graph, kinds, frozenset(rows)
        self._purposes, self._across = purposes, across

    def stays(self, name: str) -> bool:
        """Whether rows of a collection stay with something else."""
        used = self._purposes is not None and bool(self._graph.purposes_of(name) - self._purposes)
        return name not in self._rows or used or not self._kinds.whole(self._graph.store.collections[name])

    def of(self, collection: Described) -> list[tuple[tuple[str, ...], Expr]]:
        """Fields, and the rows in which they stay."""
        asked = [one for one in collection.fields if self._kinds.has(collection, one) and one.within is None]
        ways = [(one, self._where(collection, one.column)) for one in asked]
        return [((one.name,), where) for one, where in ways if not isinstance(where, Nothing)]

    def _where(self, collection: Described, column: str) -> Expr:
        linked = any(
            column == ours for link in collection.links for ours, _ in self._graph.up(collection, link).columns
        )
        parts: list[Expr] = [self._below(collection.name, frozenset())] if linked else []
        for child, link in self._graph.children[collection.name]:
            if column in {theirs for _, theirs in self._graph.up(child, link).columns} and not child.undescribed:
                parts.append(related((self._graph.down(child, link),), self._below(child.name, frozenset())))
        known = [one for one in collection.identifiers if one.column == column]
        parts.extend(self._alone(collection, one) for one in known)
        if known:
            parts.append(self._across.get(collection.name, Nothing()))
        return any_of(*parts)

    def _alone(self, collection: Described, identifier: Identifier) -> Expr:
        """The rows that stay and that nothing but this identifier leads to."""
        safe = [one for one in collection.identifiers if self._is_safe(collection, one)]
        sure = [one for one in collection.identifiers if one.verified]
        if not identifier.verified:
            # It leads to rows that a human opens; of those that were verified the last one stays.
            safe = list(dict.fromkeys((*safe, *sure)))
        else:
            safe = [one for one in safe if one.verified]
        if identifier.kind != COMING:
            # An e-mail address leads to it even where it is in question: then that is what stays.
            among = sure if identifier.verified else collection.identifiers
            safe += [one for one in among if one.kind == COMING and one not in safe]
        elif identifier.verified:
            safe = [one for one in safe if one.kind == COMING]
        found = [_filled(collection, one) for one in safe if one != identifier]
        for link in collection.links:
            if self._graph.persons_above(link.parent):
                found.append(related((self._graph.up(collection, link),), Everything()))
        return all_of(self._below(collection.name, frozenset()), none_of(any_of(*found)))

    def _is_safe(self, collection: Described, identifier: Identifier) -> bool:
        asked = {one.column for one in collection.fields if self._kinds.has(collection, one)}
        return identifier.column not in asked

    def _below(self, name: str, seen: frozenset[str]) -> Expr:
        """The rows that stay: of themselves, or since something below them does."""
        if self.stays(name):
            return Everything()
        passed = seen | {name}
        return any_of(*(
            related((self._graph.down(child, link),), self._below(child.name, passed))
            for child, link in self._graph.children[name]
            if child.name not in passed and not child.undescribed
        ))  # fmt: skip


def _filled(collection: Described, identifier: Identifier) -> Expr:
    field = next((one for one in collection.fields if one.column == identifier.column and one.within is None), None)
    return NotClear((field.name,)) if field is not None else Where(Condition(identifier.column, "not_null"))


def categories_of(policy: Policy) -> tuple[str, ...]:
    """The categories of all that the policy describes in its stores."""
    return tuple(sorted({one.category for collection in policy.collections() for one in collection.fields}))


def check_categories(policy: Policy, names: Collection[str]) -> None:
    """Raise UsageError for a category of which the policy describes nothing."""
    known = categories_of(policy)
    for name in names:
        if name not in known:
            like = nearest(name, known)
            if like:
                raise UsageError(f"no field of the policy is {name!r}", remedy=f"did you mean {like}?")
            raise UsageError(f"no field of the policy is {name!r}", remedy=f"its fields are: {', '.join(known)}")
