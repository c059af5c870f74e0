"""Whose clock counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import F

from jobs.doer import doers
from jobs.scene import Journal, environment
from troth.jobs import clock
from troth.jobs.models import Step


def test_the_clock_is_that_of_the_database(journal: Journal) -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    journal.plan("a")
    assert abs(clock.moment(journal.step().free_at) - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.moment(clock.stored(clock.now())) <= clock.now()


def test_a_statement_later_reads_a_later_time_in_the_same_transaction(journal: Journal) -> None:
    from django.db import transaction

    with transaction.atomic():
        first = clock.now()
        time.sleep(0.02)
        assert clock.now() > first


@pytest.mark.parametrize("jump", [timedelta(days=3), timedelta(days=-3)], ids=["forward", "back"])
def test_a_machine_whose_clock_has_jumped_takes_nothing_too_early_or_too_late_on_postgresql(
    postgresql_journal: Journal, tmp_path: Path, jump: timedelta
) -> None:
    """The worker's process sees another time; the server does not."""
    journal = postgresql_journal
    journal.plan("guarded", key="ready")
    journal.plan("guarded", key="held", due=clock.now() + timedelta(days=1))
    lying = tmp_path / "sitecustomize.py"
    lying.write_text(
        "import time, datetime\n"
        f"_off = {jump.total_seconds()}\n"
        "_time = time.time\n"
        "time.time = lambda: _time() + _off\n"
        "class _Lying(datetime.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None):\n"
        "        return cls.fromtimestamp(_time() + _off, tz)\n"
        "datetime.datetime = _Lying\n"
    )
    env = environment(journal, tmp_path)
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), env["PYTHONPATH"]])
    said = subprocess.run(
        [sys.executable, "-c", "import datetime; print(datetime.datetime.now(datetime.timezone.utc).isoformat())"],
        env=env, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert abs(datetime.fromisoformat(said.strip()) - datetime.now(UTC)) > timedelta(days=2)
    with doers(env, tmp_path / "said") as workers:
        assert workers.run()[1]["done"] == 1
    assert journal.states("ready") == ["done"]
    assert journal.states("held") == ["ready"]
    assert abs(clock.moment(journal.job("ready").settled) - datetime.now(UTC)) < timedelta(minutes=5)


def test_on_sqlite_a_clock_set_forward_ends_leases_early_and_the_first_holder_is_fenced_out(
    sqlite_journal: Journal,
) -> None:
    """What the documentation says of it: `pass_time` is what such a jump looks like to the rows."""
    from troth.jobs import journal as protocol
    from troth.jobs.errors import Fenced
    from troth.jobs.work import Done

    sqlite_journal.plan("a")
    first = protocol.claim("first", ["a-1"], 60)
    assert first is not None
    sqlite_journal.pass_time(3600)
    second = protocol.claim("second", ["a-1"], 60)
    assert second is not None
    with pytest.raises(Fenced):
        protocol.end(first, Done())
    protocol.end(second, Done())
    # Set back again: what is done stays done, and what waits waits longer.
    sqlite_journal.pass_time(-7200)
    assert protocol.claim("third", ["a-1"], 60) is None
    assert list(Step.objects.values_list("state", flat=True)) == ["done"]


def test_what_a_clock_that_was_wrong_has_locked_is_freed_and_what_waits_for_its_day_is_not(journal: Journal) -> None:
    from troth.jobs import journal as protocol
    from troth.jobs.errors import Fenced

    journal.plan("a", key="leased")
    held = protocol.claim("first", ["a-1"], 60)
    assert held is not None
    journal.plan("a", key="paused")
    paused = protocol.claim("first", ["a-1"], 60)
    assert paused is not None
    protocol.put_off(paused, 5, "away", failed=True)
    journal.plan("a", key="due", due=clock.now() + timedelta(days=4000))
    assert protocol.mend() == 0
    years = 3650 * 86_400_000
    Step.objects.exclude(job__key="due").update(free_at=F("free_at") + years)
    assert protocol.claim("second", ["a-1"], 60) is None
    assert protocol.mend() == 2
    taken = [protocol.claim("second", ["a-1"], 60) for _ in range(3)]
    assert sorted(one.key.split("/")[1] for one in taken if one) == ["leased", "paused"]  # freed at the same moment
    with pytest.raises(Fenced):
        protocol.hold(held)
