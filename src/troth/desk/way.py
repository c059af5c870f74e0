"""The way of a request as steps of the journal. Each stop may be left and come back to: by another worker, after a
crash, after weeks of waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from troth.core.errors import PlanRefused, StoreUnreachable
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.values import add
from troth.core.requests.machine import happen
from troth.core.requests.model import Act, By, Happened, Request, Right, State
from troth.core.requests.route import Stop, route, terms_of
from troth.core.rights.identity import Decisions
from troth.desk import aside, book, byhand, erased, foretold, moved, packages, recipients, remains, sharing, telling
from troth.desk.carry import Carried, carry_out, done_already, over, partly_done, touched
from troth.desk.files import JOB, approved_plan, begin, let, read, request_of, untouched
from troth.desk.hand import pack, record
from troth.desk.house import House, at_work
from troth.desk.models import File, Package
from troth.desk.particulars import Particulars
from troth.jobs import shift
from troth.jobs.errors import Fenced, Later
from troth.jobs.journal import left_by
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Wait, Work
from troth.web.mail.errors import MailRefused

KINDS = ("hold", "manual", "purpose")
"""Why something is kept, as the engine says it; what somebody wrote about a hold is not among them."""
WAITS = {Stop.IDENTITY: "identity", Stop.APPROVAL: "approval", Stop.BY_HAND: "staff"}
APART = "request.set_apart"
"""The event by which the ledger knows the rows that were said to be somebody else's."""
SHARED = "shared"
"""What a request waits for when rows may belong to somebody else."""
REFUSED = "refused_plan"
"""What it waits for when the engine refuses the plan: a member of staff has to mend the cause."""

AFTER_FETCHING = timedelta(minutes=1)
"""From the last moment in which a package may be fetched to its end."""

BY_HAND = "hand"
"""Stands where a member of staff said that it was done, and named no number."""

NOTHING_DECIDED = Decisions()

_AGAIN, _SELDOM = 300.0, 6 * 3600.0
"""Seconds after which a store that did not answer is asked again: at first, and when it has been away for long."""
_PATIENT = 5
"""Tries after which a recipient whose mail is refused is put on record as not told, and a correction that a database
refuses waits for staff."""


def register() -> None:
    """Make the stops known to the journal."""
    stops = {
        Stop.IDENTITY: _wait, Stop.APPROVAL: _wait, Stop.BY_HAND: _wait, Stop.COOLING: _cool,
        Stop.CARRY_OUT: _carry, Stop.RECIPIENTS: _recipients, Stop.ANSWER: _answer, Stop.TIDY: _tidy,
        Stop.FORWARD: _forward,
    }  # fmt: skip
    for stop, run in stops.items():
        known_kind(StepKind(name_of(f"request.{stop}", 1), run, tries=12))


def _ended(request: Request) -> bool:
    """Withdrawn or refused meanwhile: the rest of the way is not gone."""
    return request.state in (State.WITHDRAWN, State.REFUSED)


def _wait(work: Work) -> Outcome:
    """Until somebody has answered; the answer is an act that is in the file already, whenever it came."""
    stop = _stop(work)
    with at_work() as at:
        request, _, _ = _read(at, work)
        book.write(at, request)
        if work.claim.answer is not None or settled(request.ref, stop):
            return Done(dict(work.claim.answer or {}))
    return Wait(WAITS[stop], unless=lambda: settled(request.ref, stop))


def settled(ref: str, stop: Stop) -> bool:
    """Whether the file says what this stop waits for."""
    row = File.objects.get(ref=ref)
    request = request_of(row)
    if _ended(request):
        return True
    if stop == Stop.IDENTITY:
        return bool(row.verified) and request.state != State.IDENTITY_AWAITED
    if stop == Stop.BY_HAND:
        return byhand.was_done(ref, stop)
    return any(one.act == Act.APPROVED and not one.reference for one in request.history)


def _cool(work: Work) -> Outcome:
    with at_work() as at:
        request, _, now = _read(at, work)
        book.write(at, request)
        way = route(request, at.policy, verified=True)
        day = terms_of(at.policy).day(request.received)
        until = request.received + (add(day, way.cooling) - day)
        if _ended(request) or now >= until:
            return Done()
    return Wait("cooling", until, unless=lambda: _ended(request_of(File.objects.get(ref=request.ref))))


def _until_known(ref: str) -> Wait:
    """Somebody doubts who asks: nothing is done and nothing told before that is settled."""
    return Wait(WAITS[Stop.IDENTITY], unless=lambda: File.objects.get(ref=ref).state != State.IDENTITY_AWAITED)


def _carry(work: Work) -> Outcome:
    with at_work() as at:
        now = datetime.now(UTC)
        # Before the stores are touched the file says that they are about to be.
        before, request, who = begin(at, _ref(work), now)
        earlier = done_already(at, before) if before.begun else None
        if earlier is not None:
            book.write(at, request)
            decided = _decided(at, work, request)
            if request.right == Right.ERASURE and not (earlier.nobody or request.categories):
                stopped, failed = erased.once_more(at, request, who.identifiers, decided, now)
                return _next(replace(earlier, stopped=stopped, failed=failed), work, decided)
            return Done(_result(earlier, decided))
        book.write(at, request, new=not before.begun)
        if not request.begun:
            packages.clear(request.ref)
            return Done() if _ended(request) else _until_known(request.ref)
        work.still_mine()
        try:
            outcome = _carried_out(at, work, request, who, now)
        except Fenced:
            raise
        except Exception:
            _loosen(at, work, request)
            raise
        if isinstance(outcome, Wait):
            _loosen(at, work, request)
        return outcome


def _loosen(at: House, work: Work, request: Request) -> None:
    """Where nothing was done yet, the person may still change their mind."""
    if not touched(at, request):
        work.still_mine()
        untouched(request.ref)


def _carried_out(at: House, work: Work, request: Request, who: Particulars, now: datetime) -> Outcome:
    decisions = _decided(at, work, request)
    try:
        if over(at, request):
            return _next(Carried(over=True), work, decisions)
        asked = _to_ask(at, work, request, who, now, decisions)
        if asked:
            return Wait(asked)
        _set_apart(at, request, decisions, now)
        if request.right not in (Right.ACCESS, Right.PORTABILITY):
            carried = carry_out(at, request, who, decisions, now)
            stuck = request.right == Right.RECTIFICATION and carried.failed and not carried.unreachable
            if stuck and int(_progress(work).get("again", 0)) >= _PATIENT:
                return Wait(REFUSED)  # the database will go on saying no to this value
            return _next(carried, work, decisions)
        packages.clear(request.ref, keep=_kept_package(request.ref))
        handed = pack(at, request, who, decisions, now, work.claim.attempt)
    except PlanRefused:
        return Wait(REFUSED)
    row = handed.row
    return _next(handed.carried, work, decisions, (lambda: record(request.ref, row)) if row is not None else None)


def _set_apart(at: House, request: Request, decisions: Decisions, now: datetime) -> None:
    """On record before anything is done: which rows somebody has said to be somebody else's."""
    apart: JSON = [*sorted(decisions.apart)]
    if (apart or decisions.shared) and apart != _told_apart(at, request):
        at.records.note(Event(APART, now, {"request": request.ref, "rows": apart}))


def _told_apart(at: House, request: Request) -> list[JSON]:
    """The rows that were set apart by the last word on it, as the ledger knows."""
    told = [body for kind, body in at.records.state.events_of(request.ref) if kind == APART and body is not None]
    return cast("list[JSON]", told[-1]["rows"]) if told else []


def _to_ask(
    at: House, work: Work, request: Request, who: Particulars, now: datetime, decisions: Decisions
) -> str:  # fmt: skip
    """What has to be asked again before anything is done: whether what would be opened or done is what somebody saw.
    Empty where nothing has."""
    approved = any(one.act == Act.APPROVED and not one.reference for one in request.history)
    bound = approved and request.right in foretold.PLANNED
    if not (bound or decisions.shared) or partly_done(at, request):
        return ""
    try:
        if bound and foretold.relied_on(at, request, who, now) != approved_plan(request.ref):
            return WAITS[Stop.APPROVAL]
        if not decisions.shared:
            return ""
        given = _answer_to(work)
        if sharing.doubt(at, request, who, now).digest != given.get("seen"):
            return SHARED
        plan = foretold.with_these(at, request, who, now, decisions.apart)
        return "" if plan == given.get("plan", "") else SHARED
    except StoreUnreachable:
        _next(Carried(unreachable=("*",)), work, decisions)
        raise


def _kept_package(ref: str) -> str:
    row = Package.objects.filter(file__ref=ref).first()
    return str(row.name) if row else ""


def _next(
    carried: Carried, work: Work, decisions: Decisions, also: Callable[[], object] | None = None
) -> Outcome:  # fmt: skip
    """What follows from how it went."""
    if carried.flagged:
        return Wait(SHARED)
    if carried.unreachable or carried.failed:
        shift.drop("stores")
        # Each time a little later: an outage of days must not fill the ledger with tries.
        turn = int(_progress(work).get("again", 0))
        work.note({"again": turn + 1})
        raise Later(min(_AGAIN * 2 ** min(turn, 20), _SELDOM), "unreachable" if carried.unreachable else "failed")
    return Done(_result(carried, decisions), also=also)


def _result(carried: Carried, decisions: Decisions = NOTHING_DECIDED) -> dict[str, Any]:
    """For the answer: names of the policy, codes and numbers."""
    apart = {"apart": True} if decisions.apart else {}
    kept = [[store, name, kind if kind in KINDS else "", *rest] for store, name, kind, *rest in carried.kept]
    stopped = {"stopped": [*carried.stopped]} if carried.stopped else {}
    serving = {"serving": [*carried.serving]} if carried.serving else {}
    lifted = {"over": True} if carried.over else {"lifted": [*carried.lifted]} if carried.lifted else {}
    return {
        "nobody": carried.nobody,
        "idle": carried.idle,
        "rows": carried.rows,
        "kept": kept[:40],
        **lifted,
        **stopped,
        **apart,
        **serving,
    }


def _progress(work: Work) -> dict[str, Any]:
    """How far earlier tries have come."""
    return dict(work.claim.progress or {})


def _recipients(work: Work) -> Outcome:
    with at_work() as at:
        if not at.policy.document.recipients:
            return Done()
        request, who, now = _read(at, work)
        result = result_of(request.ref)
        nothing = not result.get("rows") and request.right in (Right.ERASURE, Right.RECTIFICATION)
        if _ended(request) or result.get("nobody") or result.get("over") or nothing:
            return Done()  # nobody hears of somebody whose data was not changed
        names = recipients.recipients_of(at, request, result)
        if request.right in recipients.NOES and not recipients.told_by_mail(at, names):
            return Done()
        by_hand = [] if request.right in recipients.NOES else recipients.told_by_hand(at, names)
        if by_hand and not byhand.was_done(request.ref, Stop.RECIPIENTS):
            return Wait(WAITS[Stop.BY_HAND], unless=lambda: byhand.was_done(request.ref, Stop.RECIPIENTS))
        told = [str(name) for name in (work.claim.progress or {}).get("told", [])]
        if recipients.told_by_mail(at, names):
            work.still_mine()
        patient = work.tries < _PATIENT
        no = request.right in recipients.NOES
        uses = (set(result.get("serving", ())) if no else request.scope) - set(result.get("lifted", ()))
        return Done(recipients.tell_recipients(
            at, request, who, now, told, lambda: work.note({"told": told}), names=names, patient=patient,
            by_hand=by_hand, uses=uses, apart=bool(result.get("apart")),
        ))  # fmt: skip


def _answer(work: Work) -> Outcome:
    """The mail first, then the act: what was not told is not answered. After a crash in between a person may be told
    twice, never not at all."""
    with at_work() as at:
        request, who, now = _read(at, work)
        if request.state == State.IDENTITY_AWAITED:
            book.write(at, request)
            return _until_known(request.ref)
        if request.open and not who.answer_to and not _letter_sent(request.ref):
            book.write(at, request)
            return Wait(WAITS[Stop.BY_HAND], unless=lambda: _letter_sent(request.ref))
        if not request.open:
            book.write(at, request)
        if request.state == State.WITHDRAWN:
            return Done()
        result, end = result_of(request.ref), None
        after = request
        if request.open:
            reasons = telling.reasons_of(at.policy, request, result)
            end = Happened(Act.PARTLY_REFUSED if reasons else Act.ANSWERED, now, By.TROTH, reasons)
            after = happen(request, end, terms_of(at.policy))
        if not (_progress(work).get("told") or _answered(request)):
            work.still_mine()
            telling.answer(at, after, who, result, now)
            if end is None or request.right == Right.RECTIFICATION:
                work.note({"told": True})  # else the act itself says so, at once
        if request.open:
            moved.tell(at, request, who, result)
        if end is not None:
            book.write(at, let(at, request.ref, end, now, with_next=True).request, new=True)
        _aside(at, work, after, who, result)
    return Done()


def _answered(request: Request) -> bool:
    """Whether an earlier try came as far as the act: then the mail has left."""
    return any(one.by == By.TROTH and one.act in (Act.ANSWERED, Act.PARTLY_REFUSED) for one in request.history)


def _aside(at: House, work: Work, request: Request, who: Particulars, result: dict[str, Any]) -> None:
    """Where somebody else has asked, the person hears of it; not for ever, where their address takes no mail."""
    if request.behalf is None:
        return
    work.still_mine()
    try:
        aside.tell(at, request, who, result, datetime.now(UTC))
    except MailRefused:
        if work.tries < _PATIENT:
            raise


def _letter_sent(ref: str) -> bool:
    """Whether somebody has said so."""
    return _ended(request_of(File.objects.get(ref=ref))) or byhand.was_done(ref, Stop.ANSWER)


def _tidy(work: Work) -> Outcome:
    package = Package.objects.filter(file__ref=_ref(work)).first()
    if package is None:
        packages.clear(_ref(work))  # whoever had it destroyed may have died in between
        return Done()
    now = datetime.now(UTC)
    if now < package.until:
        return Wait("fetching", package.until + AFTER_FETCHING)
    packages.clear(_ref(work))
    return Done({"deleted": True}, also=package.delete)


def _forward(work: Work) -> Outcome:
    """To the controller first; then the person hears who answers them."""
    with at_work() as at:
        request, who, now = _read(at, work)
        if request.open:
            work.still_mine()
            telling.forward(at, request, who)
            request = let(at, request.ref, Happened(Act.FORWARDED, now, By.TROTH), now, with_next=True).request
        book.write(at, request)
        if request.state == State.FORWARDED and not (work.claim.progress or {}).get("told"):
            work.still_mine()
            telling.forwarded(at, request, who)
            work.note({"told": True})
    return Done()


def _read(at: House, work: Work) -> tuple[Request, Particulars, datetime]:
    now = datetime.now(UTC)
    return *read(at, _ref(work)), now


def _ref(work: Work) -> str:
    return work.claim.reference


def _stop(work: Work) -> Stop:
    return Stop(work.claim.kind.removeprefix("request.").rpartition("-")[0])


def _answer_to(work: Work) -> dict[str, Any]:
    """What was answered last; a decision about the rows in doubt may have come with the approval already."""
    if work.claim.answer is not None:
        return dict(work.claim.answer)
    left = left_by(JOB, _ref(work), f"request.{Stop.APPROVAL}")
    return dict(left[0] or {}) if left else {}


def _decided(at: House, work: Work, request: Request) -> Decisions:
    """What a human has decided last. An answer to something else takes the place of that decision, but what was set
    apart by it stays so: once a part is done, nothing else may tell."""
    answer: Any = _answer_to(work)
    apart = frozenset(str(tag) for tag in answer.get("apart", ()))
    if not answer.get("shared") and any(one.reference == SHARED for one in request.history):
        apart |= {str(tag) for tag in _told_apart(at, request)}
    return Decisions(bool(answer.get("shared")), bool(answer.get("unverified")), apart)


def result_of(ref: str, stop: Stop = Stop.CARRY_OUT) -> dict[str, Any]:
    """What a stop, mostly that of carrying out, has left for the answer. Whoever is in no store but in a system that
    somebody has looked through is not told that nothing is known of them; ``remains`` is what stays of whom an earlier
    erasure has made impossible to find."""
    left = left_by(JOB, ref, f"request.{stop}")
    found = dict(left[0] or {}) if left else {}
    if not found.get("nobody"):
        return found
    return {**found, "nobody": False} if byhand.found_something(ref) else {**found, "remains": remains.known_to(ref)}


__all__ = ["BY_HAND", "REFUSED", "SHARED", "WAITS", "File", "register", "result_of", "settled"]
