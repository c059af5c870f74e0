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
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Basis, Policy
from troth.core.policy.model import Collection as Mapped
from troth.core.query import Expr, Key, all_of, none_of
from troth.core.records import Known, RefusalRecord
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
    person_rows,
    run_store,
    shared_flags,
    shared_of,
)
from troth.core.rights.flags import Flags, back, before_of, inherited, says, setting
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.plan import Plan, Step, StorePlan
from troth.core.rights.session import Opened, Session

Ground = Literal["objection", "withdrawal"]


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
    shared = {} if decisions.shared else _shared(opened, anchors, rows, flags)
    asked = [*_doubtful(opened, identity, flags), *(shared_flags(opened, rows, shared) if shared else ())]
    return with_hooks(replace(plan, steps=(*plan.steps, *asked)), store, "refuse")


def _flagged(
    opened: Opened, anchors: Mapping[str, tuple[Key, ...]], flags: Callable[[Mapped], list[Flags]]
) -> dict[str, Expr]:
    """The person's rows in the collections that have such a flag."""
    collections = opened.graph.store.collections
    return {name: where for name, where in person_rows(opened, anchors).items() if flags(collections[name])}


def _shared(
    opened: Opened, anchors: Mapping[str, tuple[Key, ...]], rows: Mapping[str, Expr],
    flags: Callable[[Mapped], list[Flags]],
) -> dict[str, Expr]:  # fmt: skip
    """Rows that belong to somebody else too and would be written."""
    collections = opened.graph.store.collections
    found = shared_of(opened, person_rows(opened, anchors))
    every = {name: [flag for group in flags(collections[name]) for flag in group] for name in rows}
    return {name: all_of(found[name], none_of(says(every[name]))) for name in rows if name in found}


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
    before = before_of(session, {store.store: store.changes for store in stores})
    with records.transaction():
        for purpose in purposes:
            name = name_of(runner.ref, purpose)
            records.add_refusal(RefusalRecord(name, purpose, ground), runner.now, known)
            theirs = inherited(session, planned.identity, runner, name, flags_of([purpose]))
            records.remember(name, [*_of_purpose(session.policy, before, purpose), *theirs])
        if stores:
            records.note(Event("objection.intended", runner.now, intention(planned.plan, runner.ref)))
    return [o for store in stores for o in run_store(session, store, planned.identity.anchors, runner)]


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


def allow(session: Session, runner: Runner, found: Iterable[RefusalRecord]) -> list[Outcome]:
    """End these refusals. After an objection the rows that Troth changed get back what stood there, unless another
    refusal or a restriction needs the flag, or it tells of a consent, too; after a withdrawal nothing is written. Where
    a store fails, the refusal stays in force.

    Raises StoreUnreachable and PlanRefused when a store cannot be changed now: then nothing was done.
    """
    outcomes: list[Outcome] = []
    for record in found:
        planned = plan_allowing(session, record, runner)
        for store in planned.plan.unreachable:
            raise StoreUnreachable(f"{store} does not answer", remedy="its rows carry the flag; try again later")
        check_runnable(session, planned.plan)
        done = run_plan(session, planned, replace(runner, ref=record.name), "allowing") if planned.plan.changes else []
        if not any(o.status == "failed" for o in done):
            runner.records.release_refusal(record.name, runner.now)
        outcomes += done
    return outcomes


def plan_allowing(session: Session, record: RefusalRecord, runner: Runner) -> Planned:
    """The plan that puts back what stood in the rows before an objection."""
    due = [one for one in record.before if record.ground == "objection" and not _of_consent(session.policy, one)]
    due = without(due, runner.records.beside(record.name, session.as_of)) if due else []
    away = {name: session.unreachable[name] for name in {one.store for one in due} & set(session.unreachable)}
    stores = [_plan_back(session, opened, due) for opened in session.stores.values()]
    stores.extend(unreachable_plan(name, why) for name, why in sorted(away.items()))
    scope = {"purposes": [record.purpose]}
    plan = Plan("allow", session.as_of, session.policy.digest, session.policy.version, tuple(stores), scope)
    return Planned(plan, Identity((), {}, unreachable=away), Wish())


def _plan_back(session: Session, opened: Opened, due: Sequence[Before]) -> StorePlan:
    rules = DueRules(session.policy, opened.graph, session.as_of)
    return with_hooks(assemble(opened, back(opened, due, {}), rules, exact=True), opened.graph.store, "refuse")


def _of_consent(policy: Policy, before: Before) -> bool:
    """Whether this column also says that somebody consented: only the person gives a consent."""
    store = policy.stores.get(before.store)
    collection = store.collections.get(before.collection) if store else None
    return collection is not None and any(
        policy.purposes[name].basis == Basis.CONSENT and before.column in {flag.column for flag in flags}
        for name, flags in collection.refused.items()
    )
