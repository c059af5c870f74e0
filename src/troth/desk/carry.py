"""Carrying out a request on the stores, with the engine of ``core.rights``. Doing it again does nothing twice: the
engine knows a request by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from troth.core.errors import PlanRefused
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.requests.model import Request, Right
from troth.core.rights.acting import run_plan
from troth.core.rights.erase import (
    Outcome,
    Planned,
    Wish,
    check_runnable,
    identify,
    outcome_line,
    plan_erasure,
    run_erasure,
)
from troth.core.rights.identity import Decisions, Identity, Subject
from troth.core.rights.rectify import plan_rectification
from troth.core.rights.refuse import Ground, plan_refusal, run_refusal
from troth.core.rights.restrict import plan_restriction, run_restriction
from troth.core.rights.session import Session
from troth.desk import mirror
from troth.desk.house import House, stores_at_work
from troth.desk.models import File, Refusal
from troth.desk.particulars import Particulars


@dataclass(frozen=True, slots=True)
class Carried:
    """How it ended. ``nobody``: no row of the person is known; ``idle``: no purpose of the policy can be objected to,
    or rests on consent, so that nothing was to be done; ``kept``: (store, collection, kind, until) of what the law,
    somebody by hand or another purpose keeps (``hold``, ``manual``, ``purpose``); ``flagged``: rows that a human has to
    decide about first, nothing was done; ``unreachable``: stores that did not answer, to be tried again; ``failed``:
    steps that failed."""

    nobody: bool = False
    idle: bool = False
    kept: tuple[tuple[str, str, str, str], ...] = ()
    rows: int = 0
    flagged: int = 0
    unreachable: tuple[str, ...] = ()
    refused: str = ""
    failed: tuple[str, ...] = ()
    collections: tuple[tuple[str, str, int], ...] = field(default=())


ENDS = {
    Right.ERASURE: ("erasure.done", "erasure.nobody"),
    Right.RECTIFICATION: ("rectification.done",),
    Right.RESTRICTION: ("restriction.flagged",),
    Right.OBJECTION: ("objection.made",),
    Right.WITHDRAWAL: ("objection.made",),
}
"""The events after which a request of this right has been carried out."""


def done_already(house: House, request: Request) -> Carried | None:
    """How it ended, if the ledger says that it did: a crash may have come between it and the journal."""
    ends = ENDS.get(request.right, ())
    for kind, body in reversed(house.records.state.events_of(request.ref)):
        if kind in ends:
            found = _ended(house, request, kind, body or {})
            return None if found.failed else found
    return None


def touched(house: House, request: Request) -> bool:
    """Whether anything may have been done for it: its rows may be written, or *may I?* says no."""
    if Refusal.objects.filter(file__ref=request.ref).exists():
        return True
    return written(house, request)


def written(house: House, request: Request) -> bool:
    """Whether rows of the stores may have been written: the ledger hears of the intention before the first one."""
    kinds = (kind for kind, _ in house.records.state.events_of(request.ref))
    return any(kind.endswith(".intended") or kind == "restriction.made" for kind in kinds)


def _ended(house: House, request: Request, kind: str, body: Mapping[str, Any]) -> Carried:
    """An end as the ledger tells it. Lines of older events do not say why something is kept."""
    if kind == "erasure.nobody":
        return Carried(nobody=True)
    if "completed_by" in body:
        others = house.records.state.events_of(str(body["completed_by"]))
        body = next((b for k, b in reversed(others) if k == kind and b is not None and "outcomes" in b), {})
    lines = [(*one, "")[:7] for one in cast("list[list[Any]]", body.get("outcomes", []))]
    kept = _refused(request, {(s, c, why, until or "") for s, c, _, _, status, until, why in lines if status == "kept"})
    failed = {f"{s}.{c}" for s, c, action, _, status, *_ in lines if status == "failed" and action != "flag"}
    rows = sum(count for _, _, _, count, status, *_ in lines if status == "done")
    nobody = kind == "rectification.done" and not lines
    return Carried(nobody, kept=tuple(sorted(kept)), rows=rows, failed=tuple(sorted(failed)))


def carry_out(
    house: House, request: Request, who: Particulars, decisions: Decisions, now: datetime
) -> Carried:  # fmt: skip
    """Do what is asked. Raises StoreError, EvidenceError, PlanRefused: then nothing was done, or the engine knows what
    is left and takes it up at the next try."""
    if request.right in (Right.OBJECTION, Right.WITHDRAWAL):
        return _object(house, request, who, decisions, now)
    with stores_at_work(house.policy, now) as session:
        identity = identify(session, Subject(who.identifiers), decisions, house.records)
        if identity.unreachable:
            return Carried(unreachable=tuple(sorted(identity.unreachable)))
        if identity.flags:
            return Carried(flagged=sum(flag.rows for flag in identity.flags))
        acts: dict[Right, Callable[[], tuple[Planned, Callable[[], list[Outcome]]]]] = {
            Right.ERASURE: lambda: _erasure(house, session, identity, request, decisions),
            Right.RECTIFICATION: lambda: _rectification(house, session, identity, request, who),
            Right.RESTRICTION: lambda: _restriction(house, session, identity, request, now),
        }
        planned, act = acts[request.right]()
        if planned.plan.flags:
            return Carried(flagged=sum(step.rows for step in planned.plan.flags))
        check_runnable(session, planned.plan)
        return _carried(request, identity, act())


def _erasure(house: House, session: Session, identity: Identity, request: Request, decisions: Decisions) -> Any:
    wish = Wish(tuple(sorted(request.scope)), (), decisions)
    planned = plan_erasure(session, identity, wish, house.records.holds(session.as_of))
    return planned, lambda: run_erasure(session, planned, house.runner(request.ref))


def _rectification(house: House, session: Session, identity: Identity, request: Request, who: Particulars) -> Any:
    planned = plan_rectification(session, identity, who.wanted)
    return planned, lambda: run_plan(session, planned, house.runner(request.ref), "rectification")


def _restriction(house: House, session: Session, identity: Identity, request: Request, now: datetime) -> Any:
    if not identity.found:
        raise PlanRefused("nobody is known by that identifier", remedy="ask the person for another one")
    planned = plan_restriction(session, identity)

    def act() -> list[Outcome]:
        # First: once the restriction is on record as carried out, nobody comes back to this.
        mirror.put(session, identity, [mirror.EVERY], mirror.RESTRICTED, now)
        return run_restriction(session, planned, house.runner(request.ref), "requested", None)

    return planned, act


def _refused(request: Request, kept: set[tuple[str, str, str, str]]) -> set[tuple[str, str, str, str]]:
    """What of it was asked for and is kept: who asked for one purpose only was not refused what another one still
    needs, nor the rows that only stay since that belongs to them."""
    if not request.scope:
        return kept
    found = {one for one in kept if one[2] != "purpose"}
    return found if any(one[2] != "needed_by_kept" for one in found) else set()


def _carried(request: Request, identity: Identity, outcomes: list[Outcome]) -> Carried:
    kept = _refused(request, {
        (o.step.store, o.step.collection, o.step.detail, o.step.until.isoformat() if o.step.until else "")
        for o in outcomes if o.status == "kept"
    })  # fmt: skip
    failed = {f"{o.step.store}.{o.step.collection}" for o in outcomes if o.status == "failed"}
    rows = sum(o.rows for o in outcomes if o.status == "done")
    return Carried(not identity.found, kept=tuple(sorted(kept)), rows=rows, failed=tuple(sorted(failed)))


def _object(house: House, request: Request, who: Particulars, decisions: Decisions, now: datetime) -> Carried:
    """From now on the answer to *may I?* is no for these purposes, by whatever the person is known in the stores that
    answer, and the rows say so wherever the policy tells how; it has been carried out when all of them did. Where there
    is no such purpose nothing is said to be done."""
    if not request.scope:
        return Carried(idle=True)
    with stores_at_work(house.policy, now) as session:
        identity = identify(session, Subject(who.identifiers), decisions, house.records)
        known = tuple(dict.fromkeys((*who.identifiers, *identity.known)))
        _remember(house, request, known, now)
        mirror.put(session, identity, request.scope, str(request.right), now)
        planned = plan_refusal(session, identity, request.scope, now, decisions)
        if planned.plan.flags:
            return Carried(flagged=sum(step.rows for step in planned.plan.flags))
        check_runnable(session, planned.plan, incomplete=True)
        outcomes = run_refusal(session, planned, house.runner(request.ref), _ground(request), known)
    if identity.unreachable:
        return Carried(unreachable=tuple(sorted(identity.unreachable)))
    carried = replace(_carried(request, identity, outcomes), nobody=False)
    lines = [outcome_line(one) for one in outcomes]
    purposes: list[JSON] = [*sorted(request.scope)]
    body: dict[str, JSON] = {"request": request.ref, "ground": str(request.right), "purposes": purposes}
    ended = "objection.failed" if carried.failed else "objection.made"
    house.records.note(Event(ended, now, body | ({"outcomes": lines} if lines else {})))
    return carried


def _ground(request: Request) -> Ground:
    return "withdrawal" if request.right == Right.WITHDRAWAL else "objection"


def _remember(house: House, request: Request, known: Sequence[tuple[str, str]], now: datetime) -> None:
    row = File.objects.get(ref=request.ref)
    Refusal.objects.bulk_create(
        (
            Refusal(file=row, hash=item, purpose=purpose, ground=str(request.right), made=now)
            for item in house.records.state.keys.vault.indexes(known) for purpose in sorted(request.scope)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
