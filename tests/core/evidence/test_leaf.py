from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.evidence.canonical import NotCanonical, parse
from troth.core.evidence.leaf import Event, Opening, commit, decode, from_hex, opens, read_time, seal, write_time

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
SALT = bytes(range(32))
EVENT = Event("erasure.intended", AT, {"request": "R-1", "store": "shop"})


def test_a_leaf_says_nothing_of_the_body_but_a_commitment():
    leaf, opening = seal(EVENT, SALT)
    assert b"R-1" not in leaf.encode()
    assert opening.body == b'{"request":"R-1","store":"shop"}'
    assert leaf.commitment == commit(SALT, opening.body)


def test_only_the_right_salt_and_body_open_it():
    leaf, opening = seal(EVENT, SALT)
    assert opens(leaf, opening)
    assert not opens(leaf, Opening(bytes(32), opening.body))
    assert not opens(leaf, Opening(SALT, opening.body.replace(b"R-1", b"R-2")))
    # Salt and body run together, so a byte must not be able to change sides.
    assert not opens(leaf, Opening(SALT + opening.body[:1], opening.body[1:]))


def test_a_salt_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        seal(EVENT, b"short")


def test_it_is_read_as_it_was_written():
    leaf, _ = seal(EVENT, SALT)
    assert decode(leaf.encode()) == leaf


def test_a_clock_that_went_back_is_held_at_the_last_time_known():
    later = write_time(AT + timedelta(hours=1))
    leaf, _ = seal(EVENT, SALT, later)
    assert leaf.at == later


@given(st.text(st.characters(codec="utf-8")))
def test_the_bytes_of_a_leaf_are_its_canonical_json(kind):
    leaf, _ = seal(Event(kind, AT, {}), SALT)
    assert parse(leaf.encode()) == {"at": leaf.at, "commitment": leaf.commitment.hex(), "kind": kind, "v": 1}
    assert decode(leaf.encode()) == leaf


def test_a_kind_that_is_half_a_character_is_refused():
    with pytest.raises(NotCanonical):
        seal(Event("\ud800", AT, {}), SALT)[0].encode()


@pytest.mark.parametrize("at", [AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=1)))])
def test_a_time_that_is_not_utc_is_refused(at):
    with pytest.raises(ValueError, match="UTC"):
        write_time(at)


def test_text_order_is_time_order():
    times = [AT, AT + timedelta(microseconds=1), AT + timedelta(seconds=1)]
    assert sorted(map(write_time, reversed(times))) == [write_time(at) for at in times]
    assert [read_time(write_time(at)) for at in times] == times


@pytest.mark.parametrize("text", ["", "2026-03-01", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00.000000+00:00"])
def test_a_time_has_one_spelling(text):
    with pytest.raises(NotCanonical):
        read_time(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":true'),
        (b',"v":1', b""),
        (b'"kind":"erasure.intended"', b'"kind":7'),
        (b'"v":1', b'"v":1,"w":2'),
        (b"2026-03-01T", b"2026-03-01 "),
    ],
)
def test_a_malformed_leaf_is_refused(old, new):
    data = seal(EVENT, SALT)[0].encode()
    assert old in data
    with pytest.raises(NotCanonical):
        decode(data.replace(old, new))


@pytest.mark.parametrize("text", ["AB", "abc", "zz", "ab cd", "abcdef"])
def test_hexadecimal_has_one_spelling(text):
    with pytest.raises(NotCanonical):
        from_hex(text, 1)
