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

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Collection as Mapped
from troth.core.query import Expr, Key, Nothing, all_of, none_of
from troth.core.records import Anchors, Known, Records, RefusalRecord
from troth.core.retention.due import DueRules
from troth.core.rights.assemble import assemble, flag_step, unreachable_plan
from troth.core.rights.before import Before, without
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Runner,
    Wish,
    intention,
    outcome_line,
    person_rows,
    shared_flags,
)
from troth.core.rights.flags import Flags, back, beyond, of_consent, setting, somebody_elses, still_theirs
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.marking import NOTHING_LEFT, Left, Marking, failed, give_back, unheard
from troth.core.rights.plan import Plan, Step, StorePlan
from troth.core.rights.rest import merge
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import keep_apart

Ground = Literal["objection", "withdrawal"]
NOBODY: Anchors = {}


def flags_of(purposes: Iterable[str]) -> Callable[[Mapped], list[Flags]]:
    """The flags that say no to any of these purposes, in a collection."""
    wanted = sorted(purposes)
    return lambda collection: [collection.refused[name] for name in wanted if name in collection.refused]


def plan_refusal(
    session: Session, identity: Identity, purposes: Collection[str], moment: datetime, decisions: Decisions,
    left: Left = NOTHING_LEFT,
) -> Planned:  # fmt: skip
    """The plan that says in the person's rows that they refuse these purposes, wherever the policy tells how, but for
    the rows that are to be ``left``. Rows that may be somebody else's too wait for a human; where the policy names no
    flag for them, nobody has to be asked."""
    flags = flags_of(purposes)
    stores = [_plan_store(session, one, identity, flags, moment, decisions, left) for one in session.stores.values()]
    away = {**session.unreachable, **identity.unreachable}
    stores.extend(unreachable_plan(name, why) for name, why in away.items())
    plan = Plan(
        "refuse", session.as_of, session.policy.digest, session.policy.version, tuple(stores),
        {"purposes": sorted(purposes)}, identity.found,
    )  # fmt: skip
    return Planned(plan, identity, Wish(decisions=decisions))


def _plan_store(
    session: Session, opened: Opened, identity: Identity, flags: Callable[[Mapped], list[Flags]], moment: datetime,
    decisions: Decisions, left: Left,
) -> StorePlan:  # fmt: skip
    store = opened.graph.store
    rules = DueRules(session.policy, opened.graph, session.as_of)
    anchors = identity.anchors.get(store.name, {})
    rows = unheard(opened, _flagged(opened, anchors, flags), left)
    shared = somebody_elses(opened, rows, person_rows(opened, anchors), flags, identity, decisions)
    own = rows if not decisions.shared else {n: all_of(w, none_of(shared.get(n, Nothing()))) for n, w in rows.items()}
    plan = assemble(opened, setting(opened, own, flags, moment, session.policy.timezone), rules, exact=True)
    unsure = shared_flags(opened, rows, shared) if shared and not decisions.shared else ()
    asked = [*_doubtful(opened, identity, flags), *unsure]
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
    session: Session, planned: Planned, runner: Runner, ground: Ground, known: Sequence[Known],
    heard: Left = NOTHING_LEFT, serving: Collection[str] = (),
) -> list[Outcome]:  # fmt: skip
    """Put the refusal on record, with what stands in the rows now; then set the flags, but not in rows that an earlier
    try has reached (``heard``, as the plan was made with). Stores that do not answer are left out: run it again when
    they are back, it does nothing twice. ``serving``: the uses that the person's rows serve, as the ledger is to tell a
    later try: a flag may take its row out of the collection's filter."""
    purposes, records = planned.plan.scope["purposes"], runner.records

    def begin() -> None:
        keep_apart(records, planned.identity, planned.wish.decisions)
        for purpose in purposes:
            records.add_refusal(RefusalRecord(name_of(runner.ref, purpose), purpose, ground), runner.now, known)

    def told(stores: Sequence[StorePlan]) -> None:
        plan = replace(planned.plan, stores=tuple(stores))
        uses: list[JSON] = [*sorted(serving)]
        body = intention(plan, runner.ref) | ({"serving": uses} if uses else {})
        records.note(Event("objection.intended", runner.now, body))

    def over(outcomes: Sequence[Outcome]) -> None:
        body: dict[str, JSON] = {"request": runner.ref, "outcomes": [outcome_line(one) for one in outcomes]}
        records.note(Event(f"objection.{'failed' if any(map(failed, outcomes)) else 'done'}", runner.now, body))

    def again(mine: Left) -> Planned:
        def left(store: str, name: str, keys: Sequence[Key]) -> Iterable[Key]:
            return {*mine(store, name, keys), *heard(store, name, keys)}

        return plan_refusal(session, planned.identity, purposes, runner.now, planned.wish.decisions, left)

    names = {name_of(runner.ref, purpose): flags_of([purpose]) for purpose in purposes}
    return Marking(session, planned.identity, runner, names, again, begin, told, over).run(planned.plan.stores)


def name_of(ref: str, purpose: str) -> str:
    """The name of the record of one purpose that a request refused."""
    return f"{ref}:{purpose}"


def heard_by(records: Records, ref: str, purposes: Collection[str]) -> Left:
    """The rows that have heard already that a request refuses these purposes."""
    names = [name_of(ref, purpose) for purpose in purposes]

    def heard(store: str, collection: str, keys: Sequence[Key]) -> Iterable[Key]:
        for name in names:
            keys = records.have_heard(name, store, collection, keys) if keys else ()
        return keys

    return heard


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
    wide = beyond(session)
    for one in found:
        outcomes += _allow(wide, runner, one, theirs)
    return outcomes


def _allow(session: Session, runner: Runner, record: RefusalRecord, theirs: Anchors) -> list[Outcome]:
    def plan(said: Sequence[Before]) -> tuple[Planned, Sequence[Before]]:
        now = replace(record, before=tuple(said))
        return plan_allowing(session, now, runner, theirs), _due(session, now, runner)

    def end(said: Sequence[Before]) -> bool:
        return runner.records.release_refusal(record.name, runner.now, said)

    return give_back(session, record.name, runner, "allowing", plan, end)


def _due(session: Session, record: RefusalRecord, runner: Runner) -> list[Before]:
    """What is to be given back: what Troth wrote, and nobody else needs."""
    due = [b for b in record.before if b.done and record.ground == "objection" and not of_consent(session.policy, b)]
    return without(due, runner.records.beside(record.name)) if due else []


def plan_allowing(
    session: Session, record: RefusalRecord, runner: Runner, theirs: Anchors = NOBODY
) -> Planned:  # fmt: skip
    """The plan that puts back what stood in the rows before an objection."""
    due = _due(session, record, runner)
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
    return with_hooks(
        assemble(opened, back(opened, session.policy, due, {}, anchors), rules, exact=True),
        opened.graph.store,
        "refuse",
    )
