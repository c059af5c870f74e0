"""The demo's servers: one that is killed is started again, one that goes on ending ends the demo with its last words."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from troth.demo.children import Child, ChildDied, start, status_of, stop


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def server(folder: Path, *command: str) -> Child:
    (folder / "readyz").write_text("yes")
    port = free()
    words = command or (sys.executable, "-S", "-m", "http.server", str(port), "--bind", "127.0.0.1")
    return start("a site", port, words, folder, folder / "log", dict(os.environ))


@pytest.mark.timeout(60)
def test_a_server_that_was_killed_is_up_again_and_its_log_goes_on(tmp_path: Path) -> None:
    child = server(tmp_path)
    try:
        child.await_ready()
        assert not child.revive()
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        child.process.wait()
        assert child.revive()
        assert status_of(child.port, "/readyz") == 200
        assert child.process.pid != first
        assert (tmp_path / "log").read_text().count("/readyz") >= 3
    finally:
        assert stop([child]) == []


@pytest.mark.timeout(60)
def test_one_that_goes_on_ending_is_not_started_for_ever(tmp_path: Path) -> None:
    child = server(tmp_path, "/bin/sh", "-c", "echo no more; exit 3")
    child.process.wait()
    with pytest.raises(ChildDied, match=r"(?s)ended by itself, with 3.*no more"):
        child.revive()
    child.ended = []
    child.await_ready = lambda seconds=60: None  # type: ignore[method-assign]
    for _ in range(3):
        assert child.revive()
        child.process.wait()
    with pytest.raises(ChildDied):
        child.revive()
