"""A real ``troth serve`` over a publisher's folder, on a free port, ended whatever happens to the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nursery
from databases import CHECKOUT
from machine import free_port, temporary_directory
from processes import kill_tree, start_guard

START_SECONDS = 60.0
"""How long the site may take to answer; generous, since two cores may be busy."""

BEFORE = "2026-03-02"
"""The version that came before the example's own, for history and comparison."""

EARLIER = {
    "troth.yaml": [
        ("version: 2026-11-22", f"version: {BEFORE}"),
        ('phone: "04 65 71 00 13"', 'phone: "04 65 71 00 99"'),
    ],
    "site.yaml": [("ask_again_after: 6 months", "ask_again_after: 5 months")],
}
"""What the example said before: old text by new text, by file."""


@dataclass(frozen=True)
class Served:
    """A site that answers. ``url`` has no slash at its end; ``log`` is what the process printed so far."""

    url: str
    folder: Path
    state: Path
    process: nursery.Process

    @property
    def policy(self) -> Path:
        return self.folder / "troth.yaml"

    def log(self) -> str:
        """Everything that the process has printed; tests look there for personal data."""
        return (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")


def example(name: str, folder: Path) -> Path:
    """A copy of an example publisher's files in a new folder; the folder."""
    shutil.copytree(CHECKOUT / "examples" / name, folder)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Change a file of the policy; the old text has to be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer says: {old}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def publish(folder: Path, at: datetime) -> None:
    """``troth publish`` at a given time, into the folder's own state, made when it is not there."""
    from troth.bootstrap import publish as record
    from troth.state.state import init_state

    state = folder / "troth-state"
    if not state.exists():
        init_state(state, origin="verdier.test/troth", at=at).close()
    record(folder / "troth.yaml", state, at)


def publish_two_versions(folder: Path) -> None:
    """Maison Verdier's policy as it was in March, then as it is."""
    now = {name: (folder / name).read_text(encoding="utf-8") for name in EARLIER}
    for name, changes in EARLIER.items():
        for new, old in changes:
            edit(folder / name, new, old)
    publish(folder, datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    for name, text in now.items():
        (folder / name).write_text(text, encoding="utf-8")
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


@contextmanager
def serving(folder: Path, environment: Mapping[str, str] | None = None, *options: str) -> Iterator[Served]:
    """The site of a published folder, until the block ends.

    ``environment`` is added to this process's own (``TROTH_…`` of another test left out); ``options`` go to
    ``troth serve``. Fails with the end of the site's log when it does not answer.
    """
    port = free_port()
    base = temporary_directory("troth-serve-")
    guard = start_guard(base)
    process = _start(folder, port, environment or {}, options)
    (base / "pid").write_text(str(process.pid))
    try:
        served = Served(f"http://localhost:{port}", folder, folder / "troth-state", process)
        _wait(served)
        yield served
    finally:
        _stop(process)
        assert guard.stdin is not None
        (base / "pid").unlink()
        guard.stdin.close()
        guard.wait()


def _start(folder: Path, port: int, environment: Mapping[str, str], options: tuple[str, ...]) -> nursery.Process:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TROTH_", "DJANGO_"))}
    words = ["serve", "--port", str(port), "--policy", "troth.yaml", "--state", "troth-state", *options]
    if "TROTH_STATE_URL" not in environment:
        nursery.make_tables(folder / "troth-state")
    with (folder / "serve.log").open("wb") as log:
        return nursery.popen(words, cwd=folder, env={**inherited, **environment}, out=log, err=log)


def _wait(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(served.url):
        ended = served.process.poll() is not None
        if ended or time.monotonic() > deadline:
            raise AssertionError(f"the site {'ended' if ended else 'does not answer'}:\n{served.log()[-2000:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    # 127.0.0.1: Python tries ::1 first for `localhost`, and the site does not listen there.
    address = url.replace("localhost", "127.0.0.1") + "/readyz"
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return int(answer.status) == 200
    return False


def _stop(process: nursery.Process) -> None:
    """Ask, then insist."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
    kill_tree(process.pid)
    process.wait()
