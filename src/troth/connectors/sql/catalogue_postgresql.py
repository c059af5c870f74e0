"""The schema of a PostgreSQL database, from its catalogues, which are open to every account.

No function here opens a table: one that another session has locked does not stop the rest. Partitions are left
out, their parent stands for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from troth.connectors.sql.catalogue import Ask, Found, distinct, grouped, leading, named
from troth.connectors.sql.facts import FAMILIES, OnDelete
from troth.core.discover.model import Catalogue, Column, Table, TableKind, Trouble
from troth.core.ports import Family, ForeignKeyFacts, UniqueFacts

_KINDS: dict[str, TableKind] = {
    "r": "table", "p": "partitioned", "v": "view", "m": "materialised view", "f": "foreign",
}  # fmt: skip
_ON_DELETE: dict[str, OnDelete] = {
    "a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default",
}  # fmt: skip

_RELATIONS = """
SELECT c.oid::bigint AS oid, n.nspname AS sch, coalesce(n.nspname = current_schema(), false) AS own,
    c.relname AS name, c.relkind::text AS kind,
    CASE WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relpages > 0) THEN c.reltuples::bigint END AS estimate,
    has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') AS readable,
    c.relrowsecurity AND row_security_active(c.oid) AS hidden,
    (SELECT count(*) FROM pg_trigger g
     WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D') AS triggers,
    coalesce(obj_description(c.oid, 'pg_class'), '') AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY own DESC, n.nspname, c.relname
"""

_PARTITIONS = """
WITH RECURSIVE beneath(root, oid) AS (
    SELECT c.oid, c.oid FROM pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
    UNION ALL SELECT b.root, i.inhrelid FROM beneath b JOIN pg_inherits i ON i.inhparent = b.oid)
SELECT b.root::bigint AS oid, sum(nullif(l.reltuples, -1))::bigint AS estimate
FROM beneath b JOIN pg_class l ON l.oid = b.oid WHERE l.relkind <> 'p' GROUP BY b.root
"""

_COLUMNS = """
SELECT a.attrelid::bigint AS oid, a.attnum AS num, a.attname AS name, a.atttypid::bigint AS type,
    a.atttypmod AS modifier, format_type(a.atttypid, a.atttypmod) AS declared, a.attnotnull AS not_null,
    a.attgenerated::text <> '' AS generated, coalesce(d.description, '') AS comment,
    has_table_privilege(c.oid, 'SELECT') OR has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d
    ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_TYPES = """
WITH RECURSIVE used(oid) AS (
    SELECT DISTINCT atttypid FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
    UNION SELECT t.typbasetype FROM used JOIN pg_type t ON t.oid = used.oid WHERE t.typtype = 'd')
SELECT t.oid::bigint AS oid, t.typname AS name, t.typtype::text AS kind, t.typcategory::text AS category,
    t.typbasetype::bigint AS base, t.typtypmod AS modifier, t.typnotnull AS not_null,
    ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
FROM used JOIN pg_type t ON t.oid = used.oid
"""

_CONSTRAINTS = """
SELECT k.conrelid::bigint AS oid, k.conname AS name, k.contype::text AS kind, k.confrelid::bigint AS target,
    k.confdeltype::text AS on_delete, k.condeferrable AS deferrable, k.convalidated AS validated,
    k.conkey::int[] AS columns, k.confkey::int[] AS target_columns
FROM pg_constraint k WHERE k.contype IN ('p', 'f') AND k.conrelid >= 16384 AND (k.contype = 'p' OR k.conparentid = 0)
ORDER BY k.conrelid, k.conname
"""

_INDEXES = """
SELECT i.indrelid::bigint AS oid, c.relname AS name, i.indisunique AS is_unique, i.indpred IS NOT NULL AS partial,
    i.indisvalid AS valid, i.indisexclusion AS exclusion, i.indkey::int2[]::int[] AS columns, i.indnkeyatts AS width
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid >= 16384
ORDER BY i.indrelid, NOT i.indisprimary, c.relname
"""


def read(ask: Ask) -> Catalogue:
    """Every table and view outside the system's own schemas. Raises StoreError."""
    rows = _Rows(ask)
    found = Found()
    for relation in rows.relations.values():
        table = rows.table(relation)
        found.add(table)
        if table.readable is False and relation.readable:
            found.troubles[-1] = _hidden(table)
    return Catalogue("postgresql", tuple(found.tables), tuple(found.troubles))


def _hidden(table: Table) -> Trouble:
    message = f"row-level security hides rows of {table.qualified} from this account (BYPASSRLS shows them)"
    return Trouble("row_security", message, table.qualified)


class _Rows:
    """The answers of the catalogue queries, by table number."""

    def __init__(self, ask: Ask) -> None:
        self.relations = {r.oid: r for r in ask(text(_RELATIONS))}
        self.partitioned = {r.oid: r.estimate for r in ask(text(_PARTITIONS))}
        self.columns = grouped(ask(text(_COLUMNS)), "oid")
        self.types = {r.oid: r for r in ask(text(_TYPES))}
        constraints = ask(text(_CONSTRAINTS))
        self.primary = {r.oid: r.columns for r in constraints if r.kind == "p"}
        self.foreign = grouped((r for r in constraints if r.kind == "f"), "oid")
        self.indexes = grouped(ask(text(_INDEXES)), "oid")
        self._names = {oid: {c.num: c.name for c in columns} for oid, columns in self.columns.items()}

    def table(self, relation: Row[Any]) -> Table:
        """The relation as Troth speaks of it."""
        indexes = self.indexes.get(relation.oid, [])
        kind = _KINDS[relation.kind]
        estimate = self.partitioned.get(relation.oid) if kind == "partitioned" else relation.estimate
        return Table(
            name=relation.name,
            schema=None if relation.own else relation.sch,
            columns=tuple(self._column(c) for c in self.columns.get(relation.oid, [])),
            kind=kind,
            key=self._named(relation.oid, self.primary.get(relation.oid, ())),
            uniques=tuple(self._unique(i) for i in indexes if i.is_unique or i.exclusion),
            foreign_keys=tuple(k for r in self.foreign.get(relation.oid, []) if (k := self._foreign_key(r))),
            indexes=distinct(leading(self._keys(i)) for i in indexes if i.valid and not i.partial),
            triggers=relation.triggers,
            rows=None if kind in ("view", "foreign") else estimate,
            readable=relation.readable and not relation.hidden,
            comment=relation.comment,
        )

    def _named(self, oid: int, numbers: Sequence[int]) -> tuple[str, ...]:
        return leading([self._names.get(oid, {}).get(number) for number in numbers])

    def _keys(self, index: Row[Any]) -> list[str | None]:
        names = self._names.get(index.oid, {})
        return [names.get(number) for number in index.columns[: index.width]]

    def _unique(self, index: Row[Any]) -> UniqueFacts:
        keys = self._keys(index)
        opaque = index.partial or index.exclusion or None in keys
        return UniqueFacts(index.name, tuple(k for k in keys if k is not None), opaque=opaque)

    def _qualified(self, oid: int) -> str | None:
        relation = self.relations.get(oid)
        return None if relation is None else named(None if relation.own else relation.sch, relation.name)

    def _foreign_key(self, row: Row[Any]) -> ForeignKeyFacts | None:
        table, target = self._qualified(row.oid), self._qualified(row.target)
        if table is None or target is None:
            return None
        columns = self._named(row.oid, row.columns)
        required = {c.name for c in self.columns.get(row.oid, []) if c.not_null}
        return ForeignKeyFacts(
            name=row.name,
            table=table,
            columns=columns,
            target=target,
            target_columns=self._named(row.target, row.target_columns),
            on_delete=_ON_DELETE[row.on_delete],
            deferrable=row.deferrable,
            nullable=not required.issuperset(columns),
            validated=row.validated,
        )

    def _column(self, row: Row[Any]) -> Column:
        beneath, modifier, not_null = self.types[row.type], row.modifier, row.not_null
        while beneath.kind == "d":
            modifier, not_null = beneath.modifier, not_null or beneath.not_null
            beneath = self.types[beneath.base]
        return Column(
            name=row.name,
            family=_family(beneath),
            declared=row.declared,
            nullable=not not_null,
            length=modifier - 4 if beneath.name in ("varchar", "bpchar") and modifier > 4 else None,
            generated=row.generated,
            enum=tuple(beneath.labels),
            comment=row.comment,
            readable=row.readable,
        )


def _family(type_: Row[Any]) -> Family:
    if type_.category == "A":
        return "array"
    return "enum" if type_.kind == "e" else FAMILIES.get(type_.name, "other")
