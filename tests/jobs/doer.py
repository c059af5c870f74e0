"""Workers in processes of their own, to be killed, frozen and set against each other.

Run as a program it starts Django once and then, for each line of JSON that it reads, forks a worker on the journal of
its environment and tells its number: ``{"at": "name of a moment or its number", "how": "die", "lease": 60}``.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# --- in the test ----------------------------------------------------------------------------------------


@dataclass
class Doers:
    """Starts workers; each is named by its process."""

    process: subprocess.Popen[str]
    folder: Path

    def start(self, at: str | int = 0, how: str = "die", lease: float = 60.0, once: bool = False) -> int:
        """Fork a worker that dies or freezes at a moment, or works until nothing is left."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"at": at, "how": how, "lease": lease, "once": once}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def ended(self, pid: int) -> tuple[str, dict[str, int]]:
        """How it ended (``killed`` or ``well``), and what it said that it did."""
        while not (self.folder / f"{pid}.end").exists():
            time.sleep(0.005)
        said = self.folder / f"{pid}.tally"
        return (self.folder / f"{pid}.end").read_text(), json.loads(said.read_text()) if said.exists() else {}

    def run(self, at: str | int = 0, **more: Any) -> tuple[str, dict[str, int]]:
        return self.ended(self.start(at, **more))

    def moments(self, pid: int) -> list[str]:
        """What a worker came through."""
        return (self.folder / f"{pid}.moments").read_text().splitlines()

    def frozen(self, pid: int) -> None:
        """Back when it stands still."""
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.005)


@contextmanager
def doers(environment: dict[str, str], folder: Path) -> Iterator[Doers]:
    """A process that starts workers."""
    folder.mkdir(exist_ok=True)
    with subprocess.Popen(
        [sys.executable, __file__, str(folder)], env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield Doers(process, folder)
        finally:
            assert process.stdin is not None
            process.stdin.close()


# --- in the process of the workers ------------------------------------------------------------------------


def _moment(folder: Path, order: dict[str, Any]) -> Callable[[str], None]:
    """Counts what a worker comes through, and acts at one of them."""
    number = 0
    acted = False

    def passed(name: str) -> None:
        nonlocal number, acted
        number += 1
        with (folder / f"{os.getpid()}.moments").open("a") as file:
            file.write(f"{name}\n")
        at = order["at"]
        meant = number == at if isinstance(at, int) else re.search(at, name) is not None
        if meant and not acted:
            acted = True
            os.kill(os.getpid(), signal.SIGKILL if order["how"] == "die" else signal.SIGSTOP)

    return passed


def _listen(passed: Callable[[str], None]) -> None:
    """Before each statement, around each commit, in this thread: the heart is not counted."""
    from django.db import connection
    from django.db.backends.base.base import BaseDatabaseWrapper

    def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        passed(re.sub(r"\s+", " ", sql)[:60])
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(statement)
    really = BaseDatabaseWrapper._commit

    def commit(self: Any) -> None:
        heart = threading.current_thread() is not threading.main_thread()
        if not heart:
            passed("before COMMIT")
        really(self)
        if not heart:
            passed("after COMMIT")

    BaseDatabaseWrapper._commit = commit  # type: ignore[method-assign]


def _register() -> None:
    from django.db import connection

    from troth.jobs import schedule
    from troth.jobs.registry import StepKind, register
    from troth.jobs.work import Done, Outcome, Work

    def leave_mark(work: Work) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO effects (step, who) VALUES (%s, %s)", [work.key, str(os.getpid())])

    def guarded(work: Work) -> Outcome:
        work.still_mine()
        leave_mark(work)
        return Done()

    def along(work: Work) -> Outcome:
        return Done(also=lambda: leave_mark(work))

    def slow(work: Work) -> Outcome:
        time.sleep(0.3)
        work.still_mine()
        leave_mark(work)
        return Done()

    def marked(work: Work) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM effects WHERE step = %s", [work.key])
            return cursor.fetchone() is not None

    schedule._SCHEDULES.clear()  # so that every worker comes through the same moments
    register(StepKind("guarded-1", guarded, marked))
    register(StepKind("along-1", along))
    register(StepKind("slow-1", slow, marked))


def _work(folder: Path, order: dict[str, Any]) -> None:
    from dataclasses import asdict

    from troth.jobs.worker import Worker

    if order["at"]:
        _listen(_moment(folder, order))
    tally = Worker(lease=order["lease"]).run(until_idle=not order["once"], once=order["once"])
    (folder / f"{os.getpid()}.tally").write_text(json.dumps(asdict(tally)))


def _main(folder: Path) -> None:
    import django

    django.setup()
    _register()
    children: set[int] = set()
    signal.signal(signal.SIGCHLD, lambda *_: _collect(folder, children))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 1
            try:
                _work(folder, json.loads(line))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        children.add(child)
        print(child, flush=True)  # noqa: T201
    for child in children:
        os.kill(child, signal.SIGKILL)


def _collect(folder: Path, children: set[int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        children.discard(pid)
        how = "killed" if os.WIFSIGNALED(status) else "well" if status == 0 else "badly"
        (folder / f"{pid}.part").write_text(how)
        (folder / f"{pid}.part").rename(folder / f"{pid}.end")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
