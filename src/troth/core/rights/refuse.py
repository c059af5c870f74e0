"""An objection (Articles 21(1) and (2)) or a withdrawn consent (Article 7(3)) in the publisher's own rows: the flags by
which its software knows that a person does not want a purpose, set, and taken back where that is right.

What is taken back is not the same for both. Who lifts an objection wants to be as before: rows that Troth changed get
what stood there. Who takes a withdrawal back has not consented anew by that (Articles 4(11) and 7(1)): nothing stands
against a consent any more, but the flag stays until the publisher's own form asks and hears yes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from troth.core.errors import StoreUnreachable
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Collection as Mapped
from troth.core.policy.model import Policy
from troth.core.query import Expr, Key
from troth.core.records import Anchors, Known, RefusalRecord
from troth.core.retention.due import DueRules
from troth.core.rights.acting import run_plan
from troth.core.rights.assemble import assemble, flag_step, unreachable_plan
from troth.core.rights.before import Before, without
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Runner,
    Wish,
    check_runnable,
    intention,
    outcome_line,
    person_rows,
    run_store,
    shared_flags,
)
from troth.core.rights.flags import (
    Flags,
    back,
    compared,
    inherited,
    of_consent,
    setting,
    somebody_elses,
    still_theirs,
    unwritten,
)
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.plan import Plan, Step, StorePlan
from troth.core.rights.rest import merge
from troth.core.rights.session import Opened, Session

Ground = Literal["objection", "withdrawal"]
NOBODY: Anchors = {}


def flags_of(purposes: Iterable[str]) -> Callable[[Mapped], list[Flags]]:
    """The flags that say no to any of these purposes, in a collection."""
    wanted = sorted(purposes)
    return lambda collection: [collection.refused[name] for name in wanted if name in collection.refused]


def plan_refusal(
    session: Session, identity: Identity, purposes: Collection[str], moment: datetime, decisions: Decisions
) -> Planned:
    """The plan that says in the person's rows that they refuse these purposes, wherever the policy tells how. Rows that
    may be somebody else's too wait for a human; where the policy names no flag for them, nobody has to be asked."""
    flags = flags_of(purposes)
    stores = [_plan_store(session, opened, identity, flags, moment, decisions) for opened in session.stores.values()]
    away = {**session.unreachable, **identity.unreachable}
    stores.extend(unreachable_plan(name, why) for name, why in away.items())
    plan = Plan(
        "refuse", session.as_of, session.policy.digest, session.policy.version, tuple(stores),
        {"purposes": sorted(purposes)}, identity.found,
    )  # fmt: skip
    return Planned(plan, identity, Wish(decisions=decisions))


def _plan_store(
    session: Session, opened: Opened, identity: Identity, flags: Callable[[Mapped], list[Flags]], moment: datetime,
    decisions: Decisions,
) -> StorePlan:  # fmt: skip
    store = opened.graph.store
    rules = DueRules(session.policy, opened.graph, session.as_of)
    anchors = identity.anchors.get(store.name, {})
    rows = _flagged(opened, anchors, flags)
    plan = assemble(opened, setting(opened, rows, flags, moment), rules, exact=True)
    shared = {} if decisions.shared else somebody_elses(opened, rows, person_rows(opened, anchors), flags)
    asked = [*_doubtful(opened, identity, flags), *(shared_flags(opened, rows, shared) if shared else ())]
    return with_hooks(replace(plan, steps=(*plan.steps, *asked)), store, "refuse")


def _flagged(
    opened: Opened, anchors: Mapping[str, tuple[Key, ...]], flags: Callable[[Mapped], list[Flags]]
) -> dict[str, Expr]:
    """The person's rows in the collections that have such a flag."""
    collections = opened.graph.store.collections
    return {name: where for name, where in person_rows(opened, anchors).items() if flags(collections[name])}


def _doubtful(opened: Opened, identity: Identity, flags: Callable[[Mapped], list[Flags]]) -> list[Step]:
    """Rows that may be the person's, where some of them, or rows that belong to them, have such a flag."""
    store = opened.graph.store.name
    mine = [flag for flag in identity.flags if flag.store == store]
    reach = {flag.collection: _flagged(opened, {flag.collection: ((0,),)}, flags) for flag in mine}
    return [flag_step(store, f.collection, f.rows, f.reason, f.kind) for f in mine if reach[f.collection]]


def run_refusal(
    session: Session, planned: Planned, runner: Runner, ground: Ground, known: Sequence[Known]
) -> list[Outcome]:  # fmt: skip
    """Put the refusal on record, with what stands in the rows now; then set the flags. Stores that do not answer are
    left out: run it again when they are back, it does nothing twice."""
    purposes, records = planned.plan.scope["purposes"], runner.records
    stores = [store for store in planned.plan.stores if any(s.rows and s.action == "set" for s in store.steps)]
    stores, before = compared(session, stores)
    with records.transaction():
        for purpose in purposes:
            name = name_of(runner.ref, purpose)
            records.add_refusal(RefusalRecord(name, purpose, ground), runner.now, known)
            theirs = inherited(session, planned.identity, runner, name, flags_of([purpose]))
            mine = _of_purpose(session.policy, before, purpose)
            records.remember(name, [*mine, *theirs], planned.identity.anchors)
        if stores:
            records.note(Event("objection.intended", runner.now, intention(planned.plan, runner.ref)))
    outcomes: list[Outcome] = []
    for store in stores:
        done = run_store(session, store, planned.identity.anchors, runner)
        for purpose in purposes if unwritten(done) else ():
            mine = [one for one in _of_purpose(session.policy, before, purpose) if one.store == store.store]
            records.forget(name_of(runner.ref, purpose), mine)
        outcomes += done
    if stores:
        ended = "failed" if any(o.status == "failed" and o.step.action != "flag" for o in outcomes) else "done"
        body: dict[str, JSON] = {"request": runner.ref, "outcomes": [outcome_line(one) for one in outcomes]}
        records.note(Event(f"objection.{ended}", runner.now, body))
    return outcomes


def name_of(ref: str, purpose: str) -> str:
    """The name of the record of one purpose that a request refused."""
    return f"{ref}:{purpose}"


def _of_purpose(policy: Policy, before: Iterable[Before], purpose: str) -> list[Before]:
    """What concerns the flags of one purpose."""
    found = []
    for one in before:
        flags = policy.stores[one.store].collections[one.collection].refused.get(purpose, ())
        if one.column in {flag.column for flag in flags}:
            found.append(one)
    return found


# --- taking it back ---------------------------------------------------------------------------------------


def allow(
    session: Session, runner: Runner, found: Iterable[RefusalRecord], theirs: Anchors = NOBODY
) -> list[Outcome]:  # fmt: skip
    """End these refusals. After an objection the rows that Troth changed get back what stood there, unless another
    refusal or a restriction needs the flag, or it tells of a consent, too; after a withdrawal nothing is written. Where
    a store fails, the refusal stays in force. ``theirs``: the person's own rows, as they are found today; of others
    only those are written that still carry an identifier under which the refusal was said.

    Raises StoreUnreachable and PlanRefused when a store cannot be changed now: then this refusal and those after it
    stay in force.
    """
    outcomes: list[Outcome] = []
    for record in found:
        planned = plan_allowing(session, record, runner, theirs)
        for store in planned.plan.unreachable:
            raise StoreUnreachable(f"{store} does not answer", remedy="its rows carry the flag; try again later")
        check_runnable(session, planned.plan)
        done = run_plan(session, planned, replace(runner, ref=record.name), "allowing") if planned.plan.changes else []
        if not any(o.status == "failed" for o in done):
            runner.records.release_refusal(record.name, runner.now)
        outcomes += done
    return outcomes


def plan_allowing(
    session: Session, record: RefusalRecord, runner: Runner, theirs: Anchors = NOBODY
) -> Planned:  # fmt: skip
    """The plan that puts back what stood in the rows before an objection."""
    due = [one for one in record.before if record.ground == "objection" and not of_consent(session.policy, one)]
    due = without(due, runner.records.beside(record.name)) if due else []
    anchors = _anchors(session, record, runner, theirs) if due else {}
    away = {name: session.unreachable[name] for name in {one.store for one in due} & set(session.unreachable)}
    stores = [_plan_back(session, opened, due, anchors.get(name, {})) for name, opened in session.stores.items()]
    stores.extend(unreachable_plan(name, why) for name, why in sorted(away.items()))
    scope = {"purposes": [record.purpose]}
    plan = Plan("allow", session.as_of, session.policy.digest, session.policy.version, tuple(stores), scope)
    return Planned(plan, Identity((), {}, unreachable=away), Wish())


def _anchors(session: Session, record: RefusalRecord, runner: Runner, theirs: Anchors) -> Anchors:
    found: dict[str, dict[str, tuple[Key, ...]]] = {}
    merge(found, still_theirs(session, runner.records, record.name, record.anchors, by_key=False))
    merge(found, theirs)
    return found


def _plan_back(
    session: Session, opened: Opened, due: Sequence[Before], anchors: Mapping[str, tuple[Key, ...]]
) -> StorePlan:  # fmt: skip
    rules = DueRules(session.policy, opened.graph, session.as_of)
    return with_hooks(assemble(opened, back(opened, due, {}, anchors), rules, exact=True), opened.graph.store, "refuse")
