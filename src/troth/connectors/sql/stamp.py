"""A cheap mark of a database's schema: when it is unchanged, so are the facts, without probing all again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from sqlalchemy import Dialect, bindparam, text

from troth.connectors.sql.facts import split
from troth.connectors.sql.line import Answer, Line
from troth.connectors.sql.prepared import Prepared
from troth.core.errors import StoreChanged
from troth.core.policy.model import Store
from troth.core.ports import TableFacts

# Every row of a catalogue carries the transaction that wrote it: ALTER, CREATE TRIGGER, GRANT leave new ones.
_POSTGRESQL = text("""
    WITH mapped AS (
        SELECT array_agg(to_regclass(name)::oid) AS oids FROM unnest(CAST(:names AS text[])) AS name
    )
    SELECT md5(string_agg(mark, ',' ORDER BY mark)) FROM (
        SELECT 'a' || attrelid || '.' || attnum || '.' || xmin AS mark
            FROM pg_attribute WHERE attrelid = ANY ((SELECT oids FROM mapped)::oid[]) AND attnum > 0
        UNION ALL SELECT 'c' || oid || '.' || xmin FROM pg_constraint
            WHERE conrelid = ANY ((SELECT oids FROM mapped)::oid[])
            OR confrelid = ANY ((SELECT oids FROM mapped)::oid[])
        UNION ALL SELECT 't' || oid || '.' || xmin FROM pg_trigger
            WHERE tgrelid = ANY ((SELECT oids FROM mapped)::oid[])
        UNION ALL SELECT 'r' || oid || '.' || xmin FROM pg_rewrite
            WHERE ev_class = ANY ((SELECT oids FROM mapped)::oid[])
        UNION ALL SELECT 'p' || oid || '.' || xmin FROM pg_policy
            WHERE polrelid = ANY ((SELECT oids FROM mapped)::oid[])
        UNION ALL SELECT 'i' || indexrelid || '.' || xmin FROM pg_index
            WHERE indrelid = ANY ((SELECT oids FROM mapped)::oid[])
        UNION ALL SELECT 'k' || oid || relkind::text || relrowsecurity::text || relforcerowsecurity::text
            FROM pg_class WHERE oid = ANY ((SELECT oids FROM mapped)::oid[])
    ) AS marks
""")

# One statement: each costs a round trip, and the answers are only compared.
_MARIADB = text("""
    SELECT JSON_ARRAY('c', table_schema, table_name, ordinal_position, column_name, column_type, is_nullable,
        column_default, extra, collation_name)
        FROM information_schema.columns WHERE table_schema = :schema AND table_name IN :names
    UNION ALL SELECT JSON_ARRAY('t', trigger_name, event_manipulation, event_object_table, action_timing,
        MD5(action_statement))
        FROM information_schema.triggers WHERE event_object_schema = :schema AND event_object_table IN :names
    UNION ALL SELECT JSON_ARRAY('r', constraint_schema, constraint_name, table_name, referenced_table_name,
        delete_rule)
        FROM information_schema.referential_constraints
        WHERE constraint_schema = :schema AND (table_name IN :names OR referenced_table_name IN :names)
""").bindparams(bindparam("names", expanding=True))


class SchemaMoved(StoreChanged):
    """Something about the schema was changed since it was inspected; whether it matters is to be seen."""


class Mark:
    """The mark that some tables' schema had, and the question for the one it has now. Without tables there is
    none: facts that were handed over bear no mark and are believed."""

    def __init__(self, store: Store, dialect: Dialect, tables: Iterable[TableFacts]) -> None:
        self._store = store
        self._value = ""
        self._asked = _questions(dialect, sorted({split(t.table) for t in tables}, key=str))

    def take(self, line: Line) -> None:
        """Remember the mark as it is now."""
        self._value = _read(self.ask(line))

    def ask(self, line: Line) -> list[list[tuple[object, ...]] | Answer]:
        """Ask for the mark as it is now, to be compared later."""
        return [answer if line.queues else list(answer) for answer in (q.run(line) for q in self._asked)]

    def compare(self, answers: Iterable[Iterable[tuple[object, ...]]]) -> None:
        """Raise SchemaMoved when the mark is another than that of the facts."""
        if self._value and _read(answers) != self._value:
            name = self._store.name
            raise SchemaMoved(f"store {name}: the schema is being changed", store=name)


def _questions(dialect: Dialect, names: Sequence[tuple[str | None, str]]) -> list[Prepared]:
    if not names:
        return []
    if dialect.name == "sqlite":
        return [Prepared(text("PRAGMA schema_version"), dialect)]
    if dialect.name == "postgresql":
        quoted = [".".join('"' + part.replace('"', '""') + '"' for part in name if part) for name in names]
        return [Prepared(_POSTGRESQL, dialect, {"names": quoted})]
    schemas = {schema: [name for where, name in names if (where or "") == schema] for schema in _schemas(names)}
    return [Prepared(_MARIADB, dialect, {"schema": schema, "names": inside}) for schema, inside in schemas.items()]


def _schemas(names: Sequence[tuple[str | None, str]]) -> list[str]:
    return sorted({schema or "" for schema, _ in names})


def _read(answers: Iterable[Iterable[tuple[object, ...]]]) -> str:
    digest = sha256()
    for answer in answers:
        for told in sorted(repr(tuple(row)) for row in answer):
            digest.update(told.encode())
    return digest.hexdigest()
