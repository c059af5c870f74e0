"""What only a ledger on disk can suffer: tampering, torn restores, two writers."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime

import pytest

from troth.core.errors import EvidenceError, LedgerBusy, LedgerTampered
from troth.core.evidence.leaf import Event
from troth.state.sqlite import SqliteDatabase
from troth.state.sqlledger import SqliteLedger, SqlLedger

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def events(count):
    return [Event("note.added", AT, {"request": "R-1", "n": number}) for number in range(count)]


def test_it_is_there_after_closing(open_database):
    first = open_database()
    ledger = SqlLedger(first)
    ledger.append(events(7))
    head = ledger.head()
    first.close()
    assert SqlLedger(open_database()).audit() == head


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_leaves SET data = hashes WHERE position = 1",
        "DELETE FROM ledger_leaves WHERE position = 1",
        "UPDATE ledger_bodies SET body = salt WHERE position = 1",
    ],
)
def test_the_events_of_a_request_are_read_at_once_and_a_changed_one_is_noticed(open_database, statement):
    database = open_database()
    ledger = SqlLedger(database)
    ledger.append([*events(3), Event("note.added", AT, {"request": "R-2"})])
    told = ledger.of_request("R-1")
    assert [leaf for leaf, _ in told] == [ledger.leaf(n) for n in range(3)]
    assert [opening for _, opening in told] == [ledger.body(n) for n in range(3)]
    assert ledger.of_request("R-3") == []
    ledger.redact([0])
    assert len(ledger.of_request("R-1")) == 2
    database.run(statement)
    with pytest.raises(LedgerTampered, match="leaf 1"):
        ledger.of_request("R-1")
    assert len(ledger.of_request("R-2")) == 1


# Two writers ----------------------------------------------------------------------------------------


def test_two_writers_take_turns(open_database):
    ledgers = [SqlLedger(open_database()) for _ in range(2)]
    failures = []

    def write(ledger):
        try:
            for _ in range(20):
                ledger.append(events(3))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ledgers[0].audit() == ledgers[1].audit()
    assert ledgers[0].size == 120


def test_threads_share_one_ledger(open_database):
    ledger = SqlLedger(open_database())
    threads = [threading.Thread(target=lambda: ledger.append(events(5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.audit().size == 40


def test_a_second_writer_that_waits_in_vain_is_told_so(open_database):
    holder, other = open_database(), SqlLedger(open_database(wait=0.1))
    ledger = SqlLedger(holder)
    with holder.transaction():
        ledger.append(events(1))
        with pytest.raises(LedgerBusy, match="another process"):
            other.append(events(1))
    other.append(events(1))
    assert other.audit().size == 2


def test_a_program_that_ignores_the_lock_file_is_noticed_too(tmp_path):
    ledger = SqliteLedger(str(tmp_path / "state.db"), wait=0.1)
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy):
            ledger.append(events(1))
        other.execute("ROLLBACK")
    assert ledger.append(events(1)) == [0]
    ledger.close()


def test_a_head_moved_behind_the_writers_back_changes_nothing(open_database, monkeypatch):
    ledger = SqlLedger(open_database())
    ledger.append(events(2))
    stale = ledger._head()
    ledger.append(events(1))
    monkeypatch.setattr(ledger, "_head", lambda: stale)
    with pytest.raises(EvidenceError):
        ledger.append(events(1))
    with pytest.raises(LedgerBusy, match="moved the head"):
        ledger._store(stale, stale, [], None)
    monkeypatch.undo()
    assert ledger.audit().size == 3


# All or nothing -------------------------------------------------------------------------------------


def test_a_transaction_that_fails_takes_the_events_with_it(open_database):
    database = open_database()
    ledger = SqlLedger(database)

    def fail_after_appending():
        with database.transaction():
            ledger.append(events(3))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_appending()
    assert ledger.size == 0
    assert ledger.append(events(1)) == [0]


def test_a_failure_inside_that_somebody_caught_undoes_all_of_it(open_database):
    database = open_database()
    ledger = SqlLedger(database)

    def swallow():
        with database.transaction():
            ledger.append(events(1))
            with suppress(ValueError):
                ledger.append([Event("a.b", AT, {"amount": 1.5})])

    with pytest.raises(EvidenceError, match="undone"):
        swallow()
    try:
        raise KeyError
    except KeyError:  # while another error is being handled, too
        with pytest.raises(EvidenceError, match="undone"):
            swallow()
    assert ledger.size == 0
    assert ledger.append(events(2)) == [0, 1]


def test_what_is_to_follow_a_commit_follows_only_a_commit(open_database):
    database, done = open_database(), []
    with database.transaction():
        database.after_commit(lambda: done.append("committed"))
        assert done == []

    def fail():
        with database.transaction():
            database.after_commit(lambda: done.append("rolled back"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    database.after_commit(lambda: done.append("at once"))
    assert done == ["committed", "at once"]


# Tampering ------------------------------------------------------------------------------------------

CHANGES = {
    "the head set back": "UPDATE ledger_head SET size = 6",
    "another root": "UPDATE ledger_head SET root = zeroblob(32)",
    "the last leaf removed": "DELETE FROM ledger_leaves WHERE position = 6",
    "a leaf added": "INSERT INTO ledger_leaves VALUES (7, x'00', zeroblob(32))",
    "a peak changed": "UPDATE ledger_leaves SET hashes = zeroblob(96) WHERE position = 3",
    "everything removed": "DELETE FROM ledger_leaves",
    "the head removed": "DELETE FROM ledger_head",
}


@pytest.fixture
def tampered(tmp_path):
    """A ledger of seven leaves, then changed by a statement."""
    opened = []

    def change(statement):
        path = tmp_path / "state.db"
        ledger = SqliteLedger(str(path))
        ledger.append(events(7))
        ledger.close()
        with closing(sqlite3.connect(path)) as db, db:
            assert db.execute(statement).rowcount > 0
        opened.append(SqliteDatabase(path))
        return opened[-1]

    yield change
    for database in opened:
        database.close()


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_a_changed_head_or_tree_is_noticed_on_opening(tampered, statement):
    with pytest.raises(LedgerTampered) as caught:
        SqlLedger(tampered(statement))
    assert caught.value.remedy


def test_a_changed_leaf_is_noticed_on_reading_and_by_the_audit(tampered):
    database = tampered("UPDATE ledger_leaves SET data = x'7b7d' WHERE position = 2")
    ledger = SqlLedger(database)
    for read in (
        lambda: ledger.leaf(2),
        lambda: list(ledger.leaves(0, 7)),
        lambda: ledger.body(2),
        lambda: ledger.inclusion(2),
        ledger.audit,
    ):
        with pytest.raises(LedgerTampered, match="leaf 2"):
            read()


def test_a_leaf_changed_together_with_its_hash_is_noticed_too(tampered):
    ledger = SqlLedger(
        tampered(
            "UPDATE ledger_leaves SET data = (SELECT data FROM ledger_leaves WHERE position = 4), "
            "hashes = (SELECT hashes FROM ledger_leaves WHERE position = 4) WHERE position = 2"
        )
    )
    with pytest.raises(LedgerTampered):
        ledger.inclusion(2)
    with pytest.raises(LedgerTampered):
        ledger.audit()


def test_a_changed_body_is_noticed(tampered):
    ledger = SqlLedger(tampered("UPDATE ledger_bodies SET body = x'7b7d' WHERE position = 2"))
    with pytest.raises(LedgerTampered, match="body of leaf 2"):
        ledger.body(2)
    assert ledger.body(1)


def test_a_leaf_that_lies_in_no_peak_is_noticed_by_its_proofs(tampered):
    ledger = SqlLedger(tampered("UPDATE ledger_leaves SET hashes = zeroblob(32) WHERE position = 0"))
    with pytest.raises(LedgerTampered):
        ledger.inclusion(1)


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path):
    (tmp_path / "state.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(EvidenceError, match="cannot be opened"):
        SqliteDatabase(tmp_path / "state.db")


def test_a_state_of_a_newer_troth_is_refused(open_database):
    database = open_database()
    database.run("INSERT INTO troth_schema (version) VALUES (:version)", {"version": 99})
    with pytest.raises(EvidenceError, match="format 99"):
        database.create_tables()


def test_errors_never_repeat_what_the_driver_says(open_database):
    database = open_database()
    row = {"position": 0, "salt": b"", "body": b"ana@example.org", "request": None}
    sql = "INSERT INTO ledger_bodies (position, salt, body, request) VALUES (:position, :salt, :body, :request)"
    database.run(sql, row)
    with pytest.raises(EvidenceError) as caught:
        database.run(sql, row)
    assert "ana@" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_is_redacted_is_gone_from_the_files(tmp_path):
    ledger = SqliteLedger(str(tmp_path / "state.db"))
    ledger.append([Event("a.b", AT, {"who": "a-very-recognisable-value"})])
    found = [path for path in tmp_path.iterdir() if b"a-very-recognisable-value" in path.read_bytes()]
    assert found
    ledger.redact([0])
    assert not [path for path in tmp_path.iterdir() if b"a-very-recognisable-value" in path.read_bytes()]
    ledger.close()


def test_the_files_are_for_their_owner_only(tmp_path):
    SqliteDatabase(tmp_path / "state.db").close()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
