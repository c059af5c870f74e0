from __future__ import annotations

from datetime import date

import pytest

from troth.core.errors import UsageError
from troth.state.marks import Marks

ANA = [("email", "Ana@example.org"), ("customer_id", "7")]
TODAY = date(2026, 3, 1)


@pytest.fixture
def holds(database, vault):
    return Marks(database, vault, "hold")


@pytest.fixture
def restrictions(database, vault):
    return Marks(database, vault, "restriction")


def add(marks, at, id="H-1", until=None, identifiers=ANA):
    return marks.add(
        id,
        identifiers=identifiers,
        anchors={"email": "ana@example.org"},
        ground="dispute",
        scope={"shop": {"invoice": ["Total"]}},
        at=at,
        until=until,
    )


def test_a_mark_is_found_by_any_identifier(holds, at):
    assert add(holds, at)
    [mark] = holds.matching([("email", " ana@EXAMPLE.org")], TODAY)
    assert (mark.id, mark.ground, mark.made_at, mark.until) == ("H-1", "dispute", at, None)
    assert mark.scope == {"shop": {"invoice": ["Total"]}}
    assert mark.anchors == {"email": "ana@example.org"}
    assert holds.matching([("customer_id", "7")], TODAY) == [mark]
    assert len(holds.matching(ANA, TODAY)) == 1
    assert holds.matching([("email", "ben@example.org"), ("phone", "7")], TODAY) == []


def test_a_mark_holds_to_the_end_of_its_last_day(holds, at):
    add(holds, at, until=date(2026, 3, 31))
    assert holds.matching(ANA, date(2026, 3, 31))
    assert not holds.matching(ANA, date(2026, 4, 1))
    assert holds.active(date(2026, 3, 31))
    assert not holds.active(date(2026, 4, 1))


def test_the_same_mark_again_changes_nothing(holds, at):
    add(holds, at)
    assert not add(holds, at, until=TODAY)
    assert holds.get("H-1").until is None


def test_a_released_mark_forgets_whom_it_was_about(holds, at, database):
    add(holds, at)
    assert holds.release("H-1", at=at)
    assert not holds.release("H-1", at=at)
    assert holds.matching(ANA, TODAY) == holds.active(TODAY) == []
    mark = holds.get("H-1")
    assert (mark.anchors, mark.released_at) == (None, at)
    assert database.one("SELECT count(*) FROM mark_hashes") == (0,)
    assert [mark.id for mark in holds.all()] == ["H-1"]


def test_an_unknown_mark_cannot_be_released(holds, at):
    with pytest.raises(UsageError):
        holds.release("H-9", at=at)


def test_holds_and_restrictions_are_apart(holds, restrictions, at):
    add(holds, at)
    assert restrictions.matching(ANA, TODAY) == restrictions.all() == []
    with pytest.raises(UsageError):
        restrictions.release("H-1", at=at)
    assert holds.matching(ANA, TODAY)


def test_nothing_about_the_person_lies_in_clear(holds, at, database):
    add(holds, at)
    rows = database.all("SELECT * FROM marks") + database.all("SELECT * FROM mark_hashes")
    assert "example.org" not in repr(rows)
