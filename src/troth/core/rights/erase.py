"""Erasure of one person (GDPR Article 17): plan, and carry out the plan.

Nothing is written that the plan did not list. The intention is durable before the first write, the outcome
after the last; what a crash leaves undone is found again under the person's keyed hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Literal

from troth.core.errors import PlanRefused, StoreError, StoreUnsettled
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Mode
from troth.core.ports import Batch, Change, Done, Finding, Want
from troth.core.query import Expr, Key, KeyIn, Or, all_of, any_of
from troth.core.records import Anchors, Held, HoldRecord, Known, Pending, Records
from troth.core.retention.due import DueRules
from troth.core.retries import with_retries
from troth.core.rights.assemble import assemble, flag_step, unreachable_plan
from troth.core.rights.draft import Drafting, StoreDraft
from troth.core.rights.hooks import Nowhere, RunHook, run_hooks, with_hooks
from troth.core.rights.identity import Decisions, Identity, Search, Subject, without
from troth.core.rights.keepers import ManualHold, Scope
from troth.core.rights.leading import across
from troth.core.rights.plan import PASSIVE, Plan, Step, StorePlan
from troth.core.rights.rest import Cleared, both, held_of, merge, only_held, rest_of, to_clear, together
from troth.core.rights.session import Opened, Session
from troth.core.rights.template import filled_draft, nobody, once
from troth.core.rights.whose import keep_apart, not_theirs, person_rows, set_apart
from troth.core.rights.wish import Wish, check_wish, covers, wish_from, wish_of


@dataclass(frozen=True)
class Planned:
    """A plan together with what is needed to carry it out and must not be printed."""

    plan: Plan
    identity: Identity
    wish: Wish
    held: Held | None = None
    """What it is about, where it is what an erasure of some kinds of data has left for this day."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended. ``status``: done, kept or failed; ``untouched``: it is certain that nothing was written."""

    step: Step
    status: Literal["done", "kept", "failed"]
    rows: int
    detail: str = ""
    untouched: bool = False


KEPT_BY = ("hold", "manual", "purpose", "leads", "needed_by_kept", "referenced", "undescribed")
"""Why something is kept: by the law, by somebody's hand, for another purpose; since what stays for other uses is found
by it, rows that stay belong to it, others refer to it, or no policy describes it."""


# --- planning -------------------------------------------------------------------------------------


def identify(session: Session, subject: Subject, decisions: Decisions, records: Records) -> Identity:
    """Find the person; an erasure of theirs that a crash cut short lends its identifiers, and what a human has set
    apart for it. Rows that were set apart for another request are in doubt: a human says it again, or otherwise."""
    known: dict[Known, None] = dict.fromkeys(subject.identifiers)
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    resumed: list[Pending] = []
    for pending in records.unfinished(subject.identifiers):
        resumed.append(pending)
        known.update(dict.fromkeys(pending.known))
        merge(anchors, pending.anchors)
        decisions = replace(decisions, apart=decisions.apart | wish_of(pending).decisions.apart)
    search = Search(session.policy, session.stores, decisions, anchors, records.tag, records.apart_of)
    found = search.run(Subject(tuple(known)))
    merge(anchors, found.anchors)
    unreachable = {**session.unreachable, **found.unreachable}
    found = replace(found, anchors=anchors, unreachable=unreachable, resumed=tuple(resumed))
    return _parted(session, found, decisions, search.said, records) if decisions.apart or search.said else found


def _parted(session: Session, found: Identity, decisions: Decisions, said: set[str], records: Records) -> Identity:
    """Without the rows that were set apart. ``said``: those that were for earlier requests, also where it is another
    row of the person that leads to them."""
    own = without(found.anchors, decisions.apart, records.tag)
    others = said - decisions.apart - {records.tag(*row) for row in row_keys(own)}
    if not decisions.shared:
        decisions = replace(decisions, apart=decisions.apart | others)
    elif not found.unreachable:
        again = ((known, row) for known in found.known for row in sorted(others))
        found = replace(found, reopened=(*found.reopened, *again))
    return replace(found, anchors=own, apart=set_apart(session, own, decisions, records))


def plan_erasure(
    session: Session, identity: Identity, wish: Wish, holds: Sequence[HoldRecord], held: Held | None = None
) -> Planned:  # fmt: skip
    """The plan for a person who was found. Pure but for the counts it asks for. ``held``: only what an erasure of some
    kinds of data has left for this day."""
    check_wish(session, wish)
    manual = tuple(manual_hold(h) for h in holds)
    lead = across(session, identity.anchors, wish.purposes, wish.collections, wish.categories)
    stores = [
        plan_store(session, opened, identity.anchors, wish, manual, identity.apart, lead, held)
        for opened in session.stores.values()
    ]
    resumed = {store for pending in identity.resumed for store in pending.anchors}
    stores = [
        with_hooks(
            _with_flags(session, s, identity, wish),
            session.policy.stores[s.store],
            "erase",
            resumed=s.store in resumed,
            part=wish.partial,
        )
        for s in stores
    ]
    stores.extend(unreachable_plan(name, why) for name, why in identity.unreachable.items())
    plan = Plan(
        "erase", session.as_of, session.policy.digest, session.policy.version, tuple(stores),
        scope={k: list(v) for k, v in wish.scope.items()}, found=identity.found,
    )  # fmt: skip
    return Planned(plan, identity, wish, held)


def plan_store(
    session: Session, opened: Opened, anchors: Anchors, wish: Wish, manual: tuple[ManualHold, ...],
    apart: Anchors | None = None, lead: Anchors | None = None, held: Held | None = None,
) -> StorePlan:  # fmt: skip
    """The part of an erasure plan that concerns one store. ``apart``: rows that are somebody else's; ``lead``: those
    that lead to others in another store (``leading.across``); ``held`` as in ``plan_erasure``."""
    rules = DueRules(session.policy, opened.graph, session.as_of)
    keys = anchors.get(opened.graph.store.name, {})
    mine = person_rows(opened, keys)
    others = (apart or {}).get(opened.graph.store.name, {})
    untouched = not_theirs(opened, mine, keys, others, wish.decisions)
    doubtful = {name: where for name, where in untouched.items() if wish.concerns(opened.graph, name)}
    flags = () if wish.decisions.shared else shared_flags(opened, mine, doubtful)
    led = (lead or {}).get(opened.graph.store.name, {})
    if manual or others or led or held:
        # Somebody's rows by name: nothing that another person's plan could share.
        leading: dict[str, Expr] = {name: KeyIn(opened.graph.key_of(name), found) for name, found in led.items()}
        draft = _drafted(opened, rules, mine, wish, manual, untouched, leading, held)
    else:
        what = ("draft", session.policy.digest, session.as_of, wish, *sorted(nobody(keys)))
        one = once(opened.graph, what, lambda: _drafted_for_all(opened, rules, nobody(keys), wish))
        draft = replace(one, drafts=tuple(filled_draft(d, keys) for d in one.drafts))
    store_plan = assemble(opened, draft, rules, exact=True)
    return replace(store_plan, steps=(*store_plan.steps, *flags))


def _drafted(
    opened: Opened, rules: DueRules, mine: dict[str, Expr], wish: Wish, manual: tuple[ManualHold, ...],
    shared: dict[str, Expr], leading: Mapping[str, Expr] = MappingProxyType({}), held: Held | None = None,
) -> StoreDraft:  # fmt: skip
    """The steps for these rows of a person, before they are counted."""
    rows, kinds = mine, wish.kinds
    if held is not None and kinds is not None:
        only = {name: by for name, by in only_held(opened, held).items() if name in mine}
        rows = {name: all_of(mine[name], any_of(*by.values())) for name, by in only.items()}
        kinds = replace(kinds, only=only)
    if wish.collections:
        rows = {n: e for n, e in rows.items() if f"{opened.graph.store.name}.{n}" in wish.collections}
    purposes = frozenset(wish.purposes) if wish.purposes else None
    scope = Scope(rows, purposes, manual=manual, shared=shared, partial=wish.partial, across=leading, kinds=kinds)
    return Drafting(rules, scope).make()


def _drafted_for_all(
    opened: Opened, rules: DueRules, unknown: Mapping[str, tuple[Key, ...]], wish: Wish
) -> StoreDraft:  # fmt: skip
    mine = person_rows(opened, unknown)
    return _drafted(opened, rules, mine, wish, (), not_theirs(opened, mine, unknown, {}, wish.decisions))


def shared_flags(opened: Opened, mine: dict[str, Expr], shared: dict[str, Expr]) -> tuple[Step, ...]:
    """Flag them: they are not touched until a human has decided."""
    wants = [Want(name, all_of(mine[name], where)) for name, where in shared.items()]
    counts = opened.connector.count(wants) if wants else []
    return tuple(
        flag_step(opened.graph.store.name, want.collection, count.rows, "shared")
        for want, count in zip(wants, counts, strict=True)
        if count.rows
    )


def _with_flags(session: Session, plan: StorePlan, identity: Identity, wish: Wish) -> StorePlan:
    """With the rows of which it is doubtful whose they are, where something that is in question may hang on them."""
    graph = session.stores[plan.store].graph
    asked = [name for name in graph.facts.tables if wish.concerns(graph, name)]
    flags = [
        flag_step(f.store, f.collection, f.rows, f.reason, f.kind)
        for f in identity.flags
        if f.store == plan.store and any(graph.paths_up(name, f.collection) for name in asked)
    ]
    return replace(plan, steps=(*plan.steps, *flags))


def manual_hold(record: HoldRecord) -> ManualHold:
    """A recorded hold as the planner sees it. A restriction keeps everything."""
    reason = record.reason if record.kind == "hold" else f"restriction: {record.reason}"
    return ManualHold(reason, record.anchors, record.collections, record.fields or ("*",), record.until)


# --- carrying out ---------------------------------------------------------------------------------


def check_runnable(session: Session, plan: Plan, *, incomplete: bool = False, some: bool = False) -> None:
    """Raise PlanRefused unless everything in the plan may run; with ``some``, unless anything in it may."""
    if plan.refusals:
        first = plan.refusals[0]
        more = f" (and {len(plan.refusals) - 1} more)" if len(plan.refusals) > 1 else ""
        raise PlanRefused(f"{first.message}{more}", remedy=first.remedy)
    if plan.unreachable and not incomplete:
        raise PlanRefused(
            f"not every store can be used: {', '.join(plan.unreachable)}; nothing was changed",
            remedy="run again when it is back, or with --partial to do the others now and the rest by `troth sweep`",
        )
    touched = [s.store for s in plan.stores if s.changes and _touches(s)]
    observing = [name for name in touched if not enforced(session, name)]
    if observing and not (some and len(observing) < len(touched)):
        raise PlanRefused(
            f"store {', '.join(observing)} is in mode observe: Troth only looks and plans there",
            remedy="set `mode: enforce` for the store in the policy once the plan is right",
        )


def _touches(store: StorePlan) -> bool:
    return any(s.action not in PASSIVE for s in store.steps)


def enforced(session: Session, store: str) -> bool:
    """Whether the policy lets Troth write in this store."""
    return session.policy.stores[store].mode is Mode.ENFORCE


def _no_sleep(seconds: float) -> None:
    pass


def _no_jitter() -> float:
    return 0.0


@dataclass(frozen=True)
class Runner:
    """What carrying out needs: the records (with the ledger), the time, a name for the request."""

    records: Records
    now: datetime
    ref: str
    hook: RunHook = field(default_factory=Nowhere)
    sleep: Callable[[float], None] = _no_sleep
    """Waits so many seconds between two tries; the core itself has no clock."""
    jitter: Callable[[], float] = _no_jitter
    """A random number between 0 and 1, so that two who met do not meet again."""
    before_commit: Callable[[str], None] | None = None
    """Called with the store's name when everything is written there and nothing is committed yet."""

    def patiently(self, action: Callable[[], Done]) -> Done:
        """Do it; after a deadlock or lock timeout (the whole was rolled back) try again, three times in all."""
        return with_retries(action, self.sleep, self.jitter)


def run_erasure(session: Session, planned: Planned, runner: Runner) -> list[Outcome]:
    """Carry out the plan. Each store is one transaction (or journalled batches when very large)."""
    plan, identity = planned.plan, planned.identity
    if not (identity.found or identity.unreachable):
        keep_apart(runner.records, identity, planned.wish.decisions)
        return _nobody(plan, runner)
    begun = Pending(
        runner.ref,
        identity.anchors,
        identity.known,
        planned.wish.scope,
        session.as_of,
        to_clear(plan),
        unfinished=True,
    )
    with runner.records.transaction():
        keep_apart(runner.records, identity, planned.wish.decisions)
        runner.records.begin(begun, runner.now, row_keys(identity.anchors))
        runner.records.note(Event("erasure.intended", runner.now, intention(plan, runner.ref)))
    outcomes: list[Outcome] = []
    for store in plan.stores:
        outcomes.extend(run_store(session, store, identity.anchors, runner))
    finish(session, planned, outcomes, runner)
    return outcomes


def _nobody(plan: Plan, runner: Runner) -> list[Outcome]:
    """Nobody is known, or only rows that a human has to decide about: nothing to write, but an answer given."""
    outcomes = [o for store in plan.stores for o in _told(store)]
    body: dict[str, JSON] = {"request": runner.ref, "plan": plan.digest, "flags": len(plan.flags)}
    runner.records.note(Event("erasure.nobody", runner.now, body))
    return outcomes


def _told(store: StorePlan) -> list[Outcome]:
    """The outcomes of steps that write nothing."""
    if store.unreachable:
        step = Step(0, store.store, "*", "manual", (), 0)
        return [Outcome(step, "failed", 0, f"unreachable: {store.unreachable}; run again when it is back")]
    return [_kept_outcome(s) for s in store.steps if s.action in ("keep", "flag")]


def row_keys(anchors: Anchors) -> Iterable[tuple[str, str, Key]]:
    for store, by in anchors.items():
        for collection, keys in by.items():
            for key in keys:
                yield store, collection, key


def intention(plan: Plan, ref: str) -> dict[str, JSON]:
    """What the ledger is told before the first write: steps and numbers, nobody's data."""
    return {
        "request": ref,
        "plan": plan.digest,
        "policy": plan.policy_digest,
        "as_of": plan.as_of.isoformat(),
        "scope": {k: [*v] for k, v in plan.scope.items()},
        "steps": [
            [s.store, s.collection, s.action, s.rows] for store in plan.stores for s in store.steps
        ],
    }  # fmt: skip


def run_store(session: Session, store: StorePlan, anchors: Anchors, runner: Runner) -> list[Outcome]:
    """Execute one store's part, then its hooks; an error becomes failed outcomes, since the whole was rolled
    back."""
    mine = anchors.get(store.store, {})
    done = [*_run_changes(session, store, mine, runner), *_told(store)]
    if not any(s.action == "hook" for s in store.steps):
        return done
    run = runner.hook if enforced(session, store.store) else Nowhere("the store is in mode observe")
    return [*done, *run_hooks(session.policy.stores[store.store], store.steps, done, mine, runner.ref, run)]


def _run_changes(
    session: Session, store: StorePlan, anchors: Mapping[str, tuple[Key, ...]], runner: Runner
) -> list[Outcome]:
    """The steps that change rows, in one transaction."""
    steps = {s.number: s for s in store.steps if s.number}
    if not steps:
        return []
    try:
        total = execute_all(session.stores[store.store], store, anchors, runner)
    except StoreUnsettled as error:
        return [Outcome(s, "failed", 0, f"{error.message}. {error.remedy}".strip()) for s in steps.values()]
    except StoreError as error:
        why = f"{error.message}; nothing was changed in this store. {error.remedy}".strip()
        return [Outcome(s, "failed", 0, why, untouched=True) for s in steps.values()]
    unplanned = [c for c in store.changes if total.late.get(c.number) and c.number not in steps]
    steps |= {c.number: _late_step(store.store, c, total.late[c.number]) for c in unplanned}
    return [_ended(step, total) for step in steps.values()]


def _late_step(store: str, change: Change, rows: int) -> Step:
    """A step for rows where the plan had none: they came with the last moment."""
    return Step(change.number, store, change.collection, "delete" if change.action == "delete" else "clear", (), rows)


def _ended(step: Step, total: Done) -> Outcome:
    rows = total.rows.get(step.number, 0)
    if total.late.get(step.number):
        return Outcome(step, "failed", rows, "rows appeared meanwhile; run again")
    if not total.looked:
        return Outcome(step, "failed", rows, "changed, but the store did not answer when it was looked at once more")
    return Outcome(step, "done", rows)


def _kept_outcome(step: Step) -> Outcome:
    if step.action == "flag":
        return Outcome(step, "failed", step.rows, "a human has to decide")
    return Outcome(step, "kept", step.rows)


def _lock_name(store: str, anchors: Mapping[str, tuple[Key, ...]]) -> str:
    """The same for every run about this person in this store, so that the second waits for the first."""
    rows = sorted((collection, sorted(map(repr, keys))) for collection, keys in anchors.items())
    return f"{store}:{hashlib.sha256(repr(rows).encode()).hexdigest()[:32]}"


def execute_all(opened: Opened, store: StorePlan, anchors: Mapping[str, tuple[Key, ...]], runner: Runner) -> Done:
    """Run the batch, again and again while it is cut at its size limit; what all runs did together.

    Raises StoreUnsettled when an earlier run was committed and a later one failed.
    """
    own = [(name, KeyIn(opened.graph.key_of(name), keys)) for name, keys in anchors.items() if keys]
    locks = (*own, *((change.collection, change.where) for change in store.changes if change.locked))
    limit = opened.graph.store.limits.transaction_rows
    last = partial(runner.before_commit, store.store) if runner.before_commit else None
    batch = Batch(_lock_name(store.store, anchors), store.changes, locks, store.facts_digest, limit, last)
    rows: dict[int, int] = {}
    while True:
        try:
            done = runner.patiently(partial(opened.connector.execute, batch))
        except StoreError as error:
            if not rows or isinstance(error, StoreUnsettled):
                raise
            why = f"{error.message}; {sum(rows.values())} rows had been changed before"
            raise StoreUnsettled(why, store=error.store, code=error.code, remedy=error.remedy) from None
        for number, count in done.rows.items():
            rows[number] = rows.get(number, 0) + count
        if not done.more:
            return replace(done, rows=rows)
        # The counts were compared on the first pass; what is left is less than they say.
        batch = replace(batch, changes=tuple(_unbound(c) for c in batch.changes))


def _unbound(change: Change) -> Change:
    return replace(change, expected=None)


def finish(
    session: Session,
    planned: Planned,
    outcomes: list[Outcome],
    runner: Runner,
    before: Cleared | None = None,
    waiting: Pending | None = None,
) -> None:
    """Write the outcome, and what is left for another day. ``before``: fields emptied by an earlier part;
    ``waiting``: a rest that this run was not about and that goes on waiting.

    Erasures that were cut short are over with this one if it was about all that they were about.
    """
    failed = any(o.status == "failed" and o.step.action != "flag" for o in outcomes)
    resumed = [p for p in planned.identity.resumed if p.ref != runner.ref and covers(planned.wish, wish_of(p))]
    rest = None
    if not failed:
        emptied = together(before or {}, to_clear(planned.plan), *(p.cleared for p in resumed))
        rest = both(_rest(session, planned, outcomes, runner.ref, emptied), waiting)
    body: dict[str, JSON] = {
        "request": runner.ref,
        "outcomes": [outcome_line(o) for o in outcomes],
        "rest_due": rest.due.isoformat() if rest and rest.due else None,
    }
    with runner.records.transaction():
        runner.records.note(Event("erasure.failed" if failed else "erasure.done", runner.now, body))
        runner.records.finish(runner.ref, runner.now, rest, failed=failed)
        for earlier in resumed if not failed else ():
            done: dict[str, JSON] = {"request": earlier.ref, "completed_by": runner.ref}
            runner.records.note(Event("erasure.done", runner.now, done))
            runner.records.finish(earlier.ref, runner.now, None)


def outcome_line(outcome: Outcome) -> JSON:
    """One outcome as the ledger keeps it; what is kept with why, since the person is told."""
    step = outcome.step
    until = step.until.isoformat() if step.until else None
    line: list[JSON] = [step.store, step.collection, step.action, outcome.rows, outcome.status, until]
    return [*line, step.detail] if outcome.status == "kept" and step.detail in KEPT_BY else line


def _rest(session: Session, planned: Planned, outcomes: list[Outcome], ref: str, emptied: Cleared) -> Pending | None:
    """What is kept for now. A purpose that was not in question keeps nothing back; of some kinds of data, what other
    rows are found by goes with its own row."""
    wish, identity = planned.wish, planned.identity
    details = ("hold", "purpose", "manual") if wish.categories else ("hold", "purpose", "manual", "leads")
    kept = [o.step for o in outcomes if o.status == "kept" and o.step.detail in details]
    kept = [s for s in kept if s.detail != "purpose" or not wish.purposes]
    held = held_of(session, identity.anchors, kept, planned.held) if wish.categories and kept else Held()
    return rest_of(session, Pending(ref, identity.anchors, (), wish.scope, None, emptied, held=held), kept)


__all__ = [
    "Finding",
    "Or",
    "Outcome",
    "Planned",
    "Runner",
    "Wish",
    "check_wish",
    "covers",
    "date",
    "identify",
    "person_rows",
    "plan_erasure",
    "run_erasure",
    "wish_from",
    "wish_of",
]  # fmt: skip
