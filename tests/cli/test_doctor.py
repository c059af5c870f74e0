"""``troth doctor`` as it is typed: what it prints, in which language, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import nursery
from web.served import clean, publisher

Doctor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    folder = publisher(tmp_path / "maison")

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**clean(), "LC_ALL": "C.UTF-8", **environment}
        ran = nursery.run(["doctor", *words], cwd=folder, env=env)
        assert "Traceback" not in ran.stderr
        return ran

    return run


def test_what_is_in_order_ends_with_0(doctor: Doctor) -> None:
    ran = doctor("--only", "state", "--only", "machine")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "● The ledger verdier.test/troth opens" in ran.stdout
    assert "0 to mend" in ran.stdout
    assert "Mail" not in ran.stdout


def test_a_problem_ends_with_1_and_has_its_remedy(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "maison" / "troth-state").chmod(0o755)
    ran = doctor("--only", "state")
    assert ran.returncode == 1
    lines = ran.stdout.splitlines()
    place = next(i for i, line in enumerate(lines) if "▲ to mend: Others can enter" in line)
    assert "→ chmod 700" in lines[place + 1]
    assert "1 to mend" in ran.stdout


def test_it_speaks_french(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "maison" / "troth-state").chmod(0o755)
    ran = doctor("--only", "state", LC_ALL="fr_FR.UTF-8")
    assert "▲ à corriger" in ran.stdout
    assert "D’autres peuvent entrer" in ran.stdout
    assert "1 à corriger" in ran.stdout


def test_a_program_reads_the_same(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "maison" / "troth-state").chmod(0o755)
    told = json.loads(doctor("--only", "state", "--format", "json").stdout)
    assert told["problems"] == 1
    (found,) = [one for one in told["findings"] if one["level"] == "problem"]
    assert set(found) == {"part", "name", "level", "message", "remedy"}
    assert (found["part"], found["name"]) == ("state", "state_open")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "nothing"], "the parts are policy, state"),
        (["--send-to", "nobody"], "--send-to is not a mail address"),
        (["--database-url", "mysql://a:canary@b/c"], "not one of PostgreSQL"),
        (["--lang", "de"], "there are no texts in 'de'"),
    ],
)
def test_what_makes_no_sense_is_refused(doctor: Doctor, words: list[str], said: str) -> None:
    ran = doctor(*words)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "canary" not in ran.stderr


def test_the_whole_of_it_changes_nothing(doctor: Doctor, tmp_path: Path) -> None:
    folder = tmp_path / "maison"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    ran = doctor(MAIL_USER="ana", MAIL_PASSWORD="canary", TROTH_MAIL_URL="smtp://ana:canary@localhost:1")
    assert ran.returncode == 1
    assert "canary" not in ran.stdout + ran.stderr
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    changed = {path.name for path in before.keys() ^ after.keys() | {p for p in before if before[p] != after.get(p)}}
    # SQLite's own files beside a database come and go when it is read.
    assert {name for name in changed if not name.endswith(("-wal", "-shm", ".lock"))} == set()
    assert os.environ.get("TROTH_STATE") != str(folder / "troth-state")
