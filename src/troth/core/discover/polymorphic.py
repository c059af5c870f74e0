"""Links whose target each row names for itself: ``object_type`` beside ``object_id``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.core.discover.inclusion import Asking, Candidate, judged
from troth.core.discover.link_index import COMPARABLE, TableIndex, alike, unique_columns
from troth.core.discover.link_names import words_of
from troth.core.discover.link_reading import untyped
from troth.core.discover.link_words import ID_WORDS, THING_WORDS, words_in
from troth.core.discover.model import Column, LinkGuess, Reason, Table

_TYPE_WORDS = words_in(
    "type kind class model typ tipo art classe clase klasse ctype genre table tablename tabelle tabla tabella "
    "entity entidad entita module"
)
_SEPARATORS = re.compile(r"[\\/.:|]+")


def polymorphic_links(table: Table, index: TableIndex, asking: Asking) -> Iterator[tuple[LinkGuess, tuple[str, str]]]:
    """The links of each pair of such columns, one for each kind of thing, and the two columns."""
    for kind, number in pairs(table, index.reader.typed):
        named = index.named_by(table, number)
        if named and named[0].evidence >= 0.8:
            continue  # customer_type beside customer_id tells what sort of customer
        if asking.over or not table.readable:
            return
        values, troubles = asking.source.values_of(table, kind.name)
        asking.troubles += troubles
        for value in values:
            yield from _one(table, kind, number, value, index, asking)


def pairs(table: Table, typed: frozenset[str] = frozenset()) -> Iterator[tuple[Column, Column]]:
    """Columns that tell the kind of a thing, with the columns that tell which one. ``typed``: beginnings of names
    that say nothing."""
    texts = [c for c in table.columns if c.family in ("text", "enum")]
    kinds = {stem: c for c in texts for stem in _stem(_read(c, typed), _TYPE_WORDS)}
    plain = [c for c in texts if "".join(_read(c, typed)) in _TYPE_WORDS | THING_WORDS]
    for column in table.columns:
        if column.family in COMPARABLE:
            words = _read(column, typed)
            bare = "".join(words) in THING_WORDS or (words == ("id",) and table.key != (column.name,))
            if column.family in ("integer", "uuid") and bare:
                yield from ((kind, column) for kind in plain)
            for stem in _stem(words, ID_WORDS):
                if stem in kinds and kinds[stem].name != column.name:
                    yield kinds[stem], column
                elif stem in THING_WORDS:
                    yield from ((kind, column) for kind in plain if kind.name != column.name)


def told_apart(table: Table, typed: frozenset[str]) -> frozenset[str]:
    """The numbers of which another column tells what they number, by its name: ``object_id`` beside ``object``."""
    plain = {"".join(_read(c, typed)) for c in table.columns} - _TYPE_WORDS
    stems = {stem for c in table.columns for stem in _stem(_read(c, typed), _TYPE_WORDS)}
    beside = (plain & THING_WORDS) | stems
    return frozenset(c.name for c in table.columns if beside.intersection(_stem(_read(c, typed), ID_WORDS)))


def _read(column: Column, typed: frozenset[str]) -> tuple[str, ...]:
    return untyped(words_of(column.name), typed)


def _stem(words: tuple[str, ...], endings: frozenset[str]) -> Iterator[str]:
    """What is left of a name without a word of ``endings``: ``object`` of ``object_type``."""
    joined = "".join(words)
    if len(words) > 1 and words[-1] in endings:
        yield "".join(words[:-1])
    elif len(words) > 1 and words[0] in endings:
        yield "".join(words[1:])
    else:
        for ending in sorted(endings, key=len, reverse=True):
            if len(words) == 1 and joined.endswith(ending) and len(joined) - len(ending) >= 4:
                yield joined.removesuffix(ending)
                return


def _one(
    table: Table, kind: Column, number: Column, value: str, index: TableIndex, asking: Asking
) -> Iterator[tuple[LinkGuess, tuple[str, str]]]:
    parent = index.called(_SEPARATORS.split(value)[-1])
    if parent is None or parent.qualified == table.qualified:
        return
    targets = [c for c in (parent.column(n) for n in unique_columns(parent)) if c is not None and alike(number, c)]
    if not targets:
        return
    reason = Reason("link_by_kind", {"column": kind.name, "value": value, "table": parent.qualified})
    pair = ((number.name, targets[0].name),)
    candidate = Candidate(table, parent, pair, 0.75, (reason,), where=(kind.name, value))
    guess = judged(candidate, asking.inclusion(candidate))
    if guess is not None:
        yield guess, (kind.name, number.name)
