"""The statements that change rows: by key in bounded chunks, or by predicate where there is no key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, delete, select, update
from sqlalchemy.types import NULLTYPE

from troth.connectors.sql import keysets, values_json, values_php
from troth.connectors.sql.binding import NEVER, bind, fit, scalar
from troth.connectors.sql.clear import Tombstones
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.line import Answer, Line
from troth.connectors.sql.prepared import MOST_KEYS
from troth.connectors.sql.tables import Column, Place
from troth.core.errors import StoreRefused
from troth.core.ports import Assignment, Change
from troth.core.within import ABSENT

Test = ColumnElement[bool]
RawKey = tuple[Any, ...]


def erase_rows(line: Line, place: Place, test: Test) -> int:
    """Delete the rows that meet the test; how many the engine says there were."""
    return line.execute(delete(place.base).where(test)).rowcount


def erase_keys(compiler: Compiler, line: Line, place: Place, keys: Sequence[RawKey]) -> Answer:
    """Delete the rows with these keys."""
    return by_keys(compiler, line, place, keys, "erase", lambda test: delete(place.base).where(test))


def by_keys(
    compiler: Compiler, line: Line, place: Place, keys: Sequence[RawKey], tag: Hashable, build: Callable[[Test], Any]
) -> Answer:
    """Run the statement that ``build`` makes of the rows with these keys; few keys make the same one again."""
    width = len(place.key)
    if len(keys) > MOST_KEYS:
        return line.execute(build(keysets.own(compiler.engine, place, keys)))

    def made(values: Sequence[Any]) -> Any:
        told = [tuple(values[i : i + width]) for i in range(0, len(values), width)]
        return build(keysets.own(compiler.engine, place, told))

    parts = [part for key in keys for part in key]
    return compiler.statements.same(line, ("by keys", tag, place.name, len(keys)), parts, made)


class Writer:
    """Writes one change's assignments on one line."""

    def __init__(self, compiler: Compiler, line: Line, place: Place, change: Change) -> None:
        self._compiler = compiler
        self._line = line
        self._engine = engine = compiler.engine
        self._place = place
        self._tombstones = Tombstones(engine, place)
        self._parsed = [a for a in change.assignments if self._needs_parsing(a)]
        self._plain = [a for a in change.assignments if a not in self._parsed]
        self.chunk = keysets.chunk_size(engine, place)
        self._spelt_out = any(a.kind == "tombstone" and self._tombstones.spelt_out(a) for a in self._plain)
        if self._spelt_out:
            self.chunk = min(self.chunk, self._tombstones.rows)

    def write(self, keys: Sequence[RawKey]) -> Answer | None:
        """Write into the rows with these keys. None where each row was looked at by itself."""
        answer = self._write_plain(keys) if self._plain else None
        for assignment in self._parsed:
            self._rewrite(assignment, keys)
        return answer

    def _write_plain(self, keys: Sequence[RawKey]) -> Answer:
        if self._spelt_out or not all(self._tombstones.is_constant(a) for a in self._plain):
            told = [tuple(scalar(part) for part in key) for key in keys] if self._spelt_out else None
            return self._line.execute(self._update(keysets.own(self._engine, self._place, keys), told))
        tag = tuple(self._plain)
        return by_keys(self._compiler, self._line, self._place, keys, tag, lambda test: self._update(test, None))

    def write_where(self, test: Test) -> int:
        """Write into the rows that meet the test, in one statement; for tables without a key."""
        if self._parsed:
            raise StoreRefused(
                f"collection {self._place.name} has no key, which values inside {self._parsed[0].column} need",
                remedy="declare a `key:` for the collection",
            )
        return self._line.execute(self._update(test, None)).rowcount

    def _update(self, test: Test, keys: Sequence[Any] | None) -> Update:
        statement = update(self._place.base).where(test).values(self._values(keys))
        if self._engine == "sqlite":
            # A column declared UNIQUE … ON CONFLICT REPLACE would delete the other row.
            statement = statement.prefix_with("OR ABORT")
        return statement

    def _values(self, keys: Sequence[Any] | None) -> dict[str, Column]:
        values: dict[str, Column] = {}
        for assignment in self._plain:
            name = self._place.facts_of(assignment.column).name
            values[name] = self._value(assignment, values.get(name), keys)
        return values

    def _value(self, assignment: Assignment, before: Column | None, keys: Sequence[Any] | None) -> Column:
        facts, column = self._place.facts_of(assignment.column), self._place.column(assignment.column)
        match assignment.kind:
            case "null":
                return bind(None)
            case "keep":
                return column
            case "tombstone":
                return self._tombstones.value(assignment, keys)
            case "value":
                return bind(self._fitted(assignment))
        assert assignment.within is not None  # noqa: S101  the contract of remove and replace
        current, path = column if before is None else before, assignment.within.path
        if assignment.kind == "remove":
            return values_json.without(self._engine, facts, current, path)
        return values_json.with_value(self._engine, facts, current, path, assignment.value)

    def _fitted(self, assignment: Assignment) -> object:
        value = fit(self._engine, self._place.facts_of(assignment.column), assignment.value)
        if value is NEVER:
            raise StoreRefused(
                f"collection {self._place.name}: the new value does not fit into column {assignment.column}",
                remedy="shorten it or give it the column's kind",
            )
        return value

    # --- values that are parsed ------------------------------------------------------------------------

    def _needs_parsing(self, assignment: Assignment) -> bool:
        if assignment.within is None:
            return False
        facts = self._place.facts_of(assignment.column)
        within = assignment.within
        return within.format != "json" or not values_json.in_sql(self._engine, facts, within.path)

    def _rewrite(self, assignment: Assignment, keys: Sequence[RawKey]) -> None:
        """Read, change and write back the rows concerned; rows where nothing changes are not touched."""
        place, width = self._place, len(self._place.key)
        column = place.column(assignment.column)
        query = select(*place.columns(place.key), column).where(keysets.own(self._engine, place, keys))
        changed, broken = [], 0
        for row in self._line.execute(query).all():
            try:
                new = self._new_text(assignment, row[width])
            except values_json.Unreadable:
                broken += 1
                continue
            if new != row[width]:
                changed.append({"new_value": new} | {f"key_{i}": part for i, part in enumerate(row[:width])})
        if broken:
            raise StoreRefused(
                f"collection {place.name}: in {broken} rows column {assignment.column} does not hold what the "
                f"map says ({assignment.within.format if assignment.within else ''})",
                remedy="look at these rows, mend them or map the column differently",
            )
        self._write_back(assignment, changed)

    def _new_text(self, assignment: Assignment, raw: Any) -> object:
        assert assignment.within is not None  # noqa: S101  only such assignments are parsed
        new = assignment.value if assignment.kind == "replace" else ABSENT
        if assignment.within.format == "json":
            return values_json.rewritten(raw, assignment.within.path, new)
        written = values_php.rewritten(raw, assignment.within.path, new)
        return written.decode("utf-8", "surrogateescape") if written is not None and isinstance(raw, str) else written

    def _write_back(self, assignment: Assignment, changed: list[dict[str, Any]]) -> None:
        if not changed:
            return
        place = self._place
        tests = [place.column(name) == bindparam(f"key_{i}", type_=NULLTYPE) for i, name in enumerate(place.key)]
        name = place.facts_of(assignment.column).name
        statement = update(place.base).where(*tests).values({name: bindparam("new_value", type_=NULLTYPE)})
        if self._engine == "sqlite":
            statement = statement.prefix_with("OR ABORT")
        self._line.execute(statement, changed)
