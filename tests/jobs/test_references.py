"""What the journal takes in, and what it keeps out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.jobs.errors import NotAReference
from troth.jobs.references import MOST_BYTES, reference, references

PERSONAL = [
    "ana@example.org", "Ana Lopez", "Élodie", "06 12 34 56 78", "0612345678", "+33612345678", "+33-6-12-34-56-78",
    "tel:0612345678", "06.12.34.56.78", "192.0.2.17", "2001:db8::7", "12 quai des Relieurs", "a,b", "x" * 201, "名前",
]  # fmt: skip
FINE = [
    "job-718d6825de8f", "2026-11-22", "2026-11-22T09:30:00Z", "shop.customer", "R-2026-000123", "1:20", "12345:12370",
    "a/b/c", "", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "1.5", "policy.notify-1",
]  # fmt: skip


@pytest.mark.parametrize("text", PERSONAL)
def test_what_looks_personal_is_refused_wherever_it_stands_and_never_repeated(text: str) -> None:
    for value in (text, {"a": text}, {"a": [1, {"b": text}]}, {text: 1}):
        with pytest.raises(NotAReference) as caught:
            references(value)
        assert text not in str(caught.value)


@pytest.mark.parametrize("text", FINE)
def test_keys_dates_digests_and_names_are_taken(text: str) -> None:
    assert reference(text) == text
    assert references({"a": [text, 1, None, True]}) == {"a": [text, 1, None, True]}


@pytest.mark.parametrize("value", [object(), {"a": b"x"}, {1: "a"}, float("nan"), {"a": {1, 2}}])
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(NotAReference):
        references(value)


def test_what_is_too_large_or_too_deep_is_refused() -> None:
    with pytest.raises(NotAReference, match="larger"):
        references({"a": list(range(MOST_BYTES))})
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    with pytest.raises(NotAReference, match="deeply"):
        references(deep)


@given(
    st.recursive(
        st.text() | st.integers() | st.none() | st.floats(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_whatever_is_taken_is_json_without_spaces_or_signs(value: Any) -> None:
    try:
        taken = references(value)
    except NotAReference:
        return
    text = json.dumps(taken, allow_nan=False)
    assert json.loads(text) == json.loads(json.dumps(value))
    assert "@" not in text
    assert text.isascii()
