"""Equality on bytes where an engine's own would find other people.

MariaDB's collations take ``ÁNA`` for ``ana`` and forget trailing spaces, PostgreSQL's citext and SQLite's
NOCASE forget case. The engine's own test stays, so that the index is used; the exact one is added to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, String, and_, cast, collate, func, literal_column

from troth.connectors.sql.binding import bind, bind_all
from troth.connectors.sql.tables import Column
from troth.core.ports import ColumnFacts

Test = ColumnElement[bool]


def is_loose(engine: str, facts: ColumnFacts) -> bool:
    """Whether the engine's own ``=`` may call two different values of this column equal."""
    if engine in ("mariadb", "mysql"):
        return facts.family == "text"
    if engine == "postgresql":
        return "citext" in facts.declared.lower()
    return facts.collation is not None and facts.collation.upper() not in ("BINARY", "")


def strict(engine: str, column: Column) -> Column:
    """The column as something that is compared byte by byte."""
    if engine in ("mariadb", "mysql"):
        return cast(func.convert(column.op("USING")(literal_column("utf8mb4"))), LargeBinary)
    return cast(column, String) if engine == "postgresql" else collate(column, "BINARY")


def strict_value(engine: str, value: object) -> Any:
    """A value as ``strict`` compares it."""
    if engine in ("mariadb", "mysql") and isinstance(value, str):
        return value.encode()
    return value


def equals(engine: str, facts: ColumnFacts, column: Column, value: object) -> Test:
    """The column holds exactly this value."""
    loose = column == bind(value)
    if not is_loose(engine, facts):
        return loose
    return and_(loose, strict(engine, column) == bind(strict_value(engine, value)))


def among(engine: str, facts: ColumnFacts, column: Column, values: Sequence[object]) -> Test:
    """One of these exactly, as a test to add to the engine's own; for loose columns only."""
    if engine == "postgresql":
        return cast(column, String) == func.any(bind(list(values)))
    return strict(engine, column).in_(bind_all([strict_value(engine, v) for v in values]))
