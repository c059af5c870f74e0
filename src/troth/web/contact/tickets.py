"""What a form carries so that only a form of ours can be sent, once, and not for ever: a signed ticket.

No cookie is needed. A ticket names no visitor. That it was used is remembered by this process only, in memory.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from django.core.signing import BadSignature, Signer

OLDEST = 2 * 3600.0
"""Seconds after which a form is stale."""
_MOST = 50_000
_SALT = "troth.contact.ticket"

Fate = Literal["new", "sending", "sent", "used"]
"""What became of a ticket: not seen yet, its message is leaving, has left, or the form was shown again."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """``bits`` of work are asked for; ``seed`` decides the question in words; ``since`` is when the person began,
    ``issued`` when this form was drawn, both in seconds since 1970."""

    nonce: str
    bits: int
    seed: int
    since: int
    issued: int


class Unusable(Exception):
    """A ticket that is not ours, or too old."""


def issue(bits: int, now: float, since: int | None = None) -> Ticket:
    """A new ticket; with ``since`` for somebody who has begun before."""
    began = int(now) if since is None else since
    return Ticket(secrets.token_hex(16), bits, secrets.randbelow(1 << 31), began, int(now))


def written(ticket: Ticket) -> str:
    """The ticket as the form carries it."""
    return _signer().sign(".".join(map(str, (ticket.nonce, ticket.bits, ticket.seed, ticket.since, ticket.issued))))


def read(text: str, now: float) -> Ticket:
    """The ticket that a form brought. Raises Unusable."""
    try:
        nonce, *numbers = _signer().unsign(text[:300]).split(".")
        ticket = Ticket(nonce, *map(int, numbers))
    except (BadSignature, ValueError, TypeError):
        raise Unusable from None
    if not -60 <= now - ticket.issued <= OLDEST:
        raise Unusable
    return ticket


def _signer() -> Signer:
    return Signer(salt=_SALT)


class Spent:
    """Tickets that were used, until they are too old to be used anyway."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fates: OrderedDict[str, tuple[int, Fate]] = OrderedDict()
        self._floor = -1

    def take(self, ticket: Ticket, now: float) -> Fate:
        """Use a ticket: ``new`` for the first who does, else what became of it."""
        with self._lock:
            self._forget(now)
            if ticket.nonce in self._fates:
                return self._fates[ticket.nonce][1]
            if ticket.issued <= self._floor:
                return "used"
            self._fates[ticket.nonce] = (ticket.issued, "sending")
            return "new"

    def became(self, ticket: Ticket, fate: Fate) -> None:
        """Remember what became of it."""
        with self._lock:
            if ticket.nonce in self._fates:
                self._fates[ticket.nonce] = (ticket.issued, fate)

    def __len__(self) -> int:
        return len(self._fates)

    def _forget(self, now: float) -> None:
        """What is too old; and under a flood the first ones, with every ticket that is not younger than they."""
        while self._fates:
            issued, _ = next(iter(self._fates.values()))
            if now - issued <= OLDEST and len(self._fates) < _MOST:
                return
            if now - issued <= OLDEST:
                self._floor = max(self._floor, issued)
            self._fates.popitem(last=False)
