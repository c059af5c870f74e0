"""How often somebody writes, known in memory only: under a hash of their network whose key this process drew by lot
and never writes down. Several processes count each for itself."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable

RECENT = 600.0
"""Seconds that count for how much work is asked for."""
HOUR, DAY = 3600.0, 86400.0
PER_HOUR, PER_DAY = 10, 30
"""Messages of one network: an office, or a household, shares one."""
SLOW_PER_HOUR = 60
"""Messages of everybody together that come without work."""
_MOST = 20_000
_FREE, _QUIET = 3, 60
"""Recent forms of one network that cost nothing more, every second one after them doubles the work; and of everybody,
where each doubling does."""


class Rates:
    """One for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key = b""
        self._tried: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._sent: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=5000)
        self._slow: deque[float] = deque(maxlen=SLOW_PER_HOUR)

    def tried(self, network: str, now: float) -> None:
        """A form came from there."""
        with self._lock:
            self._all.append(now)
            self._add(self._tried, network, now, RECENT)

    def sent(self, network: str, now: float, *, slow: bool) -> None:
        """A message from there is leaving; ``slow``: without work."""
        with self._lock:
            self._add(self._sent, network, now, DAY)
            if slow:
                self._slow.append(now)

    def steps(self, network: str, now: float) -> int:
        """How much harder than usual it is made for them now: 0 in quiet times."""
        with self._lock:
            own = _within(self._tried.get(self._hash(network), ()), now, RECENT)
            everybody = _within(self._all, now, RECENT)
        return max(0, own - _FREE) // 2 + (everybody // _QUIET).bit_length()

    def too_often(self, network: str, now: float) -> bool:
        """Whether enough messages have left from there for now."""
        with self._lock:
            times = self._sent.get(self._hash(network), ())
            return _within(times, now, HOUR) >= PER_HOUR or _within(times, now, DAY) >= PER_DAY

    def gate_closed(self, now: float) -> bool:
        """Whether enough messages without work have left for now."""
        with self._lock:
            return _within(self._slow, now, HOUR) >= SLOW_PER_HOUR

    def _hash(self, network: str) -> bytes:
        if not self._key:
            self._key = os.urandom(32)  # not before the process has been born by fork
        return hashlib.blake2b(network.encode(), key=self._key, digest_size=16).digest()

    def _add(self, times: OrderedDict[bytes, deque[float]], network: str, now: float, horizon: float) -> None:
        name = self._hash(network)
        times.setdefault(name, deque(maxlen=PER_DAY)).append(now)
        times.move_to_end(name)
        while times:
            first = next(iter(times))
            if len(times) <= _MOST and now - times[first][-1] <= horizon:
                return
            del times[first]


def _within(times: Iterable[float], now: float, span: float) -> int:
    return sum(now - at <= span for at in times)
