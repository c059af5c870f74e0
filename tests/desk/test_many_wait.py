"""Waiting is a state of a row: thousands of requests that wait for somebody cost nothing."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

from desk.house_of import Front


def test_two_thousand_waiting_requests_cost_no_thread_and_hold_up_nobody(front: Front) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from troth.desk.models import File
    from troth.jobs import journal, registry
    from troth.jobs.models import NORMAL, UNDERWAY, WAITING_FOR, Job, Step

    refs = [f"req-w{n}" for n in range(2000)]
    now = datetime.now(UTC)
    File.objects.bulk_create(
        File(ref=r, right="erasure", channel="portal", subject=r, received=now, state="received",
             due=date(2026, 12, 22), sealed=b"") for r in refs
    )  # fmt: skip
    jobs = Job.objects.bulk_create(
        Job(ref=f"job-{r}", kind="request", key=r, state=UNDERWAY, created=0, due=0) for r in refs
    )
    Step.objects.bulk_create(
        Step(job=job, number=1, stage=1, kind="request.approval-1", reference=job.key, state=WAITING_FOR,
             waits_for="approval", priority=NORMAL) for job in jobs
    )  # fmt: skip
    threads = threading.active_count()
    seen: list[int] = []
    really = journal.claim

    def claim(*args: object) -> object:
        seen.append(threading.active_count())
        return really(*args)  # type: ignore[arg-type]

    journal.claim = claim  # type: ignore[assignment]
    try:
        ref = front.ask("rectification", corrections={"customers.name": "Ana Juste"}).request.ref
        tally = front.work()
    finally:
        journal.claim = really
    assert front.state_of(ref) == "answered"
    assert tally.waiting == 0
    assert max(seen) <= threads + 1  # the heart's
    assert Step.objects.filter(state=WAITING_FOR, attempt=0).count() == 2000
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert not journal.anything(registry.known())
    plan = [row[-1] for row in _explained(asked.captured_queries[0]["sql"])]
    assert any("jobs_step_queue" in line for line in plan), plan


def _explained(query: str) -> list[tuple[object, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        return list(cursor.fetchall())
