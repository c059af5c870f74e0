"""PHP-serialised values: taken apart and put together by their lengths, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.connectors.sql.values_json import Unreadable
from troth.connectors.sql.values_php import parse, plain, rewritten, serialise, values_at


def php(value: Any) -> bytes:
    """PHP's serialize(), for what Python has."""
    if value is None:
        return b"N;"
    if isinstance(value, bool):
        return b"b:%d;" % value
    if isinstance(value, int):
        return b"i:%d;" % value
    if isinstance(value, float):
        return f"d:{value!r};".encode()
    if isinstance(value, str):
        data = value.encode()
        return b's:%d:"%s";' % (len(data), data)
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    inner = b"".join(php(k) + php(v) for k, v in pairs)
    return b"a:%d:{%s}" % (len(value), inner)


SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text("ab é\"';{}", min_size=1), inner, min_size=1),
)


@given(TREES)
def test_what_php_wrote_is_read_and_written_back_unchanged(value: Any) -> None:
    assert serialise(parse(php(value))) == php(value)
    assert plain(parse(php(value))) == value


@given(TREES, TREES)
def test_a_member_goes_and_every_other_stays(gone: Any, kept: Any) -> None:
    whole = {"gone": gone, "kept": kept, "deep": [{"gone": gone}, {"kept": kept, "gone": 1}]}
    text = php(whole)
    assert rewritten(text, ["gone"]) == php({"kept": kept, "deep": whole["deep"]})
    assert rewritten(text, ["deep", "*", "gone"]) == php({"gone": gone, "kept": kept, "deep": [{}, {"kept": kept}]})
    assert rewritten(text, ["nowhere", "at", "all"]) == text
    assert rewritten(text, ["kept"], "é") == php(whole | {"kept": "é"})


def test_lengths_are_counted_in_bytes() -> None:
    assert rewritten('a:2:{s:5:"phone";s:3:"é!";s:4:"name";s:4:"Zoé";}', ["phone"], "ü") == (
        'a:2:{s:5:"phone";s:2:"ü";s:4:"name";s:4:"Zoé";}'.encode()
    )


def test_objects_are_changed_like_arrays_and_keep_their_class() -> None:
    text = b'O:4:"User":3:{s:4:"name";s:3:"Ana";s:8:"\x00*\x00phone";s:2:"12";s:10:"\x00User\x00mail";s:1:"x";}'
    assert values_at(text, ["phone"]) == ["12"]
    assert rewritten(text, ["phone"]) == b'O:4:"User":2:{s:4:"name";s:3:"Ana";s:10:"\x00User\x00mail";s:1:"x";}'
    assert rewritten(text, ["mail"], None) == text.replace(b's:1:"x"', b"N")


def test_back_references_are_renumbered() -> None:
    # 1 the array, 2 gone, 3 its member, 4 kept; "again" is the same variable as 4, "same" the same object as 5.
    text = b'a:5:{s:4:"gone";a:1:{i:0;i:7;}s:4:"kept";i:1;s:1:"o";O:1:"A":0:{}s:5:"again";R:4;s:4:"same";r:5;}'
    assert rewritten(text, ["gone"]) == (b'a:4:{s:4:"kept";i:1;s:1:"o";O:1:"A":0:{}s:5:"again";R:2;s:4:"same";r:3;}')


def test_a_reference_that_would_point_at_nothing_is_refused() -> None:
    with pytest.raises(Unreadable):
        rewritten(b'a:2:{s:4:"gone";i:1;s:5:"again";R:2;}', ["gone"])
    assert rewritten(b'a:2:{s:4:"gone";a:1:{i:0;R:2;}s:1:"x";i:1;}', ["gone"]) == b'a:1:{s:1:"x";i:1;}'


@pytest.mark.parametrize(
    "text",
    [
        'a:1:{s:5:"phone";s:4:"012";}', 'a:2:{s:1:"a";i:1;}', 'a:1:{s:1:"a";i:1;', "i:1;i:2;", "x", "i:;", "d:;",
        's:9999999999:"a";', 's:-1:"a";', "a:1:{a:0:{}i:1;}", "i:1", "b:2;", '{"a": 1}', 'C:1:"A":1:{x}i:1;',
        'a:2:{i:0;C:1:"A":1:{x}i:1;R:1;}', "a:1:{i:0;" * 300, " i:1;", 12,
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_never_repeated(text: object) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text)
    assert str(text) not in str(caught.value)


def test_a_class_of_its_own_format_and_an_enum_are_kept_as_they_are() -> None:
    text = b'a:3:{s:1:"g";i:1;s:1:"c";C:3:"Box":10:{{x:"}";{{}}s:1:"e";E:8:"Suit:Red";}'
    assert rewritten(text, ["g"]) == text.replace(b'a:3:{s:1:"g";i:1;', b"a:2:{")


@pytest.mark.parametrize("nothing", [None, "", b""])
def test_nothing_stays_nothing(nothing: Any) -> None:
    assert not rewritten(nothing, ["a"])
    assert values_at(nothing, ["a"]) == []
