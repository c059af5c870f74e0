"""Queueing the notices of a version. This module loads Django only when there is something to queue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.jobs.enqueue import Planned
    from troth.state.publications import Publication

KIND = "policy.notify"
LATE = "policy.notify.late"
END = "policy.notified"

BATCH = 20
PER_MINUTE = 300
_CATCH_UP = timedelta(days=7)
"""For so long `troth publish`, run again, still queues what a crash kept from being queued."""


def announce(made: Publication, now: datetime) -> int | None:
    """Queue a mail to every account holder, once for each version; how many people there are. None: nobody has to be
    told, since it is the first version or was published long ago.

    The environment names the state (``cli.serve.prepare``), which has accounts (``accounts_in``). Raises UsageError.
    """
    if made.number == 1 or now - made.published_at > _CATCH_UP:
        return None
    from troth.jobs.running import ready

    ready()
    from troth.jobs.enqueue import enqueue

    batches = list(_batches())
    if batches:
        plan = {"number": made.number, "per_minute": per_minute()}
        enqueue(KIND, str(made.number), _steps(batches), plan=plan)
    return sum(count for _, _, count in batches)


def accounts_in(state: Path, url: str = "") -> bool:
    """Whether this state has a site with accounts; asked without Django. ``url`` is that of PostgreSQL."""
    from troth.web.database import FILE
    from troth.web.migrations import pending

    if not url and not (state / FILE).exists():
        return False
    return "accounts.0001_initial" not in pending(state, url)


def per_minute() -> int:
    """How many mails may leave in a minute, from ``TROTH_NOTICES_PER_MINUTE``. Raises UsageError."""
    written = os.environ.get("TROTH_NOTICES_PER_MINUTE") or str(PER_MINUTE)
    if not written.isdecimal() or not 1 <= int(written) <= 100_000:
        raise UsageError("TROTH_NOTICES_PER_MINUTE is not a number of mails", remedy=f"write for example {PER_MINUTE}")
    return int(written)


def _batches() -> Iterator[tuple[int, int, int]]:
    """First and last key of each batch of accounts, and how many they are."""
    from django.contrib.auth import get_user_model

    keys = list(get_user_model().objects.order_by("pk").values_list("pk", flat=True))
    for place in range(0, len(keys), BATCH):
        some = keys[place : place + BATCH]
        yield some[0], some[-1], len(some)


def _steps(batches: list[tuple[int, int, int]]) -> Iterator[Planned]:
    """One after the other: that is what keeps the pace, however many workers there are."""
    from troth.jobs.enqueue import Planned

    for first, last, _ in batches:
        yield Planned(KIND, f"{first}:{last}", "accounts")
    yield Planned(LATE, "", "accounts")
    yield Planned(END)
