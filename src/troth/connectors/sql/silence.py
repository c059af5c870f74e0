"""A limit to the waiting for a server that says nothing at all.

The server ends a statement that takes too long; but a server that hangs, or a proxy that has lost it, ends nothing.
Then the line is closed on our side, once nothing has come for longer than any statement may take.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.waiting import Ready

from troth.core.policy.model import Store

GRACE_SECONDS = 5
UNHURRIED_SECONDS = 600
"""For a question to which the server itself sets no limit."""


class Silent(psycopg.OperationalError):
    """The server has said nothing for too long; the connection is closed."""


class Watched(psycopg.Connection[tuple[Any, ...]]):
    """A PostgreSQL connection that gives up after ``silence`` seconds without a byte from the server."""

    silence: float | None = None

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **options: Any) -> Any:
        """Called by the driver for everything that it waits for; it asks anew several times a second."""
        return super().wait(gen if self.silence is None else self._limited(gen, self.silence), *args, **options)

    def _limited(self, gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
        heard = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready != Ready.NONE:
                    heard = time.monotonic()
                elif time.monotonic() - heard > seconds:
                    self.close()
                    raise Silent("the server has said nothing for too long")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value


def limit_of(store: Store) -> int:
    """Seconds of silence after which a server of the store has stopped answering: two statements that are each as
    slow as the policy lets them be (they may be sent together), the wait for a lock, and some grace."""
    return 2 * store.statement_timeout + store.lock_timeout + GRACE_SECONDS


def set_limit(raw: Any, seconds: int | None) -> None:
    """The limit of a connection to a server, as its driver keeps it."""
    if isinstance(raw, psycopg.Connection):
        raw.silence = seconds  # type: ignore[attr-defined]
    else:
        raw._read_timeout = seconds
