"""Writing the examples' databases: schema files, rows as dictionaries, times as old software stores them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from random import Random

Value = str | int | float | None
Row = Mapping[str, Value]
Tables = Mapping[str, Sequence[Row]]


def write(path: Path, schema: str, tables: Tables) -> None:
    """Create the database ``path`` from the schema file and fill it, in one transaction.

    Foreign keys are not checked while filling: orphans are part of what the examples show.
    """
    script = resources.files("troth.demo").joinpath("schema", f"{schema}.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        with connection:
            for table, rows in tables.items():
                _insert(connection, table, rows)


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" for _ in columns)
    values = ([row.get(name) for name in columns] for row in rows)
    connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)


def days_between(rng: Random, first: date, last: date) -> date:
    """A day between two, both included."""
    return first + timedelta(days=rng.randrange(max(0, (last - first).days) + 1))


def moment(rng: Random, day: date) -> str:
    """A time of that day as text, ``2026-11-22 09:41:07``."""
    return f"{day} {rng.randrange(7, 23):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"


def epoch(rng: Random, day: date) -> int:
    """A time of that day in seconds since 1970."""
    start = datetime.combine(day, time(), UTC)
    return int(start.timestamp()) + rng.randrange(86_400)


def french(day: date) -> str:
    """A day as ``22/11/2026``."""
    return f"{day:%d/%m/%Y}"


def php(value: object) -> str:
    """``serialize()`` of PHP: lengths count bytes, not characters."""
    if value is None:
        return "N;"
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, float):
        return f"d:{value};"
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    if isinstance(value, Mapping):
        # A key of digits is a number to PHP.
        body = [php(int(key) if str(key).isdigit() else key) + php(item) for key, item in value.items()]
    elif isinstance(value, Sequence):
        body = [php(place) + php(item) for place, item in enumerate(value)]
    else:
        raise TypeError(f"PHP has no form here for {type(value).__name__}")
    return f"a:{len(body)}:{{{''.join(body)}}}"
