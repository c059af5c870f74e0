"""What is held, each value once: facts of which there is one, and lists of what there are several of; with the uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Told = tuple[str, str]
"""What it is, in plain text, and the value as finished markup."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the rows of a sheet: its label, its cells, and the purposes that it serves."""

    label: str
    cells: tuple[str, ...]
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one collection. ``title`` and cells are finished markup; ``beside`` only tells rows apart; ``more``:
    these are not all."""

    title: str
    beside: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[Column, ...]
    more: bool = False

    @property
    def count(self) -> int:
        """How many rows are here."""
        return len(self.columns[0].cells)


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was found, the places where it stands and the titles of the uses that it serves."""

    cell: str
    places: tuple[str, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a person has one of: mostly with one value, with several where the places differ."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Something that there are several of. ``same``: what is the same in all rows; ``uses``: titles of uses, and the
    labels of what serves them, which are empty where all of it does."""

    anchor: str
    title: str
    count: int
    same: tuple[Told, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[Told, ...], ...]
    uses: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class What:
    """What one use uses: labels of facts, and of each list its anchor, title, the number of its rows in which
    something of the use stands, and the labels; none for all."""

    facts: tuple[str, ...]
    lists: tuple[tuple[str, str, int, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        """How many facts and rows."""
        return len(self.facts) + sum(count for _, _, count, _ in self.lists)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The whole; ``what`` by purpose."""

    facts: tuple[Fact, ...] = ()
    lists: tuple[Listing, ...] = ()
    what: Mapping[str, What] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many values and rows there are."""
        return sum(len(fact.values) for fact in self.facts) + sum(one.count for one in self.lists)

    @property
    def more(self) -> bool:
        """Whether there are more."""
        return any(one.more for one in self.lists)


def gather(sheets: Sequence[Sheet], titles: Mapping[str, str]) -> Gathered:
    """``titles`` of the purposes, in the order in which they are to be told."""
    single = [sheet for sheet in sheets if _single(sheet)]
    several = [(f"in-{number}", sheet) for number, sheet in enumerate((s for s in sheets if not _single(s)), 1)]
    what = {
        name: What(
            tuple(dict.fromkeys(label for sheet in single for label in _serving(sheet, name))),
            tuple(part for anchor, sheet in several if (part := _part(anchor, sheet, name))[2]),
        )
        for name in titles
    }  # fmt: skip
    return Gathered(_facts(single, titles), tuple(_listing(anchor, one, titles) for anchor, one in several), what)


def _single(sheet: Sheet) -> bool:
    return sheet.count == 1 and not sheet.beside and not sheet.more


def _facts(sheets: Iterable[Sheet], titles: Mapping[str, str]) -> tuple[Fact, ...]:
    found: dict[str, dict[str, tuple[dict[str, None], set[str]]]] = {}
    for sheet in sheets:
        for column in sheet.columns:
            if not column.cells[0]:
                continue
            places, uses = found.setdefault(column.label, {}).setdefault(column.cells[0], ({}, set()))
            places[sheet.title] = None
            uses |= column.uses
    return tuple(
        Fact(label, tuple(Value(cell, tuple(places), _told(uses, titles)) for cell, (places, uses) in values.items()))
        for label, values in found.items()
    )  # fmt: skip


def _told(uses: set[str] | frozenset[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(title for name, title in titles.items() if name in uses)


def _serving(sheet: Sheet, name: str) -> tuple[str, ...]:
    return tuple(within(column.label) for column in sheet.columns if name in column.uses)


def within(label: str) -> str:
    """A label in the middle of a line: small, unless it is an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _part(anchor: str, sheet: Sheet, name: str) -> tuple[str, str, int, tuple[str, ...]]:
    serving = _serving(sheet, name)
    cells = zip(*(column.cells for column in sheet.columns if name in column.uses), strict=True)
    count = sum(any(row) for row in cells)
    return anchor, sheet.title, count, () if len(serving) == len(sheet.columns) else serving


def _listing(anchor: str, sheet: Sheet, titles: Mapping[str, str]) -> Listing:
    same = [one for one in sheet.columns if sheet.count > 1 and not sheet.more and len(set(one.cells)) == 1]
    shown = [*sheet.beside, *((one.label, one.cells) for one in sheet.columns if one not in same)]
    heads = tuple(label for label, _ in shown)
    rows = tuple(zip(*(cells for _, cells in shown), strict=True))
    return Listing(
        anchor, sheet.title, sheet.count, tuple((one.label, one.cells[0]) for one in same), heads,
        tuple(tuple(zip(heads, row, strict=True)) for row in rows), tuple(_used(sheet, titles)), sheet.more,
    )  # fmt: skip


def _used(sheet: Sheet, titles: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    groups: dict[frozenset[str], list[str]] = {}
    for column in sheet.columns:
        groups.setdefault(column.uses, []).append(column.label)
    for uses, labels in groups.items():
        yield _told(uses, titles), tuple(labels) if len(groups) > 1 else ()
