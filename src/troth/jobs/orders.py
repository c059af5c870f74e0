"""What people order: answer a step that waits, try a failed one again, cancel a job."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q

from troth.core.errors import UsageError
from troth.jobs.clock import Clock
from troth.jobs.enqueue import ring
from troth.jobs.models import CANCELLED, CLAIMED, FAILED, READY, UNDERWAY, WAITING_FOR, Job, Step
from troth.jobs.references import references
from troth.jobs.work import JSON


def answer(kind: str, key: str, what: str, given: JSON) -> int:
    """Give the answer to what steps of a job wait for; how many waited. Call it in the transaction of the request
    that brings it. Raises NotAReference."""
    given = references(dict(given), "an answer")
    with transaction.atomic():
        # As whoever lets go of a step does: either they see what was decided, or it is seen here that they wait.
        list(Job.objects.select_for_update().filter(kind=kind, key=key).values_list("pk"))
        asked = Step.objects.filter(job__kind=kind, job__key=key, state=WAITING_FOR, waits_for=what)
        answered = asked.update(state=READY, free_at=Clock(), answer=given)
        if answered:
            ring()
    return int(answered)


def retry(ref: str) -> int:
    """Try a job's failed steps again, and do not wait for what was put off after a failure; how many. Raises
    UsageError."""
    with transaction.atomic():
        job = _job(ref)
        if job.state == CANCELLED:
            raise UsageError(f"{ref} was cancelled", remedy="what was cancelled is not tried again")
        failed = Q(state=FAILED) | Q(state=READY, free_at__gt=Clock()) & ~Q(error="")
        again = Step.objects.filter(failed, job=job).update(state=READY, free_at=Clock(), tries=0)
        if again and job.state == FAILED:
            Job.objects.filter(pk=job.pk).update(state=UNDERWAY)
        ring()
    return int(again)


def cancel(ref: str) -> int:
    """Do no more of a job; how many steps will not be done. One that is in a worker's hands is not torn from them:
    its outcome is recorded. Raises UsageError when all is done already."""
    with transaction.atomic():
        job = _job(ref)
        if job.settled is not None:
            raise UsageError(f"{ref} has ended already", remedy="`troth jobs list --all` shows what was done")
        rest = Step.objects.filter(job=job, settled__isnull=True).exclude(state=CLAIMED)
        dropped = rest.update(state=CANCELLED, free_at=None, settled=Clock())
        Job.objects.filter(pk=job.pk).update(state=CANCELLED, settled=Clock())
    return int(dropped)


def _job(ref: str) -> Any:
    job = Job.objects.select_for_update().filter(ref=ref).first()
    if job is None:
        raise UsageError(f"there is no job {ref}", remedy="`troth jobs list` shows their names")
    return job
