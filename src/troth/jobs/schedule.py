"""What comes back: a tick of a schedule becomes a job, once, however many workers see it.

Missed ticks are not made up one by one: after a pause only the last one runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from troth.jobs import clock
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.models import IDLE, Tick

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``latest`` gives the last tick at or before a moment. The job's kind is the schedule's name, its key the
    time of the tick."""

    name: str
    latest: Callable[[datetime], datetime]
    steps: Sequence[Planned]
    priority: int = IDLE
    version: int = 1


_SCHEDULES: dict[str, Schedule] = {}


def register(schedule: Schedule) -> None:
    """Make it known; one of the same name is replaced."""
    _SCHEDULES[schedule.name] = schedule


def forget(name: str) -> None:
    """As if it had never been there."""
    _SCHEDULES.pop(name, None)


def tick() -> list[str]:
    """Enqueue what is due by the database's clock; the names of the new jobs."""
    if not _SCHEDULES:
        return []
    now = clock.now()
    return [ref for schedule in _SCHEDULES.values() if (ref := _one(schedule, now))]


def _one(schedule: Schedule, now: datetime) -> str:
    at = schedule.latest(now)
    # The usual case costs one look and no lock. A clock that was set back finds its ticks used already.
    if Tick.objects.filter(schedule=schedule.name, at__gte=clock.stored(at)).exists():
        return ""
    with transaction.atomic():
        Tick.objects.bulk_create([Tick(schedule=schedule.name, at=clock.stored(at))], ignore_conflicts=True)
        key = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = enqueue(schedule.name, key, schedule.steps, version=schedule.version, priority=schedule.priority)
        Tick.objects.filter(schedule=schedule.name, at__lt=clock.stored(at)).delete()
    return made.ref if made.fresh else ""


def every(period: timedelta) -> Callable[[datetime], datetime]:
    """Ticks at whole multiples of a period since 1970, UTC."""

    def latest(now: datetime) -> datetime:
        return _EPOCH + (now - _EPOCH) // period * period

    return latest


def daily(at: time, zone: str) -> Callable[[datetime], datetime]:
    """One tick a day, at that time of a zone's clocks. A time that the change to summer leaves out comes an hour
    later; one that the change back repeats counts once."""
    place = ZoneInfo(zone)

    def latest(now: datetime) -> datetime:
        today = now.astimezone(place).date()
        for day in (today, today - timedelta(days=1)):
            moment = datetime.combine(day, at, place).astimezone(UTC)
            if moment <= now:
                return moment
        return datetime.combine(today - timedelta(days=2), at, place).astimezone(UTC)

    return latest
