"""`troth backup`, `troth restore`, `troth keys backup`, as they are called."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
import typer
from typer.testing import CliRunner

from troth.cli import backup, keys, restore, verify
from troth.core.evidence.leaf import Event
from troth.state import open_state


@pytest.fixture
def troth(tmp_path, monkeypatch):
    app = typer.Typer()
    for verb in (keys, backup, restore, verify):
        verb.register(app)
    monkeypatch.chdir(tmp_path)
    names = ("TROTH_STATE", "TROTH_KEYS", "TROTH_STATE_URL", "TROTH_PASSPHRASE", "TROTH_POLICY", "TROTH_STARTED")
    for name in names:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def run(*arguments, code=0):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        for name in names:
            monkeypatch.delenv(name, raising=False)
        assert result.exit_code == code, result.output
        return result.stdout + result.stderr

    run("keys", "init", "--origin", "example.org/troth")
    return run


def test_a_state_is_saved_for_a_key_kept_elsewhere_and_put_back(troth, tmp_path):
    assert "nobody who could open" in troth("backup", "--to", "a.backup", code=2)
    assert "Keep it on another machine" in troth("keys", "backup", "-o", "private")
    assert "already" in troth("keys", "backup", "-o", "second", code=2)
    made = json.loads(troth("backup", "--to", "a.backup", "--format", "json"))
    assert [part["name"] for part in made["parts"]] == ["about.json", "state.db"]
    assert "opens with a key" in troth("backup", "--verify", "a.backup", code=2)
    found = json.loads(troth("backup", "--verify", "a.backup", "--key", "private", "--format", "json"))
    assert found == {**found, "sha256": made["sha256"], "parts": made["parts"], "events": made["events"]}
    assert "can be restored" in troth("restore", "a.backup", "--key", "private", "--drill")
    shutil.copytree("troth-state/keys", "new/keys")
    refused = troth("restore", "a.backup", "--key", "private", "--state", "new", code=1)
    assert "2 events would be lost" in refused
    said = troth("restore", "a.backup", "--key", "private", "--state", "new", "--accept-loss", "--lang", "fr")
    assert "2 événements plus récents au moins sont perdus" in said
    assert "troth replay" in said
    assert "les rectifications à refaire à la main" in said
    assert "not empty" in troth("restore", "a.backup", "--key", "private", "--state", "new", code=2)


def test_a_passphrase_opens_it_and_json_tells_what_was_put_back(troth, tmp_path):
    (tmp_path / "phrase").write_text("correct horse battery\n")
    said = troth("backup", "--to", "a.backup", "--passphrase-file", "phrase", "--lang", "fr")
    assert "phrase secrète" in said
    assert "The keys are not in it" in troth(
        "backup", "--to", "b.backup", "--passphrase-file", "phrase", "--lang", "en"
    )
    shutil.copytree("troth-state/keys", "new/keys")
    (tmp_path / "new" / "keys" / "last-checkpoint").unlink()
    words = ("restore", "a.backup", "--passphrase-file", "phrase", "--state", "new", "--format", "json")
    put = json.loads(troth(*words))
    assert (put["lost"], put["drill"], put["backup"]["events"]) == (0, False, 2)


def test_a_restore_says_whose_doors_are_open_again(troth, tmp_path):
    (tmp_path / "phrase").write_text("correct horse battery")
    with closing(sqlite3.connect("troth-state/site.db")) as site:
        site.executescript(
            "CREATE TABLE accounts_session (a); INSERT INTO accounts_session VALUES (1);"
            "CREATE TABLE accounts_user (a); INSERT INTO accounts_user VALUES (1), (2);"
            "CREATE TABLE console_staff (user_id, ended); INSERT INTO console_staff VALUES (1, NULL), (2, 'then');"
        )
    troth("backup", "--to", "a.backup", "--passphrase-file", "phrase")
    shutil.copytree("troth-state/keys", "new/keys")
    (tmp_path / "new" / "keys" / "last-checkpoint").unlink()
    said = troth("restore", "a.backup", "--passphrase-file", "phrase", "--state", "new", "--lang", "en")
    assert "1 sessions and 0 letters" in said
    assert "2 accounts, 1 members of staff and 0 API tokens are as they were then" in said
    with closing(sqlite3.connect("new/site.db")) as site:
        assert site.execute("SELECT count(*) FROM accounts_session").fetchone() == (0,)


def test_a_checkpoint_that_somebody_holds_stops_a_backup_that_is_too_old(troth, tmp_path):
    (tmp_path / "phrase").write_text("correct horse battery")
    troth("backup", "--to", "a.backup", "--passphrase-file", "phrase")
    with open_state("troth-state") as state:
        state.record(Event("note.added", *when()))
        (tmp_path / "held").write_text(state.checkpoint())
    shutil.copytree("troth-state/keys", "new/keys")
    (tmp_path / "new" / "keys" / "last-checkpoint").unlink()
    words = ("restore", "a.backup", "--passphrase-file", "phrase", "--state", "new", "--checkpoint", "held")
    assert "2 events would be lost" in troth(*words, code=1)
    assert "cannot be read" in troth(*words[:-1], "nowhere", code=2)


def when():
    from datetime import UTC, datetime

    return datetime.now(UTC), {}


def test_one_thing_at_a_time(troth):
    assert "--to FILE" in troth("backup", code=2)
    assert "--to FILE" in troth("backup", "--to", "a", "--verify", "b", code=2)
    assert "no such file" in troth("backup", "--verify", "b", "--passphrase-file", "troth-state/state.lock", code=2)
