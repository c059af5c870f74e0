from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest

from troth.core.errors import KeyUnavailable, LedgerTampered, UsageError
from troth.core.evidence.bundle import write_bundle
from troth.core.evidence.checkpoint import parse_checkpoint
from troth.core.evidence.leaf import Event, decode
from troth.core.evidence.verify import verify_bundle
from troth.state import init_state, memory_state, open_state
from troth.state.erasures import StepKey
from troth.state.rotation import accept_loss, destroy_epoch, overdue, rotate

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(days=200)
EVENT = Event("note.added", AT, {"request": "R-1"})


@pytest.fixture
def state():
    with memory_state(at=AT, keep_days=100) as state:
        yield state


def verified(state, **held):
    report = verify_bundle(write_bundle(state.ledger), **held)
    return [(check.number, finding.code) for check in report.checks for finding in check.findings]


def test_after_a_rotation_both_the_old_and_the_new_key_verify_the_log(state):
    old_note = state.record(EVENT).checkpoint
    rotated = rotate(state, LATER, keep_days=100)
    assert state.verify_key == rotated.new != rotated.old
    state.record(EVENT)
    held = [parse_checkpoint(old_note)]
    for key in (rotated.old, rotated.new, None):
        assert verified(state, key=key, held=held) == []


def test_right_after_a_rotation_the_new_key_has_signed(state):
    rotated = rotate(state, LATER)
    assert state.checkpoint_key == rotated.new
    assert verified(state, key=rotated.new) == []


def test_the_old_private_key_is_destroyed(state):
    rotated = rotate(state, LATER)
    with pytest.raises(KeyUnavailable):
        state.keys.signer(str(rotated.old))
    assert state.keys.signing_keys() == [rotated.new]


def test_a_rotation_makes_an_epoch_and_sets_the_day_of_the_one_before(state):
    hashed = state.subjects.current("email", "ana@example.org")
    rotated = rotate(state, LATER, keep_days=100)
    assert rotated.epoch.id == state.subjects.newest.id == "e2"
    assert rotated.ended.id == "e1"
    assert rotated.ended.destroy_after == LATER.date() + timedelta(100)
    assert hashed in state.subjects.candidates("email", "ana@example.org")


def test_a_rotation_cut_short_leaves_the_old_key_in_force(state, monkeypatch):
    before = state.verify_key
    with monkeypatch.context() as patch:
        patch.setattr(state.ledger, "append", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate(state, LATER)
    assert state.verify_key == before
    state.record(EVENT)
    rotate(state, LATER)
    assert len(state.keys.signing_keys()) == 1
    assert verified(state) == []


def test_many_rotations_verify(state):
    for number in range(4):
        state.record(EVENT)
        rotate(state, AT + timedelta(days=number))
    assert verified(state) == []


def test_an_epoch_is_destroyed_with_its_hashes_and_the_ledger_says_so(state):
    hashes = [state.subjects.current("email", "ana@example.org")]
    state.erasures.intend(StepKey("R-1", "shop", "x"), at=AT, epoch="e1", scope=None, hashes=hashes)
    rotate(state, AT, keep_days=100)
    after = AT + timedelta(days=101)
    assert [epoch.id for epoch in overdue(state, after.date())] == ["e1"]
    assert destroy_epoch(state, "e1", after) == 1
    assert [epoch.id for epoch in state.subjects.epochs] == ["e2"]
    assert overdue(state, after.date()) == []
    kinds = [decode(leaf).kind for leaf in state.ledger.leaves(state.ledger.size - 2, state.ledger.size)]
    assert kinds == ["epoch.destroy.intended", "epoch.destroy.done"]
    assert verified(state) == []


def test_an_epoch_is_not_destroyed_before_its_day_unless_asked(state):
    rotate(state, AT, keep_days=100)
    with pytest.raises(UsageError, match="until 2026-04-15"):
        destroy_epoch(state, "e1", AT)
    destroy_epoch(state, "e1", AT, early=True)
    assert state.keys.destroyed_epochs() == ["e1"]


def test_the_epoch_in_use_is_never_destroyed(state):
    with pytest.raises(UsageError, match="in use"):
        destroy_epoch(state, "e1", AT + timedelta(days=9999), early=True)


def test_an_unknown_epoch_is_an_error(state):
    with pytest.raises(UsageError, match="no epoch"):
        destroy_epoch(state, "e9", AT)


def test_a_destruction_cut_short_is_completed(state, monkeypatch):
    rotate(state, AT, keep_days=100)
    with monkeypatch.context() as patch:
        patch.setattr(state.erasures, "forget_epoch", lambda epoch: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            destroy_epoch(state, "e1", AT, early=True)
    assert verified(state) == [(9, "outcome_missing")]
    destroy_epoch(state, "e1", AT)
    assert verified(state) == []


def test_a_loss_is_recorded_for_everyone_to_see(tmp_path, monkeypatch):
    monkeypatch.delenv("TROTH_STATE_URL", raising=False)
    place = tmp_path / "state"
    init_state(place, origin="example.org/troth", at=AT).close()
    shutil.copy(place / "state.db", place / "backup.db")
    with open_state(place) as state:
        lost = state.record(EVENT, EVENT).checkpoint
        with pytest.raises(UsageError, match="nothing is lost"):
            accept_loss(state, AT)
    for path in place.glob("state.db*"):
        path.unlink()
    shutil.copy(place / "backup.db", place / "state.db")
    with pytest.raises(LedgerTampered):
        open_state(place)
    with open_state(place, check_last=False) as state:
        accept_loss(state, LATER)
    with open_state(place) as state:
        assert b'lost_size":4' in state.ledger.body(2).body
        assert verified(state) == []
        state.record(EVENT)
        assert verified(state, held=[parse_checkpoint(lost)]) == [(10, "held_fork")]


def test_the_day_of_an_epoch_is_the_last_it_is_needed(state):
    rotate(state, AT, keep_days=100)
    assert overdue(state, date(2026, 4, 15)) == []
    assert overdue(state, date(2026, 4, 16))
