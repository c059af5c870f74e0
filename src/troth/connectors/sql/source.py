"""A database that nobody has described, looked at within a budget: the ``Source`` of ``troth discover``.

Nothing is changed, no lock is held, no value is kept: rows go to the profilers, which count. What could not
be seen for one table comes back as a trouble and the look goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, literal, select

from troth.connectors.sql import catalogue_mariadb, catalogue_postgresql, catalogue_sqlite
from troth.connectors.sql.looking import Looking, trouble
from troth.connectors.sql.questions import Questions, TooLarge, as_kind, clock_kind, names_a_kind
from troth.connectors.sql.sampling import Sampler, Wanted
from troth.connectors.sql.selecting import bare, elements
from troth.core.discover.model import (
    Budget,
    Catalogue,
    ClockKind,
    Column,
    Inclusion,
    Profile,
    Profiler,
    Table,
    Trouble,
)
from troth.core.errors import StoreError
from troth.core.ports import Family

NewProfiler = Callable[[Family], Profiler]

KEYED = 5
"""A sample of key/value rows is so many times larger: it is shared out among the keys."""
_FEWER = 20
"""After a sample took too long, one of so many rows is tried."""
_READERS = {
    "sqlite": catalogue_sqlite.read, "postgresql": catalogue_postgresql.read, "mysql": catalogue_mariadb.read,
}  # fmt: skip
_COLUMN_BY_COLUMN = frozenset({"unreadable", "fails", "view_fails", "no_right", "gone"})
"""Troubles that may be one column's alone."""
_VALUE_ERRORS = (ValueError, TypeError, ArithmeticError, LookupError, RecursionError)


class SqlSource:
    """One database, opened for looking. Raises StoreUnreachable, StoreRefused, StoreBusy, UsageError."""

    def __init__(self, name: str, url: str, budget: Budget, new_profiler: NewProfiler) -> None:
        self._looking = Looking(name, url, budget)
        self._new_profiler = new_profiler
        self._budget = budget
        try:
            schema = self._own_schema()
        except BaseException:
            self.close()
            raise
        self._sampler = Sampler(self._looking, schema)
        self._questions = Questions(self._looking, self._sampler, schema)
        self._schema = schema

    def catalogue(self) -> Catalogue:
        """The schema, in a number of queries that does not grow with the number of tables."""
        try:
            return _READERS[self._looking.engine](self._looking.ask_catalogue)
        except StoreError as error:
            everything = trouble(error, Table("the schema", ()))
            return Catalogue(self._looking.engine, (), (replace(everything, table=""),))

    def profiles(self, table: Table) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """A profile of every readable column of the table, from one bounded sample."""
        columns, troubles = _readable(table)
        if not columns:
            return {}, troubles
        wanted = Wanted(table, columns, self._budget.rows)
        try:
            rows, _ = self._sampler.draw(wanted)
        except StoreError as error:
            fewer, troubles = self._second_try(wanted, error)
            if fewer is None:
                return self._one_by_one(wanted, troubles)
            rows = fewer
        return self._profiled(table, columns, rows, troubles), troubles

    def keyed_profiles(
        self, table: Table, key: str, value: str, keys: int = 200
    ) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """Of a key/value table: a profile of the value column for each of the most frequent keys."""
        columns, troubles = _named(table, key, value)
        if len(columns) < 2:
            return {}, troubles
        try:
            rows, _ = self._sampler.draw(Wanted(table, columns, KEYED * self._budget.rows))
        except StoreError as error:
            return {}, [trouble(error, table)]
        named = [(name, row[1]) for row in rows if (name := as_kind(row[0])) and names_a_kind(name)]
        result = {}
        for name, _ in Counter(name for name, _ in named).most_common(keys):
            values = [v for n, v in named if n == name]
            profile = self._profile(table, columns[1], values, troubles)
            if profile is not None:
                result[name] = profile
        return result, troubles

    def values_of(self, table: Table, column: str, most: int = 50) -> tuple[Sequence[str], Sequence[Trouble]]:
        """The different values of a column that names kinds of things; empty when there are more than ``most``
        or when one looks personal."""
        columns, troubles = _named(table, column)
        if not columns:
            return (), troubles
        try:
            return self._questions.kinds(table, columns[0], most), ()
        except StoreError as error:
            return (), [trouble(error, table, column)]

    def inclusion(
        self, table: Table, column: str, parent: Table, parent_column: str, where: tuple[str, str] | None = None
    ) -> tuple[Inclusion, Sequence[Trouble]]:
        """How many of a bounded sample of the column's values stand in the parent's column."""
        own, troubles = _named(table, column)
        target, more = _named(parent, parent_column)
        if not own or not target:
            return Inclusion(0, 0), [*troubles, *more]
        try:
            return self._questions.inclusion(table, own[0], parent, target[0], where), ()
        except StoreError as error:
            return Inclusion(0, 0), [trouble(error, table, column)]
        except TooLarge:
            return Inclusion(0, 0), [_too_large(parent, parent_column)]

    def template(
        self, table: Table, column: str, parent: Table, parent_column: str
    ) -> tuple[str | None, Inclusion, Sequence[Trouble]]:
        """The fixed text in which the column's values wrap the parent's key, and how many of these stand there."""
        own, troubles = _named(table, column)
        target, more = _named(parent, parent_column)
        if not own or not target:
            return None, Inclusion(0, 0), [*troubles, *more]
        try:
            return *self._questions.template(table, own[0], parent, target[0]), ()
        except StoreError as error:
            return None, Inclusion(0, 0), [trouble(error, table, column)]
        except TooLarge:
            return None, Inclusion(0, 0), [_too_large(parent, parent_column)]

    def bounds(
        self, table: Table, column: str, kind: ClockKind | None = None, format: str | None = None
    ) -> tuple[date | None, date | None, Sequence[Trouble]]:
        """The earliest and latest value of a clock column over the whole table, as days, within the budget."""
        columns, troubles = _named(table, column)
        kind = kind or (clock_kind(columns[0]) if columns else None)
        if not columns or kind is None:
            return None, None, troubles or [_no_clock(table, column)]
        try:
            earliest, latest = self._questions.bounds(table, columns[0], kind, format)
        except StoreError as error:
            return None, None, [trouble(error, table, column)]
        except TooLarge:
            return None, None, [_too_large(table, column)]
        except (ValueError, OverflowError):
            return None, None, [_no_clock(table, column)]
        return earliest, latest, ()

    def rows(self, table: Table) -> tuple[int | None, bool, Sequence[Trouble]]:
        """How many rows there are, and whether that is exact."""
        if not table.readable:
            return table.rows, table.rows_exact, _readable(table)[1]
        try:
            number, exact = self._questions.count(table)
        except StoreError as error:
            return table.rows, False, [trouble(error, table)]
        return number, exact, ()

    def remaining_seconds(self) -> float:
        """What is left of the budget's time."""
        return self._looking.remaining()

    def close(self) -> None:
        """Let go of the connection."""
        self._looking.close()

    # --- samples ------------------------------------------------------------------------------------------

    def _own_schema(self) -> str | None:
        """Where PostgreSQL looks first for a bare name; said in every statement, so that no name of the
        system's own comes before it."""
        if self._looking.engine != "postgresql":
            return None
        name: str | None = self._looking.ask(select(func.current_schema()))[0][0]
        return name

    def _second_try(self, wanted: Wanted, error: StoreError) -> tuple[list[Any] | None, list[Trouble]]:
        """After a sample failed: fewer rows, where it took too long. None when there is nothing to be had."""
        first = trouble(error, wanted.table)
        if first.code != "timeout":
            return None, [first]
        try:
            fewer = replace(wanted, most=max(1, wanted.most // _FEWER))
            rows = self._sampler.plain(fewer)
        except StoreError as again:
            return None, [trouble(again, wanted.table)]
        return rows, [replace(first, message=f"{first.message}; only {len(rows)} rows were looked at")]

    def _one_by_one(self, wanted: Wanted, troubles: list[Trouble]) -> tuple[dict[str, Profile], list[Trouble]]:
        """After a sample failed for a reason that may be one column's: each column alone."""
        if troubles[0].code not in _COLUMN_BY_COLUMN or not self._answers(wanted.table):
            return {}, troubles
        found: dict[str, Profile] = {}
        lost: list[Trouble] = []
        for column in wanted.columns:
            try:
                rows = self._sampler.plain(replace(wanted, columns=(column,)))
            except StoreError as error:
                lost.append(trouble(error, wanted.table, column.name))
                if lost[-1].code not in _COLUMN_BY_COLUMN:
                    break
            else:
                found |= self._profiled(wanted.table, (column,), rows, lost)
        return found, lost or troubles

    def _answers(self, table: Table) -> bool:
        """Whether the table can be read at all."""
        try:
            self._looking.ask(select(literal(1)).select_from(bare(table, self._schema)).limit(1))
        except StoreError:
            return False
        return True

    def _profiled(
        self, table: Table, columns: Sequence[Column], rows: Sequence[Any], troubles: list[Trouble]
    ) -> dict[str, Profile]:
        found = {}
        for index, column in enumerate(columns):
            profile = self._profile(table, column, (row[index] for row in rows), troubles)
            if profile is not None:
                found[column.name] = profile
        return found

    def _profile(self, table: Table, column: Column, values: Iterable[Any], troubles: list[Trouble]) -> Profile | None:
        profiler = self._new_profiler(column.family)
        is_array = column.family == "array" and self._looking.engine == "postgresql"
        try:
            profiler.add_all(elements(v) if is_array and isinstance(v, str) else v for v in values)
            return profiler.profile()
        except _VALUE_ERRORS:
            message = f"column {column.name} of {table.qualified}: its values cannot be read"
            troubles.append(Trouble("unreadable", message, table.qualified, column.name))
            return None


def _readable(table: Table) -> tuple[tuple[Column, ...], list[Trouble]]:
    columns = tuple(c for c in table.columns if c.readable) if table.readable else ()
    if columns:
        return columns, []
    if table.readable and not table.columns:
        # PostgreSQL allows a table without any.
        if table.kind == "table":
            return (), []
        return (), [Trouble("view_fails", f"the columns of {table.qualified} cannot be told", table.qualified)]
    return (), [Trouble("no_right", f"this account may not read {table.qualified}", table.qualified)]


def _named(table: Table, *names: str) -> tuple[tuple[Column, ...], list[Trouble]]:
    """These columns, or none and why."""
    found = tuple(c for name in names if (c := table.column(name)) is not None and c.readable and table.readable)
    if len(found) == len(names):
        return found, []
    lost = next(name for name in names if name not in {c.name for c in found})
    message = f"this account may not read the column {lost} of {table.qualified}"
    return (), [Trouble("no_right", message, table.qualified, lost)]


def _too_large(table: Table, column: str) -> Trouble:
    message = f"column {column} of {table.qualified}: too many rows to read without an index"
    return Trouble("no_index", message, table.qualified, column)


def _no_clock(table: Table, column: str) -> Trouble:
    message = f"column {column} of {table.qualified} cannot be read as a moment"
    return Trouble("unreadable", message, table.qualified, column)
