"""index.html: one page without script or anything from elsewhere, in French and English.

The rows are written to two side files while they are read; the page is put together when all is known.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from troth.core.policy.model import Policy
from troth.core.rights.access import LeftOut, Reading
from troth.core.rights.information import Information
from troth.package import locale
from troth.package.files import create, finish
from troth.package.html_cells import escape, said
from troth.package.html_data import SHOWN, DataSection, anchor_of, count_words
from troth.package.html_information import Explained
from troth.package.html_names import Namer
from troth.package.html_style import CONTENT_SECURITY_POLICY, STYLE
from troth.package.page_texts import text
from troth.package.values import Plain

_NAMES = {"en": "English", "fr": "Français"}


@dataclass(frozen=True)
class Summary:
    """What the page says around the rows. ``counts`` by (store, collection), with the name of the CSV."""

    information: Information
    left_out: Sequence[LeftOut]
    counts: Mapping[tuple[str, str], tuple[int, str]]
    asked: Sequence[tuple[str, str]]
    generated_at: datetime


class HtmlWriter:
    """Writes the page. ``side`` is a folder for the side files, outside the package; ``language`` the reader's, which
    comes first if the page has it, else that of the policy."""

    def __init__(self, policy: Policy, side: Path, language: str = "") -> None:
        spoken = language[:2] if language[:2] in _NAMES else policy.authoritative
        first = "fr" if spoken.startswith("fr") else "en"
        self._languages = (first, "en" if first == "fr" else "fr")
        self._policy = policy
        self._sides = {language: side / f"rows.{language}" for language in self._languages}
        self._files = {language: create(path) for language, path in self._sides.items()}
        self._sections = [DataSection(file, Namer(policy, lang)) for lang, file in self._files.items()]
        self._shown = 0

    def begin(self, reading: Reading, csv_name: str) -> None:
        """Begin a collection."""
        self._shown = 0
        for section in self._sections:
            section.begin(reading, csv_name)

    def row(self, raws: Sequence[object], values: Sequence[Plain]) -> None:
        """Take a row; those after the first ``SHOWN`` are only counted."""
        if self._shown < SHOWN:
            self._shown += 1
            for section in self._sections:
                section.row(raws, values)

    def end(self, total: int, *, complete: bool) -> None:
        """End the collection."""
        for section in self._sections:
            section.end(total, complete=complete)

    def close(self) -> None:
        """Close the side files; harmless when done already."""
        for file in self._files.values():
            file.close()

    def finish(self, path: Path, summary: Summary) -> None:
        """Put the page together."""
        self.close()
        with create(path) as file:
            self._put(file, self._head())
            for place, language in zip(("first", "second"), self._languages, strict=True):
                self._language(file, place, language, summary)
            self._put(file, ["</main>\n</body>\n</html>\n"])
            finish(file)

    def _head(self) -> Iterator[str]:
        first = self._languages[0]
        title = f"{text('title', first)} — {self._policy.publisher}"
        yield f'<!DOCTYPE html>\n<html lang="{first}">\n<head>\n<meta charset="utf-8">\n'
        yield f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        yield f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        label = " / ".join(text("languages", language) for language in self._languages)
        yield f'<nav class="languages" aria-label="{escape(label)}">'
        for language in self._languages:
            yield f'<a href="#{language}" lang="{language}" hreflang="{language}">{_NAMES[language]}</a>'
        yield "</nav>\n<main>\n"

    def _language(self, file: BinaryIO, place: str, language: str, summary: Summary) -> None:
        namer = Namer(self._policy, language)
        explained = Explained(summary.information, namer)
        self._put(file, [f'<section class="{place}" id="{language}" lang="{language}">\n'])
        self._put(file, _opening(namer, explained, summary))
        self._put(file, [f'<h2 id="{language}-data">{said("data", language)}</h2>\n'])
        with self._sides[language].open("rb") as rows:
            shutil.copyfileobj(rows, file)
        self._put(file, _empty(namer, summary))
        self._put(file, _chapter("why", language, explained.purposes()))
        self._put(file, _chapter("who", language, explained.recipients()))
        self._put(file, _chapter("rights", language, explained.rights()))
        self._put(file, _chapter("missing", language, explained.left_out(summary.left_out)))
        self._put(file, _chapter("formats", language, _formats(language)))
        back = f'<p class="back"><a href="#{language}">{said("top", language)}</a></p>'
        self._put(file, [f"{back}\n</section>\n"])

    @staticmethod
    def _put(file: BinaryIO, markup: Iterator[str] | Sequence[str]) -> None:
        for part in markup:
            file.write(part.encode("utf-8"))


def _opening(namer: Namer, explained: Explained, summary: Summary) -> Iterator[str]:
    language, information = namer.language, summary.information
    found = [(place, count) for place, count in summary.counts.items() if count[0]]
    yield f"<h1>{said('title', language)}</h1>\n"
    yield f'<p class="lead">{said("lead", language, publisher=escape(information.publisher))}</p>\n'
    made = locale.moment(summary.generated_at, language, namer.policy.timezone)
    asked = ", ".join(f"{namer.identifier(kind)}{namer.colon}{escape(value[:200])}" for kind, value in summary.asked)
    facts = [
        (said("made", language), f'<time datetime="{summary.generated_at.isoformat()}">{escape(made)}</time>'),
        (said("asked", language), asked),
        (said("version", language), escape(information.policy_version)),
    ]
    yield '<dl class="facts">' + "".join(f"<dt>{n}</dt><dd>{v}</dd>" for n, v in facts if v) + "</dl>\n"
    yield f"<p>{said('notice', language)}</p>\n"
    title = f"{language}-contents"
    yield f'<nav class="contents" aria-labelledby="{title}"><h2 id="{title}">{said("contents", language)}</h2>\n<ul>\n'
    total = explained.total(sum(rows for _, (rows, _) in found), len(found))
    yield f'<li><a href="#{language}-data">{said("data", language)}</a>{namer.colon}{total}\n<ul>\n'
    for (store, name), (rows, csv_name) in found:
        link = f'<a href="#{anchor_of(language, csv_name)}">{namer.collection(store, name)}</a>'
        yield f"<li>{link}{namer.colon}{count_words(rows, language)}</li>\n"
    yield "</ul></li>\n"
    for chapter in ("why", "who", "rights", "missing", "formats"):
        yield f'<li><a href="#{language}-{chapter}">{said(chapter, language)}</a></li>\n'
    yield "</ul></nav>\n"


def _chapter(name: str, language: str, content: Iterator[str]) -> Iterator[str]:
    yield f'<h2 id="{language}-{name}">{said(name, language)}</h2>\n'
    yield from content


def _empty(namer: Namer, summary: Summary) -> Iterator[str]:
    broken = {(o.store, o.collection) for o in summary.left_out if o.reason == "interrupted"}
    names = [namer.place(*place) for place, (rows, _) in summary.counts.items() if not rows and place not in broken]
    if names:
        yield f'<p class="soft">{said("empty", namer.language)} {", ".join(names)}.</p>\n'


def _formats(language: str) -> Iterator[str]:
    yield f"<ul>\n<li><code>data.json</code>: {said('formats_json', language)}</li>\n"
    yield f"<li><code>*.csv</code>: {said('formats_csv', language)}</li>\n"
    yield f"<li><code>files/</code>: {said('formats_files', language)}</li>\n</ul>\n"
