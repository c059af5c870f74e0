"""What names say about which table a column refers to: words taken apart, plurals, words for people.

Names of columns are written in a few languages and many habits (``user_id``, ``idUser``, ``fk_user``, ``userno``).
Nothing here knows a table of any particular software.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from troth.core.discover.link_words import (
    BY,
    CHANGED_WORDS,
    HANDLER_ROLES,
    ID_WORDS,
    MADE_WORDS,
    MAKER_ROLES,
    OWNER_ROLES,
    PERSON_WORDS,
)

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")

_IRREGULAR = {"people": "person", "persons": "person", "children": "child", "men": "man", "women": "woman"}


@lru_cache(maxsize=65_536)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case and without accents: ``idClient2`` is id, client, 2."""
    plain = name.replace("ß", "ss")
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        plain = plain.replace(letter, pair)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return tuple(piece.lower() for piece in _PIECES.findall(plain))


@lru_cache(maxsize=65_536)
def singulars(word: str) -> tuple[str, ...]:
    """What a word may be the plural of, itself first."""
    forms = [word]
    if word in _IRREGULAR:
        forms.append(_IRREGULAR[word])
    endings = (
        ("ies", "y"),
        ("aux", "al"),
        ("es", ""),
        ("s", ""),
        ("x", ""),
        ("en", ""),
        ("n", ""),
        ("e", ""),
        ("i", "o"),
        ("i", "e"),
        ("e", "a"),
    )
    for ending, instead in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            forms.append(word[: len(word) - len(ending)] + instead)
    return tuple(dict.fromkeys(forms))


@lru_cache(maxsize=65_536)
def spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words written as one, with what the last may be the plural of."""
    if not words:
        return ()
    head = "".join(words[:-1])
    return tuple(head + form for form in singulars(words[-1]))


def is_about(words: Iterable[str], vocabulary: frozenset[str]) -> bool:
    """Whether one of the words, or its singular, is in the vocabulary."""
    return any(form in vocabulary for word in words for form in singulars(word))


def without_id(name: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """The words of a column without those that say "number of", and whether there were any."""
    words = list(name)
    had = False
    while len(words) > 1 and words[-1] in ID_WORDS:
        words.pop()
        had = True
    while len(words) > 1 and words[0] in ID_WORDS:
        words.pop(0)
        had = True
    if not had and len(words[-1:]) and len(words[-1]) >= 5 and words[-1].endswith("id"):
        return (*words[:-1], words[-1].removesuffix("id")), True
    return tuple(words), had


ABOUT, STAFF, MADE, HANDLED = 3, 2, 1, 0
"""How much a row is about whom a column names: about them; about staff, if about nobody else; made by them; only
dealt with by them."""


def rank_of_role(column: str) -> int:
    """What the column's name says of the person's part in the row: ``ABOUT``, ``MADE`` or ``HANDLED``."""
    return rank_of_part(without_id(words_of(column))[0])


def rank_of_part(words: tuple[str, ...]) -> int:
    """The same of a name that was taken apart."""
    if (words and words[-1] in BY) or (len(words) > 1 and any(w in BY for w in words[1:])):
        return MADE if any(w in MADE_WORDS for w in words) else HANDLED
    joined = "".join(words)
    if joined in MAKER_ROLES or is_about(words, MAKER_ROLES):
        return MADE
    if is_about(words, HANDLER_ROLES | CHANGED_WORDS) and not is_about(words[-1:], OWNER_ROLES):
        return HANDLED
    return ABOUT


def names_a_person(column: str) -> bool:
    """Whether the column is called after a person's part in something."""
    spelt = words_of(column)
    return "uid" in spelt or is_part(without_id(spelt)[0])


def is_part(words: Sequence[str]) -> bool:
    """Whether words tell a person's part in something."""
    if not words:
        return False
    if any(w in BY for w in words[1:]):
        return True
    vocabulary = PERSON_WORDS | OWNER_ROLES | MAKER_ROLES | HANDLER_ROLES
    return is_about(words[-1:], vocabulary) or "".join(words) in vocabulary


def common_prefixes(names: Iterable[str]) -> frozenset[str]:
    """First words that so many tables share that they say nothing (``wx_users``, ``wx_orders``)."""
    firsts = Counter(words[0] for words in map(words_of, names) if len(words) > 1)
    total = sum(1 for _ in names) if isinstance(names, (list, tuple)) else sum(firsts.values())
    return frozenset(word for word, count in firsts.items() if count >= 4 and count >= 0.4 * total)
