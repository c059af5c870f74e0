"""What PostgreSQL's catalogues say about tables, beyond what reflection tells.

The catalogues are open to every account, so nothing here is hidden by missing grants. All queries are by
object number and answer for all asked tables at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from troth.connectors.sql.ddl import names_in
from troth.connectors.sql.facts import (
    FAMILIES,
    Catalogue,
    Columns,
    Edge,
    Event,
    OnDelete,
    References,
    Relation,
    grouped,
    incoming_of,
    qualified,
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

KINDS = {
    "r": "table", "p": "partitioned", "v": "view", "m": "materialised view", "f": "foreign",
}  # fmt: skip
_ON_DELETE: dict[str, OnDelete] = {
    "a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default",
}  # fmt: skip
_TRIGGER_BITS: tuple[tuple[int, Event], ...] = ((4, "insert"), (8, "delete"), (16, "update"))
_RULE_EVENTS: dict[str, Event] = {"2": "update", "3": "insert", "4": "delete"}

_RELATIONS = """
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
    n.nspname = ANY(current_schemas(false)) AS bare
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY array_position(current_schemas(false), n.nspname), n.nspname, c.relname
"""

_EDGES = """
SELECT n.nspname AS s, c.relname AS name, k.confdeltype::text AS action, tn.nspname AS ts, tc.relname AS target
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class tc ON tc.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = tc.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
"""

_TABLES = """
SELECT c.oid::bigint AS oid, c.relpersistence::text AS persistence, c.relispartition AS is_partition,
    c.relrowsecurity AS row_security, row_security_active(c.oid) AS hides,
    CASE WHEN c.relkind = 'p'
        THEN (SELECT sum(nullif(l.reltuples, -1)) FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid
              WHERE t.isleaf)
        ELSE nullif(c.reltuples, -1) END AS tuples,
    CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END AS bytes,
    has_schema_privilege(c.relnamespace, 'USAGE') AS usage,
    has_any_column_privilege(c.oid, 'SELECT') AS may_select,
    has_any_column_privilege(c.oid, 'UPDATE') AS may_update,
    has_table_privilege(c.oid, 'DELETE') AS may_delete,
    pg_relation_is_updatable(c.oid, true) AS updatable,
    (SELECT string_agg(i.inhparent::regclass::text, ', ') FROM pg_inherits i WHERE i.inhrelid = c.oid) AS parents,
    EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND i.inhparent = ANY(:oids)) AS parent_wanted,
    (SELECT string_agg(i.inhrelid::regclass::text, ', ') FROM pg_inherits i WHERE i.inhparent = c.oid) AS children
FROM pg_class c WHERE c.oid = ANY(:oids)
"""

_COLUMNS = """
SELECT a.attrelid::bigint AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS declared,
    a.attnotnull OR t.typnotnull AS not_null, a.attgenerated::text <> '' AS generated, a.attidentity::text AS identity,
    t.typtype::text AS typtype, t.typcategory::text AS category, b.typname AS base, b.typtype::text AS base_type,
    CASE WHEN b.typname IN ('varchar', 'bpchar') THEN nullif(beneath.modifier, -1) - 4 END AS length,
    CASE WHEN a.attcollation <> 0 THEN (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END AS collation,
    ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = b.oid ORDER BY enumsortorder) AS labels,
    CASE WHEN t.typtype = 'd' THEN t.oid::bigint END AS domain,
    has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS may_select,
    has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS may_update
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (  -- a domain may be over another domain: walk down to the type beneath, and its modifier
    WITH RECURSIVE down(oid, typtype, typbasetype, typtypmod, modifier) AS (
        SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, a.atttypmod
        UNION ALL SELECT n.oid, n.typtype, n.typbasetype, n.typtypmod, down.typtypmod
        FROM down JOIN pg_type n ON n.oid = down.typbasetype WHERE down.typtype = 'd')
    SELECT oid, modifier FROM down WHERE typtype <> 'd') AS beneath
JOIN pg_type b ON b.oid = beneath.oid
WHERE a.attrelid = ANY(:oids) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_CONSTRAINTS = """
SELECT k.oid::bigint AS constraint_oid, k.conname AS name, k.contype::text AS kind, k.conrelid::bigint AS oid,
    k.confrelid::bigint AS target_oid, k.confdeltype::text AS on_delete, k.condeferrable AS deferrable,
    k.convalidated AS validated, k.conindid::bigint AS index_oid, n.nspname AS schema, c.relname AS relation,
    tn.nspname AS target_schema, tc.relname AS target_relation,
    coalesce(0 = ANY(k.conkey), true) AS whole_row,
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, pos)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY pos) AS columns,
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, pos)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY pos) AS target_columns,
    NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
          AND NOT a.attnotnull) AS not_null
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class tc ON tc.oid = k.confrelid LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
WHERE (k.conrelid = ANY(:oids) OR k.confrelid = ANY(:oids)) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
    AND (k.conparentid = 0 OR k.contype <> 'f')
ORDER BY k.conrelid, k.conname
"""

_DOMAIN_CHECKS = """
WITH RECURSIVE beneath(root, oid) AS (
    SELECT d.oid, d.oid FROM pg_type d WHERE d.oid = ANY(:domains)
    UNION ALL SELECT b.root, t.typbasetype FROM beneath b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')
SELECT b.root::bigint AS domain, k.conname AS name FROM beneath b JOIN pg_constraint k ON k.contypid = b.oid
WHERE k.contype = 'c' ORDER BY k.conname
"""

_INDEXES = """
SELECT i.indrelid::bigint AS oid, c.relname AS name, i.indexrelid::bigint AS index_oid, i.indisunique AS is_unique,
    i.indpred IS NOT NULL AS partial, i.indisvalid AS valid, i.indisexclusion AS exclusion,
    {nulls} AS nulls_equal,
    ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(num, pos)
          LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num AND u.num > 0
          WHERE u.pos <= i.indnkeyatts ORDER BY pos) AS columns,
    pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ANY(:oids)
ORDER BY i.indrelid, c.relname
"""

_TRIGGERS = """
SELECT coalesce(r.root, g.tgrelid)::bigint AS oid, g.tgname AS name, g.tgtype AS bits, g.tgenabled::text AS enabled
FROM pg_trigger g
LEFT JOIN (SELECT o.root, t.relid FROM unnest(CAST(:oids AS oid[])) o(root), pg_partition_tree(o.root) t
           UNION SELECT inhparent, inhrelid FROM pg_inherits WHERE inhparent = ANY(:oids)) r ON r.relid = g.tgrelid
WHERE (g.tgrelid = ANY(:oids) OR r.root IS NOT NULL) AND NOT g.tgisinternal AND g.tgenabled <> 'D'
ORDER BY 1, g.tgname
"""

_RULES = """
SELECT ev_class::bigint AS oid, rulename AS name, ev_type::text AS event, is_instead AS instead FROM pg_rewrite
WHERE ev_class = ANY(:oids) AND ev_type <> '1' AND ev_enabled <> 'D' ORDER BY ev_class, rulename
"""

_READERS = """
WITH RECURSIVE readers(root, oid) AS (
    SELECT o.root, o.root FROM unnest(CAST(:oids AS oid[])) o(root)
    UNION SELECT r.root, w.ev_class FROM readers r JOIN pg_depend d ON d.refobjid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite w ON w.oid = d.objid)
SELECT r.root::bigint AS oid, n.nspname AS schema, c.relname AS name FROM readers r JOIN pg_class c ON c.oid = r.oid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND r.oid <> r.root ORDER BY 1, 2, 3
"""


def version(connection: Connection) -> str:
    """The server's version, for example ``15.8``."""
    return str(connection.execute(text("SHOW server_version")).scalar_one()).split(" ")[0]


def relations(connection: Connection, schemas: frozenset[str] = frozenset()) -> list[Relation]:
    """Every table, view and the like, those of the search path first and in its order."""
    rows = connection.execute(text(_RELATIONS))
    return [Relation(r.name, r.schema, KINDS[r.kind], r.oid, r.bare) for r in rows]


def references(connection: Connection) -> References:
    """Every foreign key of the database, in whatever schema."""
    rows = connection.execute(text(_EDGES))
    return References(tuple(Edge((r.s, r.name), (r.ts, r.target), _ON_DELETE[r.action]) for r in rows))


def probe(connection: Connection, wanted: Sequence[Relation], references: References) -> Catalogue:
    """Facts of the wanted relations."""
    catalogue = Catalogue("postgresql", version(connection))
    oids = {"oids": [r.oid for r in wanted]}
    server = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    nulls = "i.indnullsnotdistinct" if int(server) >= 150000 else "false"
    found = _Found(
        tables={r.oid: r for r in connection.execute(text(_TABLES), oids)},
        columns=grouped(connection.execute(text(_COLUMNS), oids), "oid"),
        constraints=list(connection.execute(text(_CONSTRAINTS), oids)),
        indexes=grouped(connection.execute(text(_INDEXES.format(nulls=nulls)), oids), "oid"),
        triggers=grouped(connection.execute(text(_TRIGGERS), oids), "oid"),
        rules=grouped(connection.execute(text(_RULES), oids), "oid"),
        readers=grouped(connection.execute(text(_READERS), oids), "oid"),
    )
    domains = {c.domain for columns in found.columns.values() for c in columns if c.domain}
    if domains:
        rows = connection.execute(text(_DOMAIN_CHECKS), {"domains": sorted(domains)})
        found.domain_checks = grouped(rows, "domain")
    foreign = [_foreign_key(row) for row in found.constraints if row.kind == "f"]
    for relation in wanted:
        catalogue.tables[relation.table] = _table(relation, found, foreign)
        _remark(catalogue, relation, found)
    return catalogue


class _Found:
    """Rows of the catalogue queries by table number."""

    def __init__(self, **rows: Any) -> None:
        self.tables: dict[int, Row[Any]] = rows["tables"]
        self.columns: dict[int, list[Row[Any]]] = rows["columns"]
        self.constraints: list[Row[Any]] = rows["constraints"]
        self.indexes: dict[int, list[Row[Any]]] = rows["indexes"]
        self.triggers: dict[int, list[Row[Any]]] = rows["triggers"]
        self.rules: dict[int, list[Row[Any]]] = rows["rules"]
        self.readers: dict[int, list[Row[Any]]] = rows["readers"]
        self.domain_checks: dict[int, list[Row[Any]]] = {}


def _table(relation: Relation, found: _Found, foreign: list[ForeignKeyFacts]) -> TableFacts:
    row = found.tables[relation.oid]
    columns = Columns(_column(c) for c in found.columns.get(relation.oid, []))
    uniques = _uniques(relation, found, columns)
    primary = [k for k in found.constraints if k.oid == relation.oid and k.kind == "p"]
    indexes = [i for i in found.indexes.get(relation.oid, []) if i.valid and not i.partial]
    return TableFacts(
        table=relation.table,
        kind=relation.kind,  # type: ignore[arg-type]  # one of KINDS
        key=tuple(primary[0].columns) if primary else usable_key(columns, uniques),
        columns=columns,
        uniques=uniques,
        checks=_checks(relation, found),
        outgoing=tuple(k for k in foreign if k.table == relation.table),
        incoming=incoming_of(foreign, relation.table),
        triggers=_triggers(relation, found),
        indexes=tuple(dict.fromkeys(_leading(i.columns) for i in indexes if i.columns and i.columns[0])),
        rows=_estimate(row),
        transactional=relation.kind != "foreign",
        row_security=row.row_security,
        rights=frozenset(r for r in ("select", "update", "delete") if getattr(row, f"may_{r}")),
    )


def _leading(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of an index up to its first expression."""
    return tuple(columns[: columns.index("")]) if "" in columns else tuple(columns)


def _estimate(row: Row[Any]) -> int | None:
    """About how many rows. Never analysed: from the size, where there is some, at a hundred bytes a row."""
    if row.tuples is not None:
        return int(row.tuples)
    return int(row.bytes) // 100 if row.bytes > 1_000_000 else None


def _column(row: Row[Any]) -> ColumnFacts:
    return ColumnFacts(
        name=row.name,
        family=_family(row),
        declared=row.declared,
        nullable=not row.not_null,
        length=row.length,
        generated=row.generated,
        always_identity=row.identity == "a",
        enum=tuple(row.labels),
        collation=row.collation,
    )


def _family(row: Row[Any]) -> Family:
    if row.category == "A":
        return "array"
    if row.base_type == "e":
        return "enum"
    return FAMILIES.get(row.base, "other")


def _uniques(relation: Relation, found: _Found, columns: Columns) -> tuple[UniqueFacts, ...]:
    """Unique indexes, those of the primary key included, and exclusion constraints."""
    result = []
    for index in found.indexes.get(relation.oid, []):
        if not (index.is_unique or index.exclusion):
            continue
        opaque = index.partial or index.exclusion or "" in index.columns
        named = tuple(c for c in index.columns if c)
        if opaque:
            named = tuple(dict.fromkeys(named + names_in(index.definition, columns)))
        result.append(UniqueFacts(index.name, named, nulls_equal=index.nulls_equal, opaque=opaque))
    return tuple(result)


def _checks(relation: Relation, found: _Found) -> tuple[CheckFacts, ...]:
    own = [
        # A CHECK over the whole row may read any column: () says so.
        CheckFacts(k.name, () if k.whole_row else tuple(k.columns))
        for k in found.constraints
        if k.oid == relation.oid and k.kind == "c"
    ]
    of_domains = [
        CheckFacts(d.name, (c.name,))
        for c in found.columns.get(relation.oid, [])
        for d in found.domain_checks.get(c.domain, [])
    ]
    return tuple(own + of_domains)


def _foreign_key(row: Row[Any]) -> ForeignKeyFacts:
    return ForeignKeyFacts(
        name=row.name,
        table=qualified(row.schema, row.relation),
        columns=tuple(row.columns),
        target=qualified(row.target_schema, row.target_relation),
        target_columns=tuple(row.target_columns),
        on_delete=_ON_DELETE[row.on_delete],
        deferrable=row.deferrable,
        nullable=not row.not_null,
        validated=row.validated,
    )


def _triggers(relation: Relation, found: _Found) -> tuple[TriggerFacts, ...]:
    triggers = [
        TriggerFacts(t.name, frozenset(event for bit, event in _TRIGGER_BITS if t.bits & bit))
        for t in found.triggers.get(relation.oid, [])
    ]
    rules = [TriggerFacts(r.name, frozenset({_RULE_EVENTS[r.event]})) for r in found.rules.get(relation.oid, [])]
    unique = {t.name: t for t in triggers + rules if t.on}
    return tuple(unique.values())


def _remark(catalogue: Catalogue, relation: Relation, found: _Found) -> None:
    table, row = relation.table, found.tables[relation.oid]
    _remark_rights(catalogue, relation, found)
    primary = any(k.kind == "p" and k.oid == relation.oid for k in found.constraints)
    key = catalogue.tables[table].key
    if key and not primary:
        catalogue.remark(table, finding("key_from_unique", table=table, columns=", ".join(key)))
    for trigger in found.triggers.get(relation.oid, []):
        # Bits: 1 per row, 2 before, 64 instead of.
        if trigger.bits & 2 and trigger.bits & (8 | 16):
            catalogue.remark(table, finding("trigger_may_skip", table=table, name=trigger.name))
    for rule in found.rules.get(relation.oid, []):
        code = "rule_instead" if rule.instead else "rule_also"
        catalogue.remark(table, finding(code, table=table, name=rule.name, event=_RULE_EVENTS[rule.event]))
    if row.hides:
        catalogue.remark(table, finding("row_security", table=table))
    if row.persistence == "u":
        catalogue.remark(table, finding("unlogged", table=table))
    for reader in found.readers.get(relation.oid, []):
        name = qualified(reader.schema, reader.name)
        catalogue.remark(table, finding("materialised_copy", table=table, name=name))
    _remark_family(catalogue, relation, row)
    for key in found.constraints:
        if key.oid == relation.oid and not key.validated:
            catalogue.remark(table, finding("not_validated", table=table, name=key.name))


def _remark_rights(catalogue: Catalogue, relation: Relation, found: _Found) -> None:
    table, row = relation.table, found.tables[relation.oid]
    columns = found.columns.get(relation.oid, [])
    catalogue.unreadable[table] = frozenset(c.name for c in columns if not c.may_select)
    catalogue.unwritable[table] = frozenset(c.name for c in columns if not c.may_update)
    if not row.usage:
        catalogue.remark(table, finding("no_schema_usage", table=table, schema=relation.schema or ""))


def _remark_family(catalogue: Catalogue, relation: Relation, row: Row[Any]) -> None:
    """Partitions, inheritance, views and foreign tables."""
    table = relation.table
    if row.is_partition:
        code = "partition_twice" if row.parent_wanted else "is_partition"
        catalogue.remark(table, finding(code, table=table, parent=row.parents))
    elif row.parents:
        catalogue.remark(table, finding("inherits", table=table, parent=row.parents))
    if row.children and relation.kind == "table":
        catalogue.remark(table, finding("inherited", table=table, children=row.children))
    if relation.kind == "foreign":
        catalogue.remark(table, finding("foreign_table", table=table))
    if relation.kind == "materialised view":
        catalogue.remark(table, finding("materialised_view", table=table))
    # Bits of pg_relation_is_updatable: 4 update, 16 delete.
    if relation.kind == "view" and row.updatable & 20 != 20:
        catalogue.remark(table, finding("view_not_updatable", table=table))
