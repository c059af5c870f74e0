from __future__ import annotations

from datetime import date

import pytest

from troth.core.errors import KeyUnavailable, UsageError
from troth.state.keyfiles import MemoryFiles
from troth.state.keyring import Keyring

TODAY = date(2026, 1, 5)


@pytest.fixture
def keys():
    return Keyring(MemoryFiles())


def test_a_signing_key_is_found_by_its_public_half(keys):
    made = keys.new_signing_key("example.org/troth")
    found = keys.signer(str(made.vkey))
    assert found.vkey == made.vkey
    assert made.vkey.verifies(b"text", found.sign(b"text"))
    assert keys.signing_keys() == [made.vkey]


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "new\nline"])
def test_a_bad_name_is_refused(keys, origin):
    with pytest.raises(UsageError):
        keys.new_signing_key(origin)


def test_a_missing_or_damaged_signing_key_is_an_error_that_shows_nothing(keys):
    made = keys.new_signing_key("example.org/troth")
    [name] = keys.files.names()
    keys.files.write(name, made.export().replace("AA", "AB").replace("+A", "+B"))
    with pytest.raises(KeyUnavailable, match="damaged") as caught:
        keys.signer(str(made.vkey))
    assert "PRIVATE" not in str(caught.value)
    keys.destroy_signing_key(made.vkey)
    with pytest.raises(KeyUnavailable, match="missing"):
        keys.signer(str(made.vkey))


def test_an_epoch_is_kept_until_its_hashes_need_no_more_matching(keys):
    first = keys.new_epoch(TODAY, keep_days=100)
    assert (first.id, first.created) == ("e1", TODAY)
    second = keys.new_epoch(date(2026, 7, 1), keep_days=100)
    live = keys.epochs.epochs
    assert [epoch.id for epoch in live] == ["e1", "e2"]
    assert live[0].destroy_after == date(2026, 10, 9)  # 100 days after it was followed
    assert live[0].secret == first.secret != second.secret
    assert keys.epochs.newest == second


def test_two_epochs_of_one_day_keep_their_order(keys):
    for _ in range(11):
        newest = keys.new_epoch(TODAY)
    assert keys.epochs.newest == newest


def test_a_destroyed_epoch_is_gone_and_its_name_never_used_again(keys):
    keys.new_epoch(TODAY)
    keys.new_epoch(TODAY)
    keys.destroy_epoch("e2")
    assert [epoch.id for epoch in keys.epochs.epochs] == ["e1"]
    assert keys.destroyed_epochs() == ["e2"]
    assert keys.new_epoch(TODAY).id == "e3"
    with pytest.raises(UsageError, match="no epoch"):
        keys.destroy_epoch("e2")


def test_a_damaged_epoch_is_an_error(keys):
    keys.new_epoch(TODAY)
    for damaged in ("", "{}", "[]", '{"id":"e1"}', keys.files.read("epoch-e1.json").replace("2026", "20-6")):
        keys.files.write("epoch-e1.json", damaged)
        with pytest.raises(KeyUnavailable, match="damaged"):
            _ = keys.epochs


def test_the_vault_key_is_made_once(keys):
    keys.new_vault_key()
    sealed = keys.vault.seal(b"value", "place")
    keys.new_vault_key()
    assert keys.vault.open(sealed, "place") == b"value"


def test_a_missing_or_damaged_vault_key_is_an_error(keys):
    with pytest.raises(KeyUnavailable, match="missing"):
        _ = keys.vault
    keys.files.write("vault.key", '{"secret":"AAAA"}')
    with pytest.raises(KeyUnavailable, match="damaged"):
        _ = keys.vault


def test_the_last_checkpoint_is_remembered(keys):
    assert keys.last_checkpoint is None
    keys.remember_checkpoint("note")
    assert keys.last_checkpoint == "note"
