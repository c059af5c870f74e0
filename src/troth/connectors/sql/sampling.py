"""A sample of a table's rows, spread over the table, that costs the same however large the table is.

PostgreSQL draws pages at random. MariaDB and SQLite are asked for short stretches at even distances along the
numeric key. Where there is no such way in (a view, a key of words) the first rows must do. To each sample
come the newest rows, which say most about what is stored today.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, cast, func, select, tablesample, union_all
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import REGCLASS

from troth.connectors.sql.binding import bind
from troth.connectors.sql.looking import Looking
from troth.connectors.sql.selecting import bare, clause, cut, longest_text, rowid
from troth.core.discover.model import Column, Table

SPANS = 10
"""Stretches along the key."""
WIDE = 100
"""Columns from which on there are fewer stretches, and each is a statement of its own."""
FEWEST_PAGES = 50
SMALL_PAGES = 200
"""A PostgreSQL table of so many pages (1.6 MB) is read wholly, and rows are drawn from it."""
_PAGE = 8192
_ROWS_PER_PAGE = 20
"""Supposed where nothing is known."""
_NEWEST = 10
"""One row of so many is one of the newest."""

ROWID = ""
"""Stands for SQLite's own number of a row where a column's name is expected."""

Test = Callable[[ColumnElement[Any]], ColumnElement[bool]]
Rows = list[Any]
Source = ColumnElement[Any]
Bool = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns of which rows. ``tests`` on some columns are put to the rows that were drawn, not to the
    table: however few rows meet them, no more than ``most`` are looked at."""

    table: Table
    columns: tuple[Column, ...]
    most: int
    tests: tuple[tuple[str, Test], ...] = ()
    longest: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns to read: those wanted and those tested."""
        return tuple(dict.fromkeys([*(c.name for c in self.columns), *(name for name, _ in self.tests)]))


class Sampler:
    """Draws samples on one connection. Raises StoreError."""

    def __init__(self, looking: Looking, schema: str | None) -> None:
        self._looking = looking
        self._schema = schema
        self._named: tuple[Table, FromClause] | None = None
        self._known: tuple[Table, str, Rows] | None = None

    def draw(self, wanted: Wanted) -> tuple[Rows, bool]:
        """The rows, their values cut; and whether these are all there are."""
        if self._looking.engine == "postgresql":
            return self._draw_postgresql(wanted)
        whole = wanted.table.rows is None or wanted.table.rows <= wanted.most
        key = self._span_key(wanted)
        if whole or key is None:
            rows = self._first(wanted, key)
            if key is None or (len(rows) < wanted.most and not wanted.tests):
                return rows, len(rows) < wanted.most and not wanted.tests
        return self._stretches(wanted, key), False

    def plain(self, wanted: Wanted) -> Rows:
        """The first rows, in whatever order: the last resort."""
        return self._first(wanted, None)

    def matching(self, wanted: Wanted) -> Rows:
        """The first rows that meet the tests, however many have to be passed over: where an index finds them."""
        source = self._from(wanted)
        statement = select(*self._cuts(wanted, source)).where(*(test(source.c[name]) for name, test in wanted.tests))
        return self._looking.ask(statement.limit(wanted.most))

    # --- parts of statements ------------------------------------------------------------------------------

    def _from(self, wanted: Wanted) -> FromClause:
        """The table, named anew only when it is another: one table is drawn from many times in a row."""
        if self._named is None or self._named[0] is not wanted.table:
            self._named = (wanted.table, clause(wanted.table, self._schema))
        return self._named[1]

    def _cuts(self, wanted: Wanted, source: FromClause) -> list[Source]:
        longest = wanted.longest or longest_text(wanted.columns, wanted.most)
        engine = self._looking.engine
        return [cut(engine, c, source.c[c.name], longest).label(f"c{i}") for i, c in enumerate(wanted.columns)]

    def _drawn(self, wanted: Wanted, source: FromClause, *where: Bool, order: Source | None, most: int) -> Select[Any]:
        """So many rows in that order, then the tests, then the cuts."""
        inner = select(*(source.c[name] for name in wanted.names)).select_from(source).where(*where).limit(most)
        rows = (inner if order is None else inner.order_by(order)).subquery()
        return select(*self._cuts(wanted, rows)).where(*(test(rows.c[name]) for name, test in wanted.tests))

    def _first(self, wanted: Wanted, key: str | None) -> Rows:
        source = self._from(wanted)
        order = None if key is None else self._key(wanted, source, key)
        return self._looking.ask(self._drawn(wanted, source, order=order, most=wanted.most))

    # --- along the key ------------------------------------------------------------------------------------

    def _span_key(self, wanted: Wanted) -> str | None:
        """A number that leads the primary key: rows can be reached along it without looking at others."""
        table = wanted.table
        if table.kind not in ("table", "partitioned"):
            return None
        first = table.column(table.key[0]) if table.key else None
        if first is not None and first.family == "integer" and first.readable:
            return first.name
        # Beside a key of another kind SQLite has its own number, unless the table was made without.
        if self._looking.engine == "sqlite" and table.rows is not None and rowid(table) is not None:
            return ROWID
        return None

    def _key(self, wanted: Wanted, source: FromClause, key: str) -> Source:
        number = rowid(wanted.table) if key == ROWID else None
        return source.c[key] if number is None else number

    def _stretches(self, wanted: Wanted, by: str) -> Rows:
        source = self._from(wanted)
        key = self._key(wanted, source, by)
        low, high = self._ends(wanted.table, by, source, key)
        if not isinstance(low, int) or not isinstance(high, int) or high <= low:
            return self._first(wanted, by)
        spans = SPANS if len(wanted.columns) <= WIDE else SPANS // 3
        number = min(spans, high - low + 1, wanted.most - 1)
        if number < 1:
            return self._first(wanted, by)
        each = max(1, wanted.most // (number + 1))
        bounds = [low + (high - low + 1) * i // number for i in range(number)]
        parts = [self._stretch(wanted, by, each, a, b) for a, b in itertools.pairwise(bounds)]
        # The last stretch runs backwards from the newest row, and is twice as long.
        last = key >= bind(bounds[-1])
        newest = self._drawn(wanted, source, last, order=key.desc(), most=2 * each)
        rows = self._together(wanted, [*parts, newest])
        # Keys that lie in a few heaps far apart leave most stretches empty.
        return rows if wanted.tests or len(rows) * 2 >= wanted.most else self._both_ends(wanted, by)

    def _ends(self, table: Table, by: str, source: FromClause, key: Source) -> Any:
        """The least and the greatest key, as they were a moment ago."""
        if self._known is None or self._known[0] is not table or self._known[1] != by:
            least = select(func.min(key)).select_from(source).scalar_subquery()
            greatest = select(func.max(key)).select_from(source).scalar_subquery()
            self._known = (table, by, self._looking.ask(select(least, greatest)))
        return self._known[2][0]

    def _together(self, wanted: Wanted, parts: Sequence[Select[Any]]) -> Rows:
        """The rows of all, in one question; a wide table's one by one, as SQLite allows no statement so long."""
        if len(wanted.columns) > WIDE:
            return [row for part in parts for row in self._looking.ask(part)]
        return self._looking.ask(union_all(*(select(part.subquery()) for part in parts)))

    def _stretch(self, wanted: Wanted, by: str, most: int, low: int, high: int) -> Select[Any]:
        source = self._from(wanted)
        key = self._key(wanted, source, by)
        return self._drawn(wanted, source, key >= bind(low), key < bind(high), order=key, most=most)

    def _both_ends(self, wanted: Wanted, by: str) -> Rows:
        rows = self._first(wanted, by)
        if len(rows) < wanted.most:
            return rows
        half = wanted.most // 2
        source = self._from(wanted)
        newest = self._drawn(wanted, source, order=self._key(wanted, source, by).desc(), most=half)
        return rows[:half] + self._looking.ask(newest)

    # --- PostgreSQL ---------------------------------------------------------------------------------------

    def _draw_postgresql(self, wanted: Wanted) -> tuple[Rows, bool]:
        if wanted.table.kind in ("view", "foreign"):
            rows = self._first(wanted, None)
            return rows, len(rows) < wanted.most
        pages = self._pages(wanted.table)
        percent = self._percent(wanted, pages)
        newest = self._newest_first(wanted.table)
        spread = wanted.most if percent is None or newest is None else wanted.most - wanted.most // _NEWEST
        rows = self._looking.ask(self._random(wanted, percent, spread))
        if percent is None:
            return rows, len(rows) < wanted.most
        if not wanted.tests and len(rows) < FEWEST_PAGES // 2:
            # Nearly empty pages, or statistics from another age.
            return self._first(wanted, None), False
        if newest is not None:
            source = self._from(wanted)
            by = source.c[newest]
            # NULLs would come before the newest.
            last = self._drawn(wanted, source, by.is_not(None), order=by.desc(), most=wanted.most - spread)
            rows += self._looking.ask(last)
        return rows, False

    def _pages(self, table: Table) -> int:
        name = self._looking.name_of(bare(table, self._schema))
        number = cast(bind(name), REGCLASS)
        if table.kind == "partitioned":
            parts = func.pg_partition_tree(number).table_valued(sql_column("relid"))
            size = select(func.sum(func.pg_relation_size(parts.c.relid))).select_from(parts)
        else:
            size = select(func.pg_relation_size(number))
        return math.ceil(int(self._looking.ask(size)[0][0] or 0) / _PAGE)

    def _percent(self, wanted: Wanted, pages: int) -> float | None:
        """Which part of the pages to draw; None: all of them."""
        per_page = min(300.0, max(1.0, (wanted.table.rows or 0) / max(pages, 1)))
        if not wanted.table.rows:
            per_page = _ROWS_PER_PAGE
        drawn = max(FEWEST_PAGES, math.ceil(1.2 * wanted.most / per_page))
        return None if pages <= max(SMALL_PAGES, 2 * drawn) else 100 * drawn / pages

    def _random(self, wanted: Wanted, percent: float | None, most: int) -> Select[Any]:
        source = self._from(wanted)
        drawn: FromClause = source if percent is None else tablesample(source, func.system(percent), name="drawn")
        return self._drawn(wanted, drawn, order=func.random(), most=most)

    def _newest_first(self, table: Table) -> str | None:
        """A column with an index of its own that grows with time."""
        indexed = [table.key[0]] if len(table.key) == 1 else []
        indexed += [index[0] for index in table.indexes if index]
        for families in (("integer",), ("datetime", "date")):
            for name in indexed:
                found = table.column(name)
                grows = found is not None and found.family in families and found.readable
                if grows and (families != ("integer",) or table.key == (name,)):
                    return name
        return None
