"""What changed between two versions of a page, word by word, place by place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from troth.publishing.model import Cell, Link, Page, Paragraph, Points, Table, Terms

_WORDS = re.compile(r"\s+|[^\W_]+|[^\w\s]|_", re.UNICODE)
MOST_WORDS = 4_000
"""A passage of more words is shown as a whole before and a whole after: comparing it would take too long."""

Part = tuple[Literal["same", "gone", "new"], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A passage that is new, gone or changed. ``place`` is its anchor, ``chapter`` the heading above it."""

    place: str
    chapter: str
    kind: Literal["new", "gone", "changed"]
    parts: tuple[Part, ...]


def differences(before: Page, after: Page) -> list[Difference]:
    """The passages that differ, in the order of the later page; those that are gone stand where they stood."""
    old, new = dict(_passages(before)), dict(_passages(after))
    found = []
    for place in _merged(list(old), list(new)):
        was, now = old.get(place), new.get(place)
        if was is not None and now is not None and was[1] == now[1]:
            continue
        chapter = (now or was or ("", ""))[0]
        if was is None and now is not None:
            found.append(Difference(place, chapter, "new", (("new", now[1]),)))
        elif now is None and was is not None:
            found.append(Difference(place, chapter, "gone", (("gone", was[1]),)))
        elif was is not None and now is not None:
            found.append(Difference(place, chapter, "changed", tuple(words(was[1], now[1]))))
    return found


def words(before: str, after: str) -> Iterator[Part]:
    """The later text with what went and what came, in whole words."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        yield from (("gone", before), ("new", after))
        return
    for action, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if action == "equal":
            yield "same", "".join(old[i:j])
            continue
        if i < j:
            yield "gone", "".join(old[i:j])
        if k < m:
            yield "new", "".join(new[k:m])


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


def _passages(page: Page) -> Iterator[tuple[str, tuple[str, str]]]:
    """(place, (chapter's title, text)): clauses and rows by their anchors, the rest by where it stands."""
    yield "title", ("", page.title)
    if page.introduction:
        yield "introduction", ("", page.introduction)
    for chapter in page.chapters:
        yield chapter.anchor, (chapter.title, chapter.title)
        for number, block in enumerate(chapter.blocks):
            here = f"{chapter.anchor}-{number}"
            for place, text in _texts(block, here):
                yield place, (chapter.title, text)


def _texts(block: Paragraph | Table | Terms | Points, here: str) -> Iterator[tuple[str, str]]:
    match block:
        case Paragraph():
            yield block.anchor or here, " ".join(t for t in (block.heading, plain(block.text), block.note) if t)
        case Table():
            for number, row in enumerate(block.rows):
                anchor = block.anchors[number] if block.anchors else f"{here}-{number}"
                named = zip(block.head, row, strict=True)
                yield anchor, "; ".join(f"{head}: {plain(cell)}" for head, cell in named)
        case Terms():
            for term, cell in block.items:
                yield f"{here}-{term}", f"{term}: {plain(cell)}"
        case Points():
            for number, cell in enumerate(block.items):
                yield f"{here}-{number}", plain(cell)


def plain(cell: Cell) -> str:
    """A cell without its links."""
    return "".join(part.text if isinstance(part, Link) else part for part in cell)
