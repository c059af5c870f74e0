"""Adding up what was stopped, and telling it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Sum

from troth.core.consent.csp import reaches
from troth.core.consent.services import site_services
from troth.core.policy.model import Policy
from troth.web.csp.models import Stopped
from troth.web.csp.reading import Seen

DAYS = 90
"""How long sums are kept."""
MOST_OF_A_DAY = 500
"""Different rows of one day; whoever invents hosts fills no table."""
OTHERS = "*"
"""Stands for the hosts beyond."""


class Bucket:
    """So many messages at once, so many a second on average: for all senders together, since no address is looked at.
    One for each process."""

    def __init__(self, size: float = 60, rate: float = 5, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._rate, self._clock = size, rate, clock
        self._lock = threading.Lock()
        self._level, self._at = size, clock()

    def take(self) -> bool:
        """Whether one more may come."""
        with self._lock:
            now = self._clock()
            self._level = min(self._size, self._level + (now - self._at) * self._rate)
            self._at = now
            if self._level < 1:
                return False
            self._level -= 1
            return True


def add(seen: Iterable[Seen], today: date) -> None:
    """Add what was seen to the sums of the day."""
    for one, times in Counter(seen).items():
        _add(one, times, today)


def _add(one: Seen, times: int, today: date) -> None:
    for blocked in (one.blocked, OTHERS):
        row = {"day": today, "directive": one.directive, "blocked": blocked, "page": one.page}
        if Stopped.objects.filter(**row).update(count=F("count") + times):
            return
        rows = Stopped.objects.filter(day=today).count()
        if rows == 0:
            Stopped.objects.filter(day__lt=today - timedelta(days=DAYS)).delete()
        if rows >= MOST_OF_A_DAY and blocked != OTHERS:
            continue
        try:
            with transaction.atomic():
                Stopped.objects.create(**row, count=times)
        except IntegrityError:  # another process was first
            Stopped.objects.filter(**row).update(count=F("count") + times)
        return


@dataclass(frozen=True, slots=True)
class Total:
    """What browsers stopped of one host by one directive on one kind of page."""

    blocked: str
    directive: str
    page: str
    count: int
    last: date
    service: str | None
    """The service of the policy whose host it is."""
    asked: bool
    """Visitors are asked for it: it was stopped for those who have not accepted."""


def sums(policy: Policy, since: date) -> list[Total]:
    """What was stopped since a day, the most frequent first."""
    services = site_services(policy)
    grouped = Stopped.objects.filter(day__gte=since).values("blocked", "directive", "page")
    found = []
    for row in grouped.annotate(times=Sum("count"), last=Max("day")).order_by("-times", "blocked", "directive", "page"):
        its = next((one for one in services if any(reaches(host, row["blocked"]) for host in one.hosts)), None)
        asked = its is not None and its.active and not its.exempt
        name = its.name if its else None
        found.append(Total(row["blocked"], row["directive"], row["page"], row["times"], row["last"], name, asked))
    return found


def meaning(one: Total) -> str:
    """The name of the words that say what it means."""
    if one.blocked == OTHERS:
        return "m_others"
    if one.service is not None:
        return "m_asked" if one.asked else "m_known"
    return "m_unknown" if "." in one.blocked or ":" in one.blocked else "m_inline"
