"""Workers that are killed or frozen at every boundary, and several at once: no step is done twice, none is lost."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from effort import usually
from jobs.doer import Doers, doers
from jobs.scene import Journal, environment
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.models import Step

LEASE = 60.0


@pytest.fixture
def workers(journal: Journal, tmp_path: Path) -> Iterator[Doers]:
    with doers(environment(journal, tmp_path), tmp_path / "said") as made:
        yield made


def effects(journal: Journal) -> Counter[str]:
    return Counter(step for (step,) in journal.query("SELECT step FROM effects"))


def rescued(journal: Journal, workers: Doers) -> None:
    """Leases end, and somebody else goes on."""
    journal.pass_time(LEASE + 1)
    assert workers.run()[0] == "well"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["guarded", "along"])
def test_a_worker_killed_anywhere_is_noticed_by_nobody(journal: Journal, workers: Doers, kind: str) -> None:
    journal.plan(kind, kind, key="listed")
    pid = workers.start("^no such moment$")
    assert workers.ended(pid)[0] == "well"
    moments = workers.moments(pid)
    assert len(moments) > 20
    for number in usually(range(1, len(moments) + 1, 3), range(1, len(moments) + 1)):
        key = f"k{number}"
        journal.plan(kind, kind, key=key)
        pid = workers.start(number)
        assert workers.ended(pid)[0] == "killed", (moments, workers.moments(pid))
        rescued(journal, workers)
        assert journal.states(key) == ["done", "done"], moments[number - 1]
        assert [effects(journal)[f"test/{key}/{step}"] for step in (1, 2)] == [1, 1], moments[number - 1]
    assert set(effects(journal).values()) == {1}


@pytest.mark.parametrize("at", ["^UPDATE", "^INSERT INTO effects", "^before COMMIT"])
def test_a_worker_frozen_in_a_transaction_does_no_harm_when_it_wakes(journal: Journal, workers: Doers, at: str) -> None:
    journal.plan("along")
    first = workers.start(at, how="freeze", lease=LEASE)
    workers.frozen(first)
    if journal.kind == "postgresql":
        # On SQLite it holds the lock of the whole file, and nobody can even look for it.
        assert workers.run()[1]["done"] == 0
    os.kill(first, signal.SIGCONT)
    assert workers.ended(first)[0] == "well"
    rescued(journal, workers)
    assert journal.states() == ["done"]
    assert effects(journal) == {"test/k/1": 1}


def test_a_worker_that_slept_through_its_lease_is_fenced_out_and_told_so(journal: Journal, workers: Doers) -> None:
    journal.plan("slow")
    first = workers.start(how="freeze", lease=LEASE)
    while journal.states() != ["claimed"]:
        pass
    os.kill(first, signal.SIGSTOP)
    workers.frozen(first)
    rescued(journal, workers)
    assert journal.states() == ["done"]
    os.kill(first, signal.SIGCONT)
    how, tally = workers.ended(first)
    assert how == "well"
    assert (tally["lost"], tally["done"]) == (1, 0)
    assert effects(journal) == {"test/k/1": 1}
    assert journal.step().attempt == 2


@pytest.mark.slow
def test_workers_that_compete_share_the_work_and_do_nothing_twice(journal: Journal, workers: Doers) -> None:
    for number in range(60):
        enqueue("test", f"k{number}", [Planned("guarded"), Planned("along"), Planned("guarded", stage=2)])
    crowd = [workers.start() for _ in range(3)]
    tallies = [workers.ended(pid) for pid in crowd]
    assert {how for how, _ in tallies} == {"well"}
    # One that found nothing free for a moment has gone home; what it left is the others'.
    assert workers.run()[0] == "well"
    assert set(Step.objects.values_list("state", flat=True)) == {"done"}
    assert len(effects(journal)) == 180
    assert set(effects(journal).values()) == {1}
    # In a file whoever has the lock mostly keeps it: nothing promises that the others get a turn.
    shared = 2 if connection.vendor == "postgresql" else 1
    assert len({who for (who,) in journal.query("SELECT DISTINCT who FROM effects")}) >= shared


def test_a_heart_keeps_a_slow_step_from_being_taken_over(journal: Journal, workers: Doers) -> None:
    """The step takes 0.3 s, the lease lasts 0.2: only its heart keeps it."""
    journal.plan("slow")
    first = workers.start(lease=0.2)
    while journal.states() == ["ready"]:
        pass
    others = [workers.run()[1]["done"] for _ in range(3)]
    assert workers.ended(first)[1]["done"] == 1
    assert others == [0, 0, 0]
    assert effects(journal) == {"test/k/1": 1}
