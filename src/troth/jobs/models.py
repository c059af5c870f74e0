"""The rows of the journal. Times are milliseconds since 1970 by the database's clock (``clock.py``)."""

# mypy: allow-subclassing-any

from __future__ import annotations

from django.db import models
from django.db.models import Q

# States of a job.
UNDERWAY = "underway"
# States of a step, some of a job too.
WAITING = "waiting"
"""Earlier steps of its job have to end first."""
READY = "ready"
CLAIMED = "claimed"
WAITING_FOR = "waiting_for"
"""For a human, a date or an answer; ``waits_for`` says which."""
DONE = "done"
KEPT = "kept"
"""It was decided that this must not be done now; the result says why."""
FAILED = "failed"
CANCELLED = "cancelled"

SOON, NORMAL, IDLE = 0, 1, 2
PRIORITIES = (SOON, NORMAL, IDLE)
"""Somebody waits for it; the usual; whenever there is nothing else."""

_MUST_BE_FREE = (READY, CLAIMED)
_NEVER_FREE = (WAITING, DONE, KEPT, FAILED, CANCELLED)


class Job(models.Model):
    """Something to do, as a plan of steps. ``(kind, key)`` is unique: asked for twice, it is done once."""

    ref = models.CharField(max_length=24, unique=True)
    """Its name for people."""
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    version = models.PositiveSmallIntegerField(default=1)
    """Of the plan: a release that changes what a kind of plan means gives it a new one."""
    plan = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default=UNDERWAY)
    priority = models.PositiveSmallIntegerField(default=NORMAL)
    created = models.BigIntegerField()
    due = models.BigIntegerField()
    """Its first steps do not begin before."""
    settled = models.BigIntegerField(null=True)
    """When it was done or cancelled; null while it is not, a failed one too."""

    class Meta:
        """Asked for twice, done once."""

        constraints = (models.UniqueConstraint(fields=("kind", "key"), name="jobs_job_once"),)
        indexes = (models.Index(fields=("settled",), name="jobs_job_settled"),)


class Step(models.Model):
    """One step. Whoever holds it is named in ``claimed_by``; ``attempt`` is the fencing token."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="steps", db_index=False)
    number = models.PositiveIntegerField()
    stage = models.PositiveIntegerField()
    """Steps of one stage run in any order, side by side; those of the next when all of it have ended."""
    kind = models.CharField(max_length=80)
    """The name under which its code is registered, with the version of the plan: ``policy.notify-1``."""
    store = models.CharField(max_length=60, blank=True, default="")
    reference = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=12)
    waits_for = models.CharField(max_length=60, blank=True, default="")
    priority = models.PositiveSmallIntegerField()
    attempt = models.PositiveIntegerField(default=0)
    """Grows with every claim and never falls: a write under an older one changes nothing."""
    tries = models.PositiveIntegerField(default=0)
    """Claims since it was last ready for a reason other than failure."""
    free_at = models.BigIntegerField(null=True)
    """From when a worker may take it: the date of one that waits, the end of the lease of a claimed one. Null:
    nobody may."""
    claimed_by = models.CharField(max_length=60, blank=True, default="")
    error = models.CharField(max_length=200, blank=True, default="")
    """The last one: kind, code and place, never a message."""
    progress = models.JSONField(null=True)
    answer = models.JSONField(null=True)
    result = models.JSONField(null=True)
    settled = models.BigIntegerField(null=True)
    """When it was done, kept or cancelled."""

    class Meta:
        """What the database itself holds up, and how the queue is found."""

        constraints = (
            models.UniqueConstraint(fields=("job", "number"), name="jobs_step_number"),
            models.CheckConstraint(
                name="jobs_step_free",
                condition=Q(state__in=_MUST_BE_FREE, free_at__isnull=False)
                | Q(state=WAITING_FOR)
                | Q(state__in=_NEVER_FREE, free_at__isnull=True),
            ),
        )
        indexes = (
            # The queue: only rows that somebody may take, in the order in which they are taken.
            models.Index(fields=("priority", "free_at"), condition=Q(free_at__isnull=False), name="jobs_step_queue"),
            models.Index(fields=("job", "stage"), condition=Q(settled__isnull=True), name="jobs_step_open"),
        )


class Tick(models.Model):
    """A moment of a schedule that has been seen to."""

    schedule = models.CharField(max_length=60)
    at = models.BigIntegerField()

    class Meta:
        """However many workers see it."""

        constraints = (models.UniqueConstraint(fields=("schedule", "at"), name="jobs_tick_once"),)
