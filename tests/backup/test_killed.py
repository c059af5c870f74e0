"""kill -9 while a backup is made, and while one is put back: whole, or not there, and never mistaken."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from backup.saving import Saving, accepted, died, events
from troth.core.errors import EvidenceError
from troth.state import open_state
from troth.state.backup import files as copies
from troth.state.stream import Sealing


def at_writes(passing: Callable[[], None]) -> None:
    """Every piece that is written, every file that takes its name, every file that goes."""
    _before(Sealing, "_put", passing)
    _before(os, "replace", passing)
    _before(os, "fsync", passing)
    _before(copies, "write_file", passing)
    _before(shutil, "rmtree", passing)


def _before(place: object, name: str, passing: Callable[[], None]) -> None:
    really = getattr(place, name)

    def first(*args: object, **more: object) -> object:
        passing()
        return really(*args, **more)

    setattr(place, name, first)


def test_a_backup_that_was_killed_anywhere_leaves_no_file_that_looks_like_one(files: Saving) -> None:
    files.front.ask("erasure")
    path = files.front.folder / "a.backup"
    moment = 1
    while died(files.save, moment, at_writes):
        if path.exists():
            files.verify()  # only its event is missing
            path.unlink()
        moment += 3 if not os.environ.get("TROTH_EXHAUSTIVE") else 1
    assert moment > 6
    files.verify()
    assert {p.name for p in path.parent.iterdir() if "backup" in p.name} == {"a.backup"}
    with open_state(files.place.directory) as state:
        assert accepted(state)


def test_a_restore_that_was_killed_anywhere_refuses_to_open_and_is_run_again(files: Saving) -> None:
    files.front.ask("access", "bo@example.org")
    files.front.work()
    files.save()
    refused, begun = 0, list[bool]()
    moment = 1
    while True:
        place = files.elsewhere(f"new{moment}")
        if not died(lambda: files.put(place), moment, at_writes):  # noqa: B023
            break
        try:
            open_state(place.directory).close()
            assert not (place.directory / ".restoring").exists()
        except EvidenceError as error:
            unfinished = "has not ended" in error.message
            refused += unfinished
            begun.append(unfinished == (place.directory / ".restoring").exists())
            files.put(place)
        with open_state(place.directory) as state:
            assert events(state)[-1] == "backup.restored"
        shutil.rmtree(place.directory)
        moment += 3 if not os.environ.get("TROTH_EXHAUSTIVE") else 1
    assert refused > 3
    assert all(begun)
    assert {p.name for p in place.directory.iterdir()} >= {"state.db", "site.db", "packages", "keys"}


def test_a_restore_onto_a_server_that_was_killed_leaves_the_database_empty(
    server: Saving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backup.saving import opened_at
    from troth.state.backup.tables import Putting

    server.front.ask("access", "bo@example.org")
    server.front.work()
    server.save()
    place = server.elsewhere()
    assert died(lambda: server.put(place), 20, lambda passing: _before(Putting, "put", passing))
    with pytest.raises(EvidenceError, match="has not ended"), opened_at(place, monkeypatch):
        pass
    database = place.url.rpartition("/")[2]
    assert server.server is not None
    assert server.server.admin_execute("SELECT count(*) FROM desk_file", database) == [(0,)]
    server.put(place)
    with opened_at(place, monkeypatch) as state:
        assert events(state)[-1] == "backup.restored"
