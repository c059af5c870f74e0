"""Reads names of columns as the schema at hand writes them: its prefixes, its short words, its words run together.

Every habit is learnt from the catalogue itself. A beginning that most columns of all tables share with their type
(``strName``, ``lngUserID``) says nothing; one that most columns of one table share (``CUS_NAME``, ``CUS_CITY``) is
that table's short name; and the words of the tables' names are those of which joined names are made (``codclient``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from troth.core.discover.link_names import singulars, without_id, words_of
from troth.core.discover.link_words import (
    BY,
    GENERIC_KEYS,
    HANDLER_ROLES,
    ID_WORDS,
    LINE_WORDS,
    MADE_WORDS,
    MAKER_ROLES,
    OWNER_ROLES,
    PERSON_WORDS,
    QUALIFYING_WORDS,
    THING_WORDS,
    words_in,
)
from troth.core.discover.model import Table

_TYPE_WORDS = words_in(
    "str lng int dtm dte dat txt bln bol bool bit cur dbl sng byt mem memo num chr chk dec flt vc ole enm n s c k d f "
    "b i l t x"
)
"""Beginnings that tell of which type a column is."""
_HABIT = 0.5
"""The share of all columns that begin so where it is the habit of a schema."""
_SHORT_START = 0.5
"""The share of a table's columns that begin as its key does."""
_SHORTEST = 3
_AFFIXES = tuple(sorted((w for w in ID_WORDS if len(w) >= 2 and w not in ("no", "pk", "sk")), key=len, reverse=True))
_ROLES = frozenset().union(
    *(
        {w for w in words if len(w) >= 4}
        for words in (PERSON_WORDS, OWNER_ROLES, MAKER_ROLES, HANDLER_ROLES, MADE_WORDS)
    )
)
_BEHIND = ("por", "von", "par")
"""Words for *by* that are run on behind what somebody did."""
_INITIALS = "nckf"
"""Initials of *number*, *code* and *key* that are run on before a word."""
_JOINTS = frozenset({*BY, "from", "to", "an"}) - {"da"}


def type_words(tables: Iterable[Table]) -> frozenset[str]:
    """The beginnings by which the columns of a schema tell their type; none where that is not its habit."""
    firsts: Counter[str] = Counter()
    total = 0
    for table in tables:
        for column in table.columns:
            total += 1
            words = words_of(column.name)
            # A single letter is one only before a capital: ``nUser``, not ``n_user``.
            marked = len(words) > 1 and (len(words[0]) > 1 or column.name[1:2].isupper())
            if marked and words[0] in _TYPE_WORDS and column.name[0].islower():
                firsts[words[0]] += 1
    several = sum(firsts.values()) >= max(6, _HABIT * total) and len(firsts) > 1
    return frozenset(firsts) if several else frozenset()


def column_start(table: Table, typed: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The word with which most columns of a table begin (``tx_id``, ``tx_user``): nearly all, or half of them and
    the key."""
    rows = [untyped(words_of(c.name), typed) for c in table.columns]
    firsts = Counter(words[0] for words in rows if len(words) > 1)
    word, count = firsts.most_common(1)[0] if firsts else ("", 0)
    if count < 3 or word in ID_WORDS:
        return ()
    of_key = bool(table.key) and untyped(words_of(table.key[0]), typed)[:1] == (word,)
    return (word,) if count >= (_SHORT_START if of_key else 0.75) * len(rows) else ()


def skeleton(word: str) -> str:
    """The first letter and the consonants behind it, doubled ones once: ``gruppe`` is ``grp``."""
    bones = word[:1]
    for letter in word[1:]:
        if letter not in "aeiouy" and letter != bones[-1]:
            bones += letter
    return bones


def untyped(words: tuple[str, ...], typed: frozenset[str]) -> tuple[str, ...]:
    """The words without the one that tells the type."""
    return words[1:] if len(words) > 1 and words[0] in typed else words


class NameReader:
    """Takes the names of one catalogue's columns apart. ``named``: the words of each table's name."""

    def __init__(self, tables: Sequence[Table], named: Mapping[str, tuple[str, ...]]) -> None:
        self.typed = type_words(tables)
        self.starts = {t.qualified: column_start(t, self.typed) for t in tables}
        self.short: dict[str, list[Table]] = defaultdict(list)
        """Tables by the beginning of their columns' names."""
        self._known: set[str] = set(_ROLES)
        self._begin: dict[str, set[str]] = defaultdict(set)
        self._bones: dict[str, set[str]] = defaultdict(set)
        self._end: dict[str, set[str]] = defaultdict(set)
        self._read: dict[tuple[str, str], tuple[tuple[str, ...], bool]] = {}
        for table in tables:
            self._learn(table, named[table.qualified])
        self._apart: dict[str, tuple[str, ...]] = {}

    def _learn(self, table: Table, words: tuple[str, ...]) -> None:
        for start in self.starts[table.qualified]:
            if len(start) >= 2:
                self.short[start].append(table)
                self._known.add(start)
        stem = self._stem_of_key(table)
        if len(stem) >= _SHORTEST and stem not in THING_WORDS | LINE_WORDS and table not in self.short[stem]:
            self.short[stem].append(table)
            self._known.add(stem)
            self._enter(stem, table.qualified)
        whole = "".join(words)
        for word in {*words, whole}:
            self._known.update(form for form in singulars(word.removesuffix("er")) if len(form) >= 5)
            self._known.update(form for form in singulars(word) if len(form) >= 4)
            self._enter(word, table.qualified)

    def _enter(self, word: str, name: str) -> None:
        """The ways in which a word may be cut short."""
        for size in range(_SHORTEST, len(word)):
            self._begin[word[:size]].add(name)
        for size in range(5, len(word) - 2):
            for end in singulars(word[-size:]):
                self._end[end].add(name)
        bones = skeleton(word)
        for size in range(_SHORTEST, len(bones) + 1):
            self._bones[bones[:size]].add(name)

    def _stem_of_key(self, table: Table) -> str:
        """``group`` of a key called ``lngGroupID``, whatever its table is called."""
        if len(table.key) != 1 or table.key[0].lower() in GENERIC_KEYS:
            return ""
        words = untyped(words_of(table.key[0]), self.typed)
        if len(words) == 1:
            return next((tail for _, tail in self._with_number(words[0])), "")
        return "".join(without_id(words)[0])

    def shortened(self, word: str) -> set[str]:
        """The tables of which a word begins so, has these consonants or ends so, by qualified name."""
        if found := self._begin.get(word):
            return found
        if len(word) >= _SHORTEST and skeleton(word) == word and (found := self._bones.get(word)):
            return found
        return self._end.get(word, set())

    def read(self, child: Table, name: str) -> tuple[tuple[str, ...], bool]:
        """The words of a column's name that say what it refers to, and whether it says "the number of"."""
        place = (child.qualified, name)
        if place not in self._read:
            self._read[place] = self._fresh(self.starts.get(child.qualified, ()), name)
        return self._read[place]

    def _fresh(self, start: tuple[str, ...], name: str) -> tuple[tuple[str, ...], bool]:
        words = untyped(words_of(name), self.typed)
        if start and words[: len(start)] == start and len(words) > len(start):
            words = words[len(start) :]
        spread = tuple(part for word in words for part in self.apart(word))
        if len(spread) > 1 and ID_WORDS.issuperset(spread):
            # ``idref`` where a table is called ``ref`` for short.
            return next(((word,) for word in spread if word in self.short), spread[-1:]), True
        words, had_id = without_id(spread)
        # ``userid_from``: the number of whom stands in the middle.
        inner = [word for word in words[1:-1] if word in ID_WORDS]
        return tuple(word for word in words if word not in inner), had_id or bool(inner)

    def apart(self, word: str) -> tuple[str, ...]:
        """A word, or the words of the schema and of people's roles that it is made of."""
        if word not in self._apart:
            self._apart[word] = self._taken_apart(word)
        return self._apart[word]

    def _taken_apart(self, word: str) -> tuple[str, ...]:
        if len(word) < 5 or self._is_known(word):
            return (word,)
        if parts := self._parts(word, 0):
            return parts
        for head, tail in self._with_number(word):
            if self._is_known(tail) or tail in self._begin or tail in self.short:
                return head, tail
            if qualified := self._qualified(tail):
                return head, *qualified
            if len(tail) > 5 and len(parts := self.apart(tail)) > 1:
                return head, *parts
        for joint in _BEHIND:
            if word.endswith(joint) and len(word) - len(joint) >= 5:
                return word.removesuffix(joint), joint
        if word[0] in _INITIALS and len(word) > 5 and self._is_known(word[1:]):
            return "nr", word[1:]
        for cut in range(_SHORTEST, len(word) - 3):
            # An unknown word before one that is known: the longest such.
            tail = word[cut:]
            if self._is_known(tail) if len(tail) >= 5 else tail in self._known:
                return word[:cut], word[cut:]
        for cut in range(len(word) - _SHORTEST, 3, -1):
            if self._is_known(word[:cut]):
                return word[:cut], word[cut:]
        return (word,)

    def _qualified(self, word: str) -> tuple[str, ...]:
        """The beginning of a table's name and what part its row has: ``usualta``."""
        for size in range(len(word) - 2, _SHORTEST - 1, -1):
            if word[size:] in QUALIFYING_WORDS and (word[:size] in self._begin or word[:size] in self.short):
                return word[:size], word[size:]
        return ()

    def _is_known(self, word: str) -> bool:
        return any(form in self._known for form in singulars(word))

    def _with_number(self, word: str) -> Iterator[tuple[str, str]]:
        """A word without "number of" before or behind it."""
        for affix in _AFFIXES:
            if word.startswith(affix) and len(word) - len(affix) >= _SHORTEST:
                yield affix, word.removeprefix(affix)
        for affix in _AFFIXES:
            if word.endswith(affix) and len(word) - len(affix) >= _SHORTEST:
                yield affix, word.removesuffix(affix)

    def _parts(self, word: str, depth: int) -> tuple[str, ...]:
        """All of a word in known parts; empty where something is left."""
        if depth > 3:
            return ()
        for cut in range(len(word) - 2, 1, -1):
            head, tail = word[:cut], word[cut:]
            if not self._is_part(head):
                continue
            if self._is_part(tail):
                return head, tail
            if len(tail) >= 4 and (more := self._parts(tail, depth + 1)):
                return (head, *more)
        return ()

    def _is_part(self, part: str) -> bool:
        if len(part) < 4:
            return part in self.short or part in _AFFIXES or part in _JOINTS
        return self._is_known(part) or part in _AFFIXES or part in _JOINTS
