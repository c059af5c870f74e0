"""The sweep: everything past its time goes, in bounded batches, and the rests of earlier erasures on their day; a
restriction ends whose last day is past.

The plan is an upper bound: each batch asks its conditions anew, so that a person who came back meanwhile is
spared. A sweep that would touch more than the store's limits stops and asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from troth.core.errors import StoreError, TrothError
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Scalar
from troth.core.ports import Batch, Change, Finding, Want
from troth.core.query import Everything, Expr, Key, KeyIn, KeySpan, all_of, any_of, none_of, related
from troth.core.records import HoldRecord, Pending, Records
from troth.core.retention.archiving import not_archivable, put_away
from troth.core.retention.due import DueRules, RemoteGuard
from troth.core.retention.undated import undated_rows
from troth.core.retention.units import Unit, member_rows, units_of
from troth.core.rights.assemble import assemble, unreachable_plan
from troth.core.rights.draft import Drafting
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Runner,
    check_runnable,
    enforced,
    finish,
    identify,
    intention,
    manual_hold,
    outcome_line,
    plan_erasure,
    run_store,
    wish_of,
)
from troth.core.rights.hooks import run_hooks, with_hooks
from troth.core.rights.identity import Decisions, Identity, Subject
from troth.core.rights.keepers import ManualHold, Scope
from troth.core.rights.plan import PASSIVE, Plan, Step, StorePlan
from troth.core.rights.rest import still_erased, still_theirs
from troth.core.rights.restrict import lift, plan_lifting
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import set_apart


class Pace(Protocol):
    """How fast a sweep may go, and who watches. Core has no clock of its own."""

    def next_size(self, rows: int) -> int:
        """Called after each batch with the rows it changed: how many rows the next span should hold. Waits here
        if a rate limit says so."""

    def advance(self, place: str, rows: int, total: int) -> None:
        """Progress, for a bar."""


@dataclass(frozen=True)
class SweepPlan:
    """The plan, its units, the rests of earlier erasures whose day has come, and the restrictions that have ended, with
    the plan that takes their flags out of the rows."""

    plan: Plan
    units: tuple[Unit, ...]
    rests: tuple[tuple[Pending, Planned, tuple[Step, ...]], ...]
    archive: tuple[tuple[str, str, int], ...] = ()
    manual: tuple[ManualHold, ...] = field(default=(), repr=False)
    ended: tuple[tuple[HoldRecord, Planned], ...] = ()


# --- planning -------------------------------------------------------------------------------------


def plan_sweep(
    session: Session, records: Records, *, stores: Sequence[str] = (), ignore_limits: bool = False
) -> SweepPlan:
    """Count what is due everywhere, and plan the rests whose day has come."""
    holds = records.holds(session.as_of)
    manual = tuple(manual_hold(h) for h in holds)
    chosen = [name for name in session.stores if not stores or name in stores]
    units: list[Unit] = []
    plans: list[StorePlan] = []
    for name in chosen:
        opened = session.stores[name]
        rules = DueRules(session.policy, opened.graph, session.as_of)
        mine = units_of(rules, dict(session.graphs) | closed_graphs(session))
        units.extend(mine)
        plans.append(_plan_store(opened, rules, mine, manual, ignore_limits))
    plans.extend(unreachable_plan(n, w) for n, w in session.unreachable.items() if not stores or n in stores)
    planned = (_plan_rest(session, p, holds, records) for p in records.due(session.as_of))
    rests = tuple(rest for rest in planned if not _is_idle(*rest))
    scope = {
        "stores": chosen,
        "rests": [rest.plan.digest for _, rest, _ in rests],
        "archive": [f"{purpose}:{place}:{rows}" for purpose, place, rows in records.archive_due(session.as_of)],
    }
    past = () if stores else records.ended(session.as_of)
    ended = tuple((record, plan_lifting(session, record, records)) for record in past)
    if ended:
        scope["ended"] = [planned.plan.digest for _, planned in ended]
    plan = Plan("sweep", session.as_of, session.policy.digest, session.policy.version, tuple(plans), scope)
    return SweepPlan(plan, tuple(units), rests, tuple(records.archive_due(session.as_of)), manual, ended)


def closed_graphs(session: Session) -> dict[str, Any]:
    """Stores that do not answer still have a map: what they would have to say cannot be guessed."""
    from troth.core.ports import StoreFacts
    from troth.core.rights.graph import StoreGraph

    empty = StoreFacts("memory", "", {}, {}, (), (), (), "")
    return {
        name: StoreGraph(store, empty) for name, store in session.policy.stores.items() if name not in session.stores
    }


def _plan_store(
    opened: Opened, rules: DueRules, units: list[Unit], manual: tuple[ManualHold, ...], ignore_limits: bool
) -> StorePlan:
    swept = {m for u in units for m in u.members}
    rows: dict[str, Expr] = {m: Everything() for m in opened.graph.facts.tables if m in swept}
    draft = Drafting(rules, Scope(rows, sweeping=True, manual=manual)).make()
    plan = assemble(opened, draft, rules, exact=False)
    findings = [*plan.findings, *_guard_notes(units), *undated_rows(opened, rules, units)]
    findings.extend(not_archivable(rules, {m for unit in units for m in unit.members}))
    if not ignore_limits:
        findings.extend(_over_limits(opened, plan.steps))
    return with_hooks(replace(plan, findings=tuple(findings)), opened.graph.store, "sweep")


def _guard_notes(units: list[Unit]) -> list[Finding]:
    return [
        Finding(
            "asks_other_store", "note",
            f"before {purpose} counts as over, {', '.join(sorted({g.store for g in guards}))} is asked for each "
            "person; "
            "fewer rows than planned may go", unit.root,
        )
        for unit in units
        for purpose, guards in unit.guards.items()
    ]  # fmt: skip


def _over_limits(opened: Opened, steps: Sequence[Step]) -> list[Finding]:
    limits = opened.graph.store.limits
    writing = [s for s in steps if s.action not in PASSIVE]
    totals = opened.connector.count([Want(s.collection, Everything()) for s in writing])
    findings = []
    for step, total in zip(writing, totals, strict=True):
        share = step.rows / total.rows if total.rows else 0
        if step.rows > limits.rows or (share > limits.share and step.rows > limits.small):
            findings.append(
                Finding(
                    "over_limits", "refuse",
                    f"the sweep would {step.action} {step.rows} of {total.rows} rows of {step.store}.{step.collection},"
                    f" more than its limits allow ({limits.rows} rows, {limits.share:.0%})",
                    step.collection, remedy="look at the plan; if it is right, run it with --plan and its digest",
                )
            )  # fmt: skip
    return findings


def _plan_rest(
    session: Session, pending: Pending, holds: Sequence[HoldRecord], records: Records
) -> tuple[Pending, Planned, tuple[Step, ...]]:
    wish = wish_of(pending)
    if pending.unfinished:
        identity = identify(session, Subject(pending.known), _since(pending, wish.decisions, records), records)
        return pending, plan_erasure(session, identity, wish, holds), ()
    # Of some kinds of data only: whose row it is stands in it still, and what is left is known by its own keys.
    kinds_only = bool(wish.categories)
    anchors, flags = still_theirs(session, pending, wish, records) if kinds_only else still_erased(session, pending)
    missing = {s: session.unreachable[s] for s in anchors if s in session.unreachable}
    identity = Identity(
        pending.known, anchors, (), missing, apart=set_apart(session, anchors, wish.decisions, records)
    )  # fmt: skip
    held = pending.held if kinds_only else None
    return pending, plan_erasure(session, identity, wish, holds, held), tuple(flags)


def _since(pending: Pending, decisions: Decisions, records: Records) -> Decisions:
    """What a human had decided for it, but for rows that were set apart since: these are not its own any more."""
    own = {records.tag(store, name, key) for store, by in pending.anchors.items() for name in by for key in by[name]}
    since = {row for known in pending.known for row in records.apart_of(known)} - own
    return replace(decisions, apart=decisions.apart | since) if since else decisions


def _is_idle(pending: Pending, planned: Planned, flags: tuple[Step, ...]) -> bool:
    """A rest that waits for a state which still holds it: nothing to do, nothing to tell."""
    keeps = any(s.action == "keep" for store in planned.plan.stores for s in store.steps)
    return pending.due is None and keeps and not (planned.plan.changes or flags or planned.plan.unreachable)


# --- carrying out ---------------------------------------------------------------------------------


@dataclass
class Tally:
    """Rows changed and failures, by place."""

    rows: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, steps: Mapping[int, tuple[str, str]], done: Mapping[int, int]) -> int:
        """Count what a batch did; returns its number of rows."""
        for number, rows in done.items():
            place = "/".join(steps[number])
            self.rows[place] = self.rows.get(place, 0) + rows
        return sum(done.values())


def run_sweep(session: Session, sweep: SweepPlan, runner: Runner, pace: Pace) -> list[Outcome]:
    """Carry out the sweep. An interrupted one is taken up where it stopped."""
    check_runnable(session, sweep.plan, incomplete=True, some=True)
    runner, cursor, counts = _begin(sweep, runner)
    tally = Tally(rows=dict(counts))
    # The rests come first: their plans expect exact rows, which the sweep of everybody would change.
    rests = [*_run_rests(session, sweep, runner), *_run_ended(session, sweep, runner)]
    for unit in sweep.units:
        if not _due_in(sweep.plan, unit):
            continue
        _sweep_unit(session, sweep, unit, runner, pace, tally, cursor)
    destroyed = runner.records.destroy_archive(session.as_of)
    swept = _outcomes(sweep.plan, tally)
    swept = [*swept, *_run_sweep_hooks(session, sweep.plan, swept, runner)]
    outcomes = [*rests, *swept, *_archive_outcomes(sweep, destroyed)]
    body = {"request": runner.ref, "outcomes": [outcome_line(o) for o in outcomes]}
    with runner.records.transaction():
        failed = any(o.status == "failed" for o in outcomes)
        runner.records.note(Event("sweep.failed" if failed else "sweep.done", runner.now, body))  # type: ignore[arg-type]
        runner.records.sweep_end(runner.ref, runner.now, tally.rows)
    return outcomes


def _begin(sweep: SweepPlan, runner: Runner) -> tuple[Runner, dict[str, Any], dict[str, int]]:
    """Announce the sweep, or take up the one of the same day and policy that was cut short."""
    plan, records = sweep.plan, runner.records
    name = f"{plan.policy_digest[:16]}:{plan.as_of}:{','.join(plan.scope['stores'])}"
    with records.transaction():
        for given_up in records.sweeps_given_up(name, runner.now):
            records.note(Event("sweep.cancelled", runner.now, {"request": given_up}))
        ref, cursor, counts = records.sweep_start(name, runner.ref, runner.now)
        if ref == runner.ref:
            records.note(Event("sweep.intended", runner.now, intention(plan, ref)))
    return replace(runner, ref=ref), cursor, counts


def _due_in(plan: Plan, unit: Unit) -> bool:
    return any(
        s.collection in unit.members and s.action not in PASSIVE
        for store in plan.stores
        if store.store == unit.store
        for s in store.steps
    )


def _sweep_unit(
    session: Session, sweep: SweepPlan, unit: Unit, runner: Runner, pace: Pace, tally: Tally, cursor: dict[str, Any]
) -> None:
    opened = session.stores[unit.store]
    missing = sorted({g.store for gs in unit.guards.values() for g in gs if g.store in session.unreachable})
    if missing:
        tally.failed[unit.name] = f"{', '.join(missing)} does not answer, so its clocks cannot be read"
        return
    if not enforced(session, unit.store):
        tally.failed[unit.name] = "the store is in mode observe: Troth only looks and plans there"
        return
    place = cursor.get(unit.name, {"after": None, "finished": False})
    if place["finished"]:
        return
    rules = DueRules(session.policy, opened.graph, session.as_of)
    worker = _Worker(session, opened, rules, unit, sweep.manual, runner, tally)
    size, after = pace.next_size(0), place["after"]
    try:
        while True:
            span = next(iter(opened.connector.spans(unit.root, Everything(), size, after)), None)
            if span is None:
                break
            rows = worker.sweep(span.where)
            after = span.resume
            cursor[unit.name] = {"after": _cursor(after), "finished": False}
            runner.records.sweep_save(runner.ref, cursor, tally.rows)
            pace.advance(unit.name, span.rows, opened.facts.tables[unit.root].rows or 0)
            size = pace.next_size(rows)
            if not isinstance(span.where, KeySpan) or span.where.high is None:
                break  # the last one
    except StoreError as error:
        tally.failed[unit.name] = f"{error.message} {error.remedy}".strip()
        return
    cursor[unit.name] = {"after": None, "finished": True}
    runner.records.sweep_save(runner.ref, cursor, tally.rows)


def _cursor(value: Scalar) -> Scalar:
    return value if isinstance(value, int | str) or value is None else str(value)


@dataclass
class _Worker:
    """Sweeps one unit, span by span."""

    session: Session
    opened: Opened
    rules: DueRules
    unit: Unit
    manual: tuple[ManualHold, ...]
    runner: Runner
    tally: Tally

    def sweep(self, span: Expr) -> int:
        """One batch; a deadlock or lock timeout is tried again, since the whole was rolled back."""
        changes, places = self._changes(span)
        if not changes:
            return 0
        put_away(self.session.policy, self.rules, self.opened, changes, self.runner.records)
        limit = self.opened.graph.store.limits.transaction_rows
        batch = Batch(f"sweep:{self.unit.store}", changes, (), self.opened.facts.digest, limit)
        total, more = 0, True
        while more:
            done = self.runner.patiently(partial(self.opened.connector.execute, batch))
            total += self.tally.add(places, done.rows)
            more = done.more
        return total

    def _changes(self, span: Expr) -> tuple[tuple[Change, ...], dict[int, tuple[str, str]]]:
        rows = member_rows(self.opened.graph, self.unit, span)
        over = self._over(span) if self.unit.guards else {}
        draft = Drafting(self.rules, Scope(rows, sweeping=True, manual=self.manual, over=over)).make()
        mine = [d for d in draft.drafts if d.change is not None and d.collection in self.unit.members]
        places = {d.change.number: (f"{self.unit.store}.{d.collection}", str(d.action)) for d in mine if d.change}
        return tuple(d.change for d in mine if d.change), places

    def _over(self, span: Expr) -> dict[tuple[str, str], Expr]:
        """For purposes that other stores have a say in: exactly the persons who were asked about."""
        over: dict[tuple[str, str], Expr] = {}
        graph = self.opened.graph
        for purpose, guards in self.unit.guards.items():
            local = self.rules.over(self.session.policy.purposes[purpose], self.unit.root)
            keys = self._asked(all_of(span, local), purpose, guards)
            at = KeyIn(graph.key_of(self.unit.root), keys)
            for member in self.unit.members:
                ways = any_of(*(related(p, at) for p in graph.paths_up(member, self.unit.root)))
                own = self.rules.over(self.session.policy.purposes[purpose], member)
                over[purpose, member] = all_of(ways, own) if keys else none_of(Everything())
        return over

    def _asked(self, where: Expr, purpose: str, guards: Sequence[RemoteGuard]) -> tuple[Key, ...]:
        """The persons for whom no other store objects and at least one store knows the event."""
        graph = self.opened.graph
        key = graph.key_of(self.unit.root)
        columns = tuple(dict.fromkeys([*key, *(g.column for g in guards)]))
        people = list(self.opened.connector.read(self.unit.root, where, columns))
        local = self.rules.known_here(self.session.policy.purposes[purpose], self.unit.root)
        known = set(self.opened.connector.keys(self.unit.root, all_of(where, local)))
        objected: set[Key] = set()
        for guard in guards:
            by_value: dict[str, list[Key]] = {}
            for row in people:
                value = row[guard.column]
                if value not in (None, ""):
                    by_value.setdefault(str(value), []).append(tuple(row[k] for k in key))  # type: ignore[misc]
            objected |= self._hits(guard, guard.active, by_value)
            known |= self._hits(guard, guard.known, by_value)
        everyone = [tuple(row[k] for k in key) for row in people]
        return tuple(k for k in everyone if k in known and k not in objected)  # type: ignore[misc]

    def _hits(self, guard: RemoteGuard, condition: Expr, by_value: Mapping[str, list[Key]]) -> set[Key]:
        if not by_value:
            return set()
        other = self.session.stores[guard.store].connector
        where = all_of(KeyIn((guard.remote_column,), tuple((v,) for v in by_value)), condition)
        return {
            key
            for (value,) in other.keys(guard.collection, where, (guard.remote_column,))
            for key in by_value.get(str(value), ())
        }


def _run_rests(session: Session, sweep: SweepPlan, runner: Runner) -> list[Outcome]:
    """Each is planned anew just before it runs: two requests of one person leave the same rest twice."""
    holds = runner.records.holds(session.as_of)
    outcomes: list[Outcome] = []
    for pending, _, _ in sweep.rests:
        outcomes.extend(_run_rest(session, *_plan_rest(session, pending, holds, runner.records), runner))
    return outcomes


def _run_rest(
    session: Session, pending: Pending, planned: Planned, flags: tuple[Step, ...], runner: Runner
) -> list[Outcome]:
    """The rest of an earlier erasure."""
    runner = replace(runner, ref=pending.ref)
    outcomes = [Outcome(f, "failed", f.rows, "the key was given to somebody else; a human has to look") for f in flags]
    try:
        check_runnable(session, planned.plan)
    except TrothError as error:
        step = Step(0, "*", "*", "manual", (), 0)
        return [*outcomes, Outcome(step, "failed", 0, f"{pending.ref}: {error.message}")]
    runner.records.note(Event("erasure.resumed", runner.now, intention(planned.plan, pending.ref)))
    done = [o for store in planned.plan.stores for o in run_store(session, store, planned.identity.anchors, runner)]
    finish(session, planned, done, runner, before=pending.cleared)
    return [*outcomes, *done]


def _run_ended(session: Session, sweep: SweepPlan, runner: Runner) -> list[Outcome]:
    """Restrictions whose last day is past: the flags go, then the record."""
    outcomes: list[Outcome] = []
    for record, _ in sweep.ended:
        try:
            outcomes.extend(lift(session, replace(runner, ref=record.ref)))
        except TrothError as error:
            step = Step(0, "*", "*", "manual", (), 0)
            outcomes.append(Outcome(step, "failed", 0, f"{record.ref}: {error.message}"))
    return outcomes


def _run_sweep_hooks(session: Session, plan: Plan, swept: Sequence[Outcome], runner: Runner) -> list[Outcome]:
    """The hooks of the stores in which the sweep changed rows; whose rows they were is not told."""
    outcomes: list[Outcome] = []
    for store in plan.stores:
        changed = [o for o in swept if o.step.store == store.store and o.status == "done" and o.rows]
        if changed:
            hooks = [s for s in store.steps if s.action == "hook"]
            outcomes.extend(run_hooks(session.policy.stores[store.store], hooks, changed, {}, runner.ref, runner.hook))
    return outcomes


def _outcomes(plan: Plan, tally: Tally) -> list[Outcome]:
    outcomes: list[Outcome] = []
    left = dict(tally.rows)
    for store in plan.stores:
        if store.unreachable:
            outcomes.append(_failure(store.store, "*", f"unreachable: {store.unreachable}"))
        for step in store.steps:
            if step.action in ("keep", "flag"):
                outcomes.append(Outcome(step, "kept" if step.action == "keep" else "failed", step.rows))
            elif step.action != "hook" and _ran(step, tally):
                outcomes.append(Outcome(step, "done", left.pop(f"{step.store}.{step.collection}/{step.action}", 0)))
    for place, rows in left.items():
        # What became possible while the sweep ran, such as deleting a row whose last child had just gone.
        name, _, action = place.partition("/")
        store_name, _, collection = name.partition(".")
        step = Step(0, store_name, collection, action, (), rows)  # type: ignore[arg-type]
        outcomes.append(Outcome(step, "done", rows))
    for name, why in tally.failed.items():
        store_name, _, rest = name.partition(".")
        outcomes.append(_failure(store_name, rest.partition(":")[0], why))
    return outcomes


def _ran(step: Step, tally: Tally) -> bool:
    """Whether the unit that does this step ran (wholly or in part)."""
    place = f"{step.store}.{step.collection}/{step.action}"
    return place in tally.rows or not any(name.startswith(f"{step.store}.") for name in tally.failed)


def _failure(store: str, collection: str, why: str) -> Outcome:
    return Outcome(Step(0, store, collection, "manual", (), 0), "failed", 0, why)


def _archive_outcomes(sweep: SweepPlan, destroyed: int) -> list[Outcome]:
    if not destroyed:
        return []
    step = Step(0, "archive", "*", "delete", (), sum(n for _, _, n in sweep.archive))
    return [Outcome(step, "done", destroyed, "sealed copies past their last day, with their keys")]


PaceFactory = Callable[[], Pace]
Now = Callable[[], datetime]
