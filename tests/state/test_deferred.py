from __future__ import annotations

from datetime import date

import pytest

from troth.state.deferred import Deferred
from troth.state.erasures import StepKey

DUE = date(2036, 1, 1)
KEY = StepKey("R-1", "shop", "invoice")
PAYLOAD = {"anchors": {"email": "ana@example.org"}, "fields": ["FirstName"]}


@pytest.fixture
def deferred(database, vault):
    return Deferred(database, vault)


def test_a_part_waits_for_its_day(deferred):
    assert deferred.schedule(KEY, due=DUE, payload=PAYLOAD)
    assert list(deferred.due(date(2035, 12, 31))) == []
    [part] = deferred.due(DUE)
    assert (part.key, part.due, part.payload, part.status) == (KEY, DUE, PAYLOAD, "waiting")


def test_scheduling_twice_changes_nothing(deferred):
    deferred.schedule(KEY, due=DUE, payload=PAYLOAD)
    assert not deferred.schedule(KEY, due=date(2030, 1, 1), payload={})
    assert deferred.get(KEY).due == DUE


def test_a_longer_hold_moves_the_day(deferred):
    deferred.schedule(KEY, due=DUE, payload=PAYLOAD)
    assert deferred.move(KEY, due=date(2040, 1, 1))
    assert list(deferred.due(DUE)) == []
    assert len(list(deferred.due(date(2040, 1, 1)))) == 1


@pytest.mark.parametrize("end", ["done", "cancel"])
def test_what_is_over_forgets_whom_it_was_about(deferred, at, database, end):
    deferred.schedule(KEY, due=DUE, payload=PAYLOAD)
    assert getattr(deferred, end)(KEY, at=at)
    assert not getattr(deferred, end)(KEY, at=at)
    part = deferred.get(KEY)
    assert (part.payload, part.ended_at) == (None, at)
    assert part.status == {"done": "done", "cancel": "cancelled"}[end]
    assert list(deferred.due(date(2099, 1, 1))) == []
    assert not deferred.move(KEY, due=DUE)
    assert database.one("SELECT sealed_payload FROM deferred") == (None,)


def test_parts_come_earliest_first_and_all_of_them(deferred):
    keys = [StepKey(f"R-{number}", "shop", "invoice") for number in range(1100)]
    with deferred._db.transaction():
        for number, key in enumerate(keys):
            deferred.schedule(key, due=date(2036, 1, 1 + number % 3), payload=number)
    found = [(part.due, part.key) for part in deferred.due(date(2036, 1, 2))]
    assert found == sorted((date(2036, 1, 1 + n % 3), key) for n, key in enumerate(keys) if n % 3 < 2)


def test_parts_may_be_finished_while_they_are_listed(deferred, at):
    keys = [StepKey(f"R-{number}", "shop", "invoice") for number in range(600)]
    with deferred._db.transaction():
        for key in keys:
            deferred.schedule(key, due=DUE, payload=None)
        for part in deferred.due(DUE):
            assert deferred.done(part.key, at=at)
    assert list(deferred.due(DUE)) == []


def test_the_parts_of_a_request_are_listed(deferred, at):
    deferred.schedule(KEY, due=DUE, payload=PAYLOAD)
    deferred.schedule(StepKey("R-2", "shop", "invoice"), due=DUE, payload=PAYLOAD)
    deferred.done(KEY, at=at)
    assert [part.status for part in deferred.of_request("R-1")] == ["done"]
    assert deferred.of_request("R-3") == []
    assert deferred.get(StepKey("R-3", "", "")) is None


def test_the_payload_is_not_in_clear(deferred, database):
    deferred.schedule(KEY, due=DUE, payload=PAYLOAD)
    assert b"ana@" not in bytes(database.one("SELECT sealed_payload FROM deferred")[0])
