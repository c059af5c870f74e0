"""How often something may be tried. The counters live in the memory of one process and hold no address or name."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from troth.web.mail.addresses import spelt

_SALT = secrets.token_bytes(32)
_ALL: list[Limit] = []
_MOST = 50_000
"""Keys kept by one limit; the one that was longest unused goes first."""


def _mark(parts: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode(), key=_SALT, digest_size=16).digest()


class Limit:
    """``amount`` in a row, then one more each time ``seconds / amount`` have passed."""

    def __init__(self, amount: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._amount, self._seconds, self._clock = amount, seconds, clock
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()
        _ALL.append(self)

    def open(self, *parts: str) -> bool:
        """Whether one more may be tried; counts nothing."""
        with self._lock:
            return self._tokens(_mark(parts)) >= 1

    def count(self, *parts: str) -> None:
        """One more was tried."""
        with self._lock:
            self._take(_mark(parts))

    def take(self, *parts: str) -> bool:
        """Count one more if it may be tried."""
        with self._lock:
            key = _mark(parts)
            return self._tokens(key) >= 1 and self._take(key)

    def forget(self, *parts: str) -> None:
        """Start anew."""
        with self._lock:
            self._left.pop(_mark(parts), None)

    def clear(self) -> None:
        """Start anew with everybody."""
        with self._lock:
            self._left.clear()

    def _tokens(self, key: bytes) -> float:
        left, at = self._left.get(key, (float(self._amount), self._clock()))
        return min(self._amount, left + (self._clock() - at) * self._amount / self._seconds)

    def _take(self, key: bytes) -> bool:
        self._left[key] = (max(0.0, self._tokens(key) - 1), self._clock())
        self._left.move_to_end(key)
        while len(self._left) > _MOST:
            self._left.popitem(last=False)
        return True


def forget_all() -> None:
    """Empty every limit, for tests."""
    for limit in _ALL:
        limit.clear()


_MINUTE, _HOUR = 60, 3600

wrong_from_network = Limit(40, 15 * _MINUTE)
"""Wrong passwords from one network, whoever they were for."""
wrong_for_account_from_network = Limit(10, 15 * _MINUTE)
"""Wrong passwords for one address from one network: a stranger who uses it up has shut out only himself."""
wrong_for_account = Limit(50, _HOUR)
"""Wrong passwords for one address from anywhere. Then the password is asked together with a letter; networks from
which somebody has logged in to it are not concerned, and letters and passkeys always work."""
wrong_codes = Limit(10, 15 * _MINUTE)
"""Wrong codes of a second factor; only who knows the password gets there."""
typed_codes = Limit(40, 15 * _MINUTE)
"""Codes of letters typed from one network; each letter takes five."""
letters_to = Limit(5, 15 * _MINUTE)
"""Letters to one address; those that came still open."""
letters_from = Limit(30, _HOUR)
"""Letters asked for from one network."""
to_provider = Limit(30, 15 * _MINUTE)
"""Ways to the publisher's provider from one network: each costs it a request, and us a row."""

_at_home: OrderedDict[bytes, None] = OrderedDict()
_home_lock = threading.Lock()


def may_try(email: str, network: str) -> bool:
    """Whether a password may be tried. The answer is the same for an address that has no account."""
    return (
        wrong_from_network.open(network)
        and wrong_for_account_from_network.open(email, network)
        and (wrong_for_account.open(email) or is_at_home(email, network))
    )


def failed(email: str, network: str) -> None:
    """A password was wrong."""
    wrong_from_network.count(network)
    wrong_for_account_from_network.count(email, network)
    wrong_for_account.count(email)


def succeeded(email: str, network: str) -> None:
    """Somebody has logged in: this network is one of theirs."""
    wrong_for_account_from_network.forget(email, network)
    with _home_lock:
        key = _mark((email, network))
        _at_home[key] = None
        _at_home.move_to_end(key)
        while len(_at_home) > _MOST:
            _at_home.popitem(last=False)


def is_at_home(email: str, network: str) -> bool:
    """Whether somebody has logged in to this account from this network since the process began."""
    with _home_lock:
        return _mark((email, network)) in _at_home


def may_write(email: str, network: str, act: str = "") -> bool:
    """Whether one more letter for this act may go to this address; counts it. Each act for itself: whoever uses it up
    for somebody else has had letters sent that open the door to that person."""
    mailbox = spelt(email).lower() or email  # a domain has many spellings (IDNA), its mailbox one
    return letters_from.take(network) and letters_to.take(mailbox, act)
