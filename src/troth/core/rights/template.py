"""What does not depend on whose rows they are is worked out once for all persons.

The drafts of two persons differ in nothing but the keys of their anchor rows. So a draft is made for somebody
whose keys are not known yet, and kept; each request puts its own keys in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from troth.core.ports import Want
from troth.core.query import And, Expr, Key, KeyIn, Not, Or, Related
from troth.core.rights.graph import StoreGraph
from troth.core.rights.plan import Draft

T = TypeVar("T")
Keys = Mapping[str, tuple[Key, ...]]
"""Keys by anchor collection."""

_MOST = 200
"""Kept for each store; another day, or another wish, makes another."""


_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Whose:
    """Stands for all keys of a person in one anchor collection."""

    anchor: str


def nobody(anchors: Keys) -> dict[str, tuple[Key, ...]]:
    """The same anchors, of somebody whose keys are not known yet."""
    return {name: cast(tuple[Key, ...], ((Whose(name),),)) for name, keys in anchors.items() if keys}


def once(graph: StoreGraph, what: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` returned the first time. ``what`` names everything that it depends on besides the store."""
    known = graph.memo.get(what, _UNKNOWN)
    if known is _UNKNOWN:
        if len(graph.memo) >= _MOST:
            graph.memo.clear()
        known = graph.memo[what] = make()
    return cast(T, known)


def filled(expr: Expr, anchors: Keys) -> Expr:
    """The condition about this person."""
    match expr:
        case KeyIn(columns, keys):
            whose: object = keys[0][0] if keys else None
            return KeyIn(columns, anchors[whose.anchor]) if isinstance(whose, Whose) else expr
        case Related(hops, inner):
            return Related(hops, filled(inner, anchors))
        case And(parts):
            return And(tuple([filled(part, anchors) for part in parts]))
        case Or(parts):
            return Or(tuple([filled(part, anchors) for part in parts]))
        case Not(part):
            return Not(filled(part, anchors))
        case _:
            return expr


def filled_draft(draft: Draft, anchors: Keys) -> Draft:
    """The draft about this person."""
    where = filled(draft.where, anchors)
    return replace(
        draft,
        where=where,
        change=replace(draft.change, where=where) if draft.change is not None else None,
        until=tuple(replace(source, want=_want(source.want, anchors)) for source in draft.until),
        undated=_want(draft.undated, anchors) if draft.undated is not None else None,
    )


def _want(want: Want, anchors: Keys) -> Want:
    return replace(want, where=filled(want.where, anchors))
