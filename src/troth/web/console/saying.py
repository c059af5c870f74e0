"""What the engine says in English, in the reader's language: findings, refusals and errors are sentences with places in
them, and ``phrases.txt`` has each of them in French. One that it does not have stays English, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from troth.publishing.words import spaced

_PLACE = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its remedy, and the language that they are in."""

    message: str
    remedy: str
    language: str


@cache
def phrases() -> tuple[tuple[str, str], ...]:
    """(English, French), each with the same places."""
    text = (Path(__file__).parent / "phrases.txt").read_text(encoding="utf-8")
    lines = (line.split(" | ") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((english, french) for english, french in lines)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The longest literal text first, so that the most exact phrase is taken."""
    ordered = sorted(phrases(), key=lambda one: -len(_PLACE.sub("", one[0])))
    return tuple((_pattern(english), french) for english, french in ordered)


def _pattern(english: str) -> re.Pattern[str]:
    known: set[str] = set()
    parts = []
    for index, part in enumerate(_PLACE.split(english)):
        if index % 2 == 0:
            parts.append(re.escape(part))
        elif part in known:
            parts.append(f"(?P={part})")
        else:
            known.add(part)
            parts.append(f"(?P<{part}>.*?)")
    return re.compile("".join(parts) + r"(?P<details_> \([^()]*\))?", re.DOTALL)


def french(sentence: str) -> str | None:
    """The sentence in French; None where nobody has said it in French yet."""
    plain = " ".join(sentence.split())
    for pattern, text in _patterns():
        if match := pattern.fullmatch(plain):
            places = match.groupdict()
            details = places.pop("details_") or ""
            # Spaced before it is filled in: what it names stays as it is.
            return _filled(spaced(text, "fr"), places) + details
    return None


def _filled(text: str, places: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: places[place[1]], text)


def said(message: str, remedy: str, language: str) -> Said:
    """A message and what to do about it. English where a part of it is not known in French."""
    if not language.startswith("fr"):
        return Said(message, remedy, "en")
    told, advice = french(message), french(remedy) if remedy else ""
    if told is None:
        return Said(message, remedy, "en")
    return Said(told, advice or "", "fr")


def each(sentences: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Sentences without a remedy, each with its language."""
    found = [said(sentence, "", language) for sentence in sentences]
    return [(one.message, one.language) for one in found]
