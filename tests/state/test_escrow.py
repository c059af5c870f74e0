from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.core.errors import KeyUnavailable, UsageError
from troth.state import memory_state
from troth.state.escrow import export_keys, restore_keys
from troth.state.keyfiles import MemoryFiles
from troth.state.keyring import LAST_CHECKPOINT, Keyring
from troth.state.rotation import destroy_epoch, rotate

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TODAY = AT.date()
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def state():
    with memory_state(at=AT, keep_days=100) as state:
        yield state


@pytest.fixture
def empty():
    return Keyring(MemoryFiles())


def everything(keys):
    return {name: keys.files.read(name) for name in keys.files.names() if name != LAST_CHECKPOINT}


def test_a_copy_brings_back_every_key(state, empty):
    rotate(state, AT)
    copy = export_keys(state.keys, PASSPHRASE)
    restored = restore_keys(empty, copy, PASSPHRASE, TODAY)
    assert everything(empty) == everything(state.keys)
    assert restored == sorted(everything(state.keys))


def test_a_copy_shows_nothing(state):
    copy = export_keys(state.keys, PASSPHRASE)
    for text in everything(state.keys).values():
        assert text.strip().encode() not in copy
    assert b"PRIVATE" not in copy
    assert export_keys(state.keys, PASSPHRASE) != copy


def test_a_wrong_passphrase_or_a_changed_byte_opens_nothing(state, empty):
    copy = export_keys(state.keys, PASSPHRASE)
    with pytest.raises(KeyUnavailable, match="does not open"):
        restore_keys(empty, copy, PASSPHRASE + "!", TODAY)
    place = copy.index(b'"sealed":"') + 100
    changed = copy[:place] + (b"A" if copy[place : place + 1] != b"A" else b"B") + copy[place + 1 :]
    with pytest.raises(KeyUnavailable):
        restore_keys(empty, changed, PASSPHRASE, TODAY)
    with pytest.raises(KeyUnavailable, match="not a copy"):
        restore_keys(empty, b"something else", PASSPHRASE, TODAY)
    assert empty.files.names() == []


def test_a_short_passphrase_is_refused(state):
    with pytest.raises(UsageError, match="12 characters"):
        export_keys(state.keys, "short")


def test_nothing_present_is_overwritten(state, empty):
    copy = export_keys(state.keys, PASSPHRASE)
    assert restore_keys(state.keys, copy, PASSPHRASE, TODAY) == []
    empty.new_vault_key()
    with pytest.raises(KeyUnavailable, match="differs"):
        restore_keys(empty, copy, PASSPHRASE, TODAY)
    assert empty.files.names() == ["vault.key"]


def test_a_destroyed_epoch_does_not_come_back(state):
    rotate(state, AT, keep_days=100)
    copy = export_keys(state.keys, PASSPHRASE)
    destroy_epoch(state, "e1", AT, early=True)
    assert restore_keys(state.keys, copy, PASSPHRASE, TODAY) == []
    assert [epoch.id for epoch in state.subjects.epochs] == ["e2"]


def test_an_epoch_past_its_day_does_not_come_back(state, empty):
    rotate(state, AT, keep_days=100)
    copy = export_keys(state.keys, PASSPHRASE)
    restore_keys(empty, copy, PASSPHRASE, TODAY + timedelta(101))
    assert [epoch.id for epoch in empty.epochs.epochs] == ["e2"]
    assert date(2026, 4, 16) == TODAY + timedelta(101)
