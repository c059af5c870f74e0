"""Tables as statements see them: names always quoted, columns checked against the facts, no types.

Columns carry no SQLAlchemy type on purpose: values then reach the driver as they are, each made fit by
``binding`` from the column's family, so that citext, enum and the like compare under their own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, TableClause, column, table
from sqlalchemy.sql import quoted_name

from troth.connectors.sql.facts import split
from troth.core.errors import StoreChanged
from troth.core.policy.model import Collection, Condition, Store
from troth.core.ports import ColumnFacts, StoreFacts, TableFacts

Column = ColumnElement[Any]

UNMAPPED = "table:"
"""How the target of a hop names a table that no collection maps."""


@dataclass(frozen=True, slots=True)
class Place:
    """One table (or an alias of it) in a statement, with what is known of it."""

    name: str
    clause: FromClause
    base: TableClause
    facts: TableFacts
    collection: Collection | None
    level: int = 0
    """How deep in subqueries it stands; 0 is the statement's own table."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell rows apart; empty where nothing does."""
        if self.collection is not None and self.collection.key:
            return tuple(self.facts_of(name).name for name in self.collection.key)
        return self.facts.key

    @property
    def where(self) -> tuple[Condition, ...]:
        """The collection's row filter."""
        return self.collection.where if self.collection is not None else ()

    def facts_of(self, name: str) -> ColumnFacts:
        """The column as the database has it. A missing one must never reach SQLite, which would take its
        quoted name for a string."""
        try:
            return self.facts.columns[name]
        except KeyError:
            raise StoreChanged(
                f"collection {self.name} has no column {name}", remedy="correct the map or make a new plan"
            ) from None

    def column(self, name: str) -> Column:
        """The column, for use in a statement."""
        return self.clause.c[self.facts_of(name).name]

    def columns(self, names: tuple[str, ...]) -> list[Column]:
        """Several columns, in order."""
        return [self.column(name) for name in names]


class Places:
    """All tables of a store that conditions may speak of."""

    def __init__(self, store: Store, facts: StoreFacts) -> None:
        self.store = store
        self.engine = facts.engine
        self._found: Mapping[str, TableFacts] = {**facts.others, **facts.tables}
        self._places: dict[str, Place] = {}
        self._below: dict[tuple[str, int], Place] = {}

    def __getitem__(self, name: str) -> Place:
        """The place of a collection, or of ``table:SCHEMA.NAME``. Raises StoreChanged when it is not there."""
        if name not in self._places:
            self._places[name] = self._make(name)
        return self._places[name]

    def below(self, above: Place, name: str) -> Place:
        """The same under an alias of its own, for a subquery in a condition about ``above``. Subqueries side by side
        share it: what is composed about it once serves them all."""
        key = name, above.level + 1
        if key not in self._below:
            place = self[name]
            self._below[key] = replace(place, clause=place.base.alias(), level=above.level + 1)
        return self._below[key]

    def collections(self) -> list[str]:
        """The mapped collections that have a table."""
        return [name for name in self.store.collections if name in self._found]

    def _make(self, name: str) -> Place:
        facts = self._found.get(name)
        if facts is None:
            raise StoreChanged(
                f"store {self.store.name} has no table for {name}",
                store=self.store.name,
                remedy="correct the map or make a new plan",
            )
        schema, bare = split(facts.table)
        clause = table(
            quoted_name(bare, quote=True),
            *(column(quoted_name(c, quote=True)) for c in facts.columns),
            schema=None if schema is None else quoted_name(schema, quote=True),
        )
        return Place(name, clause, clause, facts, self.store.collections.get(name))
