"""What is over goes: sessions, letters, spent answers. At the first request of a process, and every quarter of an
hour after: people are told that an address is forgotten after 24 hours."""

from __future__ import annotations

import os
import threading
from typing import Final

from django.db import DatabaseError, connections
from django.utils import timezone

from troth.web import logs

EVERY: Final = 15 * 60.0
"""Seconds."""


def clear() -> int:
    """Remove the rows whose time is over; how many."""
    from troth.desk import confirming
    from troth.web.accounts.models import Letter, Session, Spent

    now = timezone.now()
    rows = Session.objects.filter(expire_date__lte=now).delete()[0] + confirming.clear(now)
    return int(rows + sum(model.objects.filter(expires_at__lte=now).delete()[0] for model in (Letter, Spent)))


class Regular:
    """A thread of each process that answers; processes are born by fork, so it begins with their first request."""

    def __init__(self) -> None:
        self._process = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Start it in this process, once."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._work, name="accounts-clearing", daemon=True).start()

    def _work(self) -> None:
        rest = threading.Event()
        while True:
            try:
                if rows := clear():
                    logs.say("accounts_cleared", rows=rows)
            except DatabaseError as error:
                logs.error(error)
            finally:
                connections.close_all()
            rest.wait(EVERY)


regular = Regular()
