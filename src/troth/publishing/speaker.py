"""One language of one policy: how its own texts and the page's words are said in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from troth.core.policy.model import Policy
from troth.core.policy.sections.base import ENDLESS
from troth.core.policy.values import parse_duration
from troth.core.rights.information_words import spoken
from troth.package import labels, locale
from troth.publishing import words
from troth.publishing.model import Foreign


@dataclass(frozen=True, slots=True)
class Speaker:
    """``language`` is that of the publisher's texts; the page's own words exist in English and French."""

    policy: Policy
    language: str
    as_of: date

    @property
    def own(self) -> str:
        """The language of the page's own words."""
        return "fr" if self.language.startswith("fr") else "en"

    def say(self, key: str, /, **values: str) -> str:
        """A sentence of the page."""
        return words.say(key, self.own, **values)

    def text(self, text: Mapping[str, str] | None) -> str:
        """A text of the publisher; where this language lacks it, the one that prevails."""
        if not text:
            return ""
        return text.get(self.language) or text.get(self.policy.authoritative) or next(iter(text.values()))

    def said(self, text: Mapping[str, str]) -> str | Foreign:
        """As ``text``, but a text that this language lacks is marked as being of another."""
        if self.language in text:
            return text[self.language]
        return Foreign(
            self.text(text), self.policy.authoritative if self.policy.authoritative in text else next(iter(text))
        )

    def category(self, name: str) -> str:
        """A category of data as people call it."""
        own = {key: section.title for key, section in self.policy.document.categories.items()}
        return labels.category(name, self.language if self.language in ("en", "fr") else "en", own)

    def role(self, name: str) -> str:
        """What a recipient does: the common words of the file in the reader's language, others as they are."""
        return labels.word(name, self.own)

    def country(self, code: str) -> str:
        """A country's name."""
        return labels.country(code, self.own)

    def people(self, name: str) -> str:
        """A group of people."""
        group = self.policy.document.people.get(name)
        return self.text(group.title) if group is not None else name.replace("_", " ")

    def period(self, text: str) -> str:
        """A period of the file in words."""
        return spoken(parse_duration(text))[self.own]

    def life(self, text: str) -> str:
        """How long something is kept in the browser."""
        return life_in_words(text, self.own)

    def day(self, day: date) -> str:
        """A day, written out."""
        return locale.day(day, self.own)

    def listed(self, items: Iterable[str]) -> str:
        """Words in a row; a dash for none."""
        return ", ".join(items) or "—"


def life_in_words(text: str, language: str) -> str:
    """A lifetime of the file in words, in English or French: a period, or a word such as ``session``."""
    return words.say(text, language) if text in ENDLESS else spoken(parse_duration(text))[language]


def spelt_version(version: str, language: str) -> str:
    """A version as people read it; one that is a date is written out."""
    try:
        return locale.day(date.fromisoformat(version), language)
    except ValueError:
        return version
