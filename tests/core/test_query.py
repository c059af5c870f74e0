"""Conditions are folded where they say nothing, or contradict themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from troth.core.policy.model import Condition
from troth.core.query import And, Everything, Expr, Nothing, Or, Where, all_of, any_of, none_of

A, B, C = (Where(Condition(name, "not_null")) for name in "abc")
LEAVES = st.sampled_from([A, B, C, Everything(), Nothing()])
PARTS = st.lists(LEAVES | LEAVES.map(none_of), max_size=5)


def holds(expr: Expr, true: frozenset[Expr]) -> bool:
    """The condition in plain Python, for a row in which these leaves are true."""
    match expr:
        case Everything():
            return True
        case Nothing():
            return False
        case And(parts):
            return all(holds(p, true) for p in parts)
        case Or(parts):
            return any(holds(p, true) for p in parts)
        case Where():
            return expr in true
    return not holds(expr.part, true)  # type: ignore[union-attr]


def test_a_condition_and_its_opposite_together_are_never_met() -> None:
    assert all_of(A, B, none_of(A)) == Nothing()


def test_a_condition_or_its_opposite_is_always_met() -> None:
    assert any_of(none_of(B), A, B) == Everything()


def test_one_part_stands_for_itself() -> None:
    assert all_of(A, Everything(), A) == A
    assert any_of(Nothing(), B, B) == B


@given(PARTS, st.frozensets(st.sampled_from([A, B, C])))
def test_folding_changes_no_meaning(parts: list[Expr], true: frozenset[Expr]) -> None:
    assert holds(all_of(*parts), true) == all(holds(p, true) for p in parts)
    assert holds(any_of(*parts), true) == any(holds(p, true) for p in parts)
