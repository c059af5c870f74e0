"""The spaces that must not break, in the French way and in the English way.

French (*Lexique des règles typographiques en usage à l'Imprimerie nationale*): a thin space before ``;`` ``!`` ``?``,
a word space before ``:`` and inside quotation marks. In both languages a number stays with its unit, a telephone number
in one piece, a day with its month, an article with its number. Only spaces change, or come where they were forgotten;
texts of other languages stay as they are. A page is kept as it was written, and set when it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from troth.publishing.model import Block, Cell, Chapter, Foreign, Link, Page, Paragraph, Points, Table, Terms

HARD = "\u00a0"
THIN = "\u202f"

_FRENCH_UNITS = (
    "€|%|°|h|min|s|ans?|mois|semaines?|jours?|heures?|minutes?|secondes?|bits?|octets?|Ko|Mo|Go|km|m|janvier|février|"
    "mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
)
_ENGLISH_UNITS = (
    "€|%|°|h|years?|months?|weeks?|days?|hours?|minutes?|seconds?|bits?|bytes?|KB|MB|GB|km|m|January|February|March|"
    "April|May|June|July|August|September|October|November|December"
)
_SPACE = f"[ {HARD}{THIN}]"
_END = r"(?![\w/])"
_NUMBERED = re.compile(r"(?<=[§№]) (?=\d)|(?<=\b[Aa]rticle) (?=\d)|(?<=\b[Aa]rt\.) (?=\d)|(?<=\b[Nn]o\.) (?=\d)")
_FIGURES = re.compile(r"(?<=\d) (?=\d)")
_FRENCH = (
    (re.compile(rf"(?<=[\w»)])(?=[;!?](?:\s|$))|{_SPACE}(?=[;!?]{_END})"), THIN),
    (re.compile(rf"(?<=[\w»)])(?=:(?:\s|$))|{_SPACE}(?=:{_END}|»)|(?<=«){_SPACE}"), HARD),
    (re.compile(rf"(?<=\d) (?=(?:{_FRENCH_UNITS})(?!\w))|(?<=\b1er) (?=\w)|(?<=n°) (?=\d)"), HARD),
    (_FIGURES, HARD),
    (_NUMBERED, HARD),
)
_ENGLISH = (
    (re.compile(rf"(?<=\d) (?=(?:{_ENGLISH_UNITS})(?!\w))"), HARD),
    (_FIGURES, HARD),
    (_NUMBERED, HARD),
)
_RULES = {"fr": _FRENCH, "en": _ENGLISH}
_MARKED = re.compile(r"(<[^>]*>|&#?\w+;)")


def typeset(text: str, language: str) -> str:
    """A text with its spaces. Doing it twice changes nothing more."""
    for found, space in _RULES.get(language.partition("-")[0], ()):
        text = found.sub(space, text)
    return text


def typeset_html(html: str, language: str) -> str:
    """The same for what stands between tags."""
    parts = _MARKED.split(html)
    parts[::2] = [typeset(part, language) for part in parts[::2]]
    return "".join(parts)


def set_page(page: Page) -> Page:
    """Every text of a page."""

    def one(text: str) -> str:
        return typeset(text, page.language)

    return replace(
        page, title=one(page.title), notice=one(page.notice), introduction=one(page.introduction),
        changes=one(page.changes), summary=tuple(_cell(line, one) for line in page.summary),
        chapters=tuple(
            Chapter(c.anchor, one(c.title), tuple(_block(block, one) for block in c.blocks)) for c in page.chapters
        ),
    )  # fmt: skip


def _cell(cell: Cell, one: Callable[[str], str]) -> Cell:
    def part(piece: str | Link | Foreign) -> str | Link | Foreign:
        match piece:
            case Link():
                return replace(piece, text=one(piece.text))
            case Foreign():
                return piece
            case _:
                return one(piece)

    return tuple(part(piece) for piece in cell)


def _block(block: Block, one: Callable[[str], str]) -> Block:
    match block:
        case Paragraph():
            return replace(block, text=_cell(block.text, one), heading=one(block.heading), note=one(block.note))
        case Table():
            rows = tuple(tuple(_cell(said, one) for said in row) for row in block.rows)
            return replace(block, caption=one(block.caption), head=tuple(map(one, block.head)), rows=rows)
        case Terms():
            return Terms(tuple((one(term), _cell(said, one)) for term, said in block.items))
        case Points():
            return Points(tuple(_cell(item, one) for item in block.items))
