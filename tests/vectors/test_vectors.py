"""Every bundle of this folder, and the numbers of the checks that refuse it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from troth.core.evidence.checkpoint import parse_checkpoint
from troth.core.evidence.note import parse_vkey
from troth.core.evidence.verify import verify_bundle

HERE = Path(__file__).parent
KEY = parse_vkey((HERE / "publisher.vkey").read_text().strip())
HELD = [parse_checkpoint((HERE / "held.checkpoint").read_text())]

SOUND = ["good", "good_part", "good_redacted", "good_body_deleted", "good_rotated"]
SMALL = ["good_small", "good_small_part", "good_small_redacted"]

# Refused whatever the verifier holds.
REFUSED = {
    "truncated": {1},
    "cut_in_a_line": {1},
    "trailing_line": {1},
    "spaced_json": {1},
    "repeated_key": {1},
    "unknown_field": {1},
    "unknown_version": {1},
    "wrong_count": {1},
    "missing_leaf": {1},
    "missing_last_checkpoint": {1},
    "not_redacted": {1},
    "two_ends": {1},
    "idle_proof": {1},
    "idle_consistency": {1},
    "repeated_checkpoint": {1},
    "lying_size": {1},
    "late_leaf": {1},
    "early_checkpoint": {1},
    "edited_leaf": {2},
    "edited_time": {2},
    "reordered": {2, 8, 9},
    "added_leaf": {2, 8},
    "wrong_proof": {3},
    "moved_leaf": {3},
    "edited_leaf_in_part": {3},
    "rewritten_between_checkpoints": {4},
    "forged_checkpoint": {5},
    "borrowed_signature": {5},
    "second_signature": {5},
    "other_origin": {5, 7},
    "rotated_out_key": {5},
    "edited_body": {6, 9},
    "edited_salt": {6},
    "duplicate_leaf": {6},
    "unvouched_key": {5, 7},
    "hidden_key": {7},
    "nameless_log": {5, 7},
    "clock_back": {8},
    "missing_outcome": {9},
    "outcome_without_intention": {9},
}

# Sound in themselves: only what the verifier holds from elsewhere shows the flaw.
NEEDS_KEY = {"borrowed_key": "key_unused", "wrong_key": "other_key"}
NEEDS_CHECKPOINT = {
    "replayed": "held_newer",
    "forked_log": "held_fork",
    "part_without_held": "held_not_covered",
}


def verify(name, **held):
    with open(HERE / f"{name}.jsonl", "rb") as lines:
        return verify_bundle(lines, **held)


def codes(report):
    return {finding.code for check in report.checks for finding in check.findings}


@pytest.mark.parametrize("name", SOUND + SMALL)
def test_a_sound_bundle_passes(name):
    report = verify(name, key=KEY)
    assert report.passed, codes(report)
    assert {finding.code for finding in report.proven} >= {"your_key", "bodies"}


@pytest.mark.parametrize("name", ["good", "good_redacted", "good_body_deleted", "part_with_held"])
def test_a_sound_bundle_goes_with_the_checkpoint_held(name):
    report = verify(name, key=KEY, held=HELD)
    assert report.passed, codes(report)
    assert "your_checkpoint" in {finding.code for finding in report.proven}


@pytest.mark.parametrize(("name", "numbers"), REFUSED.items(), ids=REFUSED)
def test_the_flaw_is_refused_by_its_own_checks(name, numbers):
    report = verify(name)
    assert set(report.failed) == numbers, codes(report)
    assert report.proven == report.not_proven == ()


@pytest.mark.parametrize(("name", "code"), NEEDS_KEY.items(), ids=NEEDS_KEY)
def test_another_publishers_log_is_refused_with_the_key(name, code):
    assert verify(name).passed, "this flaw shows only to somebody who holds the key"
    report = verify(name, key=KEY)
    assert report.failed == [7]
    assert code in codes(report)


@pytest.mark.parametrize(("name", "code"), NEEDS_CHECKPOINT.items(), ids=NEEDS_CHECKPOINT)
def test_a_rewritten_history_is_refused_with_the_checkpoint(name, code):
    assert verify(name, key=KEY).passed, "this flaw shows only to somebody who holds a checkpoint"
    report = verify(name, key=KEY, held=HELD)
    assert report.failed == [10]
    assert code in codes(report)


def test_without_key_or_checkpoint_it_says_what_is_missing():
    unproven = {finding.code for finding in verify("good").not_proven}
    assert unproven == {"no_key", "no_checkpoint", "clock", "truth", "complete"}
    unproven = {finding.code for finding in verify("good_redacted", key=KEY, held=HELD).not_proven}
    assert unproven == {"withheld", "clock", "truth", "complete"}
    assert "only_part" in {finding.code for finding in verify("good_part").not_proven}


def test_every_check_has_a_bundle_that_only_it_refuses():
    alone = {next(iter(numbers)) for numbers in REFUSED.values() if len(numbers) == 1}
    assert alone | {10} == set(range(1, 11))


def test_the_bundles_are_what_the_script_makes(monkeypatch):
    spec = importlib.util.spec_from_file_location("make_vectors", HERE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.syspath_prepend(HERE)
    spec.loader.exec_module(module)
    files = {
        path.name: path.read_bytes() for path in HERE.iterdir() if path.is_file() and path.suffix not in (".py", ".md")
    }
    files = {name: content for name, content in files.items() if not name.startswith("__")}
    assert files == module.made(), "run: python tests/vectors/make.py"


def test_every_bundle_is_expected():
    named = {*SOUND, *SMALL, *REFUSED, *NEEDS_KEY, *NEEDS_CHECKPOINT, "part_with_held"}
    assert {path.stem for path in HERE.glob("*.jsonl")} == named


# One flipped byte -----------------------------------------------------------------------------------


@pytest.mark.parametrize("flip", [0x01, 0x20], ids=["lowest bit", "letter case"])
@pytest.mark.parametrize("name", SMALL)
def test_one_flipped_byte_anywhere_is_refused(name, flip):
    sound = (HERE / f"{name}.jsonl").read_bytes()
    assert verify_bundle(sound.splitlines(keepends=True)).passed
    for place in range(len(sound)):
        flipped = bytearray(sound)
        flipped[place] ^= flip
        report = verify_bundle(_lines(bytes(flipped)))
        assert not report.passed, f"byte {place}: {sound[place : place + 20]!r}"


def test_one_byte_less_or_more_anywhere_is_refused():
    sound = (HERE / "good_small_part.jsonl").read_bytes()
    for place in range(len(sound)):
        less = sound[:place] + sound[place + 1 :]
        more = sound[:place] + sound[place : place + 1] + sound[place:]
        # One of two equal neighbours may be removed or doubled where JSON allows it: nowhere in this form.
        assert not verify_bundle(_lines(less)).passed, place
        assert not verify_bundle(_lines(more)).passed, place


def _lines(content: bytes) -> list[bytes]:
    """As a file opened in binary mode gives them."""
    return [line + b"\n" for line in content.split(b"\n")[:-1]] + [
        rest for rest in [content.rpartition(b"\n")[2]] if rest
    ]
