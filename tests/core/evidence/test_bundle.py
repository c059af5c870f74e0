"""What a bundle holds, and that what is written verifies."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.core.errors import EvidenceError
from troth.core.evidence.bundle import Choice, write_bundle
from troth.core.evidence.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from troth.core.evidence.keychain import CREATED, created_body
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import SigningKey
from troth.core.evidence.verify import verify_bundle
from troth.state.memory import MemoryLedger

KEY = SigningKey("example.org/troth", bytes(32))
AT = datetime(2026, 1, 5, tzinfo=UTC)


def seal(head):
    return sign_checkpoint(Checkpoint(KEY.vkey.name, head.size, head.root), KEY)


@pytest.fixture
def ledger():
    return started()


def started():
    ledger = MemoryLedger()
    ledger.append([Event(CREATED, AT, created_body(KEY.vkey))], seal=seal, signer=str(KEY.vkey))
    return ledger


def note(request="R-1"):
    return Event("note.added", AT, {"request": request})


def written(ledger, **choice):
    return [json.loads(line) for line in write_bundle(ledger, Choice(**choice))]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 5), max_size=8), st.data())
def test_whatever_was_recorded_verifies_whole_and_in_part(groups, data):
    ledger = started()
    for number, size in enumerate(groups):
        sealed = data.draw(st.booleans())
        ledger.append([note(f"R-{number % 3}")] * size, seal=seal if sealed else None)
    ledger.seal(seal)
    assert verify_bundle(write_bundle(ledger)).passed
    for request in {f"R-{number % 3}" for number in range(len(groups))}:
        report = verify_bundle(write_bundle(ledger, Choice(request=request)))
        assert report.passed, [check for check in report.checks if check.findings]


def test_a_part_holds_the_events_of_the_request_and_those_about_keys(ledger):
    ledger.append([note("R-1"), note("R-2"), note("R-1")], seal=seal)
    lines = written(ledger, request="R-1")
    assert [line["position"] for line in lines if "leaf" in line] == [0, 1, 3]


def test_what_is_redacted_holds_no_body_but_those_about_keys(ledger):
    ledger.append([note()], seal=seal)
    bodies = ["body" in line for line in written(ledger, redacted=True) if "leaf" in line]
    assert bodies == [True, False]
    assert not any("R-1" in json.dumps(line) for line in written(ledger, redacted=True))


def test_events_after_the_newest_checkpoint_are_left_out(ledger):
    ledger.append([note()])
    assert [line["position"] for line in written(ledger) if "leaf" in line] == [0]


def test_a_part_can_hold_a_checkpoint_that_somebody_has(ledger):
    ledger.append([note("R-1")], seal=seal)
    ledger.append([note("R-2")], seal=seal)
    held = ledger.last_checkpoint()
    ledger.append([note("R-2")], seal=seal)
    checkpoints = [line["checkpoint"] for line in written(ledger, request="R-1", sizes=(3,)) if "checkpoint" in line]
    assert held in checkpoints
    report = verify_bundle(write_bundle(ledger, Choice(request="R-1", sizes=(3,))), held=[parse_checkpoint(held)])
    assert report.passed


def test_a_checkpoint_of_another_log_is_told_apart_from_a_forged_one(ledger):
    other = SigningKey("example.org/other", bytes(32))
    for name, signer, code in (("other", other, "held_other_log"), ("troth", KEY, "held_not_signed")):
        head = ledger.head()
        text = sign_checkpoint(Checkpoint(f"example.org/{name}", head.size, head.root), signer)
        text = text if name == "other" else text.replace("— example.org/troth ", "— example.org/troth2 ")
        report = verify_bundle(write_bundle(ledger), held=[parse_checkpoint(text)])
        assert [finding.code for check in report.checks for finding in check.findings] == [code]


def test_a_size_nobody_signed_adds_no_false_checkpoint(ledger):
    ledger.append([note("R-1"), note("R-1")], seal=seal)
    assert verify_bundle(write_bundle(ledger, Choice(request="R-1", sizes=(2, 99)))).passed


def test_a_request_that_left_no_event_is_an_error(ledger):
    with pytest.raises(EvidenceError, match="no event"):
        written(ledger, request="R-404")


def test_a_ledger_without_a_checkpoint_cannot_be_bundled():
    with pytest.raises(EvidenceError, match="no checkpoint"):
        written(MemoryLedger())


def test_verifying_reads_no_further_than_the_first_broken_line(ledger):
    def lines():
        yield from list(write_bundle(ledger))[:2]
        yield b"broken\n"
        raise AssertionError("read on")

    report = verify_bundle(lines())
    assert report.failed == [1]
    assert {check.state.value for check in report.checks[1:]} == {"not reached"}


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_verifying_never_raises_and_never_accepts_noise(lines):
    assert not verify_bundle([line + b"\n" for line in lines]).passed


def test_an_empty_file_is_refused():
    assert verify_bundle([]).failed == [1]
