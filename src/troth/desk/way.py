"""The way of a request as steps of the journal. Each stop may be left and come back to: by another worker, after a
crash, after weeks of waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from troth.core.errors import PlanRefused
from troth.core.policy.values import add
from troth.core.requests.model import Act, By, Happened, Request, Right, State
from troth.core.requests.route import Stop, route, terms_of
from troth.core.rights.identity import Decisions
from troth.desk import book, packages, telling
from troth.desk.carry import Carried, carry_out, done_already
from troth.desk.files import file_of, let
from troth.desk.hand import pack
from troth.desk.house import House, house
from troth.desk.models import File, Package
from troth.desk.particulars import Particulars
from troth.jobs.errors import Later
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Wait, Work

WAITS = {Stop.IDENTITY: "identity", Stop.APPROVAL: "approval", Stop.BY_HAND: "staff"}
SHARED = "shared"
"""What a request waits for when rows may belong to somebody else."""
REFUSED = "refused_plan"
"""What it waits for when the engine refuses the plan: a member of staff has to mend the cause."""

_AGAIN = 300.0
"""Seconds after which a store that did not answer is asked again."""


def register() -> None:
    """Make the stops known to the journal."""
    stops = {
        "book": _book, Stop.IDENTITY: _wait, Stop.APPROVAL: _wait, Stop.BY_HAND: _wait, Stop.COOLING: _cool,
        Stop.CARRY_OUT: _carry, Stop.RECIPIENTS: _recipients, Stop.ANSWER: _answer, Stop.TIDY: _tidy,
        Stop.FORWARD: _forward,
    }  # fmt: skip
    for stop, run in stops.items():
        known_kind(StepKind(name_of(f"request.{stop}", 1), run, tries=12))


def _ended(request: Request) -> bool:
    """Withdrawn or refused meanwhile: the rest of the way is not gone."""
    return request.state in (State.WITHDRAWN, State.REFUSED)


def _book(work: Work) -> Outcome:
    with house() as at:
        request, _, _ = _read(at, work)
        book.write(at, request)
    return Done()


def _wait(work: Work) -> Outcome:
    """Until somebody has answered; the answer is an act that is in the file already."""
    with house() as at:
        request, _, _ = _read(at, work)
        book.write(at, request)
        if _ended(request) or work.claim.answer is not None:
            return Done(dict(work.claim.answer or {}))
    return Wait(WAITS[_stop(work)])


def _cool(work: Work) -> Outcome:
    with house() as at:
        request, _, now = _read(at, work)
        way = route(request, at.policy, verified=True)
        day = terms_of(at.policy).day(request.received)
        until = request.received + (add(day, way.cooling) - day)
        if _ended(request) or now >= until:
            return Done()
    return Wait("cooling", until)


def _carry(work: Work) -> Outcome:
    with house() as at:
        request, who, now = _read(at, work)
        if _ended(request):
            return Done()
        if request.state == State.RECEIVED:
            request = let(at, request.ref, Happened(Act.TAKEN_UP, now, By.TROTH), now).request
        book.write(at, request)
        if done_already(at, request):
            return Done({"already": True})
        decisions = _decided(work)
        work.still_mine()
        try:
            if request.right in (Right.ACCESS, Right.PORTABILITY):
                handed = pack(at, request, who, decisions, now)
                return _next(handed.carried, handed.secret, work, at)
            return _next(carry_out(at, request, who, decisions, now), "", work, at)
        except PlanRefused:
            return Wait(REFUSED)


def _next(carried: Carried, secret: str, work: Work, at: House) -> Outcome:
    """What follows from how it went."""
    if carried.unreachable:
        raise Later(_AGAIN, "unreachable")
    if carried.flagged:
        return Wait(SHARED)
    if carried.failed:
        raise Later(_AGAIN, "failed")
    if secret:
        telling.keep_secret(at.records.state.keys.vault, _ref(work), secret)
    kept = [list(one) for one in carried.kept]
    return Done({"nobody": carried.nobody, "rows": carried.rows, "kept": kept[:60]})


def _recipients(work: Work) -> Outcome:
    with house() as at:
        request, who, now = _read(at, work)
        if _ended(request):
            return Done()
        work.still_mine()
        return Done(telling.tell_recipients(at, request, who, now))


def _answer(work: Work) -> Outcome:
    """The act first, then the mail: a person may be told twice after a crash in between, never not at all."""
    with house() as at:
        request, who, now = _read(at, work)
        if request.state == State.WITHDRAWN:
            book.write(at, request)
            return Done()
        result = _result_of(request.ref)
        if request.open:
            act, reasons = (
                (Act.PARTLY_REFUSED, telling.reasons_of(result)) if result.get("kept") else (Act.ANSWERED, ())
            )
            request = let(at, request.ref, Happened(act, now, By.TROTH, reasons), now).request
        book.write(at, request)
        work.still_mine()
        telling.answer(at, request, who, result, now)
    return Done()


def _tidy(work: Work) -> Outcome:
    package = Package.objects.filter(file__ref=_ref(work)).first()
    if package is None:
        return Done()
    now = datetime.now(UTC)
    if now < package.until:
        return Wait("fetching", package.until + timedelta(minutes=1))
    packages.delete(package.name)
    return Done({"deleted": True}, also=package.delete)


def _forward(work: Work) -> Outcome:
    with house() as at:
        request, who, now = _read(at, work)
        if request.open:
            work.still_mine()
            telling.forward(at, request, who)
            request = let(at, request.ref, Happened(Act.FORWARDED, now, By.TROTH), now).request
        book.write(at, request)
    return Done()


def _read(at: House, work: Work) -> tuple[Request, Particulars, datetime]:
    now = datetime.now(UTC)
    opened, who = file_of(at, _ref(work), now)
    return opened.request, who, now


def _ref(work: Work) -> str:
    return work.claim.reference


def _stop(work: Work) -> Stop:
    return Stop(work.claim.kind.removeprefix("request.").rpartition("-")[0])


def _decided(work: Work) -> Decisions:
    answer: Any = work.claim.answer or {}
    return Decisions(bool(answer.get("shared")), bool(answer.get("unverified")))


def _result_of(ref: str) -> dict[str, Any]:
    """What carrying out has left for the answer."""
    from troth.jobs.models import Step

    row = Step.objects.filter(reference=ref, kind__startswith=f"request.{Stop.CARRY_OUT}").first()
    return dict(row.result or {}) if row else {}


__all__ = ["REFUSED", "SHARED", "WAITS", "File", "register"]
