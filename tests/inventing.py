"""Databases that exist nowhere: tables written in a line each, filled with invented people."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from faker import Faker

from troth.core.discover.classify import TableReading, classify
from troth.core.discover.model import Catalogue, Column, FieldGuess, Profile, Table
from troth.core.discover.profile import new_profiler
from troth.core.ports import Family

FAMILIES: Mapping[str, Family] = {
    "t": "text", "i": "integer", "n": "number", "b": "boolean", "d": "date", "dt": "datetime", "j": "json",
    "x": "binary", "e": "enum", "u": "uuid",
}  # fmt: skip


def column_of(text: str) -> Column:
    """``email``, ``birth:d``, ``code:t/12`` (with a length)."""
    name, _, rest = text.partition(":")
    letter, _, length = (rest or "t").partition("/")
    return Column(name, FAMILIES[letter], FAMILIES[letter], length=int(length) if length else None)


def table_of(name: str, columns: str) -> Table:
    """A table whose key is its first column."""
    made = tuple(column_of(text) for text in columns.split())
    return Table(name, made, key=(made[0].name,))


def profiled(columns: Mapping[str, Sequence[Any]]) -> dict[str, Profile]:
    """Profiles of the values given."""
    profiles = {}
    for name, values in columns.items():
        profiler = new_profiler("text")
        profiler.add_all(values)
        profiles[name] = profiler.profile()
    return profiles


def read(table: Table, profiles: Mapping[str, Profile] | None = None, *others: Table) -> TableReading:
    """What is thought of a table, beside others."""
    return classify(table, profiles or {}, Catalogue("sqlite", (table, *others)))


def categories(reading: TableReading) -> dict[str, str]:
    """Column (and path) to category, keys of persons left out."""
    return {place(field): field.category for field in reading.fields if field.category != "UID"}


def place(field: FieldGuess) -> str:
    """``column`` or ``column/path``."""
    return f"{field.column}/{field.path}" if field.path else field.column


class People:
    """Invented values in one language, the same in every run."""

    def __init__(self, language: str, rows: int = 300) -> None:
        self.fake = Faker(language)
        self.fake.seed_instance(20_261_122)
        self.chance = random.Random(20_261_122)
        self.rows = rows

    def __call__(self, kind: str) -> list[Any]:
        """So many values of a kind: a provider of Faker, or one of ours."""
        make: Callable[[], Any] = getattr(self, f"_{kind}", None) or getattr(self.fake, kind)
        return [make() for _ in range(self.rows)]

    def _birth(self) -> date:
        return date(1940, 1, 1) + timedelta(days=self.chance.randrange(24_000))

    def _moment(self) -> datetime:
        return datetime(2021, 1, 1, 8, tzinfo=UTC) + timedelta(minutes=self.chance.randrange(2_500_000))

    def _seconds(self) -> int:
        return self.chance.randrange(1_609_459_200, 1_760_000_000)

    def _small(self) -> int:
        return self.chance.randrange(1, 40)

    def _number(self) -> int:
        return self.chance.randrange(1, 5_000_000)

    def _price(self) -> float:
        return round(self.chance.uniform(1, 900), 2)

    def _flag(self) -> int:
        return self.chance.randrange(2)

    def _status(self) -> str:
        return self.chance.choice(["open", "paid", "sent", "cancelled"])

    def _bcrypt(self) -> str:
        return "$2y$10$" + "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789./", k=53))

    def _sku(self) -> str:
        return f"{self.chance.choice('ABCD')}{self.chance.randrange(100, 999)}-{self.chance.randrange(10, 99)}"

    def _product(self) -> str:
        return " ".join(
            (
                self.chance.choice(["Oak", "Blue", "Large", "Light"]),
                self.chance.choice(["chair", "lamp", "Table", "mug"]),
            )
        )
