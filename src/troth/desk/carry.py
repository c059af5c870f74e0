"""Carrying out a request on the stores, with the engine of ``core.rights``. Doing it again does nothing twice: the
engine knows a request by its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from troth.core.errors import PlanRefused
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.requests.model import Request, Right
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
from troth.core.rights.no_more import served
from troth.core.rights.rectify import new_identifiers, plan_rectification, run_rectification
from troth.core.rights.refuse import Ground, heard_by, name_of, plan_refusal, run_refusal
from troth.core.rights.restrict import plan_restriction, run_restriction
from troth.core.rights.session import Session
from troth.core.rights.whose import keep_apart
from troth.desk import mirror
from troth.desk.erased import no_more, serving
from troth.desk.house import House, stores_at_work
from troth.desk.kept import Kept, kept_of, of_ledger, rows_of
from troth.desk.models import File, Refusal
from troth.desk.particulars import Particulars
from troth.desk.renaming import doubtful, known_too, left_behind
from troth.desk.sharing import in_the_way


@dataclass(frozen=True, slots=True)
class Carried:
    """How it ended. ``nobody``: no row of the person is known; ``idle``: no purpose of the policy can be objected to,
    or rests on consent, so that nothing was to be done; ``kept``: what the law, somebody by hand or another purpose
    keeps of what was asked for; ``flagged``: rows that a human has to decide about first, nothing was done;
    ``unreachable``: stores that did not answer, to be tried again; ``failed``: steps that failed; ``over``: it has been
    lifted meanwhile, so that nothing was done any more; ``lifted``: only these purposes of it were."""

    nobody: bool = False
    idle: bool = False
    kept: tuple[Kept, ...] = ()
    rows: int = 0
    flagged: int = 0
    unreachable: tuple[str, ...] = ()
    refused: str = ""
    failed: tuple[str, ...] = ()
    over: bool = False
    lifted: tuple[str, ...] = ()
    serving: tuple[str, ...] = ()
    """The purposes of a no that rows of the person serve."""
    collections: tuple[tuple[str, str, int], ...] = field(default=())
    stopped: tuple[str, ...] = ()
    """The purposes to which an erasure is a no as well (``erased``)."""


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
    return any(_begins(kind) for kind in kinds)


def _begins(kind: str) -> bool:
    return kind.endswith(".intended") or kind == "restriction.made"


def partly_done(house: House, request: Request) -> bool:
    """Whether an earlier try has done something, or may have, since it began and never told how it ended. One that
    failed everywhere left the stores as they were: what was approved is looked at again before the next."""
    tries: list[bool] = []
    for kind, body in house.records.state.events_of(request.ref):
        if _begins(kind):
            tries.append(True)
        elif tries and kind.endswith((".failed", ".flagged")) and body is not None:
            tries[-1] = any(line[4] == "done" for line in cast("list[list[Any]]", body.get("outcomes", [])))
    return any(tries)


def _ended(house: House, request: Request, kind: str, body: Mapping[str, Any]) -> Carried:
    """An end as the ledger tells it. Lines of older events do not say why something is kept."""
    if kind == "erasure.nobody":
        return Carried(nobody=True)
    if "completed_by" in body:
        others = house.records.state.events_of(str(body["completed_by"]))
        body = next((b for k, b in reversed(others) if k == kind and b is not None and "outcomes" in b), {})
    lines = [(*one, "")[:7] for one in cast("list[list[Any]]", body.get("outcomes", []))]
    found = ((s, c, why, until or "") for s, c, _, _, status, until, why in lines if status == "kept")
    kept = of_ledger(house.policy, request, sorted(set(found)))
    failed = {f"{s}.{c}" for s, c, action, _, status, *_ in lines if status == "failed" and action != "flag"}
    rows = sum(count for _, _, _, count, status, *_ in lines if status == "done") or rows_of(house, request)
    nobody = kind == "rectification.done" and not lines
    lifted = sorted(request.scope - set(body["purposes"])) if kind == "objection.made" and "purposes" in body else []
    uses = tuple(cast("list[str]", body.get("serving", [])))
    return Carried(
        nobody, kept=kept, rows=rows, failed=tuple(sorted(failed)), lifted=tuple(lifted), serving=uses
    )  # fmt: skip


def lifted(house: House, request: Request) -> frozenset[str]:
    """The purposes of an objection or a withdrawal that have been lifted since it was made; ``mirror.EVERY`` for a
    restriction that has ended. What has been lifted is never written any more."""
    state = house.records.state
    if request.right == Right.RESTRICTION:
        mark = state.restrictions.get(request.ref)
        return frozenset({mirror.EVERY}) if mark is not None and mark.released_at is not None else frozenset()
    if request.right not in (Right.OBJECTION, Right.WITHDRAWAL):
        return frozenset()
    found = set(Refusal.objects.filter(file__ref=request.ref, ended__isnull=False).values_list("purpose", flat=True))
    for purpose in request.scope:
        mark = state.refusals.get(name_of(request.ref, purpose))
        if mark is not None and mark.released_at is not None:
            found.add(purpose)
    return frozenset(found)


def over(house: House, request: Request) -> bool:
    """Whether all of it has been lifted."""
    found = lifted(house, request)
    return bool(found) and (request.right == Right.RESTRICTION or request.scope <= found)


def carry_out(house: House, request: Request, who: Particulars, decisions: Decisions, now: datetime) -> Carried:
    """Do what is asked. Raises StoreError, EvidenceError, PlanRefused: then nothing was done, or the engine knows what
    is left and takes it up at the next try."""
    if over(house, request):
        return Carried(over=True)
    if request.right in (Right.OBJECTION, Right.WITHDRAWAL):
        return _object(house, request, who, decisions, now)
    with stores_at_work(house.policy, now) as session:
        identity = identify(session, Subject(who.identifiers), decisions, house.records)
        if identity.unreachable:
            return Carried(unreachable=tuple(sorted(identity.unreachable)))
        if held := in_the_way(house, request, who, identity):
            return Carried(flagged=held)
        acts: dict[Right, Callable[[], tuple[Planned, Callable[[], list[Outcome]]]]] = {
            Right.ERASURE: lambda: _erasure(house, session, identity, request, decisions),
            Right.RECTIFICATION: lambda: _rectification(house, session, identity, request, who, decisions),
            Right.RESTRICTION: lambda: _restriction(house, session, identity, request, decisions, now),
        }
        planned, act = acts[request.right]()
        if planned.plan.flags:
            return Carried(flagged=sum(step.rows for step in planned.plan.flags))
        if identity.flags and not any(step.rows for store in planned.plan.stores for step in store.steps):
            return Carried(flagged=sum(flag.rows for flag in identity.flags))
        check_runnable(session, planned.plan)
        carried = _carried(house, request, identity, act())
        if request.right != Right.ERASURE or carried.failed or request.categories:
            return carried  # who has one kind of data erased says no to no use
        stopped, failed = no_more(house, session, request, identity, decisions, now)
        return replace(carried, stopped=stopped, failed=failed)


def _erasure(house: House, session: Session, identity: Identity, request: Request, decisions: Decisions) -> Any:
    wish = Wish(tuple(sorted(request.scope)), (), decisions, tuple(sorted(request.categories)))
    planned = plan_erasure(session, identity, wish, house.records.holds(session.as_of))
    return planned, lambda: run_erasure(session, planned, house.runner(request.ref))


def _rectification(
    house: House, session: Session, identity: Identity, request: Request, who: Particulars, decisions: Decisions
) -> Any:  # fmt: skip
    planned = plan_rectification(session, identity, who.wanted)

    def act() -> list[Outcome]:
        new = new_identifiers(session.policy, planned.plan)
        known = (*who.identifiers, *identity.known)
        known_too(house.records.state.keys.vault, known, new, doubtful(identity, decisions, new))
        keep_apart(house.records, identity, decisions)
        outcomes = run_rectification(session, planned, house.runner(request.ref))
        if new and not any(one.status == "failed" for one in outcomes):
            left_behind(house.records, session, known, new)
        return outcomes

    return planned, act


def _restriction(
    house: House, session: Session, identity: Identity, request: Request, decisions: Decisions, now: datetime
) -> Any:  # fmt: skip
    if not identity.found:
        raise PlanRefused("nobody is known by that identifier", remedy="ask the person for another one")
    planned = plan_restriction(session, identity, decisions)

    def act() -> list[Outcome]:
        # First: once the restriction is on record as carried out, nobody comes back to this.
        mirror.put(session, identity, [mirror.EVERY], mirror.RESTRICTED, now)
        return run_restriction(session, planned, house.runner(request.ref), "requested", None)

    return planned, act


def _carried(house: House, request: Request, identity: Identity, outcomes: list[Outcome]) -> Carried:
    kept = kept_of(house.policy, request, [o.step for o in outcomes if o.status == "kept"])
    failed = {f"{o.step.store}.{o.step.collection}" for o in outcomes if o.status == "failed"}
    rows = sum(o.rows for o in outcomes if o.status == "done") or rows_of(house, request)
    return Carried(not identity.found, kept=kept, rows=rows, failed=tuple(sorted(failed)))


def _object(house: House, request: Request, who: Particulars, decisions: Decisions, now: datetime) -> Carried:
    """From now on the answer to *may I?* is no for these purposes, by whatever the person is known in the stores that
    answer, and the rows say so wherever the policy tells how; it has been carried out when all of them did. Rows that
    an earlier try has reached are not written again, whatever the person has said in the publisher's software since.
    Where there is no such purpose nothing is said to be done."""
    if not request.scope:
        return Carried(idle=True)
    gone = lifted(house, request)
    scope = request.scope - gone
    with stores_at_work(house.policy, now) as session:
        identity = identify(session, Subject(who.identifiers), decisions, house.records)
        known = tuple(dict.fromkeys((*who.identifiers, *identity.known)))
        _remember(house, request, scope, known, now)
        mirror.put(session, identity, scope, str(request.right), now)
        heard = heard_by(house.records, request.ref, scope)
        planned = plan_refusal(session, identity, scope, now, decisions, heard)
        if planned.plan.flags:
            return Carried(flagged=sum(step.rows for step in planned.plan.flags))
        check_runnable(session, planned.plan, incomplete=True)
        if lifted(house, request) != gone:  # while the stores were asked
            return Carried(unreachable=("*",))
        # Before anything is written: a flag may take its row out of the collection's filter.
        uses = tuple(sorted(scope & (serving(house, request.ref) | served(session, identity))))
        runner = replace(house.runner(request.ref), now=now)  # as the flags that are moments tell it
        outcomes = run_refusal(session, planned, runner, _ground(request), known, heard, uses)
    if identity.unreachable:
        return Carried(unreachable=tuple(sorted(identity.unreachable)))
    carried = replace(
        _carried(house, request, identity, outcomes), nobody=False, lifted=tuple(sorted(gone)), serving=uses
    )
    lines = [outcome_line(one) for one in outcomes]
    purposes: list[JSON] = [*sorted(scope)]
    body: dict[str, JSON] = {"request": request.ref, "ground": str(request.right), "purposes": purposes}
    body |= {"serving": [*uses]} if uses else {}
    if not carried.failed:
        house.records.note(Event("objection.made", now, body | ({"outcomes": lines} if lines else {})))
    return carried


def _ground(request: Request) -> Ground:
    return "withdrawal" if request.right == Right.WITHDRAWAL else "objection"


def _remember(
    house: House, request: Request, scope: Collection[str], known: Sequence[tuple[str, str]], now: datetime
) -> None:  # fmt: skip
    row = File.objects.get(ref=request.ref)
    Refusal.objects.bulk_create(
        (
            Refusal(file=row, hash=item, purpose=purpose, ground=str(request.right), made=now)
            for item in house.records.state.keys.vault.indexes(known) for purpose in sorted(scope)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
