from __future__ import annotations

from datetime import date

import pytest

from troth.core.errors import KeyUnavailable, UsageError
from troth.state.archive import Archive, NewRecord
from troth.state.vault import Vault

UNTIL = date(2035, 12, 31)


@pytest.fixture
def archive(database, vault):
    return Archive(database, vault)


def record(id="A-1", until=UNTIL, email="ana@example.org", purpose="accounting"):
    return NewRecord(id, purpose, "shop", "invoice", until, {"Total": "12.50", "Name": "Ana"}, (("email", email),))


def test_a_record_is_put_away_and_read(archive):
    assert archive.put([record()]) == 1
    entry = archive.get("A-1")
    assert (entry.purpose, entry.store, entry.collection, entry.until) == ("accounting", "shop", "invoice", UNTIL)
    assert archive.read("A-1") == {"Total": "12.50", "Name": "Ana"}


def test_putting_twice_changes_nothing(archive):
    archive.put([record()])
    assert archive.put([record(until=date(2030, 1, 1)), record("A-2")]) == 1
    assert archive.get("A-1").until == UNTIL


def test_all_are_put_away_or_none(archive):
    bad = NewRecord("A-2", "accounting", "shop", "invoice", UNTIL, {"Total": 12.5})
    with pytest.raises(ValueError, match="canonical"):
        archive.put([record(), bad])
    assert archive.get("A-1") is None


def test_a_persons_records_are_found(archive):
    archive.put([record("A-1"), record("A-2"), record("A-3", email="ben@example.org")])
    found = archive.matching([("email", "ANA@example.org"), ("email", "ana@example.org ")])
    assert [entry.id for entry in found] == ["A-1", "A-2"]


def test_records_end_after_their_last_day(archive):
    archive.put([record("A-1"), record("A-2", until=date(2036, 12, 31))])
    assert list(archive.ended(UNTIL)) == []
    assert [entry.id for entry in archive.ended(date(2036, 1, 1))] == ["A-1"]
    assert archive.destroy_ended(date(2036, 1, 1)) == 1
    assert archive.get("A-1") is None
    assert archive.get("A-2") is not None


def test_what_is_destroyed_is_gone_with_its_key_and_its_index(archive, database):
    archive.put([record("A-1"), record("A-2")])
    assert archive.destroy(["A-1", "A-9"]) == 1
    assert archive.destroy(["A-1"]) == 0
    with pytest.raises(UsageError):
        archive.read("A-1")
    assert [entry.id for entry in archive.matching([("email", "ana@example.org")])] == ["A-2"]
    assert database.one("SELECT count(*) FROM archive_hashes") == (1,)


def test_many_ended_records_are_all_destroyed(archive):
    archive.put(record(f"A-{number}") for number in range(1100))
    assert archive.destroy_ended(date(2036, 1, 1)) == 1100
    assert archive.shelves() == []


def test_shelves_are_counted_without_opening_anything(archive):
    archive.put([record("A-1"), record("A-2", until=date(2036, 12, 31)), record("A-3", purpose="litigation")])
    first, second = archive.shelves()
    assert (first.purpose, first.records, first.first_until, first.last_until) == (
        "accounting",
        2,
        UNTIL,
        date(2036, 12, 31),
    )
    assert (second.purpose, second.records) == ("litigation", 1)


def test_a_record_opens_only_with_the_vault_key_and_under_its_own_id(archive, database):
    archive.put([record("A-1"), record("A-2", email="ben@example.org")])
    with pytest.raises(KeyUnavailable):
        Archive(database, Vault(bytes(32))).read("A-1")
    database.run("UPDATE archive SET sealed_key = (SELECT sealed_key FROM archive WHERE id = 'A-2') WHERE id = 'A-1'")
    with pytest.raises(KeyUnavailable):
        archive.read("A-1")


def test_nothing_about_the_person_lies_in_clear(archive, database):
    archive.put([record()])
    rows = database.all("SELECT * FROM archive") + database.all("SELECT * FROM archive_hashes")
    assert "Ana" not in repr(rows)
    assert "ana@" not in repr(rows)
    assert "Ana" not in repr(record())
