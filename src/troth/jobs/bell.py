"""How an idle worker waits: for PostgreSQL's bell, or by looking now and then. A look takes no lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import connection

from troth.jobs.enqueue import CHANNEL

LOOK = 1.0
"""Seconds between two looks on SQLite."""
LOOK_ANYWAY = 5.0
"""The same on PostgreSQL, where the bell does not ring for a date that has come or a lease that has ended."""


class Bell:
    """Waits until there may be something to do."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._listening: object = None

    def wait(self, anything: Callable[[], bool]) -> None:
        """Back when there is something, or at the stop, or after some looks, so that others have their turn."""
        for _ in range(10):
            if connection.vendor == "postgresql":
                self._listen()
            if anything() or self._stop.is_set():
                return
            if connection.vendor == "postgresql":
                self._hear()
            else:
                self._stop.wait(LOOK)

    def _listen(self) -> None:
        """Begin before the look: what is added after it rings."""
        connection.ensure_connection()
        if self._listening is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._listening = connection.connection

    def _hear(self) -> None:
        until = time.monotonic() + LOOK_ANYWAY
        while not self._stop.is_set() and time.monotonic() < until:
            with connection.wrap_database_errors:
                for _ in connection.connection.notifies(timeout=0.5, stop_after=1):
                    return
