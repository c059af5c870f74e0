"""Where the circles of the picture stand: people in the middle, what belongs to them in rings, the rest below.

The places are those of a honeycomb, ring by ring around its middle, so that no circle or label can touch another;
within a ring each table takes the place from which the lines to its parents are short and cross nothing. Nothing
is random: the same tables always make the same picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from troth.reports.graph import Node

LETTER = 7.3
"""Width of a letter of the labels (12 px, monospaced), with something to spare."""
WIDE = 12.4
LINE = 15.0
ACROSS = 7
"""Places in a row of the honeycomb; an odd number."""
_LABEL = 17
_GAP = 10.0
_LARGEST, _SMALLEST = 24.0, 6.0
_NARROWEST = 92.0
_ROOM = 1.3
"""Places offered to each node of a depth."""
_DETOUR = 2.0
_NEAR = 1.1
_LITTLE = 1e-6
_ROUNDS = 3

Cell = tuple[float, int]
"""A place of the honeycomb: across (halves in every other row) and down, from the middle."""


@dataclass(frozen=True, slots=True)
class Box:
    """A circle of radius ``r`` around (``x``, ``y``), with the lines of its label below it."""

    node: Node
    x: float
    y: float
    r: float
    label: tuple[str, ...]
    width: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of circle and label together."""
        half = max(self.width / 2, self.r)
        return self.x - half, self.y - self.r, self.x + half, self.y + self.r + self.below

    @property
    def below(self) -> float:
        """Height of the label and the number under it."""
        return 4 + LINE * (len(self.label) + 1)

    def at(self, x: float, y: float) -> Box:
        """The same elsewhere."""
        return Box(self.node, round(x, 1), round(y, 1), self.r, self.label, self.width)


@dataclass(frozen=True, slots=True)
class Picture:
    """The boxes, the ends of the lines between them, and where the loose ones begin (None without any)."""

    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, str], ...]
    edges: tuple[float, float, float, float]
    apart: float | None


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes touch."""
    al, at, ar, ab = a.edges
    bl, bt, br, bb = b.edges
    return al < br and bl < ar and at < bb and bt < ab


def roominess(count: int) -> float:
    """How generously few circles are drawn: 1 for a full picture, up to 1.7."""
    return max(1.0, 1.7 - 0.03 * count)


def lay_out(nodes: Sequence[Node], names: Mapping[str, tuple[str, ...]], across: int = ACROSS) -> Picture:
    """The picture of these nodes, at most ``across`` (odd) beside each other; ``names`` gives the lines of each
    label."""
    most = max((n.rows.value or 0 for n in nodes), default=0)
    room = roominess(len(nodes))
    boxes = {n.id: _box(n, most, names[n.id], room) for n in nodes}
    around = [n for n in nodes if n.depth >= 0]
    spread = room if across == ACROSS else 1.0
    placed = _drawn(_cells(around, across), boxes, _GAP * (5 * spread - 4))
    apart, below = _apart([boxes[n.id] for n in nodes if n.depth < 0], placed, across)
    known = {box.node.id for box in (*placed, *below)}
    lines = tuple((n.id, parent) for n in nodes for parent in n.parents if parent in known)
    return Picture((*placed, *below), lines, _around((*placed, *below)), apart)


def label_lines(name: str) -> tuple[str, ...]:
    """A name on at most two lines, broken where a word ends, cut with an ellipsis if it is longer."""
    if len(name) <= _LABEL:
        return (name,)
    ends = [m.end() for m in re.finditer(r"[_.\-\s]|(?<=[a-z])(?=[A-Z])", name[: _LABEL + 1]) if m.end() <= _LABEL]
    cut = ends[-1] if ends and ends[-1] >= 4 else _LABEL
    rest = name[cut:]
    return name[:cut], rest if len(rest) <= _LABEL else f"{rest[: _LABEL - 1]}…"


def _box(node: Node, most: int, label: tuple[str, ...], room: float) -> Box:
    share = math.sqrt((node.rows.value or 0) / most) if most else 0.0
    radius = round((_SMALLEST + (_LARGEST - _SMALLEST) * share) * room, 1)
    width = max((sum(LETTER if ord(c) < 0x1100 else WIDE for c in line) for line in label), default=0.0)
    return Box(node, 0.0, 0.0, radius, label, max(width, 60.0))


# --- places -------------------------------------------------------------------------------------------------


def _rings(across: int) -> Iterator[list[Cell]]:
    """The places of the honeycomb by their steps from the middle, ring by ring; never empty."""
    half = across // 2
    steps = 0
    while True:
        ring = [
            (place, row)
            for row in range(-steps, steps + 1)
            for place in _of_row(row, half)
            if max(abs(row), math.ceil(abs(place) + abs(row) / 2)) == steps
        ]
        if ring:
            yield ring
        steps += 1


def _of_row(row: int, half: int) -> list[float]:
    if row % 2:
        return [i + 0.5 for i in range(-half, half)]
    return [float(i) for i in range(-half, half + 1)]


def _cells(nodes: Sequence[Node], across: int) -> dict[str, Cell]:
    """A place for each node: those about people first, then depth by depth outward."""
    rings = _rings(across)
    free: list[Cell] = []
    taken: dict[str, Cell] = {}
    for _, group in groupby(nodes, key=lambda n: n.depth):
        members = list(group)
        while len(free) < _ROOM * len(members):
            free += next(rings)
        taken |= _assigned(members, free, taken)
        used = set(taken.values())
        free = [cell for cell in free if cell not in used]
    return taken


def _assigned(members: Sequence[Node], cells: Sequence[Cell], taken: Mapping[str, Cell]) -> dict[str, Cell]:
    """Who of them takes which place: one after the other the best that is left, then by moving and exchanging
    while that helps."""
    free = list(cells)
    places: dict[str, Cell] = {}
    for node in sorted(members, key=lambda n: _heading(n, taken)):
        places[node.id] = min(free, key=lambda cell: (_cost(node, cell, places, taken), cell))
        free.remove(places[node.id])
    for _ in range(_ROUNDS):
        if not (_moved(members, places, free, taken) | _exchanged(members, places, taken)):
            break
    return places


def _moved(members: Sequence[Node], places: dict[str, Cell], free: list[Cell], taken: Mapping[str, Cell]) -> bool:
    changed = False
    for node in members:
        here = places[node.id]
        best = min(free, key=lambda cell: (_cost(node, cell, places, taken), cell), default=here)
        if _cost(node, best, places, taken) < _cost(node, here, places, taken) - _LITTLE:
            places[node.id] = best
            free[free.index(best)] = here
            changed = True
    return changed


def _exchanged(members: Sequence[Node], places: dict[str, Cell], taken: Mapping[str, Cell]) -> bool:
    changed = False
    for a, b in combinations(members, 2):
        if not a.parents and not b.parents:
            continue
        here, there = places[a.id], places[b.id]
        before = _cost(a, here, places, taken) + _cost(b, there, places, taken)
        places[a.id], places[b.id] = there, here
        if _cost(a, there, places, taken) + _cost(b, here, places, taken) < before - _LITTLE:
            changed = True
        else:
            places[a.id], places[b.id] = here, there
    return changed


def _heading(node: Node, taken: Mapping[str, Cell]) -> tuple[float, str]:
    """The direction in which the node's parents stand."""
    parents = [taken[p] for p in node.parents if p in taken]
    if not parents:
        return math.pi, node.id
    across, down = sum(c[0] for c in parents), sum(c[1] for c in parents)
    return math.atan2(down, across), node.id


def _cost(node: Node, here: Cell, places: Mapping[str, Cell], taken: Mapping[str, Cell]) -> float:
    """How ill a place suits a node: far from its parents, far out, with neighbours close by, and above all where a
    line to a parent runs over another node."""
    others = [cell for name, cell in (*taken.items(), *places.items()) if name != node.id]
    total = 0.3 * _distance(here, (0.0, 0)) + 0.15 * sum(_distance(here, other) < _NEAR for other in others)
    for parent in node.parents:
        there = taken.get(parent) or places.get(parent)
        if there is not None and parent != node.id:
            total += _distance(here, there) + _DETOUR * sum(_over(here, there, other) for other in others)
    return total


def _distance(a: Cell, b: Cell) -> float:
    return math.hypot(a[0] - b[0], (a[1] - b[1]) * 0.85)


def _over(a: Cell, b: Cell, other: Cell) -> bool:
    """Whether the straight line between two places passes close by a third."""
    if other in (a, b):
        return False
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((other[0] - a[0]) * dx + (other[1] - a[1]) * dy) / (dx * dx + dy * dy or 1)
    if not 0 < along < 1:
        return False
    return math.hypot(a[0] + along * dx - other[0], a[1] + along * dy - other[1]) < 0.3


# --- drawing ------------------------------------------------------------------------------------------------


def _drawn(cells: Mapping[str, Cell], boxes: Mapping[str, Box], gap: float) -> list[Box]:
    """The places in pixels: as wide as the widest label, each row as high as its highest box."""
    if not cells:
        return []
    wide = max(_NARROWEST, *(max(boxes[i].width, 2 * boxes[i].r) for i in cells)) + gap
    rows: dict[int, list[str]] = {}
    for name, (_, row) in cells.items():
        rows.setdefault(row, []).append(name)
    placed, top = [], 0.0
    for row in sorted(rows):
        deepest = max(boxes[i].r for i in rows[row])
        placed += [boxes[i].at(cells[i][0] * wide, top + deepest) for i in rows[row]]
        top += deepest + max(boxes[i].r + boxes[i].below for i in rows[row]) + gap
    order = {name: place for place, name in enumerate(cells)}
    return sorted(placed, key=lambda box: order[box.node.id])


def _apart(loose: list[Box], placed: Sequence[Box], most: int) -> tuple[float | None, list[Box]]:
    """The loose ones in rows under the rest."""
    if not loose:
        return None, []
    left, _, right, bottom = _around(placed)
    wide = max(max(box.width, 2 * box.r) for box in loose) + _GAP
    across = max(most // 2 + 1, min(most, math.floor((right - left) / wide)))
    apart = bottom + 2 * _GAP if placed else 0.0
    top, out = apart + 40.0, list[Box]()
    for start in range(0, len(loose), across):
        row = loose[start : start + across]
        deepest = max(box.r for box in row)
        x = (left + right) / 2 - wide * (len(row) - 1) / 2
        out += [box.at(x + i * wide, top + deepest) for i, box in enumerate(row)]
        top += deepest + max(box.r + box.below for box in row) + _GAP
    return apart, out


def _around(boxes: Sequence[Box]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all of them."""
    if not boxes:
        return 0.0, 0.0, 0.0, 0.0
    lefts, tops, rights, bottoms = zip(*(box.edges for box in boxes), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
