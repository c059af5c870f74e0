"""The sign of life of a worker: a thread with its own connection that lengthens the lease of the step in hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection

from troth.jobs import journal
from troth.jobs.errors import Fenced
from troth.jobs.work import Work

BEATS = 4
"""In the time of one lease: three may be lost."""


class Heart:
    """Beats while a step is carried. Stop it with ``stop``; it is a daemon, so that it never keeps a process."""

    def __init__(self, lease: float) -> None:
        self._pause = lease / BEATS
        self._work: Work | None = None
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._carrying = threading.Event()
        self._thread = threading.Thread(target=self._run, name="troth-heart", daemon=True)
        self._thread.start()

    @contextmanager
    def carry(self, work: Work) -> Iterator[None]:
        """Beat for this step until the end of the block."""
        with self._lock:
            self._work = work
        self._carrying.set()
        try:
            yield
        finally:
            self._carrying.clear()
            with self._lock:
                self._work = None

    def stop(self) -> None:
        """Beat no more; back when its connection is closed."""
        self._end.set()
        self._carrying.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        try:
            while not self._end.is_set():
                self._carrying.wait()
                if not self._end.wait(self._pause):
                    self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        with self._lock:
            work = self._work
        if work is None:
            return
        try:
            journal.hold(work.claim)
        except Fenced:
            # The step may have ended between the look and the write: then nobody reads this any more.
            work.lost = True
        except Error:
            connection.close()  # the next beat tries anew; the lease outlives three lost ones
