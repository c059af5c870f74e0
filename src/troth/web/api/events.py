"""From an act on a request to the deliveries that tell of it: in the same transaction, so that none is lost and none
tells of what did not happen."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from troth.core.evidence.leaf import write_time
from troth.core.requests.clock import Clock
from troth.core.requests.model import Act, Request
from troth.desk.files import acted
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.models import SOON
from troth.web.api.models import Webhook

JOB = "webhook"
DELIVER = "webhook.deliver"
KINDS = ("request.received", *(f"request.{act}" for act in Act))
"""What is told; ``webhook.test`` besides, when somebody asks for it."""
TEST = "webhook.test"
_LISTENING = "SELECT * FROM api_webhook WHERE ended IS NULL"
"""In words of its own: every act of every request asks."""


def listen() -> None:
    """Hear of the acts from now on."""
    acted.connect(_heard, dispatch_uid="troth.web.api")


def _heard(sender: object, request: Request, found: Clock, at: datetime, **_: Any) -> None:
    number = len(request.history)
    kind = f"request.{request.history[-1].act}" if number else KINDS[0]
    data = {
        "request": request.ref, "right": str(request.right), "state": str(request.state),
        "due": found.due.isoformat(),
    }  # fmt: skip
    for hook in Webhook.objects.raw(_LISTENING):
        if not hook.events or kind in hook.events:
            _queue(hook.ref, f"evt-{request.ref}-{number}", kind, at, data)


def test(hook: str, at: datetime) -> str:
    """Tell one webhook that it works; the name of the event."""
    name = f"evt-test-{secrets.token_hex(6)}x"
    _queue(hook, name, TEST, at, {"webhook": hook})
    return name


def _queue(hook: str, name: str, kind: str, at: datetime, data: dict[str, str]) -> None:
    plan = {"event": name, "type": kind, "at": write_time(at), "data": data}
    enqueue(JOB, f"{name}:{hook}", [Planned(DELIVER, hook)], plan=plan, priority=SOON)
