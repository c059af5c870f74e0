"""The rows of a labelled schema: invented people, and whatever hangs on them, from a seed."""

from __future__ import annotations

import json
import random
from typing import Any

from labelled_schema import CROWD, Labelled, LabelledColumn, LabelledTable, Reference
from labelled_values import Maker, Person, people

Row = dict[str, Any]


class Filler:
    """Rows of every table. A row's person is that of the first row it belongs to, or the person it is."""

    def __init__(self, schema: Labelled, seed: int) -> None:
        self.schema = schema
        self.seed = seed
        self.made: dict[str, list[Row]] = {}
        self.owners: dict[str, list[Person]] = {}
        self.doing: set[str] = set()
        self.later: list[tuple[LabelledTable, LabelledColumn, Reference]] = []

    def all(self) -> dict[str, list[Row]]:
        """Table to rows."""
        for table in self.schema.tables:
            self._table(table)
        for table, column, to in self.later:
            self._complete(table, column, to)
        return self.made

    def _complete(self, table: LabelledTable, column: LabelledColumn, to: Reference) -> None:
        """References to rows that themselves belong to this table's: filled when those are there."""
        chance = random.Random(f"{self.seed} {table.name} {column.name}")
        values = [value for value, _ in self.parents(to)]
        for row in self.made[table.name]:
            empty = not values or chance.random() * 100 < column.null
            row[column.name] = None if empty else _fitting(column, chance.choice(values))

    def _hangs_on(self, name: str, ancestor: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether rows of a table belong, at any distance, to those of another."""
        above = {r.parent for c in self.schema.by_name[name].columns for r in c.references if r.belongs}
        seen = seen | {name}
        return ancestor in above or any(self._hangs_on(p, ancestor, seen) for p in above - seen)

    def _table(self, table: LabelledTable) -> None:
        if table.name in self.made or table.name in self.doing:
            return
        self.doing.add(table.name)
        for column in table.columns:
            for to in column.references:
                if not to.belongs and column.null and self._hangs_on(to.parent, table.name):
                    self.later.append((table, column, to))
                else:
                    self._table(self.schema.by_name[to.parent])
        chance = random.Random(f"{self.seed} {self.schema.name} {table.name}")
        writer = _Rows(self, table, chance)
        rows = [writer.row(number) for number in range(self._count(table))]
        kept = _distinct(table, rows)
        self.made[table.name] = [rows[i][0] for i in kept]
        self.owners[table.name] = [rows[i][1] for i in kept]

    def _count(self, table: LabelledTable) -> int:
        """No more rows than the table has parents, where it is one to one."""
        parents = [len(self.made.get(r.parent, ())) for c in table.columns for r in c.references if r.one_to_one]
        return min([table.rows, *parents])

    def parents(self, to: Reference) -> list[tuple[Any, Person | None]]:
        """The values a reference may have, each with the person behind it."""
        if to.parent in self.made:
            return [
                (row[to.column], owner)
                for row, owner in zip(self.made[to.parent], self.owners[to.parent], strict=True)
                if row[to.column] is not None
            ]
        if self.schema.by_name[to.parent].column(to.column).content != "serial":
            return []
        return [(n + 1, None) for n in range(self.schema.by_name[to.parent].rows)]


class _Rows:
    """Makes the rows of one table, one after the other."""

    def __init__(self, filler: Filler, table: LabelledTable, chance: random.Random) -> None:
        self.table = table
        self.chance = chance
        self.make = Maker(chance, filler.schema.shapes).make
        self.crowd = people(table.people or "people", table.rows if table.people else CROWD)
        self.parents = {to: filler.parents(to) for column in table.columns for to in column.references}
        self.places: dict[str, int] = {}

    def row(self, number: int) -> tuple[Row, Person]:
        """One row, and whose it is."""
        row: Row = {}
        self.places.clear()
        person = self.crowd[number] if self.table.people else None
        deciding = {r.when[0] for c in self.table.columns for r in c.references if r.when}
        for name in sorted(deciding):
            row[name] = self._value(self.table.column(name), self.chance.choice(self.crowd), number)
        for column in (c for c in self.table.columns if c.references):
            row[column.name], owner = self._reference(column, row, number)
            person = person or (owner if any(r.belongs for r in column.references) else None)
        person = person or self.chance.choice(self.crowd)
        for column in self.table.columns:
            if column.name not in deciding and (column.content or not column.references):
                row[column.name] = self._value(column, person, number)
        if self.table.keyed:
            self._keyed(row, person, number)
        return {c.name: _fitting(c, row[c.name]) for c in self.table.columns}, person

    def _keyed(self, row: Row, person: Person, number: int) -> None:
        keyed = self.table.keyed
        assert keyed is not None
        key = self.chance.choice(list(keyed.keys))
        row[keyed.by] = key
        row[keyed.into] = str(self.make(keyed.keys[key].content, person, number))

    def _missing(self, column: LabelledColumn) -> tuple[bool, Any]:
        if self.chance.random() * 100 < column.null:
            return True, None
        if self.chance.random() * 100 < column.blank:
            return True, 0 if _numeric(column) else ""
        return False, None

    def _reference(self, column: LabelledColumn, row: Row, number: int) -> tuple[Any, Person | None]:
        to = next((r for r in column.references if r.when is None or str(row[r.when[0]]) == r.when[1]), None)
        missing, value = self._missing(column)
        if missing:
            return value, None
        if to is None or not self.parents[to]:
            other = next((c for c, when in column.others if str(row[when[0]]) == when[1]), None)
            person = self.chance.choice(self.crowd)
            return (self.make(other, person, number) if other else 0 if _numeric(column) else None), None
        parents = self.parents[to]
        if to.one_to_one:
            return parents[number]
        place = self.chance.randrange(len(parents))
        return parents[self.places.setdefault(to.together, place) if to.together else place]

    def _value(self, column: LabelledColumn, person: Person, number: int) -> Any:
        if not column.content:
            return ""
        if column.content != "serial":
            missing, value = self._missing(column)
            if missing:
                return value
        return self.make(column.content, person, number)


def _numeric(column: LabelledColumn) -> bool:
    return column.type.partition("(")[0] in ("int", "smallint", "bigint", "bool", "float", "decimal")


def _fitting(column: LabelledColumn, value: Any) -> Any:
    """The value as the column's type holds it, cut where it is too long."""
    if value is None:
        return None
    word, _, argument = column.type.partition("(")
    if _numeric(column):
        number = float(value or 0)
        return bool(number) if word == "bool" else number if word in ("float", "decimal") else int(number)
    if word == "json":
        return json.loads(value) if value else None
    if word in ("blob", "binary"):
        data = value if isinstance(value, bytes) else str(value).encode()
        return data[: int(argument.rstrip(")"))] if argument else data
    if word in ("varchar", "char"):
        return str(value)[: int(argument.rstrip(")"))]
    return str(value) if word == "text" else value or None


def _distinct(table: LabelledTable, rows: list[tuple[Row, Person]]) -> list[int]:
    """The rows that no earlier one makes impossible."""
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for number, (row, _) in enumerate(rows):
        keys = [
            (group, *(str(row[n]).lower() for n in group))
            for group in (table.key, *table.uniques)
            if group and all(row[n] is not None for n in group)
        ]
        unusable = table.key and any(row[n] is None for n in table.key)
        if not unusable and not seen.intersection(keys):
            seen.update(keys)
            kept.append(number)
    return kept
