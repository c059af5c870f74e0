"""Several files, one tree: ``include:`` followed, entries of the same section put together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from troth.core.policy.model import Position
from troth.core.policy.problems import Problem, problem
from troth.core.policy.text_source import MAX_BYTES
from troth.core.policy.tree import ListNode, MapNode, Node, ScalarNode
from troth.core.policy.yaml_source import read_tree

MAX_FILES = 100


@dataclass
class Files:
    """The files of a policy as they are read. ``sources`` keeps their bytes by the name shown to people."""

    name: str
    read: Callable[[str], bytes]
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, bytes] = field(default_factory=dict)

    def tree(self, source: bytes) -> MapNode | None:
        """The tree of the whole policy, or None when its first file cannot be read."""
        self.sources[self.name] = source
        root, problems = read_tree(source, self.name)
        self.problems.extend(problems)
        if root is not None:
            self._includes(root, root, "")
        return root

    def _includes(self, into: MapNode, node: MapNode, folder: str) -> None:
        for text, at in self._paths(node):
            path = self._inside(text, folder, at)
            if path is not None:
                self._include(into, path, at)

    def _paths(self, node: MapNode) -> list[tuple[str, Position]]:
        included = node.get("include")
        if included is None:
            return []
        items = included.items if isinstance(included, ListNode) else [included]
        texts = [(i.value, i.at) for i in items if isinstance(i, ScalarNode) and isinstance(i.value, str)]
        if len(texts) < len(items):
            self.problems.append(problem("include_not_text", included.at))
        return texts

    def _inside(self, text: str, folder: str, at: Position) -> str | None:
        """The path from the policy's folder, if it stays within."""
        path = posixpath.normpath(posixpath.join(folder, text))
        outside = path in ("..", ".") or path.startswith(("../", "/"))
        if outside or "\\" in text or re.match(r"[A-Za-z][\w+.-]*:", text) or "\0" in text:
            self.problems.append(problem("include_outside", at, path=text[:100]))
            return None
        return path

    def _include(self, into: MapNode, path: str, at: Position) -> None:
        name = posixpath.join(posixpath.dirname(self.name), path)
        if name in self.sources or posixpath.normpath(name) == posixpath.normpath(self.name):
            self.problems.append(problem("include_cycle", at, path=path))
            return
        if len(self.sources) >= MAX_FILES:
            self.problems.append(problem("include_too_many", at, limit=str(MAX_FILES)))
            return
        try:
            source = self.read(path)
        except (OSError, ValueError, KeyError):
            self.problems.append(problem("include_unreadable", at, path=path))
            return
        self.sources[name] = source
        if sum(len(s) for s in self.sources.values()) > MAX_BYTES:
            self.problems.append(problem("include_too_many", at, limit=str(MAX_FILES)))
            return
        root, problems = read_tree(source, name)
        self.problems.extend(problems)
        if root is not None:
            self._merge(into, root)
            self._includes(into, root, posixpath.dirname(path))

    def _merge(self, into: MapNode, root: MapNode) -> None:
        for section, (at, node) in root.entries.items():
            if section in ("format", "include"):
                continue
            if section not in into.entries:
                # A copy: what other files add must not be added to the node an alias may share.
                into.entries[section] = (at, _own(node))
                continue
            first_at, first = into.entries[section]
            if isinstance(first, MapNode) and isinstance(node, MapNode):
                self._merge_entries(first, node)
            else:
                self._twice(section, first_at, at)

    def _merge_entries(self, into: MapNode, node: MapNode) -> None:
        for key, (at, child) in node.entries.items():
            if key in into.entries:
                self._twice(key, into.entries[key][0], at)
            else:
                into.entries[key] = (at, child)

    def _twice(self, key: str, first: Position, at: Position) -> None:
        self.problems.append(problem("defined_twice", at, key=key, first=f"{first.file}:{first.line}"))


def _own(node: Node) -> Node:
    return MapNode(node.at, dict(node.entries)) if isinstance(node, MapNode) else node
