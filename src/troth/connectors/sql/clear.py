"""Erased or not: the tests for values that still have to go, and the values that take their place.

A value is clear when it is NULL, empty, the field's neutral value or a tombstone. Everything else still holds
something.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, not_, true, type_coerce

from troth.connectors.sql import exact, values_json
from troth.connectors.sql.binding import NEVER, bind, fit
from troth.connectors.sql.tables import Column, Place
from troth.core import tombstone
from troth.core.errors import StoreRefused
from troth.core.policy.model import Field, Scalar
from troth.core.ports import Assignment, ColumnFacts
from troth.core.query import Key

Test = ColumnElement[bool]

EMPTY_STRUCTURES = ("", "{}", "[]", "null")
_HEX = "[0-9a-f]" * tombstone.RANDOM_DIGITS
_PATTERN = f"^{tombstone.PREFIX}{_HEX}(-[0-9a-f-]+)?(@erased[.]invalid)?" + r"(?![\s\S])"
_ROW_LITERALS = 500
"""Rows of one statement whose tombstones are spelt out one by one."""


def in_sql(engine: str, place: Place, field: Field) -> bool:
    """Whether SQL alone can tell if the field is clear; else its rows are read and judged in Python."""
    if field.within is None:
        return True
    return field.within.format == "json" and values_json.in_sql(engine, place.facts_of(field.column), field.within.path)


def not_clear(engine: str, place: Place, field: Field) -> Test:
    """The field still holds a value."""
    facts, column = place.facts_of(field.column), place.column(field.column)
    if field.within is not None:
        return _not_clear_within(engine, facts, column, field)
    tests: list[Test] = [column.is_not(None)]
    if facts.family in ("text", "other") or engine == "sqlite":
        tests += [column != bind(""), not_(is_tombstone(engine, column))]
    elif facts.family in ("json", "array"):
        tests.append(cast(column, String).not_in([bind(e) for e in EMPTY_STRUCTURES]))
    if field.has_neutral and field.neutral is not None:
        tests.append(_differs(engine, facts, column, field.neutral))
    return and_(*tests)


def _differs(engine: str, facts: ColumnFacts, column: Column, neutral: Any) -> Test:
    if engine == "postgresql" and facts.family in ("json", "array", "enum", "other"):
        return cast(column, String) != bind(str(neutral))
    value = fit(engine, facts, neutral)
    if value is NEVER:
        return true()
    # Bytes, not the collation: a person named like the neutral value but for an accent is not erased.
    return not_(exact.equals(engine, facts, column, value))


def _not_clear_within(engine: str, facts: ColumnFacts, column: Column, field: Field) -> Test:
    assert field.within is not None  # noqa: S101  the caller asked `in_sql`
    value = values_json.text_at(engine, column, field.within.path)
    empty: list[Any] = [*EMPTY_STRUCTURES]
    if field.has_neutral and field.neutral is not None:
        empty.append(values_json.as_text(field.neutral))
    test = and_(value.is_not(None), value.not_in([bind(e) for e in empty]), not_(is_tombstone(engine, value)))
    return values_json.guarded(engine, facts, column, test)


def differs_within(engine: str, place: Place, field: Field, value: Scalar) -> Test:
    """Something else than ``value`` stands within the column."""
    assert field.within is not None  # noqa: S101  the caller asked `in_sql`
    facts, column = place.facts_of(field.column), place.column(field.column)
    found = values_json.text_at(engine, column, field.within.path)
    # Bytes, not the collation: a corrected capital or accent is a difference.
    other = exact.strict(engine, found) != bind(exact.strict_value(engine, values_json.as_text(value)))
    return values_json.guarded(
        engine, facts, column, and_(values_json.stands(engine, column, field.within.path), other)
    )


def is_tombstone(engine: str, column: Column) -> Test:
    """The text is one of our tombstones. The whole of it is looked at, not only how it begins."""
    if engine == "sqlite":
        rest = func.replace(func.substr(column, tombstone.LENGTH + 1), tombstone.EMAIL_SUFFIX, "")
        begins = column.bool_op("GLOB")(bind(f"{tombstone.PREFIX}{_HEX}*"))
        return and_(begins, not_(rest.bool_op("GLOB")(bind("*[^0-9a-f-]*"))))
    if engine == "postgresql":
        return cast(column, String).bool_op("~")(bind(_PATTERN))
    return column.bool_op("REGEXP")(bind(_PATTERN))


# --- what takes the place ----------------------------------------------------------------------------


class Tombstones:
    """Makes the tombstones of one statement: different in every row, random in each run."""

    def __init__(self, engine: str, place: Place, chance: Callable[[int], bytes] = os.urandom) -> None:
        self._engine = engine
        self._place = place
        self._chance = chance

    def spelt_out(self, assignment: Assignment) -> bool:
        """Whether each row's own value must stand in the statement, so that its rows must be few."""
        return self._engine in ("mariadb", "mysql") and not self._by_key(assignment)

    def is_constant(self, assignment: Assignment) -> bool:
        """Whether the same statement can be kept and sent again: it holds nobody's value, and any chance in it is
        the engine's own."""
        if assignment.kind == "tombstone":
            return self._engine in ("sqlite", "postgresql")
        return assignment.kind in ("null", "keep")

    @property
    def rows(self) -> int:
        """How many rows a statement with spelt out tombstones may change."""
        return _ROW_LITERALS

    def value(self, assignment: Assignment, keys: Sequence[Key] | None) -> Column:
        """The expression to write. Raises StoreRefused when the column is too short for one."""
        facts = self._place.facts_of(assignment.column)
        if not tombstone.fits(facts.length if self._engine != "sqlite" else None, email=assignment.email):
            raise StoreRefused(
                f"collection {self._place.name}: column {facts.name} is too short for a tombstone",
                remedy="give the field a `neutral:` value",
            )
        suffix = type_coerce(bind(tombstone.EMAIL_SUFFIX if assignment.email else ""), String)
        return self._stem(assignment, keys) + suffix

    def _stem(self, assignment: Assignment, keys: Sequence[Key] | None) -> Column:
        prefix = type_coerce(bind(tombstone.PREFIX), String)
        digits = tombstone.RANDOM_DIGITS
        if self._engine == "postgresql":
            # Of a version 4 UUID the first twelve digits are chance; the thirteenth is always 4.
            half = digits // 2
            halves = [func.left(func.replace(_uuid(), "-", ""), half) for _ in range(2)]
            return prefix + type_coerce(halves[0], String) + type_coerce(halves[1], String)
        if self._engine == "sqlite":
            return prefix + func.lower(func.hex(func.randomblob(digits // 2)))
        # Neither UUID(), which tells the server's network address, nor RANDOM_BYTES(), which is not in 10.6.
        if self._by_key(assignment):
            stem = tombstone.stem(self._chance) + "-"
            return type_coerce(bind(stem), String) + cast(self._place.column(self._place.key[0]), String)
        if not keys:
            return type_coerce(bind(tombstone.stem(self._chance)), String)
        return self._one_by_one(keys)

    def _one_by_one(self, keys: Sequence[Key]) -> Column:
        place = self._place
        whens = []
        for key in keys:
            tests = [
                place.column(name) == bind(fit(self._engine, place.facts_of(name), part))
                for name, part in zip(place.key, key, strict=True)
            ]
            whens.append((and_(*tests), bind(tombstone.stem(self._chance))))
        return type_coerce(case(*whens, else_=bind(tombstone.stem(self._chance))), String)

    def _by_key(self, assignment: Assignment) -> bool:
        """Whether the row's own number may follow a random prefix: only a surrogate key, where it fits."""
        place = self._place
        if len(place.key) != 1 or place.facts_of(place.key[0]).family != "integer":
            return False
        facts = place.facts_of(assignment.column)
        needed = (tombstone.EMAIL_LENGTH if assignment.email else tombstone.LENGTH) + 1 + 20
        identifiers = {i.column for i in place.collection.identifiers} if place.collection else set()
        return place.key[0] not in identifiers and (facts.length is None or facts.length >= needed)


def _uuid() -> Column:
    return cast(func.gen_random_uuid(), String)
