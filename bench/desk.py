"""Requests at the desk: erasures over three tables from asked to answered, and the personal space.

    .venv/bin/python bench/desk.py [--quick] [--engine sqlite …] [--requests 400] [--customers 100000] [--me 300]

Each request goes the whole way: its acts into the ledger, the person found, planned and erased in the shop, the rows
looked for again, the answer sent by SMTP to a server of this run's own with the checkpoint attached. Workers are
processes of their own; the clock runs from the moment when all are ready until the last answer has left.

*engine* is what a worker cannot do without: find, plan, erase, verify and record the same persons one after the other,
stores and state opened once, no journal, no file, no letter. */me* is the page with everything that is held about one
of the customers, through Django, each time another one.

(Not called `requests.py`: that would stand in the way of the library of this name.)
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common import NOW, STORE_URL, TODAY, Target, again, ms, table, targets
from rights import HEAD, WHOLE, fill

ENGINES = ("sqlite", "postgresql")
POLICY = (
    HEAD.replace("  privacy_contact:", "  email: a@bench.test\n  privacy_contact:")
    + """
rights:
  answer_within: 30 days
  offered: [access, erasure]
  approval: {erasure: automatic}
cookies: {__Host-bench: {for: 2 days, exempt: authentication, until_logout: true, purpose: orders}}
mail: {sender: data@bench.test, url: "smtp://localhost"}
"""
)


class Place:
    """Where one engine's Troth lies, and what its processes are told."""

    def __init__(self, target: Target, folder: Path, mail: str) -> None:
        self.target = target
        self.folder = folder
        (folder / "troth.yaml").write_text(POLICY, encoding="utf-8")
        own = ""
        if target.server is not None:
            own = target.server.url(target.server.create_database("own")).replace("+psycopg", "")
        self.environment = {
            **os.environ, "TROTH_STATE": str(folder / "state"), "TROTH_STATE_URL": own, "TROTH_MAIL_URL": mail,
            "TROTH_POLICY": str(folder / "troth.yaml"), STORE_URL: target.url, "TROTH_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "troth.web.settings", "PYTHONPATH": str(Path(__file__).parent),
            "TROTH_LOG_LEVEL": "error", "TROTH_LOG": "json",
        }  # fmt: skip

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """A process of its own."""
        return subprocess.Popen(
            [sys.executable, __file__, *words], env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str) -> list[str]:
        """Its answer."""
        process = self.begin(*words)
        said, _ = process.communicate("go\n")
        if process.returncode:
            raise SystemExit(f"{words} ended with {process.returncode}")
        return said.split()[1:]


def together(place: Place, workers: int, count: int) -> tuple[float, float, float]:
    """Requests completed a second by so many workers, the processor's time of one in seconds (the database's is not in
    it), and the memory of the largest worker in MB."""
    crowd = [place.begin("work") for _ in range(workers)]
    for one in crowd:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    since = time.perf_counter()
    for one in crowd:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    memory = spent = 0.0
    for one in crowd:
        assert one.stdout is not None
        mine, cpu = (float(x) for x in one.stdout.readline().split())
        memory, spent = max(memory, mine), spent + cpu
        one.wait()
    taken = time.perf_counter() - since
    left = " ".join(place.run("left"))
    if left != "none":
        raise SystemExit(f"requests are open: {left}")
    return count / taken, spent / count, memory


def measure(place: Place, count: int, me: int) -> list[tuple[str, ...]]:
    """The rows of one engine."""
    place.run("begin")
    crowds = (1,) if place.target.kind == "sqlite" else (1, 2, 4)
    first = 1
    alone, cpu = place.run("engine-alone", str(first), str(count))
    first += count
    figures: tuple[str, ...] = (f"{float(alone):,.1f}", "1.00", "", ms(float(cpu)), "")
    rows: list[tuple[str, ...]] = [(place.target.kind, "engine", *figures)]
    before = 0.0
    for workers in crowds:
        place.run("ask", str(first), str(count))
        first += count
        rate, spent, memory = together(place, workers, count)
        before = before or rate
        ratio, scale = rate / float(alone), rate / before
        name = f"{workers} worker{'s' if workers > 1 else ''}"
        figures = f"{rate:,.1f}", f"{ratio:.2f}", f"{scale:.2f}", ms(spent), f"{memory:,.0f}"
        rows.append((place.target.kind, name, *figures))
    p50, p95, memory_me = (float(x) for x in place.run("me", str(first), str(me)))
    rows.append((place.target.kind, f"/me p50 {ms(p50)}, p95 {ms(p95)}", "", "", "", "", f"{memory_me:,.0f}"))
    return rows


# --- in processes of their own ------------------------------------------------------------------------


def _django() -> None:
    import django

    django.setup()
    from troth.jobs import schedule

    schedule._SCHEDULES.clear()


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def begin() -> None:
    """State and tables."""
    from troth.state import init_state
    from troth.web import migrations

    state = Path(os.environ["TROTH_STATE"])
    init_state(state, origin="bench.test/troth", at=NOW).close()
    migrations.apply(state, os.environ["TROTH_STATE_URL"])


def ask(first: int, count: int) -> None:
    """So many people ask to be erased."""
    _django()
    from troth.core.requests.model import Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    with house() as at:
        for number in range(first, first + count):
            who = f"client{number}@example.org"
            wish = Wish(
                Right.ERASURE, Particulars((("email", who),), who, "en"), Channel.EMAIL, verified="email_link"
            )  # fmt: skip
            open_file(at, wish, datetime.now(UTC))


def work() -> None:
    """A worker, as `troth worker` runs it."""
    _django()
    from django.db import connection

    import troth.web.urls  # noqa: F401 - as a worker does with its first mail
    from troth.desk.house import house, stores
    from troth.jobs.worker import Worker

    with house() as at, stores(at.policy, datetime.now(UTC)):
        connection.ensure_connection()  # the code is loaded: a worker lives for weeks
    print("ready", flush=True)
    sys.stdin.readline()
    worker, since = Worker(), time.process_time()
    if profile := os.environ.get("TROTH_BENCH_PROFILE"):
        import cProfile

        profiler = cProfile.Profile()
        profiler.runcall(worker.run, until_idle=True)
        profiler.dump_stats(profile)
    else:
        worker.run(until_idle=True)
    print(f"{_memory():.0f} {time.process_time() - since:.3f}", flush=True)


def left() -> None:
    _django()
    from troth.desk.models import File
    from troth.jobs.models import Step

    if not File.objects.filter(settled__isnull=True).exists():
        print("ready none")
        return
    print("ready", *{"/".join(one) for one in Step.objects.exclude(state="done").values_list("kind", "state", "error")})


def engine_alone(first: int, count: int) -> None:
    """The same persons' likes, by the engine only."""
    from troth import bootstrap
    from troth.core.rights.erase import Runner, Wish, identify, plan_erasure, run_erasure
    from troth.core.rights.identity import Decisions, Subject

    policy = bootstrap.load_policy(os.environ["TROTH_POLICY"])
    records = bootstrap.open_records(os.environ["TROTH_STATE"])
    with bootstrap.open_session(policy, os.environ["TROTH_POLICY"], TODAY) as session:
        since, before = time.perf_counter(), time.process_time()
        for number in range(first, first + count):
            who = Subject((("email", f"client{number}@example.org"),))
            identity = identify(session, who, Decisions(), records)
            planned = plan_erasure(session, identity, Wish((), (), Decisions()), records.holds(TODAY))
            run_erasure(session, planned, Runner(records, datetime.now(UTC), f"erase-{number}"))
        taken, spent = time.perf_counter() - since, time.process_time() - before
    print("ready", count / taken, spent / count)


def me(first: int, count: int) -> None:
    """The page of the personal space, for one person after the other."""
    _django()
    from importlib import import_module

    from django.conf import settings
    from django.test import Client

    from troth.web.accounts.cookies import jar
    from troth.web.pages.published import kept
    from troth.web.portal.visitor import ME, SINCE

    login = jar(kept.get().policy).login
    assert login is not None
    sessions = import_module(settings.SESSION_ENGINE)
    times = []
    for number in random.Random(7).sample(range(first, 10 * first), count):
        session = sessions.SessionStore()
        session[ME], session[SINCE] = f"client{number}@example.org", datetime.now(UTC).isoformat()
        session.set_expiry(login.ends(datetime.now(UTC), False))
        session.save()
        client = Client()
        client.cookies[login.name] = session.session_key
        since = time.perf_counter()
        answer = client.get("/me", secure=True)
        times.append(time.perf_counter() - since)
        assert answer.status_code == 200, answer.status_code
        assert f"First{number}" in answer.content.decode()
    times = sorted(times[2:])  # the first ones load code
    print("ready", times[len(times) // 2], times[int(len(times) * 0.95)], f"{_memory():.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--engine", action="append", choices=ENGINES)
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--customers", type=int, default=0)
    parser.add_argument("--me", type=int, default=0)
    given = parser.parse_args()
    count = given.requests or (60 if given.quick else 400)
    customers = given.customers or (20_000 if given.quick else 100_000)
    pages = given.me or (60 if given.quick else 300)
    from letterbox import mailbox

    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder, targets(given.engine or ENGINES) as each:
        for target in each:
            fill(target, customers)
            place = Path(folder) / target.kind
            place.mkdir()
            with mailbox() as box:
                rows += measure(Place(target, place, box.url), count, pages)
                assert len(box.received) >= count
    title = f"{count} erasures over {len(WHOLE)} tables, {customers:,} customers"
    table(title, ("engine", "what", "a second", "of the engine", "of one", "CPU of one request", "MB"), rows)
    again("desk.py")


IN_A_PROCESS: dict[str, Any] = {
    "begin": begin, "ask": ask, "work": work, "left": left, "engine-alone": engine_alone, "me": me
}  # fmt: skip

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in IN_A_PROCESS:
        IN_A_PROCESS[sys.argv[1]](*(int(word) for word in sys.argv[2:]))
    else:
        main()
