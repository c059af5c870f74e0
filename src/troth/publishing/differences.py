"""What changed between two versions of a page: passage by passage, in tables cell by cell, within them word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from troth.publishing.model import Chapter, Page, Paragraph, Points, Table, Terms, plain
from troth.publishing.typography import set_page

_WORDS = re.compile(r"\s+|[^\W_]+|[^\w\s]|_", re.UNICODE)
MOST_WORDS = 4_000
"""A passage of more words is shown as a whole before and a whole after: comparing it would take too long."""
ALIKE = 0.5
"""Passages that share less than this are shown as a whole too: a mosaic of words cannot be read."""
_ISLAND = 2
"""So many words that stayed between two changes are shown as changed: they only look alike."""

Kind = Literal["new", "gone", "changed", "moved"]
Part = tuple[Literal["same", "gone", "new"], str]


@dataclass(frozen=True, slots=True)
class Line:
    """A text of a passage, or a cell of a row under the head of its column."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A passage that is new, gone, changed, or stands in another chapter (``before``).

    ``place`` is its anchor, ``chapter`` the heading above it, ``title`` what it is called (the first cell of a row),
    ``lines`` only what differs of it.
    """

    place: str
    chapter: str
    kind: Kind
    lines: tuple[Line, ...] = ()
    title: str = ""
    before: str = ""
    row: bool = False


@dataclass(frozen=True, slots=True)
class _Passage:
    place: str
    chapter: str
    lines: tuple[tuple[str, str], ...]
    title: str = ""
    row: bool = False
    home: str = field(default="", compare=False)

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)


def differences(before: Page, after: Page) -> list[Difference]:
    """The passages that differ, in the order of the later page; those that are gone stand where they stood. A
    chapter's heading tells nothing of its own when all of the chapter came or went."""
    old = {passage.place: passage for passage in _passages(set_page(before))}
    new = {passage.place: passage for passage in _passages(set_page(after))}
    found = []
    homes = {passage.home for passage in new.values()}
    for place in _merged(list(old), list(new)):
        was, now = old.get(place), new.get(place)
        one = now or was
        if one is None or (one.home == place and not (was and now)):
            continue
        if was is None or now is None:
            kind: Literal["new", "gone"] = "gone" if now is None else "new"
            whole = tuple(Line(label, ((kind, text),)) for label, text in one.lines if text)
            found.append(Difference(place, one.chapter, kind, whole, one.title, row=one.row))
        else:
            found += _changed(was, now, homes)
    return found


def _changed(was: _Passage, now: _Passage, homes: set[str]) -> Iterator[Difference]:
    lines = tuple(_lines(was, now))
    # Where the chapter itself is gone, all of it had to go elsewhere: that tells nobody anything.
    moved = was.chapter if was.home != now.home and was.home in homes else ""
    if lines or moved:
        yield Difference(
            now.place, now.chapter, "changed" if lines else "moved", lines, now.title or ("" if lines else now.text),
            moved, now.row,
        )  # fmt: skip


def _lines(was: _Passage, now: _Passage) -> Iterator[Line]:
    """The lines that differ. Those of a row are found again by their heads, so a new column is no change of others."""
    before: dict[str, list[str]] = {}
    for label, text in was.lines:
        before.setdefault(label, []).append(text)
    for label, text in now.lines:
        old = before[label].pop(0) if before.get(label) else ""
        if old != text:
            yield Line(label, tuple(words(old, text)))
    for label, gone in before.items():
        yield from (Line(label, (("gone", text),)) for text in gone if text)


def words(before: str, after: str) -> Iterator[Part]:
    """The later text with what went and what came, in whole words; the one whole after the other where they are too
    different for that."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    too_long = len(old) + len(new) > MOST_WORDS
    matcher = difflib.SequenceMatcher(None, [], [], autojunk=False) if too_long else _matcher(old, new)
    if too_long or _likeness(old, new) < ALIKE:
        yield from _both(before, after)
        return
    gone = came = ""
    codes = matcher.get_opcodes()
    for number, (action, i, j, k, m) in enumerate(codes):
        inside = 0 < number < len(codes) - 1
        if action == "equal" and not (inside and _counted(old[i:j]) <= _ISLAND):
            yield from _both(gone, came)
            gone = came = ""
            yield "same", "".join(old[i:j])
        else:
            gone, came = gone + "".join(old[i:j]), came + "".join(new[k:m])
    yield from _both(gone, came)


def _both(gone: str, came: str) -> Iterator[Part]:
    if gone:
        yield "gone", gone
    if came:
        yield "new", came


def _matcher(old: list[str], new: list[str]) -> difflib.SequenceMatcher[str]:
    return difflib.SequenceMatcher(None, old, new, autojunk=False)


def _likeness(old: list[str], new: list[str]) -> float:
    """How much of two texts is the same, counted in words."""
    return _matcher([w for w in old if w[0].isalnum()], [w for w in new if w[0].isalnum()]).ratio()


def _counted(tokens: list[str]) -> int:
    return sum(token[0].isalnum() for token in tokens)


def _merged(old: list[str], new: list[str]) -> Iterator[str]:
    """All places; one that is gone follows the place that it followed."""
    known = set(new)
    gone: dict[str, list[str]] = {}
    last = ""
    for place in old:
        if place in known:
            last = place
        else:
            gone.setdefault(last, []).append(place)
    yield from gone.get("", ())
    for place in new:
        yield place
        yield from gone.get(place, ())


def _passages(page: Page) -> Iterator[_Passage]:
    """Clauses and rows by their anchors, the rest by where it stands."""
    yield _Passage("title", "", (("", page.title),))
    if page.introduction:
        yield _Passage("introduction", "", (("", page.introduction),))
    for chapter in page.chapters:
        yield _Passage(chapter.anchor, chapter.title, (("", chapter.title),), home=chapter.anchor)
        for number, block in enumerate(chapter.blocks):
            yield from _of_block(block, chapter, f"{chapter.anchor}-{number}")


def _of_block(block: Paragraph | Table | Terms | Points, chapter: Chapter, here: str) -> Iterator[_Passage]:
    title, home = chapter.title, chapter.anchor
    match block:
        case Paragraph():
            lines = (("", " ".join(t for t in (block.heading, plain(block.text)) if t)), ("note", block.note))
            place = block.anchor or (f"{home}:{block.heading}" if block.heading else here)
            yield _Passage(place, title, tuple(line for line in lines if line[1]), home=home)
        case Table():
            for number, row in enumerate(block.rows):
                anchor = block.anchors[number] if block.anchors else f"{here}-{number}"
                cells = tuple((head, plain(cell)) for head, cell in zip(block.head, row, strict=True))
                yield _Passage(anchor, title, cells, cells[0][1] if cells else "", True, home)
        case Terms():
            for term, cell in block.items:
                yield _Passage(f"{home}:{term}", title, ((term, plain(cell)),), row=True, home=home)
        case Points():
            for number, cell in enumerate(block.items):
                yield _Passage(f"{here}-{number}", title, (("", plain(cell)),), home=home)
