"""How things stand, for people: jobs and their open steps, in references only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from troth.jobs import registry
from troth.jobs.clock import moment, now, stored
from troth.jobs.models import CLAIMED, FAILED, READY, Job, Step

UNKNOWN_KIND = "unknown_kind"
OVERDUE = "holder_silent"


@dataclass(frozen=True, slots=True)
class StepStands:
    """A step that has not ended. ``trouble``: why it does not come forward, as a code, or empty."""

    number: int
    kind: str
    store: str
    reference: str
    state: str
    waits_for: str
    tries: int
    not_before: str | None
    claimed_by: str
    trouble: str


@dataclass(frozen=True, slots=True)
class JobStands:
    """A job and those of its steps that are open."""

    ref: str
    kind: str
    key: str
    version: int
    state: str
    created: str
    ended: str | None
    steps: int
    stuck: bool
    """Without somebody's help it does not come forward: a step failed, or nobody here knows its kind."""
    open: list[StepStands]


def standing(*, everything: bool = False, most: int = 1000) -> list[JobStands]:
    """The jobs that have not ended, the oldest first; with ``everything`` the others too. At most so many, and of
    each the first hundred open steps."""
    found = Job.objects.order_by("pk")
    if not everything:
        found = found.filter(settled__isnull=True)
    at, known = stored(now()), set(registry.known())
    return [_job(job, at, known) for job in found[:most]]


def _job(job: Any, at: int, known: Iterable[str]) -> JobStands:
    steps = Step.objects.filter(job=job)
    open_steps = [_step(s, at, known) for s in steps.filter(settled__isnull=True).order_by("number")[:100]]
    return JobStands(
        job.ref, job.kind, job.key, job.version, job.state, moment(job.created).isoformat(),
        moment(job.settled).isoformat() if job.settled else None, steps.count(),
        any(s.state == FAILED or s.trouble == UNKNOWN_KIND for s in open_steps), open_steps,
    )  # fmt: skip


def _step(step: Any, at: int, known: Iterable[str]) -> StepStands:
    later = step.free_at is not None and step.state != CLAIMED and step.free_at > at
    return StepStands(
        step.number, step.kind, step.store, step.reference, step.state, step.waits_for, step.tries,
        moment(step.free_at).isoformat() if later else None, step.claimed_by, _trouble(step, at, known),
    )  # fmt: skip


def _trouble(step: Any, at: int, known: Iterable[str]) -> str:
    if step.kind not in known and step.state in (READY, CLAIMED):
        return UNKNOWN_KIND
    if step.state == CLAIMED and step.free_at < at:
        return OVERDUE
    return str(step.error)
