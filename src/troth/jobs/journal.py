"""The protocol: claims, leases, fences. Everything that writes a step goes through here or ``orders.py``.

A claim is one conditional update: whoever gets the row raises ``attempt``, names itself and has a lease. Every later
write asks that both still stand. Where a job and its steps are locked, the job comes first. ``SKIP LOCKED`` keeps
workers on PostgreSQL out of each other's way; on SQLite the transaction begins IMMEDIATE, and Django leaves the
clause out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from troth.jobs.clock import Clock, after, stored
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
    died. Durable on return."""
    with transaction.atomic():
        for priority in PRIORITIES:
            free = Step.objects.filter(priority=priority, free_at__lte=Clock(), kind__in=kinds).order_by("free_at")
            step = free.select_related("job").select_for_update(skip_locked=True, of=("self",)).first()
            if step is not None:
                return _taken(step, worker, lease)
    return None


def _taken(step: Any, worker: str, lease: float) -> Claim:
    """On PostgreSQL the row is locked, on SQLite everything is: what was read still stands."""
    Step.objects.filter(pk=step.pk, attempt=step.attempt).update(
        state=CLAIMED, attempt=F("attempt") + 1, tries=F("tries") + 1, claimed_by=worker, free_at=after(lease),
        waits_for="",
    )  # fmt: skip
    job = step.job
    return Claim(
        step=step.pk, job=job.pk, ref=job.ref, key=f"{job.kind}/{job.key}/{step.number}", kind=step.kind,
        stage=step.stage, store=step.store, reference=step.reference, plan=job.plan, attempt=step.attempt + 1,
        tries=step.tries + 1, worker=worker, lease=lease, cancelled=job.state == CANCELLED,
        waited_for=step.waits_for, progress=step.progress, answer=step.answer,
    )  # fmt: skip


def _mine(claim: Claim) -> QuerySet[Any]:
    """The fence: the step, if this claim still holds it."""
    return Step.objects.filter(pk=claim.step, attempt=claim.attempt, claimed_by=claim.worker, state=CLAIMED)


def _write(claim: Claim, **values: Any) -> None:
    if _mine(claim).update(**values) != 1:
        raise Fenced(f"attempt {claim.attempt} at a step is no longer the last")


def hold(claim: Claim) -> None:
    """Begin the lease anew. Raises Fenced."""
    _write(claim, free_at=after(claim.lease))


def note(claim: Claim, progress: JSON) -> None:
    """Keep how far it has come; tries count from here. Raises Fenced, NotAReference."""
    _write(claim, progress=references(dict(progress), "progress"), tries=1, free_at=after(claim.lease))


def end(claim: Claim, outcome: Done | Kept, *, go_on: Sequence[str] = ()) -> Claim | None:
    """Record the outcome, and let the next stage begin. Where that is one step of the kinds in ``go_on``, free now, the
    same worker takes it in the same transaction. Raises Fenced, NotAReference; then nothing is recorded."""
    result = None if outcome.result is None else references(dict(outcome.result), "a result")
    state = DONE if isinstance(outcome, Done) else KEPT
    with transaction.atomic():
        job = _locked(claim)
        _write(claim, state=state, result=result, free_at=None, settled=Clock(), error="")
        if isinstance(outcome, Done) and outcome.also is not None:
            outcome.also()
        pause = outcome.pause if isinstance(outcome, Done) else 0.0
        alone = advance(job, pause, take=not pause)
        if alone is None:
            return None
        if alone.kind in go_on:
            return _taken(alone, claim.worker, claim.lease)
        _open_stage(job, alone.stage, 0.0)
    return None


def results(claim: Claim) -> list[Any]:
    """What the ended steps of earlier stages of the same job have left, in their order."""
    ended = Step.objects.filter(job=claim.job, stage__lt=claim.stage, settled__isnull=False).order_by("number")
    return list(ended.values_list("result", flat=True))


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


def advance(job: Any, pause: float = 0.0, *, take: bool = False) -> Any:
    """Open the next stage, or close the job. The caller holds the job's lock. ``take``: a stage of one waiting step is
    not opened, and the step is returned: the caller takes or opens it."""
    if job.state == CANCELLED:
        return None
    rest = list(Step.objects.filter(job=job, settled__isnull=True).order_by("stage")[:2])
    if not rest:
        Job.objects.filter(pk=job.pk).update(state=DONE, settled=Clock())
        return None
    first = rest[0]
    if take and first.state == WAITING and (len(rest) == 1 or rest[1].stage != first.stage):
        first.job = job
        return first
    _open_stage(job, first.stage, pause)
    return None


def _open_stage(job: Any, stage: int, pause: float) -> None:
    waiting = Step.objects.filter(job=job, settled__isnull=True, stage=stage, state=WAITING)
    waiting.update(state=READY, free_at=after(pause))
