"""What a step is given, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threading import Event

JSON = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A step as its holder read it. ``attempt`` and ``worker`` are the proof of holding it."""

    step: int
    job: int
    ref: str
    key: str
    """Unique to this step, the same at every try: do the thing once under it."""
    kind: str
    stage: int
    store: str
    reference: str
    plan: JSON
    attempt: int
    tries: int
    worker: str
    lease: float
    cancelled: bool
    waited_for: str
    progress: Any = None
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Done:
    """Carried out. ``also`` runs in the transaction that records it: rows of the site's own database that change
    there change exactly once. The next stage begins ``pause`` seconds later."""

    result: JSON | None = None
    pause: float = 0.0
    also: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """It must not be done now; ``result`` says why, in references."""

    result: JSON | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Until somebody answers (``orders.answer``) or the date comes, whichever is first. The step then runs again
    and finds the answer in ``work.answer``, or None."""

    what: str
    until: datetime | None = None
    unless: Callable[[], bool] | None = None
    """Asked in the transaction that lets go: what came since the step looked is not waited for."""


Outcome = Done | Kept | Wait


@dataclass(slots=True)
class Work:
    """A step in the hands of a worker."""

    claim: Claim
    stop: Event
    lost: bool = field(default=False)
    """The heart has found that somebody else holds it."""
    tries: int = field(init=False)
    """Since it last came forward."""

    def __post_init__(self) -> None:
        self.tries = self.claim.tries

    @property
    def key(self) -> str:
        """Under which the thing is done once."""
        return self.claim.key

    @property
    def stopping(self) -> bool:
        """The worker was asked to end: a long step may save its progress and raise ``Later(0)``."""
        return self.stop.is_set()

    def still_mine(self) -> None:
        """Ask the journal, and lengthen the lease. Call it right before what cannot be undone. Raises Fenced."""
        from troth.jobs.journal import hold

        hold(self.claim)

    def note(self, progress: JSON) -> None:
        """Keep how far the step has come, for whoever takes it over. Raises Fenced."""
        from troth.jobs.journal import note

        note(self.claim, progress)
        self.tries = 1

    def results(self) -> list[Any]:
        """What the ended steps of earlier stages have left, in their order."""
        from troth.jobs.journal import results

        return results(self.claim)
