"""Hooks: the publisher's programs run after rows have changed, are told no data, and are not forgotten."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from integration.world import World

ANA = "email=ana@example.org"

NOTE = """#!/bin/sh
cat >> told.jsonl
env > env.txt
echo "said ana@example.org"
echo "cried ana@example.org" >&2
[ ! -e broken ]
"""


def hooked(world: World, script: str = NOTE, settings: str = "") -> None:
    """A hook in the shop that writes down what it is told; it fails while the file ``broken`` is there."""
    program = world.folder / "purge-cache.sh"
    program.write_text(script)
    program.chmod(0o755)
    world.edit(
        "  mailing:\n    url: ${MAILING_URL}",
        f"    hooks:\n      purge: {{run: [./purge-cache.sh]{settings}}}\n  mailing:\n    url: ${{MAILING_URL}}",
    )


def told(world: World) -> list[Any]:
    """What the program read, run by run."""
    path = world.folder / "told.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_hook_stands_in_the_plan_and_runs_after_the_erasure(file_world: World) -> None:
    hooked(file_world)
    planned = file_world.troth("erase", "--dry-run", "--format", "json", ANA)
    [shop] = [s for s in planned.json["stores"] if s["store"] == "shop"]
    assert shop["steps"][-1]["action"] == "hook"
    assert shop["steps"][-1]["collection"] == "purge"
    assert told(file_world) == []
    ran = file_world.erase("--yes", ANA)
    assert ran.code == 0, ran.said
    assert ("shop", "purge", "hook", 0) in ran.outcomes("done")
    [line] = told(file_world)
    assert line["action"] == "erase"
    assert line["keys"] == {"customers": [[1]]}
    assert {c["collection"] for c in line["changes"]} >= {"customers", "orders"}
    [(_, body)] = [event for event in file_world.events() if event[0] == "erasure.done"]
    assert ["shop", "purge", "hook", 0, "done", None] in body["outcomes"]
    file_world.evidence_holds()


def test_a_hook_is_told_nobodys_data_and_what_it_says_is_never_kept(file_world: World) -> None:
    hooked(file_world)
    ran = file_world.erase("--yes", ANA)
    assert "ana@" not in json.dumps(told(file_world))
    assert "said" not in ran.said
    assert "cried" not in ran.said
    (file_world.folder / "told.jsonl").unlink()
    (file_world.folder / "env.txt").unlink()
    for path in file_world.files():
        if path.name not in ("purge-cache.sh", "shop", "mailing"):
            assert b"ana@example.org" not in path.read_bytes(), path


def test_a_hook_inherits_no_secret_of_troth(file_world: World) -> None:
    hooked(file_world)
    file_world.troth("erase", "--yes", "--residue-seconds", "0", ANA, env={"TROTH_PASSPHRASE": "secret", "OWN": "x"})
    inherited = (file_world.folder / "env.txt").read_text()
    assert "OWN=x" in inherited
    assert "TROTH_" not in inherited


def test_a_hook_that_failed_is_taken_up_by_the_sweep(file_world: World) -> None:
    hooked(file_world)
    broken = file_world.folder / "broken"
    broken.touch()
    ran = file_world.erase("--yes", ANA)
    assert ran.code == 1
    assert ran.outcomes("failed") == [("shop", "purge", "hook", 0)]
    assert "ended with 1" in ran.said
    assert file_world.rows("shop", "SELECT email FROM customers WHERE id = 1")[0][0].startswith("erased-")
    assert file_world.waiting()[0].unfinished
    assert file_world.sweep("--yes").code == 1
    broken.unlink()
    again = file_world.sweep("--yes")
    assert again.code == 0, again.said
    assert [line["keys"] for line in told(file_world)][-1] == {"customers": [[1]]}
    assert not any(pending.unfinished for pending in file_world.waiting())
    file_world.evidence_holds()


def test_in_a_store_that_is_only_looked_at_no_hook_is_taken_up(file_world: World) -> None:
    hooked(file_world)
    broken = file_world.folder / "broken"
    broken.touch()
    assert file_world.erase("--yes", ANA).code == 1
    broken.unlink()
    file_world.edit("mode: enforce", "mode: observe")
    again = file_world.erase("--yes", ANA)
    assert again.outcomes("failed") == [("shop", "purge", "hook", 0)], again.said
    assert "mode observe" in again.said
    assert len(told(file_world)) == 1
    assert file_world.waiting()[0].unfinished
    file_world.edit("mode: observe", "mode: enforce")
    assert file_world.erase("--yes", ANA).code == 0
    assert len(told(file_world)) == 2


def test_killed_while_the_hook_runs_it_runs_again_with_the_next_erasure(file_world: World) -> None:
    hooked(file_world, "#!/bin/sh\ncat >> told.jsonl\n[ ! -e broken ] || sleep 60\n")
    broken = file_world.folder / "broken"
    broken.touch()
    running = file_world.start("erase", "--yes", "--residue-seconds", "0", "--as-of", "2026-11-22", ANA)
    deadline = time.monotonic() + 30
    while not told(file_world) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait().signal == signal.SIGKILL
    broken.unlink()
    again = file_world.erase("--yes", ANA)
    assert again.code == 0, again.said
    assert len(told(file_world)) == 2
    assert told(file_world)[1]["keys"] == {"customers": [[1]]}
    assert not any(pending.unfinished for pending in file_world.waiting())


def test_a_hook_that_does_not_end_is_stopped_with_what_it_started(file_world: World) -> None:
    hooked(file_world, "#!/bin/sh\nsleep 61 & echo $! > pid\nwait\n", ", timeout: 1")
    ran = file_world.erase("--yes", ANA)
    assert ran.code == 1
    assert "did not end within 1 s" in ran.said
    pid = int((file_world.folder / "pid").read_text())
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_program_that_is_not_there_fails_with_its_reason(file_world: World) -> None:
    hooked(file_world)
    (file_world.folder / "purge-cache.sh").unlink()
    ran = file_world.erase("--yes", ANA)
    assert ran.code == 1
    assert "cannot be started: no such file" in ran.said


@pytest.mark.parametrize(
    ("settings", "runs"),
    [(", after: [sweep]", 0), (", collections: [addresses]", 1), (", collections: [orders], after: erase", 1)],
)
def test_a_hook_runs_only_for_what_it_is_after(file_world: World, settings: str, runs: int) -> None:
    hooked(file_world, settings=settings)
    file_world.erase("--yes", ANA)
    assert len(told(file_world)) == runs
    for line in told(file_world):
        assert len({c["collection"] for c in line["changes"]}) == 1


def test_rectification_and_sweep_call_their_hooks(file_world: World) -> None:
    hooked(file_world)
    ran = file_world.troth("rectify", "--yes", ANA, "customers.name=Ana B.")
    assert ran.code == 0, ran.said
    assert [line["action"] for line in told(file_world)] == ["rectify"]
    assert "Ana B." not in json.dumps(told(file_world))
    swept = file_world.sweep("--yes", as_of="2040-01-01")
    assert told(file_world)[-1]["action"] == "sweep", swept.said
    assert told(file_world)[-1]["keys"] == {}


def test_a_hook_about_an_unknown_collection_is_refused_at_its_place(file_world: World) -> None:
    hooked(file_world, settings=", collections: [order]")
    ran = file_world.troth("check")
    assert ran.code == 1
    assert "did you mean 'orders'" in ran.said
    assert "[unknown_collection]" in ran.said
