"""How an engine would find the rows of a statement; whole reads of large tables become findings.

Nothing is executed: EXPLAIN only plans, also for UPDATE and DELETE.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, event, func, select, table, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.expression import Alias, Executable, TableClause, UpdateBase

from troth.connectors.sql.facts import qualified
from troth.connectors.sql.findings import finding
from troth.core.ports import Finding

LARGE = 10_000
"""Rows from which on a whole read is reported."""

_PREFIX = {
    "sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN (FORMAT JSON, VERBOSE) ", "mysql": "EXPLAIN FORMAT=JSON ",
}  # fmt: skip


class _Explain(Executable, ClauseElement):
    """A statement with EXPLAIN before it; values stay bound."""

    inherit_cache = False

    def __init__(self, statement: ClauseElement, prefix: str) -> None:
        self.statement = statement
        self.prefix = prefix


@compiles(_Explain)
def _compile(element: _Explain, compiler: Any, **options: Any) -> str:
    return element.prefix + str(compiler.process(element.statement, **options))


def explain(connection: Connection, statement: ClauseElement, *, threshold: int = LARGE) -> list[Finding]:
    """Findings ``full_scan`` for every table of at least ``threshold`` rows that would be read as a whole.

    ``collection`` is left open: only the caller knows which one the table stands for. Raises what the driver
    raises; use inside ``errors.cleaned``.
    """
    engine = connection.dialect.name
    rows = _plan(connection, statement, _PREFIX[engine])
    named = _tables_of(statement)
    scans = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}[engine](connection, rows, named)
    sizes: dict[str, tuple[int, str]] = {}
    for name, size, hint in scans:
        if size >= threshold and size >= sizes.get(name, (0, ""))[0]:
            sizes[name] = (size, hint)
    return [finding("full_scan", table=name, rows=size, hint=hint) for name, (size, hint) in sorted(sizes.items())]


def _plan(connection: Connection, statement: ClauseElement, prefix: str) -> list[Any]:
    if not isinstance(statement, UpdateBase):
        return list(connection.execute(_Explain(statement, prefix)))

    def explained(*arguments: Any) -> tuple[str, Any]:
        return prefix + arguments[2], arguments[3]

    # SQLAlchemy compiles UPDATE and DELETE only as the outermost statement: the word is put before its text.
    event.listen(connection, "before_cursor_execute", explained, retval=True, named=False)
    try:
        return list(connection.execute(statement))
    finally:
        event.remove(connection, "before_cursor_execute", explained)


_Named = Mapping[str, TableClause]
_Scan = tuple[str, int, str]
"""Table, about how many rows, what to do."""


def _tables_of(statement: ClauseElement) -> _Named:
    """The tables of a statement by the names that the plan calls them by, aliases included."""
    found: dict[str, TableClause] = {}
    for element in visitors.iterate(statement):
        if isinstance(element, Alias) and isinstance(element.element, TableClause):
            found[str(element.name)] = element.element
        elif isinstance(element, TableClause):
            found[element.name] = element
    return found


def _name(of: TableClause) -> str:
    return qualified(of.schema, of.name)


def _meant(named: _Named, alias: str) -> TableClause | None:
    """The table behind a name in a plan. SQLAlchemy numbers its aliases only when it compiles: strip that."""
    if alias in named:
        return named[alias]
    bare = alias.rsplit("_", 1)[0]
    return named.get(bare)


def _sqlite(connection: Connection, rows: Any, named: _Named) -> Iterator[_Scan]:
    for row in rows:
        # "SCAN t", "SCAN t USING COVERING INDEX i", older "SCAN TABLE t AS a"; SEARCH uses an index.
        words = str(row.detail).split()
        if words[:1] != ["SCAN"] or len(words) < 2 or words[1] in ("CONSTANT", "SUBQUERY"):
            continue
        words = [w for w in words[1:] if w != "TABLE"]
        alias = words[2] if words[1:2] == ["AS"] else words[0]
        meant = _meant(named, alias)
        if meant is not None:
            limited = select(text("1")).select_from(table(meant.name)).limit(LARGE).subquery()
            size = connection.execute(select(func.count()).select_from(limited)).scalar_one()
            yield _name(meant), int(size), "a column that the condition compares"


def _postgresql(connection: Connection, rows: Any, named: _Named) -> Iterator[_Scan]:
    plan = rows[0][0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    for node in _nodes(plan):
        if node.get("Node Type") != "Seq Scan":
            continue
        schema, name = node["Schema"], node["Relation Name"]
        condition = node.get("Filter", "")
        size = connection.execute(
            text(
                # Never analysed: from the size on disk, at a hundred bytes a row.
                "SELECT CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 100 END "
                "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = :schema AND c.relname = :name"
            ),
            {"schema": schema, "name": name},
        ).scalar_one()
        yield qualified(schema, name), int(size), _columns_in(condition, node.get("Alias", name))


def _columns_in(condition: str, alias: str) -> str:
    """The columns that a filter compares; never the filter itself, which holds the values."""
    found = re.findall(rf'\b{re.escape(alias)}\."?(\w+)"?', condition)
    return ", ".join(dict.fromkeys(found)) or "a column that the condition compares"


def _mysql(connection: Connection, rows: Any, named: _Named) -> Iterator[_Scan]:
    for node in _nodes(json.loads(rows[0][0])):
        if node.get("access_type") not in ("ALL", "index") or "table_name" not in node:
            continue
        meant = _meant(named, node["table_name"])
        size = node.get("rows", node.get("rows_examined_per_scan", 0))
        if meant is not None:
            yield _name(meant), int(size), "a column that the condition compares"


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON plan."""
    if isinstance(plan, dict):
        yield plan
        plan = list(plan.values())
    if isinstance(plan, list):
        for part in plan:
            yield from _nodes(part)
