"""The tree of a policy file: mappings, lists and scalars, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from troth.core.policy.model import Position

Value: TypeAlias = str | int | float | bool | date | None
Path: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class ScalarNode:
    """A single value. A broken one was reported already, keeps its text, and is not judged a second time."""

    at: Position
    value: Value
    broken: bool = False


@dataclass(slots=True)
class ListNode:
    """A list of nodes."""

    at: Position
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MapNode:
    """A mapping: each key with its own place and its node, in the order of the file."""

    at: Position
    entries: dict[str, tuple[Position, Node]] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The node under ``key``, if any."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node: TypeAlias = ScalarNode | ListNode | MapNode


def locate(root: Node, path: Sequence[str | int], *, key: bool = False) -> Position:
    """Where the value at ``path`` stands, or with ``key`` the key before it.

    The path is one of the resolved document, where short forms have been written out. So a step that is not
    in the tree is passed over, and a number counts the entries of a mapping that stands for a list.
    """
    node, key_at = root, root.at
    for step in path:
        found = _step(node, step)
        if found is not None:
            key_at, node = found
    return key_at if key else node.at


def _step(node: Node, step: str | int) -> tuple[Position, Node] | None:
    if isinstance(node, MapNode):
        if isinstance(step, int):
            entries = list(node.entries.values())
            return entries[step] if step < len(entries) else None
        return node.entries.get(step)
    if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
        return node.items[step].at, node.items[step]
    return None


def names_at(root: Node, *path: str) -> list[str]:
    """The keys of the mapping at exactly ``path``, or none."""
    node: Node | None = root
    for step in path:
        node = node.get(step) if isinstance(node, MapNode) else None
    return list(node.entries) if isinstance(node, MapNode) else []
