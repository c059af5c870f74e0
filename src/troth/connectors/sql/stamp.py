"""A cheap mark of a database's schema: when it is unchanged, so are the facts, without probing all again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Connection, bindparam, text

from troth.connectors.sql.facts import split
from troth.core.ports import TableFacts

# Every row of a catalogue carries the transaction that wrote it: ALTER, CREATE TRIGGER, GRANT leave new ones.
_POSTGRESQL = text("""
    WITH mapped AS (SELECT to_regclass(name)::oid AS oid FROM unnest(CAST(:names AS text[])) AS name)
    SELECT md5(string_agg(mark, ',' ORDER BY mark)) FROM (
        SELECT 'a' || attrelid || '.' || attnum || '.' || xmin AS mark
            FROM pg_attribute WHERE attrelid IN (SELECT oid FROM mapped) AND attnum > 0
        UNION ALL SELECT 'c' || oid || '.' || xmin FROM pg_constraint
            WHERE conrelid IN (SELECT oid FROM mapped) OR confrelid IN (SELECT oid FROM mapped)
        UNION ALL SELECT 't' || oid || '.' || xmin FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM mapped)
        UNION ALL SELECT 'r' || oid || '.' || xmin FROM pg_rewrite WHERE ev_class IN (SELECT oid FROM mapped)
        UNION ALL SELECT 'p' || oid || '.' || xmin FROM pg_policy WHERE polrelid IN (SELECT oid FROM mapped)
        UNION ALL SELECT 'i' || indexrelid || '.' || xmin FROM pg_index
            WHERE indrelid IN (SELECT oid FROM mapped)
        UNION ALL SELECT 'k' || oid || relkind::text || relrowsecurity::text || relforcerowsecurity::text
            FROM pg_class WHERE oid IN (SELECT oid FROM mapped)
    ) AS marks
""")

_MARIADB = (
    text("""
        SELECT table_schema, table_name, column_name, column_type, is_nullable, column_default, extra,
               collation_name
        FROM information_schema.columns
        WHERE table_schema = :schema AND table_name IN :names
        ORDER BY table_schema, table_name, ordinal_position
    """).bindparams(bindparam("names", expanding=True)),
    text("""
        SELECT trigger_name, event_manipulation, event_object_table, action_timing, MD5(action_statement)
        FROM information_schema.triggers
        WHERE event_object_schema = :schema AND event_object_table IN :names
        ORDER BY trigger_name
    """).bindparams(bindparam("names", expanding=True)),
    text("""
        SELECT constraint_schema, constraint_name, table_name, referenced_table_name, delete_rule
        FROM information_schema.referential_constraints
        WHERE constraint_schema = :schema AND (table_name IN :names OR referenced_table_name IN :names)
        ORDER BY constraint_schema, constraint_name
    """).bindparams(bindparam("names", expanding=True)),
)


def taken(connection: Connection, tables: Iterable[TableFacts]) -> str:
    """The mark of these tables' schema as this connection sees it."""
    dialect = connection.dialect.name
    if dialect == "sqlite":
        return str(connection.exec_driver_sql("PRAGMA schema_version").scalar_one())
    names = sorted({split(t.table) for t in tables}, key=str)
    if dialect == "postgresql":
        quoted = [".".join('"' + part.replace('"', '""') + '"' for part in name if part) for name in names]
        return str(connection.execute(_POSTGRESQL, {"names": quoted}).scalar_one())
    digest = sha256()
    for schema in sorted({schema or "" for schema, _ in names}):
        inside = [name for where, name in names if (where or "") == schema]
        for query in _MARIADB:
            for row in connection.execute(query, {"schema": schema, "names": inside}):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
