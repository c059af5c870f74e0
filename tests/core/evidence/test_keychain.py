from __future__ import annotations

import pytest

from troth.core.evidence.keychain import CREATED, ROTATED, Link, created_body, follow, in_force, rotated_body
from troth.core.evidence.note import BadNote, SigningKey, sign_note

NAME = "example.org/troth"
FIRST, SECOND, THIEF = (SigningKey(NAME, bytes([number]) * 32) for number in (1, 2, 3))
CHAIN = [Link(0, FIRST.vkey)]


def test_the_first_event_names_the_first_key():
    assert follow([], 0, CREATED, created_body(FIRST.vkey)) == CHAIN[0]


def test_the_next_key_is_vouched_for_by_the_one_before():
    assert follow(CHAIN, 7, ROTATED, rotated_body(FIRST, SECOND.vkey)) == Link(7, SECOND.vkey)


@pytest.mark.parametrize(
    ("chain", "position", "kind", "body"),
    [
        ([], 1, CREATED, created_body(FIRST.vkey)),
        (CHAIN, 0, CREATED, created_body(FIRST.vkey)),
        ([], 0, CREATED, {**created_body(FIRST.vkey), "note": ""}),
        ([], 0, ROTATED, rotated_body(FIRST, SECOND.vkey)),
        (CHAIN, 7, ROTATED, rotated_body(THIEF, SECOND.vkey)),
        (CHAIN, 7, ROTATED, {**rotated_body(FIRST, SECOND.vkey), "key": str(THIEF.vkey)}),
        (CHAIN, 7, ROTATED, rotated_body(FIRST, SigningKey("example.org/other", bytes(32)).vkey)),
        (CHAIN, 7, ROTATED, {"key": str(SECOND.vkey)}),
        (CHAIN, 7, ROTATED, {"key": str(SECOND.vkey), "note": 7}),
        (CHAIN, 7, ROTATED, {"key": str(SECOND.vkey), "note": sign_note("another statement\n", FIRST)}),
        (CHAIN, 7, ROTATED, None),
        (CHAIN, 7, ROTATED, {"key": 1}),
    ],
    ids=range(12),
)
def test_a_key_that_nobody_vouches_for_is_refused(chain, position, kind, body):
    with pytest.raises(BadNote):
        follow(list(chain), position, kind, body)


def test_a_second_signature_under_the_voucher_is_refused():
    body = rotated_body(FIRST, SECOND.vkey)
    text = body["note"].partition("\n\n")[0] + "\n"
    body["note"] += sign_note(text, THIEF).partition("\n\n")[2]
    with pytest.raises(BadNote):
        follow(CHAIN, 7, ROTATED, body)


def test_the_old_key_signs_the_checkpoint_that_first_covers_the_rotation_and_none_after():
    chain = [*CHAIN, Link(7, SECOND.vkey)]
    assert in_force(chain, 1) == FIRST.vkey
    assert in_force(chain, 8) == FIRST.vkey
    assert in_force(chain, 9) == SECOND.vkey
    assert in_force(chain, 0) is None
    assert in_force([], 5) is None
