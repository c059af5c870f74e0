"""A draft that was kept and filled with somebody's keys is the draft that is made for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from troth.core.ports import Want
from troth.core.query import And, Everything, Expr, Hop, KeyIn, Not, NotClear, Or, Related
from troth.core.rights.plan import Draft
from troth.core.rights.template import filled, filled_draft, nobody

UP = Hop("order", "customer", (("customer_id", "id"),))
LEAVES = st.sampled_from(["customer", "subscriber", "", "fixed"])


def leaf(anchor: str, keys: dict[str, tuple[tuple[int, ...], ...]]) -> Expr:
    if not anchor:
        return NotClear(("name",))
    return KeyIn(("id",), keys.get(anchor, ((7,), (8,))))


def grown(keys: dict[str, tuple[tuple[int, ...], ...]], shape: object) -> Expr:
    if isinstance(shape, str):
        return leaf(shape, keys)
    assert isinstance(shape, tuple)
    word, parts = shape
    inner = tuple(grown(keys, part) for part in parts)
    return {"and": And(inner), "or": Or(inner), "not": Not(inner[0]), "up": Related((UP,), inner[0])}[word]


SHAPES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from(["and", "or", "not", "up"]), st.lists(inner, min_size=1, max_size=3)),
)
KEYS = st.fixed_dictionaries(
    {
        name: st.lists(st.tuples(st.integers(0, 9)), min_size=1, max_size=3).map(tuple)
        for name in ("customer", "subscriber")
    }
)


@given(SHAPES, KEYS)
def test_filling_in_the_keys_gives_what_would_have_been_made_with_them(
    shape: object, keys: dict[str, tuple[tuple[int, ...], ...]]
) -> None:
    assert filled(grown(nobody(keys), shape), keys) == grown(keys, shape)  # type: ignore[arg-type]


@given(SHAPES, KEYS)
def test_a_draft_is_filled_in_all_its_places(shape: object, keys: dict[str, tuple[tuple[int, ...], ...]]) -> None:
    def draft(where: Expr) -> Draft:
        return Draft("keep", "order", (), where, undated=Want("order", where))

    unknown, known = grown(nobody(keys), shape), grown(keys, shape)  # type: ignore[arg-type]
    assert filled_draft(draft(unknown), keys) == draft(known)


def test_anchors_without_a_row_are_left_out() -> None:
    assert nobody({"customer": ()}) == {}
    assert filled(Everything(), {}) == Everything()
