"""Sentences with their values put in: numbers and days as the language writes them, names kept apart from words.

A name of a table or column is the database's, so anybody's: in mark-up it is escaped and set as code, on a
terminal its control characters become pictures of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from troth.core.policy.values import Duration
from troth.core.survey.model import Figure, Param, Place
from troth.package import labels, locale
from troth.package.html_cells import escape
from troth.reports.texts import TEXTS
from troth.reports.texts_findings import KINDS

LONGEST = 64
"""Characters of a name that are shown."""
NAMED = 5
"""Names of a list that are shown within a sentence."""

_PLACE = re.compile(r"\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}")
_CODE = re.compile(r"`([^`]+)`")
_PICTURES = {code: 0x2400 + code for code in range(32)}
_PICTURES |= dict.fromkeys([0x7F, *range(0x80, 0xA0), *range(0xD800, 0xE000)], 0xFFFD)
_PICTURES |= dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)


def plain_name(name: str) -> str:
    """A name that does nothing to whatever shows it: no control characters, no changes of direction, not long."""
    shown = name.translate(_PICTURES)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


@dataclass(frozen=True)
class Speaker:
    """Says things in one language, with mark-up or without."""

    language: str
    markup: bool = True

    def say(self, name: str, table: Mapping[str, Mapping[str, str]] = TEXTS, /, **values: Param) -> str:
        """A sentence with its values. Raises KeyError for a sentence or value that is not there."""
        return self._filled(table[name][self.language], values)

    def _filled(self, sentence: str, values: Mapping[str, Param]) -> str:
        parts, at = [], 0
        for match in _PLACE.finditer(sentence):
            parts.append(self._words(sentence[at : match.start()]))
            parts.append(self._value(match[1], values[match[1]], match[2], match[3]))
            at = match.end()
        return "".join([*parts, self._words(sentence[at:])])

    def _words(self, words: str) -> str:
        if not self.markup:
            return words
        return _CODE.sub(r"<code>\1</code>", escape(words))

    def _value(self, name: str, value: Param, one: str | None, many: str | None) -> str:
        if one is not None and isinstance(value, int | Figure):
            return self._counted(value, one, many or one)
        if name == "months" and isinstance(value, int):
            return self._words(self.span(value))
        special: dict[str, Callable[[str], str]] = {"kinds": self.kind, "categories": self.category}
        if isinstance(value, tuple):
            return self.several([special[name](v) for v in value] if name in special else [self.name(v) for v in value])
        if isinstance(value, str):
            return self._words(value) if name in ("n", "of", "percent", "age", "period", "engine", "why", "kind",
                                                  "marks", "years", "months") else self.name(value)  # fmt: skip
        return self._words(self._bare(value))

    def _bare(self, value: int | Figure | date | Duration) -> str:
        if isinstance(value, Figure):
            return self.figure(value)
        if isinstance(value, Duration):
            return self.duration(value)
        if isinstance(value, date):
            return self.day(value)
        return self.whole(value)

    def _counted(self, value: int | Figure, one: str, many: str) -> str:
        number = value.value if isinstance(value, Figure) else value
        singular = number == 1 or (number == 0 and self.language == "fr")
        shown = self.figure(value) if isinstance(value, Figure) else self.whole(value)
        return self._words(f"{shown}\u00a0{one if singular else many}")

    # --- names and numbers --------------------------------------------------------------------------------

    def name(self, name: str) -> str:
        """A table's or column's name."""
        shown = plain_name(name)
        return f'<code dir="auto">{escape(shown)}</code>' if self.markup else shown

    def place(self, place: Place) -> str:
        """A column, and what is meant within it."""
        inner = f" → {place.path}" if place.path else ""
        return self.name(f"{place.table}.{place.column}{inner}")

    def column(self, place: Place) -> str:
        """The same without its table."""
        return self.name(f"{place.column} → {place.path}" if place.path else place.column)

    def several(self, shown: list[str], most: int = NAMED) -> str:
        """A list within a sentence; ``shown`` is finished."""
        if len(shown) > most:
            rest = len(shown) - most
            more = self.say("and_more_one" if rest == 1 else "and_more", n=self.whole(rest))
            return f"{', '.join(shown[:most])} {more}"
        if len(shown) < 2:
            return "".join(shown)
        return f"{', '.join(shown[:-1])} {self._words(TEXTS['and'][self.language])} {shown[-1]}"

    def kind(self, kind: str) -> str:
        """The kind of a sensitive value, finished."""
        return self._words(KINDS[kind][self.language]) if kind in KINDS else self.name(kind)

    def category(self, category: str) -> str:
        """A category of personal data, finished."""
        return self._words(labels.category(category, self.language, {}))

    def title(self, category: str) -> str:
        """A category at the beginning of a line, finished."""
        words = labels.category(category, self.language, {})
        return self._words(words[:1].upper() + words[1:])

    def whole(self, number: int) -> str:
        """A number in groups."""
        return locale.whole(number, self.language)

    def day(self, day: date) -> str:
        """A day, written out, its parts kept together."""
        return locale.day(day, self.language).replace(" ", "\u00a0")

    def figure(self, figure: Figure) -> str:
        """A number as it is known: "about" an estimate, "12 of 300 looked at"."""
        if figure.value is None:
            return TEXTS["unknown"][self.language]
        shown = self.whole(figure.value)
        if figure.basis == "estimated":
            return TEXTS["about"][self.language].format(n=shown)
        if figure.of is not None:
            return TEXTS["of_sample"][self.language].format(n=shown, of=self.whole(figure.of))
        return shown

    def span(self, months: int) -> str:
        """An age of so many months: ``12 years 3 months``."""
        plain = Speaker(self.language, markup=False)
        years, rest = divmod(months, 12)
        if not months:
            return plain.say("less_than_month")
        parts = [plain.say("years", n=years)] if years else []
        parts += [plain.say("months", n=rest)] if rest else []
        return parts[0] if len(parts) == 1 else plain.say("span_and", years=parts[0], months=parts[1])

    def duration(self, period: Duration) -> str:
        """A period of the law or of a policy."""
        plain = Speaker(self.language, markup=False)
        parts = [self.span(period.months)] if period.months else []
        parts += [plain.say("days", n=period.days)] if period.days else []
        parts += [plain.say("minutes", n=period.minutes)] if period.minutes else []
        return " ".join(parts) or plain.say("days", n=0)
