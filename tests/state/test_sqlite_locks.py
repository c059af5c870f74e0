"""SQLite's locks belong to the process: whoever opens and closes its file beside it throws them away for all threads."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from troth.state.state import init_state, open_state

_SHARED = 0x40000002
"""Where SQLite keeps the lock by which a connection says that the file is in use (os_unix.c)."""
_TRY = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, int(sys.argv[2]))
    except OSError:
        sys.exit(3)
"""


def in_use(path: Path) -> bool:
    """Whether another process sees that somebody is at work on this database."""
    return subprocess.run([sys.executable, "-c", _TRY, str(path), str(_SHARED)], check=False).returncode == 3


def test_opening_the_state_again_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    init_state(tmp_path / "state", origin="verdier.test/troth", at=datetime.now(UTC)).close()
    path = tmp_path / "state" / "state.db"
    with open_state(tmp_path / "state"):
        assert in_use(path)
        with open_state(tmp_path / "state"):
            assert in_use(path), "else another process may take the log of the database away, and what it holds"
        assert in_use(path)
    assert not in_use(path)


def test_a_new_state_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        init_state(tmp_path / "state", origin="verdier.test/troth", at=datetime.now(UTC)).close()
    finally:
        os.umask(before)
    assert (tmp_path / "state" / "state.db").stat().st_mode & 0o777 == 0o600
