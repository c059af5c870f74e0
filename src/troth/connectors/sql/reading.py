"""Reading rows as they are, streamed: infinities, zero dates and broken text come back instead of an error.

Memory does not grow with the number of rows: PostgreSQL keeps a cursor on the server, MariaDB sends as we
read, SQLite computes as we read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from sqlalchemy import Connection, Result, Row, Select, func, select

from troth.connectors.sql import values_json, values_php
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.logic import Test
from troth.connectors.sql.prepared import Build
from troth.connectors.sql.silence import UNHURRIED_SECONDS, set_limit
from troth.connectors.sql.tables import Place
from troth.core.policy.model import Clock, Field
from troth.core.query import And, Expr, KeyIn, Nothing

PAGE = 1_000
"""Rows fetched at a time."""


class _TolerantLoader(Loader):
    """A moment that Python cannot hold (±infinity, BC, after 9999) is read as its text."""

    strict: type[Loader]

    def __init__(self, oid: int, context: Any = None) -> None:
        super().__init__(oid, context)
        self._inner = self.strict(oid, context)

    def load(self, data: Any) -> Any:
        from psycopg import DataError

        try:
            return self._inner.load(data)
        except (DataError, ValueError):
            return bytes(data).decode()


class _TolerantDate(_TolerantLoader):
    strict = DateLoader


class _TolerantTimestamp(_TolerantLoader):
    strict = TimestampLoader


class _TolerantTimestamptz(_TolerantLoader):
    strict = TimestamptzLoader


def make_tolerant(raw: Any, kind: str) -> None:
    """Let this connection of a driver hand over what it would refuse to read."""
    if kind == "postgresql":
        raw.adapters.register_loader("date", _TolerantDate)
        raw.adapters.register_loader("timestamp", _TolerantTimestamp)
        raw.adapters.register_loader("timestamptz", _TolerantTimestamptz)
    elif kind == "sqlite":
        # Bytes that are no UTF-8 are shown as the replacement character rather than ending the export.
        raw.text_factory = partial(str, encoding="utf-8", errors="replace")


LONG: Mapping[str, Any] = {"stream_results": True, "yield_per": PAGE}
"""How to execute a statement whose result may be of any length."""


def is_short(place: Place, expr: Expr) -> bool:
    """Whether the condition names the keys of the rows, and no more than a page of them."""
    if isinstance(expr, And):
        return any(is_short(place, part) for part in expr.parts)
    if not isinstance(expr, KeyIn) or not place.key:
        return isinstance(expr, Nothing)
    return {place.facts_of(c).name for c in expr.columns} == set(place.key) and len(expr.keys) <= PAGE


@contextmanager
def unhurried(connection: Connection, seconds: int) -> Iterator[None]:
    """On MariaDB the limit for a statement counts the time that the reader of its rows takes, too.

    ``seconds``: the limit that is set again afterwards.
    """
    raw: Any = connection.connection.driver_connection
    connection.exec_driver_sql("SET SESSION max_statement_time = 0")
    usual = getattr(raw, "_read_timeout", None)
    set_limit(raw, UNHURRIED_SECONDS)
    try:
        yield
    finally:
        if not connection.invalidated:
            set_limit(raw, usual)
            connection.exec_driver_sql(f"SET SESSION max_statement_time = {int(seconds)}")


def paged(result: Result[Any]) -> Iterator[Row[Any]]:
    """The rows of a result, page by page; the cursor is closed even when the reader stops early."""
    try:
        yield from result
    finally:
        result.close()


# --- the statements, made of the tests for their one collection ---------------------------------------------


def keys_of(place: Place) -> Build:
    """The keys of the rows, in whatever order."""
    return lambda tests: select(*place.columns(place.key)).where(*tests)


def in_order(place: Place, names: tuple[str, ...], most: int | None = None) -> Build:
    """These columns of the rows, in the order of the key."""
    return lambda tests: select(*place.columns(names)).where(*tests).order_by(*place.columns(place.key)).limit(most)


def few(place: Place, names: tuple[str, ...], most: int) -> Build:
    """At most so many of the rows, in the order of the key. Which ones is decided before they are put in order: an
    engine that is asked for the first few in order may walk the whole key to find them."""
    missing = tuple(k for k in place.key if k not in names)

    def build(tests: list[Test]) -> Select[Any]:
        labelled = [c.label(f"c{i}") for i, c in enumerate(place.columns((*names, *missing)))]
        inner = select(*labelled).where(*tests).limit(most).subquery("few")
        told = list(inner.c)
        order = [told[(*names, *missing).index(k)] for k in place.key]
        return select(*told[: len(names)]).order_by(*order)

    return build


def counting(place: Place, compiler: Compiler, span: Clock | None) -> Build:
    """How many rows there are and, if asked, the range of their clock."""

    def build(tests: list[Test]) -> Select[Any]:
        asked: list[Any] = [func.count()]
        if span is not None:
            asked += compiler.extremes(place.name, span)
        return select(*asked).select_from(place.clause).where(*tests)

    return build


UNREADABLE = "(unreadable: this value lies in a column that is not well-formed)"
"""Stands for a value within a JSON or PHP column that cannot be parsed."""


class Picker:
    """Takes what was asked for out of a row: columns as they are, fields inside columns by their path."""

    def __init__(self, place: Place, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._fields = {n: f for n in names if (f := _within(place, n)) is not None}
        wanted = [self._fields[n].column if n in self._fields else n for n in names]
        self.columns = tuple(dict.fromkeys(wanted))

    def pick(self, values: Sequence[object]) -> dict[str, object]:
        """The row, by the names that were asked for."""
        found = dict(zip(self.columns, values, strict=True))
        return {n: self._inner(n, found[self._fields[n].column]) if n in self._fields else found[n] for n in self.names}

    def _inner(self, name: str, raw: object) -> object:
        return inner(self._fields[name], raw)


def inner(field: Field, raw: object) -> object:
    """What a column's value holds for a field that lies within it."""
    within = field.within
    if within is None:
        return raw
    reader = values_json.values_at if within.format == "json" else values_php.values_at
    try:
        values = reader(raw, within.path)
    except values_json.Unreadable:
        # Never the whole column: beside the field there may be what nobody may hand out (a password).
        return UNREADABLE
    if "*" in within.path:
        return values
    return values[0] if values else None


def _within(place: Place, name: str) -> Field | None:
    """The field inside a column that this name means, unless it is a column's own name."""
    if name in place.facts.columns or place.collection is None:
        return None
    field = place.collection.field_named(name)
    return field if field is not None and field.within is not None else None
