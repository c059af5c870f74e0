"""What an erasure is about: everything, some uses, some collections, some kinds of data; and what a human has decided
about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from troth.core.errors import UsageError
from troth.core.records import Pending
from troth.core.rights.graph import StoreGraph
from troth.core.rights.identity import Decisions
from troth.core.rights.kinds import Kinds, check_categories
from troth.core.rights.session import Session


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be erased: everything, or only some purposes, some collections (``store.collection``) or the fields of
    some categories (the policy's own names, such as ``TelephoneNumber``). Together they narrow each other: the fields
    of these categories, in these collections, as far as they serve none but these purposes."""

    purposes: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    decisions: Decisions = field(default_factory=Decisions)
    categories: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether it is about a part of what is held only."""
        return bool(self.purposes or self.collections or self.categories)

    @property
    def kinds(self) -> Kinds | None:
        """The fields that it is about, where it is about some only."""
        return Kinds(frozenset(self.categories)) if self.categories else None

    def concerns(self, graph: StoreGraph, collection: str) -> bool:
        """Whether rows of a collection serve what is in question: nobody has to decide about the others."""
        if self.collections and f"{graph.store.name}.{collection}" not in self.collections:
            return False
        if self.kinds is not None and not self.kinds.of(graph.store.collections[collection]):
            return False
        return not self.purposes or not graph.purposes_of(collection).isdisjoint(self.purposes)

    @property
    def scope(self) -> dict[str, tuple[str, ...]]:
        """As it is recorded."""
        decisions = [n for n in ("shared", "unverified") if getattr(self.decisions, n)]
        apart = {"apart": tuple(sorted(self.decisions.apart))} if self.decisions.apart else {}
        kinds = {"categories": self.categories} if self.categories else {}
        return {
            "purposes": self.purposes, "collections": self.collections, "decisions": tuple(decisions), **kinds, **apart,
        }  # fmt: skip


def check_wish(session: Session, wish: Wish) -> None:
    """Raise UsageError for a purpose, collection or category that the policy does not know."""
    for purpose in wish.purposes:
        if purpose not in session.policy.purposes:
            raise UsageError(
                f"there is no purpose {purpose!r}",
                remedy=f"the policy's purposes are: {', '.join(session.policy.purposes)}",
            )
    known = {f"{c.store}.{c.name}" for c in session.policy.collections()}
    for collection in wish.collections:
        if collection not in known:
            raise UsageError(
                f"there is no collection {collection!r}", remedy=f"name one of: {', '.join(sorted(known))}"
            )
    check_categories(session.policy, wish.categories)


def covers(wish: Wish, other: Wish) -> bool:
    """Whether carrying out the one leaves nothing of the other to do."""
    decided = (wish.decisions.shared, wish.decisions.unverified)
    wanted = (other.decisions.shared, other.decisions.unverified)
    if not wish.decisions.apart <= other.decisions.apart:
        return False
    return all(a or not b for a, b in zip(decided, wanted, strict=True)) and all(
        not ours or (bool(theirs) and set(theirs) <= set(ours))
        for ours, theirs in (
            (wish.purposes, other.purposes),
            (wish.collections, other.collections),
            (wish.categories, other.categories),
        )
    )


def wish_of(pending: Pending) -> Wish:
    """What the original request was about."""
    return wish_from(pending.scope)


def wish_from(scope: Mapping[str, Sequence[str]]) -> Wish:
    """A recorded scope as a wish again, with what a human had decided then."""
    decided = scope.get("decisions", ())
    decisions = Decisions("shared" in decided, "unverified" in decided, frozenset(scope.get("apart", ())))
    purposes, collections, categories = (tuple(scope.get(n, ())) for n in ("purposes", "collections", "categories"))
    return Wish(purposes, collections, decisions, categories)
