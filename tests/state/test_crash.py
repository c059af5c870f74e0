"""kill -9 at any point: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime

import pytest

from troth.core.errors import LedgerBusy
from troth.core.evidence.bundle import write_bundle
from troth.core.evidence.leaf import Event
from troth.core.evidence.verify import verify_bundle
from troth.state import init_state, open_state

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

WRITER = textwrap.dedent("""
    import sys
    from datetime import UTC, datetime
    from troth.core.evidence.leaf import Event
    from troth.state import open_state

    at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    with open_state(sys.argv[1]) as state:
        while True:
            recorded = state.record(*[Event("note.added", at, {"n": n}) for n in range(7)])
            print(recorded.positions[-1] + 1, flush=True)
""")

# Kills itself when SQLite is about to run the n-th statement of what follows.
SUICIDE = textwrap.dedent("""
    import os, signal, sys
    from datetime import UTC, datetime
    from troth.core.evidence.leaf import Event
    from troth.state import open_state
    from troth.state.erasures import StepKey

    at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    state = open_state(sys.argv[1])
    left = int(sys.argv[2])

    def count(statement):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    state.database._db.set_trace_callback(count)
    with state.transaction():
        key = StepKey("R-1", "shop", "erase")
        hashes = [state.subjects.current("email", "ana@example.org")]
        state.erasures.intend(key, at=at, epoch="e1", scope={}, hashes=hashes)
        state.record(Event("note.added", at, {"request": "R-1"}), Event("note.added", at, {}))
    print("done", flush=True)
""")

LOCKER = textwrap.dedent("""
    import sys
    from datetime import UTC, datetime
    from troth.core.evidence.leaf import Event
    from troth.state import open_state

    with open_state(sys.argv[1]) as state, state.transaction():
        state.record(Event("note.added", datetime(2026, 1, 5, 9, 0, tzinfo=UTC), {}))
        print("locked", flush=True)
        sys.stdin.read()
""")


@pytest.fixture
def place(tmp_path):
    init_state(tmp_path / "state", origin="example.org/troth", at=AT).close()
    return tmp_path / "state"


@pytest.fixture(params=["sqlite", "postgresql"])
def any_place(request, tmp_path, monkeypatch):
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("TROTH_STATE_URL", server.dsn(server.create_database()))
    return request.getfixturevalue("place")


def run(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("groups", [1, 4, 9])
def test_what_was_acknowledged_survives_kill_9_and_the_log_is_whole(any_place, groups):
    place = any_place
    with run(WRITER, str(place)) as writer:
        assert writer.stdout is not None
        for _ in range(groups):
            acknowledged = int(writer.stdout.readline())
        time.sleep(0.002 * groups)  # somewhere in the middle of the next groups
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    with open_state(place) as state:
        head = state.ledger.audit()
        assert head.size >= acknowledged
        assert (head.size - 2) % 7 == 0, "a group is there whole or not at all"
        state.checkpoint()
        assert verify_bundle(write_bundle(state.ledger)).passed


def test_kill_9_at_every_statement_leaves_all_or_nothing(place):
    ends = []
    for statement in range(1, 60):
        with open_state(place) as state:
            before = state.ledger.size
        with run(SUICIDE, str(place), str(statement)) as writer:
            done = writer.stdout is not None and writer.stdout.read() == "done\n"
        assert writer.returncode in (0, -signal.SIGKILL)
        with open_state(place) as state:
            after = state.ledger.audit().size
            recorded = bool(state.erasures.of_request("R-1"))
        assert after - before in (0, 2)
        assert recorded == (after > 2), "ledger and erasures change together"
        assert after - before == 2 or not done
        ends.append((after - before, done))
        if done:
            break
    assert ends[0] == (0, False), "it was killed before anything was written"
    assert ends[-1] == (2, True), "and at last lived through all statements"
    assert len(ends) > 8


def test_an_open_transaction_of_a_killed_process_holds_nobody_up(place):
    with run(LOCKER, str(place)) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "locked\n"
        with pytest.raises(LedgerBusy), open_state(place, wait=0.2) as state:
            state.record(Event("note.added", AT, {}))
        writer.kill()
        writer.wait()
        with open_state(place, wait=5) as state:
            state.record(Event("note.added", AT, {}))
            assert state.ledger.audit().size == 3
