"""What the readers of all engines share when they describe a schema that nobody has mapped.

Unlike the probes, which look closely at the tables of a map, these read everything at once: a few queries,
however many tables there are, and SELECT rights are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Executable, Row

from troth.core.discover.model import Table, Trouble

Ask = Callable[[Executable], list[Any]]
"""Runs a query within the budget and gives its rows; raises StoreError."""


@dataclass(slots=True)
class Found:
    """Tables and troubles, while they are being gathered."""

    tables: list[Table] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def add(self, table: Table) -> None:
        """Note a table, and what of it this account may not read."""
        self.tables.append(table)
        name = table.qualified
        if table.kind in ("view", "virtual") and not table.columns:
            self.troubles.append(Trouble("view_fails", f"the columns of {name} cannot be told", name))
            return
        if not table.readable:
            self.troubles.append(Trouble("no_right", f"this account may not read {name}", name))
            return
        for column in table.columns:
            if not column.readable:
                message = f"this account may not read the column {column.name} of {name}"
                self.troubles.append(Trouble("no_right", message, name, column.name))


def named(schema: str | None, name: str) -> str:
    """The name under which ``Table.qualified`` speaks of it."""
    return f"{schema}.{name}" if schema else name


def grouped(rows: Iterable[Row[Any]], by: str) -> dict[Any, list[Row[Any]]]:
    """Rows by the value of one of their columns, in order."""
    result: dict[Any, list[Row[Any]]] = {}
    for row in rows:
        result.setdefault(row._mapping[by], []).append(row)
    return result


def leading(columns: Sequence[str | None]) -> tuple[str, ...]:
    """The columns of an index up to its first expression."""
    known: list[str] = []
    for name in columns:
        if name is None:
            break
        known.append(name)
    return tuple(known)


def distinct(indexes: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Each once, in order, empty ones left out."""
    return tuple(dict.fromkeys(index for index in indexes if index))
