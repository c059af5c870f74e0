"""What comes back by itself, and rows of the past that go."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.scene import Journal, kind
from troth.core.errors import UsageError
from troth.jobs import clock, prune, schedule
from troth.jobs.enqueue import Planned
from troth.jobs.models import Job, Step, Tick
from troth.jobs.worker import Worker

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MOMENTS = st.integers(1_577_836_800_000, 2_051_222_400_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of the schedules; write the time into it."""
    now = [NOW]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    schedule.register(schedule.Schedule("hourly", schedule.every(timedelta(hours=1)), [Planned("a")]))
    return now


def keys() -> list[str]:
    return list(Job.objects.filter(kind="hourly").order_by("pk").values_list("key", flat=True))


def test_a_tick_becomes_a_job_once_however_often_it_is_seen(journal: Journal, clocked: list[datetime]) -> None:
    assert len(schedule.tick()) == 1
    assert schedule.tick() == []
    clocked[0] += timedelta(minutes=29)
    assert schedule.tick() == []
    clocked[0] += timedelta(minutes=1)
    assert len(schedule.tick()) == 1
    assert keys() == ["2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z"]


def test_after_ten_missed_ticks_one_job_runs(journal: Journal, clocked: list[datetime]) -> None:
    schedule.tick()
    clocked[0] += timedelta(hours=10)
    assert len(schedule.tick()) == 1
    assert keys() == ["2026-11-22T09:00:00Z", "2026-11-22T19:00:00Z"]
    assert Tick.objects.count() == 1


def test_a_clock_that_is_set_back_repeats_no_tick(journal: Journal, clocked: list[datetime]) -> None:
    schedule.tick()
    clocked[0] -= timedelta(hours=5)
    for _ in range(5):
        clocked[0] += timedelta(hours=1)
        assert schedule.tick() == []
    clocked[0] += timedelta(hours=1)
    assert len(schedule.tick()) == 1


def test_a_tick_whose_job_was_pruned_does_not_come_again(journal: Journal, clocked: list[datetime]) -> None:
    schedule.tick()
    Job.objects.all().delete()
    assert schedule.tick() == []


def test_two_workers_that_see_a_tick_at_once_make_one_job(journal: Journal, clocked: list[datetime]) -> None:
    from django.db import connection

    line, made = threading.Barrier(2), []

    def see() -> None:
        line.wait(60)
        made.extend(schedule.tick())
        connection.close()

    crowd = [threading.Thread(target=see) for _ in range(2)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert len(made) == 1
    assert Step.objects.count() == 1


def test_a_worker_sees_to_the_ticks(journal: Journal, clocked: list[datetime]) -> None:
    with kind("a"):
        assert Worker().run(until_idle=True).done == 1
    assert keys() == ["2026-11-22T09:00:00Z"]


@given(MOMENTS, st.integers(1, 10**6))
def test_a_period_ticks_at_its_multiples(now: datetime, seconds: int) -> None:
    at = schedule.every(timedelta(seconds=seconds))(now)
    assert at <= now < at + timedelta(seconds=seconds)
    assert schedule.every(timedelta(seconds=seconds))(at) == at


@given(MOMENTS, st.times(), st.sampled_from(["Europe/Paris", "UTC", "Pacific/Chatham", "America/New_York"]))
def test_a_day_ticks_once_and_the_last_tick_is_never_two_days_old(now: datetime, at: time, zone: str) -> None:
    latest = schedule.daily(at, zone)
    tick = latest(now)
    assert tick <= now < tick + timedelta(hours=26)
    assert latest(tick) == tick


def test_a_time_that_summer_leaves_out_or_repeats_ticks_once() -> None:
    for day, at in (
        (datetime(2026, 3, 29, tzinfo=UTC), time(2, 30)),
        (datetime(2026, 10, 25, tzinfo=UTC), time(2, 30)),
    ):
        latest = schedule.daily(at, "Europe/Paris")
        ticks = {latest(day + timedelta(minutes=m)) for m in range(-60, 26 * 60)}
        assert len([tick for tick in ticks if day <= tick < day + timedelta(days=1)]) == 1


# --- prune --------------------------------------------------------------------------------------------


def test_what_ended_goes_after_its_period_and_what_failed_or_is_under_way_stays(journal: Journal) -> None:
    from django.db.models import F

    with kind("a"):
        for key in ("old", "new", "failed", "open"):
            journal.plan("a", key=key)
        Worker().run(until_idle=True)
    Job.objects.filter(key="failed").update(state="failed", settled=None)
    Job.objects.filter(key="open").update(state="underway", settled=None)
    Job.objects.filter(key="old").update(settled=F("settled") - 90 * 86_400_000)
    Job.objects.filter(key="new").update(settled=F("settled") - 89 * 86_400_000)
    assert prune.prune(90) == 1
    assert sorted(Job.objects.values_list("key", flat=True)) == ["failed", "new", "open"]
    assert Step.objects.count() == 3


def test_the_period_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prune.days() == 90
    monkeypatch.setenv("TROTH_JOBS_DAYS", "30")
    assert prune.days() == 30
    for wrong in ("soon", "-1", "nan", "1e9"):
        monkeypatch.setenv("TROTH_JOBS_DAYS", wrong)
        with pytest.raises(UsageError, match="TROTH_JOBS_DAYS"):
            prune.days()
