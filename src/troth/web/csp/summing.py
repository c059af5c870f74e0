"""Adding up what was stopped, and telling it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max, Sum

from troth.core.consent.csp import reaches
from troth.core.consent.services import site_services
from troth.core.policy.model import Policy
from troth.web.csp.models import Stopped
from troth.web.csp.reading import Seen

DAYS = 90
"""How long sums are kept."""
MOST_OF_A_DAY = 500
"""Different rows of one day, besides one for each directive; whoever invents hosts or pages fills no table."""
OTHERS = "*"
"""Stands for the hosts and pages beyond."""
_Row = tuple[str, str, str]
"""Directive, what was blocked, page."""


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
    """Add what was seen to the sums of the day: one transaction, and few statements however much was seen."""
    day = Stopped.objects.filter(day=today)
    with transaction.atomic():
        kept = set(day.values_list("directive", "blocked", "page"))
        if not kept:
            Stopped.objects.filter(day__lt=today - timedelta(days=DAYS)).delete()
        counted = _within(Counter(seen), kept)
        if missing := sorted(counted.keys() - kept):
            new = (Stopped(day=today, directive=row[0], blocked=row[1], page=row[2]) for row in missing)
            Stopped.objects.bulk_create(new, ignore_conflicts=True)  # another process may have been first
        # In order, and only after the last insertion, so that no two messages wait for each other.
        named = day.filter(blocked__in={blocked for _, blocked, _ in counted}).order_by("pk").select_for_update()
        by_times: dict[int, list[int]] = {}
        for key, *row in named.values_list("pk", "directive", "blocked", "page"):
            if times := counted[(row[0], row[1], row[2])]:
                by_times.setdefault(times, []).append(key)
        for times, keys in by_times.items():
            Stopped.objects.filter(pk__in=keys).update(count=F("count") + times)


def _within(seen: Counter[Seen], kept: Collection[_Row]) -> Counter[_Row]:
    """By row; what is beyond the most of a day, under OTHERS."""
    counted: Counter[_Row] = Counter()
    room = MOST_OF_A_DAY - len(kept)
    for one, times in seen.items():
        row = (one.directive, one.blocked, one.page)
        if row not in kept and row not in counted:
            room -= 1
            row = row if room >= 0 else (one.directive, OTHERS, OTHERS)
        counted[row] += times
    return counted


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
