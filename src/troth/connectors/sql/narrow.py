"""A condition about few rows must not make the engine look at all rows elsewhere.

"This customer, unless an order of theirs is held" would list the customers of *all* held orders, since
engines compute such a list once, for the whole table. Whatever bounds our own rows (keys, a span of the key,
a way that ends in keys) therefore bounds the far rows too: only those that lead back to ours can matter. For
the rows in question the condition means the same as before.
"""

from __future__ import annotations

from collections.abc import Sequence

from troth.connectors.sql.tables import Place, Places
from troth.core.query import And, Expr, Hop, KeyIn, KeySpan, Not, Or, Related, all_of


def narrowed(places: Places, place: Place, expr: Expr, bounds: tuple[Expr, ...] = ()) -> Expr:
    """The same condition, each step in it bounded by ``bounds`` (what is known of our own rows already) and
    by the other parts of the condition."""
    match expr:
        case And(parts):
            bounds = (*bounds, *(p for p in parts if is_bound(p)))
            return all_of(*(narrowed(places, place, p, _without(bounds, p)) for p in parts))
        case Or(parts):
            return Or(tuple(narrowed(places, place, p, bounds) for p in parts))
        case Not(part):
            return Not(narrowed(places, place, part, bounds))
        case Related(hops, inner):
            return _link(places, place, hops, inner, () if is_bound(expr) else bounds)
        case _:
            return expr


def is_bound(expr: Expr) -> bool:
    """Whether the condition starts from keys, so that few rows meet it and an index finds them."""
    match expr:
        case KeyIn():
            return True
        case KeySpan(_, low, high):
            return low is not None or high is not None
        case And(parts):
            return any(is_bound(p) for p in parts)
        case Or(parts):
            return all(is_bound(p) for p in parts)
        case Related(_, inner):
            return is_bound(inner)
        case _:
            return False


def _without(bounds: tuple[Expr, ...], part: Expr) -> tuple[Expr, ...]:
    return tuple(b for b in bounds if b is not part)


def _link(places: Places, place: Place, hops: tuple[Hop, ...], inner: Expr, bounds: tuple[Expr, ...]) -> Expr:
    hop, rest = hops[0], hops[1:]
    target = places[hop.target]
    onward = Related(rest, inner) if rest else inner
    back = _back(place, target, hop, bounds) if bounds and hop.template is None else None
    if back is None:
        if not rest:
            return Related(hops, narrowed(places, target, inner))
        return Related((hop,), narrowed(places, target, onward)) if _has_choice(inner) else Related(hops, inner)
    return Related((hop,), all_of(back, narrowed(places, target, onward, (back,))))


def _has_choice(expr: Expr) -> bool:
    """Whether there is anything in the condition that could be bounded."""
    match expr:
        case And() | Or() | Not() | Related():
            return True
        case _:
            return False


def _back(place: Place, target: Place, hop: Hop, bounds: Sequence[Expr]) -> Expr:
    """What the bounds of our rows say about the rows at the far end of the step."""
    for bound in sorted(bounds, key=_cost):
        translated = _translated(place, target, hop, bound)
        if translated is not None:
            return translated
    home = Hop(hop.target, hop.source, tuple((theirs, ours) for ours, theirs in hop.columns))
    return Related((home,), min(bounds, key=_cost))


def _cost(bound: Expr) -> int:
    match bound:
        case KeyIn(_, keys):
            return len(keys)
        case KeySpan():
            return 100_000
        case _:
            return 1_000_000


def _translated(place: Place, target: Place, hop: Hop, bound: Expr) -> Expr | None:
    """The bound in terms of the far columns, where that loses nothing."""
    pairs = {place.facts_of(ours).name: theirs for ours, theirs in hop.columns}
    match bound:
        case KeyIn(columns, keys):
            names = [place.facts_of(c).name for c in columns]
            if all(n in pairs and _alike(place, n, target, pairs[n]) for n in names):
                return KeyIn(tuple(pairs[n] for n in names), keys)
        case KeySpan(column, low, high):
            name = place.facts_of(column).name
            if name in pairs and place.facts_of(name).family == "integer" and _alike(place, name, target, pairs[name]):
                return KeySpan(pairs[name], low, high)
        case Related((first, *others), inner) if first.target == hop.target and first.columns == hop.columns:
            # The same step to a row that there is only one of: what holds for it holds for it again.
            if {target.facts_of(theirs).name for _, theirs in hop.columns} == set(target.key) and not first.template:
                return Related(tuple(others), inner) if others else inner
    return None


def _alike(place: Place, ours: str, target: Place, theirs: str) -> bool:
    """Whether the same value finds the same rows on both sides. Texts may be equal under one collation only."""
    here, there = place.facts_of(ours).family, target.facts_of(theirs).family
    return here == there and here in ("integer", "uuid")
