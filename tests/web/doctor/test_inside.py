"""Policy, state, databases, clock, this machine: in order where they are, and a finding for each fault planted."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from databases import CHECKOUT
from servers import PostgresServer
from troth.core.evidence.leaf import Event
from troth.state.state import open_state
from troth.web.doctor import clock, database, machine, policy, run, state
from troth.web.doctor.findings import Case, Finding
from web.doctor.conftest import NOW, Looked

WORDS = CHECKOUT / "src" / "troth" / "web" / "doctor" / "words.txt"


def sentences() -> dict[str, tuple[str, str]]:
    lines = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert all(line.count(" | ") == 2 for line in lines), [line for line in lines if line.count(" | ") != 2]
    return {name: (english, french) for name, english, french in (line.split(" | ") for line in lines)}


def test_every_sentence_has_the_same_places_in_both_languages() -> None:
    for name, (english, french) in sentences().items():
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", french)), name


def test_every_sentence_is_said_and_every_one_that_is_said_exists() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in WORDS.parent.glob("*.py"))
    named = set(re.findall(r'(?:fine|problem|note|skipped)(?:\)|)\(\s*"(\w+)"', source))
    named |= set(re.findall(r'"(\w+)" if \w+ else "', source)) | set(re.findall(r' else "(\w+)"', source))
    known = {name.removesuffix("_do") for name in sentences() if not name.startswith(("part_", "level_"))}
    assert known - named == {"title", "test_subject", "test_text"}
    assert {name for name in named if name not in known} <= {"?", "proxy", "en"}


def test_a_policy_with_errors_is_a_problem(looked: Looked) -> None:
    assert set(looked.levels(policy.loads)) <= {"policy_fine", "policy_warnings"}
    looked.edit("troth.yaml", "version:", "versoin:")
    assert looked.levels(policy.loads) == {"policy_errors": "problem"}


def test_a_policy_that_is_not_there_is_told_by_the_frame(looked: Looked) -> None:
    (looked.folder / "troth.yaml").unlink()
    found = dict(run.examine(looked.case, ("policy",)))
    assert found["policy"].level == "problem"
    assert "troth.yaml" in found["policy"].said("en")


def test_stores_that_are_only_observed_are_told(looked: Looked) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in looked.folder.glob("*.yaml"))
    assert "mode: enforce" in text
    assert "mode_enforce" in looked.levels(policy.mode)
    for path in looked.folder.glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("mode: enforce", "mode: observe"), encoding="utf-8")
    assert set(looked.levels(policy.mode)) == {"mode_observe"}


def test_a_time_zone_that_is_not_installed_is_a_problem(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked.levels(policy.names) == {}
    import zoneinfo

    def missing(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr("zoneinfo.ZoneInfo", missing)
    assert looked.levels(policy.names) == {"zone_unknown": "problem"}


def test_a_state_in_order_is_fine(looked: Looked) -> None:
    assert looked.levels(state.folder) == {"state_fine": "fine"}
    assert looked.levels(state.keys) == {"keys_fine": "fine"}
    assert looked.levels(state.opens) == {"state_opens": "fine"}
    assert looked.levels(state.room) == {"room_fine": "fine"}


def test_a_folder_that_others_can_enter_is_a_problem(looked: Looked) -> None:
    looked.state.chmod(0o755)
    (looked.state / "state.db").chmod(0o644)
    assert looked.levels(state.folder) == {"state_open": "problem", "state_files_open": "problem"}


def test_a_folder_of_somebody_else_is_a_problem(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert looked.levels(state.folder)["state_foreign"] == "problem"


def test_a_folder_that_cannot_be_written_is_a_problem(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert looked.levels(state.folder) == {"state_read_only": "problem"}


def test_a_folder_that_is_missing_is_a_problem_once(looked: Looked) -> None:
    shutil.rmtree(looked.state)
    assert looked.levels(state.folder) == {"state_missing": "problem"}
    assert looked.levels(state.room) == {"room_skipped": "skipped"}
    assert looked.levels(clock.state_not_ahead) == {}


def test_keys_that_are_missing_open_or_inside_the_state_are_told(looked: Looked) -> None:
    next(looked.keys.iterdir()).chmod(0o640)
    assert looked.levels(state.keys) == {"keys_open": "problem"}
    inside = looked.state / "keys"
    shutil.move(looked.keys, inside)
    for path in inside.iterdir():
        path.chmod(0o600)
    assert looked.levels(state.keys) == {"keys_missing": "problem"}
    looked.keys = inside
    assert looked.levels(state.keys) == {"keys_inside": "note"}


def test_a_ledger_that_was_tampered_with_is_a_problem(looked: Looked) -> None:
    (looked.state / "state.db").unlink()
    assert looked.levels(state.opens) == {"told": "problem"}


def test_epochs_past_their_day_are_a_problem(looked: Looked) -> None:
    looked.now = NOW + timedelta(days=4000)
    assert looked.levels(state.opens)["epochs_late"] == "problem"


def test_a_full_disk_is_a_problem(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(looked.state)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=state.LEAST_FREE - 1))
    assert looked.levels(state.room) == {"room_short": "problem"}


def test_a_disk_without_room_for_files_is_a_problem(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LEAST_FREE", 0)
    monkeypatch.setattr(state, "LEAST_FILES", 2**63)
    if os.statvfs(looked.state).f_files:
        assert looked.levels(state.room) == {"room_files": "problem"}
    else:
        assert looked.levels(state.room) == {"room_fine": "fine"}


def test_files_on_a_disk_of_this_machine_are_fine(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "filesystem", lambda _: "ext4")
    assert looked.levels(database.kind) == {"sqlite_fine": "fine"}
    monkeypatch.setattr(database, "filesystem", lambda _: "nfs4")
    assert looked.levels(database.kind) == {"sqlite_elsewhere": "problem"}


def test_the_file_system_of_a_path_is_the_one_mounted_nearest() -> None:
    assert state.filesystem(Path("/proc/self")) == "proc"
    assert state.filesystem(Path("/")) not in ("", "proc")


@pytest.mark.slow
def test_postgresql_is_asked_for_version_rights_and_time(looked: Looked, postgres_server: PostgresServer) -> None:
    name = postgres_server.create_database()
    looked.database = postgres_server.url(name).replace("postgresql+psycopg://", "postgresql://")
    assert looked.levels(database.kind) == {"postgresql_fine": "fine", "postgresql_rights": "note"}
    assert looked.levels(clock.database_agrees) == {"clock_together": "fine"}
    assert looked.levels(database.tables) == {"tables_pending": "problem"}
    postgres_server.drop_database(name)
    assert looked.levels(database.kind) == {"postgresql_unreachable": "problem"}
    assert "canary" not in str(looked.found(database.kind))


def test_an_old_server_and_a_clock_that_is_apart_are_problems(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    looked.database = "postgresql://a:b@c/d"
    monkeypatch.setattr(database, "ask", lambda _: (110_004, False, datetime.now(UTC) - timedelta(minutes=5)))
    assert looked.levels(database.kind) == {"postgresql_old": "problem"}
    assert looked.levels(clock.database_agrees) == {"clock_apart": "problem"}


def test_tables_that_are_older_or_newer_are_told(looked: Looked) -> None:
    assert looked.levels(database.tables) == {"tables_pending": "note"}  # the site makes them when it starts
    with open_state(looked.state, check_last=False) as opened:
        opened.database.run("INSERT INTO troth_schema (version) VALUES (:v)", {"v": 99})
    assert looked.levels(database.tables) == {"tables_newer": "problem"}


def test_a_store_that_does_not_answer_is_a_problem(looked: Looked) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in looked.folder.glob("*.yaml"))
    assert "sqlite:///" in text
    for path in looked.folder.glob("*.yaml"):
        path.write_text(
            re.sub(r"sqlite:///\S+", "sqlite:///nowhere/shop.sqlite", path.read_text(encoding="utf-8")),
            encoding="utf-8",
        )
    assert set(looked.levels(database.stores).values()) == {"problem"}


@pytest.mark.parametrize(
    ("status", "name"), [(0x2001, "clock_fine"), (0x40, "clock_unsynchronised"), (None, "clock_unseen")]
)
def test_whether_the_clock_is_kept_in_time_is_asked_of_the_kernel(
    looked: Looked, monkeypatch: pytest.MonkeyPatch, status: int | None, name: str
) -> None:
    assert set(looked.levels(clock.synchronised)) <= {"clock_fine", "clock_unsynchronised", "clock_unseen"}
    monkeypatch.setattr(clock, "kernel_status", lambda: status)
    assert set(looked.levels(clock.synchronised)) == {name}


def test_a_ledger_that_is_ahead_of_the_clock_is_a_problem(looked: Looked) -> None:
    assert looked.levels(clock.state_not_ahead) == {}
    with open_state(looked.state) as opened:
        opened.record(Event("test", NOW + timedelta(days=2), {}))
    assert looked.levels(clock.state_not_ahead) == {"clock_behind": "problem"}


def test_python_and_libraries_are_those_that_troth_asks_for(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked.levels(machine.python) == {"python_fine": "fine"}
    assert looked.levels(machine.libraries) == {"libraries_fine": "fine"}
    monkeypatch.setattr(machine, "_LEAST_PYTHON", (9, 0))
    assert looked.levels(machine.python) == {"python_old": "problem"}
    real = machine.installed
    monkeypatch.setattr(machine, "installed", lambda name: {"granian": "1.0", "django": None}.get(name, real(name)))
    assert looked.levels(machine.libraries) == {"library_old": "problem", "library_missing": "problem"}


def test_secrets_in_the_environment_and_settings_that_are_none_are_told(
    looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert looked.levels(machine.settings) == {}
    looked.environment["TROTH_METRICS_TOKEN"] = "canary"
    found = looked.found(machine.settings)
    assert found["secret_in_environment"].level == "note"
    assert "canary" not in str(found)
    looked.environment["TROTH_PROXIES"] = "x"
    assert looked.levels(machine.settings)["told"] == "problem"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert looked.levels(machine.settings)["runs_as_root"] == "note"


def test_a_probe_that_fails_itself_hides_nothing(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: Case) -> Iterator[Finding]:
        raise ZeroDivisionError("canary")
        yield

    monkeypatch.setitem(run.PROBES, "policy", (broken, policy.loads))
    found = [finding.name for _, finding in run.examine(looked.case, ("policy",))]
    assert found[0] == "probe_failed"
    assert found[1] in ("policy_fine", "policy_warnings")
    assert "canary" not in str(list(run.examine(looked.case, ("policy",))))
