"""A ``Source`` in memory: tables as rows of dictionaries, profiled by the real profiler or by counting alone.

For tests of what is concluded from a database, without one. ``shop()`` and its kin are small schemas to begin from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from troth.core.discover.model import (
    Catalogue,
    ClockKind,
    Column,
    FieldGuess,
    Inclusion,
    Profile,
    Reason,
    Table,
    Trouble,
)
from troth.core.ports import Family, ForeignKeyFacts, UniqueFacts

Row = Mapping[str, Any]

_FAMILIES: dict[str, Family] = {
    "int": "integer", "text": "text", "date": "date", "datetime": "datetime", "bool": "boolean", "uuid": "uuid",
    "json": "json", "num": "number", "blob": "binary",
}  # fmt: skip


def table(
    name: str, columns: str, *, key: str = "id", unique: str = "", refs: Mapping[str, str] | None = None,
    rows: int | None = None, **more: Any,
) -> Table:  # fmt: skip
    """A table from words: ``table("orders", "id:int user_id:int total:num", refs={"user_id": "users.id"})``.

    Columns without a family are text. ``key`` and ``unique`` are lists of columns, several uniques apart by commas.
    """
    made = []
    for word in columns.split():
        column, _, family = word.partition(":")
        made.append(Column(column, _FAMILIES[family or "text"], family or "text", nullable=column not in key.split()))
    keys = tuple(
        ForeignKeyFacts(f"fk_{ours}", name, (ours,), theirs.rpartition(".")[0], (theirs.rpartition(".")[2],))
        for ours, theirs in (refs or {}).items()
    )
    uniques = tuple(UniqueFacts(f"u_{u}", tuple(u.split())) for u in unique.split(",") if u)
    own_key = tuple(k for k in key.split() if k in {c.name for c in made})
    return Table(name, tuple(made), key=own_key, uniques=uniques, foreign_keys=keys, rows=rows, **more)


@dataclass
class FakeSource:
    """Answers from the rows given. ``seconds`` is what the budget has left; each question takes one."""

    tables: Sequence[Table]
    data: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    keyed: Mapping[str, Mapping[str, Profile]] = field(default_factory=dict)
    seconds: float = 1_000_000.0
    troubles: tuple[Trouble, ...] = ()
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def catalogue(self) -> Catalogue:
        """The tables, with the number of their rows where rows are given."""
        counted = (replace(t, rows=len(self.data[t.qualified])) if t.qualified in self.data else t for t in self.tables)
        return Catalogue("sqlite", tuple(counted), self.troubles)

    def profiles(self, table: Table) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """Figures of every column."""
        self._ask("profiles", table.qualified)
        rows = self.data.get(table.qualified, ())
        return {c.name: counted([r.get(c.name) for r in rows]) for c in table.columns}, ()

    def keyed_profiles(
        self, table: Table, key: str, value: str, keys: int = 200
    ) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """Figures of the values under each key."""
        self._ask("keyed", table.qualified, key, value)
        if table.qualified in self.keyed:
            return self.keyed[table.qualified], ()
        rows = self.data.get(table.qualified, ())
        names = dict.fromkeys(str(r[key]) for r in rows)
        return {n: counted([r[value] for r in rows if r[key] == n]) for n in list(names)[:keys]}, ()

    def values_of(self, table: Table, column: str, most: int = 50) -> tuple[Sequence[str], Sequence[Trouble]]:
        """The different values, unless there are too many."""
        self._ask("values", table.qualified, column)
        values = dict.fromkeys(str(r[column]) for r in self.data.get(table.qualified, ()) if r.get(column))
        return (list(values) if len(values) <= most else []), ()

    def inclusion(
        self, table: Table, column: str, parent: Table, parent_column: str, where: tuple[str, str] | None = None
    ) -> tuple[Inclusion, Sequence[Trouble]]:
        """How many of the values stand in the parent."""
        self._ask("inclusion", table.qualified, column, parent.qualified, parent_column)
        rows = self.data.get(table.qualified, ())
        chosen = [r for r in rows if where is None or str(r.get(where[0])) == where[1]]
        ours = {r.get(column) for r in chosen} - {None, "", 0, "0"}
        theirs = {r.get(parent_column) for r in self.data.get(parent.qualified, ())}
        return Inclusion(len(ours), len(ours & theirs)), ()

    def template(
        self, table: Table, column: str, parent: Table, parent_column: str
    ) -> tuple[str | None, Inclusion, Sequence[Trouble]]:
        """The text up to the last stroke, when all values share it."""
        self._ask("template", table.qualified, column, parent.qualified, parent_column)
        values = {str(r.get(column)).rpartition("/") for r in self.data.get(table.qualified, ()) if r.get(column)}
        heads = {head + stroke for head, stroke, _ in values}
        if len(heads) != 1 or heads == {""}:
            return None, Inclusion(0, 0), ()
        ends = {end for _, _, end in values}
        theirs = {str(r.get(parent_column)) for r in self.data.get(parent.qualified, ())}
        return heads.pop() + "{}", Inclusion(len(ends), len(ends & theirs)), ()

    def bounds(
        self, table: Table, column: str, kind: ClockKind | None = None, format: str | None = None
    ) -> tuple[date | None, date | None, Sequence[Trouble]]:
        """The earliest and latest day."""
        days = [r[column] for r in self.data.get(table.qualified, ()) if isinstance(r.get(column), date | datetime)]
        plain = [d.date() if isinstance(d, datetime) else d for d in days]
        return (min(plain), max(plain), ()) if plain else (None, None, ())

    def rows(self, table: Table) -> tuple[int | None, bool, Sequence[Trouble]]:
        """The number of rows given."""
        return len(self.data.get(table.qualified, ())), True, ()

    def remaining_seconds(self) -> float:
        """What is left."""
        return self.seconds

    def close(self) -> None:
        """Nothing to let go of."""

    def _ask(self, *question: str) -> None:
        self.asked.append(question)
        self.seconds -= 1


def counted(values: Sequence[Any]) -> Profile:
    """A profile with counts and lengths only, and the sign of mail addresses."""
    filled = [v for v in values if v is not None and v not in ("", 0)]
    texts = [str(v) for v in filled]
    return Profile(
        sampled=len(values),
        nulls=sum(v is None for v in values),
        blanks=len(values) - len(filled) - sum(v is None for v in values),
        distinct=len(set(texts)),
        signs={"email": sum("@" in t for t in texts)},
        mean_length=sum(map(len, texts)) / len(texts) if texts else 0.0,
        max_length=max(map(len, texts), default=0),
    )


@dataclass(frozen=True)
class HandReading:
    """A reading said by hand."""

    fields: tuple[FieldGuess, ...] = ()
    clocks: tuple[Any, ...] = ()
    soft_delete: str | None = None
    people: float = 0.0
    written: bool = False


_BY_NAME = {
    "email": ("EmailAddress", "email"), "mail": ("EmailAddress", "email"), "name": ("Name", None),
    "login": ("Username", "username"), "phone": ("TelephoneNumber", None), "street": ("Street", None),
    "ip": ("IPAddress", None), "body": ("Communication", None), "birth": ("BirthDate", None),
}  # fmt: skip
_PEOPLE = frozenset(
    [
        "users",
        "user",
        "customers",
        "customer",
        "members",
        "employees",
        "staff",
        "kunden",
        "people",
        "clients",
        "authors",
    ]
)


def simple_classify(table: Table, profiles: Mapping[str, Profile], catalogue: Catalogue) -> HandReading:
    """A stand-in for the real rules: a handful of words, nothing more."""
    fields = []
    for column in table.columns:
        found = next((v for k, v in _BY_NAME.items() if column.name.lower().removeprefix("billing_") == k), None)
        if found is not None:
            free = found[0] == "Communication"
            fields.append(
                FieldGuess(column.name, found[0], 0.9, (Reason("link_name", {"table": "x"}),), identifier=found[1],
                           free_text=free)
            )  # fmt: skip
    person = 0.8 if table.name.lower().split("_")[-1] in _PEOPLE else 0.0
    return HandReading(tuple(fields), people=person)


def numbered(count: int, **columns: Any) -> list[dict[str, Any]]:
    """Rows numbered from 1; a column given as a function is called with the number."""
    return [{"id": n, **{k: v(n) if callable(v) else v for k, v in columns.items()}} for n in range(1, count + 1)]
