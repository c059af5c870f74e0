"""Data to document: every key, type and spelling checked, and the validator's findings told in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from troth.core.policy.countries import COUNTRIES, MISTAKEN
from troth.core.policy.document import PolicyDocument
from troth.core.policy.model import Position
from troth.core.policy.problems import Problem, nearest, problem
from troth.core.policy.sections.base import LANGUAGE_PATTERN, NAME_PATTERN
from troth.core.policy.shape import shape_at
from troth.core.policy.texts import MESSAGES
from troth.core.policy.tree import MapNode, Path, locate

Params = dict[str, str]

_TYPES = {
    "string_type": "@text", "dict_type": "@mapping", "model_type": "@mapping", "model_attributes_type": "@mapping",
    "tuple_type": "@list", "list_type": "@list", "int_type": "@whole", "int_from_float": "@whole",
    "float_type": "@number", "bool_type": "@truth", "date_type": "@date", "date_parsing": "@date",
    "date_from_datetime_parsing": "@date", "is_instance_of": "@date", "not_scalar": "@value",
    "string_too_short": "@nonempty", "too_short": "@nonempty", "string_too_long": "@shorter",
}  # fmt: skip
_SPELLINGS = {NAME_PATTERN: "@name", LANGUAGE_PATTERN: "@language"}
_BOUNDS = {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}


def validated(data: Any, languages: Sequence[str]) -> tuple[PolicyDocument | None, list[ErrorDetails]]:
    """The document, or what the validator has against the data."""
    try:
        return PolicyDocument.model_validate(data, context={"languages": list(languages)}), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def structural_problems(errors: Iterable[ErrorDetails], tree: MapNode, judged: set[Position]) -> list[Problem]:
    """The problems behind the validator's findings; what was already complained of is left out."""
    every = list(errors)
    found = (_translated(error, tree) for error in every if not _only_emptied(error, every))
    return [p for p in found if Position(p.file, p.line, p.column) not in judged]


def _only_emptied(error: ErrorDetails, every: Sequence[ErrorDetails]) -> bool:
    """A list that is short because what stands in it was refused is not too short."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(len(o["loc"]) > len(loc) and o["loc"][: len(loc)] == loc for o in every)


def _translated(error: ErrorDetails, tree: MapNode) -> Problem:
    kind, path = error["type"], _path(error)
    if kind == "extra_forbidden":
        key = str(path[-1])
        known = nearest(key, shape_at(path[:-1]).keys())
        return problem("unknown_key", locate(tree, path, key=True), key=key, nearest=known)
    if kind == "missing":
        return problem("missing_key", locate(tree, path[:-1], key=True), key=str(path[-1]))
    # A value that is missing has no place of its own.
    on_key = error["loc"][-1:] == ("[key]",) or error["type"] == "colour_missing"
    code, params = _spelled_out(error, path)
    return problem(code, locate(tree, path, key=on_key), **params)


def _spelled_out(error: ErrorDetails, path: Path) -> tuple[str, Params]:
    kind, context = error["type"], error.get("ctx", {})
    if kind in ("literal_error", "enum"):
        return _not_among(error)
    if kind == "unknown_country":
        return kind, {"value": _shown(error), "nearest": _country_like(_shown(error))}
    if kind in MESSAGES:
        return kind, {name: str(value) for name, value in context.items()}
    if kind == "string_pattern_mismatch":
        return _misspelled(error)
    if kind in _BOUNDS:
        return "wrong_type", {"expected": _bounds(path)}
    expected = _TYPES.get(kind, "@pattern")
    if kind == "string_type" and isinstance(error["input"], int | float):
        expected = "@quoted"
    return "wrong_type", {"expected": expected}


def _path(error: ErrorDetails) -> Path:
    return tuple(step for step in error["loc"] if step != "[key]")


def _not_among(error: ErrorDetails) -> tuple[str, Params]:
    words = re.findall(r"'((?:[^'\\]|\\.)*)'", str(error.get("ctx", {}).get("expected", ""))) or [
        str(error.get("ctx", {}).get("expected", ""))
    ]
    expected = ", ".join(words)
    value = error["input"]
    if not isinstance(value, str):
        return "wrong_type", {"expected": expected}
    return "wrong_value", {"value": _shown(error), "expected": expected, "nearest": nearest(value, words)}


def _misspelled(error: ErrorDetails) -> tuple[str, Params]:
    pattern = str(error.get("ctx", {}).get("pattern", ""))
    if pattern in _SPELLINGS:
        return "bad_name", {"value": _shown(error), "expected": _SPELLINGS[pattern]}
    expected = "@email" if "@" in pattern else "@address" if "http" in pattern else "@pattern"
    return "wrong_value", {"value": _shown(error), "expected": expected}


def _bounds(path: Path) -> str:
    for option in shape_at(path).options:
        low = option.get("minimum", option.get("exclusiveMinimum"))
        if low is not None:
            return f"@range|{low}|{option.get('maximum', '…')}"
    return "@number"


def _shown(error: ErrorDetails) -> str:
    value = error["input"]
    return str(value)[:60] if isinstance(value, str | int | float) else ""


def _country_like(value: str) -> str:
    upper = value.upper()
    return upper if upper in COUNTRIES else MISTAKEN.get(upper, "")


_ROUNDS = 30


def without_faults(data: dict[str, Any], errors: list[ErrorDetails], languages: Sequence[str]) -> PolicyDocument | None:
    """The document without its faulty parts, so that the rest can still be examined; None if nothing holds.

    A faulty value is replaced where any other would do (a lawful basis, a period, a country), else left out
    with the entry that needs it. Only for finding further problems: nothing may be executed from it.
    """
    for _ in range(_ROUNDS):
        for path, error in sorted(((_target(data, e), e) for e in errors), key=_by_depth, reverse=True):
            stand_in = None if error["type"] in _LEFT_OUT else _stand_in(_path(error))
            if stand_in is not None and (path == _path(error) or error["type"] == "missing"):
                _put(data, _path(error), stand_in)
            else:
                _drop(data, path)
        for key, whole in _STAND_INS.items():
            if not isinstance(data.get(key), dict) or not data[key]:
                data[key] = whole()
        data["format"] = 1
        document, errors = validated(data, languages)
        if document is not None:
            return document
    return None


_LEFT_OUT = {"extra_forbidden", "string_pattern_mismatch"}


def _stand_in(path: Path) -> Any:
    """Some value that is right at a place and means nothing; None where there is none."""
    for option in shape_at(path).options:
        if "const" in option or "enum" in option:
            return option.get("const", option.get("enum", [None])[0])
        if option.get("examples"):
            return option["examples"][0]
        if option.get("format") == "date":
            return "2000-01-01"
        if option.get("type") == "string" and "pattern" not in option:
            return "-"
        if option.get("type") == "boolean":
            return False
    return None


def _by_depth(item: tuple[Path, ErrorDetails]) -> tuple[int, str]:
    path, _ = item
    last = path[-1] if path else 0
    return (len(path), f"{last:09d}" if isinstance(last, int) else str(last))


def _target(data: dict[str, Any], error: ErrorDetails) -> Path:
    """The part of the data to leave out: the deepest one on the way to the fault."""
    path = _path(error)
    if error["type"] == "missing":
        path = path[:-1]
    node: Any = data
    taken: list[str | int] = []
    for step in path:
        if isinstance(node, dict):
            key = list(node)[step] if isinstance(step, int) and step < len(node) else step
            if key in node:
                node = node[key]
                taken.append(key)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
            taken.append(step)
    return tuple(taken)


def _holder(data: dict[str, Any], path: Path) -> Any:
    node: Any = data
    for step in path[:-1]:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _put(data: dict[str, Any], path: Path, value: Any) -> None:
    node, last = _holder(data, path), path[-1]
    if isinstance(node, dict):
        node[last] = value
    if isinstance(node, list) and isinstance(last, int) and last < len(node):
        node[last] = value


def _drop(data: dict[str, Any], path: Path) -> None:
    if not path:
        return
    node, last = _holder(data, path), path[-1]
    if isinstance(node, dict):
        node.pop(last, None)
    if isinstance(node, list) and isinstance(last, int) and last < len(node):
        del node[last]


_STAND_INS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "policy": lambda: {"title": "-", "version": "-", "languages": ["en"], "authoritative": "en"},
    "publisher": lambda: {"name": "-", "country": "FR", "timezone": "Europe/Paris"},
}
