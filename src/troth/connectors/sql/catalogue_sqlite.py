"""The schema of an SQLite file, from its table-valued PRAGMAs, all tables in one query.

A view over a table that is gone, or a virtual table whose module is not loaded, makes SQLite refuse to tell
its columns and everything else in the same query: they are asked for apart, and one by one when that fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, literal, select, text, union_all
from sqlalchemy import func as sql

from troth.connectors.sql.catalogue import Ask, Found, distinct, grouped, leading
from troth.connectors.sql.facts import OnDelete
from troth.connectors.sql.probes_sqlite import family
from troth.connectors.sql.selecting import bare, rowid
from troth.core.discover.model import Catalogue, Column, Table, TableKind
from troth.core.errors import StoreError, StoreUnreachable
from troth.core.ports import ForeignKeyFacts, UniqueFacts

_ON_DELETE: dict[str, OnDelete] = {
    "NO ACTION": "no action", "RESTRICT": "restrict", "CASCADE": "cascade", "SET NULL": "set null",
    "SET DEFAULT": "set default",
}  # fmt: skip
_LISTS_SHADOWS = (3, 37)
"""Since when SQLite itself tells which tables belong to a virtual one."""
_AT_ONCE = 200
"""Tables whose highest rowid one statement asks for; SQLite allows 500 parts."""

_SCHEMA = """
SELECT m.type, m.name, m.tbl_name, m.sql LIKE 'CREATE VIRTUAL%' AS virtual,
    m.sql LIKE '%WITHOUT%ROWID%' AS keyed FROM sqlite_schema m
WHERE m.type IN ('table', 'view', 'trigger') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY m.name
"""
_SHADOWS = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
_COLUMNS = """
SELECT m.name AS tab, c.name, c.type AS declared, c."notnull" AS not_null, c.pk, c.hidden
FROM sqlite_schema m, pragma_table_xinfo(m.name) c
WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, c.cid
"""
_COLUMNS_OF = """
SELECT m.name AS tab, c.name, c.type AS declared, c."notnull" AS not_null, c.pk, c.hidden
FROM sqlite_schema m, pragma_table_xinfo(m.name) c
WHERE m.type IN ('table', 'view') AND m.name IN :names ORDER BY m.name, c.cid
"""
_FOREIGN_KEYS = """
SELECT m.name AS tab, f.id, f.seq, f."table" AS target, f."from" AS own, f."to" AS other, f.on_delete
FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, f.id, f.seq
"""
_INDEXES = """
SELECT m.name AS tab, l.name AS name, l."unique" AS is_unique, l.partial, x.name AS col
FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_xinfo(l.name) x
WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND x.key = 1 ORDER BY m.name, l.seq, x.seqno
"""
_HAS_STATISTICS = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'"
_STATISTICS = "SELECT tbl AS tab, max(CAST(stat AS integer)) AS estimate FROM sqlite_stat1 GROUP BY tbl"


_family = lru_cache(maxsize=1000)(family)


def read(ask: Ask) -> Catalogue:
    """Every table and view of the file, without the tables in which virtual ones keep their content.
    Raises StoreError."""
    found = Found()
    rows = _Rows(ask)
    tables = [rows.table(row) for row in rows.shown]
    for table in _estimated(ask, tables, rows.keyed):
        found.add(table)
    return Catalogue("sqlite", tuple(found.tables), tuple(found.troubles))


class _Rows:
    """The answers of the schema queries, by table."""

    def __init__(self, ask: Ask) -> None:
        schema = ask(text(_SCHEMA))
        relations = [r for r in schema if r.type != "trigger"]
        hidden = _shadows(ask, relations)
        self.shown = [r for r in relations if r.name not in hidden]
        self.keyed = frozenset(r.name for r in relations if r.keyed)
        self.columns = grouped(ask(text(_COLUMNS)), "tab")
        self._add_columns(ask, [r.name for r in self.shown if r.virtual or r.type == "view"])
        self.foreign = grouped(ask(text(_FOREIGN_KEYS)), "tab")
        self.indexes = grouped(ask(text(_INDEXES)), "tab")
        self.triggers: dict[str, int] = {}
        for row in schema:
            if row.type == "trigger":
                self.triggers[row.tbl_name.casefold()] = self.triggers.get(row.tbl_name.casefold(), 0) + 1
        self._real = {r.name.casefold(): r.name for r in relations}

    def _add_columns(self, ask: Ask, names: Sequence[str]) -> None:
        """Columns of views and virtual tables; of one that cannot tell them, none."""
        if not names:
            return
        statement = text(_COLUMNS_OF).bindparams(bindparam("names", expanding=True))
        try:
            self.columns |= grouped(ask(statement.bindparams(names=list(names))), "tab")
        except StoreUnreachable:
            raise
        except StoreError:
            for name in names if len(names) > 1 else ():
                self._add_columns(ask, [name])

    def table(self, row: Row[Any]) -> Table:
        """The relation as Troth speaks of it."""
        name = row.name
        # 1 is a hidden column of a virtual table: a way to give it arguments.
        columns = [c for c in self.columns.get(name, []) if c.hidden != 1]
        kind: TableKind = "view" if row.type == "view" else "virtual" if row.virtual else "table"
        key = tuple(c.name for c in sorted(columns, key=lambda c: c.pk) if c.pk)
        indexes = grouped(self.indexes.get(name, []), "name")
        return Table(
            name=name,
            columns=tuple(_column(c, rowid_alias=_is_rowid(c, key), keyed=name in self.keyed) for c in columns),
            kind=kind,
            key=key,
            uniques=tuple(_unique(i, parts) for i, parts in indexes.items() if parts[0].is_unique),
            foreign_keys=tuple(self._foreign_keys(name, {c.name.casefold(): c for c in columns})),
            indexes=distinct([key, *(leading([p.col for p in i]) for i in indexes.values() if not i[0].partial)]),
            triggers=self.triggers.get(name.casefold(), 0),
        )

    def _foreign_keys(self, name: str, columns: dict[str, Row[Any]]) -> list[ForeignKeyFacts]:
        result = []
        for parts in grouped(self.foreign.get(name, []), "id").values():
            own = [columns[p.own.casefold()] for p in parts]
            target = self._real.get(parts[0].target.casefold(), parts[0].target)
            result.append(
                ForeignKeyFacts(
                    name=f"{name}.{'+'.join(c.name for c in own)}",
                    table=name,
                    columns=tuple(c.name for c in own),
                    target=target,
                    target_columns=self._targets(target, parts),
                    on_delete=_ON_DELETE[parts[0].on_delete],
                    nullable=any(not c.not_null for c in own),
                )
            )
        return result

    def _targets(self, target: str, parts: list[Row[Any]]) -> tuple[str, ...]:
        columns = self.columns.get(target, [])
        if parts[0].other is None:
            # REFERENCES parent, without columns: the parent's primary key.
            return tuple(c.name for c in sorted(columns, key=lambda c: c.pk) if c.pk)
        real = {c.name.casefold(): c.name for c in columns}
        return tuple(real.get(p.other.casefold(), p.other) for p in parts)


def _shadows(ask: Ask, relations: list[Row[Any]]) -> set[str]:
    if sqlite3.sqlite_version_info >= _LISTS_SHADOWS:
        return {r.name for r in ask(text(_SHADOWS))}
    virtual = tuple(f"{r.name}_" for r in relations if r.virtual)
    parts = ("data", "idx", "content", "docsize", "config", "segments", "segdir", "stat", "node", "parent", "rowid")
    return {r.name for r in relations if r.name.startswith(virtual) and r.name.rpartition("_")[2] in parts}


def _is_rowid(row: Row[Any], key: tuple[str, ...]) -> bool:
    return key == (row.name,) and row.declared.upper() == "INTEGER"


def _column(row: Row[Any], *, rowid_alias: bool, keyed: bool) -> Column:
    return Column(
        name=row.name,
        family=_family(row.declared),
        declared=row.declared,
        nullable=not (row.not_null or rowid_alias or (keyed and row.pk)),
        generated=row.hidden in (2, 3),
    )


def _unique(name: str, parts: list[Row[Any]]) -> UniqueFacts:
    columns = tuple(p.col for p in parts if p.col is not None)
    return UniqueFacts(name, columns, opaque=bool(parts[0].partial) or len(columns) < len(parts))


def _estimated(ask: Ask, tables: list[Table], keyed: frozenset[str]) -> list[Table]:
    """With numbers of rows: those that ANALYZE left, else the highest rowid."""
    known: dict[str, int] = {}
    if ask(text(_HAS_STATISTICS))[0][0]:
        known = {r.tab: r.estimate for r in ask(text(_STATISTICS)) if r.estimate is not None}
    unknown = [
        (t, number)
        for t in tables
        if t.kind == "table" and t.name not in known and t.name not in keyed and (number := rowid(t)) is not None
    ]
    for start in range(0, len(unknown), _AT_ONCE):
        some = unknown[start : start + _AT_ONCE]
        parts = [
            select(literal(i).label("nr"), sql.max(number).label("highest")).select_from(bare(t))
            for i, (t, number) in enumerate(some)
        ]
        for row in ask(union_all(*parts)):
            known[some[row.nr][0].name] = max(0, row.highest or 0)
    return [replace(t, rows=known.get(t.name)) if t.kind == "table" else t for t in tables]
