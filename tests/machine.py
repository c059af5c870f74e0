"""What this machine offers to a throwaway server: programs, a port, a directory, an account."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import socket
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""
ROOM = 6 * 2**30


class ServerUnavailable(Exception):
    """The programs of a database server are not on this machine."""


def unprivileged(*names: str) -> str | None:
    """The account that a server runs as when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServerUnavailable("no unprivileged account to run a database server as")


def program(name: str, *directories: str) -> str:
    """Where a program is: in `directories` (patterns, newest last) or on the PATH."""
    for pattern in directories:
        here = Path("/").glob(f"{pattern.lstrip('/')}/{name}")
        found = sorted(here, key=lambda path: [int(p) for p in path.parts if p.isdigit()])
        if found:
            return str(found[-1])
    on_path = shutil.which(name)
    if on_path is None:
        raise ServerUnavailable(f"{name} is not installed: run `make install` as root")
    return on_path


def free_port() -> int:
    """A loopback port that nobody listens on.

    Below the range that the kernel hands to outgoing connections, so that it is
    still ours when a test kills the server and starts it again.
    """
    while True:
        port = random.SystemRandom().randint(15000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def temporary_directory(prefix: str) -> Path:
    """A private directory whose path is short enough for a Unix socket (107 bytes)."""
    base = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix=prefix, dir=base if len(base) < 60 else "/tmp"))


def in_memory() -> Path | None:
    """A folder in memory with room for all that the tests write, if there is one.

    Thousands of throwaway databases wait for a disk that none of them needs: what is killed there is a process,
    never the machine, and what a process wrote outlives it in memory as well.
    """
    try:
        free = min(shutil.disk_usage(MEMORY).free, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError):
        return None
    return MEMORY if free > ROOM and os.access(MEMORY, os.W_OK) else None
