"""Webhooks: where programs of the publisher are told of what happens to requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from troth.core.errors import UsageError
from troth.state.vault import Vault
from troth.web.api import events
from troth.web.api.models import Webhook
from troth.web.api.signing import new_secret
from troth.web.api.tokens import new_ref
from troth.web.api.wire import target_of

MOST = 20
"""In force at a time: each is told of every event."""


def add(vault: Vault, url: str, kinds: Sequence[str], now: datetime) -> tuple[Any, str]:
    """A new webhook and the secret that signs what is sent there. Raises UsageError."""
    target_of(url)
    for kind in kinds:
        if kind not in events.KINDS:
            raise UsageError(f"there is no event {kind!r}", remedy=f"one of: {', '.join(events.KINDS)}")
    with transaction.atomic():
        if Webhook.objects.filter(ended__isnull=True).count() >= MOST:
            raise UsageError("there are enough webhooks", remedy="end one: `troth webhooks list` shows them")
        secret, ref = new_secret(), new_ref("hook")
        row = Webhook.objects.create(
            ref=ref, url=url, events=sorted(set(kinds)), created=now, secret=vault.seal(secret.encode(), place(ref))
        )
    return row, secret


def end(ref: str, now: datetime, why: str = "by_hand") -> Any:
    """Tell it nothing more. Raises UsageError."""
    with transaction.atomic():
        row = get(ref)
        if row.ended is None:
            row.ended, row.why, row.secret = now, why, b""
            row.save(update_fields=["ended", "why", "secret"])
    return row


def get(ref: str) -> Any:
    """One by its name. Raises UsageError."""
    row = Webhook.objects.filter(ref=ref).first()
    if row is None:
        raise UsageError("there is no such webhook", remedy="`troth webhooks list` shows them")
    return row


def in_force(ref: str) -> Any:
    """One that has not ended. Raises UsageError."""
    row = get(ref)
    if row.ended is not None:
        raise UsageError("this webhook has ended", remedy="add it again; it gets a new secret")
    return row


def every() -> list[Any]:
    """All, in the order in which they were added."""
    return list(Webhook.objects.order_by("pk"))


def place(ref: str) -> str:
    """Where the vault knows its secret."""
    return f"api/webhook/{ref}"
