"""The differences of two versions as HTML, for somebody who reads the policy once in years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby

from troth.publishing.differences import Difference, Line, Part
from troth.publishing.typography import typeset_html
from troth.publishing.words import say

_SHORT = 20
"""A text of at most so many characters is struck out beside its successor; a longer one stands above it."""
_TAGS = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}


def changes(found: Sequence[Difference], language: str) -> str:
    """How much has changed, in a sentence; then chapter by chapter what. Each change is told by a word, a sign and a
    colour."""
    own = "fr" if language.startswith("fr") else "en"
    if not found:
        return f"<p>{escape(say('no_change', own))}</p>\n"
    chapters = groupby(sorted(found, key=_in_order(found)), key=lambda one: one.chapter)
    body = "".join(_chapter(title, list(group), own) for title, group in chapters)
    whole = f'<p class="lead">{escape(summary(found, own))}</p>\n<div lang="{escape(language)}">\n{body}</div>\n'
    return typeset_html(whole, language)


def summary(found: Sequence[Difference], language: str) -> str:
    """How many passages came, went, changed or moved, in the text and in the tables."""
    said = []
    for name, rows in (("d_text", False), ("d_rows", True)):
        counted = Counter(one.kind for one in found if one.row == rows)
        told = [
            say(f"d_n_{kind}{'_1' if counted[kind] == 1 else ''}", language, n=str(counted[kind]))
            for kind in ("changed", "new", "gone", "moved") if counted[kind]
        ]  # fmt: skip
        if told:
            said.append(say(name, language, list=", ".join(told)))
    return " ".join(said)


def _in_order(found: Sequence[Difference]) -> Callable[[Difference], int]:
    """Chapters in the order in which they are first met, so that each is told of once."""
    places: dict[str, int] = {}
    for one in found:
        places.setdefault(one.chapter, len(places))
    return lambda one: places[one.chapter]


def _chapter(title: str, found: list[Difference], own: str) -> str:
    items = "".join(_item(one, own) for one in found)
    return f'<section><h2>{escape(title or say("d_head", own))}</h2>\n<ul class="changes">\n{items}</ul></section>\n'


def _item(one: Difference, own: str) -> str:
    told = say(f"d_{one.kind}", own, before=one.before)
    title = f"{escape(one.title)} " if one.title and (one.row or one.kind == "moved") else ""
    head = f'<h3>{title}<span class="mark">{escape(told)}</span></h3>'
    if one.kind == "changed" and one.before:
        head += f'<p class="note">{escape(say("d_moved", own, before=one.before))}</p>'
    return f'<li class="{one.kind}">{head}{"".join(_lines(one, own))}</li>\n'


def _lines(one: Difference, own: str) -> Iterator[str]:
    for line in one.lines:
        if one.row and line.label and (one.kind == "changed" or line.parts[0][1] != one.title):
            yield f'<p class="label">{escape(line.label)}</p>'
        yield from _told(line, one, own)


def _told(line: Line, one: Difference, own: str) -> Iterator[str]:
    """A text with its marks; one that is wholly another, as it was and as it is."""
    kinds = [kind for kind, _ in line.parts]
    if one.kind == "changed" and kinds == ["gone", "new"] and len(line.parts[0][1]) > _SHORT:
        for name, (kind, text) in zip(("d_before", "d_after"), line.parts, strict=True):
            yield f'<p class="label">{escape(say(name, own))}</p><p class="whole {kind}">{_mark((kind, text))}</p>'
        return
    whole = f' class="whole {kinds[0]}"' if len(kinds) == 1 and one.kind != "changed" else ""
    if one.row and whole and line.parts[0][1] == one.title:
        return
    yield f"<p{whole}>{''.join(map(_mark, line.parts))}</p>"


def _mark(part: Part) -> str:
    kind, text = part
    return _TAGS[kind].format(escape(text))
