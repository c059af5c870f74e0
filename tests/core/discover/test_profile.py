"""Profiles: numbers about values, and no value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.core.discover.model import Profile
from troth.core.discover.profile import CLOSELY, MOST_DISTINCT, MOST_PATHS, STRIDE, new_profiler
from troth.core.discover.signs import SIGNS


def profile_of(*values: Any) -> Profile:
    profiler = new_profiler("text")
    profiler.add_all(values)
    return profiler.profile()


def test_nulls_blanks_and_the_rest_are_counted_apart() -> None:
    seen = profile_of(None, "", "  ", 0, "0000-00-00", "anna@example.org", "anna@example.org", "zoe@example.org")
    assert (seen.sampled, seen.nulls, seen.blanks, seen.filled, seen.distinct) == (8, 1, 4, 3, 2)
    assert seen.share("email") == 1.0


def test_false_is_a_value_and_nought_is_none() -> None:
    assert profile_of(False, True).filled == 2
    assert profile_of(0, 1).filled == 1


def test_lengths_and_words_are_measured() -> None:
    seen = profile_of("one two", "three")
    assert (seen.mean_length, seen.max_length, seen.mean_words) == (6.0, 7, 1.5)


def test_the_text_in_a_binary_column_is_read_as_text() -> None:
    assert profile_of(b"anna@example.org", memoryview(b"zoe@example.org")).share("email") == 1.0
    assert profile_of(b"\x00\x01\xff\xfe\x03" * 20).share("binary") == 1.0


def test_of_many_values_some_are_looked_at_closely_and_all_are_counted() -> None:
    seen = profile_of(*(f"person{n}@example.org" for n in range(1_000)), None)
    assert (seen.sampled, seen.filled, seen.distinct) == (1_001, 1_000, 1_000)
    assert seen.closely == CLOSELY + (1_000 - CLOSELY) // STRIDE
    assert (seen.signs["email"], seen.share("email")) == (seen.closely, 1.0)


def test_the_close_looks_are_spread_over_the_sample() -> None:
    seen = profile_of(*["anna@example.org"] * 600, *["red"] * 400)
    assert 0.7 <= seen.share("email") <= 0.8
    assert seen.closely < seen.filled


def test_of_few_values_all_are_looked_at() -> None:
    seen = profile_of(*["anna@example.org"] * CLOSELY)
    assert (seen.looked, seen.closely) == (None, CLOSELY)


CLOCKS = [
    ([date(2020, 1, 2), date(2021, 3, 4)], "date", None),
    ([datetime(2020, 1, 2, 8, tzinfo=UTC), datetime(2021, 3, 4, 9, tzinfo=UTC)], "datetime", None),
    ([1_577_923_200, 1_614_816_000], "epoch_s", None),
    ([1_577_923_200_000, 1_614_816_000_000], "epoch_ms", None),
    ([1_577_923_200.25, Decimal("1614816000.5")], "epoch_s", None),
    (["2020-01-02", "2021-03-04"], "date", None),
    (["2020-01-02 10:00:00", "2021-03-04T09:30:00Z"], "datetime", None),
    (["2020-01-02", "2021-03-04 10:00:00"], "datetime", None),
    (["02/01/2020", "04/03/2021", "25/12/2020"], "text", "%d/%m/%Y"),
    (["01/02/2020", "03/04/2021", "12/25/2020"], "text", "%m/%d/%Y"),
    (["02.01.2020", "04.03.2021"], "text", "%d.%m.%Y"),
    (["2020/01/02", "2021/03/04"], "text", "%Y/%m/%d"),
    (["20200102", "20210304"], "text", "%Y%m%d"),
    (["20200102101112", "20210304101112"], "text", "%Y%m%d%H%M%S"),
    (["02/01/2020 10:11", "04/03/2021 23:59"], "text", "%d/%m/%Y %H:%M"),
]


@pytest.mark.parametrize(("values", "kind", "form"), CLOCKS, ids=range(len(CLOCKS)))
def test_a_clock_says_how_it_tells_the_time_and_between_which_days(values: list[Any], kind: str, form: str) -> None:
    seen = profile_of(*values)
    assert (seen.clock, seen.clock_format) == (kind, form)
    assert (seen.earliest, seen.latest) == (date(2020, 1, 2), date(2021, 3, 4))


@pytest.mark.parametrize("values", [[5, 17, 2_000], ["red", "blue"], ["2020-02-31"], [10**18], [3.5], ["99999999"]])
def test_what_is_no_moment_gives_no_clock(values: list[Any]) -> None:
    assert profile_of(*values).clock is None


def test_a_column_with_many_other_values_is_no_clock() -> None:
    assert profile_of(*["2020-01-02"] * 8, "soon", "never").clock is None


def test_values_inside_json_are_profiled_by_path() -> None:
    rows = [{"mail": "anna@example.org", "tags": ["a", "b"], "at": {"city": "Lyon"}} for _ in range(3)]
    seen = profile_of(*map(json.dumps, rows))
    assert seen.inner_format == "json"
    assert set(seen.inner) == {"mail", "tags.*", "at.city"}
    assert seen.inner["mail"].share("email") == 1.0
    assert seen.inner["tags.*"].sampled == 6


def test_json_that_the_driver_has_decoded_is_profiled_alike() -> None:
    assert profile_of({"mail": "anna@example.org"}).inner["mail"].share("email") == 1.0


def test_values_inside_php_texts_are_profiled_by_path() -> None:
    text = 'a:2:{s:4:"mail";s:16:"anna@example.org";s:4:"list";a:2:{i:0;s:1:"a";i:1;b:1;}}'
    seen = profile_of(text, text)
    assert seen.inner_format == "php"
    assert set(seen.inner) == {"mail", "list.*"}
    assert seen.inner["mail"].share("email") == 1.0


def test_a_private_member_of_a_php_object_is_known_by_its_name() -> None:
    seen = profile_of('O:4:"User":1:{s:10:"\x00User\x00mail";s:16:"anna@example.org";}')
    assert set(seen.inner) == {"mail"}


def test_a_php_text_whose_lengths_do_not_fit_is_no_structure() -> None:
    assert profile_of('a:1:{s:9:"mail";s:16:"anna@example.org";}').inner_format is None


def test_a_key_that_is_data_itself_becomes_a_star() -> None:
    rows = [{"anna@example.org": {"n": 1}}, {"zoe@example.org": {"n": 2}}, {"81723": {"n": 3}}]
    assert set(profile_of(*map(json.dumps, rows)).inner) == {"*.n"}


def test_a_key_of_one_row_among_many_is_not_told() -> None:
    rows = [{"name": "Anna", f"nick{'abcdefghijkl'[i]}": 1} for i in range(12)]
    assert set(profile_of(*map(json.dumps, rows)).inner) == {"name"}


def test_a_point_within_a_key_is_marked() -> None:
    assert set(profile_of('{"a.b": {"c": "x"}}').inner) == {"a\\.b.c"}


def test_paths_and_different_values_are_bounded() -> None:
    keys = [a + b for a in "abcdefghijklmnop" for b in "abcdefghijklmnop"]
    assert len(profile_of(json.dumps(dict.fromkeys(keys, "x"))).inner) <= MOST_PATHS
    assert profile_of(*range(1, MOST_DISTINCT + 500)).distinct == MOST_DISTINCT


def test_no_value_stays_in_the_profiler() -> None:
    profiler = new_profiler("text")
    profiler.add_all(["anna.weiss@example.org", '{"mail": "zoe.bruns@example.org"}', date(1980, 5, 17)])
    profiler.profile()
    kept = repr(_inside(profiler))
    assert "anna" not in kept
    assert "bruns" not in kept


def _inside(thing: Any, depth: int = 0) -> Any:
    """All that an object holds, as text can show it."""
    if depth > 6:
        return ""
    if isinstance(thing, dict):
        return [(_inside(k, depth + 1), _inside(v, depth + 1)) for k, v in thing.items()]
    if isinstance(thing, list | tuple | set | frozenset):
        return [_inside(v, depth + 1) for v in thing]
    held = getattr(thing, "__dict__", None)
    return _inside(held, depth + 1) if held else repr(thing)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.text(),
    st.binary(),
    st.integers(),
    st.integers().map(lambda n: n**40),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner), max_leaves=30),
    st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner)).map(json.dumps),
    st.from_regex(r'a:[0-3]:\{(s:[0-3]:"[a-c]{0,3}";|i:[0-9];|N;|b:1;)*\}', fullmatch=True),
)


@pytest.mark.slow
@given(st.lists(VALUES, max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_values_give_a_sound_profile(values: list[Any]) -> None:
    seen = profile_of(*values)
    assert seen.sampled == len(values)
    assert 0 <= seen.distinct <= seen.filled
    assert all(0 < count <= seen.filled and sign in SIGNS for sign, count in seen.signs.items())
    assert (seen.earliest is None) == (seen.clock is None)


@given(st.lists(VALUES, max_size=15))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_values_changes_nothing(values: list[Any]) -> None:
    assert profile_of(*values).signs == profile_of(*reversed(values)).signs
