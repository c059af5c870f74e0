"""Tokens: making, finding, ending them. The secret is shown once and kept nowhere."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q

from troth.core.errors import UsageError
from troth.web.api.models import Token

PREFIX = "troth_"
"""By it programs that look for secrets in source code know one."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_LETTERS = "bcdfghjkmnpqrstvwxz"


class Scope(StrEnum):
    """What a token lets its holder do."""

    CREATE = "requests:create"
    """Enter requests, and withdraw those that it has entered."""
    VOUCH = "requests:vouch"
    """Say how it is known who asks, in the ways that the policy names."""
    READ = "requests:read"
    """Follow requests: states and days, nobody's data."""
    MAY = "may:ask"
    """Ask whether a person's data may be used for a purpose."""
    WEBHOOKS = "webhooks:manage"
    """Say where events are told."""


def make(name: str, scopes: Sequence[str], now: datetime, expires: datetime | None = None) -> tuple[Any, str]:
    """A new token and its secret, which nobody can show again. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "that is not a name for a token", remedy="letters, digits, spaces and ._- only; say which program has it"
        )
    if not scopes:
        raise UsageError("a token without a scope opens nothing", remedy=f"--scope with one of: {', '.join(Scope)}")
    for scope in scopes:
        if scope not in list(Scope):
            raise UsageError(f"there is no scope {scope!r}", remedy=f"one of: {', '.join(Scope)}")
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if Token.objects.filter(name=name).exists():
            raise UsageError("a token of this name exists", remedy="end it first: `troth tokens end NAME`")
        row = Token.objects.create(
            ref=new_ref("token"), name=name, digest=_digest(secret), scopes=sorted(set(scopes)), created=now,
            expires=expires,
        )  # fmt: skip
    return row, secret


def find(secret: str, now: datetime) -> Any | None:
    """The token of this secret that is in force, or None. The day of its use is noted."""
    if not _SECRET.fullmatch(secret):
        return None
    digest = _digest(secret)
    row = Token.objects.filter(digest=digest).first()
    if row is None or not hmac.compare_digest(row.digest, digest) or not in_force(row, now):
        return None
    today = now.astimezone(UTC).date()
    if row.used != today:
        Token.objects.filter(Q(used__isnull=True) | Q(used__lt=today), pk=row.pk).update(used=today)
    return row


def in_force(row: Any, now: datetime) -> bool:
    """Whether it opens anything."""
    return row.ended is None and (row.expires is None or now < row.expires)


def end(name: str, now: datetime) -> Any:
    """End a token, by its name or reference; at once, and for good. Raises UsageError."""
    with transaction.atomic():
        row = Token.objects.select_for_update().filter(Q(name=name) | Q(ref=name), ended__isnull=True).first()
        if row is None:
            raise UsageError("there is no such token", remedy="`troth tokens list` shows their names")
        row.ended, row.name = now, f"{row.name[:30]} ({row.ref})"
        row.save(update_fields=["ended", "name"])
    return row


def all_tokens() -> Iterable[Any]:
    """All, the newest first."""
    return Token.objects.order_by("-pk")


def new_ref(prefix: str) -> str:
    """A name that says nothing."""
    return f"{prefix}-" + "".join(secrets.choice(_LETTERS) for _ in range(12))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
