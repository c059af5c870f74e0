"""The word lists that values are compared with, read from ``data/`` once, when first needed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_LIGATURES = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'"})


def folded(text: str) -> str:
    """Small letters without accents: ``Straße`` and ``STRASSE`` are the same word."""
    if text.isascii():
        return text.lower()
    lower = text.casefold().translate(_LIGATURES)
    return "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))


def lines_of(name: str) -> list[str]:
    """The lines of a data file that say something."""
    text = files("troth.core.discover").joinpath("data", name).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def word_lists() -> Mapping[str, frozenset[str]]:
    """The lists of ``values.txt`` by name. A hyphen in a list stands for a space or a hyphen."""
    lists: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in lines_of("values.txt"):
        if line.startswith("["):
            current = lists.setdefault(line.strip("[] "), set())
        else:
            current.update(folded(word) for word in line.split())
    return {name: frozenset(words | {w.replace("-", " ") for w in words}) for name, words in lists.items()}


@cache
def given_names() -> frozenset[str]:
    """Common given names, folded."""
    return frozenset(word for line in lines_of("given_names.txt") for word in line.split())


@cache
def surnames() -> frozenset[str]:
    """Common family names, folded; those of several words with spaces."""
    return frozenset(word.replace("-", " ") for line in lines_of("surnames.txt") for word in line.split())


@cache
def street_endings() -> tuple[str, ...]:
    """The endings that make a compound the name of a street."""
    return tuple(sorted(word_lists()["street_ending"]))
