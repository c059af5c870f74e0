"""One worker in this process: outcomes, failures, patience, what is told of an error."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from jobs.scene import Journal, kind, marked
from troth.core.errors import StoreBusy, UsageError
from troth.jobs import clock, orders, registry
from troth.jobs.backoff import pause
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.errors import Hopeless, Later, code_of
from troth.jobs.models import Step
from troth.jobs.standing import UNKNOWN_KIND, standing
from troth.jobs.work import Done, Kept, Outcome, Wait, Work
from troth.jobs.worker import Tally, Worker


def worked(**more: Any) -> Tally:
    """What a worker does until nothing is left."""
    return Worker(**more).run(until_idle=True)


def doing(*outcomes: Outcome | BaseException) -> Any:
    """A step that comes out as listed, one after the other."""
    left = list(outcomes)

    def run(work: Work) -> Outcome:
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return run


def test_steps_are_done_in_their_order_each_with_its_own_key(journal: Journal) -> None:
    marks: list[str] = []
    with kind("a", marked(marks)), kind("b", marked(marks)):
        journal.plan("a", "b", "a")
        assert worked().done == 3
    assert marks == ["test/k/1", "test/k/2", "test/k/3"]
    assert journal.step(2).result == {"tries": 1}


def test_the_same_job_asked_for_twice_is_there_once(journal: Journal) -> None:
    first = enqueue("test", "k", [Planned("a"), Planned("b")])
    again = enqueue("test", "k", [Planned("c")])
    assert (first.fresh, again.fresh, again.ref) == (True, False, first.ref)
    assert Step.objects.count() == 2


def test_what_is_put_into_a_transaction_that_fails_was_never_there(journal: Journal) -> None:
    from django.db import transaction

    def request() -> None:
        with transaction.atomic():
            journal.plan("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        request()
    assert Step.objects.count() == 0


def test_a_job_with_personal_data_is_refused_and_leaves_nothing(journal: Journal) -> None:
    for bad in (
        lambda: journal.plan("a", plan={"who": "ana@example.org"}), lambda: journal.plan("a", key="Ana Lopez"),
        lambda: enqueue("test", "k", [Planned("a", "ana@example.org")]),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="holds"):
            bad()
    assert Step.objects.count() == 0


def test_a_result_with_personal_data_is_a_failure_and_is_not_kept(journal: Journal) -> None:
    with kind("a", doing(Done({"name": "ana@example.org"})), tries=1):
        journal.plan("a")
        assert worked().failed == 1
    step = journal.step()
    assert (step.state, step.result) == ("failed", None)
    assert step.error.startswith("NotAReference at jobs/references.py:")


def test_a_failure_is_tried_again_after_a_pause_that_grows_and_then_given_up(journal: Journal) -> None:
    with kind("a", doing(*[StoreBusy("locked", code="55P03")] * 3), tries=3, first_pause=100.0):
        journal.plan("a", "a")
        assert worked().retried == 1
        assert journal.step().error.startswith("StoreBusy[55P03] at ")
        assert worked() == Tally()
        journal.pass_time(151)
        assert worked().retried == 1
        journal.pass_time(90)
        assert worked() == Tally()
        journal.pass_time(211)
        assert worked().failed == 1
    assert journal.states() == ["failed", "waiting"]
    assert journal.job().state == "failed"


def test_a_failed_step_goes_on_when_somebody_orders_it(journal: Journal) -> None:
    with kind("a", doing(Hopeless("no_such_store"), Done(), Done())):
        ref = journal.plan("a", "a")
        assert worked().failed == 1
        assert journal.step().error == "no_such_store"
        assert orders.retry(ref) == 1
        assert worked().done == 2
    assert journal.job().state == "done"


def test_later_is_no_failure(journal: Journal) -> None:
    with kind("a", doing(*[Later(10, "busy")] * 20, Done()), tries=2):
        journal.plan("a")
        for _ in range(20):
            assert worked().put_off == 1
            journal.pass_time(11)
        assert worked().done == 1


def test_a_step_waits_for_an_answer_without_a_worker_and_goes_on_with_it(journal: Journal) -> None:
    given: list[Any] = []

    def run(work: Work) -> Outcome:
        given.append(work.claim.answer)
        return Done() if work.claim.answer else Wait("human")

    with kind("a", run):
        journal.plan("a")
        assert worked().waiting == 1
        assert journal.step().waits_for == "human"
        assert worked() == Tally()
        assert orders.answer("test", "k", "parent", {"yes": True}) == 0
        assert orders.answer("test", "k", "human", {"yes": True}) == 1
        assert worked().done == 1
    assert given == [None, {"yes": True}]


def test_who_waits_with_a_limit_goes_on_without_an_answer(journal: Journal) -> None:
    heard: list[Any] = []

    def run(work: Work) -> Outcome:
        if work.claim.waited_for:
            heard.append(work.claim.answer)
            return Kept({"because": "no_answer"})
        return Wait("human", clock.now() + timedelta(days=30))

    with kind("a", run):
        journal.plan("a")
        assert worked().waiting == 1
        journal.pass_time(29 * 86400)
        assert worked() == Tally()
        journal.pass_time(2 * 86400)
        assert worked().kept == 1
    assert heard == [None]


def test_what_is_due_later_waits_for_its_day(journal: Journal) -> None:
    with kind("a"):
        journal.plan("a", due=clock.now() + timedelta(days=3))
        assert worked() == Tally()
        journal.pass_time(3 * 86400 + 1)
        assert worked().done == 1


def test_a_pause_after_a_step_keeps_the_next_one_back(journal: Journal) -> None:
    with kind("a", doing(Done(pause=100), Done())):
        journal.plan("a", "a")
        assert worked().done == 1
        journal.pass_time(101)
        assert worked().done == 1


def test_a_cancelled_job_does_no_more_but_tells_what_was_done(journal: Journal) -> None:
    marks: list[str] = []

    def run(work: Work) -> Outcome:
        assert orders.cancel(work.claim.ref) == 1
        marks.append(work.key)
        return Done()

    with kind("a", run):
        journal.plan("a", "a")
        assert worked().done == 1
    assert journal.states() == ["done", "cancelled"]
    assert (journal.job().state, len(marks)) == ("cancelled", 1)
    with pytest.raises(UsageError, match="ended already"):
        orders.cancel(journal.job().ref)


def test_a_step_of_a_dead_worker_is_not_done_again_when_it_was_done(journal: Journal) -> None:
    from troth.jobs.journal import claim

    with kind("a", doing(), done_already=lambda work: True):
        journal.plan("a")
        assert claim("dead", ["a-1"], 60) is not None
        journal.pass_time(61)
        assert worked().done == 1
    assert journal.step().result == {"found": "done"}


@pytest.mark.parametrize(("was_done", "state"), [(True, "done"), (False, "cancelled")])
def test_what_a_dead_worker_held_of_a_cancelled_job_is_told_as_it_is_and_not_done(
    journal: Journal, was_done: bool, state: str
) -> None:
    from troth.jobs.journal import claim

    with kind("a", doing(), done_already=lambda work: was_done):
        ref = journal.plan("a", "a")
        assert claim("dead", ["a-1"], 60) is not None
        assert orders.cancel(ref) == 1
        assert journal.states() == ["claimed", "cancelled"]
        journal.pass_time(61)
        tally = worked()
    assert (tally.done, tally.cancelled) == (was_done, not was_done)
    assert journal.states() == [state, "cancelled"]
    assert journal.job().state == "cancelled"


def test_a_step_that_kills_its_workers_is_given_up(journal: Journal) -> None:
    from troth.jobs.journal import claim

    with kind("a", doing(), tries=3):
        journal.plan("a")
        for _ in range(3):
            assert claim("doomed", ["a-1"], 60) is not None
            journal.pass_time(61)
        assert worked().failed == 1
    assert journal.step().error == "worker_died"


def test_a_kind_that_this_release_does_not_know_waits_and_is_told(journal: Journal) -> None:
    """A deploy in the middle: the plan under way stays whole until code that knows its version is back."""
    marks: list[str] = []
    with kind("a", marked(marks)):
        journal.plan("a", "old")
        assert worked().done == 1
    assert worked() == Tally()
    journal.pass_time(30 * 86400)
    assert worked() == Tally()
    [job] = standing()
    assert (job.stuck, [step.trouble for step in job.open]) == (True, [UNKNOWN_KIND])
    assert journal.step(2).tries == 0
    with kind("old", marked(marks)):
        assert worked().done == 1
    assert marks == ["test/k/1", "test/k/2"]


def test_plans_of_two_versions_run_side_by_side(journal: Journal) -> None:
    done: list[str] = []
    for version in (1, 2):
        registry.register(registry.StepKind(f"a-{version}", lambda w: done.append(w.claim.kind) or Done()))
        enqueue("test", f"k{version}", [Planned("a")], version=version)
    assert worked().done == 2
    for version in (1, 2):
        registry.forget(f"a-{version}")
    assert done == ["a-1", "a-2"]


def test_what_somebody_waits_for_comes_first(journal: Journal) -> None:
    from troth.jobs.models import IDLE, NORMAL, SOON

    marks: list[str] = []
    with kind("a", marked(marks)):
        for priority in (IDLE, NORMAL, SOON):
            journal.plan("a", key=f"p{priority}", priority=priority)
        assert worked().done == 3
    assert marks == ["test/p0/1", "test/p1/1", "test/p2/1"]


def test_steps_of_one_stage_do_not_wait_for_each_other(journal: Journal) -> None:
    with kind("a", doing(Hopeless("x"), Done(), Done(), Done())):
        ref = enqueue("test", "k", [Planned("a", stage=1), Planned("a", stage=1), Planned("a", stage=2)]).ref
        tally = worked()
        assert (tally.failed, tally.done) == (1, 1)
        assert sorted(journal.states()) == ["done", "failed", "waiting"]
        orders.retry(ref)
        assert worked().done == 2
    assert journal.job().state == "done"


def test_progress_is_there_for_whoever_goes_on(journal: Journal) -> None:
    seen: list[Any] = []

    def run(work: Work) -> Outcome:
        seen.append(work.claim.progress)
        work.note({"upto": len(seen)})
        if len(seen) < 4:
            raise StoreBusy("locked")
        return Done()

    with kind("a", run, tries=2, first_pause=1):
        journal.plan("a")
        for _ in range(3):
            assert worked().retried == 1  # more often than it may fail: there was progress each time
            journal.pass_time(3)
        assert worked().done == 1
    assert seen == [None, {"upto": 1}, {"upto": 2}, {"upto": 3}]


def test_a_result_is_written_although_the_database_was_away_for_a_moment(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.jobs import journal as protocol

    really, troubles = protocol.end, [OperationalError("gone"), OperationalError("gone")]

    def end(*given: Any, **more: Any) -> Any:
        if troubles:
            raise troubles.pop()
        return really(*given, **more)

    monkeypatch.setattr(protocol, "end", end)
    monkeypatch.setattr("troth.jobs.worker.time.sleep", lambda seconds: None)
    with kind("a"):
        journal.plan("a")
        assert worked().done == 1
    assert journal.states() == ["done"]


def test_a_worker_that_is_asked_to_stop_ends_the_step_in_hand_and_takes_no_other(journal: Journal) -> None:
    stop = threading.Event()

    def run(work: Work) -> Outcome:
        stop.set()
        assert work.stopping
        return Done()

    with kind("a", run):
        journal.plan("a", "a")
        assert Worker(stop=stop).run().done == 1
    assert journal.states() == ["done", "ready"]


def test_a_worker_that_is_torn_away_lets_its_step_go(journal: Journal) -> None:
    with kind("a", doing(KeyboardInterrupt())):
        journal.plan("a")
        with pytest.raises(KeyboardInterrupt):
            worked()
    step = journal.step()
    assert (step.state, step.tries, step.claimed_by) == ("ready", 0, "")


def test_an_idle_worker_hears_of_new_work(journal: Journal) -> None:
    """On PostgreSQL by its bell, on SQLite by looking."""
    from django.db import connection

    stop, done = threading.Event(), threading.Event()

    def run(work: Work) -> Outcome:
        done.set()
        stop.set()
        return Done()

    with kind("a", run):
        thread = threading.Thread(target=lambda: Worker(stop=stop).run())
        thread.start()
        journal.plan("a")
        connection.close()
        assert done.wait(30)
        thread.join(30)
    assert journal.states() == ["done"]


def test_an_idle_worker_outlives_the_end_of_its_connection(postgresql_journal: Journal) -> None:
    from django.db import connection

    stop, done = threading.Event(), threading.Event()

    def run(work: Work) -> Outcome:
        done.set()
        stop.set()
        return Done()

    def listening() -> list[int]:
        said = postgresql_journal.query(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query LIKE '%free_at%' AND state = 'idle'"
        )
        return [pid for (pid,) in said if pid != own]

    own = postgresql_journal.query("SELECT pg_backend_pid()")[0][0]
    with kind("a", run):
        thread = threading.Thread(target=lambda: Worker(stop=stop).run())
        thread.start()
        while not (found := listening()):
            pass
        for pid in found:
            postgresql_journal.query(f"SELECT pg_terminate_backend({pid})")
        postgresql_journal.plan("a")
        connection.close()
        assert done.wait(30)
        thread.join(30)
    assert postgresql_journal.states() == ["done"]


def test_a_schedule_that_cannot_be_reckoned_keeps_no_step_from_being_done(journal: Journal) -> None:
    from troth.jobs import schedule

    told: list[str] = []

    def broken(now: Any) -> Any:
        raise ZeroDivisionError

    schedule.register(schedule.Schedule("broken", broken, [Planned("a")]))
    with kind("a"):
        journal.plan("a")
        assert worked(tell=lambda event, level="info", /, **fields: told.append(event)).done == 1
    assert told == ["schedule_failed"]


def test_an_error_is_kept_as_kind_code_and_place_and_never_as_its_words() -> None:
    error: BaseException
    try:
        raise sqlite3.IntegrityError("UNIQUE constraint failed: ana@example.org")
    except sqlite3.IntegrityError as caught:
        error = caught
    assert code_of(error).startswith("IntegrityError at test_worker.py:")
    assert code_of(Hopeless("Ana Lopez, ana@example.org")) == "Hopeless"
    assert code_of(StoreBusy("ana@example.org", code="ana@example.org")) == "StoreBusy at ?"


def test_pauses_double_up_to_a_limit_and_are_spread() -> None:
    assert [pause(n, 5, 60, 0.5) for n in (1, 2, 3, 4, 5, 6, 5000)] == [5, 10, 20, 40, 60, 60, 60]
    assert (pause(1, 10, 60, 0.0), pause(1, 10, 60, 1.0)) == (5, 15)
    assert len({pause(3, 5, 60) for _ in range(20)}) > 1
