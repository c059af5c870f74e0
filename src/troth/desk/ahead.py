"""What a request waits for, and what comes next: read from the journal, for the person, for staff and for `troth
request list`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from troth.core.requests.route import Stop
from troth.desk.way import WAITS, settled
from troth.jobs.clock import moment
from troth.jobs.models import FAILED, READY, WAITING, WAITING_FOR, Step

_PREFIX = "request."
WORKING, AWAY, STUCK = "working", "away", "stuck"


@dataclass(frozen=True, slots=True)
class Ahead:
    """``what``: ``identity``, ``approval``, ``cooling``, ``staff`` (by hand, or a letter to send), ``shared``,
    ``refused_plan``, ``fetching``; ``working`` (nobody is waited for), ``away`` (a store or a mail server does not
    answer), ``stuck`` (a step has failed for good); empty when nothing is left to do. ``stop`` is the station of the
    way, ``until`` the moment from which it goes on by itself, if it does."""

    what: str = ""
    stop: str = ""
    until: datetime | None = None


def ahead(ref: str) -> Ahead:
    """Of one request."""
    return ahead_of([ref]).get(ref, Ahead())


def ahead_of(refs: Iterable[str]) -> dict[str, Ahead]:
    """Of several; those of which nothing is left to do are not in there."""
    steps = Step.objects.filter(reference__in=list(refs), kind__startswith=_PREFIX, settled__isnull=True)
    found: dict[str, Ahead] = {}
    for step in steps.order_by("stage", "number"):
        if step.reference not in found:
            found[step.reference] = _read(step)
    return found


def _read(step: Step) -> Ahead:
    stop = step.kind.removeprefix(_PREFIX).rpartition("-")[0]
    until = moment(step.free_at) if step.free_at is not None else None
    if step.state == WAITING_FOR:
        return Ahead(step.waits_for, stop, until)
    if step.state == FAILED:
        return Ahead(STUCK, stop)
    if step.state == READY and step.error:
        return Ahead(AWAY, stop, until)
    # No worker has looked yet, and will only wait; unless somebody has said already what it would wait for.
    if step.state in (WAITING, READY) and stop in WAITS and not settled(step.reference, Stop(stop)):
        return Ahead(WAITS[Stop(stop)], stop)
    return Ahead(WORKING, stop)
