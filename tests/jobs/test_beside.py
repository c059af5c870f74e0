"""The worker that `troth serve` runs beside its own processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from databases import CHECKOUT
from machine import free_port
from processes import kill_tree
from troth.state.state import init_state


class Served:
    """`troth serve` on a publisher's folder, and the lines that it writes."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TROTH_LOG": "json"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "troth.cli.main", "serve", "--port", str(free_port()), "--grace", "5"],
                cwd=folder, env=env, stdout=log, stderr=log,
            )  # fmt: skip

    def told(self, event: str) -> list[dict[str, Any]]:
        """Those lines, when there is one at least."""
        return [one for one in map(json.loads, self.log.read_text().splitlines()) if one["event"] == event]

    def until(self, event: str, count: int = 1) -> dict[str, Any]:
        _wait(lambda: len(self.told(event)) >= count)
        return self.told(event)[count - 1]


def _wait(until: Callable[[], bool]) -> None:
    while not until():
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    init_state(folder / "troth-state", origin="verdier.test/troth", at=datetime.now(UTC)).close()
    made = Served(folder)
    try:
        yield made
    finally:
        kill_tree(made.process.pid)
        made.process.wait()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_worker_that_is_killed_is_replaced_and_the_last_ends_with_the_site(served: Served) -> None:
    first = served.until("worker_started")["process"]
    os.kill(first, signal.SIGKILL)
    assert served.until("worker_died")["code"] == -9
    second = served.until("worker_started", 2)["process"]
    assert lives(second)
    assert served.process.poll() is None
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    assert not lives(second)
    assert len(served.told("worker_died")) == 1


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_worker_does_not_outlive_the_process_that_watches_over_it(served: Served) -> None:
    worker = served.until("worker_started")["process"]
    others = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _parent(p) == served.process.pid]
    os.kill(served.process.pid, signal.SIGKILL)
    _wait(lambda: not lives(worker))
    for pid in others:
        kill_tree(pid)
    assert worker in others


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
