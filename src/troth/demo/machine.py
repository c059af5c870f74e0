"""What the machine offers to the demo: ports that nobody has, and how much memory a tree of processes holds."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path


class Ports:
    """Hands out loopback ports: the one wished for, or the next that nobody has."""

    def __init__(self, wished: Sequence[int]) -> None:
        self._next = max(wished) + 1

    def take(self, wished: int) -> socket.socket:
        """A socket that listens on ``wished``, where it is free. Raises OSError when no port is left.

        It listens from now on, so that nobody else takes the port before its server is there.
        """
        with contextlib.suppress(OSError):
            return listen(wished)
        while self._next < 2**16:
            self._next += 1
            with contextlib.suppress(OSError):
                return listen(self._next - 1)
        raise OSError("no free port on 127.0.0.1")


def listen(port: int) -> socket.socket:
    """A socket that listens on a port of 127.0.0.1. Raises OSError when somebody else does."""
    return socket.create_server(("127.0.0.1", port))


def memory_of_tree(root: int) -> int | None:
    """Bytes that a process and all it started hold, shared pages by their share; None where the system does not say."""
    try:
        return sum(_proportional(process) for process in _tree(root))
    except OSError:
        return None


def _tree(root: int) -> list[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state ppid …", where the name may hold spaces and brackets.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    tree = [root]
    for process in tree:
        tree += [child for child, parent in parents.items() if parent == process]
    return tree


def _proportional(process: int) -> int:
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
