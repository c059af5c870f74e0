"""A publisher's SQL database behind the contract of ``core.ports``: SQLite, PostgreSQL, MariaDB and MySQL.

This file only puts the parts together; each part is a module of its own: ``compile`` (conditions),
``resolve`` (what must be looked at first), ``execute`` (the writing transaction), ``reading``, ``spans``,
``search``, and ``inspect``, ``explain``, ``grants`` for the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, literal_column, select

from troth.connectors.sql import reading, spans, stamp, wal
from troth.connectors.sql.binding import scalar
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.connect import open_engine
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.execute import Execution, SchemaMoved
from troth.connectors.sql.explain import explain
from troth.connectors.sql.grants import grants
from troth.connectors.sql.inspect import inspect
from troth.connectors.sql.resolve import Normaliser, Resolver
from troth.connectors.sql.search import Search
from troth.connectors.sql.tables import Places
from troth.core.digest import KeyDigest
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
        self._stamp = ""
        self._uncut = False

    @property
    def store(self) -> Store:
        """The policy's description of this store."""
        return self._store

    # --- what the store is -----------------------------------------------------------------------------

    def inspect(self) -> StoreFacts:
        """Look at the catalogues anew."""
        with cleaned(self._store):
            facts = inspect(self._engine, self._store)
            with self._engine.connect() as connection:
                self._stamp = stamp.taken(connection, facts.tables.values())
        self._facts, self._compiler = facts, None
        return facts

    def _known(self) -> StoreFacts:
        return self._facts if self._facts is not None else self.inspect()

    def _compile(self) -> Compiler:
        if self._compiler is None:
            self._compiler = Compiler(Places(self._store, self._known()))
        return self._compiler

    # --- reading ---------------------------------------------------------------------------------------

    def count(self, wants: Sequence[Want]) -> list[Count]:
        """Answers in the order of the questions, from one snapshot."""
        compiler = self._compile()
        with cleaned(self._store), self._engine.connect() as connection:
            if len(wants) > 1 and connection.dialect.name != "sqlite":
                connection.execution_options(isolation_level="REPEATABLE READ")
            resolver = Resolver(compiler, connection, self._normalise)
            # Plans ask some questions twice: kept for one reason, and for another.
            answers = {want: self._counted(connection, resolver, want) for want in dict.fromkeys(wants)}
            return [answers[want] for want in wants]

    def _counted(self, connection: Connection, resolver: Resolver, want: Want) -> Count:
        compiler = resolver.compiler
        place = compiler.places[want.collection]
        asked = [(want.collection, resolver.whole(want.collection, want.where))]
        digest = ""
        if want.digest and place.key:
            running = KeyDigest()
            found = compiler.statements.run(compiler, connection, asked, "keys", reading.keys_of(place))
            for page in found.partitions(reading.PAGE):
                for row in page:
                    running.add([scalar(part) for part in row])
            digest, rows = running.hexdigest(), running.rows
            if want.span is None:
                return Count(rows, digest)
        build = reading.counting(place, compiler, want.span)
        told = compiler.statements.run(compiler, connection, asked, ("count", want.span), build).one()
        span: list[date | None] = [None, None]
        if want.span is not None:
            span = [compiler.told(want.span, value) for value in tuple(told)[1:]]
        return Count(int(told[0]), digest, span[0], span[1])

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
        compiler = self._compile()
        place = compiler.places[collection]
        tag, build = ("read", *names), reading.in_order(place, tuple(names))
        alone = isinstance(where, Identified) or reading.is_short(place, where)
        with cleaned(self._store), self._connect(alone=alone) as connection:
            reading.make_tolerant(connection)
            expr = Resolver(compiler, connection, self._normalise).whole(collection, where)
            asked = [(collection, expr)]
            if reading.is_short(place, expr):
                yield from reading.paged(compiler.statements.run(compiler, connection, asked, tag, build))
                return
            if not alone:
                slow = reading.unhurried(connection, self._store.statement_timeout)
                with slow if compiler.engine == "mariadb" else nullcontext():
                    found = compiler.statements.run(compiler, connection, asked, tag, build, reading.LONG)
                    yield from reading.paged(found)
                return
        # One identifier, and many rows that hold it: they are read as any other long result.
        yield from self._stream(collection, expr, names)

    def _connect(self, *, alone: bool) -> Connection:
        """A connection to read with. ``alone``: each statement stands for itself, so that PostgreSQL need not be
        told of a transaction's beginning and end."""
        connection = self._engine.connect()
        if alone and connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection

    def spans(self, collection: str, where: Expr, size: int, after: Scalar = None) -> Iterator[Span]:
        """Walk the whole key of the collection; ``where`` is to be combined with each span's condition."""
        place = self._compile().places[collection]
        yield from spans.walk(self._ask, place, size, after, self._extents)

    def _ask(self, query: Select[Any]) -> Sequence[Any]:
        """The first row of a query, in a transaction that ends with it."""
        with cleaned(self._store), self._connect(alone=True) as connection:
            return connection.execute(query).first() or (None,)

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
            with suppress(StoreError), cleaned(self._store):
                self._uncut = not wal.cut(self._engine)

    def _execution(self, batch: Batch) -> Execution:
        compiler = self._compile()
        return Execution(self._store, self._engine, compiler, self._normalise, batch, self._check_schema)

    def _check_schema(self, connection: Connection) -> None:
        """Inside the transaction. Facts that were handed over bear no mark and are believed."""
        if self._facts is None or not self._stamp:
            return
        if stamp.taken(connection, self._facts.tables.values()) != self._stamp:
            raise SchemaMoved(f"store {self._store.name}: the schema is being changed", store=self._store.name)

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
        with cleaned(self._store), self._engine.connect() as connection:
            resolver = Resolver(compiler, connection, self._normalise)
            for want in wants:
                test = compiler.rows(want.collection, resolver.whole(want.collection, want.where))
                place = compiler.places[want.collection]
                query = select(func.count()).select_from(place.clause).where(test)
                found += [replace(f, collection=want.collection) for f in explain(connection, query)]
        return list(dict.fromkeys(found))

    def grants(self, account: Literal["inspect", "act"]) -> list[Grant]:
        """The minimal rights for that account, as statements for this engine."""
        return grants(self._known(), self._store, account)

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
        self._engine.dispose()
