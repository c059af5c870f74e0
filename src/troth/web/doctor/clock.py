"""The clock: deadlines, signatures and the ends of periods depend on it."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from troth.core.errors import TrothError
from troth.web.doctor.findings import Case, Finding, fine, note, problem, skipped

MOST_APART = timedelta(seconds=60)
"""How far two clocks may differ before a deadline or a signed link could fail."""
_UNSYNCHRONISED = 0x40


class _Timex(ctypes.Structure):
    """The beginning of the kernel's ``struct timex`` (adjtimex(2))."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256),
    )  # fmt: skip


def synchronised(case: Case) -> Iterator[Finding]:
    """The kernel knows of a source of time."""
    status = kernel_status()
    if status is None:
        yield skipped("clock_unseen")
    elif status & _UNSYNCHRONISED:
        yield note("clock_unsynchronised")
    else:
        yield fine("clock_fine")


def kernel_status() -> int | None:
    """The bits of adjtimex(2); None where it cannot be asked."""
    try:
        asked = _Timex(modes=0)
        return None if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked)) < 0 else int(asked.status)
    except (OSError, AttributeError):
        return None


def state_not_ahead(case: Case) -> Iterator[Finding]:
    """The last event of the ledger does not lie in the future."""
    from troth.core.evidence.leaf import decode, read_time
    from troth.state.state import open_state

    try:
        with open_state(case.place.directory, check_last=False) as state:
            size = state.ledger.size
            last = [decode(leaf).at for leaf in state.ledger.leaves(size - 1, size)] if size else []
    except TrothError:
        return  # told by the probe of the state
    ahead = read_time(last[0]) - case.now if last else timedelta()
    if ahead > MOST_APART:
        yield problem("clock_behind", last=last[0], now=f"{case.now:%Y-%m-%dT%H:%M:%SZ}")


def database_agrees(case: Case) -> Iterator[Finding]:
    """The database's clock and ours tell the same time."""
    from troth.web.doctor.database import server_time

    if not case.place.url:
        return
    there, here = server_time(case.place.url), datetime.now(UTC)
    if there is not None and abs(there - here) > MOST_APART:
        yield problem("clock_apart", other="PostgreSQL", seconds=round((there - here).total_seconds()))
    elif there is not None:
        yield fine("clock_together", other="PostgreSQL")
