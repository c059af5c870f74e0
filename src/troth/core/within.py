"""Values inside structured ones: find, take out or replace what stands at a path.

A path is a row of steps: keys of mappings, positions in lists, ``*`` for every one. It works on what
``json.loads`` gives; formats with containers of their own bring their own walk.
"""

from __future__ import annotations

from collections.abc import Sequence

ABSENT = object()
"""What a removal leaves in place of the value."""


def found_at(value: object, path: Sequence[str]) -> list[object]:
    """Every value at the path, in order; empty when nothing stands there."""
    if not path:
        return [value]
    return [hit for _, child in _children(value, path[0]) for hit in found_at(child, path[1:])]


def removed(value: object, path: Sequence[str]) -> object:
    """The same value without what stands at the path; ``ABSENT`` for an empty path."""
    return _changed(value, path, ABSENT)


def replaced(value: object, path: Sequence[str], new: object) -> object:
    """The same value with ``new`` wherever something stands at the path; nothing is added elsewhere."""
    return _changed(value, path, new)


def _changed(value: object, path: Sequence[str], new: object) -> object:
    if not path:
        return new
    touched = {key: _changed(child, path[1:], new) for key, child in _children(value, path[0])}
    if isinstance(value, dict):
        merged = {key: touched.get(key, child) for key, child in value.items()}
        return {key: child for key, child in merged.items() if child is not ABSENT}
    if isinstance(value, list):
        items = [touched.get(index, child) for index, child in enumerate(value)]
        return [child for child in items if child is not ABSENT]
    return value


def _children(value: object, step: str) -> list[tuple[object, object]]:
    """The members that a step leads to, with their key or position."""
    if isinstance(value, dict):
        return list(value.items()) if step == "*" else [(step, value[step])] if step in value else []
    if isinstance(value, list):
        if step == "*":
            return list(enumerate(value))
        if step.isdecimal() and step.isascii() and int(step) < len(value):
            return [(int(step), value[int(step)])]
    return []
