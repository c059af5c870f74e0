"""Reads the names of tables and columns: takes them apart into words, and asks the lexicon what these say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from troth.core.discover.lexicon import STOP_WORDS, Concept, Words, forms, lexicon
from troth.core.discover.lexicon_words import folded

_LONGEST = 128
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHORTEST_PART = 3
_SHORT_PARTS = frozenset({"id", "nr", "no", "ip", "cp", "cc", "pw", "ua", "to", "ab", "um", "am"})
_JOINTS = ("", "s", "n", "en", "es", "er", "e")
"""What German puts between the halves of a word."""


@lru_cache(maxsize=8_192)
def words_of(name: str) -> Words:
    """The words of an identifier, folded: ``CustEMail2`` → ``cust``, ``e``, ``mail``; digits and words between
    words are left out; words run together are taken apart where the lexicon knows the parts."""
    plain = "".join(_unaccented(name[:_LONGEST]))
    found: list[str] = []
    for piece in _PIECES.findall(plain):
        word = piece.lower()
        if not word.isdecimal() and word not in STOP_WORDS:
            found.extend(apart(word))
    return tuple(found)


@lru_cache(maxsize=8_192)
def run_together(name: str) -> Words:
    """The other reading, for capitals that part no words: ``UStID`` is ``ustid``, ``EMail`` is ``email``."""
    plain = "".join(_unaccented(name[:_LONGEST])).lower()
    return tuple(word for piece in re.findall(r"[a-z]+", plain) for word in apart(piece) if word not in STOP_WORDS)


def _unaccented(name: str) -> Iterator[str]:
    for c in name:
        if c.isascii():
            yield c
        else:
            plain = folded(c)
            yield plain.upper() if c.isupper() else plain


@cache
def apart(word: str) -> Words:
    """A word, or the known words it is made of (``geburtsdatum``, ``codepostal``)."""
    known = lexicon().vocabulary
    for spelling in (word, _without_digraphs(word)):
        if len(spelling) < 5 or any(form in known for form in forms(spelling)):
            return (spelling,)
        if parts := _split(spelling, 0):
            return parts
    return (word,)


def _without_digraphs(word: str) -> str:
    """``geloescht`` as ``gelöscht`` folds: German keyboards differ."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _split(word: str, depth: int) -> Words:
    known = lexicon().vocabulary
    if depth > 3:
        return ()
    for cut in range(len(word) - 2, 1, -1):
        head, rest = word[:cut], word[cut:]
        if not _is_part(head):
            continue
        for joint in _JOINTS:
            if rest.startswith(joint) and len(rest) - len(joint) >= 2:
                tail = rest[len(joint) :]
                if _is_part(tail) and any(form in known for form in forms(tail)):
                    return (head, tail)
                if more := _split(tail, depth + 1):
                    return (head, *more)
    return ()


def _is_part(part: str) -> bool:
    if len(part) < _SHORTEST_PART:
        return part in _SHORT_PARTS
    known = lexicon().vocabulary
    return part in known or (len(part) > 4 and any(form in known for form in forms(part)))


def common_prefix(names: Iterable[str]) -> Words:
    """The words with which nearly all of several columns begin (``usr_``, ``tx_``); none when there are few."""
    rows = [words_of(name) for name in names]
    prefix: list[str] = []
    while len(rows) >= 4:
        depth = len(prefix)
        firsts = Counter(row[depth] for row in rows if len(row) > depth + 1 and row[:depth] == tuple(prefix))
        if not firsts:
            break
        word, count = firsts.most_common(1)[0]
        if count < 0.75 * len(rows) or depth >= 3:
            break
        prefix.append(word)
    return tuple(prefix)


def without_prefix(words: Words, prefix: Words) -> Words:
    """The words behind a common prefix."""
    return words[len(prefix) :] if prefix and words[: len(prefix)] == prefix and len(words) > len(prefix) else words


@dataclass(frozen=True, slots=True)
class Saying:
    """A concept that a name says, the words that say it, and the words beside them."""

    concept: Concept
    words: Words
    before: Words
    after: Words

    @property
    def beside(self) -> Words:
        """All other words."""
        return self.before + self.after


def sayings(words: Words) -> tuple[Saying, ...]:
    """Every concept said by some of the words; phrases within longer ones that say something are left out."""
    found: list[tuple[int, int, Saying]] = []
    known = lexicon()
    for size in range(min(len(words), known.longest), 0, -1):
        for start in range(len(words) - size + 1):
            end = start + size
            if any(a <= start and end <= b for a, b, _ in found if (a, b) != (start, end)):
                continue
            phrase = words[start:end]
            found.extend((start, end, Saying(concept, phrase, words[:start], words[end:])) for concept in _said(phrase))
    return tuple(saying for _, _, saying in found)


def _said(phrase: Words) -> tuple[Concept, ...]:
    phrases = lexicon().phrases
    if phrase in phrases:
        return phrases[phrase]
    *others, last = phrase
    for form in forms(last)[1:]:
        if (*others, form) in phrases:
            return phrases[*others, form]
    return ()


def kinds_of(words: Sequence[str]) -> tuple[frozenset[str], ...]:
    """For each word, the lists of the lexicon in which it stands."""
    known = lexicon()
    return tuple(frozenset(kind for kind in known.lists if known.has(kind, word)) for word in words)


def singular(name: str) -> str:
    """The name of one row, in words joined by underscores: ``Customers`` → ``customer``, ``Kunden`` → ``kunde``;
    for kinds of identifiers."""
    words = [piece.lower() for piece in _PIECES.findall("".join(_unaccented(name[:_LONGEST])))]
    if not words:
        return "row"
    words[-1] = _singular(words[-1])
    joined = "_".join(words)
    return joined if joined[0].isalpha() else f"row_{joined}"


def _singular(word: str) -> str:
    known = lexicon().lists
    for kind in ("people", "written", "activity", "session", "thing"):
        if found := next((form for form in forms(word) if form in known[kind]), None):
            return found
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3
    return word[:-1] if plural else word
