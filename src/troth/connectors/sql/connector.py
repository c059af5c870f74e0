"""A publisher's SQL database behind the contract of ``core.ports``: SQLite, PostgreSQL, MariaDB and MySQL.

This file only puts the parts together; each part is a module of its own: ``compile`` (conditions),
``resolve`` (what must be looked at first), ``execute`` (the writing transaction), ``reading``, ``spans``,
``search``, and ``inspect``, ``explain``, ``grants`` for the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Select, func, literal_column, select

from troth.connectors.sql import reading, spans, wal
from troth.connectors.sql.binding import scalar
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.connect import open_engine
from troth.connectors.sql.counting import counts
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.execute import Execution
from troth.connectors.sql.explain import explain
from troth.connectors.sql.grants import grants
from troth.connectors.sql.inspect import inspect
from troth.connectors.sql.line import Line, Lines
from troth.connectors.sql.prepared import composed
from troth.connectors.sql.refusals import Refusals
from troth.connectors.sql.resolve import Normaliser, Resolver, TooMany
from troth.connectors.sql.search import Search
from troth.connectors.sql.stamp import Mark, SchemaMoved
from troth.connectors.sql.tables import Place, Places
from troth.core.errors import StoreChanged, StoreError
from troth.core.evidence.pseudonym import normalise
from troth.core.policy.model import Scalar, Store
from troth.core.ports import (
    Batch,
    Budget,
    Count,
    Done,
    Finding,
    Grant,
    Needle,
    SearchReport,
    Span,
    StoreFacts,
    Want,
)  # fmt: skip
from troth.core.query import Expr, Identified, Key


class SqlConnector:
    """One SQL store. It connects when first asked; ``close`` gives everything back.

    ``facts``: what an account with wider rights has found (``troth grants``); without it the store is
    inspected when first needed.
    """

    def __init__(
        self, store: Store, url: str, *, facts: StoreFacts | None = None, normaliser: Normaliser = normalise
    ) -> None:
        self._store = store
        self._engine = open_engine(store, url)
        self._normalise = normaliser
        self._facts = facts
        self._compiler: Compiler | None = None
        self._extents: dict[str, spans.Extent] = {}
        self._lines = Lines(store, self._engine)
        self._mark = Mark(store, self._engine.dialect, ())
        self._uncut = False

    @property
    def store(self) -> Store:
        """The policy's description of this store."""
        return self._store

    def by(self, store: Store) -> SqlConnector:
        """The same tables by another description of them, over the same connections; it is not closed by itself."""
        self._known()
        other = copy(self)
        other._store, other._compiler, other._extents = store, None, {}
        return other

    # --- what the store is -----------------------------------------------------------------------------

    def inspect(self) -> StoreFacts:
        """Look at the catalogues anew."""
        with cleaned(self._store):
            facts = inspect(self._engine, self._store)
            mark = Mark(self._store, self._engine.dialect, facts.tables.values())
            with self._lines.line() as line:
                mark.take(line)
        self._facts, self._compiler, self._mark = facts, None, mark
        return facts

    def _known(self) -> StoreFacts:
        return self._facts if self._facts is not None else self.inspect()

    def _compile(self) -> Compiler:
        if self._compiler is None:
            self._compiler = Compiler(Places(self._store, self._known()))
        return self._compiler

    # --- reading ---------------------------------------------------------------------------------------

    def count(self, wants: Sequence[Want]) -> list[Count]:
        """Answers in the order of the questions, as of one moment."""
        compiler = self._compile()
        with cleaned(self._store), self._lines.line() as line:
            found = counts(compiler, line, Resolver(compiler, line, self._normalise), wants)
        return [found[want] for want in wants]

    def keys(self, collection: str, where: Expr, columns: Sequence[str] = ()) -> Iterator[Key]:
        """The values of ``columns`` (default: the key) of the rows, in key order, streamed."""
        place = self._compile().places[collection]
        names = tuple(columns) or place.key or tuple(place.facts.columns)
        for row in self._stream(collection, where, names):
            yield tuple(scalar(part) for part in row)

    def read(self, collection: str, where: Expr, columns: Sequence[str]) -> Iterator[Mapping[str, object]]:
        """Rows as columns (or fields inside columns) to Python values, in key order, streamed."""
        picker = reading.Picker(self._compile().places[collection], columns)
        for row in self._stream(collection, where, picker.columns):
            yield picker.pick(row)

    def _stream(self, collection: str, where: Expr, names: Sequence[str]) -> Iterator[Sequence[Any]]:
        """The rows: a page of them at once, which mostly are all; else one after the other."""
        compiler = self._compile()
        place, columns = compiler.places[collection], tuple(names)
        with cleaned(self._store):
            with self._lines.line() as line:
                resolver = Resolver(compiler, line, self._normalise)
                if isinstance(where, Identified):
                    with suppress(TooMany):
                        for row in resolver.holders(collection, where, columns, reading.PAGE):
                            yield row[1:]
                        return
                expr = resolver.whole(collection, where)
                rows = self._first_rows(compiler, line, place, expr, columns)
                if line.kind == "sqlite" or len(rows) <= reading.PAGE:
                    yield from reading.paged(rows) if line.kind == "sqlite" else rows
                    return
            yield from self._long(compiler, place, expr, columns)

    def _first_rows(self, compiler: Compiler, line: Line, place: Place, expr: Expr, columns: tuple[str, ...]) -> Any:
        """All rows on SQLite, which computes them as they are read; elsewhere a page of them and one more."""
        all_of_them = line.kind == "sqlite" or reading.is_short(place, expr)
        tag, build = ("read", *columns), reading.in_order(place, columns)
        if not all_of_them:
            tag, build = ("few", *columns), reading.few(place, columns, reading.PAGE + 1)
        answer = compiler.statements.run(compiler, line, [(place.name, expr)], tag, build)
        return answer if line.kind == "sqlite" else answer.all()

    def _long(self, compiler: Compiler, place: Place, expr: Expr, columns: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        """Rows without end, in constant memory."""
        with self._engine.connect() as connection:
            reading.make_tolerant(connection.connection.driver_connection, connection.dialect.name)
            slow = reading.unhurried(connection, self._store.statement_timeout)
            statement = composed(compiler, [(place.name, expr)], reading.in_order(place, columns))
            with slow if compiler.engine == "mariadb" else nullcontext():
                yield from reading.paged(connection.execute(statement, execution_options=reading.LONG))

    def spans(self, collection: str, where: Expr, size: int, after: Scalar = None) -> Iterator[Span]:
        """Walk the whole key of the collection; ``where`` is to be combined with each span's condition."""
        place = self._compile().places[collection]
        yield from spans.walk(self._ask, place, size, after, self._extents)

    def _ask(self, query: Select[Any]) -> Sequence[Any]:
        """The first row of a query, in a transaction that ends with it."""
        with cleaned(self._store), self._lines.line() as line:
            return line.execute(query).first() or (None,)

    # --- writing ---------------------------------------------------------------------------------------

    def execute(self, batch: Batch) -> Done:
        """Do the batch in one transaction; see ``execute.Execution``.

        With ``more`` set, what is left has other counts than the plan: plan again, or go on without them.
        """
        facts = self._known()
        if batch.facts_digest and batch.facts_digest != facts.digest:
            raise self._schema_changed()
        with cleaned(self._store):
            try:
                done = self._execution(batch).run()
            except SchemaMoved:
                # What the plan relied on may still be the same: look, and try once more.
                if self.inspect().digest != facts.digest:
                    raise self._schema_changed() from None
                done = self._execution(batch).run()
            self._uncut = self._uncut or (facts.engine == "sqlite" and any(done.rows.values()))
            if any(change.expected is not None for change in batch.changes):
                self._cut()
        return done

    def _cut(self) -> None:
        """After an erasure, and once after all batches of a sweep. The rows are gone whether or not it goes."""
        if self._uncut:
            with suppress(StoreError), cleaned(self._store), self._lines.line() as line:
                self._uncut = not wal.cut(line)

    def _execution(self, batch: Batch) -> Execution:
        return Execution(self._store, self._lines, self._compile(), self._normalise, batch, self._mark)

    def _schema_changed(self) -> StoreChanged:
        return StoreChanged(
            f"store {self._store.name}: the schema changed since the plan was made",
            store=self._store.name,
            remedy="make a new plan and look at it",
        )

    # --- the rest --------------------------------------------------------------------------------------

    def search(self, needles: Sequence[Needle], budget: Budget, resume: str = "") -> SearchReport:
        """Look for the needles in every text column of the mapped tables, within the budget."""
        with cleaned(self._store), self._engine.connect() as connection:
            return Search(self._compile().places, connection, needles, budget).run(resume)

    def explain(self, wants: Sequence[Want]) -> list[Finding]:
        """Ask the engine how it would find these rows; whole reads of large tables become findings."""
        compiler = self._compile()
        found: list[Finding] = []
        with cleaned(self._store), self._engine.connect() as connection, self._lines.line() as line:
            resolver = Resolver(compiler, line, self._normalise)
            for want in wants:
                test = compiler.rows(want.collection, resolver.whole(want.collection, want.where))
                place = compiler.places[want.collection]
                query = select(func.count()).select_from(place.clause).where(test)
                found += [replace(f, collection=want.collection) for f in explain(connection, query)]
        return list(dict.fromkeys(found))

    def grants(self, account: Literal["inspect", "act"]) -> list[Grant]:
        """The minimal rights for that account, as statements for this engine."""
        return grants(self._known(), self._store, account)

    def refusals(self) -> Refusals:
        """The tables in the store that say which rows must not be used for which purpose."""
        return Refusals(self._store, self._compile().places, self._lines, self._engine)

    def now(self) -> datetime:
        """The store's own clock (UTC)."""
        with cleaned(self._store), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                told = connection.execute(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now"))).scalar_one()
                return datetime.fromisoformat(told).replace(tzinfo=UTC)
            if connection.dialect.name == "postgresql":
                moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
                return moment.astimezone(UTC)
            moment = connection.execute(select(literal_column("UTC_TIMESTAMP(6)"))).scalar_one()
            return moment.replace(tzinfo=UTC)

    def close(self) -> None:
        """Give back the connections."""
        self._cut()
        self._lines.close()
        self._engine.dispose()
