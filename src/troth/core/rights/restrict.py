"""Restriction of processing (Article 18) and holds added by hand: marks that every later plan respects.

While it lasts nothing of the person is erased, neither on request nor by a sweep. Where the policy names a flag
column (``restricted:``), the person's rows are also marked for the application to see; what stood there before comes
back when the restriction ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from troth.core.errors import UsageError
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Collection, Flag
from troth.core.query import Key, Nothing, all_of, none_of
from troth.core.records import HoldRecord, Records
from troth.core.retention.due import DueRules
from troth.core.rights.assemble import assemble, unreachable_plan
from troth.core.rights.before import Before, without
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Runner,
    Wish,
    outcome_line,
    person_rows,
    run_store,
    shared_flags,
)
from troth.core.rights.flags import back, beyond, midnight, of_consent, setting, somebody_elses, still_theirs
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.marking import NOTHING_LEFT, Left, Marking, give_back, to_set, unheard
from troth.core.rights.plan import Plan, StorePlan
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import keep_apart

NOTHING_DECIDED = Decisions()


def plan_restriction(
    session: Session, identity: Identity, decisions: Decisions = NOTHING_DECIDED, left: Left = NOTHING_LEFT
) -> Planned:
    """The plan that flags the person's rows wherever the policy names a flag. Rows that may be somebody else's too are
    left out and wait for a human."""
    stores = [_plan_store(session, opened, identity, decisions, left) for opened in session.stores.values()]
    stores.extend(unreachable_plan(name, why) for name, why in identity.unreachable.items())
    plan = Plan(
        "restrict", session.as_of, session.policy.digest, session.policy.version, tuple(stores), found=identity.found
    )
    return Planned(plan, identity, Wish(decisions=decisions))


def _plan_store(
    session: Session, opened: Opened, identity: Identity, decisions: Decisions, left: Left
) -> StorePlan:  # fmt: skip
    rules = DueRules(session.policy, opened.graph, session.as_of)
    mine = person_rows(opened, identity.anchors.get(opened.graph.store.name, {}))
    collections = opened.graph.store.collections
    rows = unheard(opened, {n: where for n, where in mine.items() if flags_of(collections[n])}, left)
    shared = somebody_elses(opened, rows, mine, flags_of, identity, decisions)
    own = {name: all_of(where, none_of(shared.get(name, Nothing()))) for name, where in rows.items()}
    zone = session.policy.timezone
    draft = setting(opened, own, flags_of, midnight(session.as_of, zone), zone)
    plan = assemble(opened, draft, rules, exact=True)
    asked = shared_flags(opened, rows, shared) if shared and not decisions.shared else ()
    return with_hooks(replace(plan, steps=(*plan.steps, *asked)), opened.graph.store, "restrict")


def flags_of(collection: Collection) -> list[tuple[Flag, ...]]:
    """The flag of a restriction, where the policy names one."""
    return [(collection.restricted,)] if collection.restricted is not None else []


def run_restriction(
    session: Session, planned: Planned, runner: Runner, reason: str, until: date | None
) -> list[Outcome]:
    """Put the restriction on record first (from then on nothing is erased), with what stands in the rows now; then flag
    the rows."""
    identity, records = planned.identity, runner.records

    def begin() -> None:
        keep_apart(records, identity, planned.wish.decisions)
        record = HoldRecord(runner.ref, "restriction", reason, identity.anchors, until=until)
        records.add_hold(record, runner.now, identity.known)
        records.note(Event("restriction.made", runner.now, {"request": runner.ref, "until": _iso(until)}))

    def again(left: Left) -> Planned:
        return plan_restriction(session, identity, planned.wish.decisions, left)

    marking = Marking(session, identity, runner, {runner.ref: flags_of}, again, begin)
    outcomes = marking.run(planned.plan.stores)
    others = [store for store in planned.plan.stores if store not in to_set(planned.plan.stores)]
    outcomes += [one for store in others for one in run_store(session, store, identity.anchors, runner)]
    lines = [outcome_line(o) for o in outcomes]
    records.note(Event("restriction.flagged", runner.now, {"request": runner.ref, "outcomes": lines}))
    return outcomes


def plan_lifting(session: Session, record: HoldRecord, records: Records) -> Planned:
    """The plan that puts back what stood in the rows before, where nobody else needs the flag. Pure but for the
    counts it asks for."""
    session = beyond(session)
    due = _due(session, record, records)
    anchors = still_theirs(session, records, record.ref, record.anchors, by_key=True) if due else {}
    missing = {
        name: session.unreachable[name] for name in sorted({one.store for one in due} & set(session.unreachable))
    }
    stores = [_plan_back(session, opened, due, anchors.get(name, {})) for name, opened in session.stores.items()]
    stores.extend(unreachable_plan(name, why) for name, why in missing.items())
    plan = Plan("restrict", session.as_of, session.policy.digest, session.policy.version, tuple(stores))
    return Planned(plan, Identity((), record.anchors, unreachable=missing), Wish())


def _due(session: Session, record: HoldRecord, records: Records) -> list[Before]:
    """What is to be given back: what Troth wrote, and nobody else needs."""
    due = [one for one in record.before if one.done and not of_consent(session.policy, one)]
    return without(due, records.beside(record.ref)) if due else []


def _plan_back(
    session: Session, opened: Opened, due: Sequence[Before], anchors: Mapping[str, tuple[Key, ...]]
) -> StorePlan:  # fmt: skip
    collections = opened.graph.store.collections
    told = {
        name: c.restricted for name, c in collections.items() if c.restricted and c.restricted.otherwise is not None
    }
    draft = back(
        opened, session.policy, due, {name: {flag.column: flag.otherwise} for name, flag in told.items()}, anchors
    )
    plan = assemble(opened, draft, DueRules(session.policy, opened.graph, session.as_of), exact=True)
    return with_hooks(plan, opened.graph.store, "restrict")


def lift(session: Session, runner: Runner) -> list[Outcome]:
    """End the restriction that ``runner.ref`` names: first the rows get back what stood there, where no other
    restriction or refusal needs the flag, then the record goes. Where a store failed it stays in force, and can be
    lifted again. One whose last day is past is ended in the same way.

    Raises UsageError when there is none of that name, StoreUnreachable and PlanRefused when a store cannot be changed
    now: then nothing was done.
    """
    records, session = runner.records, beyond(session)
    standing = (*records.holds(session.as_of), *records.ended(session.as_of))
    record = next((one for one in standing if (one.ref, one.kind) == (runner.ref, "restriction")), None)
    if record is None:
        raise UsageError(f"there is no restriction {runner.ref!r}", remedy="`troth hold list` shows them")
    anew = record

    def plan(said: Sequence[Before]) -> tuple[Planned, Sequence[Before]]:
        now = replace(anew, before=tuple(said))
        return plan_lifting(session, now, records), _due(session, now, records)

    def end(said: Sequence[Before]) -> bool:
        with records.transaction():
            ended = records.release_hold(runner.ref, runner.now, said)
            if ended:
                records.note(Event("hold.released", runner.now, {"request": runner.ref}))
        return ended

    return give_back(session, record.ref, runner, "lifting", plan, end)


def add_hold(
    session: Session, identity: Identity, runner: Runner, *, reason: str, until: date | None,
    collections: Sequence[str] = (), fields: Sequence[str] = (),
) -> None:  # fmt: skip
    """A hold by hand: a ground (a lawsuit, an unpaid bill) and, if it has one, an end.

    Raises UsageError when it names an unknown collection or has no ground.
    """
    known = {_place(c) for c in session.policy.collections()}
    for name in collections:
        if name not in known:
            raise UsageError(f"there is no collection {name!r}", remedy=f"name one of: {', '.join(sorted(known))}")
    named = [c for c in session.policy.collections() if not collections or _place(c) in collections]
    for name in fields:
        if not any(c.field_named(name) for c in named):
            raise UsageError(f"there is no field {name!r} there", remedy="write it as in the policy")
    if not reason.strip():
        raise UsageError("a hold needs a ground", remedy="say why with --because")
    record = HoldRecord(runner.ref, "hold", reason, identity.anchors, tuple(collections), tuple(fields), until)
    with runner.records.transaction():
        runner.records.add_hold(record, runner.now, identity.known)
        runner.records.note(
            Event(
                "hold.added", runner.now,
                {"request": runner.ref, "until": _iso(until), "collections": [*collections], "fields": [*fields]},
            )
        )  # fmt: skip


def release(runner: Runner, ref: str) -> None:
    """End a hold or restriction. Raises UsageError if there is none of that name."""
    with runner.records.transaction():
        if not runner.records.release_hold(ref, runner.now):
            raise UsageError(f"there is no hold or restriction {ref!r}", remedy="`troth hold list` shows them")
        runner.records.note(Event("hold.released", runner.now, {"request": ref}))


def _place(collection: Collection) -> str:
    return f"{collection.store}.{collection.name}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
