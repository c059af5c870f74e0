"""Restriction of processing (Article 18) and holds added by hand: marks that every later plan respects.

While it lasts nothing of the person is erased, neither on request nor by a sweep. Where the policy names a flag
column (``restricted:``), the person's rows are also marked for the application to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from troth.core.errors import StoreUnreachable, UsageError
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Collection, Condition
from troth.core.ports import Assignment, Change
from troth.core.query import Where, all_of, none_of
from troth.core.records import Anchors, HoldRecord
from troth.core.retention.due import DueRules
from troth.core.rights.acting import run_plan
from troth.core.rights.assemble import assemble, unreachable_plan
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import Outcome, Planned, Runner, Wish, check_runnable, outcome_line, person_rows, run_store
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Identity
from troth.core.rights.plan import Draft, Plan, StorePlan
from troth.core.rights.session import Opened, Session


def plan_restriction(session: Session, identity: Identity, *, lift: bool = False) -> Planned:
    """The plan that flags the person's rows wherever the policy names a flag; ``lift``: that takes the flags away,
    where it tells what stands there else."""
    stores = [_plan_store(session, opened, identity, lift) for opened in session.stores.values()]
    stores.extend(unreachable_plan(name, why) for name, why in identity.unreachable.items())
    plan = Plan(
        "restrict", session.as_of, session.policy.digest, session.policy.version, tuple(stores), found=identity.found
    )
    return Planned(plan, identity, Wish())


def _plan_store(session: Session, opened: Opened, identity: Identity, lift: bool) -> StorePlan:
    rules = DueRules(session.policy, opened.graph, session.as_of)
    drafts: list[Draft] = []
    for name, rows in person_rows(opened, identity.anchors.get(opened.graph.store.name, {})).items():
        collection = opened.graph.store.collections[name]
        if collection.restricted_flag is None or (lift and collection.unrestricted is None):
            continue
        column, value = collection.restricted_flag
        flagged = Where(Condition(column, "in", (value,)))
        where = all_of(rows, flagged if lift else none_of(flagged))
        written = collection.unrestricted if lift else value
        change = Change(len(drafts) + 1, name, "update", where, (Assignment(column, "value", written),))
        drafts.append(Draft("set", name, (column,), where, change=change))
    plan = assemble(opened, StoreDraft(tuple(drafts), (), {}), rules, exact=True)
    return with_hooks(plan, opened.graph.store, "restrict")


def lift(session: Session, runner: Runner) -> list[Outcome]:
    """End the restriction that ``runner.ref`` names: first the flags go, where no other restriction needs them, then
    the record. Where a store failed it stays in force, and can be lifted again.

    Raises UsageError when there is none of that name, StoreUnreachable and PlanRefused when a store cannot be changed
    now: then nothing was done.
    """
    standing = [one for one in runner.records.holds(session.as_of) if one.kind == "restriction"]
    record = next((one for one in standing if one.ref == runner.ref), None)
    if record is None:
        raise UsageError(f"there is no restriction {runner.ref!r}", remedy="`troth hold list` shows them")
    for store in set(record.anchors) & set(session.unreachable):
        raise StoreUnreachable(f"{store} does not answer", remedy="its rows carry the flag; try again later")
    planned = plan_restriction(session, Identity((), record.anchors), lift=True)
    if any(one is not record and _meet(one.anchors, record.anchors) for one in standing):
        planned = replace(planned, plan=replace(planned.plan, stores=()))
    check_runnable(session, planned.plan)
    outcomes = run_plan(session, planned, runner, "lifting")
    if not any(o.status == "failed" for o in outcomes):
        release(runner, runner.ref)
    return outcomes


def _meet(these: Anchors, those: Anchors) -> bool:
    """Whether two people have a row in common."""
    return any(set(keys) & set(those.get(s, {}).get(c, ())) for s, by in these.items() for c, keys in by.items())


def run_restriction(
    session: Session, planned: Planned, runner: Runner, reason: str, until: date | None
) -> list[Outcome]:
    """Put the restriction on record first (from then on nothing is erased), then flag the rows."""
    identity = planned.identity
    with runner.records.transaction():
        record = HoldRecord(runner.ref, "restriction", reason, identity.anchors, until=until)
        runner.records.add_hold(record, runner.now, identity.known)
        runner.records.note(Event("restriction.made", runner.now, {"request": runner.ref, "until": _iso(until)}))
    outcomes = [o for s in planned.plan.stores for o in run_store(session, s, identity.anchors, runner)]
    runner.records.note(
        Event(
            "restriction.flagged", runner.now,
            {"request": runner.ref, "outcomes": [outcome_line(o) for o in outcomes]},
        )
    )  # fmt: skip
    return outcomes


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
