"""Trying again where that may help: locks, deadlocks, statements that were too slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from troth.core.errors import StoreBusy

T = TypeVar("T")


def with_retries(
    action: Callable[[], T],
    sleep: Callable[[float], None],
    jitter: Callable[[], float],
    tries: int = 3,
    first_pause: float = 0.2,
) -> T:
    """Do ``action``; after a StoreBusy wait and do it again, ``tries`` times in all.

    The pauses double and are stretched by ``jitter`` (0 to 1), so that two that met do not meet again. The
    last StoreBusy is raised. Every other error is raised at once.
    """
    pause = first_pause
    for _ in range(tries - 1):
        try:
            return action()
        except StoreBusy:
            sleep(pause * (1 + jitter()))
            pause *= 2
    return action()
