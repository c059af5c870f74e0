"""Putting work into the journal, in the transaction of the request that causes it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from troth.jobs import clock
from troth.jobs.models import NORMAL, READY, WAITING, Job, Step
from troth.jobs.references import reference, references
from troth.jobs.registry import name_of
from troth.jobs.work import JSON

CHANNEL = "troth_jobs"
"""PostgreSQL's name for the bell that wakes idle workers."""
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """A step to be. Steps of one ``stage`` run side by side; without one, each waits for the step before it."""

    kind: str
    reference: str = ""
    store: str = ""
    stage: int | None = None


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The job's name; ``fresh`` is False when it was there already."""

    ref: str
    fresh: bool


def enqueue(
    kind: str, key: str, steps: Iterable[Planned], *, plan: JSON | None = None, version: int = 1,
    due: datetime | None = None, priority: int = NORMAL,
) -> Enqueued:  # fmt: skip
    """Add a job, once for each ``(kind, key)``; it is there when the surrounding transaction has committed.

    ``plan`` is for all of its steps; ``due``: not before then. Raises NotAReference for anything that the journal
    may not hold, ValueError without steps.
    """
    planned = list(steps)
    if not planned:
        raise ValueError("a job needs a step")
    reference(key, "the key of a job")
    plan = references(dict(plan or {}))
    for one in planned:
        reference(one.store, "the store of a step")
        reference(one.reference, "the reference of a step")
    ref = f"job-{secrets.token_hex(6)}"
    with transaction.atomic():
        begin = clock.Clock() if due is None else clock.stored(due)
        made = Job(
            ref=ref, kind=kind, key=key, version=version, plan=plan, priority=priority, created=clock.Clock(), due=begin
        )
        Job.objects.bulk_create([made], ignore_conflicts=True)
        job = Job.objects.get(kind=kind, key=key)
        if job.ref != ref:
            return Enqueued(job.ref, False)
        _add_steps(job, planned)
        ring()
    return Enqueued(ref, True)


def _add_steps(job: Any, planned: Sequence[Planned]) -> None:
    stages = [number if one.stage is None else one.stage for number, one in enumerate(planned, 1)]
    first = min(stages)
    Step.objects.bulk_create(
        (
            Step(
                job=job, number=number, stage=stage, kind=name_of(one.kind, job.version), store=one.store,
                reference=one.reference, state=READY if stage == first else WAITING,
                free_at=job.due if stage == first else None, priority=job.priority,
            )
            for number, (stage, one) in enumerate(zip(stages, planned, strict=True), 1)
        ),
        batch_size=_ROWS,
    )  # fmt: skip


def ring() -> None:
    """Wake idle workers when the transaction commits. On SQLite they look for themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
