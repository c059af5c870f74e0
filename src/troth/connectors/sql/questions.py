"""Questions about single columns: which kinds they name, whether they stand elsewhere, how far they reach.

Each is one or two bounded statements. A value that has to be known to ask the next question is forgotten
with it; only names of kinds, which a draft must quote, are handed out, and nothing that might be a person's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, literal, select

from troth.connectors.sql import clocks
from troth.connectors.sql.binding import NEVER, bind, bind_all, fit, scalar
from troth.connectors.sql.facts import Columns, qualified
from troth.connectors.sql.looking import Looking, trouble
from troth.connectors.sql.sampling import Sampler, Test, Wanted
from troth.connectors.sql.selecting import SHORTEST_CUT, bare, clause, cut
from troth.connectors.sql.tables import Place
from troth.core.discover.model import ClockKind, Column, Inclusion, Table
from troth.core.discover.signs import signs_of
from troth.core.errors import StoreBusy
from troth.core.policy.model import Clock
from troth.core.ports import ColumnFacts, TableFacts

ASKED = 300
"""Different values that are looked up in another table."""
COUNTED = 100_000
"""Rows up to which a table is counted; beyond, the estimate is told."""
KINDS = 5
"""A sample in which kinds are looked for is so many times larger."""
_DRAWN = 3
"""A sample from which rows are picked is so many times larger."""
SCANNED = 2_000_000
"""Rows up to which a column without an index is read from end to end."""

_KIND = re.compile(r"[^\W\d][\w\\/:.+\- ]{0,63}|[\d]{1,3}")
"""What may pass as the name of a kind: words, class names, paths, small numbers. No ``@``."""
_PERSONAL = frozenset({
    "email", "email_inside", "handle", "phone", "iban", "card", "card_masked", "nir", "siret", "national_id", "ip",
    "mac", "uuid", "password_hash", "token", "full_name", "address_line", "user_agent",
})  # fmt: skip
"""Signs of a value that no draft may quote."""
_SEVERAL = 3
_MOSTLY = 0.6
"""The part of a column's values that share the text around a key."""
_REMEMBERED = 200
"""Columns whose drawn values are kept for the next question."""
_HEAD = re.compile(r"[^\W\d][\w/:.-]{0,60}[/:|#_-]")
_MANY_DIGITS = re.compile(r"(\d[\s./-]?){5}")


class TooLarge(Exception):
    """The table is too large for a question that no index answers."""


class Questions:
    """Questions on one connection. All raise StoreError."""

    def __init__(self, looking: Looking, sampler: Sampler, schema: str | None) -> None:
        self._looking = looking
        self._sampler = sampler
        self._schema = schema
        self._drawn: dict[tuple[str, ...], list[Any]] = {}

    def kinds(self, table: Table, column: Column, most: int) -> list[str]:
        """The different values of the column, at most ``most``; none when there are more or one could be
        somebody's."""
        rows = self._all_kinds(table, column, most)
        if rows is None:
            drawn = Wanted(table, (column,), KINDS * self._looking.budget.rows, longest=SHORTEST_CUT)
            rows, _ = self._sampler.draw(drawn)
        found = sorted({text for row in rows if (text := as_kind(row[0])) is not None})
        return found if len(found) <= most and name_kinds(found) else []

    def _all_kinds(self, table: Table, column: Column, most: int) -> list[Any] | None:
        """The different values of the whole column; None where that would take, or took, too long."""
        # Only MariaDB and MySQL jump from one value of an index to the next; the others read all of it.
        jumps = self._looking.engine == "mysql" and is_indexed(table, column.name)
        if not jumps and (table.rows or 0) > SCANNED:
            return None
        source = clause(table, self._schema)
        value = cut(self._looking.engine, column, source.c[column.name], SHORTEST_CUT)
        # One more than allowed, and the empty text.
        statement = select(value).distinct().where(source.c[column.name].is_not(None)).limit(most + 2)
        try:
            return self._looking.ask(statement)
        except StoreBusy as error:
            if trouble(error, table).code != "timeout":
                raise
            return None

    def count(self, table: Table) -> tuple[int | None, bool]:
        """How many rows, and whether that is exact."""
        if table.rows is not None and table.rows > 10 * COUNTED:
            return table.rows, False
        some = select(literal(1).label("one")).select_from(bare(table, self._schema)).limit(COUNTED + 1).subquery()
        counted = int(self._looking.ask(select(func.count()).select_from(some))[0][0])
        if counted <= COUNTED:
            return counted, True
        return (max(table.rows, counted) if table.rows is not None else None), False

    # --- does it stand there? -----------------------------------------------------------------------------

    def inclusion(
        self, table: Table, column: Column, parent: Table, target: Column, where: tuple[str, str] | None
    ) -> Inclusion:
        """Of some different values of the column, how many the target holds. Raises TooLarge."""
        return self._standing(self._different(table, column, where), parent, target)

    def template(self, table: Table, column: Column, parent: Table, target: Column) -> tuple[str | None, Inclusion]:
        """The text before the last separator that most values of the column share, with ``{}`` for what follows it,
        and how much of the latter the target holds. None where there is no such text, or it could be somebody's.
        Raises TooLarge."""
        values = [v for v in self._different(table, column, None) if isinstance(v, str)]
        heads = Counter(head.group() for v in values if (head := _HEAD.match(v)))
        text, count = heads.most_common(1)[0] if heads else ("", 0)
        if count < max(_SEVERAL, _MOSTLY * len(values)) or not name_kinds([text]):
            return None, Inclusion(0, 0)
        ends = [v.removeprefix(text) for v in values if v.startswith(text)]
        return text + "{}", self._standing([end for end in ends if end], parent, target)

    def _standing(self, values: Sequence[Any], parent: Table, target: Column) -> Inclusion:
        if not values:
            return Inclusion(0, 0)
        if not is_indexed(parent, target.name) and (parent.rows or 0) > SCANNED:
            raise TooLarge
        engine = self._looking.engine
        fitted = [f for v in values if (f := fit(engine, column_facts(target), scalar(v))) is not NEVER]
        source = clause(parent, self._schema)
        there = source.c[target.name]
        rows: list[Any] = []
        if fitted:
            rows = self._looking.ask(select(there).where(there.in_(bind_all(fitted))).distinct().limit(len(fitted)))
        return Inclusion(len(values), len(rows))

    def _different(self, table: Table, column: Column, where: tuple[str, str] | None) -> list[Any]:
        """Drawn once for all the columns that may hold them: those are asked for one after the other."""
        key = (table.schema or "", table.name, column.name, *(where or ()))
        if key not in self._drawn:
            drawn = self._draw_different(table, column, where)
            if len(self._drawn) >= _REMEMBERED:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[key] = drawn
        return self._drawn[key]

    def _draw_different(self, table: Table, column: Column, where: tuple[str, str] | None) -> list[Any]:
        tests = self._tests(table, column, where)
        wanted = Wanted(table, (column,), _DRAWN * self._looking.budget.rows, tests, longest=SHORTEST_CUT)
        rows, _ = self._sampler.draw(wanted)
        found_by_index = any(is_indexed(table, name) for name, _ in tests)
        if len(rows) < ASKED and (found_by_index or (table.rows or 0) <= SCANNED):
            # The tests left little of what was drawn.
            rows = [*rows, *self._sampler.matching(replace(wanted, most=self._looking.budget.rows))]
        found = dict.fromkeys(v for row in rows if (v := row[0]) not in ("", "0", b"", None, 0) and _hashable(v))
        # A value that was cut cannot be found again.
        values = [v for v in found if not isinstance(v, str | bytes) or len(v) < SHORTEST_CUT]
        step = max(1, len(values) // ASKED)
        return values[::step][:ASKED]

    def _tests(self, table: Table, column: Column, where: tuple[str, str] | None) -> tuple[tuple[str, Test], ...]:
        filled: tuple[str, Test] = (column.name, lambda c: c.is_not(None))
        if where is None:
            return (filled,)
        kind = table.column(where[0])
        wanted = NEVER if kind is None else fit(self._looking.engine, column_facts(kind), where[1])
        if kind is None or wanted is NEVER:
            return ((column.name, lambda c: c.is_(None) & c.is_not(None)),)
        return filled, (kind.name, lambda c: c == bind(wanted))

    # --- how far it reaches -------------------------------------------------------------------------------

    def bounds(
        self, table: Table, column: Column, kind: ClockKind, format_: str | None
    ) -> tuple[date | None, date | None]:
        """The earliest and latest readable day. Raises TooLarge, and StoreRefused where the column cannot be
        such a clock."""
        clock = Clock(column.name, kind, format_)
        place = self._place(table)
        engine = self._looking.engine
        indexed = is_indexed(table, column.name) and kind != "text"
        if not indexed and (table.rows or 0) > SCANNED:
            raise TooLarge
        if not indexed:
            statement = select(*clocks.extremes(engine, place, clock)).select_from(place.clause)
            low, high = self._looking.ask(statement)[0]
            return clocks.told(clock, low), clocks.told(clock, high)
        dial = clocks.dial_of(engine, place, clock)
        ends = []
        for order in (dial.raw.asc(), dial.raw.desc()):
            one = select(dial.value).where(clocks.readable(engine, place, clock))
            rows = self._looking.ask(one.order_by(order).limit(1))
            ends.append(clocks.told(clock, rows[0][0]) if rows else None)
        return ends[0], ends[1]

    def _place(self, table: Table) -> Place:
        source = clause(table, self._schema)
        columns = Columns(column_facts(c) for c in table.columns)
        facts = TableFacts(qualified(table.schema, table.name), table.kind, table.key, columns)
        return Place(table.qualified, source, source, facts, None)


def is_indexed(table: Table, column: str) -> bool:
    """Whether an index leads with the column."""
    return any(index[0] == column for index in table.indexes if index) or table.key[:1] == (column,)


def column_facts(column: Column) -> ColumnFacts:
    """The column as the rest of the connector knows columns."""
    return ColumnFacts(column.name, column.family, column.declared, column.nullable, column.length)


def clock_kind(column: Column) -> ClockKind | None:
    """What kind of clock the column's type makes it, if any."""
    if column.family in ("date", "datetime"):
        return "date" if column.family == "date" else "datetime"
    return None


def as_kind(value: object) -> str | None:
    """A value as a draft would quote it; None for an empty one."""
    if value is None or value == "":
        return None
    return str(value) if isinstance(value, str | int) else "\x00"


def names_a_kind(text: str) -> bool:
    """Whether the text may name a kind of thing. One that could be an address, a number of somebody's, or a
    sentence may not."""
    return _KIND.fullmatch(text) is not None and not _MANY_DIGITS.search(text) and not signs_of(text) & _PERSONAL


def name_kinds(texts: Sequence[str]) -> bool:
    """Whether all of them may name kinds of things. A single ``page`` is no surname; a list of surnames is."""
    names = sum(1 for text in texts if signs_of(text) & {"given_name", "surname"})
    return all(map(names_a_kind, texts)) and (names < _SEVERAL or 2 * names <= len(texts))


def _hashable(value: object) -> bool:
    return not isinstance(value, list | dict)
