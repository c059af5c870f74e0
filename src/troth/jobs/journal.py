"""The protocol: claims, leases, fences. Everything that writes a step goes through here or ``orders.py``.

A claim is one conditional update: whoever gets the row raises ``attempt``, names itself and has a lease. Every later
write asks that both still stand. Where a job and its steps are locked, the job comes first. ``SKIP LOCKED`` keeps
workers on PostgreSQL out of each other's way; on SQLite the transaction begins IMMEDIATE, and Django leaves the
clause out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet

from troth.jobs import statements
from troth.jobs.clock import Clock, after, milliseconds, stored
from troth.jobs.errors import Fenced
from troth.jobs.models import (
    CANCELLED,
    CLAIMED,
    DONE,
    FAILED,
    KEPT,
    PRIORITIES,
    READY,
    WAITING,
    WAITING_FOR,
    Job,
    Step,
)
from troth.jobs.references import reference, references
from troth.jobs.work import JSON, Claim, Done, Kept, Wait

LEASE = 60.0
"""Seconds after which a step whose holder gave no sign of life is anybody's."""


_NO_LEASE, _NO_PAUSE = 3600.0, 3 * 86400.0
"""Seconds: no lease is so long, and nothing is put off for so long after a failure."""


def anything(kinds: Sequence[str]) -> bool:
    """Whether there is a step to take: a look that takes no lock."""
    free = Step.objects.filter(priority__in=PRIORITIES, free_at__lte=Clock(), kind__in=kinds)
    return bool(free.exists())


def claim(worker: str, kinds: Sequence[str], lease: float = LEASE) -> Claim | None:
    """Take the next step of a kind that this worker knows; None when there is none. It may be one whose holder has
    died. Durable as soon as anything after it is: a claim that a crash of the server undoes is fenced out."""
    with transaction.atomic():
        return _next(worker, kinds, lease)


def _next(worker: str, kinds: Sequence[str], lease: float) -> Claim | None:
    among = statements.among(list(kinds))
    for priority in PRIORITIES:
        for row in statements.rows("free", priority=priority, kinds=among):
            return _taken(_Row(*row), worker, lease)
    return None


class _Row(NamedTuple):
    """A step with its job, as ``free`` and ``rest`` read it."""

    id: int
    number: int
    kind: str
    stage: int
    store: str
    reference: str
    state: str
    attempt: int
    tries: int
    waits_for: str
    progress: Any
    answer: Any
    job: int
    ref: str
    job_kind: str
    key: str
    plan: Any
    job_state: str


def _taken(row: _Row, worker: str, lease: float) -> Claim:
    """On PostgreSQL the row is locked, on SQLite everything is: what was read still stands."""
    statements.run("take", step=row.id, attempt=row.attempt, worker=worker, lease=milliseconds(lease))
    return Claim(
        step=row.id, job=row.job, ref=row.ref, key=f"{row.job_kind}/{row.key}/{row.number}", kind=row.kind,
        stage=row.stage, store=row.store, reference=row.reference, plan=statements.read(row.plan),
        attempt=row.attempt + 1, tries=row.tries + 1, worker=worker, lease=lease,
        cancelled=row.job_state == CANCELLED, waited_for=row.waits_for, progress=statements.read(row.progress),
        answer=statements.read(row.answer),
    )  # fmt: skip


def _mine(claim: Claim) -> QuerySet[Any]:
    """The fence: the step, if this claim still holds it."""
    return Step.objects.filter(pk=claim.step, attempt=claim.attempt, claimed_by=claim.worker, state=CLAIMED)


def _write(claim: Claim, **values: Any) -> None:
    _held(claim, _mine(claim).update(**values))


def _run(name: str, claim: Claim, **values: Any) -> None:
    """One of the statements that the fence is part of."""
    mine = {"step": claim.step, "attempt": claim.attempt, "worker": claim.worker}
    _held(claim, statements.run(name, **mine, **values))


def _held(claim: Claim, changed: int) -> None:
    if changed != 1:
        raise Fenced(f"attempt {claim.attempt} at a step is no longer the last")


def hold(claim: Claim) -> None:
    """Begin the lease anew. Raises Fenced."""
    _run("hold", claim, lease=milliseconds(claim.lease))


def note(claim: Claim, progress: JSON) -> None:
    """Keep how far it has come; tries count from here. Raises Fenced, NotAReference."""
    said = statements.written(references(dict(progress), "progress"))
    _run("note", claim, progress=said, lease=milliseconds(claim.lease))


def end(claim: Claim, outcome: Done | Kept, *, go_on: Sequence[str] = ()) -> Claim | None:
    """Record the outcome, and let the next stage begin. Of the kinds in ``go_on`` the same worker takes the next
    step in the same transaction: that of the next stage, where it is alone and free now; after the last one, any
    that is free. Raises Fenced, NotAReference; then nothing is recorded."""
    result = None if outcome.result is None else references(dict(outcome.result), "a result")
    state = DONE if isinstance(outcome, Done) else KEPT
    with transaction.atomic():
        ((job_state,),) = statements.rows("lock_job", job=claim.job)
        _run("settle", claim, state=state, result=statements.written(result))
        if isinstance(outcome, Done) and outcome.also is not None:
            outcome.also()
        if job_state == CANCELLED:
            return None
        return _advance(claim, outcome.pause if isinstance(outcome, Done) else 0.0, go_on)


def _advance(claim: Claim, pause: float, go_on: Sequence[str]) -> Claim | None:
    """Open the next stage, or close the job. The job is locked."""
    rest = [_Row(*row) for row in statements.rows("rest", job=claim.job)]
    if not rest:
        statements.run("close_job", job=claim.job)
        return _next(claim.worker, go_on, claim.lease) if go_on else None
    first = rest[0]
    alone = len(rest) == 1 or rest[1].stage != first.stage
    if alone and not pause and first.state == WAITING and first.kind in go_on:
        return _taken(first, claim.worker, claim.lease)
    statements.run("open_stage", job=claim.job, stage=first.stage, pause=milliseconds(pause))
    return None


def results(claim: Claim) -> list[Any]:
    """What the ended steps of earlier stages of the same job have left, in their order."""
    ended = Step.objects.filter(job=claim.job, stage__lt=claim.stage, settled__isnull=False).order_by("number")
    return list(ended.values_list("result", flat=True))


def left_by(job: str, key: str, kind: str) -> tuple[Any, int | None] | None:
    """What the first step of this kind, of whatever version, has left in that job, and when it ended (milliseconds
    since 1970; None while it has not). None where there is no such step."""
    for result, settled in statements.rows("result", kind=job, key=key, like=f"{kind}-%"):
        return statements.read(result), settled
    return None


def wait(claim: Claim, outcome: Wait) -> None:
    """Let go of it until an answer or a date comes. Raises Fenced, NotAReference."""
    reference(outcome.what, "what a step waits for")
    until = None if outcome.until is None else stored(outcome.until)
    with transaction.atomic():
        if _dropped(claim):
            return
        if outcome.unless is not None and outcome.unless():
            _write(claim, state=READY, free_at=after(0.0), claimed_by="", tries=0, answer=None)
            return
        _write(claim, state=WAITING_FOR, waits_for=outcome.what, free_at=until, claimed_by="", tries=0, answer=None)


def put_off(claim: Claim, seconds: float, code: str, *, failed: bool) -> None:
    """Let go of it for some seconds; the code says why. ``failed``: the try counts. Raises Fenced."""
    with transaction.atomic():
        if not _dropped(claim):
            tries = F("tries") if failed else F("tries") - 1
            _write(claim, state=READY, free_at=after(seconds), claimed_by="", tries=tries, error=code)


def mend() -> int:
    """Free what a clock that was wrong for a while has locked: a lease, or a pause after a failure, that ends later
    than any can. Whoever should hold such a step after all is fenced out. How many those were."""
    far = Q(state=CLAIMED, free_at__gt=after(_NO_LEASE)) | Q(state=READY, free_at__gt=after(_NO_PAUSE)) & ~Q(error="")
    locked = Step.objects.filter(far, free_at__isnull=False)
    return locked.update(free_at=Clock()) if locked.exists() else 0


def release(claim: Claim) -> None:
    """Let go of it at once: the worker has to end. Raises Fenced."""
    put_off(claim, 0.0, "", failed=False)


def fail(claim: Claim, code: str) -> None:
    """Give it up until somebody orders another try (``orders.retry``). Raises Fenced."""
    with transaction.atomic():
        if not _dropped(claim, code):
            _write(claim, state=FAILED, free_at=None, error=code)
            Job.objects.filter(pk=claim.job).update(state=FAILED)


def drop(claim: Claim) -> None:
    """Its job was cancelled, and it was not carried out before. Raises Fenced."""
    with transaction.atomic():
        _locked(claim)
        _write(claim, state=CANCELLED, free_at=None, settled=Clock())


def _dropped(claim: Claim, code: str = "") -> bool:
    """Whether its job was cancelled meanwhile; then nothing is tried again."""
    if _locked(claim).state != CANCELLED:
        return False
    _write(claim, state=CANCELLED, free_at=None, settled=Clock(), error=code)
    return True


def _locked(claim: Claim) -> Any:
    return Job.objects.select_for_update().get(pk=claim.job)
