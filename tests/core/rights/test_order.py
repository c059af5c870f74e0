"""In which order tables are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import PlanRefused
from troth.core.ports import ForeignKeyFacts, TableFacts
from troth.core.rights.order import write_order


def tables(edges: dict[str, list[str]], nullable: set[tuple[str, str]] = frozenset()) -> dict[str, TableFacts]:  # type: ignore[assignment]
    made = {}
    for name, targets in edges.items():
        keys = tuple(
            ForeignKeyFacts(f"{name}_{t}", name, ("ref",), t, ("id",), nullable=(name, t) in nullable) for t in targets
        )
        made[name] = TableFacts(name, "table", ("id",), {}, outgoing=keys)
    return made


def test_it_writes_referring_tables_first() -> None:
    order, cuts = write_order(["customer", "invoice", "line"], tables({
        "customer": [], "invoice": ["customer"], "line": ["invoice"],
    }))  # fmt: skip
    assert order == ["line", "invoice", "customer"]
    assert cuts == []


def test_it_breaks_a_circle_at_a_nullable_foreign_key() -> None:
    found = tables({"a": ["b"], "b": ["a"]}, {("b", "a")})
    order, cuts = write_order(["a", "b"], found)
    assert order == ["a", "b"]
    assert [(name, key.target) for name, key in cuts] == [("b", "a")]


def test_it_refuses_a_circle_in_which_nothing_may_be_empty() -> None:
    with pytest.raises(PlanRefused, match="circle"):
        write_order(["a", "b"], tables({"a": ["b"], "b": ["a"]}))


def test_it_empties_a_nullable_self_reference_first() -> None:
    order, cuts = write_order(["employee"], tables({"employee": ["employee"]}, {("employee", "employee")}))
    assert order == ["employee"]
    assert [name for name, _ in cuts] == ["employee"]


def test_it_leaves_a_self_reference_that_may_not_be_empty_to_one_statement() -> None:
    order, cuts = write_order(["employee"], tables({"employee": ["employee"]}))
    assert (order, cuts) == (["employee"], [])


def test_collections_of_one_table_stay_together() -> None:
    found = tables({"meta": ["user"], "user": []})
    found["meta[phone]"] = found["meta"]
    order, _ = write_order(["user", "meta", "meta[phone]"], found)
    assert order == ["meta", "meta[phone]", "user"]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_every_foreign_key_that_is_not_cut_points_forward(pairs: list[tuple[int, int]]) -> None:
    edges: dict[str, list[str]] = {str(n): [] for n in range(8)}
    for a, b in pairs:
        if str(b) not in edges[str(a)]:
            edges[str(a)].append(str(b))
    every = {(a, b) for a, targets in edges.items() for b in targets}
    order, cuts = write_order(list(edges), tables(edges, every))
    cut = {(name, key.target) for name, key in cuts}
    assert sorted(order) == sorted(edges)
    for a, b in every - cut:
        assert a == b or order.index(a) < order.index(b)
