"""How much of the long tests runs: usually a part that meets every kind of case; all with ``TROTH_EXHAUSTIVE=1``."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

EXHAUSTIVE = bool(os.environ.get("TROTH_EXHAUSTIVE"))


def usually(part: T, everything: T) -> T:
    """``part``, or ``everything`` when all is asked for."""
    return everything if EXHAUSTIVE else part
