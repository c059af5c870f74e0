"""Webhooks by the API."""

from __future__ import annotations

from typing import Any

from troth.core.errors import UsageError
from troth.desk.house import house
from troth.web.api import events, hooks
from troth.web.api.door import Answer, Call
from troth.web.api.once import once
from troth.web.api.problems import Problem
from troth.web.api.shapes import NewWebhook, NewWebhookOut, TestOut, WebhookOut, WebhooksOut


def every(call: Call) -> Answer:
    """``GET /api/webhooks``."""
    return Answer(WebhooksOut(webhooks=[WebhookOut(**_shown(row)) for row in hooks.every()]))


def create(call: Call) -> Answer:
    """``POST /api/webhooks``."""
    said: NewWebhook = call.body
    with house() as at:
        vault = at.records.state.keys.vault

        def act() -> Answer:
            row, secret = hooks.add(vault, said.url, said.events, call.now)
            place = {"Location": f"/api/webhooks/{row.ref}"}
            return Answer(NewWebhookOut(**_shown(row), secret=secret), 201, place)

        return once(call, vault, act)


def one(call: Call) -> Answer:
    """``GET /api/webhooks/REF``."""
    return Answer(WebhookOut(**_shown(_found(call))))


def end(call: Call) -> Answer:
    """``DELETE /api/webhooks/REF``: again changes nothing."""
    _found(call)
    return Answer(WebhookOut(**_shown(hooks.end(call.named["ref"], call.now))))


def test(call: Call) -> Answer:
    """``POST /api/webhooks/REF/test``: a worker sends it."""
    row = _found(call)
    if row.ended is not None:
        raise Problem("conflict", "this webhook has ended")
    return Answer(TestOut(event=events.test(row.ref, call.now)), 202)


def _found(call: Call) -> Any:
    try:
        return hooks.get(call.named["ref"])
    except UsageError as nobody:
        raise Problem("not-found", nobody.message) from None


def _shown(row: Any) -> dict[str, Any]:
    return {
        "webhook": row.ref, "url": row.url, "events": row.events, "created": row.created, "failures": row.failures,
        "failing_since": row.failing_since, "trouble": row.trouble or None, "ended": row.ended, "why": row.why or None,
    }  # fmt: skip
