"""A page as PDF: tagged for screen readers (PDF/UA-1), made to last (PDF/A-2a), the same bytes for the same page.

Set by Typst (docs/decisions/0014-pdf-by-typst.md), an extra of the package: ``troth[pdf]``. The page goes in as data;
no text of it is ever read as mark-up and nothing is fetched. Typst's own fonts write Latin, Greek and Cyrillic; for
other scripts the machine's fonts are used, and the standards are not promised.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from troth.publishing.logo import Picture
from troth.publishing.model import Block, Cell, Foreign, Link, Page, Paragraph, Points, Table, Terms, plain
from troth.publishing.speaker import spelt_version
from troth.publishing.typography import set_page
from troth.publishing.words import say

KIND = "application/pdf"
ACCENT = "#0b5a6b"
_WEB = ("https://", "http://", "mailto:", "tel:")


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("typst") is not None


def pdf(page: Page, at: datetime, *, base: str = "", logo: Picture | None = None, accent: str = ACCENT) -> bytes:
    """The page as PDF, dated ``at``. ``base`` stands before paths of the site; without it they are plain text.

    Raises ImportError without the extra.
    """
    import typst

    data = _data(set_page(page), at.astimezone(UTC), base)
    data["accent"] = accent
    if logo is not None:
        shape = {"content": list(logo.content), "format": logo.suffix, "text": page.publisher}
        data["logo"] = shape
    template = files("troth.publishing").joinpath("data", "policy.typ").read_bytes()
    inputs, moment = {"page": json.dumps(data, ensure_ascii=False)}, int(at.timestamp())
    try:
        made = typst.compile(
            template, format="pdf", sys_inputs=inputs, ignore_system_fonts=True, pdf_standards=["a-2a", "ua-1"],
            timestamp=moment,
        )  # fmt: skip
    except typst.TypstError:
        # A sign that our fonts lack. Those of the machine may have it; the standards forbid to go without.
        made = typst.compile(template, format="pdf", sys_inputs=inputs, timestamp=moment)
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made


def _data(page: Page, at: datetime, base: str) -> dict[str, Any]:
    own = "fr" if page.language.startswith("fr") else "en"
    language, _, region = page.language.partition("-")
    anchors = _anchors(page)
    version = say("version", own, version=spelt_version(page.version, own))
    notice: list[Any] = []
    if page.notice:
        original = Link(say("original", own), f"/history/{quote(page.version)}?lang={page.authoritative}")
        notice = _cell((f"{page.notice} ", original), base, anchors)
    return {
        "lang": language, "region": region.lower() if len(region) == 2 else None,
        "title": page.title, "publisher": page.publisher,
        "about": f"{page.title} · {page.publisher} · {version}", "version": version, "notice": notice,
        "date": {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")},
        "introduction": page.introduction,
        "changes": say("changes", own, text=page.changes) if page.changes else "",
        "summary": [_cell(line, base, anchors) for line in page.summary],
        "words": {name: say(name, own) for name in ("summary", "contents")},
        "where": _cell((say("pdf_where", own), " ", Link(f"{base}/", "/")), base, anchors) if base else [],
        "chapters": [
            {"anchor": c.anchor, "title": c.title, "blocks": [_block(b, base, anchors) for b in c.blocks]}
            for c in page.chapters
        ],
    }  # fmt: skip


def _anchors(page: Page) -> set[str]:
    """Where a link inside the page can lead: places that are there once."""
    found = Counter(chapter.anchor for chapter in page.chapters)
    for block in (block for chapter in page.chapters for block in chapter.blocks):
        match block:
            case Paragraph():
                found[block.anchor] += 1
            case Table():
                found.update(block.anchors)
    return {anchor for anchor, times in found.items() if times == 1}


def _cell(parts: Cell, base: str, anchors: set[str]) -> list[Any]:
    return [_part(part, base, anchors) for part in parts]


def _part(part: str | Link | Foreign, base: str, anchors: set[str]) -> Any:
    match part:
        case Link():
            return _link(part, base, anchors)
        case Foreign():
            return {"text": part.text, "lang": part.language}
        case _:
            return part


def _link(link: Link, base: str, anchors: set[str]) -> dict[str, str]:
    if link.href.startswith("#") and link.href[1:] in anchors:
        return {"text": link.text, "label": link.href[1:]}
    if link.href.startswith(_WEB):
        return {"text": link.text, "url": link.href}
    if base and link.href.startswith("/"):
        return {"text": link.text, "url": f"{base}{link.href}"}
    return {"text": link.text}


def _block(block: Block, base: str, anchors: set[str]) -> dict[str, Any]:
    match block:
        case Paragraph():
            plain = {name: getattr(block, name) for name in ("anchor", "heading", "kind", "note")}
            return {"type": "paragraph", "text": _cell(block.text, base, anchors), **plain}
        case Table():
            return _table(block, base, anchors)
        case Terms():
            return {"type": "terms", "items": [[term, _cell(said, base, anchors)] for term, said in block.items]}
        case Points():
            return {"type": "points", "items": [_cell(item, base, anchors) for item in block.items]}


def _table(block: Table, base: str, anchors: set[str]) -> dict[str, Any]:
    names = block.anchors or ("",) * len(block.rows)
    rows = [
        {"anchor": name, "cells": [_cell(said, base, anchors) for said in row]}
        for name, row in zip(names, block.rows, strict=True)
    ]
    return {
        "type": "table", "caption": block.caption, "head": list(block.head), "rows": rows, "columns": _widths(block),
        "size": 8.5 if len(block.head) > 4 else 9.5,
    }  # fmt: skip


def _widths(block: Table) -> list[float]:
    """Shares of the width: by how much a column says, and no narrower than its longest word needs."""
    shares = []
    for at, head in enumerate(block.head):
        texts = [head, *(plain(row[at]) for row in block.rows)]
        longest = max((len(word) for text in texts for word in re.split(r"[\s-]", text)), default=1)
        usual = sum(len(text) for text in texts) / len(texts)
        shares.append(max(float(min(longest, 16)), usual**0.5 * 2.2))
    return shares
