"""After a restore: erase again whom the ledger knows to have been erased, and flag again who is restricted or has said
no to a purpose (``replay_flags``).

Rows are recognised by keyed hashes of their key and of their identifiers:

- key and an identifier match: the person came back with the backup; erased again, in the scope of old;
- only an identifier matches: perhaps the same person registered anew; left alone and flagged, unless a human had set
  that row apart;
- only the key matches, and of the verified identifiers nothing but tombstones is left in the row: the shell that a
  hold left; what it no longer holds goes (the backup may be older than the day on which the rest went);
- only the key matches otherwise: a key given to somebody else; left alone. So is a row of which one identifier went
  by category: whoever is known by another one still lives in it.

An identifier that nobody verified counts likewise beside a key where a human had opened rows on such a sign for that
erasure: else a household's telephone would stand for whoever got the key anew. What anybody types erases nothing by
itself, and its tombstone makes no shell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.ports import Finding
from troth.core.query import Everything, Key
from troth.core.records import Anchors, Erased, Known, Pending, Records
from troth.core.rights.assemble import flag_step, unreachable_plan
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Runner,
    Wish,
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
    wishes = {ref: wish_from(erased.scope) for ref, erased in known.items()}
    anchors: dict[str, dict[str, dict[str, tuple[Key, ...]]]] = {}
    flags: list[Step] = []
    for store, opened in session.stores.items():
        for collection in opened.graph.anchors:
            back, doubtful = _came_back(opened, collection, records, wishes)
            for ref, keys in back.items():
                anchors.setdefault(ref, {}).setdefault(store, {})[collection] = tuple(keys)
            if doubtful:
                flags.append(flag_step(store, collection, doubtful, "came_back"))
    plans = ((known[ref], _plan_again(session, known[ref], by, records)) for ref, by in sorted(anchors.items()))
    again = tuple((erased, planned) for erased, planned in plans if planned.plan.changes)
    marked = plan_flags(session, records, lambda opened, name: _rows(opened, name, set()), since)
    return ReplayPlan(
        _whole(session, again, flags, marked), again, marked, consents=sets_consent(session.policy, marked)
    )  # fmt: skip


def _came_back(
    opened: Opened, name: str, records: Records, wishes: Mapping[str, Wish]
) -> tuple[dict[str, dict[Key, None]], int]:  # fmt: skip
    """The rows of a collection that came back, by the erasure; and of how many others a human has to say it.

    An identifier that nobody verified is a second sign, beside the key, where a human had opened such rows; only there
    does it say something by itself."""
    store, back, doubtful = opened.graph.store.name, dict[str, dict[Key, None]](), set[Key]()
    for verified in sorted({one.verified for one in opened.graph.store.collections[name].identifiers}):
        asking = {ref for ref, wish in wishes.items() if _asks(opened, name, wish, verified)}
        taken = {ref for ref, wish in wishes.items() if verified or wish.decisions.unverified}
        shells = set[Key]()
        for key, ref, how in records.match_erased(store, name, _rows(opened, name, shells, verified=verified)):
            if ref in taken and (how == "same" or (how == "key_only" and key in shells)):
                back.setdefault(ref, {})[key] = None
            elif ref in asking and how == "identifier_only":
                apart = wishes[ref].decisions.apart
                doubtful |= {key} if not apart or records.tag(store, name, key) not in apart else set()
    gone = {key for ref, keys in back.items() if not wishes[ref].partial for key in keys}
    return back, len(doubtful - gone)


def _asks(opened: Opened, name: str, wish: Wish, verified: bool) -> bool:
    """Whether a human has to look at a row of which only an identifier is an erased person's."""
    if wish.categories:
        return False
    graph = opened.graph
    below = (one for one in graph.facts.tables if graph.paths_up(one, name))
    return verified or (wish.decisions.unverified and any(wish.concerns(graph, one) for one in below))


def _rows(
    opened: Opened, name: str, shells: set[Key], *, verified: bool = True
) -> Iterator[tuple[Key, Sequence[Known]]]:  # fmt: skip
    """The rows with their identifiers; those of whose verified ones nothing but tombstones of ours is left are put into
    ``shells``."""
    key = opened.graph.key_of(name)
    named = [i for i in opened.graph.store.collections[name].identifiers if i.verified == verified]
    signs = [i for i in named if (i.column,) != key] or (named if verified else [])
    columns = tuple(dict.fromkeys([*key, *(i.column for i in signs)]))
    for row in opened.connector.read(name, Everything(), columns):
        known = tuple((i.kind, str(row[i.column])) for i in signs if row[i.column] not in (None, ""))
        at: Key = tuple(row[k] for k in key)  # type: ignore[misc]
        if verified and known and all(is_tombstone(value) for _, value in known):
            shells.add(at)
        yield at, known


def _plan_again(session: Session, erased: Erased, anchors: Anchors, records: Records) -> Planned:
    wish = wish_from(erased.scope)
    manual = tuple(manual_hold(h) for h in records.holds(session.as_of))
    apart = set_apart(session, anchors, wish.decisions, records)
    lead = across(session, anchors, wish.purposes, wish.collections, wish.categories)
    plans = {s: plan_store(session, session.stores[s], anchors, wish, manual, apart, lead) for s in anchors}
    stores = tuple(
        with_hooks(planned, session.policy.stores[s], "replay", part=wish.partial) for s, planned in plans.items()
    )
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
