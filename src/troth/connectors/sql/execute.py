"""The protocol of a writing transaction; the same on every engine.

1. lock the request in that database, 2. compare the schema, 3. lock the person's own rows, 4. find the keys
of every change and compare them with the plan, all before the first write, 5. write by key, comparing row
counts, 6. look again: nothing may meet the conditions any more, 7. commit, 8. look once more.
Any error rolls back the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import func, select

from troth.connectors.sql import freeze, keysets, locks, reading
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.counting import digest_of, keys_together
from troth.connectors.sql.errors import DRIVER_ERRORS, translate
from troth.connectors.sql.line import Answer, Line, Lines
from troth.connectors.sql.resolve import Normaliser, Resolver, has_identifier
from troth.connectors.sql.stamp import Mark
from troth.connectors.sql.tables import Place
from troth.connectors.sql.writing import RawKey, Writer, erase_keys, erase_rows
from troth.core.errors import StoreBusy, StoreChanged, StoreError, StoreRefused, StoreUnreachable, StoreUnsettled
from troth.core.policy.model import Store
from troth.core.ports import Batch, Change, Done
from troth.core.query import And, Differs, Expr, KeySpan, Not, NotClear, Nothing, Or, Related

_PROOF = 1_000
"""Keys looked at to learn whether a commit whose answer was lost took place."""


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


Left = Callable[[], list[tuple[Step, int]]]
"""Tells how many rows are left of each step, once it is asked."""


@dataclass(slots=True)
class Room:
    """How many rows this transaction may still write."""

    left: int


@dataclass(slots=True)
class Execution:
    """One batch on one store."""

    store: Store
    lines: Lines
    compiler: Compiler
    normalise: Normaliser
    batch: Batch
    mark: Mark
    steps: list[Step] = field(default_factory=list)
    more: bool = False

    def run(self) -> Done:
        """The whole protocol. Raises StoreChanged, StoreRefused, StoreBusy or StoreUnreachable."""
        with self.lines.line() as line:
            with ExitStack() as held:
                try:
                    self._work(line, held)
                    if self.batch.before_commit is not None:
                        self.batch.before_commit()
                except BaseException:
                    # Whatever a single statement may have undone, the whole goes.
                    line.rollback()
                    raise
                self._commit(line)
            late = None if line.invalidated else self._if_it_answers(partial(self._late, line))
        if late is None:
            late = self._if_it_answers(self._late_on_another)
        rows = {step.change.number: step.rows for step in self.steps}
        return Done(rows, late or {}, self.more, looked=late is not None)

    def _work(self, line: Line, held: ExitStack) -> None:
        resolver = Resolver(self.compiler, line, self.normalise)
        try:
            with line.together() if self._is_planned() else nullcontext():
                line.begin()
                held.enter_context(locks.advisory(self.compiler, line, self.store, self.batch.name))
                marked = self.mark.ask(line)
                if not line.queues:
                    self.mark.compare(marked)
                self._lock_anchors(line, resolver)
                direct, queued = self._may_sweep_directly(), line.queues
                found = [] if direct else self._find(line, resolver)
        except DRIVER_ERRORS:
            self._was_it_the_schema(line)
            raise
        if queued:
            self.mark.compare(marked)
        if direct:
            self._sweep(line)
            return
        for look in found:
            look()
        self._write_all(line, resolver)

    @property
    def _all_planned(self) -> bool:
        return all(change.expected is not None for change in self.batch.changes)

    def _is_planned(self) -> bool:
        """Whether the plan named the rows by their keys: few enough to be asked for all at once."""
        return self._all_planned and all(self.compiler.places[c.collection].key for c in self.batch.changes)

    def _was_it_the_schema(self, line: Line) -> None:
        """An error on the way to the first write may only mean that a column is gone: then that is said."""
        line.rollback()
        if line.invalidated:
            return
        with suppress(*DRIVER_ERRORS):
            self.mark.compare(self.mark.ask(line))

    def _lock_anchors(self, line: Line, resolver: Resolver) -> None:
        for collection, expr in self.batch.anchors:
            if self.compiler.places[collection].key:
                locks.lock_rows(self.compiler, line, collection, resolver.whole(collection, expr))

    # --- before the first write ------------------------------------------------------------------------

    def _find(self, line: Line, resolver: Resolver) -> list[Callable[[], None]]:
        """Ask for the keys of every change; calling what is returned compares them with the plan, in order."""
        room = Room(self.batch.max_rows)
        looks: list[Callable[[], None]] = []
        if line.kind == "mysql" and self._is_planned() and len(self.batch.changes) > 1:
            steps = [self._step(line, resolver, change) for change in self.batch.changes]
            asked = [(s.change.collection, resolver.clear(s.change.collection, s.where)) for s in steps]
            together = keys_together(self.compiler, line, asked)
            if together is not None:
                return [partial(self._compare_keys, s, k, room) for s, k in zip(steps, together, strict=True)]
        for change in self.batch.changes:
            step, answer = self._ask_keys(line, resolver, change, room)
            look = partial(self._compare_keys, step, answer, room)
            if line.queues:
                looks.append(look)
                continue
            # One answer at a time; and how much room is left decides how many of the next are asked for.
            look()
            if room.left <= 0 and not self._all_planned and change is not self.batch.changes[-1]:
                self.more = True
                break
        return looks

    def _ask_keys(self, line: Line, resolver: Resolver, change: Change, room: Room) -> tuple[Step, Answer]:
        step, run = self._step(line, resolver, change), self.compiler.statements.run
        place, asked = step.place, [(change.collection, resolver.clear(change.collection, step.where))]
        if not place.key:
            return step, run(self.compiler, line, asked, ("count", None), reading.counting(place, self.compiler, None))
        most = max(room.left, change.limit or 0) + 1 if change.expected is None else None
        return step, run(self.compiler, line, asked, ("found", most), reading.in_order(place, place.key, most))

    def _step(self, line: Line, resolver: Resolver, change: Change) -> Step:
        where = resolved = resolver.identities(change.collection, change.where)
        if change.expected is not None:
            where = freeze.frozen(self.compiler, line, resolver, change.collection, where)
        return Step(change, self.compiler.places[change.collection], where, resolved)

    def _compare_keys(self, step: Step, answer: Answer | list[RawKey], room: Room) -> None:
        """Compare with the plan, also what has no room any more: the next part has no counts to go by. At most so
        many as there is room for are to be written."""
        if isinstance(answer, Answer) and not step.place.key:
            step.rows = int(answer.scalar_one())
            self._compare(step, step.rows, "")
        else:
            keys = [tuple(row) for row in answer.all()] if isinstance(answer, Answer) else answer
            self._compare(step, len(keys), self._digest(step.change, keys))
            step.cut, step.keys = len(keys) > room.left, keys[: room.left]
            step.rows = len(step.keys)
        if room.left <= 0:
            self.more = True
            return
        self.steps.append(step)
        room.left -= step.rows
        self.more = self.more or step.cut

    def _digest(self, change: Change, keys: list[RawKey]) -> str:
        if change.expected is None or not change.expected.digest:
            return ""
        return digest_of(keys).hexdigest()

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

    def _write_all(self, line: Line, resolver: Resolver) -> None:
        """Write step after step, and look again: nothing may be left."""
        checks: list[Callable[[], None]] = []
        with line.together() if self._is_planned() else nullcontext():
            for step in self.steps:
                for check in self._write(line, resolver, step):
                    if line.queues:
                        checks.append(check)
                    else:
                        check()
            left = self._ask_left(line, resolver, self._to_verify())
        for check in checks:
            check()
        self._verify(left)

    def _write(self, line: Line, resolver: Resolver, step: Step) -> Iterator[Callable[[], None]]:
        """Send the step's statements; each thing that is yielded compares the row count of one of them."""
        if step.keys is None:
            self._write_without_key(line, resolver, step)
            return
        writer = Writer(self.compiler, line, step.place, step.change)
        # From the last key to the first: rows that refer to others of their table mostly came after them.
        for keys in keysets.chunked(reversed(step.keys), writer.chunk):
            if step.change.action == "delete":
                answer: Answer | None = erase_keys(self.compiler, line, step.place, keys)
            else:
                answer = writer.write(keys)
            yield partial(self._check_written, line, resolver, step, keys, answer)

    def _check_written(
        self, line: Line, resolver: Resolver, step: Step, keys: list[RawKey], answer: Answer | None
    ) -> None:
        count = len(keys) if answer is None else answer.rowcount
        if count != len(keys) or (step.change.action == "update" and not step.planned):
            self._explain_difference(line, resolver, step, keys, count)

    def _write_without_key(self, line: Line, resolver: Resolver, step: Step) -> None:
        collection = step.change.collection
        test = self.compiler.rows(collection, resolver.clear(collection, step.where))
        if step.change.action == "delete":
            count = erase_rows(line, step.place, test)
        else:
            count = Writer(self.compiler, line, step.place, step.change).write_where(test)
        if step.planned and count != step.rows:
            raise self._swallowed(step)
        step.rows = count

    def _explain_difference(self, line: Line, resolver: Resolver, step: Step, keys: list[RawKey], count: int) -> None:
        """A row that is gone was taken by a cascade or by somebody else; one that is still there was
        withheld by a trigger, a rule or row security."""
        test = self._own(step, keys)
        if step.change.action == "update":
            collection = step.change.collection
            test = test & self.compiler.rows(collection, resolver.clear(collection, step.where))
        if self._count(line, step, test):
            raise self._swallowed(step)
        if step.change.action == "update" and step.planned and count < len(keys):
            raise StoreChanged(
                f"store {self.store.name}: rows of {step.change.collection} vanished while they were changed",
                store=self.store.name,
                remedy="make a new plan and look at it",
            )

    def _own(self, step: Step, keys: list[RawKey]) -> Any:
        return keysets.own(self.compiler.engine, step.place, keys)

    def _count(self, line: Line, step: Step, test: Any) -> int:
        query = select(func.count()).select_from(step.place.clause).where(test)
        return int(line.execute(query).scalar_one())

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

    def _sweep(self, line: Line) -> None:
        for change in self.batch.changes:
            step = Step(change, self.compiler.places[change.collection], change.where, change.where)
            test = self.compiler.rows(change.collection, change.where)
            step.rows = erase_rows(line, step.place, test)
            self._check_limit(change, step.rows, change.limit)
            if self._count(line, step, test):
                raise self._swallowed(step)
            self.steps.append(step)

    # --- looking again -----------------------------------------------------------------------------------

    def _to_verify(self) -> list[Step]:
        """The steps after which nothing may be left; not where the batch was cut before all were written."""
        return [s for s in self.steps if (s.planned or s.keys is None) and not s.cut]

    def _verify(self, left: Left) -> None:
        """No row may meet a planned change any more."""
        for step, rows in left():
            if rows:
                raise self._why_left(step)

    def _why_left(self, step: Step) -> StoreError:
        if step.keys is None or step.change.action == "update":
            return self._swallowed(step)
        return StoreChanged(
            f"store {self.store.name}: rows of {step.change.collection} were added while it was being erased",
            store=self.store.name,
            remedy="make a new plan and look at it",
        )

    def _ask_left(self, line: Line, resolver: Resolver, steps: Sequence[Step]) -> Left:
        """How many rows still meet each change's condition: one statement, so one moment."""
        wheres = [(step, resolver.clear(step.change.collection, step.where)) for step in steps]
        asked = [(step, where) for step, where in wheres if not isinstance(where, Nothing)]
        if not asked:
            return list
        places = [step.place for step, _ in asked]

        def build(tests: list[Any]) -> Any:
            counts = (select(func.count()).select_from(p.clause).where(t) for p, t in zip(places, tests, strict=True))
            return select(*(c.scalar_subquery() for c in counts))

        about = [(step.change.collection, where) for step, where in asked]
        answer = self.compiler.statements.run(self.compiler, line, about, "left", build)
        row = None if line.queues else answer.one()
        return lambda: [(step, int(n)) for (step, _), n in zip(asked, row or answer.one(), strict=True)]

    def _late(self, line: Line) -> dict[int, int]:
        """Rows that came after the commit, for instance from a session that had been waiting for us."""
        steps = [s for s in self.steps if s.planned and not s.cut]
        if not steps:
            return {}
        # The value is gone now; a scan of the whole column for nothing would be the usual case.
        resolver = Resolver(self.compiler, line, self.normalise, thorough=False)
        renewed = [self._renewed(line, resolver, s) for s in steps]
        late: dict[int, int] = {}
        for step, rows in (*self._ask_left(line, resolver, steps)(), *self._ask_left(line, resolver, renewed)()):
            late[step.change.number] = late.get(step.change.number, 0) + rows
        return {number: n for number, n in late.items() if n}

    def _late_on_another(self) -> dict[int, int]:
        with self.lines.line() as another:
            return self._late(another)

    @staticmethod
    def _if_it_answers(look: Callable[[], dict[int, int]]) -> dict[int, int] | None:
        """What was found; None where nobody could look. The rows are gone all the same, and that is to be told."""
        try:
            return look()
        except (*DRIVER_ERRORS, StoreError):
            return None

    def _renewed(self, line: Line, resolver: Resolver, step: Step) -> Step:
        """The change for rows that hold the person's identifier since, where they are others than before."""
        where = resolver.identities(step.change.collection, step.change.where)
        if where == step.resolved or not has_identifier(step.change.where):
            return replace(step, where=Nothing())
        return replace(step, where=freeze.frozen(self.compiler, line, resolver, step.change.collection, where))

    # --- commit ------------------------------------------------------------------------------------------

    def _commit(self, line: Line) -> None:
        try:
            line.commit()
        except DRIVER_ERRORS as exc:
            problem = translate(exc, self.store)
            if not isinstance(problem, StoreUnreachable):
                line.rollback()
                raise problem from None
            line.invalidate()
            if not self._learn_whether_committed():
                raise StoreBusy(
                    f"store {self.store.name}: the connection was lost while committing; nothing was changed",
                    store=self.store.name,
                    remedy="run again",
                ) from None

    def _learn_whether_committed(self) -> bool:
        try:
            return self._was_committed()
        except (*DRIVER_ERRORS, StoreError):
            raise StoreUnsettled(
                f"store {self.store.name}: the connection was lost while committing, and whether the change was made "
                "could not be learnt",
                store=self.store.name,
                remedy="run again when the store answers: what is done already is found to be done",
            ) from None

    def _was_committed(self) -> bool:
        """Decided by looking, never by doing it again: is anything of what was to go still there?"""
        with self.lines.line() as line:
            line.begin()
            # The lost session may still be at it; its lock ends with it.
            with locks.advisory(self.compiler, line, self.store, self.batch.name):
                resolver = Resolver(self.compiler, line, self.normalise)
                return not any(self._still_there(line, resolver, step) for step in self.steps)

    def _still_there(self, line: Line, resolver: Resolver, step: Step) -> int:
        collection = step.change.collection
        test = self.compiler.rows(collection, resolver.clear(collection, step.where))
        if step.keys is not None:
            test = test & self._own(step, step.keys[:_PROOF])
        return self._count(line, step, test)


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
        case Related() | NotClear() | Differs():
            return False
        case _:
            return not has_identifier(expr)
