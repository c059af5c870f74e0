"""`troth keys`, `troth bundle`, `troth verify`, as they are called."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from troth.cli import bundle, keys, verify
from troth.core.errors import KeyUnavailable
from troth.core.evidence.leaf import Event
from troth.state import open_state

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
VECTORS = Path(__file__).parents[1] / "vectors"
KEY = (VECTORS / "publisher.vkey").read_text().strip()


@pytest.fixture
def app():
    app = typer.Typer()
    for verb in (keys, bundle, verify):
        verb.register(app)
    return app


@pytest.fixture
def troth(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TROTH_STATE", "TROTH_KEYS", "TROTH_STATE_URL", "TROTH_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, code=0):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output
        return result.stdout + result.stderr

    return run


@pytest.fixture
def started(troth):
    troth("keys", "init", "--origin", "example.org/troth")
    return troth


def record(*requests):
    with open_state() as state:
        for request in requests:
            state.record(Event("note.added", AT, {"request": request}))
        return state.checkpoint()


# keys -----------------------------------------------------------------------------------------------


def test_keys_are_made_and_shown(troth):
    made = json.loads(troth("keys", "init", "--origin", "example.org/troth", "--format", "json"))
    assert made["key"].startswith("example.org/troth+")
    assert json.loads(troth("keys", "show", "--format", "json")) == made
    text = troth("keys", "show")
    assert made["key"] in text
    assert "e1 in use" in text


def test_keys_rotate_and_an_epoch_is_destroyed(started):
    before = json.loads(started("keys", "show", "--format", "json"))["key"]
    assert "is destroyed" in started("keys", "rotate")
    shown = json.loads(started("keys", "show", "--format", "json"))
    assert shown["former_keys"] == [before]
    assert "cannot be undone" in started("keys", "destroy", "--epoch", "e1", code=2)
    assert "until" in started("keys", "destroy", "--epoch", "e1", "--yes", code=2)
    assert "destroyed" in started("keys", "destroy", "--epoch", "e1", "--yes", "--early")
    assert json.loads(started("keys", "show", "--format", "json"))["destroyed_epochs"] == ["e1"]


def test_an_epoch_past_its_day_is_a_problem_found(started, monkeypatch):
    started("keys", "rotate", "--hashes-kept", "30")
    monkeypatch.setattr(keys, "_now", lambda: datetime(2099, 1, 1, tzinfo=UTC))
    assert "was to be destroyed after" in started("keys", "show", code=1)


def test_a_copy_of_the_keys_is_made_and_put_back(started, tmp_path, monkeypatch):
    (tmp_path / "phrase").write_text("correct horse battery staple\n")
    started("keys", "escrow", "-o", "copy", "--passphrase-file", "phrase")
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert "exists already" in started("keys", "escrow", "-o", "copy", "--passphrase-file", "phrase", code=2)
    (tmp_path / "troth-state" / "keys" / "vault.key").unlink()
    with pytest.raises(KeyUnavailable):
        open_state()
    monkeypatch.setenv("TROTH_PASSPHRASE", "correct horse battery staple")
    assert "vault.key" in started("keys", "escrow", "--restore", "copy")
    open_state().close()


def test_a_copy_needs_a_passphrase_and_a_purpose(started):
    assert "no passphrase" in started("keys", "escrow", "-o", "copy", code=2)
    assert "name the copy" in started("keys", "escrow", code=2)
    assert "cannot be read" in started("keys", "escrow", "-o", "copy", "--passphrase-file", "nowhere", code=2)


def test_no_passphrase_can_be_given_on_the_command_line(app):
    help_text = CliRunner().invoke(app, ["keys", "escrow", "--help"]).stdout
    assert "--passphrase-file" in help_text
    assert "--passphrase " not in help_text


def test_a_loss_is_only_accepted_on_purpose(started):
    assert "lost" in started("keys", "accept-loss", code=2)
    assert "nothing is lost" in started("keys", "accept-loss", "--yes", code=2)


# bundle and verify ----------------------------------------------------------------------------------


def test_what_is_bundled_verifies_with_the_key_and_the_checkpoint(started, tmp_path):
    (tmp_path / "held").write_text(record("R-1"), encoding="utf-8")
    record("R-2")
    told = json.loads(started("bundle", "-o", "all.jsonl", "--format", "json"))
    text = started("verify", "all.jsonl", "--key", told["key"], "--checkpoint", "held")
    assert text.endswith("Verified.\n")
    assert "signed by the key you gave" in text
    assert "first" in text or "begins with exactly the 3 events" in text


def test_a_part_can_be_compared_with_a_checkpoint_somebody_holds(started, tmp_path):
    record("R-1")
    (tmp_path / "held").write_text(record("R-2"), encoding="utf-8")
    record("R-3")
    started("bundle", "-o", "part.jsonl", "--request", "R-1")
    assert "cannot be compared" in started("verify", "part.jsonl", "--checkpoint", "held", code=1)
    started("bundle", "-o", "part.jsonl", "--request", "R-1", "--checkpoint", "held")
    assert "Verified." in started("verify", "part.jsonl", "--checkpoint", "held")


def test_a_bundle_goes_to_standard_output_and_shows_no_content_when_redacted(started):
    record("R-secret")
    assert "R-secret" in started("bundle", "-o", "-")
    assert "R-secret" not in started("bundle", "-o", "-", "--redacted")


def test_an_interrupted_bundle_leaves_no_file(started, tmp_path):
    assert "no event" in started("bundle", "-o", "part.jsonl", "--request", "R-404", code=1)
    assert not [path.name for path in tmp_path.iterdir() if "part" in path.name]
    assert "cannot be written" in started("bundle", "-o", "nowhere/all.jsonl", code=2)


def test_verifying_needs_nothing_but_the_file(troth, tmp_path, monkeypatch):
    monkeypatch.setattr("socket.socket", lambda *a, **k: 1 / 0)
    troth("verify", VECTORS / "good.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_one_flipped_byte_makes_it_exit_1(troth, tmp_path):
    sound = (VECTORS / "good_small.jsonl").read_bytes()
    for place in range(0, len(sound), 97):
        flipped = bytearray(sound)
        flipped[place] ^= 1
        (tmp_path / "flipped.jsonl").write_bytes(flipped)
        assert "REFUSED." in troth("verify", "flipped.jsonl", code=1)


def test_a_refusal_is_explained_in_both_languages(troth):
    assert "the content shown for event 2 is not" in troth("verify", VECTORS / "edited_body.jsonl", code=1)
    text = troth("verify", VECTORS / "edited_body.jsonl", "--lang", "fr", code=1)
    assert "REFUSÉ." in text
    assert "le contenu montré pour l’événement 2" in text


def test_the_result_can_be_read_by_programs(troth):
    result = json.loads(troth("verify", VECTORS / "forged_checkpoint.jsonl", "--format", "json", code=1))
    assert result["passed"] is False
    assert [check["number"] for check in result["checks"] if check["state"] == "failed"] == [5]
    result = json.loads(troth("verify", VECTORS / "good.jsonl", "--key", KEY, "--format", "json"))
    assert result["passed"] is True
    assert {item["code"] for item in result["not_proven"]} >= {"no_checkpoint", "truth"}


def test_key_and_checkpoint_come_from_files_too(troth):
    troth("verify", VECTORS / "good.jsonl", "--key", VECTORS / "publisher.vkey")
    troth("verify", VECTORS / "replayed.jsonl", "--checkpoint", VECTORS / "held.checkpoint", code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.jsonl"],
        [VECTORS / "good.jsonl", "--key", "nonsense"],
        [VECTORS / "good.jsonl", "--key", "a+b+c"],
        [VECTORS / "good.jsonl", "--checkpoint", "nowhere"],
        [VECTORS / "good.jsonl", "--checkpoint", VECTORS / "publisher.vkey"],
        [VECTORS / "good.jsonl", "--lang", "de"],
        [VECTORS / "good.jsonl", "--format", "xml"],
    ],
    ids=range(7),
)
def test_wrong_use_is_told_apart_from_a_refusal(troth, arguments):
    assert "REFUSED" not in troth("verify", *arguments, code=2)


def test_a_file_that_is_no_bundle_is_refused(troth):
    troth("verify", VECTORS / "publisher.vkey", code=1)


def test_a_checkpoint_alone_is_told_for_what_it_is(troth, tmp_path):
    held = VECTORS / "held.checkpoint"
    text = troth("verify", held, "--key", VECTORS / "publisher.vkey", code=2)
    assert "This is a checkpoint" in text
    assert "signed with the key" in text
    assert "--checkpoint THIS_FILE" in text
    assert "damaged" not in text
    (tmp_path / "crlf").write_bytes(held.read_bytes().replace(b"\n", b"\r\n"))
    assert "nothing is wrong with it" in troth("verify", tmp_path / "crlf", code=2)
    lines = held.read_text().split("\n")
    (tmp_path / "other").write_text("\n".join([lines[0], "1000", *lines[2:]]))
    assert "NOT signed" in troth("verify", tmp_path / "other", "--key", VECTORS / "publisher.vkey", code=1)
    said = json.loads(troth("verify", held, "--format", "json", code=2))
    assert (said["passed"], said["checkpoint"]["signed"]) == (False, None)
    assert "Gardez-le" in troth("verify", held, "--lang", "fr", code=2)
