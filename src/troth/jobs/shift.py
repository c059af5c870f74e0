"""What a worker keeps open from one step to the next while there is work: opening is often dearer than the step.

Nothing is kept while it is idle, after a step that failed, or longer than ``LONG``. Outside a worker nothing is kept.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

LONG = 20.0
"""Seconds after which it is opened anew, however busy the worker is."""


@dataclass(slots=True)
class _Kept:
    key: object
    value: Any
    close: Callable[[Any], object]
    until: float


class _Shift(threading.local):
    """Of one thread; a process that was forked meanwhile begins with nothing."""

    def __init__(self) -> None:
        self.process = 0
        self.kept: dict[str, _Kept] = {}


_shift = _Shift()


@contextmanager
def working() -> Iterator[None]:
    """In here things may be kept; at the end nothing is."""
    before = _shift.process, _shift.kept
    _shift.process, _shift.kept = os.getpid(), {}
    try:
        yield
    finally:
        drop()
        _shift.process, _shift.kept = before


def on() -> bool:
    """Whether this thread is a worker's."""
    return _shift.process == os.getpid()


def keep(name: str, key: object, make: Callable[[], T], close: Callable[[T], object]) -> T:
    """What was made under this name and key a moment ago, or a new one. Only where ``on`` is true."""
    held = _shift.kept.get(name)
    if held is not None and held.key == key and time.monotonic() < held.until:
        return held.value  # type: ignore[no-any-return]
    drop(name)
    value = make()
    _shift.kept[name] = _Kept(key, value, close, time.monotonic() + LONG)
    return value


def drop(name: str = "") -> None:
    """Close it; without a name, everything."""
    for one in [name] if name else list(_shift.kept):
        held = _shift.kept.pop(one, None)
        if held is not None:
            held.close(held.value)
