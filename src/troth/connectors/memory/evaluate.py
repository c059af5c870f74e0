"""Conditions evaluated plainly, row by row: what every other connector must agree with.

It is written to be read, not to be fast. Every test answers yes or no; there is no third value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from troth.connectors.memory.tables import MemoryTable, Row
from troth.core import tombstone, within
from troth.core.errors import StoreChanged, StoreRefused
from troth.core.policy.model import Clock, Condition, Field, Scalar, Store
from troth.core.ports import ColumnFacts
from troth.core.query import (
    And,
    Before,
    Differs,
    Everything,
    Expr,
    Hop,
    Identified,
    KeyIn,
    KeySpan,
    Not,
    NotClear,
    Nothing,
    Or,
    Readable,
    Related,
    Unreadable,
    Where,
)  # fmt: skip

Normaliser = Callable[[str, str], str]

_INTEGER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_TIME = r"([ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})" + _TIME, re.ASCII)
_WIDTHS = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_NO_VALUE: tuple[object, ...] = (None, "", [], {})


class Evaluator:
    """Answers about the rows of one store."""

    def __init__(self, store: Store, tables: Mapping[str, MemoryTable], normalise: Normaliser) -> None:
        self._store = store
        self._tables = tables
        self._normalise = normalise

    def table(self, collection: str) -> MemoryTable:
        """The table of a collection, or of ``table:NAME``. Raises StoreChanged when there is none."""
        known = self._store.collections.get(collection)
        name = known.table if known is not None else collection.removeprefix("table:")
        if name not in self._tables:
            raise StoreChanged(f"store {self._store.name} has no table for {collection}", store=self._store.name)
        return self._tables[name]

    def key_of(self, collection: str) -> tuple[str, ...]:
        """The key columns of a collection."""
        known = self._store.collections.get(collection)
        return (known.key if known is not None else ()) or self.table(collection).key

    def rows(self, collection: str, expr: Expr) -> list[Row]:
        """The collection's rows that meet the condition, in key order."""
        found = [row for row in self._filtered(collection) if self.meets(collection, row, expr)]
        key = self.key_of(collection)
        return sorted(found, key=lambda row: [(row[c] is not None, row[c]) for c in key])

    def _filtered(self, collection: str) -> list[Row]:
        known = self._store.collections.get(collection)
        where = known.where if known is not None else ()
        return [r for r in self.table(collection).rows if all(self._holds(collection, r, c) for c in where)]

    def meets(self, collection: str, row: Row, expr: Expr) -> bool:
        """Whether the row meets the condition."""
        match expr:
            case Everything():
                return True
            case Nothing():
                return False
            case And(parts):
                return all(self.meets(collection, row, p) for p in parts)
            case Or(parts):
                return any(self.meets(collection, row, p) for p in parts)
            case Not(part):
                return not self.meets(collection, row, part)
            case Related(hops, inner):
                return self._related(collection, row, hops, inner)
            case _:
                return self._test(collection, row, expr)

    def _test(self, collection: str, row: Row, expr: Expr) -> bool:
        match expr:
            case Where(condition):
                return self._holds(collection, row, condition)
            case KeyIn(columns, keys):
                return any(self._has_key(collection, row, columns, key) for key in keys)
            case KeySpan(column, low, high):
                value = self._value(collection, row, column)
                return value is not None and (low is None or value >= low) and (high is None or value < high)
            case Identified(kind, column, wanted):
                value = self._value(collection, row, column)
                return value is not None and self._normalise(kind, str(value)) == self._normalise(kind, wanted)
            case NotClear(fields):
                return any(self._still_holds(collection, row, name) for name in fields)
            case Differs(name, wanted):
                return self._holds_another(collection, row, name, wanted)
            case Before(clock, cutoff):
                day = self.day(collection, row, clock)
                return day is not None and day < cutoff
            case Readable(clock, from_):
                day = self.day(collection, row, clock)
                return day is not None and (from_ is None or day >= from_)
            case Unreadable(clock):
                present = self._value(collection, row, clock.column) is not None
                return present and self.day(collection, row, clock) is None
            case _:
                raise AssertionError(f"a condition of an unknown kind: {type(expr).__name__}")

    # --- values ------------------------------------------------------------------------------------------

    def facts(self, collection: str, column: str) -> ColumnFacts:
        """Raises StoreChanged when the collection has no such column."""
        facts = self.table(collection).columns.get(column)
        if facts is None:
            raise StoreChanged(f"collection {collection} has no column {column}", store=self._store.name)
        return facts

    def _value(self, collection: str, row: Row, column: str) -> Any:
        return row[self.facts(collection, column).name]

    def _has_key(self, collection: str, row: Row, columns: Sequence[str], key: Sequence[Scalar]) -> bool:
        return all(
            part is not None and self._value(collection, row, column) == fit(self.facts(collection, column), part)
            for column, part in zip(columns, key, strict=True)
        )

    def _holds(self, collection: str, row: Row, condition: Condition) -> bool:
        value, facts = self._value(collection, row, condition.column), self.facts(collection, condition.column)
        if condition.op in ("null", "not_null"):
            return (value is None) == (condition.op == "null")
        values = [None if v is None else fit(facts, v) for v in condition.values]
        if condition.op in ("in", "not_in"):
            return (value in values) == (condition.op == "in")
        if value is None or not values or values[0] is None or isinstance(values[0], Never):
            return False
        first: Any = values[0]
        return bool(
            {"lt": value < first, "le": value <= first, "gt": value > first, "ge": value >= first}[condition.op]
        )

    # --- links -------------------------------------------------------------------------------------------

    def _related(self, collection: str, row: Row, hops: tuple[Hop, ...], inner: Expr) -> bool:
        hop = hops[0]
        rest = Related(hops[1:], inner) if hops[1:] else inner
        if not all(self._holds(collection, row, c) for c in hop.source_where):
            return False
        direct = self.direct_keys(hop, rest)
        if direct is not None:
            return self.meets(collection, row, direct)
        return any(
            self._linked(collection, row, hop, other)
            and all(self._holds(hop.target, other, c) for c in hop.where)
            and self.meets(hop.target, other, rest)
            for other in self._filtered(hop.target)
        )

    def _linked(self, collection: str, row: Row, hop: Hop, other: Row) -> bool:
        for ours, theirs in hop.columns:
            left, right = self._value(collection, row, ours), self._value(hop.target, other, theirs)
            if left is None or right is None:
                return False
            if hop.template is not None:
                source = hop.template_side == "source"
                left = str(left) if source else hop.template.replace("{}", str(left), 1)
                right = hop.template.replace("{}", str(right), 1) if source else str(right)
            elif isinstance(left, str) or isinstance(right, str):
                left, right = str(left), str(right)
            if left != right:
                return False
        return True

    def direct_keys(self, hop: Hop, inner: Expr) -> KeyIn | None:
        """The contract's shortcut: a far end that is exactly a list of keys is compared with our own columns,
        so that rows whose parent is gone are still found."""
        if isinstance(inner, Related):
            first = inner.hops[0]
            rest = Related(inner.hops[1:], inner.inner) if inner.hops[1:] else inner.inner
            nested = None if first.source_where else self.direct_keys(first, rest)
            if nested is None:
                return None
            inner = nested
        known = self._store.collections.get(hop.target)
        if not isinstance(inner, KeyIn) or hop.where or (known is not None and known.where):
            return None
        theirs = {theirs: ours for ours, theirs in hop.columns}
        if len(inner.columns) != len(theirs) or set(inner.columns) != set(theirs):
            return None
        if hop.template is not None and hop.template_side != "source":
            return None
        keys = inner.keys
        if hop.template is not None:
            keys = tuple((hop.template.replace("{}", str(k[0]), 1),) for k in keys if k[0] is not None)
        return KeyIn(tuple(theirs[c] for c in inner.columns), keys)

    # --- clocks ------------------------------------------------------------------------------------------

    def day(self, collection: str, row: Row, clock: Clock) -> date | None:
        """The day that the clock tells; None when it has no value, cannot be read or lies before its floor."""
        value = self._value(collection, row, clock.column)
        day = None if value is None else _read(clock, value)
        return day if day is not None and day >= clock.floor else None

    # --- fields ------------------------------------------------------------------------------------------

    def field(self, collection: str, name: str) -> Field:
        """The declared field."""
        known = self._store.collections.get(collection)
        field = known.field_named(name) if known is not None else None
        if field is None:
            raise AssertionError(f"{collection} declares no field {name}")
        return field

    def _still_holds(self, collection: str, row: Row, name: str) -> bool:
        field = self.field(collection, name)
        value = self._value(collection, row, field.column)
        values = [value] if field.within is None else inner_values(field, value)
        neutral = (field.neutral,) if field.has_neutral else ()
        return any(v not in _NO_VALUE and v not in neutral and not tombstone.is_tombstone(v) for v in values)

    def _holds_another(self, collection: str, row: Row, name: str, wanted: Scalar) -> bool:
        field = self.field(collection, name)
        values = inner_values(field, self._value(collection, row, field.column))
        return any(v is not None and _as_text(v) != _as_text(wanted) for v in values)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


class Never:
    """Stands for a value that no row of the column can hold."""


def fit(facts: ColumnFacts, value: Scalar) -> object:
    """The value as the column's own kind."""
    if facts.family in ("integer", "boolean", "number") and isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) else Never()
    if facts.family == "text" and not isinstance(value, str):
        return str(int(value) if isinstance(value, bool) else value)
    return value


def inner_values(field: Field, raw: object) -> list[object]:
    """What stands at the field's path inside the value; the whole of a value that cannot be read."""
    if field.within is None or field.within.format != "json":
        raise StoreRefused(f"PHP-serialised values are not kept in memory (field {field.name})")
    if raw is None or raw == "":
        return []
    try:
        parsed = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return [raw]
    return within.found_at(parsed, field.within.path)


def _read(clock: Clock, value: object) -> date | None:
    try:
        if clock.kind in ("epoch_s", "epoch_ms"):
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            seconds = value / 1000 if clock.kind == "epoch_ms" else value
            return datetime.fromtimestamp(seconds, UTC).date()
        if clock.kind == "text":
            return _formatted(clock.format or "%Y-%m-%d", value)
        if isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
        return date.fromisoformat(match[1]) if match else None
    except (ValueError, OverflowError, OSError):
        return None


def _formatted(format_: str, value: object) -> date | None:
    """As ``strptime``, but every part must have its full width."""
    parts = re.split(r"%(.)", format_)
    form = "".join(_WIDTHS[p] if i % 2 else re.escape(p) for i, p in enumerate(parts))
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII):
        return None
    return datetime.strptime(value, format_).replace(tzinfo=UTC).date()
