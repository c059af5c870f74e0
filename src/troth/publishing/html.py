"""A page as HTML: one article without style or script of its own, for our site and for the publisher's pages."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from troth.publishing.model import Block, Cell, Chapter, Foreign, Link, Page, Paragraph, Points, Table, Terms
from troth.publishing.speaker import spelt_version
from troth.publishing.typography import typeset_html
from troth.publishing.words import say

_SAFE = ("https://", "http://", "mailto:", "tel:", "/", "#")


def fragment(page: Page, *, base: str = "", original: str = "") -> str:
    """The whole policy as one ``article``. ``base`` stands before paths of the site, for use on other pages;
    ``original`` is where the text that prevails is, if not at its usual place."""
    return typeset_html("".join(_article(page, base, original or f"/{page.authoritative}/")), page.language)


def _article(page: Page, base: str, original: str) -> Iterator[str]:
    own = "fr" if page.language.startswith("fr") else "en"
    yield f'<article class="policy" lang="{escape(page.language)}">\n<header>\n<h1>{escape(page.title)}</h1>\n'
    date = spelt_version(page.version, own)
    yield f'<p class="version">{escape(say("version", own, version=date))} · {escape(page.publisher)}</p>\n'
    if page.notice:
        there = f'<a href="{escape(base + original)}" hreflang="{escape(page.authoritative)}">'
        yield f'<p class="notice">{escape(page.notice)} {there}{escape(say("original", own))}</a></p>\n'
    if page.changes:
        yield f'<p class="note">{escape(say("changes", own, text=page.changes))}</p>\n'
    if page.introduction:
        yield f'<p class="lead">{escape(page.introduction)}</p>\n'
    yield "</header>\n"
    if page.summary:
        yield f'<section class="summary" aria-labelledby="summary"><h2 id="summary">{say("summary", own)}</h2>\n<ul>\n'
        yield from (f"<li>{cell(line, base)}</li>\n" for line in page.summary)
        yield "</ul></section>\n"
    yield f'<nav class="contents" aria-labelledby="contents"><h2 id="contents">{say("contents", own)}</h2>\n<ol>\n'
    yield from (f'<li><a href="#{escape(c.anchor)}">{escape(c.title)}</a></li>\n' for c in page.chapters)
    yield "</ol></nav>\n"
    for chapter in page.chapters:
        yield from _chapter(chapter, base)
    yield "</article>\n"


def _chapter(chapter: Chapter, base: str) -> Iterator[str]:
    anchor = escape(chapter.anchor)
    yield f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{escape(chapter.title)}</h2>\n'
    for block in chapter.blocks:
        yield from _block(block, base)
    yield "</section>\n"


def _block(block: Block, base: str) -> Iterator[str]:
    match block:
        case Paragraph():
            yield from _paragraph(block, base)
        case Table():
            yield from _table(block, base)
        case Terms():
            items = (f"<dt>{escape(term)}</dt><dd>{cell(said, base)}</dd>\n" for term, said in block.items)
            yield f"<dl>\n{''.join(items)}</dl>\n"
        case Points():
            yield f"<ul>\n{''.join(f'<li>{cell(item, base)}</li>{chr(10)}' for item in block.items)}</ul>\n"


def _paragraph(block: Paragraph, base: str) -> Iterator[str]:
    anchor = f' id="{escape(block.anchor)}"' if block.anchor else ""
    kind = f' class="{escape(block.kind)}"' if block.kind in ("promise", "history", "information") else ""
    yield f"<div{anchor}{kind}>"
    if block.heading:
        yield f"<h3>{escape(block.heading)}</h3>"
    text = cell(block.text, base)
    yield f"<p>{f'<s>{text}</s>' if block.kind == 'history' else text}</p>"
    if block.note:
        yield f'<p class="note">{escape(block.note)}</p>'
    yield "</div>\n"


def _table(block: Table, base: str) -> Iterator[str]:
    """A table that a narrow screen shows as cards; the roles keep it a table for whoever listens to it."""
    yield f'<table role="table"><caption>{escape(block.caption)}</caption>\n<thead role="rowgroup"><tr role="row">'
    yield from (f'<th scope="col" role="columnheader">{escape(head)}</th>' for head in block.head)
    yield '</tr></thead>\n<tbody role="rowgroup">\n'
    for number, row in enumerate(block.rows):
        anchor = f' id="{escape(block.anchors[number])}"' if block.anchors else ""
        yield f'<tr role="row"{anchor}>'
        for head, said in zip(block.head, row, strict=True):
            yield f'<td role="cell" data-label="{escape(head)}">{cell(said, base)}</td>'
        yield "</tr>\n"
    yield "</tbody></table>\n"


def cell(parts: Cell, base: str = "") -> str:
    """A line of text with its links. An address of a kind that could run something is shown as text."""
    return "".join(_part(part, base) for part in parts)


def _part(part: str | Link | Foreign, base: str) -> str:
    match part:
        case Link():
            return _link(part, base)
        case Foreign():
            return f'<span lang="{escape(part.language)}">{escape(part.text)}</span>'
        case _:
            return escape(part)


def _link(link: Link, base: str) -> str:
    if not link.href.startswith(_SAFE):
        return escape(link.text)
    href = f"{base}{link.href}" if link.href.startswith("/") else link.href
    bare = ' class="bare"' if link.text == link.href else ""  # on paper the address need not be said twice
    return f'<a{bare} href="{escape(href)}">{escape(link.text)}</a>'
