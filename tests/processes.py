"""Processes by their trees, and the guard that ends one when the tests are gone.

Run as a program with a directory, this file waits for the end of its standard
input, which its parent holds open. Then, `kill -9` of the parent included, it ends
the process named in the directory's file `pid` and removes the directory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def _parents() -> dict[int, int]:
    """Every live process and its parent, read from /proc."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # "pid (name) state ppid …", where the name may hold spaces and brackets.
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(entry.name)] = int(parent)
    return found


def process_tree(root: int) -> list[int]:
    """`root` and all that descend from it, parents first; empty when it is gone.

    PostgreSQL's backends are each in a session of their own, so that a signal to
    the process group does not reach them.
    """
    parents = _parents()
    tree = [root] if root in parents else []
    for process in tree:
        tree += [child for child, parent in parents.items() if parent == process]
    return tree


def signal_tree(root: int, number: signal.Signals) -> list[int]:
    """Send a signal to a whole tree, its root first, and name who was there."""
    tree = process_tree(root)
    for process in tree:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)
    return tree


def kill_tree(root: int) -> None:
    """End a tree at once and come back when nothing of it is left."""
    # A stopped parent cannot fork behind our back.
    freeze_tree(root)
    tree = signal_tree(root, signal.SIGKILL)
    while tree and set(tree) & set(_parents()) - _own_zombies(tree):
        time.sleep(0.01)


def freeze_tree(root: int) -> None:
    """Stop a tree and come back when each of its processes stands still."""
    while any(_state(process) not in "TtXZ" for process in signal_tree(root, signal.SIGSTOP)):
        # A new process may have been born behind the first round.
        time.sleep(0.005)


def _state(process: int) -> str:
    """The letter of /proc for what a process does; X when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _own_zombies(tree: Sequence[int]) -> set[int]:
    """Those of `tree` that only wait for us to collect them."""
    done = set()
    for process in tree:
        with contextlib.suppress(ChildProcessError):
            # WNOWAIT leaves the exit status to the Popen object.
            if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                done.add(process)
    return done


def start_guard(directory: Path) -> subprocess.Popen[bytes]:
    """Start a guard; closing its standard input sets it to work."""
    return subprocess.Popen(
        [sys.executable, "-I", __file__, str(directory)],
        stdin=subprocess.PIPE,
        # A session of its own: Ctrl-C must not end the one who cleans up.
        start_new_session=True,
    )


def guard(directory: Path) -> None:
    """Wait for the end of the tests, then leave nothing of the server behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # The pipe ends when its other side is closed, or dies.
    sys.stdin.buffer.read()
    with contextlib.suppress(FileNotFoundError):
        kill_tree(int((directory / "pid").read_text()))
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
