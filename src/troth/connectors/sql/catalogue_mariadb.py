"""The schema of a MariaDB or MySQL database, from ``information_schema``, which shows what may be read.

With SELECT alone the delete rules of foreign keys and most CHECKs are hidden; nothing here needs them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text

from troth.connectors.sql.catalogue import Ask, Found, distinct, grouped, leading, named
from troth.connectors.sql.ddl import tokens
from troth.connectors.sql.facts import FAMILIES, OnDelete
from troth.core.discover.model import Catalogue, Column, Table, TableKind
from troth.core.errors import StoreError, StoreUnreachable
from troth.core.ports import Family, ForeignKeyFacts, UniqueFacts

_RULES: dict[str, OnDelete] = {
    "RESTRICT": "restrict", "NO ACTION": "no action", "CASCADE": "cascade", "SET NULL": "set null",
    "SET DEFAULT": "set default",
}  # fmt: skip

_TABLES = """
SELECT table_name AS tab, table_type AS kind, table_rows AS estimate, coalesce(create_options, '') AS options,
    coalesce(table_comment, '') AS comment
FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'SEQUENCE' ORDER BY table_name
"""
_COLUMNS = """
SELECT table_name AS tab, column_name AS name, data_type AS base, column_type AS declared,
    is_nullable = 'YES' AS nullable, character_maximum_length AS length, coalesce(extra, '') AS extra,
    privileges AS rights, column_comment AS comment
FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""
_INDEXES = """
SELECT table_name AS tab, index_name AS name, non_unique, column_name AS col, sub_part AS prefix
FROM information_schema.statistics WHERE table_schema = DATABASE()
ORDER BY table_name, index_name <> 'PRIMARY', index_name, seq_in_index
"""
_KEYS = """
SELECT table_name AS tab, constraint_name AS name, column_name AS col,
    CASE WHEN referenced_table_schema <> DATABASE() THEN referenced_table_schema END AS target_schema,
    referenced_table_name AS target, referenced_column_name AS other
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL
ORDER BY table_name, constraint_name, ordinal_position
"""
_DELETE_RULES = """
SELECT table_name AS tab, constraint_name AS name, delete_rule AS rule
FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()
"""
_TRIGGERS = """
SELECT event_object_table AS tab, count(*) AS number FROM information_schema.triggers
WHERE event_object_schema = DATABASE() GROUP BY event_object_table
"""
_CHECKS = """
SELECT table_name AS tab, check_clause AS clause FROM information_schema.check_constraints
WHERE constraint_schema = DATABASE() AND check_clause LIKE 'json\\_valid(%'
"""


def read(ask: Ask) -> Catalogue:
    """Every table and view of the connection's own database that the account has a right on. Raises StoreError."""
    rows = _Rows(ask)
    found = Found()
    for row in rows.tables:
        found.add(rows.table(row))
    return Catalogue("mysql", tuple(found.tables), tuple(found.troubles))


class _Rows:
    """The answers of the queries on information_schema, by table."""

    def __init__(self, ask: Ask) -> None:
        self.tables = ask(text(_TABLES))
        self.columns = grouped(ask(text(_COLUMNS)), "tab")
        self.indexes = grouped(ask(text(_INDEXES)), "tab")
        self.keys = grouped(ask(text(_KEYS)), "tab")
        self.rules = {(r.tab, r.name): _RULES[r.rule] for r in ask(text(_DELETE_RULES))}
        self.triggers = {r.tab: int(r.number) for r in ask(text(_TRIGGERS))}
        self.json = _json_columns(ask)

    def table(self, row: Row[Any]) -> Table:
        """The relation as Troth speaks of it."""
        name, is_view = row.tab, row.kind.endswith("VIEW")
        kind: TableKind = "view" if is_view else "partitioned" if "partitioned" in row.options.lower() else "table"
        columns = tuple(self._column(c) for c in self.columns.get(name, []))
        indexes = grouped(self.indexes.get(name, []), "name")
        return Table(
            name=name,
            columns=columns,
            kind=kind,
            key=tuple(r.col for r in indexes.get("PRIMARY", [])),
            uniques=tuple(_unique(n, parts) for n, parts in indexes.items() if not parts[0].non_unique),
            foreign_keys=tuple(self._foreign_keys(name, {c.name for c in columns if c.nullable})),
            indexes=distinct(leading([p.col for p in parts]) for parts in indexes.values()),
            triggers=self.triggers.get(name, 0),
            rows=None if is_view or row.estimate is None else int(row.estimate),
            readable=is_view or any(c.readable for c in columns),
            comment="" if is_view else row.comment,
        )

    def _foreign_keys(self, name: str, nullable: set[str]) -> list[ForeignKeyFacts]:
        return [
            ForeignKeyFacts(
                name=key,
                table=name,
                columns=tuple(p.col for p in parts),
                target=named(parts[0].target_schema, parts[0].target),
                target_columns=tuple(p.other for p in parts),
                on_delete=self.rules.get((name, key), "no action"),
                nullable=any(p.col in nullable for p in parts),
            )
            for key, parts in grouped(self.keys.get(name, []), "name").items()
        ]

    def _column(self, row: Row[Any]) -> Column:
        is_json = (row.tab, row.name.casefold()) in self.json
        family: Family = "json" if is_json else FAMILIES.get(row.base.lower(), "other")
        labels = [t.text[1:-1].replace("''", "'") for t in tokens(row.declared) if t.kind == "string"]
        extra = row.extra.lower()
        return Column(
            name=row.name,
            family=family,
            declared=row.declared,
            nullable=bool(row.nullable),
            length=int(row.length) if row.length is not None and family in ("text", "binary") else None,
            generated=any(word in extra for word in ("virtual generated", "stored generated", "persistent")),
            enum=tuple(labels) if family == "enum" else (),
            comment=row.comment,
            readable="select" in row.rights.split(","),
        )


def _json_columns(ask: Ask) -> set[tuple[str, str]]:
    """MariaDB's JSON is a text with a CHECK that says so, where this account may see it; MySQL has the type."""
    try:
        rows = ask(text(_CHECKS))
    except StoreUnreachable:
        raise
    except StoreError:
        return set()
    found = set()
    for row in rows:
        pieces = tokens(row.clause, backslash=True)
        if len(pieces) == 4:
            found.add((row.tab, pieces[2].text.casefold()))
    return found


def _unique(name: str, parts: list[Row[Any]]) -> UniqueFacts:
    columns = tuple(p.col for p in parts if p.col is not None)
    opaque = len(columns) < len(parts) or any(p.prefix is not None for p in parts)
    return UniqueFacts(name, columns, opaque=opaque)
