"""The statements that every step goes through, by their names in ``sql/journal.sql``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection

from troth.jobs import clock
from troth.state.database import queries

_TOKEN = re.compile(r"\{(\w+)(?::(\w+))?\}")
_WORDS: Mapping[str, Mapping[str, str]] = {
    "postgresql": {
        "json": "%({})s::jsonb", "among": "= ANY(%({})s)",
        "lock": "FOR UPDATE", "skip": "FOR UPDATE OF s SKIP LOCKED",
        "with_next": "AND set_config('synchronous_commit', 'off', TRUE) = 'off'",
    },
    "sqlite": {
        "json": "%({})s", "among": "IN (SELECT value FROM json_each(%({})s))",
        "lock": "", "skip": "", "with_next": "",
    },
}  # fmt: skip
"""What the engines say each in its own way. SQLite's transaction begins IMMEDIATE: nothing is left to lock."""


@cache
def _texts(engine: str) -> Mapping[str, str]:
    return {name: _said(text, engine) for name, text in queries("journal", "troth.jobs").items()}


def _said(text: str, engine: str) -> str:
    words = {**_WORDS[engine], "clock": clock.NOW[engine]}
    return _TOKEN.sub(lambda found: words[found[1]].format(found[2]), text)


def rows(name: str, /, **values: Any) -> list[tuple[Any, ...]]:
    """All that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(_texts(connection.vendor)[name], values)
        return list(cursor.fetchall())


def run(name: str, /, **values: Any) -> int:
    """How many rows a statement has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_texts(connection.vendor)[name], values)
        return int(cursor.rowcount)


def among(names: list[str]) -> Any:
    """Many names as one value."""
    return names if connection.vendor == "postgresql" else json.dumps(names)


def written(value: Any) -> str | None:
    """JSON as a value; None stays none."""
    return None if value is None else json.dumps(value)


def read(text: Any) -> Any:
    """JSON as it comes back."""
    return json.loads(text) if isinstance(text, str) else text
