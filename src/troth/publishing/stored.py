"""A page as JSON, and back: how a published version is kept for ever."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from troth.publishing.model import Block, Cell, Chapter, Foreign, Link, Page, Paragraph, Points, Table, Terms

FORMAT = 1
_BLOCKS: Mapping[str, type[Any]] = {"paragraph": Paragraph, "table": Table, "terms": Terms, "points": Points}
_NAMES = {kind: name for name, kind in _BLOCKS.items()}


def as_json(page: Page) -> dict[str, Any]:
    """The page as JSON, with the format it is written in."""
    data = {"format": FORMAT, **{f.name: getattr(page, f.name) for f in dataclasses.fields(page)}}
    data["languages"] = list(page.languages)
    data["summary"] = [_cell(cell) for cell in page.summary]
    data["chapters"] = [
        {"anchor": c.anchor, "title": c.title, "blocks": [_block(b) for b in c.blocks]} for c in page.chapters
    ]
    return data


def from_json(data: Mapping[str, Any]) -> Page:
    """The page that ``as_json`` wrote. Raises ValueError for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"a page of format {data.get('format')!r}, which this version does not read")
    fields = {f.name: data[f.name] for f in dataclasses.fields(Page)}
    fields["languages"] = tuple(fields["languages"])
    fields["summary"] = tuple(_read_cell(cell) for cell in fields["summary"])
    fields["chapters"] = tuple(
        Chapter(c["anchor"], c["title"], tuple(_read_block(b) for b in c["blocks"])) for c in fields["chapters"]
    )
    return Page(**fields)


def digest(page: Page) -> str:
    """SHA-256 over what people read."""
    text = json.dumps(as_json(page), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _cell(cell: Cell) -> list[Any]:
    return [_part(part) for part in cell]


def _part(part: str | Link | Foreign) -> Any:
    match part:
        case Link():
            return [part.text, part.href]
        case Foreign():
            return {"text": part.text, "language": part.language}
        case _:
            return part


def _read_cell(parts: Sequence[Any]) -> Cell:
    return tuple(_read_part(part) for part in parts)


def _read_part(part: Any) -> str | Link | Foreign:
    if isinstance(part, str):
        return part
    return Foreign(part["text"], part["language"]) if isinstance(part, dict) else Link(*part)


def _block(block: Block) -> dict[str, Any]:
    data: dict[str, Any] = {"type": _NAMES[type(block)]}
    match block:
        case Paragraph():
            plain = {name: getattr(block, name) for name in ("anchor", "heading", "kind", "note")}
            return data | {"text": _cell(block.text)} | plain
        case Table():
            rows = [[_cell(cell) for cell in row] for row in block.rows]
            return data | {
                "caption": block.caption, "head": list(block.head), "rows": rows, "anchors": list(block.anchors),
            }  # fmt: skip
        case Terms():
            return data | {"items": [[term, _cell(cell)] for term, cell in block.items]}
        case Points():
            return data | {"items": [_cell(cell) for cell in block.items]}


def _read_block(data: Mapping[str, Any]) -> Block:
    match data["type"]:
        case "paragraph":
            plain = {name: data[name] for name in ("anchor", "heading", "kind", "note")}
            return Paragraph(_read_cell(data["text"]), **plain)
        case "table":
            rows = tuple(tuple(_read_cell(cell) for cell in row) for row in data["rows"])
            return Table(data["caption"], tuple(data["head"]), rows, tuple(data["anchors"]))
        case "terms":
            return Terms(tuple((term, _read_cell(cell)) for term, cell in data["items"]))
        case "points":
            return Points(tuple(_read_cell(cell) for cell in data["items"]))
        case other:
            raise ValueError(f"a block of an unknown kind: {other!r}")
