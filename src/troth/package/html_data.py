"""The rows of the page: the first of each collection, in one language, written as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from troth.core.rights.access import Column, Reading
from troth.package import locale
from troth.package.html_cells import escape, link, said, show
from troth.package.html_meaning import coded, decided, meant
from troth.package.html_names import Namer
from troth.package.values import Plain

SHOWN = 200
"""Rows of one collection that the page shows; the CSV has them all."""
CARDS = 3
"""Up to so many rows are shown as cards, which is easier to read than a table of one line."""


class DataSection:
    """Writes the collections one after the other to a file. Memory holds the shown rows of one collection."""

    def __init__(self, file: BinaryIO, namer: Namer) -> None:
        self._file = file
        self._namer = namer
        self._language = namer.language
        self._store: str | None = None
        self._rows: list[list[str]] = []

    def begin(self, reading: Reading, csv_name: str) -> None:
        """Begin a collection."""
        self._reading = reading
        self._csv = csv_name
        self._rows = []

    def row(self, raws: Sequence[object], values: Sequence[Plain]) -> None:
        """Take a row that is to be shown."""
        columns = self._reading.columns
        self._rows.append([
            meant(column.field, raw, self._language) or self._coded(column, raw)
            or show(raw, value, column.family, self._language, self._csv, self._namer.policy.timezone)
            for raw, value, column in zip(raws, values, columns, strict=True)
        ])  # fmt: skip

    def _coded(self, column: Column, raw: object) -> str:
        """A code of a column that holds no personal data, or by which a decision is known, in words."""
        told = (self._reading.collection, column, raw, self._language)
        return coded(*told) or decided(*told)

    def end(self, total: int, *, complete: bool) -> None:
        """Write the collection. Nothing for one without rows: those are listed together."""
        if not total and complete:
            return
        store, name = self._reading.place
        if store != self._store:
            self._put(f"<h3>{self._namer.store(store)}</h3>\n")
            self._store = store
        anchor = anchor_of(self._language, self._csv)
        self._put(f'<h4 id="{anchor}">{self._namer.collection(store, name)} <code>{escape(name)}</code></h4>\n')
        self._put(f"<p>{self._count(total)} {self._where(total)} {self._purposes()}</p>\n")
        if not complete:
            self._put(f'<p class="warn">{said("interrupted", self._language)}</p>\n')
        if len(self._rows) <= CARDS:
            self._cards()
        else:
            self._table(anchor)
        self._rows = []

    def _count(self, total: int) -> str:
        return f"<strong>{count_words(total, self._language)}</strong>."

    def _where(self, total: int) -> str:
        file = link(self._csv, escape(self._csv))
        if total <= len(self._rows):
            return said("all_in", self._language, file=file)
        numbers = {"shown": str(len(self._rows)), "n": escape(locale.whole(total, self._language))}
        return said("first", self._language, file=file, **numbers)

    def _purposes(self) -> str:
        names = [p for p in self._namer.policy.purposes if p in self._reading.purposes]
        if not names:
            return ""
        return f"{said('used_for', self._language, purposes=', '.join(self._namer.purpose(p) for p in names))}."

    def _cards(self) -> None:
        for number, row in enumerate(self._rows, 1):
            if len(self._rows) > 1:
                self._put(f"<h5>{said('record', self._language, n=str(number))}</h5>\n")
            self._put('<dl class="record">\n')
            for column, cell in zip(self._reading.columns, row, strict=True):
                heading = self._namer.heading(self._reading, column)
                self._put(f'<div><dt>{heading}</dt><dd dir="auto">{cell}</dd></div>\n')
            self._put("</dl>\n")

    def _table(self, anchor: str) -> None:
        """A table; the roles keep it one when narrow screens lay it out as cards."""
        columns = self._reading.columns
        self._put(
            f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{anchor}">'
            f'<table role="table" aria-labelledby="{anchor}"><thead role="rowgroup"><tr role="row">'
        )
        for column in columns:
            heading = self._namer.heading(self._reading, column)
            self._put(f'<th scope="col" role="columnheader">{heading}</th>')
        self._put('</tr></thead>\n<tbody role="rowgroup">\n')
        labels = [self._namer.card_label(self._reading, column) for column in columns]
        attributes = [f'role="cell" dir="auto" data-label="{label}"' for label in labels]
        for row in self._rows:
            cells = "".join(f"<td {a}>{cell}</td>" for a, cell in zip(attributes, row, strict=True))
            self._put(f'<tr role="row">{cells}</tr>\n')
        self._put("</tbody></table></div>\n")

    def _put(self, markup: str) -> None:
        self._file.write(markup.encode("utf-8"))


def anchor_of(language: str, csv_name: str) -> str:
    """The fragment of a collection's heading."""
    return escape(f"{language}-{csv_name.removesuffix('.csv')}")


def count_words(total: int, language: str) -> str:
    """A number of records in words."""
    if total == 1:
        return said("rows_one", language)
    return said("rows_many", language, n=escape(locale.whole(total, language)))
