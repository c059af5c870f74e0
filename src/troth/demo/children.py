"""The demo's servers: started apart from the terminal, watched, and stopped together with all that they started."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 2.6
"""Seconds in which a server may end by itself once it was asked to."""

_LAST_WORDS = 12
"""Lines of its log that are shown when a server has died."""
_REVIVALS, _LATELY = 3, 60.0
"""How often a server is started again within so many seconds; then something is wrong with it."""


class ChildDied(Exception):
    """A server ended although nobody asked it to."""


@dataclass
class Child:
    """One server."""

    name: str
    port: int
    log: Path
    begin: Callable[[str], subprocess.Popen[bytes]]
    """Starts it; its log is opened in this mode."""
    process: subprocess.Popen[bytes]
    ended: list[float] = field(default_factory=list)
    """When it had to be started again, by a clock that only counts."""

    def check(self) -> None:
        """Raises ChildDied with its last words when it has ended."""
        code = self.process.poll()
        if code is None:
            return
        said = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_WORDS:]
        lines = "".join(f"\n   │ {line}" for line in said)
        raise ChildDied(f"{self.name} has ended by itself, with {code}. The last lines of {self.log}:{lines}")

    def revive(self) -> bool:
        """Start it again, ready, when it has ended, with what it left running ended too; whether that was needed.
        Raises ChildDied when it goes on ending, or does not become ready.

        To be called from the thread that has started it.
        """
        code = self.process.poll()
        if code is None:
            return False
        self.ended = [*(at for at in self.ended if time.monotonic() - at < _LATELY), time.monotonic()]
        if len(self.ended) > _REVIVALS:
            self.check()
        self.kill()
        self.process = self.begin("ab")
        self.await_ready()
        return True

    def kill(self) -> None:
        """Its workers share its group; after an orderly end nobody is left in it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def await_ready(self, seconds: float = 60) -> None:
        """Return when its ``/readyz`` answers 200. Raises ChildDied when it has ended or does not get there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            with contextlib.suppress(OSError, http.client.HTTPException):
                if status_of(self.port, "/readyz") == 200:
                    return
            time.sleep(0.05)
        raise ChildDied(f"{self.name} did not become ready within {seconds:.0f} seconds; see {self.log}")


def start(name: str, port: int, command: Sequence[str], home: Path, log: Path, env: Mapping[str, str]) -> Child:
    """Start a server in the folder ``home``; what it prints goes to ``log``.

    To be called from the thread that will live longest: Linux ends the child with the thread that started it.
    """

    def begin(mode: str) -> subprocess.Popen[bytes]:
        with log.open(mode) as out:
            return subprocess.Popen(
                [sys.executable, "-m", "troth.demo.tied", str(os.getpid()), *command],
                cwd=home, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
            )  # fmt: skip

    return Child(name, port, log, begin, begin("wb"))


def stop(children: Sequence[Child]) -> list[str]:
    """End them all, with what they started; the names of those that had to be killed."""
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.process.terminate()
    end = time.monotonic() + PATIENCE
    late = []
    for child in children:
        try:
            child.process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            late.append(child.name)
        child.kill()
        child.process.wait()
    return late


def status_of(port: int, path: str) -> int:
    """The status of an answer on this machine. Raises OSError and HTTPException as http.client does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
