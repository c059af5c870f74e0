"""SELECTs on tables that nobody has mapped: names always quoted, values cut before they travel.

A column of ten megabytes a row must not cross the wire for the sake of its first words, and what a driver
could not read must not end the statement: unusual types are read as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    LargeBinary,
    TableClause,
    Text,
    case,
    cast,
    column,
    func,
    table,
    type_coerce,
)
from sqlalchemy.sql import quoted_name

from troth.core.discover.model import Column, Engine, Table

LONGEST_TEXT = 4_000
"""Characters of a text that are looked at."""
LONGEST_JSON = 10_000
LONGEST_BYTES = 1_000
SHORTEST_CUT = 300
_MOST_TEXT = 40_000_000
"""Characters that one sample may bring in all, so that a table of many wide columns stays in memory."""

_AS_TEXT = frozenset({"array", "json", "enum", "time", "other"})
"""Families that PostgreSQL is asked to write out: drivers have types of their own for some, none for others."""
_ROWIDS = ("_rowid_", "rowid", "oid")


def clause(of: Table, schema: str | None = None) -> TableClause:
    """The table in a statement. ``schema``: where the connection's own tables lie, if that is to be said."""
    return _table(of, schema, *(column(quoted_name(c.name, quote=True)) for c in of.columns))


def bare(of: Table, schema: str | None = None) -> TableClause:
    """The table in a statement that names none of its columns."""
    return _table(of, schema)


def _table(of: Table, schema: str | None, *columns: ColumnClause[Any]) -> TableClause:
    place = of.schema or schema
    quoted = None if place is None else quoted_name(place, quote=True)
    return table(quoted_name(of.name, quote=True), *columns, schema=quoted)


def rowid(of: Table) -> ColumnElement[Any] | None:
    """SQLite's number of a row, under a name that no column of the table has taken; None where all are."""
    taken = {c.name.casefold() for c in of.columns}
    free = [name for name in _ROWIDS if name not in taken]
    return column(quoted_name(free[0], quote=False), is_literal=True) if free else None


def longest_text(columns: Sequence[Column], rows: int) -> int:
    """How many characters of each text a sample of so many rows may bring."""
    texts = sum(1 for c in columns if c.family not in ("integer", "boolean", "date", "datetime")) or 1
    return max(SHORTEST_CUT, min(LONGEST_TEXT, _MOST_TEXT // (texts * max(rows, 1))))


def cut(engine: Engine, of: Column, value: ColumnElement[Any], longest: int = LONGEST_TEXT) -> ColumnElement[Any]:
    """The beginning of the value, in a form that the driver always can hand over."""
    if of.family == "json":
        longest = LONGEST_JSON * longest // LONGEST_TEXT
    if engine == "sqlite":
        cuts = {"text": func.substr(value, 1, longest), "blob": func.substr(value, 1, LONGEST_BYTES)}
        return case(cuts, value=func.typeof(value), else_=value)
    if of.family == "binary":
        return func.substr(value, 1, LONGEST_BYTES)
    if engine == "postgresql":
        if of.family == "text" or of.family in _AS_TEXT or of.declared == "money":
            return func.left(cast(value, Text), longest)
        return value
    if of.family in ("text", "json"):
        return func.left(value, longest)
    if of.family == "other" and of.declared.split("(")[0].lower() not in ("set", "bit", "inet4", "inet6"):
        return func.left(type_coerce(value, LargeBinary), LONGEST_BYTES)
    return value


def elements(text: str) -> list[str | None]:
    """The elements of a PostgreSQL array that was read as text, perhaps cut: ``{a,"b c",NULL}``. Those of arrays
    in arrays come in one list."""
    found: list[str | None] = []
    word: list[str] = []
    quoted = inside = escaped = False
    for char in text[text.find("{") + 1 :] if "{" in text else "":
        if escaped:
            word.append(char)
            escaped = False
        elif inside and char == "\\":
            escaped = True
        elif char == '"':
            inside, quoted = not inside, True
        elif inside or char not in "{},":
            word.append(char)
        elif word or quoted:
            found.append(None if not quoted and word == list("NULL") else "".join(word))
            word, quoted = [], False
    return found
