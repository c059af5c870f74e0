"""Ports, memory, and children that do not outlive the demo."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from machine import free_port
from processes import kill_tree, process_tree
from troth.demo import children
from troth.demo.children import Child, ChildDied, start, stop
from troth.demo.machine import Ports, listen, memory_of_tree

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
# Ignores SIGTERM, and has a child of its own that does.
STUBBORN = [
    sys.executable, "-c",
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); print('up', flush=True); "
    "time.sleep(600)",
]  # fmt: skip


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def test_a_port_that_is_free_is_taken_as_wished() -> None:
    wished = free_port()
    with Ports([wished]).take(wished) as taken:
        assert port_of(taken) == wished


def test_a_port_that_is_taken_gives_way_to_the_next_that_nobody_wishes() -> None:
    wished = free_port()
    with listen(wished), Ports([wished, wished + 40]).take(wished) as taken:
        assert port_of(taken) > wished + 40


def test_a_port_is_held_from_the_moment_it_is_taken() -> None:
    wished = free_port()
    with Ports([wished]).take(wished), Ports([wished]).take(wished) as second:
        assert port_of(second) != wished
        with pytest.raises(OSError, match="in use"):
            listen(port_of(second))


def test_no_port_is_handed_out_twice() -> None:
    wished = free_port()
    ports = Ports([wished])
    with listen(wished), ports.take(wished) as one, ports.take(wished) as two:
        assert port_of(one) != port_of(two)


def test_without_any_port_it_says_so() -> None:
    wished = free_port()
    ports = Ports([wished])
    ports._next = 2**16
    with listen(wished), pytest.raises(OSError, match="no free port"):
        ports.take(wished)


def test_the_memory_of_a_tree_counts_its_children() -> None:
    alone = memory_of_tree(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "x = b'x' * 60_000_000; print(flush=True); input()"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout
    child.stdout.readline()
    together = memory_of_tree(os.getpid())
    child.communicate(b"\n")
    assert alone is not None
    assert together is not None
    assert together - alone > 50_000_000


def begun(tmp_path: Path, command: list[str], port: int = 1) -> Child:
    return start("a server", port, command, tmp_path, tmp_path / "log", os.environ)


def wait_for(path: Path, text: str) -> None:
    while text not in path.read_text(encoding="utf-8"):
        time.sleep(0.02)


@pytest.mark.timeout(60)
def test_a_child_that_has_ended_says_its_last_words(tmp_path: Path) -> None:
    child = begun(tmp_path, [sys.executable, "-c", "print('the reason'); raise SystemExit(7)"])
    child.process.wait()
    with pytest.raises(ChildDied, match=r"(?s)a server has ended by itself, with 7.*the reason"):
        child.check()
    with pytest.raises(ChildDied, match="ended by itself"):
        child.await_ready()


@pytest.mark.timeout(60)
def test_a_child_that_never_answers_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    child = begun(tmp_path, SLEEPS, free_port())
    try:
        with pytest.raises(ChildDied, match="did not become ready"):
            child.await_ready(0.3)
    finally:
        stop([child])


@pytest.mark.timeout(60)
def test_children_end_when_asked_to(tmp_path: Path) -> None:
    (tmp_path / "2").mkdir()
    both = [begun(tmp_path, SLEEPS), begun(tmp_path / "2", SLEEPS)]
    assert stop(both) == []
    assert [process_tree(child.process.pid) for child in both] == [[], []]


@pytest.mark.timeout(60)
def test_a_child_that_does_not_listen_is_killed_with_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "PATIENCE", 0.2)
    child = begun(tmp_path, STUBBORN)
    wait_for(tmp_path / "log", "up")
    tree = process_tree(child.process.pid)
    assert len(tree) == 2
    assert stop([child]) == ["a server"]
    assert [process_tree(process) for process in tree] == [[], []]


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a parent's death")
def test_a_child_does_not_outlive_a_demo_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from troth.demo.children import start; "
        "child = start('x', 1, [sys.executable, '-c', 'import time; time.sleep(600)'], Path('.'), Path('log'), os.environ); "
        "print(child.process.pid, flush=True); time.sleep(600)"
    )
    demo = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert demo.stdout
    child = int(demo.stdout.readline())
    try:
        while b"troth.demo.tied" in Path(f"/proc/{child}/cmdline").read_bytes():
            time.sleep(0.02)
        assert process_tree(child) == [child]
        demo.send_signal(signal.SIGKILL)
        demo.wait()
        while process_tree(child):
            time.sleep(0.02)
        assert process_tree(child) == []
    finally:
        demo.stdout.close()
        kill_tree(child)
