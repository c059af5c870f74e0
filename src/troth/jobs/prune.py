"""Rows of the past go after their period. What must be kept as evidence is in the ledger, put there by the steps."""

from __future__ import annotations

import os
from datetime import timedelta

from troth.core.errors import UsageError
from troth.jobs import registry, schedule
from troth.jobs.clock import after
from troth.jobs.enqueue import Planned
from troth.jobs.models import Job
from troth.jobs.registry import StepKind, name_of
from troth.jobs.work import Done, Outcome, Work

KIND = "jobs.prune"
DAYS = 90
_AT_ONCE = 500


def days() -> float:
    """How long ended jobs are kept, from ``TROTH_JOBS_DAYS``. Raises UsageError when that is not a number of days."""
    written = os.environ.get("TROTH_JOBS_DAYS") or str(DAYS)
    try:
        found = float(written)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 36525:
        raise UsageError("TROTH_JOBS_DAYS is not a number of days", remedy=f"write for example {DAYS}")
    return found


def prune(period: float) -> int:
    """Delete jobs that were done or cancelled so many days ago, with their steps; how many. Failed ones stay until
    somebody has looked at them."""
    gone = 0
    while True:
        old = Job.objects.filter(settled__lt=after(-period * 86400)).values_list("pk", flat=True)
        ids = list(old[:_AT_ONCE])
        if not ids:
            return gone
        Job.objects.filter(pk__in=ids).delete()
        gone += len(ids)


def _run(work: Work) -> Outcome:
    return Done({"jobs": prune(days())})


def register() -> None:
    """Once a day, when there is nothing else to do."""
    registry.register(StepKind(name_of(KIND, 1), _run))
    schedule.register(schedule.Schedule(KIND, schedule.every(timedelta(days=1)), [Planned(KIND)]))
