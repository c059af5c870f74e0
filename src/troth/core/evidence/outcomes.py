"""Intentions and outcomes: what was announced, and how it ended.

``X.intended`` announces; ``X.done``, ``X.failed``, ``X.kept``, ``X.deferred`` or ``X.cancelled`` ends it,
when both bodies name the same request, store and step. A repetition after a crash announces again.
"""

from __future__ import annotations

from collections import Counter

from troth.core.evidence.canonical import JSON
from troth.core.evidence.report import Check

INTENDED = "intended"
OUTCOMES = frozenset({"done", "failed", "kept", "deferred", "cancelled"})
_NAMES = ("request", "store", "step")
Key = tuple[str, ...]


class Outcomes:
    """Follows the events of a log in order.

    A body that was deleted or is withheld may be the counterpart of any event of its action: for each such
    body one event without a counterpart is let pass.
    """

    def __init__(self) -> None:
        self._open: dict[Key, int] = {}
        self._announced: set[Key] = set()
        self._unannounced: list[tuple[str, int]] = []
        self._unknown_intentions: Counter[str] = Counter()
        self._unknown_outcomes: Counter[str] = Counter()

    def take(self, position: int, kind: str, body: JSON) -> None:
        """The next event."""
        action, dot, last = kind.rpartition(".")
        if not dot or last not in OUTCOMES | {INTENDED}:
            return
        if not isinstance(body, dict):
            unknown = self._unknown_intentions if last == INTENDED else self._unknown_outcomes
            unknown[action] += 1
            return
        key = (action, *(str(body.get(name, "")) for name in _NAMES))
        if last == INTENDED:
            self._announced.add(key)
            self._open[key] = position
        else:
            self._open.pop(key, None)
            if key not in self._announced:
                self._unannounced.append((action, position))

    def finish(self, check: Check) -> None:
        """Note what has no counterpart."""
        for action, position in self._unannounced:
            if not _excused(self._unknown_intentions, action):
                check.fail("outcome_unannounced", position=position)
        for key, position in self._open.items():
            if not _excused(self._unknown_outcomes, key[0]):
                check.fail("outcome_missing", position=position)


def _excused(unknown: Counter[str], action: str) -> bool:
    unknown[action] -= 1
    return unknown[action] >= 0
