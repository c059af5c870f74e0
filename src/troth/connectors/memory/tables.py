"""Tables of plain Python rows, and the facts that a connector would have inspected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from troth.core.ports import ColumnFacts, Family, TableFacts

Row = dict[str, Any]

_FAMILIES: dict[str, Family] = {
    "int": "integer", "integer": "integer", "text": "text", "long": "text", "datetime": "datetime",
    "date": "date", "json": "json", "bool": "boolean", "number": "number",
}  # fmt: skip


@dataclass(slots=True)
class MemoryTable:
    """Rows with columns of known kinds; ``key`` may be empty, as in a real database."""

    key: tuple[str, ...]
    columns: Mapping[str, ColumnFacts]
    rows: list[Row]

    @classmethod
    def of(
        cls, key: Sequence[str], columns: Mapping[str, tuple[str, bool]], rows: Iterable[Mapping[str, Any]]
    ) -> MemoryTable:
        """A table from ``{"name": ("text", nullable)}`` and its rows; a missing column is NULL.

        Kinds: int, text, long, datetime, date, json, bool, number.
        """
        facts = {name: ColumnFacts(name, _FAMILIES[kind], kind, nullable) for name, (kind, nullable) in columns.items()}
        return cls(tuple(key), facts, [{name: row.get(name) for name in facts} for row in rows])

    def copy(self) -> MemoryTable:
        """The same rows, to change without the others noticing."""
        return replace(self, rows=[dict(row) for row in self.rows])

    def facts(self, name: str) -> TableFacts:
        """What ``inspect`` says of it."""
        return TableFacts(name, "table", self.key, self.columns, rows=len(self.rows))


def digest_of(tables: Mapping[str, MemoryTable]) -> str:
    """Changes with the tables' shape."""
    shape = [(name, table.key, sorted(map(str, table.columns.values()))) for name, table in sorted(tables.items())]
    return sha256(repr(shape).encode()).hexdigest()
