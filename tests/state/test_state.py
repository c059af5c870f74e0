"""State opened as a whole, and refused when something is wrong with it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from troth.core.errors import KeyUnavailable, LedgerTampered, UsageError
from troth.core.evidence.bundle import write_bundle
from troth.core.evidence.checkpoint import parse_checkpoint
from troth.core.evidence.leaf import Event, decode
from troth.core.evidence.verify import verify_bundle
from troth.state import Place, init_state, memory_state, open_state
from troth.state.erasures import StepKey

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
EVENT = Event("note.added", AT, {"request": "R-1"})
ORIGIN = "example.org/troth"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("TROTH_STATE", "TROTH_KEYS", "TROTH_STATE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def place(tmp_path):
    init_state(tmp_path / "state", origin=ORIGIN, at=AT).close()
    return tmp_path / "state"


def test_new_state_begins_with_its_key_and_its_epoch(place):
    with open_state(place) as state:
        assert [decode(leaf).kind for leaf in state.ledger.leaves(0, 2)] == ["key.created", "epoch.created"]
        assert state.origin == ORIGIN
        assert state.subjects.newest.id == "e1"
        assert verify_bundle(write_bundle(state.ledger), key=state.verify_key).passed


def test_state_is_for_its_owner_only(place):
    modes = {path.name: path.stat().st_mode & 0o777 for path in [place, *place.rglob("*")]}
    assert {name for name, mode in modes.items() if mode & 0o077} == set()
    assert modes["state"] == modes["keys"] == 0o700


def test_what_is_recorded_comes_back_with_a_signed_checkpoint(place):
    with open_state(place) as state:
        recorded = state.record(EVENT, EVENT)
        assert recorded.positions == (2, 3)
        checkpoint, note = parse_checkpoint(recorded.checkpoint)
        assert note.signed_by(state.verify_key)
        assert (checkpoint.size, checkpoint.root) == (4, state.ledger.head().root)
        assert state.checkpoint() == recorded.checkpoint


def test_making_state_twice_changes_nothing(place):
    with open_state(place) as state:
        before = (state.ledger.head(), state.keys.files.names())
    with init_state(place, origin="example.org/other", at=AT) as state:
        assert (state.ledger.head(), state.keys.files.names()) == before


def test_making_state_goes_on_where_a_crash_cut_it_short(tmp_path, monkeypatch):
    def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("troth.state.state.SqlLedger.append", killed)
        with pytest.raises(KeyboardInterrupt):
            init_state(tmp_path / "state", origin=ORIGIN, at=AT)
    with init_state(tmp_path / "state", origin=ORIGIN, at=AT) as state:
        assert state.ledger.size == 2
        assert [key.name for key in state.keys.signing_keys()] == [ORIGIN]
        assert len(state.subjects.epochs) == 1


def test_without_state_it_says_how_to_make_it(tmp_path):
    with pytest.raises(KeyUnavailable) as caught:
        open_state(tmp_path)
    assert "troth keys init" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_keys_without_their_ledger_are_an_error_too(place):
    (place / "state.db").unlink()
    with pytest.raises(KeyUnavailable, match="no Troth state"):
        open_state(place)


def test_a_ledger_without_its_keys_is_not_given_new_ones(place):
    shutil.rmtree(place / "keys")
    with pytest.raises(KeyUnavailable):
        open_state(place)
    with pytest.raises(KeyUnavailable, match="its keys do not"):
        init_state(place, origin=ORIGIN, at=AT)


@pytest.mark.parametrize("name", ["vault.key", "epoch-e1.json"])
def test_keys_that_others_can_read_are_refused(place, name):
    (place / "keys" / name).chmod(0o644)
    with pytest.raises(KeyUnavailable, match=name), open_state(place) as state:
        _ = state.subjects


def test_a_signing_key_that_others_can_read_signs_nothing(place):
    [key] = (place / "keys").glob("signing-*")
    key.chmod(0o640)
    with open_state(place) as state:
        with pytest.raises(KeyUnavailable, match="others than its owner"):
            state.record(EVENT)
        assert state.ledger.size == 2


def test_places_come_from_the_option_then_the_environment(tmp_path, monkeypatch):
    assert Place.find().directory.name == "troth-state"
    monkeypatch.setenv("TROTH_STATE", str(tmp_path / "one"))
    monkeypatch.setenv("TROTH_KEYS", str(tmp_path / "secrets"))
    assert Place.find().directory == tmp_path / "one"
    assert Place.find(tmp_path / "two").directory == tmp_path / "two"
    with init_state(origin=ORIGIN, at=AT):
        assert (tmp_path / "secrets" / "vault.key").exists()
        assert not (tmp_path / "one" / "keys").exists()


def test_state_can_lie_in_postgresql(tmp_path, monkeypatch, postgres_server):
    monkeypatch.setenv("TROTH_STATE_URL", postgres_server.dsn(postgres_server.create_database()))
    with init_state(tmp_path / "state", origin=ORIGIN, at=AT) as state:
        state.record(EVENT)
    with open_state(tmp_path / "state") as state:
        assert state.ledger.audit().size == 3
        assert not (tmp_path / "state" / "state.db").exists()


def test_an_unreachable_database_is_a_clear_error(tmp_path, monkeypatch):
    init_state(tmp_path / "state", origin=ORIGIN, at=AT).close()
    monkeypatch.setenv("TROTH_STATE_URL", f"postgresql://user:sesame@/none?host={tmp_path}&port=1")
    with pytest.raises(Exception, match="cannot be reached") as caught:
        open_state(tmp_path / "state")
    assert "sesame" not in str(caught.value)


# Set back -------------------------------------------------------------------------------------------


@pytest.fixture
def set_back(place):
    """The database as it was three events ago, beside today's keys."""
    shutil.copy(place / "state.db", place / "backup.db")
    with open_state(place) as state:
        state.record(EVENT, EVENT, EVENT)
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (place / name).unlink(missing_ok=True)
    shutil.copy(place / "backup.db", place / "state.db")
    return place


def test_a_database_set_back_is_noticed(set_back):
    with pytest.raises(LedgerTampered, match="set back") as caught:
        open_state(set_back)
    assert "restore" in caught.value.remedy


def test_a_database_set_back_and_written_to_again_is_noticed(set_back):
    with open_state(set_back, check_last=False) as state:
        state.ledger.append([EVENT] * 10)
    with pytest.raises(LedgerTampered, match="set back"):
        open_state(set_back)


def test_a_damaged_last_checkpoint_is_noticed(place):
    (place / "keys" / "last-checkpoint").write_text("nonsense")
    with pytest.raises(LedgerTampered, match="damaged"):
        open_state(place)


def test_a_checkpoint_of_a_transaction_that_failed_is_not_remembered(place):
    def fail(state):
        with state.transaction():
            state.record(EVENT)
            raise RuntimeError

    with open_state(place) as state:
        with pytest.raises(RuntimeError):
            fail(state)
        assert state.ledger.size == 2
    open_state(place).close()


def test_ledger_and_vault_change_together_or_not_at_all(place):
    key = StepKey("R-1", "shop", "erase")

    def intend(state, fail):
        with state.transaction():
            state.erasures.intend(key, at=AT, epoch="e1", scope=None, hashes=[])
            state.record(EVENT)
            if fail:
                raise RuntimeError

    with open_state(place) as state:
        with pytest.raises(RuntimeError):
            intend(state, fail=True)
        assert (state.ledger.size, state.erasures.get(key)) == (2, None)
        intend(state, fail=False)
        assert state.ledger.size == 3
        assert state.erasures.get(key)


def test_state_in_memory_does_all_of_it():
    with memory_state(at=AT) as state:
        state.record(EVENT)
        state.holds.add("H-1", identifiers=[("email", "ana@example.org")], anchors={}, ground="x", scope={}, at=AT)
        assert state.holds.matching([("email", "ana@example.org")], AT.date())
        assert verify_bundle(write_bundle(state.ledger), key=state.verify_key).passed


def test_a_bad_name_makes_nothing(tmp_path):
    with pytest.raises(UsageError):
        init_state(tmp_path / "state", origin="two words", at=AT)


# Who records many events in one go ---------------------------------------------------------------------


def _remembered(place):
    return parse_checkpoint((place / "keys" / "last-checkpoint").read_text())[0].size


def test_who_records_often_keeps_the_first_checkpoint_at_once_and_the_last_on_closing(place):
    with open_state(place) as state:
        state.remember_every(3600.0)
        begun = state.ledger.size
        for _ in range(3):
            state.record(EVENT)
        assert _remembered(place) == begun + 1
    assert _remembered(place) == begun + 3


def test_an_intention_is_remembered_before_anybodys_database_is_changed(place):
    with open_state(place) as state:
        state.remember_every(3600.0)
        state.record(EVENT)
        state.record(Event("erasure.intended", AT, {"request": "R-1"}))
        assert _remembered(place) == state.ledger.size


def test_who_comes_late_puts_no_older_checkpoint_over_a_newer_one(place):
    with open_state(place) as slow:
        slow.remember_every(3600.0)
        slow.record(EVENT)
        slow.record(EVENT)
        with open_state(place) as other:
            other.record(EVENT)
            newest = _remembered(place)
    assert _remembered(place) == newest
