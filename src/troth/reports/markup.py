"""Pieces of the page that every chapter uses: tables that become cards, marks of weight, anchors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.core.survey.model import Figure, Param, Place, Survey, Weight
from troth.package.html_cells import escape
from troth.reports.speech import Speaker

SHAPES: dict[Weight, str] = {"act": "▲", "check": "○", "good": "●"}
SHOWN = 150
"""Lines of one table that are shown; the JSON has them all."""


@dataclass(frozen=True)
class Column:
    """The heading of a column; ``number``: its cells are set right; ``draw``: they hold a picture."""

    title: str
    number: bool = False
    draw: bool = False

    @property
    def attribute(self) -> str:
        """The class of its cells."""
        return ' class="n"' if self.number else ' class="draw"' if self.draw else ""


@dataclass(frozen=True)
class Voice:
    """What a chapter needs: the report, and who says it in which language."""

    survey: Survey
    speaker: Speaker

    @property
    def language(self) -> str:
        """The language of this part of the page."""
        return self.speaker.language

    def say(self, name: str, /, **values: Param) -> str:
        """A sentence of the page, finished."""
        return self.speaker.say(name, **values)

    def heading(self, name: str) -> str:
        """The heading of a chapter, with its anchor."""
        return f'<h2 id="{self.language}-{name}">{self.say(name)}</h2>\n'

    def paragraph(self, name: str, /, **values: Param) -> str:
        """A sentence as a paragraph."""
        return f"<p>{self.say(name, **values)}</p>\n"

    def weight(self, weight: Weight) -> str:
        """A shape and a word."""
        return (
            f'<span class="weight {weight}"><span aria-hidden="true">{SHAPES[weight]}</span>{self.say(weight)}</span>'
        )

    def figure(self, figure: Figure) -> str:
        """A number and, as a small word, how it is known."""
        if figure.value is None:
            return f'<span class="basis">{self.say("unknown")}</span>'
        shown = escape(self.speaker.figure(figure))
        if figure.basis == "sampled" and figure.of is not None:
            return shown
        return f'{shown} <span class="basis">({self.say(figure.basis)})</span>'

    def places(self, places: Sequence[Place | str], most: int = 12) -> str:
        """Tables or columns in a cell."""
        shown = [self.speaker.place(p) if isinstance(p, Place) else self.speaker.name(p) for p in places]
        return self.speaker.several(shown, most)

    def table(self, caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """A table with its caption; cells are finished mark-up. The roles keep it one when it is laid out as cards."""
        yield f'<div class="scroll" role="region" tabindex="0" aria-label="{self.say(caption)}">'
        yield f'<table class="plain" role="table"><caption>{self.say(caption)}</caption>\n'
        heads = "".join(f'<th scope="col" role="columnheader"{c.attribute}>{c.title}</th>' for c in columns)
        yield f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">\n'
        for row in rows[:SHOWN]:
            cells = "".join(self._cell(column, cell) for column, cell in zip(columns, row, strict=True))
            yield f'<tr role="row">{cells}</tr>\n'
        yield "</tbody></table></div>\n"
        if len(rows) > SHOWN:
            yield f'<p class="soft">{self.say("rest", n=len(rows) - SHOWN)}</p>\n'

    @staticmethod
    def _cell(column: Column, cell: str) -> str:
        kind = column.attribute if cell else ' class="empty"'
        return f'<td role="cell"{kind} data-label="{column.title}">{cell}</td>'
