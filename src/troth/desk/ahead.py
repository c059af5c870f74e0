"""What a request waits for, and what comes next: read from the journal, for the person, for staff and for `troth
request list`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from troth.core.requests.model import State
from troth.core.requests.route import Stop
from troth.desk.files import JOB
from troth.desk.models import Document, File
from troth.desk.way import AFTER_FETCHING, WAITS, settled
from troth.jobs.clock import moment
from troth.jobs.models import FAILED, READY, WAITING, WAITING_FOR, Step

_PREFIX = "request."
WORKING, AWAY, TRYING, STUCK = "working", "away", "trying", "stuck"
_SILENT = ("unreachable", "StoreUnreachable", "MailRefused")
"""How the journal's codes begin where somebody else did not answer, or not as they should."""
DOCUMENT = "document"
"""A copy of an identity document has come: somebody has to look at it and decide who asks."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """``what``: ``identity``, ``document``, ``approval``, ``cooling``, ``staff`` (by hand, or a letter to send),
    ``shared``, ``refused_plan``, ``fetching``; ``working`` (nobody is waited for), ``away`` (a store or a mail server
    does not answer), ``trying`` (something did not work, and is tried again), ``stuck`` (a step has failed for good);
    empty when nothing is left to do. ``stop`` is the station of the way, ``until`` the moment from which it goes on by
    itself, if it does."""

    what: str = ""
    stop: str = ""
    until: datetime | None = None

    @property
    def again(self) -> bool:
        """An approval is waited for once more: what would be done is no longer what somebody said yes to."""
        return (self.what, self.stop) == ("approval", Stop.CARRY_OUT)


def ahead(ref: str) -> Ahead:
    """Of one request."""
    return ahead_of([ref]).get(ref, Ahead())


def ahead_of(refs: Iterable[str]) -> dict[str, Ahead]:
    """Of several; those of which nothing is left to do are not in there."""
    steps = Step.objects.filter(job__kind=JOB, job__key__in=list(refs), settled__isnull=True)
    found: dict[str, Ahead] = {}
    for step in steps.order_by("stage", "number"):
        if step.reference not in found:
            found[step.reference] = _read(step)
    for ref in _in_question(found):
        found[ref] = Ahead(WAITS[Stop.IDENTITY], found[ref].stop)
    for ref in _with_document(found):
        found[ref] = Ahead(DOCUMENT, found[ref].stop)
    return found


def _in_question(refs: Iterable[str]) -> list[str]:
    """Those that wait for who asks, at whatever stop the doubt arose."""
    return list(File.objects.filter(ref__in=list(refs), state=State.IDENTITY_AWAITED).values_list("ref", flat=True))


def _with_document(refs: Iterable[str]) -> list[str]:
    """Those whose copy of an identity document waits to be looked at, at whatever stop the doubt arose."""
    there = Document.objects.filter(given__isnull=False, destroyed__isnull=True, file__ref__in=list(refs))
    return list(there.filter(file__state=State.IDENTITY_AWAITED).values_list("file__ref", flat=True))


def _read(step: Step) -> Ahead:
    stop = step.kind.removeprefix(_PREFIX).rpartition("-")[0]
    until = moment(step.free_at) if step.free_at is not None else None
    if step.state == WAITING_FOR:
        if step.waits_for == "fetching" and until is not None:
            until -= AFTER_FETCHING  # as the mail and the page of the link say it
        return Ahead(step.waits_for, stop, until)
    if step.state == FAILED:
        return Ahead(STUCK, stop)
    if step.state == READY and step.error:
        return Ahead(AWAY if step.error.startswith(_SILENT) else TRYING, stop, until)
    # No worker has looked yet, and will only wait; unless somebody has said already what it would wait for.
    if step.state in (WAITING, READY) and stop in WAITS and not settled(step.reference, Stop(stop)):
        return Ahead(WAITS[Stop(stop)], stop)
    return Ahead(WORKING, stop)
