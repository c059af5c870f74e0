"""Flags set and given back so that neither a crash at any moment nor two workers at once leave the wrong word in a row.

Who sets a flag (1) notes in Troth's state what stands in the row, as something that is only about to be written; (2)
writes in a transaction of the store, on condition that this still stands there, under a lock; (3) says in the state,
before that transaction is committed, that it is written, or rolls back where the decision has been taken back
meanwhile; (4) waits for whoever else has such a row in hand, and looks once more whether it says so.

Who gives a row back (1) waits for whoever is about to set it; (2) writes, and asks the state before the commit, with
the row locked, whether somebody needs the flag since; (3) ends the decision only while it remembers nothing but what
was given back.

Whoever notes before the other asks is seen by them; else the other has the row locked already, and is waited for. Only
what is known to be written is ever put back: what was noted, and no more, may be somebody else's word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from troth.core.errors import StoreChanged, StoreError, StoreUnreachable
from troth.core.policy.model import Collection
from troth.core.ports import Batch
from troth.core.query import Expr, Key, KeyIn, Nothing, all_of, none_of
from troth.core.rights.acting import run_plan
from troth.core.rights.before import Before, without
from troth.core.rights.erase import Outcome, Planned, Runner, check_runnable, enforced, run_store
from troth.core.rights.flags import Flags, compared, inherited, unwritten
from troth.core.rights.identity import Identity
from troth.core.rights.plan import Step, StorePlan
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import person_rows, rows_apart

_TURNS = 3
"""So often a row is looked at once more while others change it."""

Left = Callable[[str, str, Sequence[Key]], Iterable[Key]]
"""Which of these rows of a collection in a store are to be left as they are."""
NOTHING_LEFT: Left = lambda store, collection, keys: ()  # noqa: E731
Wanted = Callable[[Collection], Iterable[Flags]]


@dataclass(frozen=True)
class Marking:
    """One decision about a person, or several of one request, each with its own memory.

    ``names``: which flags each of them sets, by the name of its record. ``again``: the plan as the rows stand now, but
    for those that are to be left. ``begin`` puts the decisions on record; ``told`` is what the ledger hears before
    these stores are written, and ``over`` after.
    """

    session: Session
    identity: Identity
    runner: Runner
    names: Mapping[str, Wanted]
    again: Callable[[Left], Planned]
    begin: Callable[[], None]
    told: Callable[[Sequence[StorePlan]], None] = lambda stores: None
    over: Callable[[Sequence[Outcome]], None] = lambda outcomes: None
    only: Sequence[tuple[str, str, tuple[Key, ...]]] | None = None
    """The rows that it is about, by store and collection; None for all of the person's."""

    def run(self, first: Iterable[StorePlan]) -> list[Outcome]:
        """Set the flags of this first plan, and of what is found to be left after it."""
        rows = [(name, *some) for name in self.names for some in self.only or ()]
        if self.only is None:
            rows = rows_of(self.session, self.identity, self.names)
        outcomes: list[Outcome] = []
        mine: dict[tuple[str, str], set[Key]] = {}
        stores = to_set(first)
        for turn in range(_TURNS):
            theirs, done = self._one_turn(stores, mine, turn)
            outcomes += done
            if any(map(failed, done)):
                break
            done = self._wait(theirs)
            outcomes += done
            stores = to_set(self.again(lambda s, c, _: mine.get((s, c), ())).plan.stores) if not done else []
            if not stores and all(one.done for one in theirs):
                break
        away = {one.step.store for one in outcomes if failed(one)}
        with self.runner.records.transaction():
            for name, store, collection, keys in rows:
                if store not in away:
                    self.runner.records.reached(name, store, collection, keys)
        return outcomes

    def _one_turn(
        self, stores: Sequence[StorePlan], mine: dict[tuple[str, str], set[Key]], turn: int
    ) -> tuple[list[Before], list[Outcome]]:
        held, before = compared(self.session, stores)
        for one in before:
            mine.setdefault((one.store, one.collection), set()).update(one.keys)
        with self.runner.records.transaction():
            if turn == 0:
                self.begin()
            theirs = [one for name in self.names for one in self._note(name, before)]
            if held:
                self.told(held)
        outcomes: list[Outcome] = []
        for store in held:
            outcomes += self._write(store, before)
        if held:
            self.over(outcomes)
        return theirs, outcomes

    def _note(self, name: str, before: Sequence[Before]) -> list[Before]:
        """Remember what is about to be written, and what others remember of rows that say so already; returns this."""
        records, flags = self.runner.records, self.names[name]
        theirs = inherited(self.session, self.identity, self.runner, name, flags)
        known = [one for one in records.remembered(name) or () if one.done]
        sure = [one for one in theirs if one.done]
        unsure = without([one for one in theirs if not one.done], known)
        noted = [replace(one, done=False) for one in self._of(name, before)]
        records.remember(name, [*noted, *sure, *unsure], self.identity.anchors)
        return theirs

    def _write(self, store: StorePlan, before: Sequence[Before]) -> list[Outcome]:
        records = self.runner.records
        here = {name: [b for b in self._of(name, before) if b.store == store.store] for name in self.names}

        def settled(_: str) -> None:
            for name, written in here.items():
                if not records.settle(name, written):
                    raise StoreChanged("it was taken back meanwhile", store=store.store)

        runner = replace(self.runner, before_commit=settled)
        done = run_store(self.session, store, self.identity.anchors, runner)
        for name, written in here.items() if unwritten(done) else ():
            records.forget(name, written)
        return done

    def _of(self, name: str, before: Iterable[Before]) -> list[Before]:
        """What concerns the flags of one decision."""
        found = []
        for one in before:
            collection = self.session.policy.stores[one.store].collections[one.collection]
            if any(one.column == flag.column for flags in self.names[name](collection) for flag in flags):
                found.append(one)
        return found

    def _wait(self, theirs: Sequence[Before]) -> list[Outcome]:
        try:
            wait_for(self.session, theirs, self.runner)
        except StoreError as error:
            step = Step(0, error.store or "*", "*", "set", (), 0)
            return [Outcome(step, "failed", 0, error.message)]
        return []


def unheard(opened: Opened, rows: Mapping[str, Expr], left: Left) -> dict[str, Expr]:
    """These rows but for those that are to be left."""
    if left is NOTHING_LEFT:
        return dict(rows)
    found: dict[str, Expr] = {}
    for name, where in rows.items():
        key = opened.graph.key_of(name)
        some = tuple(left(opened.graph.store.name, name, tuple(opened.connector.keys(name, where)))) if key else ()
        found[name] = all_of(where, none_of(KeyIn(key, some))) if some else where
    return found


def failed(outcome: Outcome) -> bool:
    """Whether something that was to be written was not."""
    return outcome.status == "failed" and outcome.step.action != "flag"


def to_set(stores: Iterable[StorePlan]) -> list[StorePlan]:
    """The stores in which a flag is to be set."""
    return [store for store in stores if any(s.rows and s.action == "set" for s in store.steps)]


def rows_of(
    session: Session, identity: Identity, names: Mapping[str, Wanted]
) -> list[tuple[str, str, str, tuple[Key, ...]]]:
    """The person's rows, but for those set apart, in the collections that have such flags: decision, store, collection,
    keys. A table without a key has no names for its rows."""
    found = []
    for store, opened in session.stores.items():
        keys: dict[str, tuple[Key, ...]] = {}
        anchors = identity.anchors.get(store, {})
        mine = person_rows(opened, anchors)
        apart = rows_apart(opened.graph, mine, anchors, identity.apart.get(store, {}))
        for collection, rows in mine.items():
            where = all_of(rows, none_of(apart.get(collection, Nothing())))
            for name, flags in names.items():
                if opened.graph.key_of(collection) and any(flags(opened.graph.store.collections[collection])):
                    if collection not in keys:
                        keys[collection] = tuple(opened.connector.keys(collection, where))
                    found.append((name, store, collection, keys[collection]))
    return found


def wait_for(session: Session, rows: Iterable[Before], runner: Runner) -> None:
    """Return when nobody has these rows in hand who had them before. Raises StoreError."""
    by: dict[str, dict[str, set[Key]]] = {}
    for one in rows:
        by.setdefault(one.store, {}).setdefault(one.collection, set()).update(one.keys)
    for store, collections in by.items():
        opened = session.stores.get(store)
        if opened is None or not enforced(session, store):
            continue
        locks = tuple(
            (name, KeyIn(opened.graph.key_of(name), tuple(sorted(keys, key=repr))))
            for name, keys in sorted(collections.items()) if name in opened.facts.tables and opened.graph.key_of(name)
        )  # fmt: skip
        name = hashlib.sha256(repr(locks).encode()).hexdigest()[:32]
        batch = Batch(f"{store}:wait:{name}", (), locks, opened.facts.digest)
        runner.patiently(lambda batch=batch, opened=opened: opened.connector.execute(batch))  # type: ignore[misc]


def give_back(
    session: Session, name: str, runner: Runner, kind: str,
    plan: Callable[[Sequence[Before]], tuple[Planned, Sequence[Before]]], end: Callable[[Sequence[Before]], bool],
) -> list[Outcome]:  # fmt: skip
    """Give the rows of one decision back, then end it. ``plan`` makes the plan out of what is remembered, and says what
    of that it is about; ``end`` ends the decision while it remembers nothing else, and says whether it did; a failed
    outcome where that never came to pass.

    Raises StoreUnreachable and PlanRefused when a store cannot be changed now: then it stays in force.
    """
    records = runner.records
    outcomes: list[Outcome] = []
    for _ in range(_TURNS):
        said = records.remembered(name)
        if said is None:
            break
        wait_for(session, said, runner)
        planned, due = plan(said)
        for store in planned.plan.unreachable:
            raise StoreUnreachable(f"{store} does not answer", remedy="its rows carry the flag; try again later")
        check_runnable(session, planned.plan)
        outcomes = _given(session, planned, replace(runner, ref=name), kind, due)
        if any(one.status == "failed" and not one.untouched for one in outcomes):
            break
        if not any(one.status == "failed" for one in outcomes) and end(said):
            break
    else:
        if not any(one.status == "failed" for one in outcomes):
            why = "others go on changing what is remembered of its rows; it stays in force"
            return [*outcomes, Outcome(Step(0, "*", "*", "set", (), 0), "failed", 0, why)]
    return outcomes


def _given(session: Session, planned: Planned, runner: Runner, kind: str, due: Sequence[Before]) -> list[Outcome]:
    def still_free(_: str) -> None:
        if without(due, runner.records.beside(runner.ref)) != [*due]:
            raise StoreChanged("somebody else needs the flag since", remedy="try again")

    held = replace(runner, before_commit=still_free)
    return run_plan(session, planned, held, kind) if planned.plan.changes else []
