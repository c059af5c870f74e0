"""The protocol of a writing transaction; the same on every engine.

1. lock the request in that database, 2. compare the schema, 3. lock the person's own rows, 4. find the keys
of every change and compare them with the plan, all before the first write, 5. write by key, comparing row
counts, 6. look again: nothing may meet the conditions any more, 7. commit, 8. look once more.
Any error rolls back the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from troth.connectors.sql import freeze, keysets, locks, reading
from troth.connectors.sql.binding import scalar
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.errors import DRIVER_ERRORS, translate
from troth.connectors.sql.resolve import Normaliser, Resolver
from troth.connectors.sql.tables import Place
from troth.connectors.sql.writing import RawKey, Writer, erase_rows
from troth.core.digest import KeyDigest
from troth.core.errors import StoreBusy, StoreChanged, StoreError, StoreRefused, StoreUnreachable
from troth.core.policy.model import Store
from troth.core.ports import Batch, Change, Done
from troth.core.query import And, Expr, KeySpan, Not, NotClear, Nothing, Or, Related

_PROOF = 1_000
"""Keys looked at to learn whether a commit whose answer was lost took place."""


class SchemaMoved(StoreChanged):
    """Something about the schema was changed since it was inspected; whether it matters is to be seen."""


@dataclass(slots=True)
class Step:
    """One change of a batch, with what was found for it before the first write."""

    change: Change
    place: Place
    where: Expr
    resolved: Expr
    keys: list[RawKey] | None = None
    rows: int = 0
    cut: bool = False

    @property
    def planned(self) -> bool:
        """Whether the plan named the rows, so that none may be left or added."""
        return self.change.expected is not None


@dataclass(slots=True)
class Execution:
    """One batch on one store."""

    store: Store
    engine: Engine
    compiler: Compiler
    normalise: Normaliser
    batch: Batch
    check_schema: Callable[[Connection], None]
    steps: list[Step] = field(default_factory=list)
    more: bool = False

    def run(self) -> Done:
        """The whole protocol. Raises StoreChanged, StoreRefused, StoreBusy or StoreUnreachable."""
        with self._connect() as connection:
            transaction = connection.begin()
            try:
                with locks.advisory(connection, self.store, self.batch.name):
                    try:
                        self._work(connection)
                    except BaseException:
                        # Whatever a single statement may have undone, the whole goes.
                        transaction.rollback()
                        raise
                    self._commit(connection, transaction)
            finally:
                if transaction.is_active and not connection.invalidated:
                    transaction.rollback()
        rows = {step.change.number: step.rows for step in self.steps}
        return Done(rows, self._late(), self.more)

    def _connect(self) -> Connection:
        return self.engine.connect().execution_options(troth_write=True)

    def _work(self, connection: Connection) -> None:
        self.check_schema(connection)
        resolver = Resolver(self.compiler, connection, self.normalise)
        self._lock_anchors(connection, resolver)
        if self._may_sweep_directly():
            self._sweep(connection)
            return
        self._prepare(connection, resolver)
        for step in self.steps:
            self._write(connection, resolver, step)
        self._verify(connection, resolver)

    def _lock_anchors(self, connection: Connection, resolver: Resolver) -> None:
        for collection, expr in self.batch.anchors:
            place = self.compiler.places[collection]
            if place.key:
                test = self.compiler.rows(collection, resolver.whole(collection, expr))
                locks.lock_rows(connection, self.compiler.engine, place, test)

    # --- before the first write ------------------------------------------------------------------------

    def _prepare(self, connection: Connection, resolver: Resolver) -> None:
        room = self.batch.max_rows
        for change in self.batch.changes:
            if room <= 0:
                self.more = True
                return
            step = self._found(connection, resolver, change, room)
            self.steps.append(step)
            room -= step.rows
            self.more = self.more or step.cut

    def _found(self, connection: Connection, resolver: Resolver, change: Change, room: int) -> Step:
        """The keys of a change, compared with the plan; at most ``room`` of them are to be written."""
        place = self.compiler.places[change.collection]
        where = resolved = resolver.identities(change.collection, change.where)
        if change.expected is not None:
            where = freeze.frozen(self.compiler, connection, resolver, change.collection, where)
        step = Step(change, place, where, resolved)
        clear = resolver.clear(change.collection, where)
        if not place.key:
            test = self.compiler.rows(change.collection, clear)
            step.rows = connection.execute(select(func.count()).select_from(place.clause).where(test)).scalar_one()
            self._compare(step, step.rows, "")
            return step
        most = max(room, change.limit or 0) + 1 if change.expected is None else None
        asked, build = [(change.collection, clear)], reading.in_order(place, place.key, most)
        found = self.compiler.statements.run(self.compiler, connection, asked, ("found", most), build)
        keys = [tuple(row) for row in found.all()]
        self._compare(step, len(keys), self._digest(change, keys))
        step.cut, step.keys = len(keys) > room, keys[:room]
        step.rows = len(step.keys)
        return step

    def _digest(self, change: Change, keys: list[RawKey]) -> str:
        if change.expected is None or not change.expected.digest:
            return ""
        digest = KeyDigest()
        for key in keys:
            digest.add([scalar(part) for part in key])
        return digest.hexdigest()

    def _compare(self, step: Step, rows: int, digest: str) -> None:
        expected, limit = step.change.expected, step.change.limit
        if expected is not None and (rows != expected.rows or (digest and digest != expected.digest)):
            raise StoreChanged(
                f"store {self.store.name}: rows of {step.change.collection} changed since the plan was made",
                store=self.store.name,
                remedy="make a new plan and look at it",
            )
        self._check_limit(step.change, rows, limit)

    def _check_limit(self, change: Change, rows: int, limit: int | None) -> None:
        if limit is not None and rows > limit:
            raise StoreChanged(
                f"store {self.store.name}: more rows of {change.collection} are concerned than the plan allows",
                store=self.store.name,
                remedy="make a new plan and look at it",
            )

    # --- writing -----------------------------------------------------------------------------------------

    def _write(self, connection: Connection, resolver: Resolver, step: Step) -> None:
        if step.keys is None:
            self._write_without_key(connection, resolver, step)
            return
        writer = Writer(connection, self.compiler.engine, step.place, step.change)
        # From the last key to the first: rows that refer to others of their table mostly came after them.
        for keys in keysets.chunked(reversed(step.keys), writer.chunk):
            if step.change.action == "delete":
                count = erase_rows(connection, step.place, self._own(step, keys))
            else:
                count = writer.write(keys)
            if count != len(keys) or (step.change.action == "update" and not step.planned):
                self._explain_difference(connection, resolver, step, keys, count)

    def _write_without_key(self, connection: Connection, resolver: Resolver, step: Step) -> None:
        collection = step.change.collection
        test = self.compiler.rows(collection, resolver.clear(collection, step.where))
        if step.change.action == "delete":
            count = erase_rows(connection, step.place, test)
        else:
            count = Writer(connection, self.compiler.engine, step.place, step.change).write_where(test)
        if step.planned and count != step.rows:
            raise self._swallowed(step)
        step.rows = count

    def _explain_difference(
        self, connection: Connection, resolver: Resolver, step: Step, keys: list[RawKey], count: int
    ) -> None:
        """A row that is gone was taken by a cascade or by somebody else; one that is still there was
        withheld by a trigger, a rule or row security."""
        test = self._own(step, keys)
        if step.change.action == "update":
            collection = step.change.collection
            test = test & self.compiler.rows(collection, resolver.clear(collection, step.where))
        if self._count(connection, step, test):
            raise self._swallowed(step)
        if step.change.action == "update" and step.planned and count < len(keys):
            raise StoreChanged(
                f"store {self.store.name}: rows of {step.change.collection} vanished while they were changed",
                store=self.store.name,
                remedy="make a new plan and look at it",
            )

    def _own(self, step: Step, keys: list[RawKey]) -> Any:
        return keysets.own(self.compiler.engine, step.place, keys)

    def _count(self, connection: Connection, step: Step, test: Any) -> int:
        query = select(func.count()).select_from(step.place.clause).where(test)
        return int(connection.execute(query).scalar_one())

    def _swallowed(self, step: Step) -> StoreRefused:
        return StoreRefused(
            f"store {self.store.name}: rows of {step.change.collection} are still there although the database "
            "reported no error; nothing was changed",
            store=self.store.name,
            remedy="a trigger, a rule or row-level security withholds them: see `troth check`",
        )

    # --- sweeping a span ---------------------------------------------------------------------------------

    def _may_sweep_directly(self) -> bool:
        """Plain deletions within a span of the key need no list of keys: the condition is in each DELETE."""
        return bool(self.batch.changes) and all(
            c.action == "delete" and c.expected is None and spanned(c.where) and self._is_plain(c)
            for c in self.batch.changes
        )

    def _is_plain(self, change: Change) -> bool:
        return bool(self.compiler.places[change.collection].key) and single_table(change.where)

    def _sweep(self, connection: Connection) -> None:
        for change in self.batch.changes:
            step = Step(change, self.compiler.places[change.collection], change.where, change.where)
            test = self.compiler.rows(change.collection, change.where)
            step.rows = erase_rows(connection, step.place, test)
            self._check_limit(change, step.rows, change.limit)
            if self._count(connection, step, test):
                raise self._swallowed(step)
            self.steps.append(step)

    # --- looking again -----------------------------------------------------------------------------------

    def _verify(self, connection: Connection, resolver: Resolver) -> None:
        """No row may meet a planned change any more, unless the batch was cut before all were written."""
        steps = [s for s in self.steps if (s.planned or s.keys is None) and not s.cut]
        for step, left in zip(steps, self._left(connection, resolver, steps), strict=True):
            if left:
                raise self._why_left(connection, step)

    def _why_left(self, connection: Connection, step: Step) -> StoreError:
        if step.keys is None or step.change.action == "update":
            return self._swallowed(step)
        return StoreChanged(
            f"store {self.store.name}: rows of {step.change.collection} were added while it was being erased",
            store=self.store.name,
            remedy="make a new plan and look at it",
        )

    def _left(self, connection: Connection, resolver: Resolver, steps: list[Step]) -> list[int]:
        """How many rows still meet each change's condition: one statement, so one moment."""
        wheres = [resolver.clear(s.change.collection, s.where) for s in steps]
        asked = [i for i, where in enumerate(wheres) if not isinstance(where, Nothing)]
        left = [0] * len(steps)
        if not asked:
            return left
        places = [steps[i].place for i in asked]

        def build(tests: list[Any]) -> Any:
            counts = (select(func.count()).select_from(p.clause).where(t) for p, t in zip(places, tests, strict=True))
            return select(*(c.scalar_subquery() for c in counts))

        about = [(steps[i].change.collection, wheres[i]) for i in asked]
        found = self.compiler.statements.run(self.compiler, connection, about, "left", build).one()
        for i, count in zip(asked, found, strict=True):
            left[i] = int(count)
        return left

    def _late(self) -> dict[int, int]:
        """Rows that came after the commit, for instance from a session that had been waiting for us."""
        steps = [s for s in self.steps if s.planned and not s.cut]
        if not steps:
            return {}
        with self.engine.connect() as connection:
            # The value is gone now; a scan of the whole column for nothing would be the usual case.
            resolver = Resolver(self.compiler, connection, self.normalise, thorough=False)
            counts = self._left(connection, resolver, steps)
            new = self._left(connection, resolver, [self._renewed(connection, resolver, s) for s in steps])
        late = {s.change.number: n + m for s, n, m in zip(steps, counts, new, strict=True)}
        return {number: n for number, n in late.items() if n}

    def _renewed(self, connection: Connection, resolver: Resolver, step: Step) -> Step:
        """The change for rows that hold the person's identifier since, where they are others than before."""
        where = resolver.identities(step.change.collection, step.change.where)
        if where == step.resolved or not freeze.has_identifier(step.change.where):
            return replace(step, where=Nothing())
        return replace(step, where=freeze.frozen(self.compiler, connection, resolver, step.change.collection, where))

    # --- commit ------------------------------------------------------------------------------------------

    def _commit(self, connection: Connection, transaction: Any) -> None:
        try:
            transaction.commit()
        except DRIVER_ERRORS as exc:
            problem = translate(exc, self.store)
            if not isinstance(problem, StoreUnreachable):
                raise problem from None
            connection.invalidate()
            if not self._was_committed():
                raise StoreBusy(
                    f"store {self.store.name}: the connection was lost while committing; nothing was changed",
                    store=self.store.name,
                    remedy="run again",
                ) from None

    def _was_committed(self) -> bool:
        """Decided by looking, never by doing it again: is anything of what was to go still there?"""
        # The lost session may still be at it; its lock ends with it.
        lock = locks.advisory
        with self._connect() as connection, connection.begin(), lock(connection, self.store, self.batch.name):
            resolver = Resolver(self.compiler, connection, self.normalise)
            return not any(self._still_there(connection, resolver, step) for step in self.steps)

    def _still_there(self, connection: Connection, resolver: Resolver, step: Step) -> int:
        collection = step.change.collection
        test = self.compiler.rows(collection, resolver.clear(collection, step.where))
        if step.keys is not None:
            test = test & self._own(step, step.keys[:_PROOF])
        return self._count(connection, step, test)


def spanned(expr: Expr) -> bool:
    """Whether the condition is bounded by a span of the key."""
    return isinstance(expr, KeySpan) or (isinstance(expr, And) and any(isinstance(p, KeySpan) for p in expr.parts))


def single_table(expr: Expr) -> bool:
    """Whether the condition speaks of nothing but its own row, in words that SQL has."""
    match expr:
        case And(parts) | Or(parts):
            return all(single_table(p) for p in parts)
        case Not(part):
            return single_table(part)
        case Related() | NotClear():
            return False
        case _:
            return not freeze.has_identifier(expr)
