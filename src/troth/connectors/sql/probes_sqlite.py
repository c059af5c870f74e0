"""What an SQLite file says about tables: its PRAGMAs, and the text of its CREATE statements.

SQLite keeps inline references, CHECKs, conflict clauses and triggers only as text, limits no length, and takes
an unknown column in double quotes for a string: nothing here relies on an error.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, table, text
from sqlalchemy import func as sql

from troth.connectors.sql.ddl import TableText, TriggerText, names_in, table_text, tokens, trigger_text
from troth.connectors.sql.facts import (
    FAMILIES,
    Catalogue,
    Columns,
    Edge,
    OnDelete,
    References,
    Relation,
    grouped,
    incoming_of,
    qualified,
    resolve,
    split,
    usable_key,
)
from troth.connectors.sql.findings import finding
from troth.core.ports import (
    CheckFacts,
    ColumnFacts,
    Family,
    ForeignKeyFacts,
    TableFacts,
    TriggerFacts,
    UniqueFacts,
)

LARGE = 10_000
"""From here on row numbers are estimates: counting further would read the whole table."""

_ON_DELETE: dict[str, OnDelete] = {
    "NO ACTION": "no action", "RESTRICT": "restrict", "CASCADE": "cascade", "SET NULL": "set null",
    "SET DEFAULT": "set default",
}  # fmt: skip
_SHADOWS = {
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "fts4": ("content", "segments", "segdir", "docsize", "stat"),
    "fts3": ("content", "segments", "segdir"),
    "rtree": ("node", "parent", "rowid"),
}
_CONFLICTS = {
    "REPLACE": "delete another row", "IGNORE": "be skipped silently", "FAIL": "stop half-way",
    "ROLLBACK": "roll back everything",
}  # fmt: skip

_SCHEMA = "SELECT type, name, tbl_name, coalesce(sql, '') AS sql FROM sqlite_schema ORDER BY name"
_COLUMNS = """
SELECT m.name AS tbl, c.cid, c.name, c.type AS declared, c."notnull" AS not_null, c.pk, c.hidden
FROM sqlite_schema m, pragma_table_xinfo(m.name) c
WHERE m.name = :name ORDER BY c.cid
"""
_FOREIGN_KEYS = """
SELECT m.name AS tbl, f.id, f.seq, f."table" AS target, f."from" AS own, f."to" AS other, f.on_delete
FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, f.id, f.seq
"""
_INDEXES = """
SELECT l.name AS index_name, l."unique" AS is_unique, l.partial, x.seqno, x.cid, x.name AS column_name
FROM pragma_index_list(:name) l, pragma_index_xinfo(l.name) x WHERE x.key = 1 ORDER BY l.name, x.seqno
"""


def version(connection: Connection) -> str:
    """The version of the SQLite library in use."""
    return sqlite3.sqlite_version


def relations(connection: Connection, schemas: frozenset[str] = frozenset()) -> list[Relation]:
    """Every table and view of the file."""
    return [
        Relation(row.name, kind=_kind(row))
        for row in connection.execute(text(_SCHEMA))
        if row.type in ("table", "view") and not row.name.startswith("sqlite_")
    ]


def _kind(row: Row[Any]) -> str:
    if row.type == "view":
        return "view"
    return "virtual" if row.sql[:15].upper().startswith("CREATE VIRTUAL") else "table"


def references(connection: Connection) -> References:
    """Every foreign key of the file."""
    names = [relation.name for relation in relations(connection)]
    rows = connection.execute(text(_FOREIGN_KEYS))
    return References(
        tuple(Edge((None, r.tbl), (None, resolve(r.target, names) or r.target), _ON_DELETE[r.on_delete]) for r in rows)
    )


def probe(connection: Connection, wanted: Sequence[Relation], references: References) -> Catalogue:
    """Facts of the wanted relations."""
    catalogue = Catalogue("sqlite", version(connection))
    schema = list(connection.execute(text(_SCHEMA)))
    found = _Found(connection, schema)
    for relation in wanted:
        catalogue.tables[relation.table] = found.facts(relation)
        _remark(catalogue, relation, found)
    return catalogue


class _Found:
    """The schema of the file, read once."""

    def __init__(self, connection: Connection, schema: list[Row[Any]]) -> None:
        self.connection = connection
        self.rows = {row.name: row for row in schema if row.type in ("table", "view")}
        self.triggers: dict[str, list[tuple[str, TriggerText]]] = {}
        for row in schema:
            if row.type == "trigger":
                on = self.named(row.tbl_name)
                self.triggers.setdefault(on, []).append((row.name, trigger_text(row.sql)))
        self.foreign = self._foreign_keys()
        self.writable = _writable(connection)

    def named(self, name: str) -> str:
        """The table's name as it was created: references may spell it in another case."""
        return resolve(name, self.rows) or name

    def text_of(self, name: str) -> TableText:
        return table_text(self.rows[name].sql) if name in self.rows else table_text("")

    def columns_of(self, name: str) -> list[Row[Any]]:
        return list(self.connection.execute(text(_COLUMNS), {"name": name}))

    def _foreign_keys(self) -> list[ForeignKeyFacts]:
        result = []
        for name, rows in grouped(self.connection.execute(text(_FOREIGN_KEYS)), "tbl").items():
            columns = {c.name.casefold(): c for c in self.columns_of(name)}
            stated = {tuple(c.casefold() for c in r.columns): r for r in self.text_of(name).references}
            for key in grouped(rows, "id").values():
                own = tuple(r.own for r in key)
                reference = stated.get(tuple(c.casefold() for c in own))
                target = self.named(key[0].target)
                result.append(
                    ForeignKeyFacts(
                        name=(reference.name if reference else "") or f"{name}.{'+'.join(own)}",
                        table=qualified(None, name),
                        columns=tuple(columns[c.casefold()].name for c in own),
                        target=qualified(None, target),
                        target_columns=self._target_columns(target, key),
                        on_delete=_ON_DELETE[key[0].on_delete],
                        deferrable=bool(reference and reference.deferrable),
                        nullable=any(not columns[c.casefold()].not_null for c in own),
                    )
                )
        return result

    def _target_columns(self, target: str, key: list[Row[Any]]) -> tuple[str, ...]:
        columns = self.columns_of(target) if target in self.rows else []
        if key[0].other is None:
            # REFERENCES parent, without columns: the parent's primary key.
            return tuple(c.name for c in sorted(columns, key=lambda c: c.pk) if c.pk)
        return tuple(resolve(r.other, [c.name for c in columns]) or r.other for r in key)

    def facts(self, relation: Relation) -> TableFacts:
        name, stated = relation.name, self.text_of(relation.name)
        rows = self.columns_of(name)
        columns = Columns(_column(row, rows, stated, relation.kind) for row in rows)
        indexes = list(self.connection.execute(text(_INDEXES), {"name": name}))
        primary = tuple(c.name for c in sorted(rows, key=lambda c: c.pk) if c.pk)
        uniques = _uniques(grouped(indexes, "index_name"), columns, self._index_texts())
        if len(primary) == 1 and not any(u.columns == primary for u in uniques):
            uniques = (UniqueFacts("PRIMARY KEY", primary), *uniques)
        return TableFacts(
            table=relation.table,
            kind=relation.kind,  # type: ignore[arg-type]  # one of _kind
            key=primary or usable_key(columns, uniques),
            columns=columns,
            uniques=uniques,
            checks=_checks(stated, columns),
            outgoing=tuple(k for k in self.foreign if k.table == relation.table),
            incoming=incoming_of(self.foreign, relation.table),
            triggers=tuple(
                TriggerFacts(trigger, frozenset({t.event}))
                for trigger, t in self.triggers.get(name, [])
                if t.event is not None
            ),
            indexes=_leading(grouped(indexes, "index_name"), primary),
            rows=self._estimate(relation),
            rights=None if self.writable else frozenset({"select"}),
        )

    def _index_texts(self) -> dict[str, str]:
        rows = self.connection.execute(text("SELECT name, sql FROM sqlite_schema WHERE type = 'index'"))
        return {row.name: row.sql or "" for row in rows}

    def _estimate(self, relation: Relation) -> int | None:
        """Exact up to LARGE rows, then by the highest rowid."""
        if relation.kind != "table":
            return None
        source = table(relation.name)
        some = select(sql.count()).select_from(select(text("1")).select_from(source).limit(LARGE + 1).subquery())
        counted = int(self.connection.execute(some).scalar_one())
        if counted <= LARGE or "WITHOUT" in self.text_of(relation.name).options:
            return counted
        highest = self.connection.execute(select(sql.max(text("_rowid_"))).select_from(source)).scalar()
        return max(counted, int(highest or 0))


def _writable(connection: Connection) -> bool:
    path = connection.exec_driver_sql("PRAGMA database_list").fetchone()
    if path is None:
        return True
    # The folder too: a transaction needs to make a journal beside the file.
    return os.access(path[2], os.W_OK) and os.access(os.path.dirname(path[2]) or ".", os.W_OK)


def _column(row: Row[Any], rows: list[Row[Any]], stated: TableText, kind: str) -> ColumnFacts:
    return ColumnFacts(
        name=row.name,
        family=family(row.declared),
        declared=row.declared,
        nullable=not row.not_null and not _never_null(row, rows, stated, kind),
        # 0 ordinary, 1 hidden (virtual tables), 2 and 3 generated
        generated=row.hidden in (2, 3),
        collation=stated.collations.get(row.name, "BINARY"),
    )


def _never_null(row: Row[Any], rows: list[Row[Any]], stated: TableText, kind: str) -> bool:
    """Only a rowid alias and keys of WITHOUT ROWID tables are NOT NULL without saying so."""
    if not row.pk or kind != "table":
        return False
    alone = sum(1 for r in rows if r.pk) == 1
    return "WITHOUT" in stated.options or (alone and row.declared.upper() == "INTEGER")


def family(declared: str) -> Family:
    """What a declared type means. SQLite itself only knows affinities and stores any value anywhere."""
    name = declared.split("(")[0].strip().lower()
    words = name.split()
    if words and words[0] in FAMILIES and words[0] not in ("name", "money", "year"):
        return FAMILIES[words[0]]
    for part, known in (
        ("int", "integer"), ("char", "text"), ("clob", "text"), ("text", "text"), ("blob", "binary"),
        ("real", "number"), ("floa", "number"), ("doub", "number"), ("json", "json"), ("bool", "boolean"),
        ("datetime", "datetime"), ("timestamp", "datetime"),
    ):  # fmt: skip
        if part in name:
            return known  # type: ignore[return-value]  # families, all of them
    return "other"


def _uniques(indexes: dict[str, list[Row[Any]]], columns: Columns, texts: dict[str, str]) -> tuple[UniqueFacts, ...]:
    result = []
    for name, parts in indexes.items():
        if not parts[0].is_unique:
            continue
        opaque = bool(parts[0].partial) or any(p.cid == -2 for p in parts)
        named = tuple(p.column_name for p in parts if p.column_name is not None)
        if opaque:
            named = tuple(dict.fromkeys(named + names_in(texts.get(name, ""), columns)))
        result.append(UniqueFacts(name, named, opaque=opaque))
    return tuple(result)


def _leading(indexes: dict[str, list[Row[Any]]], primary: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Columns of whole indexes up to their first expression; the rowid alias has no index of its own."""
    found = [primary] if primary else []
    for parts in indexes.values():
        names = [p.column_name for p in parts]
        cut = names.index(None) if None in names else len(names)
        if not parts[0].partial and cut:
            found.append(tuple(names[:cut]))
    return tuple(dict.fromkeys(found))


def _checks(stated: TableText, columns: Columns) -> tuple[CheckFacts, ...]:
    found = []
    for name, names in stated.checks:
        read = tuple(c for c in columns if c.casefold() in names)
        found.append(CheckFacts(name or f"CHECK on {', '.join(read) or 'the row'}", read))
    return tuple(found)


def _remark(catalogue: Catalogue, relation: Relation, found: _Found) -> None:
    name = relation.name
    facts = catalogue.tables[relation.table]
    if facts.key and not any(c.pk for c in found.columns_of(name)):
        catalogue.remark(qualified(None, name), finding("key_from_unique", table=name, columns=", ".join(facts.key)))
    for action in sorted(found.text_of(name).conflicts & set(_CONFLICTS)):
        effect = _CONFLICTS[action]
        catalogue.remark(qualified(None, name), finding("conflict_clause", table=name, action=action, effect=effect))
    if not found.writable:
        catalogue.remark(qualified(None, name), finding("read_only_file", table=name))
    for trigger, stated in found.triggers.get(name, []):
        if stated.may_skip:
            catalogue.remark(qualified(None, name), finding("trigger_may_skip", table=name, name=trigger))
    if relation.kind == "view":
        _remark_view(catalogue, name, found)
    if relation.kind == "virtual":
        module = _virtual(found.rows[name].sql)[0]
        catalogue.remark(qualified(None, name), finding("virtual_table", table=name, module=module))
    _remark_search(catalogue, name, found)
    _remark_references(catalogue, name, found)


def _remark_view(catalogue: Catalogue, name: str, found: _Found) -> None:
    """A view takes changes only through INSTEAD OF triggers."""
    events = {t.event for _, t in found.triggers.get(name, []) if t.timing == "instead"}
    code = "view_mapped" if {"update", "delete"} <= events else "view_not_updatable"
    catalogue.remark(qualified(None, name), finding(code, table=name))


def _virtual(statement: str) -> tuple[str, str]:
    """The module of a virtual table and the table whose content it indexes ('' for none)."""
    pieces = tokens(statement)
    words = [t.word for t in pieces]
    module = pieces[words.index("USING") + 1].text.lower() if "USING" in words else "?"
    for i, word in enumerate(words):
        if word == "CONTENT" and words[i + 1 : i + 2] == ["="] and i + 2 < len(pieces):
            return module, pieces[i + 2].text.strip("'")
    return module, ""


def _remark_search(catalogue: Catalogue, name: str, found: _Found) -> None:
    """Full-text indexes over this table, or this table being a part of one."""
    for other, row in found.rows.items():
        if row.type != "table" or _kind(row) != "virtual":
            continue
        module, content = _virtual(row.sql)
        if name.casefold() in {f"{other}_{part}".casefold() for part in _SHADOWS.get(module, ())}:
            catalogue.remark(qualified(None, name), finding("shadow_table", table=name, name=other))
        if content.casefold() == name.casefold():
            events = {t.event for _, t in found.triggers.get(name, []) if other in t.writes}
            code = "search_index_kept" if {"update", "delete"} <= events else "search_index"
            catalogue.remark(qualified(None, name), finding(code, table=name, name=other))


def _remark_references(catalogue: Catalogue, name: str, found: _Found) -> None:
    facts = catalogue.tables[qualified(None, name)]
    for key in facts.outgoing:
        if split(key.target)[1] not in found.rows:
            catalogue.remark(qualified(None, name), finding("orphan_reference", table=name, target=key.target))
    proven = {frozenset(u.columns) for u in facts.uniques if not u.opaque} | {frozenset(facts.key)}
    for key in facts.incoming:
        if frozenset(key.target_columns) not in proven or not key.target_columns:
            catalogue.remark(qualified(None, name), finding("reference_mismatch", table=name, name=key.table))
