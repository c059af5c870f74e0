from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.evidence.canonical import NotCanonical, canonical, parse

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_value_survives_its_canonical_form(value):
    assert parse(canonical(value)) == value


@given(values)
def test_any_other_spelling_is_refused(value):
    loose = json.dumps(value, indent=1).encode()
    if loose != canonical(value):
        with pytest.raises(NotCanonical):
            parse(loose)


@given(values, st.data())
def test_a_flipped_bit_changes_the_value_or_is_refused(value, data):
    raw = bytearray(canonical(value))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        changed = parse(bytes(raw))
    except NotCanonical:
        return
    assert canonical(changed) != canonical(value)


def test_it_writes_keys_in_order_without_spaces_or_escapes():
    assert canonical({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


@pytest.mark.parametrize("value", [1.0, {"a": [2.5]}, 2**53, -(2**53), "\ud800", {1: 2}, {"a": b"x"}, (1,)], ids=repr)
def test_what_has_many_spellings_or_none_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[1.0]",
        b"[1e3]",
        b"[01]",
        b"[-0]",
        b"NaN",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'"\\u0041"',
        b"[1] ",
        b'"\\/"',
        b"\xef\xbb\xbf[]",
        b"[" * 100_000,
        b"[" * 80 + b"]" * 80,
    ],
    ids=range(15),
)
def test_bytes_that_are_not_canonical_are_refused(data):
    with pytest.raises(NotCanonical):
        parse(data)
