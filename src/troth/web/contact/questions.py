"""Questions in words, for people whose browser runs no scripts. They stop what fills in every form it meets; whoever
writes a program for this site can answer them, which is why that way is slow and narrow."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBERS = {
    "en": ("two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "fr": ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
}
_TOTALS = {
    "en": ("four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
           "fifteen", "sixteen", "seventeen", "eighteen"),
    "fr": ("quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze",
           "seize", "dix-sept", "dix-huit"),
}  # fmt: skip
_KINDS = {
    "en": {
        "an animal": ("horse", "rabbit", "heron", "trout"), "a fruit": ("apple", "cherry", "pear", "plum"),
        "a colour": ("green", "yellow", "blue", "red"), "a tool": ("hammer", "chisel", "pliers", "saw"),
    },
    "fr": {
        "un animal": ("cheval", "lapin", "héron", "truite"), "un fruit": ("pomme", "cerise", "poire", "prune"),
        "une couleur": ("vert", "jaune", "bleu", "rouge"), "un outil": ("marteau", "ciseau", "tenaille", "scie"),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and every answer that is right, without accents and capitals."""

    text: str
    answers: frozenset[str]


def question(seed: int, language: str) -> Question:
    """The question that belongs to a number; ``language`` is ``en`` or ``fr``."""
    draw = random.Random(seed)  # noqa: S311  the number itself was drawn in a way nobody can foresee
    return _sum(draw, language) if draw.random() < 0.5 else _pick(draw, language)


def is_right(asked: Question, answer: str) -> bool:
    """Whether an answer is right, however it is written."""
    return plain(answer) in asked.answers


def plain(text: str) -> str:
    """Without accents, capitals and what stands around the word."""
    bare = unicodedata.normalize("NFKD", text[:60].casefold())
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    words = letters.split()
    return " ".join(words[1:] if words[:1] in (["the"], ["a"], ["an"], ["le"], ["la"], ["un"], ["une"]) else words)


def _sum(draw: random.Random, language: str) -> Question:
    first, second = draw.randrange(8), draw.randrange(8)
    names, total = _NUMBERS[language], first + second
    said = (names[first], names[second])
    text = f"Combien font {said[0]} plus {said[1]} ?" if language == "fr" else f"How much is {said[0]} plus {said[1]}?"
    return Question(text, frozenset({plain(_TOTALS[language][total]), str(total + 4)}))


def _pick(draw: random.Random, language: str) -> Question:
    kinds = _KINDS[language]
    wanted, *others = draw.sample(sorted(kinds), 3)
    right = draw.choice(kinds[wanted])
    words = [right, *(draw.choice(kinds[other]) for other in others)]
    draw.shuffle(words)
    return Question(_asked(wanted, words, language), frozenset({plain(right)}))


def _asked(wanted: str, words: Sequence[str], language: str) -> str:
    row = ", ".join(words)
    if language == "fr":
        return f"Lequel de ces mots désigne {wanted} : {row} ?"
    return f"Which of these words is {wanted}: {row}?"
