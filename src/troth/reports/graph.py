"""Which tables the picture shows: at most ``MOST``, the others gathered into one circle a group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from troth.core.survey.model import Figure, Survey, TableLine

MOST = 60
"""Circles of the picture."""

Kind = Literal["person", "belongs", "loose", "more"]


@dataclass(frozen=True, slots=True)
class Node:
    """A circle. ``id`` is the table's name; of a group, that of the table it hangs on. ``count``: how many
    tables a group stands for."""

    id: str
    kind: Kind
    depth: int
    rows: Figure
    parents: tuple[str, ...] = ()
    count: int = 1


def nodes_of(survey: Survey) -> list[Node]:
    """The circles, from the middle outward: tables about people (depth 0), what hangs on them (1, 2 …), and those
    without a link (depth -1)."""
    lines = {t.name: t for t in survey.personal}
    depths = depths_of(lines)
    kept = set(_kept(lines, depths))
    shown = [_node(line, depths, kept) for name, line in lines.items() if name in kept]
    groups = _groups([line for name, line in lines.items() if name not in kept], lines, depths, kept)
    return sorted([*shown, *groups], key=lambda n: (n.depth < 0, n.depth, -(n.rows.value or 0), n.kind, n.id))


def depths_of(lines: Mapping[str, TableLine]) -> dict[str, int]:
    """How many links each table is away from a person; -1 for those without a way."""
    depths = {name: 0 for name, line in lines.items() if line.role == "person"}
    children: dict[str, list[str]] = {}
    for name, line in lines.items():
        for parent in line.parents:
            children.setdefault(parent, []).append(name)
    waiting = sorted(depths)
    while waiting:
        following = []
        for name in waiting:
            for child in sorted(children.get(name, ())):
                if child not in depths:
                    depths[child] = depths[name] + 1
                    following.append(child)
        waiting = following
    return {name: depths.get(name, -1 if line.role == "loose" else 1) for name, line in lines.items()}


def _kept(lines: Mapping[str, TableLine], depths: Mapping[str, int]) -> list[str]:
    """The tables that are shown by themselves: the nearest to people and the largest."""
    ordered = sorted(lines, key=lambda n: (depths[n] < 0, depths[n], -(lines[n].rows.value or 0), n))
    if len(ordered) <= MOST:
        return ordered
    persons = sum(depth == 0 for depth in depths.values())
    return ordered[: MOST - min(persons, 8) - 2]


def _node(line: TableLine, depths: Mapping[str, int], kept: set[str]) -> Node:
    depth = depths[line.name]
    kind: Kind = "person" if line.role == "person" else "loose" if depth < 0 else "belongs"
    parents = tuple(p for p in line.parents if p in kept and p != line.name)
    return Node(line.name, kind, depth, line.rows, parents)


def _groups(
    left: Sequence[TableLine], lines: Mapping[str, TableLine], depths: Mapping[str, int], kept: set[str]
) -> Iterable[Node]:
    """The tables left over, gathered by what they hang on; at most nine groups."""
    gathered: dict[tuple[str, int], list[TableLine]] = {}
    for line in left:
        owner = _owner(line, lines, kept)
        depth = depths[line.name] and (1 if owner or depths[line.name] > 0 else -1)
        gathered.setdefault((owner, depth), []).append(line)
    ranked = sorted(gathered.items(), key=lambda item: (-len(item[1]), item[0]))
    rest: list[TableLine] = [line for _, group in ranked[8:] for line in group]
    for (owner, depth), group in ranked[:8]:
        yield _group(owner, depth, group)
    if rest:
        yield _group("", -1, rest)


def _owner(line: TableLine, lines: Mapping[str, TableLine], kept: set[str]) -> str:
    """The nearest table that is shown on the way to a person; empty if there is none."""
    seen, waiting = {line.name}, list(line.parents)
    while waiting:
        name = waiting.pop(0)
        if name in kept:
            return name
        if name in lines and name not in seen:
            seen.add(name)
            waiting.extend(lines[name].parents)
    return ""


def _group(owner: str, depth: int, group: Sequence[TableLine]) -> Node:
    values = [line.rows.value for line in group if line.rows.value is not None]
    rows = Figure(sum(values) if values else None, "estimated")
    parents = (owner,) if owner else ()
    return Node(f"\0{owner}:{depth}", "more", max(depth, 1) if owner else depth, rows, parents, len(group))
