"""A worker that stays with a job: what it takes with the end of a step, and what it leaves to others."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from jobs.scene import Journal, kind, marked
from jobs.test_worker import doing, worked
from troth.jobs import journal as protocol
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.models import SOON
from troth.jobs.work import Done, Outcome, Work
from troth.jobs.worker import Worker


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each look that a worker takes at the queue."""
    really, taken = protocol.claim, list[Any]()

    def claim(*given: Any) -> Any:
        taken.append(given)
        return really(*given)

    monkeypatch.setattr(protocol, "claim", claim)
    return taken


def test_a_worker_goes_on_with_the_job_in_hand_without_another_look_at_the_queue(
    journal: Journal, looks: list[Any]
) -> None:
    marks: list[str] = []
    with kind("a", marked(marks)):
        journal.plan("a", "a", "a")
        assert worked().done == 3
    assert marks == ["test/k/1", "test/k/2", "test/k/3"]
    assert len(looks) == 2  # the first step, and that there is nothing more
    assert journal.states() == ["done", "done", "done"]
    assert journal.job().state == "done"


def test_a_worker_that_has_gone_on_long_enough_lets_what_is_more_urgent_come_first(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[str] = []

    def run(work: Work) -> Outcome:
        marks.append(work.key)
        if work.key == "test/long/1":
            journal.plan("a", key="soon", priority=SOON)
        return Done()

    monkeypatch.setattr("troth.jobs.worker._IN_ONE_GO", 0.0)
    with kind("a", run):
        journal.plan("a", "a", key="long")
        worked()
    assert marks == ["test/long/1", "test/soon/1", "test/long/2"]


def test_a_stage_of_several_steps_is_everybodys(journal: Journal) -> None:
    with kind("a"):
        enqueue("test", "k", [Planned("a", stage=1), Planned("a", stage=2), Planned("a", stage=2)])
        assert Worker().run(once=True).done == 1
        assert journal.states() == ["done", "ready", "ready"]
        assert worked().done == 2


def test_a_pause_after_a_step_is_kept_by_whoever_did_it(journal: Journal) -> None:
    with kind("a", doing(Done(pause=60), Done())):
        journal.plan("a", "a")
        assert worked().done == 1
        assert journal.states() == ["done", "ready"]
        journal.pass_time(61)
        assert worked().done == 1


def test_what_was_taken_and_not_begun_is_free_at_once_when_the_worker_has_to_end(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, really = threading.Event(), protocol.end

    def end(*given: Any, **more: Any) -> Any:
        taken = really(*given, **more)
        stop.set()  # the signal comes between the end of one step and the begin of the next
        return taken

    with kind("a"):
        journal.plan("a", "a")
        with monkeypatch.context() as signalled:
            signalled.setattr(protocol, "end", end)
            assert Worker(stop=stop).run().done == 1
        step = journal.step(2)
        assert (step.state, step.claimed_by, step.tries, step.attempt) == ("ready", "", 0, 1)
        assert worked().done == 1


def test_after_the_last_step_of_a_job_the_worker_takes_the_next_job_in_the_same_breath(
    journal: Journal, looks: list[Any]
) -> None:
    marks: list[str] = []
    with kind("a", marked(marks)):
        journal.plan("a", key="one")
        journal.plan("a", key="two")
        journal.plan("a", key="urgent", priority=SOON)
        assert worked().done == 3
    assert sorted(marks) == ["test/one/1", "test/two/1", "test/urgent/1"]
    assert marks[0] == "test/urgent/1"
    assert len(looks) == 2  # the first step, and that there is nothing more
    assert {journal.job(key).state for key in ("one", "two", "urgent")} == {"done"}
    assert journal.step(key="two").attempt == 1
