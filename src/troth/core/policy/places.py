"""Where in the files of a policy each part of it stands, and what the line there says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from troth.core.policy.model import Position
from troth.core.policy.problems import Problem
from troth.core.policy.secrets import blot_out, blot_out_line
from troth.core.policy.text_source import lines_of
from troth.core.policy.tree import ListNode, MapNode, Node, Path, ScalarNode

_LONGEST_LINE = 20_000
"""Of a longer line only so many characters are shown."""


@dataclass(frozen=True)
class Places:
    """The tree of a policy that could be read, and the lines of its files, in their order.

    ``secrets`` are the values that must not be shown.
    """

    tree: MapNode | None
    lines: Mapping[str, list[str]]
    secrets: frozenset[str]

    @staticmethod
    def of(tree: MapNode | None, sources: Mapping[str, bytes], secrets: Iterable[str]) -> Places:
        """Of the files as they were read."""
        return Places(tree, {file: lines_of(source) for file, source in sources.items()}, frozenset(secrets))

    def at(self, path: Path) -> Position:
        """Where the value at ``path`` of the document stands, or the nearest thing around it that is written.

        The place of a single value is its own; that of a mapping or list is its key.
        """
        if self.tree is None:
            return Position(next(iter(self.lines), ""), 1, 1)
        node, at = self.tree, self.tree.at
        found: Node = node
        for step in path:
            below = _below(found, step)
            if below is None:
                break
            at, found = below
        return found.at if isinstance(found, ScalarNode) else at

    def finished(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """In the order of the files, without repetitions, each with its line; secrets blotted out."""
        order = {file: index for index, file in enumerate(self.lines)}
        once = {(p.code, p.file, p.line, p.column, p.message): p for p in problems}
        finished = [self._with_line(p) for p in once.values()]
        return tuple(sorted(finished, key=lambda p: (order.get(p.file, 0), p.line, p.column, p.code, p.message)))

    def _with_line(self, found: Problem) -> Problem:
        lines = self.lines.get(found.file, [])
        line = lines[found.line - 1] if found.line <= len(lines) else ""
        hidden = self.secrets
        return replace(
            found,
            excerpt=blot_out_line(line[:_LONGEST_LINE], hidden),
            message=blot_out(found.message, hidden),
            nearest=blot_out(found.nearest, hidden),
            params={name: blot_out(value, hidden) for name, value in found.params.items()},
            told={
                language: replace(words, message=blot_out(words.message, hidden))
                for language, words in found.told.items()
            },
        )


def _below(node: Node, step: str | int) -> tuple[Position, Node] | None:
    """The entry or item of that name or number; a number also counts the entries of a mapping that stands for a
    list."""
    if isinstance(node, MapNode):
        if isinstance(step, str):
            return node.entries.get(step)
        entries = list(node.entries.values())
        return entries[step] if 0 <= step < len(entries) else None
    if isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step].at, node.items[step]
    return None
