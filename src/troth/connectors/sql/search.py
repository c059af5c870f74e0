"""Residue search: is a strong identifier still standing in some text column of the mapped tables?

One scan per table looks for every needle in every column, by ranges of the key, within a budget of seconds,
with pauses, and can go on later. It compares bytes of a few spellings, which is three to eight times faster
than folding case: as typed, in lower case, and as JSON, URLs and HTML write them.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Connection, LargeBinary, Select, String, and_, case, cast, func, or_, select

from troth.connectors.sql import exact, spans
from troth.connectors.sql.binding import bind
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.tables import Column, Place, Places
from troth.core.policy.model import Scalar
from troth.core.ports import Budget, ColumnFacts, Needle, Residue, SearchReport
from troth.core.tombstone import is_tombstone

SHORTEST = 6
"""Characters below which a needle would be found everywhere."""

_SEARCHED = frozenset({"text", "json", "array"})
_SEARCHED_SQLITE = _SEARCHED | {"other"}
"""On SQLite a column without a type may hold texts."""
_VIEWS = frozenset({"view", "materialised view"})


@dataclass(frozen=True, slots=True)
class ResumableReport(SearchReport):
    """A report with the place to go on from; it may hold a row's key, so it is not for logs."""

    resume: str = ""


@dataclass(slots=True)
class _Tally:
    found: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rows: int = 0


class Search:
    """One residue search on one connection."""

    def __init__(
        self,
        places: Places,
        connection: Connection,
        needles: Sequence[Needle],
        budget: Budget,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._places = places
        self._compiler = Compiler(places)
        self._connection = connection
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._skipped = [(f"needle {n.kind}", why) for n in needles if (why := _unfit(n))]
        self._spellings: dict[str, list[str]] = {}
        for needle in needles:
            if not _unfit(needle):
                self._spellings.setdefault(needle.kind, []).extend(spellings(needle.value))

    def run(self, resume: str = "") -> ResumableReport:
        """Search from ``resume`` (of an earlier report) until all is done or the seconds are used up."""
        started = self._clock()
        tally = _Tally()
        targets = list(self._targets())
        first, after = _opened(resume)
        names = [place.facts.table for place, _ in targets]
        begin = names.index(first) if first in names else 0
        for place, columns in targets[begin:]:
            start = after if place.facts.table == first else None
            for following in self._scan(place, columns, start, tally):
                if self._clock() - started >= self._budget.seconds:
                    return self._report(tally, False, json.dumps([place.facts.table, following]))
                if self._budget.pause:
                    self._sleep(self._budget.pause)
        return self._report(tally, True, "")

    def _report(self, tally: _Tally, finished: bool, resume: str) -> ResumableReport:
        found = tuple(Residue(*place, rows) for place, rows in sorted(tally.found.items()) if rows)
        skipped = [*self._skipped, *self._not_searched()]
        return ResumableReport(found, tally.rows, tuple(skipped), finished, resume)

    # --- what is searched ------------------------------------------------------------------------------

    def _tables(self) -> Iterator[Place]:
        """Every table once, under the first collection that maps it. All its rows: a row outside a
        collection's filter may hold the identifier, too."""
        seen = set()
        for name in self._places.collections():
            place = self._places[name]
            if place.facts.table not in seen:
                seen.add(place.facts.table)
                yield place

    def _targets(self) -> Iterator[tuple[Place, list[ColumnFacts]]]:
        if not self._spellings:
            return
        wanted = _SEARCHED_SQLITE if self._places.engine == "sqlite" else _SEARCHED
        for place in self._tables():
            columns = [c for c in place.facts.columns.values() if c.family in wanted]
            if columns and place.facts.kind not in _VIEWS:
                yield place, columns

    def _not_searched(self) -> Iterator[tuple[str, str]]:
        for place in self._tables():
            if place.facts.kind in _VIEWS:
                yield place.facts.table, "a view shows what other tables hold"
                continue
            for column in place.facts.columns.values():
                if column.family == "binary":
                    yield f"{place.facts.table}.{column.name}", "binary, perhaps compressed or encrypted"

    # --- scanning --------------------------------------------------------------------------------------

    def _scan(self, place: Place, columns: list[ColumnFacts], after: Scalar, tally: _Tally) -> Iterator[Scalar]:
        """Search range by range; after each one, where the next begins."""
        places = [(place.name, c.name, kind) for c in columns for kind in self._spellings]
        sums = [func.sum(case((self._hit(place, c, kind), 1), else_=0)) for c in columns for kind in self._spellings]
        for span in spans.walk(self._ask, place, self._budget.range_rows, after):
            query = select(func.count(), *sums).select_from(place.clause)
            row = self._connection.execute(query.where(self._compiler.test(place, span.where))).one()
            tally.rows += int(row[0])
            tally.found.update({p: int(n or 0) for p, n in zip(places, row[1:], strict=True)})
            # Each range is a transaction of its own: nothing is held while we pause.
            self._connection.rollback()
            yield span.resume

    def _ask(self, query: Select[Any]) -> Sequence[Any]:
        return self._connection.execute(query).first() or (None,)

    def _hit(self, place: Place, facts: ColumnFacts, kind: str) -> ColumnElement[bool]:
        column = place.column(facts.name)
        return or_(*(self._holds(facts, column, text) for text in self._spellings[kind]))

    def _holds(self, facts: ColumnFacts, column: Column, text: str) -> ColumnElement[bool]:
        engine = self._places.engine
        if engine == "postgresql":
            if facts.family != "text" or "citext" in facts.declared:
                column = cast(column, String)
            return func.strpos(column, bind(text)) > 0
        if engine == "sqlite":
            return and_(func.typeof(column) == "text", func.instr(column, bind(text)) > 0)
        if facts.family != "text" or not (facts.collation or "utf8").startswith("utf8"):
            column = exact.strict(engine, column)
        return func.locate(cast(bind(text.encode()), LargeBinary), column) > 0


def spellings(value: str) -> list[str]:
    """How a value may stand in a text: plain, in lower case, and escaped for JSON, URLs and HTML."""
    found: list[str] = []
    for plain in (value, value.lower()):
        escaped = json.dumps(plain)[1:-1]
        found += [plain, escaped, json.dumps(plain, ensure_ascii=False)[1:-1], escaped.replace("/", "\\/")]
        found += [quote(plain, safe=""), quote(plain, safe="").replace("%40", "@"), quote(plain, safe="").lower()]
        found += [plain.replace("@", "&#64;"), plain.replace("@", "%40")]
    return list(dict.fromkeys(found))


def _unfit(needle: Needle) -> str:
    """Why this needle is not searched for, or nothing."""
    if len(needle.value.strip()) < SHORTEST:
        return f"shorter than {SHORTEST} characters, it would be found everywhere"
    if is_tombstone(needle.value):
        return "it is a tombstone"
    if "\x00" in needle.value or not _encodes(needle.value):
        return "it holds characters that no text column can"
    return ""


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _opened(resume: str) -> tuple[str, Any]:
    if not resume:
        return "", None
    table, after = json.loads(resume)
    return str(table), after
