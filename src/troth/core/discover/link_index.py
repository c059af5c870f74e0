"""Which tables a column's name may speak of: a dictionary of the tables' own names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.core.discover.link_names import (
    ABOUT,
    common_prefixes,
    is_about,
    is_part,
    names_a_person,
    rank_of_part,
    singulars,
    spellings,
    without_id,
    words_of,
)
from troth.core.discover.link_reading import NameReader, untyped
from troth.core.discover.link_words import (
    ABOVE_WORDS,
    BY,
    CHANGED_WORDS,
    CUSTOMER_WORDS,
    GENERIC_KEYS,
    HANDLER_ROLES,
    MADE_WORDS,
    MAKER_ROLES,
    MEASURE_WORDS,
    OWNER_ROLES,
    QUALIFYING_WORDS,
    STAFF_WORDS,
    THING_WORDS,
    USER_WORDS,
    words_in,
)
from troth.core.discover.model import Catalogue, Column, Reason, Table

_EMPTY_WORDS = words_in("tbl table tab tb t tabla tabelle tbls")
_AMOUNT_WORDS = words_in(
    "count counts num nb number no total unread amount sum anzahl nombre numero max min hits limit"
)
_PARENT_WORDS = words_in("parent pere eltern padre genitore ancestor")
_PARTS = QUALIFYING_WORDS | BY | MADE_WORDS | CHANGED_WORDS | MAKER_ROLES | HANDLER_ROLES | OWNER_ROLES
_REPLY_WORDS = words_in("reply replyto inreplyto repond antwortet responde risponde")
_PLACE_WORDS = words_in("topmost top root direct own")
_MOST_PEOPLE = 5
"""Tables of people among which a bare word such as ``author`` is looked for."""
_MOST_ROOTS = 3
_FAR = 0.25
"""How much less clear a name is that only ends as that of a table of an unrelated family."""
_RUN_ON = 4
"""Letters of the shortest name of a table to which another's may add some."""
_GERMAN = 8
"""Letters of a plural in ``-er`` that is taken for one."""
_CALLED = 0.55
_LESS = 0.1
_MOST_SHORT = 4
"""Tables that a shortened word may mean."""
_MOST_ALIKE = 6
"""Tables of one name beyond which a name proves nothing."""

_ALIKE = {
    "integer": "number", "number": "number", "text": "text", "enum": "text", "uuid": "text", "other": "other",
    "binary": "binary",
}  # fmt: skip
COMPARABLE = frozenset(_ALIKE)
"""Families of columns that may refer to a row."""


@dataclass(frozen=True, slots=True)
class Named:
    """A table that a column's name speaks of, and how clearly (0 to 1)."""

    table: Table
    column: str
    evidence: float
    reason: Reason


def alike(ours: Column, theirs: Column) -> bool:
    """Whether values of the two columns can be the same."""
    return _ALIKE.get(ours.family) == _ALIKE.get(theirs.family, "?")


def is_flag(column: Column) -> bool:
    """Whether the column holds a yes or no, whatever it is called."""
    declared = column.declared.lower().replace(" ", "")
    return column.family == "boolean" or declared.startswith(("tinyint", "bool", "bit"))


def is_count(column: Column, words: tuple[str, ...], had_id: bool) -> bool:
    """Whether it says how many there are (``posts``, ``unread_messages``, ``num_users``), not which one."""
    if column.family not in ("integer", "number"):
        return False
    spelt = words_of(column.name)
    last = words[-1]
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is")) and spelt[-1] == last
    if had_id:
        return bool(plural and spelt[0] in _AMOUNT_WORDS)
    return plural or bool(set(words) & _AMOUNT_WORDS) or last in MEASURE_WORDS


def is_parent(words: tuple[str, ...]) -> bool:
    """Whether a column is called after what is above a row of its own kind: ``parent_id``, ``topmost_parent``."""
    return bool(words) and words[-1] in _PARENT_WORDS and all(w in _PLACE_WORDS for w in words[:-1])


def is_thing(words: tuple[str, ...]) -> bool:
    """Whether a column is called after a thing of any kind: ``object_id``, ``parent``."""
    return len(words) == 1 and words[0] in THING_WORDS | ABOVE_WORDS


def shared_start(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """With how many of the same words two names begin."""
    count = 0
    for mine, other in zip(ours, theirs, strict=False):
        if not set(singulars(mine)) & set(singulars(other)):
            break
        count += 1
    return count


def unique_columns(table: Table) -> tuple[str, ...]:
    """Columns of which each value stands in one row only, as the database says: the key first."""
    found = list(table.key) if len(table.key) == 1 else []
    found += [u.columns[0] for u in table.uniques if len(u.columns) == 1 and not u.opaque]
    return tuple(dict.fromkeys(found))


def _spellings_of_table(words: tuple[str, ...]) -> tuple[str, ...]:
    """As a column may write it; German plurals end as words for persons do in other tongues, and stand here only."""
    german = words[-1].endswith("er") and len(words[-1]) >= _GERMAN if words else False
    return (*spellings(words), *(("".join(words).removesuffix("er"),) if german else ()))


def is_real(table: Table) -> bool:
    """Whether rows lie in it: a view shows those of others."""
    return table.kind in ("table", "partitioned", "foreign")


class TableIndex:
    """Answers in the time of a look-up, so that a schema of thousands of tables stays quick."""

    def __init__(self, catalogue: Catalogue, people: Mapping[str, float]) -> None:
        """``people``: how much each table, by qualified name, seems to be about persons (0 to 1)."""
        self._tables = [t for t in catalogue.tables if is_real(t)]
        self._prefixes = common_prefixes([t.name for t in self._tables]) | _EMPTY_WORDS
        self._full: dict[str, list[Table]] = defaultdict(list)
        self._tail: dict[str, list[Table]] = defaultdict(list)
        self._keys: dict[str, list[Table]] = defaultdict(list)
        self._key_words: dict[tuple[str, ...], list[Table]] = defaultdict(list)
        self._joined = self._joins()
        self._named: dict[tuple[str, str], list[Named]] = {}
        self.reader = NameReader(self._tables, {t.qualified: self.words(t) for t in self._tables})
        self._by_qualified = {t.qualified: t for t in self._tables}
        for table in self._tables:
            self._enter(table)
        self.people = self._ranked(people)

    def keyed_like(self, table: Table) -> list[Table]:
        """The tables whose key bears the telling name of this one's, itself among them."""
        return self._keys.get(table.key[0].lower(), []) if len(table.key) == 1 else []

    def words(self, table: Table) -> tuple[str, ...]:
        """The words of a table's name that mean something."""
        words = self._plain(table)
        return self._joined.get(words[0], words) if len(words) == 1 else words

    def _plain(self, table: Table) -> tuple[str, ...]:
        words = words_of(table.name)
        while len(words) > 1 and words[0] in self._prefixes:
            words = words[1:]
        while len(words) > 1 and words[-1] in _EMPTY_WORDS:
            words = words[:-1]
        return words

    def _joins(self) -> dict[str, tuple[str, ...]]:
        """Names that are those of other tables with something run on: ``invoiceline`` beside ``invoice``."""
        single = {words[0] for words in map(self._plain, self._tables) if len(words) == 1}
        forms = {form: word for word in single for form in singulars(word) if len(form) >= _RUN_ON}
        found: dict[str, tuple[str, ...]] = {}
        for word in single:
            for cut in range(len(word) - 2, _RUN_ON - 1, -1):
                if forms.get(word[:cut], word) != word:
                    found[word] = (word[:cut], word[cut:])
                    break
        return found

    def _enter(self, table: Table) -> None:
        words = self.words(table)
        for spelling in _spellings_of_table(words):
            self._full[spelling].append(table)
        for start in range(1, len(words)):
            for spelling in spellings(words[start:]):
                if len(spelling) >= 3:
                    self._tail[spelling].append(table)
        if len(table.key) == 1 and not self._says_nothing(table.key[0]):
            self._keys[table.key[0].lower()].append(table)
            self._key_words[untyped(words_of(table.key[0]), self.reader.typed)].append(table)

    def _says_nothing(self, key: str) -> bool:
        """Whether a key is called alike in any table: ``id``, or ``app_id`` where all names begin with ``app``."""
        words = untyped(words_of(key), self.reader.typed)
        while len(words) > 1 and words[0] in self._prefixes:
            words = words[1:]
        plain, had_id = without_id(words)
        return (had_id and is_thing(plain)) or key.lower() in GENERIC_KEYS or "".join(words) in GENERIC_KEYS

    def _ranked(self, people: Mapping[str, float]) -> list[Table]:
        def rank(table: Table) -> float:
            words = self.words(table)
            by_name = 0.5 if is_about(words[-1:], USER_WORDS) else 0.25 if is_about(words[-1:], CUSTOMER_WORDS) else 0.0
            return people.get(table.qualified, 0.0) + by_name - 0.1 * (len(words) - 1)

        likely = [t for t in self._tables if people.get(t.qualified, 0.0) >= 0.5]
        return sorted(likely, key=rank, reverse=True)

    # --- what a column may refer to -----------------------------------------------------------------

    def named_by(self, child: Table, column: Column) -> list[Named]:
        """The tables a column may refer to, clearest first, each once."""
        place = (child.qualified, column.name)
        if place not in self._named:
            self._named[place] = self._fresh(child, column)
        return self._named[place]

    def _fresh(self, child: Table, column: Column) -> list[Named]:
        best: dict[str, Named] = {}
        said = list(self._tables_for(child, column))
        # Whoever is called after a table is that, before anybody whose part has the same word.
        called = any(code != "link_role" and evidence >= _CALLED for _, evidence, code in said)
        for table, evidence, code in said:
            target = self._target(table, column)
            same = table.qualified == child.qualified and (target == column.name or code == "link_short")
            if target is None or same:
                continue
            params = {"column": column.name, "table": table.qualified}
            sure = evidence - (_LESS if called and code == "link_role" else 0.0)
            found = Named(table, target, sure, Reason(code, params))
            if table.qualified not in best or best[table.qualified].evidence < sure:
                best[table.qualified] = found
        return sorted(best.values(), key=lambda n: n.evidence, reverse=True)[:_MOST_ALIKE]

    def named_by_any(self, column: Column) -> list[Named]:
        """As ``named_by``, asked by no table in particular."""
        return self._fresh(Table("", (column,)), column)

    def called(self, name: str) -> Table | None:
        """The one table of that name, whatever its number and prefix; of several, one about people."""
        words = words_of(name)
        while len(words) > 1 and words[0] in self._prefixes:
            words = words[1:]
        for spelling in spellings(words):
            tables = self._full.get(spelling) or self._tail.get(spelling) or []
            if len(tables) == 1:
                return tables[0]
            about = [t for t in self.people if t in tables]
            if about:
                return about[0]
        return None

    def read(self, child: Table, column: str) -> tuple[tuple[str, ...], bool]:
        """The words of a column that say what it refers to, and whether it says "the number of"."""
        return self.reader.read(child, column)

    def _tables_for(self, child: Table, column: Column) -> Iterable[tuple[Table, float, str]]:
        if is_flag(column):
            return
        words, had_id = self.read(child, column.name)
        for place, table in enumerate(self._roots(column.name.lower())):
            shared = self._spelt(table) & set(spellings(words))
            yield table, 0.92 if shared else 0.78 - 0.06 * place, "link_key_name"
        yield from self._by_key_within(untyped(words_of(column.name), self.reader.typed))
        if is_parent(words):
            yield child, 0.85, "link_name"
        elif _REPLY_WORDS.intersection(words):
            yield child, 0.7, "link_name"
        elif words and not is_count(column, words, had_id):
            yield from self._by_name(child, words, had_id)
            yield from self._shortened(child, words, had_id)
            yield from self._by_part(child, column, words, had_id)
        if had_id and is_thing(words):
            yield from self.above(child)

    def above(self, child: Table) -> Iterable[tuple[Table, float, str]]:
        """``object_id`` of ``invoice_notes``: the table as the beginning of whose name its own begins."""
        words = self.words(child)
        for stop in range(len(words) - 1, 0, -1):
            for spelling in spellings(words[:stop]):
                for table in self._few(self._full.get(spelling, ())):
                    if table.qualified != child.qualified:
                        yield table, 0.72, "link_name_part"

    def _by_key_within(self, words: tuple[str, ...]) -> Iterable[tuple[Table, float, str]]:
        """``ab_post_id`` for the table whose key is ``post_id``, ``last_uid`` for the one whose key is ``uid``."""
        for start in range(1, len(words)):
            for table in self._few(self._key_words.get(words[start:], ())):
                yield table, 0.84 if start == len(words) - 1 else 0.8, "link_key_name"

    def _roots(self, key: str) -> list[Table]:
        """Of the tables that have a key of this name, those to which the others can be thought to belong."""
        return self._plainest(self._keys.get(key, ()), key)[:_MOST_ROOTS]

    def _plainest(self, tables: Iterable[Table], like: str) -> list[Table]:
        def rank(table: Table) -> tuple[bool, bool, int]:
            words = self.words(table)
            return table not in self.people, not "".join(words).startswith(like[:1]), len(words)

        return sorted(tables, key=rank)

    def _spelt(self, table: Table) -> set[str]:
        return set(spellings(self.words(table)))

    def _by_name(self, child: Table, words: tuple[str, ...], had_id: bool) -> Iterable[tuple[Table, float, str]]:
        sure = 0.9 if had_id else 0.7
        for start in range(len(words)):
            less = 0.0 if start == 0 else 0.1
            for spelling in spellings(words[start:]):
                if len(spelling) < 3:
                    continue
                for table in self._few(self._full.get(spelling, ())):
                    yield table, sure - less, "link_name" if start == 0 else "link_name_part"
                for table, farther in self._nearest(child, self._tail.get(spelling, ())):
                    if farther < _FAR or (had_id and start == 0):
                        yield table, sure - less - farther, "link_name_part"
        yield from self._by_head(words, had_id)

    def _by_head(self, words: tuple[str, ...], had_id: bool) -> Iterable[tuple[Table, float, str]]:
        """``user_from``, ``id_usuario_alta``: the table first, then the part that its row has."""
        for stop in range(len(words) - 1, 0, -1):
            parts = all(is_about((w,), _PARTS) for w in words[stop:])
            known = had_id and stop == len(words) - 1
            if (not parts and not known) or (not had_id and words[stop - 1].endswith("s")):
                continue
            less = 0.1 if parts else 0.4
            for spelling in spellings(words[:stop]):
                for table in self._few(self._full.get(spelling, ())) if len(spelling) >= 3 else ():
                    yield table, 0.9 - less, "link_name_part"
            for table in self._called_short(words[:stop]):
                yield table, 0.85 - less, "link_short"
            if parts:
                for table in self._begun("".join(words[:stop])):
                    yield table, 0.6, "link_short"

    def _called_short(self, words: tuple[str, ...]) -> list[Table]:
        """Tables whose columns or key bear a short name of theirs: ``paz`` for one that has ``PAZ_ID``."""
        found = [t for spelling in spellings(words) for t in self.reader.short.get(spelling, ())]
        return self._plainest(self._few(dict.fromkeys(found)), words[0])[:_MOST_ROOTS]

    def _shortened(self, child: Table, words: tuple[str, ...], had_id: bool) -> Iterable[tuple[Table, float, str]]:
        """``cust_id`` for customers: a short name that the schema uses, or the beginning of a table's name."""
        for start in range(len(words)):
            for place, table in enumerate(self._called_short(words[start:])):
                yield table, (0.86 if had_id else 0.72) - (0.1 if start else 0) - 0.05 * place, "link_short"
        begin = "".join(words)
        if len(begin) < (3 if had_id else 4) or begin in self._full or begin in self._tail:
            return
        found = [table for table in self._begun(begin) if table.qualified != child.qualified]
        for place, table in enumerate(found):
            yield table, (0.6 if had_id else 0.57) - 0.02 * place, "link_short"
        if not found:
            yield from self._lengthened(words, had_id)

    def _begun(self, begin: str) -> list[Table]:
        """The tables that a shortened word may mean, the plainest first; none when they are many."""
        found = [self._by_qualified[name] for name in self.reader.shortened(begin)]
        return self._plainest(found, begin) if len(found) <= _MOST_SHORT else []

    def _lengthened(self, words: tuple[str, ...], had_id: bool) -> Iterable[tuple[Table, float, str]]:
        """``pedido`` for the table of which ``ped`` is the short name."""
        word = "".join(words)
        for size in range(len(word) - 2, 2, -1) if len(words) == 1 and len(word) >= 5 else ():
            for place, table in enumerate(self._plainest(self._few(self.reader.short.get(word[:size], ())), word)):
                yield table, (0.6 if had_id else 0.54) - 0.02 * place, "link_short"

    def _by_part(
        self, child: Table, column: Column, words: tuple[str, ...], had_id: bool
    ) -> Iterable[tuple[Table, float, str]]:
        """``created_by``: the likeliest table of people. Whoever keyed in a row of the staff is of the staff."""
        if not (names_a_person(column.name) or is_part(words)) or is_flag(column):
            return
        ranked = self.people[:_MOST_PEOPLE]
        handled = rank_of_part(words) < ABOUT

        def rank(table: Table) -> tuple[bool, bool]:
            staff = handled and is_about(self.words(table)[-1:], STAFF_WORDS)
            return not self._own_staff(child, table), not staff

        for place, table in enumerate(sorted(ranked, key=rank)):
            by_key = self._target(table, column) in table.key
            sure = 0.66 if had_id and by_key else 0.62 if by_key else 0.55
            yield table, sure - 0.04 * place, "link_role"

    def _own_staff(self, child: Table, table: Table) -> bool:
        return table.qualified == child.qualified and is_about(self.words(table)[-1:], USER_WORDS)

    def _nearest(self, child: Table, tables: Iterable[Table]) -> list[tuple[Table, float]]:
        """Tables that end so, with how much less clear that is: those that begin as the child does are meant before
        others, and one before several."""
        listed, ours = list(tables), self.words(child)
        near = {t.qualified: shared_start(ours, self.words(t)) for t in listed}
        most = max(near.values(), default=0)
        if most:
            nearest = sorted((t for t in listed if near[t.qualified] == most), key=lambda t: len(self.words(t)))
            return [(t, 0.1 + 0.05 * place) for place, t in enumerate(nearest[:_MOST_ROOTS])]
        return [(t, _FAR) for t in listed] if len(listed) == 1 else []

    def _few(self, tables: Iterable[Table]) -> list[Table]:
        listed = list(tables)
        return listed if len(listed) <= _MOST_ALIKE else []

    def _target(self, table: Table, column: Column) -> str | None:
        """The parent's column: its key, or another that is unique and can hold the same values."""
        for name in unique_columns(table):
            theirs = table.column(name)
            if theirs is not None and alike(column, theirs):
                return name
        if unique_columns(table):
            return None
        bare = [c for c in table.columns if c.name.lower() in ("id", "uuid", column.name.lower()) and alike(column, c)]
        return bare[0].name if bare else None
