"""What waits costs nothing: no thread, and a claim that finds its row by an index."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from jobs.scene import Journal, kind
from troth.jobs import clock
from troth.jobs import journal as protocol
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.models import Job, Step
from troth.jobs.worker import Tally, Worker

WAITING = 10_000


def fill(count: int) -> None:
    """So many jobs whose only step waits: for a human, for a date far away, or for the step before it."""
    at = clock.stored(clock.now())
    jobs = [
        Job(ref=f"job-{n}", kind="full", key=f"f{n}", plan={}, created=at, due=at, priority=n % 3) for n in range(count)
    ]
    Job.objects.bulk_create(jobs, batch_size=2000)
    far = at + 10**10
    states = [("waiting_for", None, "human"), ("ready", far, ""), ("waiting_for", far, "date"), ("waiting", None, "")]
    Step.objects.bulk_create(
        (
            Step(
                job=job, number=1, stage=1, kind="a-1", priority=job.priority, state=state, free_at=free, waits_for=what
            )
            for n, job in enumerate(Job.objects.filter(kind="full"))
            for state, free, what in [states[n % 4]]
        ),
        batch_size=2000,
    )


def plan_of(journal: Journal, run: Any) -> str:
    """How the engine carries out the first question that `run` asks about steps."""
    asked: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and "jobs_step" in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        run()
    sql, params = asked[0]
    word = "EXPLAIN (ANALYZE, COSTS OFF) " if journal.kind == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute(word + sql, params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.slow
def test_ten_thousand_that_wait_cost_no_thread_and_no_reading(journal: Journal) -> None:
    fill(WAITING)
    if journal.kind == "postgresql":
        connection.cursor().execute("ANALYZE jobs_step")
    before = threading.active_count()
    with kind("a"):
        assert Worker().run(until_idle=True) == Tally()
        assert threading.active_count() == before
        for question in (
            lambda: protocol.claim("w", ["a-1"]), lambda: protocol.anything(["a-1"]),
        ):  # fmt: skip
            plan = plan_of(journal, question)
            assert "jobs_step_queue" in plan, plan
            assert "SCAN jobs_step" not in plan
            assert "Seq Scan on jobs_step" not in plan
        enqueue("test", "k", [Planned("a")])
        assert Worker().run(until_idle=True).done == 1


def test_the_end_of_a_step_does_not_read_the_other_thousands_of_its_job(journal: Journal) -> None:
    enqueue("test", "k", [Planned("a") for _ in range(5000)])
    claim = protocol.claim("w", ["a-1"])
    assert claim is not None
    asked = plan_of(journal, lambda: protocol.end(claim, protocol.Done()))
    assert "jobs_step_open" in asked, asked


def test_the_database_itself_refuses_a_step_that_is_free_and_has_ended(journal: Journal) -> None:
    from django.db import IntegrityError, transaction

    enqueue("test", "k", [Planned("a")])
    for wrong in ({"state": "done"}, {"state": "ready", "free_at": None}, {"state": "nonsense"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Step.objects.update(**wrong)
