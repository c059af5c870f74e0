"""Writing lines of a policy file: texts in the policy's languages, answers quoted, comments that explain."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from troth.core.discover import yaml_text

_WIDTH = 110
_HELD = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes for one policy. Comments and words without translation are in the first of its languages."""

    languages: tuple[str, ...]

    @property
    def language(self) -> str:
        """The first language."""
        return self.languages[0]

    def chosen(self, en: str, fr: str) -> str:
        """The one in the first language."""
        return fr if self.language == "fr" else en

    def text(self, en: str, fr: str) -> str:
        """A text for people, as the value of a key."""
        return self.texts({"en": en, "fr": fr})

    def texts(self, by_language: dict[str, str]) -> str:
        """The same, from a mapping."""
        if len(self.languages) == 1:
            return yaml_text.value(by_language[self.language])
        return "{" + ", ".join(f"{code}: {yaml_text.value(by_language[code])}" for code in self.languages) + "}"

    def note(self, en: str, fr: str, indent: int = 0) -> Iterator[str]:
        """A comment, folded."""
        margin = " " * indent + "# "
        # A sign that follows a space in French does not begin a line.
        text = re.sub(" (?=[;:!?»])", _HELD, yaml_text.comment(self.chosen(en, fr)))
        for line in textwrap.wrap(text, _WIDTH - indent, break_long_words=False, break_on_hyphens=False):
            yield margin + line.replace(_HELD, " ")


def quoted(text: str) -> str:
    """An answer as a value that is read back as the same text."""
    return yaml_text.value(text)


def optional(key: str, text: str) -> Iterator[str]:
    """The line of a key, if there is something to write."""
    if text:
        yield f"{key}: {quoted(text)}"


def indented(lines: Iterable[str], by: int = 2) -> Iterator[str]:
    """The lines moved to the right; empty ones stay empty."""
    yield from (" " * by + line if line else "" for line in lines)


def listed(names: Iterable[str]) -> str:
    """A list on one line."""
    return "[" + ", ".join(names) + "]"
