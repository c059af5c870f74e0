"""How often one token may ask: so many times a minute in each process, from ``TROTH_API_PER_MINUTE``."""

from __future__ import annotations

import os
from functools import cache

from troth.core.errors import UsageError
from troth.web.accounts.limits import Limit

PER_MINUTE = 1200


def per_minute() -> int:
    """The setting. Raises UsageError."""
    written = os.environ.get("TROTH_API_PER_MINUTE") or str(PER_MINUTE)
    if not written.isdecimal() or not 1 <= int(written) <= 1_000_000:
        raise UsageError("TROTH_API_PER_MINUTE is not a number of requests", remedy=f"write for example {PER_MINUTE}")
    return int(written)


@cache
def _limit(amount: int) -> Limit:
    return Limit(amount, 60)


def take(token: str) -> bool:
    """Count one more if it may be asked."""
    return _limit(per_minute()).take(token)
