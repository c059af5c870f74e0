"""What MariaDB's and MySQL's information_schema says about tables, and what it keeps from this account.

It shows an account only what it has rights on: no error, simply fewer rows. Measured on MariaDB 10.11: with
SELECT alone ``referential_constraints`` is empty though ``key_column_usage`` is not; CHECKs need a right on the
whole database; with rights on single columns, every index that has another column is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.exc import DBAPIError

from troth.connectors.sql.ddl import TableText, names_in, table_text, tokens, written
from troth.connectors.sql.facts import (
    FAMILIES,
    Catalogue,
    Columns,
    Edge,
    Event,
    OnDelete,
    References,
    Relation,
    incoming_of,
    qualified,
    usable_key,
)
from troth.connectors.sql.findings import finding
from troth.connectors.sql.rights_mariadb import Rights, rights_of
from troth.core.ports import (
    CheckFacts,
    ColumnFacts,
    Family,
    ForeignKeyFacts,
    TableFacts,
    TriggerFacts,
    UniqueFacts,
)

_RULES: dict[str, OnDelete] = {
    "RESTRICT": "restrict", "NO ACTION": "no action", "CASCADE": "cascade", "SET NULL": "set null",
    "SET DEFAULT": "set default",
}  # fmt: skip
_HIDDEN_SCHEMAS = ("information_schema", "performance_schema", "mysql", "sys")

_RELATIONS = """
SELECT table_schema AS sch, table_name AS tab, table_type AS kind, table_schema = DATABASE() AS bare
FROM information_schema.tables WHERE table_schema = DATABASE() OR table_schema IN :schemas
ORDER BY table_schema <> DATABASE(), table_schema, table_name
"""
_TABLES = """
SELECT table_schema AS sch, table_name AS tab, table_type AS kind, engine, table_rows AS estimate,
    coalesce(create_options, '') AS options
FROM information_schema.tables WHERE table_schema IN :schemas AND table_name IN :names
"""
_COLUMNS = """
SELECT table_schema AS sch, table_name AS tab, column_name AS name, data_type AS base, column_type AS declared,
    is_nullable = 'YES' AS nullable, character_maximum_length AS length, collation_name AS collation,
    extra, privileges AS rights
FROM information_schema.columns WHERE table_schema IN :schemas AND table_name IN :names
ORDER BY table_schema, table_name, ordinal_position
"""
_INDEXES = """
SELECT table_schema AS sch, table_name AS tab, index_name AS name, non_unique, column_name AS col, sub_part AS prefix
FROM information_schema.statistics WHERE table_schema IN :schemas AND table_name IN :names
ORDER BY table_schema, table_name, index_name, seq_in_index
"""
_KEY_COLUMNS = """
SELECT constraint_name AS name, table_schema AS sch, table_name AS tab, column_name AS col,
    referenced_table_schema AS rs, referenced_table_name AS rt, referenced_column_name AS other
FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL
ORDER BY table_schema, table_name, constraint_name, ordinal_position
"""
_RULES_OF = """
SELECT constraint_schema AS sch, table_name AS tab, constraint_name AS name, delete_rule AS rule,
    unique_constraint_schema AS rs, referenced_table_name AS rt
FROM information_schema.referential_constraints
"""
_CHECKS = """
SELECT constraint_schema AS sch, table_name AS tab, constraint_name AS name, check_clause AS clause
FROM information_schema.check_constraints WHERE constraint_schema IN :schemas AND table_name IN :names
ORDER BY constraint_schema, table_name, constraint_name
"""
_TRIGGERS = """
SELECT event_object_schema AS sch, event_object_table AS tab, trigger_name AS name, event_manipulation AS event,
    coalesce(action_statement, '') AS body
FROM information_schema.triggers WHERE event_object_schema IN :schemas AND event_object_table IN :names
ORDER BY trigger_name
"""
_VIEWS = """
SELECT table_schema AS sch, table_name AS tab, is_updatable = 'YES' AS updatable
FROM information_schema.views WHERE table_schema IN :schemas AND table_name IN :names
"""


def version(connection: Connection) -> str:
    """The server's version, for example ``10.11.6-MariaDB``."""
    return str(connection.execute(text("SELECT VERSION()")).scalar_one()).removeprefix("5.5.5-")


def relations(connection: Connection, schemas: frozenset[str] = frozenset()) -> list[Relation]:
    """Tables and views of the current database and of those named."""
    statement = text(_RELATIONS).bindparams(bindparam("schemas", expanding=True))
    rows = connection.execute(statement, {"schemas": sorted(schemas)})
    return [
        Relation(r.tab, r.sch, "view" if r.kind.endswith("VIEW") else "table", bare=bool(r.bare))
        for r in rows
        if r.kind != "SEQUENCE"
    ]


def references(connection: Connection) -> References:
    """Every visible foreign key of the server. One whose rule is hidden counts as a cascade, so that nothing
    behind it is missed."""
    keys = connection.execute(text(_KEY_COLUMNS)).fetchall()
    rules = connection.execute(text(_RULES_OF)).fetchall()
    found = {(r.sch, r.tab, r.name): Edge((r.sch, r.tab), (r.rs, r.rt), "cascade") for r in keys}
    for r in rules:
        if r.rt is not None:
            found[r.sch, r.tab, r.name] = Edge((r.sch, r.tab), (r.rs, r.rt), _RULES[r.rule])
    return References(tuple(found.values()), tuple(keys), tuple(rules))


def _ask(connection: Connection, query: str, about: Sequence[Relation]) -> list[Row[Any]]:
    statement = text(query).bindparams(bindparam("schemas", expanding=True), bindparam("names", expanding=True))
    places = {"schemas": sorted({r.schema or "" for r in about}), "names": sorted({r.name for r in about})}
    return list(connection.execute(statement, places))


def _by_table(rows: list[Row[Any]]) -> dict[str, list[Row[Any]]]:
    result: dict[str, list[Row[Any]]] = {}
    for row in rows:
        result.setdefault(qualified(row.sch, row.tab), []).append(row)
    return result


def probe(connection: Connection, wanted: Sequence[Relation], references: References) -> Catalogue:
    """Facts of the wanted relations."""
    number = version(connection)
    mariadb = "mariadb" in number.lower()
    catalogue = Catalogue("mariadb" if mariadb else "mysql", number)
    if not wanted:
        return catalogue
    found = _Found(connection, wanted, references, rights_of(connection, mariadb=mariadb), mariadb)
    for relation in wanted:
        if relation.table in found.tables:
            catalogue.tables[relation.table] = found.facts(relation)
    for relation in wanted:
        if relation.table in found.tables:
            _remark(catalogue, relation, found)
    _tell_what_is_hidden(catalogue, wanted, found.rights)
    databases = {r.schema for r in wanted}
    for row in found.unseen_columns:
        if row.rt is None and row.sch in databases:
            catalogue.not_visible.append(f"what the foreign key {row.name} of {qualified(row.sch, row.tab)} refers to")
    return catalogue


class _Found:
    """Rows of information_schema by qualified table name."""

    def __init__(
        self, connection: Connection, wanted: Sequence[Relation], references: References, rights: Rights, mariadb: bool
    ) -> None:
        self.connection, self.rights, self.mariadb = connection, rights, mariadb
        self.tables = {name: rows[0] for name, rows in _by_table(_ask(connection, _TABLES, wanted)).items()}
        self.columns = _by_table(_ask(connection, _COLUMNS, wanted))
        self.indexes = _by_table(_ask(connection, _INDEXES, wanted))
        self.triggers = _by_table(_ask(connection, _TRIGGERS, wanted))
        self.views = _by_table(_ask(connection, _VIEWS, wanted))
        # MySQL's check_constraints names no table: there the table's own text is read.
        self.clauses = _by_table(_ask(connection, _CHECKS, wanted)) if mariadb else {}
        self._texts: dict[str, TableText | None] = {}
        self.unseen_rules: dict[str, ForeignKeyFacts] = {}
        self.rules = {(r.sch, r.tab, r.name): _RULES[r.rule] for r in references.rules}
        about = {(r.schema, r.name) for r in wanted}
        self.foreign = self._foreign_keys([r for r in references.keys if {(r.sch, r.tab), (r.rs, r.rt)} & about])
        seen = {(r.sch, r.tab, r.name) for r in references.keys}
        self.unseen_columns = [r for r in references.rules if (r.sch, r.tab, r.name) not in seen]

    def text_of(self, relation: Relation) -> TableText | None:
        """The table's own text, None where this account may not see it."""
        if relation.table not in self._texts:
            quote = self.connection.dialect.identifier_preparer.quote_identifier
            name = f"{quote(relation.schema or '')}.{quote(relation.name)}".replace("%", "%%")
            try:
                row = self.connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").fetchone()
                self._texts[relation.table] = table_text(str(row[1]), backslash=True) if row else None
            except DBAPIError:
                self._texts[relation.table] = None
        return self._texts[relation.table]

    def _foreign_keys(self, rows: list[Row[Any]]) -> list[ForeignKeyFacts]:
        groups: dict[tuple[str, str, str], list[Row[Any]]] = {}
        for row in rows:
            groups.setdefault((row.sch, row.tab, row.name), []).append(row)
        return [self._foreign_key(parts, self.rules.get(place)) for place, parts in groups.items()]

    def _foreign_key(self, rows: list[Row[Any]], rule: OnDelete | None) -> ForeignKeyFacts:
        first = rows[0]
        table = qualified(first.sch, first.tab)
        nullable = {c.name: bool(c.nullable) for c in self.columns.get(table, [])}
        key = ForeignKeyFacts(
            name=first.name,
            table=table,
            columns=tuple(r.col for r in rows),
            target=qualified(first.rs, first.rt),
            target_columns=tuple(r.other for r in rows),
            on_delete=rule or self._stated_rule(first) or "cascade",
            nullable=any(nullable.get(r.col, False) for r in rows),
        )
        if rule is None and self._stated_rule(first) is None:
            self.unseen_rules[table] = key
        return key

    def _stated_rule(self, row: Row[Any]) -> OnDelete | None:
        stated = self.text_of(Relation(row.tab, row.sch))
        found = [r.on_delete for r in stated.references if r.name == row.name] if stated else []
        # The text leaves RESTRICT out, MariaDB's default.
        return _RULES.get(found[0].upper().replace("NO ACTION", "RESTRICT")) if found else None

    def facts(self, relation: Relation) -> TableFacts:
        name = relation.table
        row = self.tables[name]
        # MariaDB shows an index with all its columns or not at all; of MySQL that is not known.
        whole = self.mariadb or self.rights.sees_table(relation.schema or "", relation.name)
        checks = self._checks(relation)
        columns = Columns(_column(c, checks) for c in self.columns.get(name, []))
        indexes = _grouped_indexes(self.indexes.get(name, []))
        uniques = _uniques(indexes, whole)
        primary = tuple(r.col for r in indexes.get("PRIMARY", []))
        is_view = relation.kind == "view"
        return TableFacts(
            table=name,
            kind="view" if is_view else "partitioned" if "partitioned" in row.options.lower() else "table",
            key=(primary or usable_key(columns, uniques)) if whole else (),
            columns=columns,
            uniques=uniques,
            checks=tuple(CheckFacts(n, cols) for n, cols, json in checks if not json),
            outgoing=tuple(k for k in self.foreign if k.table == name),
            incoming=incoming_of(self.foreign, name),
            triggers=tuple(TriggerFacts(t.name, frozenset({_event(t.event)})) for t in self.triggers.get(name, [])),
            indexes=tuple(dict.fromkeys(_leading(parts) for parts in indexes.values() if parts[0].col)),
            rows=None if is_view or row.estimate is None else int(row.estimate),
            transactional=is_view or row.engine == "InnoDB",
            history=row.kind == "SYSTEM VERSIONED",
            rights=self._rights(relation),
        )

    def _checks(self, relation: Relation) -> list[tuple[str, tuple[str, ...], bool]]:
        """Name, columns, and whether it only says that a column holds JSON."""
        columns = [c.name for c in self.columns.get(relation.table, [])]
        if self.mariadb and self.rights.sees_schema(relation.schema or ""):
            return [
                (c.name, names_in(c.clause, columns, backslash=True), _is_json(c.clause))
                for c in self.clauses.get(relation.table, [])
            ]
        stated = self.text_of(relation) if relation.kind == "table" else None
        found = []
        for name, names in stated.checks if stated else ():
            read = tuple(c for c in columns if c.casefold() in names)
            found.append((name or ", ".join(read), read, len(names) == 2 and "json_valid" in names))
        return found

    def _rights(self, relation: Relation) -> frozenset[str]:
        columns = self.columns.get(relation.table, [])
        found = {r for r in ("select", "update") if any(r in c.rights.split(",") for c in columns)}
        if self.rights.holds("DELETE", relation.schema or "", relation.name):
            found.add("delete")
        return frozenset(found)


def _event(word: str) -> Event:
    events: dict[str, Event] = {"INSERT": "insert", "UPDATE": "update", "DELETE": "delete"}
    return events[word]


def _is_json(clause: str) -> bool:
    """Whether this is the CHECK that MariaDB makes of the type JSON."""
    pieces = [t.text.casefold() for t in tokens(clause, backslash=True)]
    return len(pieces) == 4 and pieces[0] == "json_valid"


def _column(row: Row[Any], checks: list[tuple[str, tuple[str, ...], bool]]) -> ColumnFacts:
    extra = (row.extra or "").lower()
    json = any(only_json and columns == (row.name,) for _, columns, only_json in checks)
    family: Family = "json" if json else FAMILIES.get(row.base.lower(), "other")
    labels = [t.text[1:-1].replace("''", "'") for t in tokens(row.declared) if t.kind == "string"]
    return ColumnFacts(
        name=row.name,
        family=family,
        declared=row.declared,
        nullable=bool(row.nullable),
        length=int(row.length) if row.length is not None and family in ("text", "binary") else None,
        generated="virtual generated" in extra or "stored generated" in extra or "persistent" in extra,
        updates_itself="on update" in extra,
        enum=tuple(labels) if family == "enum" else (),
        collation=row.collation,
    )


def _grouped_indexes(rows: list[Row[Any]]) -> dict[str, list[Row[Any]]]:
    result: dict[str, list[Row[Any]]] = {}
    for row in rows:
        result.setdefault(row.name, []).append(row)
    return result


def _uniques(indexes: dict[str, list[Row[Any]]], whole: bool) -> tuple[UniqueFacts, ...]:
    """Unique indexes; opaque over prefixes and expressions, and where columns may be hidden from us."""
    return tuple(
        UniqueFacts(
            name,
            tuple(r.col for r in rows if r.col),
            opaque=not whole or any(r.prefix is not None or r.col is None for r in rows),
        )
        for name, rows in indexes.items()
        if not rows[0].non_unique
    )


def _leading(rows: list[Row[Any]]) -> tuple[str, ...]:
    names = [r.col for r in rows]
    return tuple(names[: names.index(None)] if None in names else names)


def _remark(catalogue: Catalogue, relation: Relation, found: _Found) -> None:
    name, row = relation.table, found.tables[relation.table]
    columns = found.columns.get(name, [])
    catalogue.unreadable[name] = frozenset(c.name for c in columns if "select" not in c.rights.split(","))
    catalogue.unwritable[name] = frozenset(c.name for c in columns if "update" not in c.rights.split(","))
    facts = catalogue.tables[name]
    if facts.history:
        catalogue.remark(name, finding("history_table", table=name))
    if not facts.transactional:
        catalogue.remark(name, finding("untransactional", table=name, engine=row.engine))
    if relation.kind == "view":
        updatable = any(v.updatable for v in found.views.get(name, []))
        catalogue.remark(name, finding("view_mapped" if updatable else "view_not_updatable", table=name))
    elif not found.rights.sees_table(relation.schema or "", relation.name):
        if not facts.key:
            catalogue.remark(name, finding("key_unproven", table=name))
    elif facts.key and "PRIMARY" not in {i.name for i in found.indexes.get(name, [])}:
        catalogue.remark(name, finding("key_from_unique", table=name, columns=", ".join(facts.key)))
    _remark_references(catalogue, relation, found)
    _remark_triggers(catalogue, relation, found)


def _remark_references(catalogue: Catalogue, relation: Relation, found: _Found) -> None:
    name = relation.table
    for key in catalogue.tables[name].incoming:
        child = catalogue.tables.get(key.table)
        event = {"cascade": "delete", "set null": "update", "set default": "update"}.get(key.on_delete)
        if child is not None and any(event in t.on for t in child.triggers):
            catalogue.remark(name, finding("cascade_skips_triggers", table=name, name=key.table))
        if found.unseen_rules.get(key.table) == key:
            catalogue.remark(name, finding("rule_not_visible", table=key.table, target=name))
    for row in found.unseen_columns:
        if row.rt is not None and qualified(row.rs, row.rt) == name:
            child_name = qualified(row.sch, row.tab)
            rule = _RULES[row.rule]
            catalogue.remark(name, finding("reference_not_visible", table=name, name=child_name, rule=rule))


def _remark_triggers(catalogue: Catalogue, relation: Relation, found: _Found) -> None:
    """Triggers that write where a rollback does not reach."""
    name = relation.table
    for trigger in found.triggers.get(name, []):
        pieces = tokens(trigger.body, backslash=True)
        if not pieces:
            catalogue.not_visible.append(f"what the trigger {trigger.name} of {name} does")
        if any(t.word == "CALL" for t in pieces):
            catalogue.not_visible.append(f"what the procedures called by the trigger {trigger.name} of {name} write")
        targets = [Relation(t, relation.schema) for t in sorted(written(pieces))]
        engines = {r.tab.casefold(): r.engine for r in (_ask(found.connection, _TABLES, targets) if targets else ())}
        for target in targets:
            engine = engines.get(target.name.casefold())
            if engine is None:
                catalogue.not_visible.append(
                    f"the engine of {target.table}, which the trigger {trigger.name} writes to"
                )
            elif engine != "InnoDB":
                catalogue.remark(
                    name,
                    finding(
                        "trigger_untransactional", table=name, name=trigger.name, target=target.table, engine=engine
                    ),
                )


def _tell_what_is_hidden(catalogue: Catalogue, wanted: Sequence[Relation], rights: Rights) -> None:
    """ "None found" is not "none": say which questions this account cannot have answered."""
    hidden = catalogue.not_visible
    for relation in wanted:
        schema, name = relation.schema or "", relation.table
        if relation.kind == "view":
            continue
        if not rights.holds("TRIGGER", schema, relation.name):
            hidden.append(f"triggers of {name}: only those visible to this account (needs TRIGGER)")
        if not rights.sees_table(schema, relation.name):
            hidden.append(f"columns, keys and CHECKs of {name} outside the columns this account has rights on")
    for schema in sorted({r.schema or "" for r in wanted}):
        if not rights.sees_schema(schema):
            hidden.append(f"foreign keys from tables of {schema} that this account has no rights on")
    if not rights.sees_server():
        hidden.append("foreign keys from other databases of the server")
