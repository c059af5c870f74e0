"""Runs of ``troth`` that start in no time: forks (nursery.py), through the same entry point as the command.

Each is a process of its own all the same, which can be killed, stopped and tampered with.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

import nursery

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


@dataclass(frozen=True)
class Running:
    """A run under way."""

    process: nursery.Process | Fork
    folder: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, seconds: float = 60.0) -> Ran:
        try:
            code = self.process.wait(seconds)
        except TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"troth did not end within {seconds} seconds") from None
        out, err = ((self.folder / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err"))
        return Ran(max(code, -1), out, err, max(-code, 0))


@dataclass
class Fork:
    """A child of this process."""

    pid: int

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, or minus the signal that ended it. Raises TimeoutExpired."""
        deadline = time.monotonic() + timeout if timeout is not None else None
        while True:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutExpired("troth", timeout or 0)
            time.sleep(0.005)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def start(
    words: list[str], place: Path, folder: Path, env: Mapping[str, str], hook: Hook | None = None, known: str = ""
) -> Running:
    """Start ``troth`` in ``folder``, its output in a new folder ``place``; ``hook`` runs in its process first and may
    tamper with it; ``known`` names a function (``module:name``) that loads what such runs need.

    It is born in the nursery, which is small; in this process, late in a long run of tests, a fork costs more than what
    it does. Only a hook that holds something of the test itself needs to be.
    """
    place.mkdir()
    if not (hook and _holds_something(hook)):
        with (place / "out").open("wb") as out, (place / "err").open("wb") as err:
            whole = {**os.environ, **env}
            return Running(nursery.popen(words, cwd=folder, env=whole, out=out, err=err, hook=hook, known=known), place)
    if known:
        nursery.know(known)
    return _here(words, place, folder, env, hook)


def _holds_something(hook: Hook) -> bool:
    try:
        return b"tests." in pickle.dumps(hook)  # a file of tests, which only pytest knows how to import
    except (pickle.PicklingError, AttributeError, TypeError):
        return True


def _here(words: list[str], place: Path, folder: Path, env: Mapping[str, str], hook: Hook) -> Running:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Running(Fork(pid), place)
    code = 70
    try:
        gc.freeze()  # else its first collection copies the parent's memory, page by page
        code = _command(words, place, folder, env, hook)
    finally:
        os._exit(code)


def run(words: list[str], place: Path, folder: Path, env: Mapping[str, str], known: str = "") -> Ran:
    """Run it to its end."""
    return ended(start(words, place, folder, env, known=known))


def ended(running: Running) -> Ran:
    """How it ended. A stack trace is always a failure."""
    ran = running.wait()
    assert "Traceback" not in ran.said, ran.said
    assert "a fault in Troth itself" not in ran.said, ran.said
    return ran


def _command(words: list[str], place: Path, folder: Path, env: Mapping[str, str], hook: Hook) -> int:
    """In the child: become the command. Never returns to the tests."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", encoding="utf-8"), open(2, "w", encoding="utf-8")  # noqa: SIM115
    os.chdir(folder)
    os.environ.update(env)
    try:
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
