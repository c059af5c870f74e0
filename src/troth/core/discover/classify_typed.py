"""Schemas whose columns begin with their type (``strName``, ``dtmBirth``) are judged by what stands behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from troth.core.discover.classify_table import Same
from troth.core.discover.link_names import words_of
from troth.core.discover.link_reading import type_words
from troth.core.discover.model import Catalogue, ClockGuess, FieldGuess, Table

_Guess = TypeVar("_Guess", FieldGuess, ClockGuess)


@dataclass(frozen=True)
class Bare:
    """A catalogue whose columns are called by what stands behind the type; ``names``: by qualified table name, the
    bare name of each column."""

    catalogue: Catalogue
    tables: Mapping[str, Table]
    names: Mapping[str, Mapping[str, str]]


def bare(catalogue: Catalogue) -> Bare | None:
    """The catalogue without the types in its names; None where it has none."""
    return _bare(Same(catalogue))


@lru_cache(maxsize=4)
def _bare(same: Same) -> Bare | None:
    typed = type_words(same.catalogue.tables)
    if not typed:
        return None
    names = {table.qualified: _bare_names(table, typed) for table in same.catalogue.tables}
    tables = {table.qualified: _renamed(table, names[table.qualified]) for table in same.catalogue.tables}
    return Bare(replace(same.catalogue, tables=tuple(tables.values())), tables, names)


def _bare_names(table: Table, typed: frozenset[str]) -> Mapping[str, str]:
    found = {column.name: _without_type(column.name, typed) for column in table.columns}
    times = Counter(found.values())
    return {name: plain if times[plain] == 1 else name for name, plain in found.items()}


def _without_type(name: str, typed: frozenset[str]) -> str:
    words = words_of(name)
    return name[len(words[0]) :].lstrip("_") if len(words) > 1 and words[0] in typed else name


def _renamed(table: Table, names: Mapping[str, str]) -> Table:
    def of(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(name, name) for name in columns)

    return replace(
        table,
        columns=tuple(replace(column, name=names[column.name]) for column in table.columns),
        key=of(table.key),
        uniques=tuple(replace(unique, columns=of(unique.columns)) for unique in table.uniques),
        foreign_keys=tuple(replace(key, columns=of(key.columns)) for key in table.foreign_keys),
        indexes=tuple(map(of, table.indexes)),
    )


def called_back(guesses: tuple[_Guess, ...], names: Mapping[str, str]) -> tuple[_Guess, ...]:
    """Guesses about bare names as guesses about the columns."""
    whole = {plain: name for name, plain in names.items()}
    return tuple(replace(guess, column=whole.get(guess.column, guess.column)) for guess in guesses)
