"""The step journal: steps carried out per second, against the bare updates that it cannot do without.

    .venv/bin/python bench/jobs.py [--quick] [--engine sqlite …] [--jobs 2000]

Jobs of one step that does nothing, so that all of the time is the journal's. *bare* is one connection of the driver
itself that writes each row twice, claimed and done, each time durably: what any queue in this database has to pay.
Workers are processes of their own; the clock runs from the moment when all are ready until the last step is done.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import Target, again, table, targets

ENGINES = ("sqlite", "postgresql")


def bare(target: Target, count: int) -> float:
    """Steps per second of two durable updates a step."""
    target.script(
        "CREATE TABLE bare (id INTEGER PRIMARY KEY, state TEXT NOT NULL, holder TEXT)",
        f"INSERT INTO bare SELECT i, 'ready', NULL FROM {target.numbers(count)}",
    )
    with target.raw() as raw:
        if target.kind == "sqlite":
            raw.run("PRAGMA synchronous = FULL")
        since = time.perf_counter()
        for number in range(1, count + 1):
            for state, before in (("claimed", "ready"), ("done", "claimed")):
                raw.begin()
                raw.run("UPDATE bare SET state = ?, holder = ? WHERE id = ? AND state = ?", state, "w", number, before)
                raw.commit()
        return count / (time.perf_counter() - since)


def environment(target: Target, folder: Path) -> dict[str, str]:
    url = "" if target.kind == "sqlite" else target.url.replace("+psycopg", "")
    return {
        **os.environ, "TROTH_STATE": str(folder), "TROTH_STATE_URL": url,
        "DJANGO_SETTINGS_MODULE": "troth.web.settings", "PYTHONPATH": str(Path(__file__).parent),
    }  # fmt: skip


def step(*words: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *words], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def journal(target: Target, folder: Path, count: int, workers: int) -> float:
    """Steps per second with so many workers."""
    env = environment(target, folder)
    assert step("--fill", str(count), environment=env).wait() == 0
    crowd = [step("--work", environment=env) for _ in range(workers)]
    for one in crowd:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    since = time.perf_counter()
    for one in crowd:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    done = 0
    for one in crowd:
        assert one.stdout is not None
        done += int(one.stdout.readline())
        one.wait()
    taken = time.perf_counter() - since
    assert done == count, f"{done} of {count} steps"
    return count / taken


# --- in processes of their own ------------------------------------------------------------------------


def _django() -> Any:
    import django

    django.setup()
    from troth.jobs import registry, schedule
    from troth.jobs.work import Done

    schedule._SCHEDULES.clear()
    registry.register(registry.StepKind("bench-1", lambda work: Done()))


def fill(count: int) -> None:
    _django()
    from django.core.management import call_command
    from django.db import transaction

    from troth.jobs.enqueue import Planned, enqueue
    from troth.jobs.models import Job

    call_command("migrate", "jobs", verbosity=0, interactive=False)
    Job.objects.all().delete()
    with transaction.atomic():
        for number in range(count):
            enqueue("bench", f"k{number}", [Planned("bench")])


def work() -> None:
    _django()
    from django.db import connection

    from troth.jobs.worker import Worker

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    print(Worker().run(until_idle=True).done, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--engine", action="append", choices=ENGINES)
    parser.add_argument("--jobs", type=int, default=0)
    given = parser.parse_args()
    count = given.jobs or (300 if given.quick else 2000)
    rows = []
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder, targets(given.engine or ENGINES) as each:
        for target in each:
            place = Path(folder) / target.kind
            place.mkdir()
            ceiling = bare(target, count)
            for workers in (1,) if target.kind == "sqlite" else (1, 2, 4):
                rate = journal(target, place, count, workers)
                rows.append((target.kind, str(workers), f"{rate:,.0f}", f"{ceiling:,.0f}", f"{rate / ceiling:.2f}"))
    table(f"{count} jobs of one step", ("engine", "workers", "steps/s", "bare/s", "ratio"), rows)
    again("jobs.py")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        fill(int(sys.argv[2]))
    elif sys.argv[1:2] == ["--work"]:
        work()
    else:
        main()
