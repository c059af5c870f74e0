from __future__ import annotations

from datetime import date, timedelta

import pytest

from troth.core.evidence.pseudonym import Epoch, SubjectHashes
from troth.state.erasures import Erasures, Status, StepKey

EPOCHS = [
    Epoch("e1", date(2025, 1, 1), date(2026, 6, 1), b"1" * 32),
    Epoch("e2", date(2026, 1, 1), date(2027, 6, 1), b"2" * 32),
]
OLD, BOTH = SubjectHashes((EPOCHS[0],)), SubjectHashes(tuple(EPOCHS))
KEY = StepKey("R-1", "shop", "erase")
SCOPE = {"collections": ["customer"], "purpose": None}


@pytest.fixture
def erasures(database, vault):
    return Erasures(database, vault)


def intend(erasures, at, key=KEY, subjects=BOTH, email="ana@example.org", row=(7,)):
    hashes = [subjects.current("email", email), subjects.current_row("shop", "customer", row)]
    return erasures.intend(key, at=at, epoch=subjects.newest.id, scope=SCOPE, hashes=hashes)


def test_an_intention_is_recorded_and_ends(erasures, at):
    assert intend(erasures, at)
    [erasure] = erasures.of_request("R-1")
    assert (erasure.key, erasure.at, erasure.epoch, erasure.scope) == (KEY, at, "e2", SCOPE)
    assert (erasure.status, erasure.ended_at) == (Status.INTENDED, None)
    later = at + timedelta(minutes=1)
    assert erasures.finish(KEY, Status.DONE, at=later)
    ended = erasures.get(KEY)
    assert (ended.status, ended.ended_at) == (Status.DONE, later)


def test_repeating_an_intention_is_harmless_until_it_is_done(erasures, at):
    assert intend(erasures, at)
    assert intend(erasures, at)
    assert len(erasures.hashes(KEY)) == 2
    erasures.finish(KEY, Status.DONE, at=at)
    assert not intend(erasures, at)
    assert erasures.get(KEY).status is Status.DONE


def test_a_failed_step_is_open_again_when_it_is_intended_again(erasures, at):
    intend(erasures, at)
    erasures.finish(KEY, Status.FAILED, at=at)
    assert erasures.get(KEY).status is Status.FAILED
    assert intend(erasures, at)
    assert erasures.get(KEY).status is Status.INTENDED


def test_an_outcome_is_recorded_once_and_never_without_intention(erasures, at):
    assert not erasures.finish(KEY, Status.DONE, at=at)
    intend(erasures, at)
    assert erasures.finish(KEY, Status.DONE, at=at)
    assert not erasures.finish(KEY, Status.FAILED, at=at)
    with pytest.raises(ValueError, match="outcome"):
        erasures.finish(KEY, Status.INTENDED, at=at)


def test_an_erased_person_is_recognised_under_any_live_epoch(erasures, at):
    intend(erasures, at, subjects=OLD)
    assert [found.key for found in erasures.matching(BOTH.candidates("email", " ANA@example.org"))] == [KEY]
    assert [found.key for found in erasures.matching(BOTH.candidate_rows("shop", "customer", (7,)))] == [KEY]
    assert erasures.matching(BOTH.candidates("email", "ben@example.org")) == []
    assert erasures.matching(BOTH.candidate_rows("shop", "invoice", (7,))) == []
    assert erasures.matching([]) == []


def test_one_person_erased_twice_is_found_twice_and_each_erasure_once(erasures, at):
    other = StepKey("R-2", "shop", "erase")
    intend(erasures, at)
    intend(erasures, at, key=other)
    candidates = [*BOTH.candidates("email", "ana@example.org"), *BOTH.candidate_rows("shop", "customer", (7,))]
    assert sorted(found.key for found in erasures.matching(candidates)) == [KEY, other]


def test_all_are_listed_and_those_still_open(erasures, at):
    keys = [StepKey(f"R-{number}", "shop", "erase") for number in range(1200)]
    for key in keys[:3]:
        intend(erasures, at, key=key)
    with erasures._db.transaction():
        for key in keys[3:]:
            erasures.intend(key, at=at, epoch="e2", scope=None, hashes=[])
    erasures.finish(keys[1], Status.DONE, at=at)
    assert [erasure.key for erasure in erasures.all()] == sorted(keys)
    assert len(list(erasures.all(Status.INTENDED))) == 1199
    assert [erasure.key for erasure in erasures.all(Status.DONE)] == [keys[1]]


def test_a_whole_table_can_be_matched_in_memory(erasures, at):
    for number in range(3):
        intend(erasures, at, key=StepKey(f"R-{number}", "shop", "erase"), row=(number,))
    kind = BOTH.current_row("shop", "customer", (0,)).kind
    assert set(erasures.digests(kind)) == {BOTH.current_row("shop", "customer", (number,)) for number in range(3)}
    assert list(erasures.digests("telephone")) == []


def test_the_requests_of_each_digest_are_known_at_once(erasures, at):
    intend(erasures, at)
    intend(erasures, at, key=StepKey("R-2", "shop", "erase"), row=(8,))
    email = BOTH.current("email", "ana@example.org")
    assert erasures.requests("email") == {email.digest: {"R-1", "R-2"}}
    assert len(erasures.requests(BOTH.current_row("shop", "customer", (8,)).kind)) == 2
    assert list(erasures.digests("email")) == [email]


def test_rows_found_later_belong_to_the_same_erasure(erasures, at):
    intend(erasures, at)
    erasures.add_hashes(KEY, [BOTH.current_row("shop", "customer", (8,))])
    assert erasures.matching(BOTH.candidate_rows("shop", "customer", (8,)))
    assert len(erasures.hashes(KEY)) == 3


def test_hashes_go_with_their_epoch(erasures, at):
    intend(erasures, at, subjects=OLD)
    intend(erasures, at, key=StepKey("R-2", "shop", "erase"))
    assert erasures.forget_epoch("e1") == 2
    assert [found.key.request for found in erasures.matching(BOTH.candidates("email", "ana@example.org"))] == ["R-2"]
    assert erasures.get(KEY).status is Status.INTENDED


def test_nothing_about_the_person_lies_in_clear(erasures, at, database):
    intend(erasures, at)
    rows = database.all("SELECT * FROM erasures") + database.all("SELECT * FROM erasure_hashes")
    assert rows
    assert "ana@" not in repr(rows)
    assert "collections" not in repr(rows)


def test_an_entry_moved_to_another_request_does_not_open(erasures, at, database):
    intend(erasures, at)
    intend(erasures, at, key=StepKey("R-2", "shop", "erase"))
    database.run(
        "UPDATE erasures SET sealed_scope = (SELECT sealed_scope FROM erasures WHERE request = 'R-2') "
        "WHERE request = 'R-1'"
    )
    with pytest.raises(Exception, match="does not open"):
        erasures.get(KEY)
