from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from troth.core.within import ABSENT, found_at, removed, replaced

PROFILE = {"address": {"city": "Lyon"}, "tags": ["a", "b"], "phones": [{"n": "1"}, {"n": "2", "k": "home"}], "0": "x"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner),
)
PATHS = st.lists(st.sampled_from(["a", "b", "0", "1", "*"]), min_size=1, max_size=4)


def test_a_path_leads_to_its_values() -> None:
    assert found_at(PROFILE, ["address", "city"]) == ["Lyon"]
    assert found_at(PROFILE, ["tags", "*"]) == ["a", "b"]
    assert found_at(PROFILE, ["phones", "*", "n"]) == ["1", "2"]
    assert found_at(PROFILE, ["tags", "1"]) == ["b"]
    assert found_at(PROFILE, ["0"]) == ["x"]
    assert found_at(PROFILE, ["tags", "7"]) == found_at(PROFILE, ["no", "such"]) == found_at(None, ["a"]) == []


def test_a_value_is_taken_out_and_its_neighbours_stay() -> None:
    assert removed(PROFILE, ["phones", "*", "n"]) == PROFILE | {"phones": [{}, {"k": "home"}]}
    assert removed(PROFILE, ["tags", "0"]) == PROFILE | {"tags": ["b"]}
    assert removed(PROFILE, []) is ABSENT


def test_a_replacement_adds_nothing_where_nothing_stood() -> None:
    assert replaced(PROFILE, ["address", "street"], "x") == PROFILE
    assert replaced(PROFILE, ["address", "city"], None) == PROFILE | {"address": {"city": None}}


@given(JSON, PATHS)
def test_nothing_is_left_at_a_path_and_the_original_is_untouched(value: Any, path: list[str]) -> None:
    before = copy.deepcopy(value)
    left = found_at(removed(value, path), path)
    assert value == before
    # Taking list items out moves later ones up: positions may be filled again, names and `*` may not.
    if not any(step.isdecimal() for step in path):
        assert left == []


@given(JSON, PATHS)
def test_a_replacement_stands_wherever_something_stood(value: Any, path: list[str]) -> None:
    assert found_at(replaced(value, path, "new"), path) == ["new"] * len(found_at(value, path))
