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

    def take(self, wished: int) -> int:
        """``wished`` where it is free. Raises OSError when no port is left."""
        if _is_free(wished):
            return wished
        while self._next < 2**16:
            self._next += 1
            if _is_free(self._next - 1):
                return self._next - 1
        raise OSError("no free port on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections of an earlier demo that are still closing do not count; a listener does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


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
