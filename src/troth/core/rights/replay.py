"""After a restore: erase again whom the ledger knows to have been erased, and flag again who is restricted or has said
no to a purpose (``replay_flags``).

Rows are recognised by keyed hashes of their key and of their identifiers:

- key and an identifier match: the person came back with the backup; erased again, in the scope of old;
- only an identifier matches: perhaps the same person registered anew; left alone and flagged;
- only the key matches, and a tombstone stands in the row: the shell that a hold left; what it no longer holds
  goes (the backup may be older than the day on which the rest went);
- only the key matches otherwise: a key given to somebody else; left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.ports import Finding
from troth.core.query import Everything, Key
from troth.core.records import Erased, Known, Pending, Records
from troth.core.rights.assemble import flag_step, unreachable_plan
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Runner,
    finish,
    intention,
    manual_hold,
    outcome_line,
    plan_store,
    run_store,
    wish_from,
)
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Identity
from troth.core.rights.leading import across
from troth.core.rights.plan import Plan, Step, StorePlan
from troth.core.rights.replay_flags import Sort, plan_flags, possible, sets_consent
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import set_apart
from troth.core.tombstone import is_tombstone


@dataclass(frozen=True)
class ReplayPlan:
    """One plan for each erasure that has to be done again, and what a human has to look at."""

    plan: Plan
    again: tuple[tuple[Erased, Planned], ...]
    flags: tuple[tuple[Sort, StorePlan], ...] = ()
    consents: bool = False
    """Whether a flag would say that somebody has withdrawn a consent."""


def plan_replay(session: Session, records: Records, since: date | None = None) -> ReplayPlan:
    """Compare every row of every anchor collection with the erasures on record (from the day ``since`` on: what
    was erased before the backup was made is not in it)."""
    known = {e.ref: e for e in records.erased() if since is None or e.at.date() >= since}
    anchors: dict[str, dict[str, dict[str, list[Key]]]] = {}
    flags: list[Step] = []
    for store, opened in session.stores.items():
        for collection in opened.graph.anchors:
            doubtful, shells = 0, set[Key]()
            for key, ref, how in records.match_erased(store, collection, _rows(opened, collection, shells)):
                if ref in known and (how == "same" or (how == "key_only" and key in shells)):
                    anchors.setdefault(ref, {}).setdefault(store, {}).setdefault(collection, []).append(key)
                elif how == "identifier_only" and ref in known:
                    doubtful += 1
            if doubtful:
                flags.append(flag_step(store, collection, doubtful, "came_back"))
    plans = ((known[ref], _plan_again(session, known[ref], by, records)) for ref, by in sorted(anchors.items()))
    again = tuple((erased, planned) for erased, planned in plans if planned.plan.changes)
    marked = plan_flags(session, records, lambda opened, name: _rows(opened, name, set()), since)
    return ReplayPlan(
        _whole(session, again, flags, marked), again, marked, consents=sets_consent(session.policy, marked)
    )  # fmt: skip


def _rows(opened: Opened, name: str, shells: set[Key]) -> Iterator[tuple[Key, Sequence[Known]]]:
    """The rows with their identifiers; those whose identifier is a tombstone of ours are put into ``shells``."""
    collection = opened.graph.store.collections[name]
    key = opened.graph.key_of(name)
    verified = [i for i in collection.identifiers if i.verified and (i.column,) != key]
    verified = verified or [i for i in collection.identifiers if i.verified]
    columns = tuple(dict.fromkeys([*key, *(i.column for i in verified)]))
    for row in opened.connector.read(name, Everything(), columns):
        known = tuple((i.kind, str(row[i.column])) for i in verified if row[i.column] not in (None, ""))
        at: Key = tuple(row[k] for k in key)  # type: ignore[misc]
        if any(is_tombstone(value) for _, value in known):
            shells.add(at)
        yield at, known


def _plan_again(session: Session, erased: Erased, by: dict[str, dict[str, list[Key]]], records: Records) -> Planned:
    anchors = {store: {c: tuple(keys) for c, keys in found.items()} for store, found in by.items()}
    wish = wish_from(erased.scope)
    manual = tuple(manual_hold(h) for h in records.holds(session.as_of))
    apart = set_apart(session, anchors, wish.decisions, records)
    lead = across(session, anchors, wish.purposes, wish.collections)
    plans = {s: plan_store(session, session.stores[s], anchors, wish, manual, apart, lead) for s in anchors}
    stores = tuple(with_hooks(planned, session.policy.stores[s], "replay") for s, planned in plans.items())
    plan = Plan("replay", session.as_of, session.policy.digest, session.policy.version, stores)
    return Planned(plan, Identity((), anchors, apart=apart), wish)


def _whole(
    session: Session, again: Sequence[tuple[Erased, Planned]], flags: Sequence[Step],
    marked: Sequence[tuple[Sort, StorePlan]],
) -> Plan:  # fmt: skip
    """All of it as one plan, for printing and for its digest. A flag that cannot be set is told of; it keeps back no
    erasure."""
    stores = []
    told = [_told(store) for _, store in marked]
    for name, opened in session.stores.items():
        parts = [s for _, planned in again for s in planned.plan.stores if s.store == name]
        parts += [s for s in told if s.store == name]
        steps = [step for part in parts for step in part.steps]
        findings: list[Finding] = list(dict.fromkeys(f for part in parts for f in part.findings))
        mine = [f for f in flags if f.store == name]
        stores.append(StorePlan(name, (*steps, *mine), (), tuple(findings), opened.facts.digest, opened.facts.remains))
    stores.extend(unreachable_plan(n, w) for n, w in session.unreachable.items())
    scope = {"requests": [erased.ref for erased, _ in again]}
    return Plan("replay", session.as_of, session.policy.digest, session.policy.version, tuple(stores), scope)


def _told(store: StorePlan) -> StorePlan:
    findings = (replace(f, severity="warn") if f.severity == "refuse" else f for f in store.findings)
    return replace(store, findings=tuple(findings))


def _finish(
    session: Session, planned: Planned, outcomes: list[Outcome], runner: Runner, waiting: Pending | None
) -> None:
    """What waits for its day in other rows goes on waiting; an erasure that never ended stays open."""
    if waiting is None or not waiting.unfinished:
        finish(session, planned, outcomes, runner, waiting=waiting)
        return
    body: dict[str, JSON] = {"request": runner.ref, "outcomes": [outcome_line(o) for o in outcomes]}
    runner.records.note(Event("erasure.replayed_in_part", runner.now, body))


def run_replay(session: Session, replay: ReplayPlan, runner: Runner) -> list[Outcome]:
    """Erase again. Each erasure keeps its own name, so that its story stays in one place in the ledger."""
    outcomes: list[Outcome] = []
    waiting = {pending.ref: pending for pending in runner.records.due(date.max)}
    for erased, planned in replay.again:
        own = replace(runner, ref=erased.ref)
        runner.records.note(Event("erasure.replayed", runner.now, intention(planned.plan, erased.ref)))
        done = [o for s in planned.plan.stores for o in run_store(session, s, planned.identity.anchors, own)]
        _finish(session, planned, done, own, waiting.get(erased.ref))
        outcomes.extend(done)
    outcomes.extend(_flag_again(session, replay, runner))
    for store in replay.plan.stores:
        if store.unreachable:
            outcomes.extend(run_store(session, store, {}, runner))
        outcomes.extend(
            Outcome(step, "failed", step.rows, "perhaps registered anew; a human has to look")
            for step in store.steps
            if step.action == "flag" and step.reason == "came_back"
        )
    return outcomes


def _flag_again(session: Session, replay: ReplayPlan, runner: Runner) -> list[Outcome]:
    """After the erasures: whoever is gone needs no flag."""
    outcomes: list[Outcome] = []
    for sort, planned in replay.flags:
        store, failed = possible(planned)
        plan = replace(replay.plan, stores=(store,), scope={})
        runner.records.note(Event(f"{sort}.intended", runner.now, intention(plan, runner.ref)))
        done = [*run_store(session, store, {}, runner), *failed]
        ended = "failed" if any(one.status == "failed" for one in done) else "done"
        body: dict[str, JSON] = {"request": runner.ref, "outcomes": [outcome_line(o) for o in done]}
        runner.records.note(Event(f"{sort}.{ended}", runner.now, body))
        outcomes.extend(done)
    return outcomes
