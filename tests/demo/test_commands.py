"""Commands that run in forks: each on its own, told as its own program would tell it, and none outlives the demo."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from processes import process_tree
from troth.demo.commands import Commands

TALE = """
import os, sys, time

def main(arguments):
    if arguments == ["hang"]:
        open("hangs", "w").close()
        time.sleep(600)
    if arguments == ["end"]:
        sys.exit("enough")
    print(os.getcwd(), os.environ.get("TROTH_TALE"), os.environ.get("LEFT"), sys.argv, sys.stdin.read(), "é")
    print("and this", file=sys.stderr)
    os.environ["LEFT"] = "here"
    os.chdir("/")
"""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    folder = tmp_path_factory.mktemp("tale")
    (folder / "tale.py").write_text(TALE)
    with pytest.MonkeyPatch.context() as patch, Commands() as made:
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("TROTH_STATE", "elsewhere")
        made.start()
        yield made


def test_a_command_tells_its_code_and_both_that_it_prints(commands: Commands, tmp_path: Path) -> None:
    done = commands.run(["check", "--policy", "nothing.yaml"], tmp_path, {}, 60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot read nothing.yaml" in done.stderr
    assert commands.run(["check", "--help"], tmp_path, {}, 60).stdout.startswith("Usage: troth check")
    ended = commands.run(["end"], tmp_path, {}, 60, "tale")
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "enough\n")


def test_nothing_of_one_command_is_left_for_the_next(commands: Commands, tmp_path: Path) -> None:
    for told in ("one", "two"):
        done = commands.run([told], tmp_path, {"TROTH_TALE": told}, 60, "tale")
        assert done.stdout == f"{tmp_path.resolve()} {told} None ['troth', '{told}']  é\n"
        assert (done.returncode, done.stderr) == (0, "and this\n")
    assert commands.run([], tmp_path, {}, 60, "tale").stdout.split()[1] == "None"
    assert "LEFT" not in os.environ


def test_a_fault_is_told_and_the_next_command_runs(commands: Commands, tmp_path: Path) -> None:
    done = commands.run([], tmp_path, {}, 60, "no_such_module")
    assert done.returncode == 1
    assert "no_such_module" in done.stderr
    assert commands.run(["--version"], tmp_path, {}, 60).stdout.startswith("troth ")


def test_one_that_hangs_is_ended_and_leaves_nothing_behind(commands: Commands, tmp_path: Path) -> None:
    commands.run(["--version"], tmp_path, {}, 60)
    before = process_tree(os.getpid())
    done = commands.run(["hang"], tmp_path, {}, 1.5, "tale")
    assert (done.returncode, done.stdout) == (124, "")
    assert (tmp_path / "hangs").exists()
    assert len(process_tree(os.getpid())) == len(before) - 1, "the one that forks is gone as well, and started anew"
    assert commands.run(["--version"], tmp_path, {}, 60).returncode == 0


@pytest.mark.timeout(60)
def test_it_ends_by_itself_when_nobody_can_ask_any_more(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    if not (parent := os.fork()):
        commands = Commands()
        commands.run(["--version"], tmp_path, {}, 60)
        os.write(writing, " ".join(map(str, process_tree(os.getpid()))).encode())
        os._exit(0)  # as when it is killed: nothing is closed in order
    os.close(writing)
    with os.fdopen(reading) as told:
        born = [int(pid) for pid in told.read().split() if int(pid) != parent]
    os.waitpid(parent, 0)
    assert born
    while any(process_tree(pid) for pid in born):
        time.sleep(0.05)
