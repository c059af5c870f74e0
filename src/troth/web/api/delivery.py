"""Deliveries to webhooks, as steps of the journal: at least once, later and later after failures, and no more when a
receiver says that it has gone (HTTP 410) or has not answered for days. Staff are told of that."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from troth.core.errors import UsageError
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.errors import Later
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Kept, Outcome, Work
from troth.state.state import open_state
from troth.web.api import hooks, wire
from troth.web.api.events import DELIVER
from troth.web.api.models import Webhook
from troth.web.api.signing import headers
from troth.web.pages.published import kept
from troth.web.wording import Words

PAUSES = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds after the first, second, … failure (the schedule that Standard Webhooks recommends)."""
PATIENCE = timedelta(days=5)
"""A receiver that has failed for so long is given up, and so is a single event."""
TELL = "webhook.tell"
_MOST_PAUSE = 86400
_GONE = 410


def register() -> None:
    """Make the kinds of step known."""
    known_kind(StepKind(name_of(DELIVER, 1), deliver))
    known_kind(StepKind(name_of(TELL, 1), tell, tries=16, first_pause=30.0))


def deliver(work: Work) -> Outcome:
    """One event to one webhook."""
    now = datetime.now(UTC)
    hook = Webhook.objects.filter(ref=work.claim.reference).first()
    if hook is None or hook.ended is not None:
        return Kept({"undelivered": "ended"})
    if hook.rests_until is not None and now < hook.rests_until:
        raise Later((hook.rests_until - now).total_seconds() + random.random(), "resting")  # noqa: S311 - no secret
    work.still_mine()
    code, after = _sent(work, hook, now)
    if code.isdigit() and 200 <= int(code) < 300:
        return Done({"status": int(code)}, also=lambda: _well(hook.ref))
    if code == str(_GONE):
        return Kept(_ended(hook.ref, now, "gone"))
    return _failed(work, hook.ref, now, code, after)


def payload(work: Work) -> bytes:
    """What is sent: the same bytes at every attempt."""
    plan = work.claim.plan
    said = {"type": plan["type"], "timestamp": plan["at"], "data": plan["data"]}
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode()


def _sent(work: Work, hook: Any, now: datetime) -> tuple[str, int]:
    """The status, or a code of our own, and the seconds that the receiver asks us to wait."""
    with open_state(settings.STATE, check_last=False) as state:
        secret = state.keys.vault.open(bytes(hook.secret), hooks.place(hook.ref)).decode()
    body = payload(work)
    try:
        reply = wire.post(hook.url, headers(secret, work.claim.plan["event"], int(now.timestamp()), body), body)
    except wire.Unsent as fault:
        return fault.code, 0
    except UsageError:  # http was allowed when it was added
        return "not_allowed", 0
    return str(reply.status), reply.after


def _well(ref: str) -> None:
    Webhook.objects.filter(ref=ref, failures__gt=0).update(
        failures=0, failing_since=None, rests_until=None, trouble=""
    )  # fmt: skip


def _failed(work: Work, ref: str, now: datetime, code: str, after: int) -> Outcome:
    """Let the receiver rest, then this event come again; or give up."""
    turn = int((work.claim.progress or {}).get("turn", 0)) + 1
    since = datetime.fromisoformat((work.claim.progress or {}).get("since", now.strftime("%Y-%m-%dT%H:%M:%SZ")))
    with transaction.atomic():
        hook = Webhook.objects.select_for_update().get(ref=ref)
        hook.failures, hook.trouble = hook.failures + 1, code[:30]
        hook.failing_since = hook.failing_since or now
        pause = _pause(hook.failures, after)
        hook.rests_until = now + timedelta(seconds=pause)
        hook.save(update_fields=["failures", "trouble", "failing_since", "rests_until"])
    if now - hook.failing_since >= PATIENCE:
        return Kept(_ended(ref, now, "failing"))
    if now - since >= PATIENCE:
        return Kept({"undelivered": code})
    work.note({"turn": turn, "since": since.strftime("%Y-%m-%dT%H:%M:%SZ")})
    raise Later(max(pause, _pause(turn, after)), f"webhook_{code}")


def _pause(failures: int, after: int) -> float:
    usual = PAUSES[min(failures, len(PAUSES)) - 1]
    return float(max(usual * (0.9 + 0.2 * random.random()), min(after, _MOST_PAUSE)))  # noqa: S311 - no secret


def _ended(ref: str, now: datetime, why: str) -> dict[str, str]:
    with transaction.atomic():
        hooks.end(ref, now, why)
        enqueue(TELL, ref, [Planned(TELL, ref)], plan={"why": why})
    return {"undelivered": why}


def tell(work: Work) -> Outcome:
    """A mail to whom the policy names for questions about data. Raises MailRefused."""
    document = kept.get().policy.document
    point = document.publisher.privacy_contact
    address = (point.email if point else None) or document.publisher.email
    if address is None or document.mail is None:
        return Kept({"untold": "no_mail"})
    from troth.web.mail.messages import compose, send

    language = kept.get().policy.authoritative
    words = Words("api", language)
    lines = [words.say(f"ended_{work.claim.plan['why']}", hook=work.claim.reference), words.say("ended_how")]
    send(compose(address, words.say("ended_subject"), lines, language=language))
    return Done({"told": True})
