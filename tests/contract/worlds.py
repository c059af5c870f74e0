"""A small shop, the same on every connector: its tables, its people, the policy's view of it.

Alice has orders and lines, Bob shares nothing with her, Charlie has nothing but himself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from databases import EngineCase
from troth.core.policy.model import (
    Clock,
    Collection,
    Condition,
    Field,
    Identifier,
    Link,
    Mode,
    Scalar,
    Store,
    Within,
)
from troth.core.ports import Connector

Row = Mapping[str, Any]

TYPES = {
    "sqlite": {
        "int": "INTEGER", "text": "VARCHAR(200)", "long": "TEXT", "datetime": "DATETIME", "date": "DATE",
        "moment": "DATETIME", "json": "TEXT", "bool": "BOOLEAN", "number": "NUMERIC",
    },
    "postgresql": {
        "int": "integer", "text": "varchar(200)", "long": "text", "datetime": "timestamp", "date": "date",
        "moment": "timestamptz", "json": "jsonb", "bool": "boolean", "number": "numeric(12,2)",
    },
    "mariadb": {
        "int": "INTEGER", "text": "VARCHAR(200)", "long": "LONGTEXT", "datetime": "DATETIME", "date": "DATE",
        "moment": "TIMESTAMP NULL", "json": "JSON", "bool": "BOOLEAN", "number": "DECIMAL(12,2)",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table's columns as name to (kind, nullable), its key, its foreign keys, its rows."""

    columns: Mapping[str, tuple[str, bool]]
    key: tuple[str, ...] = ("id",)
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    rows: Sequence[Row] = ()

    def with_rows(self, *rows: Row) -> Table:
        return replace(self, rows=rows)


def quote(kind: str, name: str) -> str:
    mark = "`" if kind == "mariadb" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def literal(kind: str, value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper() if kind == "postgresql" else str(int(value))
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("'", "''")
    return "'" + (text.replace("\\", "\\\\") if kind == "mariadb" else text) + "'"


def create(kind: str, name: str, table: Table) -> str:
    """The statements that make and fill a table."""
    parts = [
        f"{quote(kind, c)} {TYPES[kind].get(of, of)}{'' if nullable else ' NOT NULL'}"
        for c, (of, nullable) in table.columns.items()
    ]
    if table.key:
        parts.append(f"PRIMARY KEY ({', '.join(quote(kind, c) for c in table.key)})")
    for column, (target, target_column) in table.refers.items():
        parts.append(
            f"FOREIGN KEY ({quote(kind, column)}) REFERENCES {quote(kind, target)} ({quote(kind, target_column)})"
        )
    return f"CREATE TABLE {quote(kind, name)} ({', '.join(parts)});\n" + insert(kind, name, table.rows)


def insert(kind: str, name: str, rows: Sequence[Row]) -> str:
    script = []
    for row in rows:
        columns = ", ".join(quote(kind, c) for c in row)
        values = ", ".join(literal(kind, v) for v in row.values())
        script.append(f"INSERT INTO {quote(kind, name)} ({columns}) VALUES ({values});\n")
    return "".join(script)


@dataclass
class World:
    """A connector over known rows, and a way past it to see what is really there."""

    kind: str
    connector: Connector
    peek: Callable[[str], list[dict[str, Any]]]
    case: EngineCase | None = None
    reopen: Callable[[Store], Connector] | None = None

    def column(self, table: str, column: str, by: str = "id") -> dict[Any, Any]:
        """What a column holds, by key."""
        return {row[by]: row[column] for row in self.peek(table)}


# --- the shop ----------------------------------------------------------------------------------------

CUSTOMER = Table(
    {
        "id": ("int", False), "email": ("text", False), "name": ("text", True), "phone": ("text", True),
        "status": ("text", True), "seen_at": ("datetime", True), "born": ("date", True),
        "stamp": ("int", True), "profile": ("json", True), "settings": ("long", True),
    },
    rows=(
        {"id": 1, "email": "Alice@Example.org", "name": "Alice", "phone": "+33 1", "status": "active",
         "seen_at": "2024-03-01 10:00:00", "born": "1980-02-29", "stamp": 1704067200,
         "profile": '{"address": {"city": "Lyon", "zip": "69001"}, "tags": ["a", "b"]}',
         "settings": 'a:2:{s:5:"phone";s:4:"0123";s:5:"theme";s:4:"dark";}'},
        {"id": 2, "email": "bob@example.org", "name": "Bob", "phone": None, "status": "closed",
         "seen_at": "2019-12-31 23:59:59", "born": "1990-01-01", "stamp": 0, "profile": None, "settings": None},
        {"id": 3, "email": "charlie@example.org", "name": None, "phone": "", "status": None, "seen_at": None,
         "born": None, "stamp": None, "profile": "{}", "settings": "a:0:{}"},
    ),
)  # fmt: skip
ORDERS = Table(
    {"id": ("int", False), "customer_id": ("int", True), "placed_at": ("datetime", True), "note": ("text", True)},
    refers={"customer_id": ("customer", "id")},
    rows=(
        {"id": 10, "customer_id": 1, "placed_at": "2015-01-01 00:00:00", "note": "ring twice"},
        {"id": 11, "customer_id": 1, "placed_at": "2024-01-01 00:00:00", "note": None},
        {"id": 20, "customer_id": 2, "placed_at": "2016-01-01 00:00:00", "note": "bell"},
        {"id": 30, "customer_id": None, "placed_at": None, "note": "nobody's"},
    ),
)
LINE = Table(
    {"id": ("int", False), "order_id": ("int", False), "label": ("text", False)},
    refers={"order_id": ("orders", "id")},
    rows=(
        {"id": 100, "order_id": 10, "label": "book"},
        {"id": 101, "order_id": 10, "label": "pen"},
        {"id": 110, "order_id": 11, "label": "cup"},
        {"id": 200, "order_id": 20, "label": "hat"},
    ),
)
META = Table(
    {"id": ("int", False), "owner_type": ("text", False), "owner_id": ("text", False), "meta_key": ("text", False),
     "meta_value": ("long", True)},
    rows=(
        {"id": 1, "owner_type": "customer", "owner_id": "1", "meta_key": "first_name", "meta_value": "Alice"},
        {"id": 2, "owner_type": "order", "owner_id": "1", "meta_key": "first_name", "meta_value": "not hers"},
        {"id": 3, "owner_type": "customer", "owner_id": "2", "meta_key": "first_name", "meta_value": "Bob"},
        {"id": 4, "owner_type": "user_1_settings", "owner_id": "x", "meta_key": "color", "meta_value": "red"},
        {"id": 5, "owner_type": "user_12_settings", "owner_id": "x", "meta_key": "color", "meta_value": "blue"},
    ),
)  # fmt: skip
SEAT = Table(
    {"hall": ("int", False), "place": ("text", False), "customer_id": ("int", True)},
    key=("hall", "place"),
    rows=(
        {"hall": 1, "place": "A", "customer_id": 1},
        {"hall": 1, "place": "B", "customer_id": 2},
        {"hall": 2, "place": "A", "customer_id": 2},
    ),
)
VISIT = Table(
    {"customer_id": ("int", True), "page": ("text", True)},
    key=(),
    rows=(
        {"customer_id": 1, "page": "/"},
        {"customer_id": 1, "page": "/"},
        {"customer_id": 2, "page": "/cart"},
    ),
)
SHOP = {"customer": CUSTOMER, "orders": ORDERS, "line": LINE, "meta": META, "seat": SEAT, "visit": VISIT}

SEEN = Clock("seen_at", "datetime")
PLACED = Clock("placed_at", "datetime")


def a_field(name: str, column: str = "", within: Within | None = None, **more: Any) -> Field:
    return Field(name, column or name, "Name", frozenset({"orders"}), within=within, **more)


def collection(name: str, table: str = "", **more: Any) -> Collection:
    return Collection("shop", name, table or name, **more)


def shop(**changes: Any) -> Store:
    """The policy's view of the shop."""
    collections = [
        collection(
            "customer",
            identifiers=(Identifier("email", "email"), Identifier("customer_id", "id")),
            fields=(
                a_field("email"),
                a_field("name"),
                a_field("phone", neutral="n/a", has_neutral=True),
                a_field("profile.address.city", "profile", Within("json", ("address", "city"))),
                a_field("profile.tags.*", "profile", Within("json", ("tags", "*"))),
                a_field("settings.phone", "settings", Within("php", ("phone",))),
            ),
        ),
        collection("orders", fields=(a_field("note"),), links=(Link("customer", (("customer_id", ""),)),)),
        collection("line", links=(Link("orders", (("order_id", ""),)),)),
        collection(
            "meta", where=(Condition("meta_key", "in", ("first_name", "color")),), fields=(a_field("meta_value"),)
        ),
        collection("active", "customer", where=(Condition("status", "in", ("active",)),), fields=(a_field("name"),)),
        collection("seat"),
        collection("visit"),
    ]
    return replace(
        Store("shop", "", "FR", None, Mode.ENFORCE, {c.name: c for c in collections}, lock_timeout=2), **changes
    )


def make_sql(case: EngineCase, store: Store, tables: Mapping[str, Table]) -> World:
    from troth.connectors.sql.connector import SqlConnector

    case.execute_script("".join(create(case.kind, name, table) for name, table in tables.items()))

    def peek(name: str) -> list[dict[str, Any]]:
        columns = list(tables[name].columns)
        listed = ", ".join(quote(case.kind, c) for c in columns)
        rows = case.query(f"SELECT {listed} FROM {quote(case.kind, name)}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    return World(case.kind, SqlConnector(store, case.url), peek, case, lambda changed: SqlConnector(changed, case.url))


def make_memory(store: Store, tables: Mapping[str, Table]) -> World:
    from troth.connectors.memory.connector import MemoryConnector, MemoryTable

    held = {name: MemoryTable.of(table.key, table.columns, table.rows) for name, table in tables.items()}
    connector = MemoryConnector(store, held)
    return World(
        "memory",
        connector,
        lambda name: [dict(row) for row in held[name].rows],
        None,
        lambda changed: MemoryConnector(changed, held),
    )


def key(*parts: Scalar) -> tuple[Scalar, ...]:
    return parts


__all__ = ["PLACED", "SEEN", "SHOP", "Table", "World", "create", "date", "insert", "make_memory", "make_sql", "shop"]
