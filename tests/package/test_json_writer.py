"""data.json is one valid document whatever was written, with one row a line."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.package.json_writer import JsonWriter


class Kept(io.BytesIO):
    """A file whose content outlives its closing."""

    def fileno(self) -> int:
        raise AssertionError("not asked when finish is replaced")

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.package.json_writer.finish", lambda file: file.close())


def written(stores: dict[str, dict[str, list[dict[str, Any]]]], tail: dict[str, Any] | None = None) -> str:
    file = Kept()
    writer = JsonWriter(file, {"format": "x/1"})
    for store, collections in stores.items():
        for name, rows in collections.items():
            writer.collection(store, name)
            for row in rows:
                writer.row(row)
    writer.end(tail or {})
    return file.content.decode("utf-8")


def test_nothing_at_all_is_still_a_document() -> None:
    assert json.loads(written({})) == {"format": "x/1", "stores": {}}


def test_stores_collections_and_rows_nest() -> None:
    stores = {"a": {"x": [{"n": 1}, {"n": 2}], "y": []}, "b": {"x": [{"é": None}]}}
    assert json.loads(written(stores, {"information": {"z": [1]}})) == {
        "format": "x/1", "stores": stores, "information": {"z": [1]},
    }  # fmt: skip


def test_each_row_has_a_line_of_its_own() -> None:
    assert '\n{"n":1},\n{"n":2}\n]' in written({"a": {"x": [{"n": 1}, {"n": 2}]}})


@given(st.dictionaries(
    st.text(min_size=1, max_size=3),
    st.dictionaries(
        st.text(max_size=3),
        st.lists(
            st.dictionaries(st.text(max_size=3), st.none() | st.text(max_size=5) | st.integers(), max_size=2),
            max_size=3,
        ),
        min_size=1, max_size=3,
    ),
    max_size=3,
))  # fmt: skip
def test_any_names_and_values_make_a_valid_document(stores: dict[str, dict[str, list[dict[str, Any]]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("troth.package.json_writer.finish", lambda file: file.close())
        assert json.loads(written(stores))["stores"] == stores
