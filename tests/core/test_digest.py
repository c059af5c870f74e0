from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from troth.core.digest import digest_of

KEYS = st.lists(st.tuples(st.integers() | st.text(max_size=5), st.text(max_size=5)), max_size=8)


@given(KEYS, st.randoms())
def test_the_order_of_the_keys_does_not_matter(keys: list[tuple[object, object]], chance: object) -> None:
    shuffled = list(keys)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert digest_of(keys) == digest_of(shuffled)


@given(KEYS, st.tuples(st.integers(), st.text(max_size=5)))
def test_one_more_key_or_one_twice_is_another_digest(keys: list[tuple[object, object]], more: tuple[int, str]) -> None:
    assert digest_of([*keys, more]) != digest_of(keys)


def test_parts_do_not_run_into_each_other() -> None:
    assert digest_of([("ab", "c")]) != digest_of([("a", "bc")])
    assert digest_of([("a",), ("b",)]) != digest_of([("a", "b")])
    assert digest_of([]) != digest_of([()])
