"""Who was told of a request (GDPR Article 19), when and how, or why not: for the person to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.core.policy.model import Policy
from troth.core.requests.model import Request
from troth.core.requests.route import Stop
from troth.desk.files import JOB
from troth.desk.way import result_of
from troth.jobs.clock import moment
from troth.jobs.journal import left_by


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient. ``how``: ``email``, ``post`` or ``api`` (both by a member of staff), or ``not``; ``at`` is None
    for who was not told, ``why`` the policy's own reason, empty where there is none: then the mail was refused."""

    name: str
    how: str
    at: datetime | None
    why: str


def told_of(policy: Policy, request: Request, language: str) -> tuple[Told, ...]:
    """Everybody who has the data of this request, in the order of the policy; empty as long as nobody was told."""
    said = result_of(request.ref, Stop.RECIPIENTS)
    step = left_by(JOB, request.ref, f"request.{Stop.RECIPIENTS}")
    at = moment(step[1]) if step is not None and step[1] is not None else None
    found = []
    for name, recipient in policy.document.recipients.items():
        notice = recipient.notices
        if name in said.get("told", ()):
            by_hand = name in said.get("by_hand", ())
            how = notice.by if notice is not None and notice.by != "none" else "post" if by_hand else "email"
            found.append(Told(recipient.name, how, at, ""))
        elif name in said.get("not_told", ()):
            because = (notice.because if notice is not None else None) or {}
            found.append(Told(recipient.name, "not", None, because.get(language) or next(iter(because.values()), "")))
    return tuple(found)
