"""What a published policy is made of, before anybody decides how it looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere: a path of the site, an anchor, a web or mail address."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Words of another language than the page's, such as a name; whoever reads them aloud has to know."""

    text: str
    language: str


Cell = tuple[str | Link | Foreign, ...]
"""A line of text, parts of which may be links or foreign words."""


def plain(cell: Cell) -> str:
    """A cell without its links."""
    return "".join(part if isinstance(part, str) else part.text for part in cell)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. ``anchor`` stays the same from version to version; ``kind`` history was said once and is not
    held any more (``note`` tells why and when)."""

    text: Cell
    anchor: str = ""
    heading: str = ""
    kind: str = "text"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, the head of each column, and rows of as many cells."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()
    """One for each row, or none."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Words and what is said of each, such as the particulars of a legal notice."""

    items: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[Cell, ...]


Block = Paragraph | Table | Terms | Points


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the page, with an anchor that stays."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The policy in one language. ``notice`` says that another language prevails; empty in that one."""

    language: str
    languages: tuple[str, ...]
    authoritative: str
    title: str
    version: str
    publisher: str
    notice: str
    introduction: str
    changes: str
    summary: tuple[Cell, ...]
    chapters: tuple[Chapter, ...]
