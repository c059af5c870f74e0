"""A store that lives in memory: for trying a policy without a database, and the yardstick of the contract.

The same questions and batches as on a real database, answered from plain rows. A batch works on a copy which
takes the place of the tables when everything went well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from troth.connectors.memory.evaluate import Evaluator, Normaliser, fit, inner_values
from troth.connectors.memory.tables import MemoryTable, Row, digest_of
from troth.core import tombstone, within
from troth.core.digest import KeyDigest
from troth.core.errors import StoreChanged, StoreRefused
from troth.core.evidence.pseudonym import normalise
from troth.core.policy.model import Scalar, Store
from troth.core.ports import (
    Assignment,
    Batch,
    Budget,
    Change,
    Count,
    Done,
    Finding,
    Grant,
    Needle,
    Residue,
    SearchReport,
    Span,
    StoreFacts,
    Want,
)  # fmt: skip
from troth.core.query import Everything, Expr, Key, KeySpan

__all__ = ["MemoryConnector", "MemoryTable"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MemoryConnector:
    """Tables by their names, under the policy's collections."""

    def __init__(
        self,
        store: Store,
        tables: Mapping[str, MemoryTable],
        *,
        normaliser: Normaliser = normalise,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._store = store
        self._tables = tables
        self._normalise = normaliser
        self._clock = clock

    @property
    def store(self) -> Store:
        """The policy's description of this store."""
        return self._store

    def _evaluator(self, tables: Mapping[str, MemoryTable] | None = None) -> Evaluator:
        return Evaluator(self._store, self._tables if tables is None else tables, self._normalise)

    def inspect(self) -> StoreFacts:
        """The tables' shape; nothing is hidden here."""
        found, findings = {}, []
        for collection in self._store.collections.values():
            if collection.table in self._tables:
                found[collection.name] = self._tables[collection.table].facts(collection.table)
            else:
                findings.append(
                    Finding("table_missing", "refuse", f"there is no table {collection.table}", collection.name)
                )
        return StoreFacts("memory", "1", found, {}, tuple(findings), (), (), digest_of(self._tables))

    # --- reading ---------------------------------------------------------------------------------------

    def count(self, wants: Sequence[Want]) -> list[Count]:
        """Answers in the order of the questions."""
        return [self._counted(want) for want in wants]

    def _counted(self, want: Want) -> Count:
        evaluator = self._evaluator()
        rows = evaluator.rows(want.collection, want.where)
        key = evaluator.key_of(want.collection)
        digest = _digest(rows, key) if want.digest and key else ""
        clock = want.span
        days = [] if clock is None else [d for r in rows if (d := evaluator.day(want.collection, r, clock))]
        return Count(len(rows), digest, min(days, default=None), max(days, default=None))

    def keys(self, collection: str, where: Expr, columns: Sequence[str] = ()) -> Iterator[Key]:
        """The values of ``columns`` (default: the key) of the rows, in key order."""
        evaluator = self._evaluator()
        names = tuple(columns) or evaluator.key_of(collection) or tuple(evaluator.table(collection).columns)
        for row in evaluator.rows(collection, where):
            yield tuple(row[evaluator.facts(collection, name).name] for name in names)

    def read(self, collection: str, where: Expr, columns: Sequence[str]) -> Iterator[Mapping[str, object]]:
        """Rows as columns (or fields inside columns) to values, in key order."""
        evaluator = self._evaluator()
        for row in evaluator.rows(collection, where):
            yield {name: self._picked(evaluator, collection, row, name) for name in columns}

    def _picked(self, evaluator: Evaluator, collection: str, row: Row, name: str) -> object:
        if name in evaluator.table(collection).columns:
            return row[name]
        field = evaluator.field(collection, name)
        values = inner_values(field, row[field.column])
        if field.within is not None and "*" in field.within.path:
            return values
        return values[0] if values else None

    def spans(self, collection: str, where: Expr, size: int, after: Scalar = None) -> Iterator[Span]:
        """Walk the key of the collection in stretches of ``size`` rows."""
        evaluator = self._evaluator()
        key = evaluator.key_of(collection)
        if not key:
            rows = len(evaluator.table(collection).rows)
            if after is None and rows:
                yield Span(Everything(), None, rows)
            return
        values: list[Any] = sorted({row[key[0]] for row in evaluator.table(collection).rows})
        values = [v for v in values if after is None or v >= after]
        for start in range(0, len(values), size):
            low, following = values[start], values[start + size : start + size + 1]
            high = following[0] if following else None
            resume = high if following else values[-1]
            yield Span(KeySpan(key[0], low, high), resume, len(values[start : start + size]))

    # --- writing ---------------------------------------------------------------------------------------

    def execute(self, batch: Batch) -> Done:
        """Do the batch on a copy; the copy takes the tables' place when everything went well."""
        if self._store.mode.value == "observe":
            raise StoreRefused(f"store {self._store.name} is opened for reading only", store=self._store.name)
        if batch.facts_digest and batch.facts_digest != digest_of(self._tables):
            raise StoreChanged(f"store {self._store.name}: the schema changed", store=self._store.name)
        tables = {name: table.copy() for name, table in self._tables.items()}
        evaluator = self._evaluator(tables)
        found = [(change, self._planned(evaluator, change)) for change in batch.changes]
        rows, room, more = {}, batch.max_rows, False
        for change, planned in found:
            if room <= 0:
                more = True
                break
            more = more or len(planned) > room
            concerned = planned[:room]
            room -= len(concerned)
            rows[change.number] = len(concerned)
            self._apply(evaluator, change, concerned)
            self._verify(evaluator, change, concerned)
        if batch.before_commit is not None:
            batch.before_commit()
        for name, table in tables.items():
            self._tables[name].rows[:] = table.rows
        return Done(rows, {}, more)

    def _planned(self, evaluator: Evaluator, change: Change) -> list[Row]:
        rows = evaluator.rows(change.collection, change.where)
        key, expected = evaluator.key_of(change.collection), change.expected
        differs = expected is not None and (
            len(rows) != expected.rows or bool(key and expected.digest and _digest(rows, key) != expected.digest)
        )
        if differs or (change.limit is not None and len(rows) > change.limit):
            raise StoreChanged(
                f"store {self._store.name}: rows of {change.collection} changed since the plan was made",
                store=self._store.name,
            )
        return rows

    def _apply(self, evaluator: Evaluator, change: Change, rows: list[Row]) -> None:
        table = evaluator.table(change.collection)
        if change.action == "delete":
            gone = {id(row) for row in rows}
            table.rows[:] = [row for row in table.rows if id(row) not in gone]
            return
        for row in rows:
            for assignment in change.assignments:
                facts = evaluator.facts(change.collection, assignment.column)
                value = _written(assignment, row[facts.name])
                if value is None and not facts.nullable:
                    raise StoreRefused(f"store {self._store.name} refuses an empty value", store=self._store.name)
                row[facts.name] = fit(facts, value) if assignment.kind == "value" and value is not None else value

    def _verify(self, evaluator: Evaluator, change: Change, rows: list[Row]) -> None:
        left = {id(row) for row in evaluator.rows(change.collection, change.where)}
        if any(id(row) in left for row in rows):
            raise StoreRefused(
                f"store {self._store.name}: rows of {change.collection} still meet the condition",
                store=self._store.name,
            )

    # --- the rest --------------------------------------------------------------------------------------

    def search(self, needles: Sequence[Needle], budget: Budget, resume: str = "") -> SearchReport:
        """Look for the needles in every text, whatever their case."""
        found: dict[tuple[str, str, str], int] = {}
        searched = 0
        first: dict[str, str] = {}
        for collection in self._store.collections.values():
            first.setdefault(collection.table, collection.name)
        for name, collection_name in first.items():
            for row in self._tables[name].rows:
                searched += 1
                for column, value in row.items():
                    for needle in needles:
                        if _contains(value, needle.value):
                            place = (collection_name, column, needle.kind)
                            found[place] = found.get(place, 0) + 1
        residues = tuple(Residue(*place, rows) for place, rows in sorted(found.items()))
        return SearchReport(residues, searched, (), True)

    def explain(self, wants: Sequence[Want]) -> list[Finding]:
        """Nothing is slow enough to be reported."""
        return []

    def grants(self, account: Literal["inspect", "act"]) -> list[Grant]:
        """There are no accounts."""
        return []

    def now(self) -> datetime:
        """The time (UTC)."""
        return self._clock()

    def close(self) -> None:
        """Nothing to give back."""


def _digest(rows: list[Row], key: tuple[str, ...]) -> str:
    digest = KeyDigest()
    for row in rows:
        digest.add([row[name] for name in key])
    return digest.hexdigest()


def _written(assignment: Assignment, before: object) -> Any:
    match assignment.kind:
        case "null":
            return None
        case "keep":
            return before
        case "value":
            return assignment.value
        case "tombstone":
            return tombstone.make(os.urandom, email=assignment.email)
    if assignment.within is None or assignment.within.format != "json":
        raise StoreRefused("PHP-serialised values are not kept in memory")
    if before is None or before == "":
        return before
    new = assignment.value if assignment.kind == "replace" else within.ABSENT
    parsed = json.loads(before) if isinstance(before, str) else before
    return json.dumps(within.replaced(parsed, assignment.within.path, new))


def _contains(value: object, needle: str) -> bool:
    return isinstance(value, str) and needle.casefold() in value.casefold() and not tombstone.is_tombstone(value)
