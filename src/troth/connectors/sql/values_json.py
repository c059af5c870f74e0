"""Values inside JSON columns: looked at, taken out and replaced by the engine where it can, else in Python.

The engine does it for paths of plain names. Positions, ``*`` and names with odd characters are walked in
Python (``core.within``), by key, and so is JSON kept in PostgreSQL's text columns, where a cast could fail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, TEXT

from troth.connectors.sql.binding import bind
from troth.connectors.sql.tables import Column
from troth.core import within
from troth.core.policy.model import Scalar
from troth.core.ports import ColumnFacts

Test = ColumnElement[bool]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]*", re.ASCII)


class Unreadable(ValueError):
    """The text is not in the format that the map says. Never carries the text."""


def in_sql(engine: str, facts: ColumnFacts, path: Sequence[str]) -> bool:
    """Whether the engine itself can reach this path in this column."""
    if engine == "postgresql" and facts.family != "json":
        return False
    return all(_NAME.fullmatch(step) for step in path)


def text_at(engine: str, column: Column, path: Sequence[str]) -> Column:
    """What stands at the path, as text; NULL where nothing does."""
    if engine == "postgresql":
        return func.jsonb_extract_path_text(cast(column, JSONB), *(bind(step) for step in path))
    value = func.json_extract(column, bind(_path(path)))
    return cast(value, String) if engine == "sqlite" else func.json_unquote(value)


def stands(engine: str, column: Column, path: Sequence[str]) -> Test:
    """Something stands at the path; JSON's ``null`` is nothing."""
    if engine in ("mariadb", "mysql"):
        # JSON_UNQUOTE would make a word of it.
        kind: Column = func.json_type(func.json_extract(column, bind(_path(path))))
        return kind != bind("NULL")
    return text_at(engine, column, path).is_not(None)


def guarded(engine: str, facts: ColumnFacts, column: Column, test: Test) -> Test:
    """``test`` for rows that hold JSON. Whatever else stands there is not clear: it cannot be known."""
    if engine == "postgresql":
        return test
    something = and_(column.is_not(None), column != bind(""))
    return case((func.json_valid(column) == 1, test), else_=something)


def without(engine: str, facts: ColumnFacts, column: Column, path: Sequence[str]) -> Column:
    """The column's value with nothing at the path."""
    if engine == "postgresql":
        shorter = cast(column, JSONB).op("#-")(cast(bind(list(path)), ARRAY(TEXT)))
        return cast(shorter, _kind(facts))
    return _if_valid(column, func.json_remove(column, bind(_path(path))))


def with_value(engine: str, facts: ColumnFacts, column: Column, path: Sequence[str], new: Scalar) -> Column:
    """The column's value with ``new`` at the path, where something stands there now."""
    text = bind(json.dumps(new))
    if engine == "postgresql":
        steps = cast(bind(list(path)), ARRAY(TEXT))
        changed = func.jsonb_set(cast(column, JSONB), steps, cast(text, JSONB), False)
        return cast(changed, _kind(facts))
    value = func.json(text) if engine == "sqlite" else func.json_extract(text, "$")
    return _if_valid(column, func.json_replace(column, bind(_path(path)), value))


def _if_valid(column: Column, changed: Column) -> Column:
    # MariaDB would make NULL of text that is not JSON, SQLite would stop: it is left and reported.
    return case((func.json_valid(column) == 1, changed), else_=column)


def _kind(facts: ColumnFacts) -> Any:
    return JSON if facts.declared.lower() == "json" else JSONB


def _path(path: Sequence[str]) -> str:
    return "$" + "".join(f'."{step}"' for step in path)


def as_text(value: Scalar) -> str:
    """A scalar as ``text_at`` tells it."""
    return value if isinstance(value, str) else json.dumps(value)


def parse(raw: object) -> object:
    """A column's value as Python has it. Raises Unreadable when it is text but not JSON."""
    if isinstance(raw, bytes):
        raw = raw.decode("utf-8", "replace")
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("text that is not JSON") from None


def values_at(raw: object, path: Sequence[str]) -> list[object]:
    """Every value at the path. Raises Unreadable."""
    return within.found_at(parse(raw), path) if raw not in (None, "") else []


def rewritten(raw: object, path: Sequence[str], new: object = within.ABSENT) -> str | None:
    """The column's text with ``new``, or nothing, at the path. Raises Unreadable."""
    if raw is None or raw == "":
        return raw if isinstance(raw, str) else None
    changed = within.replaced(parse(raw), path, new)
    return None if changed is within.ABSENT else json.dumps(changed, ensure_ascii=False)
