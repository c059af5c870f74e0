"""Runs of ``troth`` that start in no time: forks, through the same entry point as the command.

Each is a process of its own all the same, which can be killed, stopped and tampered with.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Hook = Callable[[], None]


@dataclass(frozen=True)
class Ran:
    """How one run of ``troth`` ended; ``signal`` is set when it was killed."""

    code: int
    out: str
    err: str
    signal: int = 0

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        return self.out + self.err

    def outcomes(self, status: str) -> list[tuple[str, str, str, int]]:
        """(store, collection, action, rows) of the outcomes with that status."""
        found = [o for o in self.json["outcomes"] if o["status"] == status]
        return [(o["store"], o["collection"], o["action"], o["rows"]) for o in found]


@dataclass
class Running:
    """A run under way."""

    pid: int
    folder: Path

    def wait(self, seconds: float = 60.0) -> Ran:
        deadline = time.monotonic() + seconds
        while True:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"troth did not end within {seconds} seconds")
            time.sleep(0.005)
        out, err = ((self.folder / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err"))
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return Ran(-1 if killed else os.WEXITSTATUS(status), out, err, killed)


def start(words: list[str], place: Path, folder: Path, env: Mapping[str, str], hook: Hook | None = None) -> Running:
    """Start ``troth`` in ``folder``, its output in a new folder ``place``; ``hook`` runs in its process first and may
    tamper with it."""
    place.mkdir()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Running(pid, place)
    code = 70
    try:
        gc.freeze()  # else its first collection copies the parent's memory, page by page
        code = _command(words, place, folder, env, hook)
    finally:
        os._exit(code)


def run(words: list[str], place: Path, folder: Path, env: Mapping[str, str]) -> Ran:
    """Run it to its end."""
    return ended(start(words, place, folder, env))


def ended(running: Running) -> Ran:
    """How it ended. A stack trace is always a failure."""
    ran = running.wait()
    assert "Traceback" not in ran.said, ran.said
    assert "a fault in Troth itself" not in ran.said, ran.said
    return ran


def _command(words: list[str], place: Path, folder: Path, env: Mapping[str, str], hook: Hook | None) -> int:
    """In the child: become the command. Never returns to the tests."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", encoding="utf-8"), open(2, "w", encoding="utf-8")  # noqa: SIM115
    os.chdir(folder)
    os.environ.update(env)
    try:
        if hook is not None:
            hook()
        from troth.cli.main import run as typed

        typed(words)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    return code
