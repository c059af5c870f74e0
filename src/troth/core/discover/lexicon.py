"""What words in names mean, read from ``data/`` once: the concepts a column's name may say, and the kinds of
things a table's name may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from troth.core.discover.lexicon_words import lines_of

Where = Literal["any", "person", "linked", "written", "session"]
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """Something that a column's name can say. ``weight`` is how far the name alone is believed where it says so;
    ``families`` are letters: t text, i number, d date, b true or false, x binary, j structured. ``firms``:
    shops, firms and machines have it as well; ``chosen``: a fixed list of values can speak of it."""

    name: str
    category: str
    weight: float
    where: Where
    families: str
    identifier: str | None = None
    secret: bool = False
    free_text: bool = False
    observed: bool = False
    firms: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The concepts by the words that say them, and the lists of words."""

    phrases: Mapping[Words, tuple[Concept, ...]]
    lists: Mapping[str, frozenset[str]]
    vocabulary: frozenset[str]
    longest: int

    def has(self, kind: str, word: str) -> bool:
        """Whether the word, or its singular, stands in the list."""
        words = self.lists[kind]
        return any(form in words for form in forms(word))


STOP_WORDS = frozenset(
    {"de", "du", "des", "d", "of", "the", "la", "le", "les", "l", "del", "della", "di", "von", "der", "en", "do", "da"}
)
"""Words between words: ``date_de_naissance`` says what ``date_naissance`` says."""


_ORDINARY = frozenset(
    {
        "date",
        "datum",
        "fecha",
        "time",
        "zeit",
        "heure",
        "hora",
        "data",
        "nummer",
        "numero",
        "number",
        "nome",
        "datetime",
    }
)
"""Words that only help to take others apart."""


@cache
def clock_phrases() -> tuple[Mapping[Words, tuple[str, float]], int]:
    """The events that words in the name of a clock speak of, each with its weight; and the most words of one."""
    phrases: dict[Words, tuple[str, float]] = {}
    event, weight = "", 0.0
    for line in lines_of("clocks.txt"):
        if line.startswith("["):
            name, _, number = line.partition("]")
            event, weight = name.strip("[ "), float(number)
        else:
            for phrase in line.split("|"):
                words = tuple(w for w in phrase.split() if w not in STOP_WORDS)
                phrases.setdefault(words, (event, weight))
    phrases.pop((), None)
    return phrases, max(map(len, phrases))


@cache
def lexicon() -> Lexicon:
    """The whole of it."""
    phrases: dict[Words, list[Concept]] = {}
    concept: Concept | None = None
    for line in lines_of("names.txt"):
        if line.startswith("["):
            concept = _concept(line)
        elif concept is not None:
            for phrase in line.split("|"):
                words = tuple(w for w in phrase.split() if w not in STOP_WORDS)
                found = phrases.setdefault(words, [])
                if words and concept not in found and not any(map(str.isdecimal, phrase)):
                    found.append(concept)
    lists = _lists()
    clocks, _ = clock_phrases()
    vocabulary = {word for words in (*phrases, *clocks) for word in words}.union(*lists.values(), _ORDINARY)
    fixed = {words: tuple(concepts) for words, concepts in phrases.items() if words}
    return Lexicon(fixed, lists, frozenset(vocabulary), max(map(len, fixed)))


@cache
def concept_named(name: str) -> Concept:
    """The concept of that name. Raises KeyError."""
    for concepts in lexicon().phrases.values():
        for concept in concepts:
            if concept.name == name:
                return concept
    raise KeyError(name)


def _concept(line: str) -> Concept:
    head, _, rest = line.partition("]")
    category, weight, where, families, *flags = rest.split()
    if where not in get_args(Where):
        raise ValueError(f"names.txt: {where} is no place")
    identifier = next((flag[3:] for flag in flags if flag.startswith("id=")), None)
    return Concept(
        head.strip("[ "),
        category,
        float(weight),
        cast(Where, where),
        families,
        identifier,
        secret="secret" in flags,
        free_text="free" in flags,
        observed="observed" in flags,
        firms="firms" in flags,
        chosen="chosen" in flags,
    )


def _lists() -> Mapping[str, frozenset[str]]:
    lists: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in lines_of("tables.txt"):
        if line.startswith("["):
            current = lists.setdefault(line.strip("[] "), set())
        else:
            current.update(line.split())
    return {name: frozenset(words) for name, words in lists.items()}


@cache
def forms(word: str) -> Words:
    """The word and what may be its singular: ``kunden`` → ``kunde``, ``categories`` → ``category``."""
    found = [word]
    if len(word) > 3:
        if word.endswith("ies"):
            found.append(word[:-3] + "y")
        for ending, least in (
            ("s", 4),
            ("es", 5),
            ("x", 5),
            ("n", 5),
            ("en", 5),
            ("e", 5),
            ("er", 6),
            ("innen", 8),
            ("us", 6),
        ):
            if word.endswith(ending) and len(word) >= least:
                found.append(word[: -len(ending)])
        if word[-1] == "i":
            found.extend((word[:-1] + "o", word[:-1] + "e"))
        if word.endswith("e") and len(word) > 4:
            found.append(word[:-1] + "a")
    return tuple(found)
