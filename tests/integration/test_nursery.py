"""What the nursery gives birth to is the command, in a place of its own, and ends as a process does."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

import nursery
from processes import process_tree

ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def test_it_runs_where_and_with_what_it_is_told(tmp_path: Path) -> None:
    env = {**ENV, "TROTH_STATE": "elsewhere"}
    done = nursery.run(["keys", "init", "--origin", "essai.test/troth"], cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "essai.test/troth" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
    assert "TROTH_STATE" not in os.environ


def test_it_tells_how_it_ended(tmp_path: Path) -> None:
    assert nursery.run(["--version"], cwd=tmp_path, env=ENV).stdout.startswith("troth ")
    refused = nursery.run(["check", "nowhere.yaml"], cwd=tmp_path, env=ENV)
    assert refused.returncode == 2
    assert "nowhere.yaml" in refused.stderr


def test_one_that_stays_can_be_awaited_signalled_and_killed(tmp_path: Path) -> None:
    nursery.run(["keys", "init", "--origin", "essai.test/troth"], cwd=tmp_path, env=ENV)
    nursery.make_tables(tmp_path / "troth-state")
    with (tmp_path / "said").open("w") as said:
        process = nursery.popen(["worker"], cwd=tmp_path, env=ENV, out=said, err=said)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.kill()
    assert process.wait(30) == -signal.SIGKILL == process.poll()
    assert process_tree(process.pid) == []
