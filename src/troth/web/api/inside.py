"""The state, opened for a question; each thread keeps it for some seconds, since opening costs more than asking."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from troth.state.state import State, open_state

FRESH = 5.0
"""Seconds after which it is opened anew: a state that was put back from a backup is seen as soon as that."""


class _Held:
    """An open state, closed when nobody holds it any more."""

    def __init__(self) -> None:
        self.of = (os.getpid(), settings.STATE)
        self.until = time.monotonic() + FRESH
        self.state = open_state(settings.STATE, check_last=False)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.state.close()


_mine = threading.local()


@contextmanager
def glimpse() -> Iterator[State]:
    """The state where it is only read: it is not checked against the last checkpoint. Raises as ``open_state``."""
    held: _Held | None = getattr(_mine, "held", None)
    if held is None or held.of != (os.getpid(), settings.STATE) or time.monotonic() >= held.until:
        _mine.held = held = None
        _mine.held = held = _Held()
    try:
        yield held.state
    except BaseException:
        _mine.held = None
        raise
