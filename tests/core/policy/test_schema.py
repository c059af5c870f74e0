"""The JSON Schema for editors: current, and of one mind with the loader."""

from __future__ import annotations

import copy
import importlib.util
import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.policy.files import Bad, bad_files, good_files
from troth.core.policy.schema import json_schema
from troth.core.policy.structure import _only_emptied, validated
from troth.core.policy.tree import ListNode, MapNode, Node
from troth.core.policy.yaml_source import read_tree

ROOT = Path(__file__).parents[3]
VALIDATOR = jsonschema.Draft202012Validator(json_schema())
EXAMPLES = sorted(
    path for path in (ROOT / "examples").rglob("troth*.yaml") if path.read_text("utf-8").find("\nformat: 1\n") >= 0
)

BY_MEANING = {
    "keep_endless", "keep_half", "hold_end", "notice_without_reason", "agreement_party", "test_empty",
    "test_null_in_list", "test_null_compared", "field_kind", "field_inner", "clock_format", "clock_format_day",
    "link_text", "rows_and_fields", "unidentified_subject", "refused_value",
}  # fmt: skip
"""What the validator refuses because of how keys go together; the schema does not say it."""


def as_an_editor_reads(node: Node) -> Any:
    if isinstance(node, MapNode):
        return {key: as_an_editor_reads(child) for key, (_, child) in node.entries.items()}
    if isinstance(node, ListNode):
        return [as_an_editor_reads(child) for child in node.items]
    return node.value.isoformat() if isinstance(node.value, date) else node.value


def data_of(path: Path) -> Any:
    tree, _ = read_tree(path.read_bytes(), path.name)
    assert tree is not None
    return as_an_editor_reads(tree)


def tool() -> Any:
    spec = importlib.util.spec_from_file_location("policy_reference", ROOT / "tools" / "policy_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_schema_file_is_current() -> None:
    assert (ROOT / "troth.schema.json").read_text("utf-8") == tool().schema_text()


def test_the_reference_page_is_current() -> None:
    assert (ROOT / "docs" / "reference" / "policy.md").read_text("utf-8") == tool().reference_text()


def test_every_key_is_described() -> None:
    schema = json_schema()
    for name, section in [("", schema), *schema["$defs"].items()]:
        for key, part in section.get("properties", {}).items():
            reference = part.get("$ref", "").rsplit("/", 1)[-1]
            assert part.get("description") or schema["$defs"][reference].get("description"), f"{name}.{key}"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json.loads(tool().schema_text()) == json_schema()


@pytest.mark.parametrize("path", [*good_files(), *EXAMPLES], ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_it_accepts_what_the_loader_accepts(path: Path) -> None:
    data = data_of(path)
    # The sections of included files are not in sight of the editor.
    if "include" not in data:
        VALIDATOR.validate(data)
    else:
        assert [e.validator for e in VALIDATOR.iter_errors(data)] in ([], ["required"])


@pytest.mark.parametrize("bad", [b for b in bad_files() if b.structural], ids=lambda b: b.path.stem)
def test_it_refuses_what_the_loader_refuses_for_its_structure(bad: Bad) -> None:
    assert not VALIDATOR.is_valid(data_of(bad.path))


ODD = [
    None, True, 0, 1, -1, 1.0, 1.5, "", "text", "3 years", "fr", "FR", "all", "2026-11-22", "12-31", "a b", "20%",
    "session", "erase", [], [1], ["text"], ["text", "text"], [None], {}, {"fr": "texte"}, {"is": "Name"}, {"x": 1},
    {"text": "text"}, [{"to": "customer", "by": "id"}],
]  # fmt: skip
GOOD = data_of(good_files()[0])


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children: list[tuple[Any, Any]] = []
    if isinstance(data, dict):
        children = list(data.items())
    elif isinstance(data, list):
        children = list(enumerate(data))
    return [p for key, child in children for p in [(*path, key), *places(child, (*path, key))]]


PLACES = [place for place in places(GOOD) if place != ("format",)]


def mutated(place: tuple[Any, ...], how: str, odd: Any) -> Any:
    data = copy.deepcopy(GOOD)
    node = data
    for step in place[:-1]:
        node = node[step]
    last = place[-1]
    if how == "drop":
        del node[last]
    elif how == "rename" and isinstance(node, dict):
        node["x y" if odd is None else "renamed"] = node.pop(last)
    else:
        node[last] = copy.deepcopy(odd)
    return data


def structurally_right(data: Any) -> bool | None:
    """What the validator says of the structure; None when only the way keys go together is wrong."""
    _, errors = validated(data, ["fr", "en"])
    kinds = {error["type"] for error in errors if not _only_emptied(error, errors)}
    if not kinds:
        return True
    return None if kinds <= BY_MEANING else False


@settings(max_examples=150)
@given(st.sampled_from(PLACES), st.sampled_from(["drop", "rename", "replace", "replace"]), st.sampled_from(ODD))
def test_schema_and_loader_agree_on_every_change(place: tuple[Any, ...], how: str, odd: Any) -> None:
    data = mutated(place, how, odd)
    verdict = structurally_right(data)
    if verdict is None:
        assert VALIDATOR.is_valid(data), "refused by the schema for a reason it should not know"
    else:
        assert VALIDATOR.is_valid(data) == verdict
