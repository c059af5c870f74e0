"""How long to wait before trying again. The wait is a date in the row, not a sleeping thread: hence own arithmetic."""

from __future__ import annotations

import random


def pause(tries: int, first: float, longest: float, jitter: float | None = None) -> float:
    """Seconds after so many failed tries (1, 2, …): they double, up to ``longest``, and are spread by half either
    way (``jitter``, 0 to 1, random by default) so that those who failed together do not come back together."""
    spread = random.random() if jitter is None else jitter  # noqa: S311 - no secret
    doubled = min(longest, first * 2.0 ** min(tries - 1, 60))
    return doubled * (0.5 + spread)
