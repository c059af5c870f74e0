"""The clock of a request: by the law (``core.law.calendar``) and by the policy's own promise, whichever ends first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from troth.core.law.calendar import ANSWER_MONTHS, EXTENDED_MONTHS, Pause, due_date
from troth.core.policy.values import Duration, add
from troth.core.requests.model import Act, Request, State

REMINDERS = (10, 5, 1)
"""Days before the end on which staff are reminded, if it is not over by then."""


_ENDS_A_PAUSE = frozenset({Act.IDENTITY_SHOWN, Act.REFUSED, Act.WITHDRAWN, Act.FORWARDED})
"""Being told that it takes longer, or asking once more, is no answer to who they are."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what the publisher counts: its country (holidays), its time zone, and what its policy promises."""

    country: str
    timezone: str
    promise: Duration | None = None
    forward_within: Duration | None = None
    """For a controller whose processor the publisher is: how soon its people's requests are handed on."""
    marketing: frozenset[str] = frozenset()
    """The purposes that are direct marketing: an objection to them is absolute (GDPR Article 21(3))."""

    def day(self, at: datetime) -> date:
        """The day on which a moment falls where the publisher is."""
        return at.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True)
class Clock:
    """When a request must have been answered; each day counts to its last hour, local time.

    ``target`` and ``limit`` are the law's (see ``calendar.Due``), ``promised`` the policy's, ``due`` the first to
    end. ``extend_by`` is the last day on which the person can still be told that it takes longer. ``running`` is
    false while identity is awaited and after the end: the days then are those that would hold if the clock went on
    today.
    """

    received: date
    target: date
    limit: date
    promised: date | None
    due: date
    extend_by: date | None
    running: bool

    def reminders(self, days: Sequence[int] = REMINDERS) -> tuple[date, ...]:
        """The days on which somebody should be reminded, in order; none before the day after receipt."""
        found = {self.due - timedelta(days=n) for n in days}
        return tuple(sorted(day for day in found if day > self.received))

    def days_left(self, today: date) -> int:
        """Days until the end; 0 on the last day, negative when it is late."""
        return (self.due - today).days


def clock(request: Request, terms: Terms, now: datetime) -> Clock:
    """The clock of a request as it stands at ``now``. Raises UsageError for a country without known holidays."""
    received = terms.day(request.received)
    paused = pauses(request, terms, now)
    first = due_date(received, terms.country, ANSWER_MONTHS, paused)
    extended = request.extended_at is not None
    law = due_date(received, terms.country, EXTENDED_MONTHS, paused) if extended else first
    promised = _promised(received, terms, paused, extended)
    forward = _forward(request, received, terms)
    due = min(day for day in (law.limit, promised, forward) if day is not None)
    return Clock(
        received, law.target, law.limit, promised, due,
        None if extended or not request.open else first.limit,
        request.open and not _waiting(request),
    )  # fmt: skip


def pauses(request: Request, terms: Terms, now: datetime) -> tuple[Pause, ...]:
    """From each day on which the person was asked who they are to the day of the answer, or of the end; an open one to
    today.

    Overlapping days of two pauses are counted once.
    """
    found: list[Pause] = []
    since: date | None = None
    for one in request.history:
        if one.act == Act.IDENTITY_ASKED and since is None:
            since = terms.day(one.at)
        elif since is not None and one.act in _ENDS_A_PAUSE:
            found.append((since, terms.day(one.at)))
            since = None
    if since is not None:
        found.append((since, max(since, terms.day(now))))
    return tuple(found)


def _waiting(request: Request) -> bool:
    return request.state == State.IDENTITY_AWAITED


def _promised(received: date, terms: Terms, paused: Sequence[Pause], extended: bool) -> date | None:
    """The end of the promise. Waiting for the person suspends it too, and where the law lets an answer take two
    months more, so does the promise: the page says so beside it."""
    if terms.promise is None:
        return None
    end = add(received, terms.promise)
    for start, stop in paused:
        if start <= end:
            end += stop - start
    return add(end, Duration(months=EXTENDED_MONTHS - ANSWER_MONTHS)) if extended else end


def _forward(request: Request, received: date, terms: Terms) -> date | None:
    """A processor's own clock does not stop for identity: that question is the controller's."""
    if not request.controller or terms.forward_within is None:
        return None
    return add(received, terms.forward_within)
