"""Signed notes, against values made by the Go implementation."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.evidence.note import (
    BadNote,
    SigningKey,
    parse_note,
    parse_signing_key,
    parse_vkey,
    sign_note,
)

# The example in the documentation of golang.org/x/mod/sumdb/note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

KEY = SigningKey("example.org/troth", bytes(range(32)))


def test_it_signs_as_the_go_implementation_does():
    assert sign_note(TEXT, parse_signing_key(SKEY)) == NOTE


def test_it_verifies_what_the_go_implementation_signed():
    assert parse_note(NOTE).signed_by(parse_vkey(VKEY))


def test_keys_are_written_as_they_are_read():
    assert str(parse_vkey(VKEY)) == VKEY
    assert parse_signing_key(SKEY).export() == SKEY
    assert str(parse_signing_key(SKEY).vkey) == VKEY


def test_a_private_key_never_shows_itself():
    assert SKEY.rpartition("+")[2] not in repr(parse_signing_key(SKEY))


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 7))
def test_one_flipped_bit_is_never_signed(place, bit):
    raw = bytearray(NOTE.encode())
    raw[place] ^= 1 << bit
    with suppress(UnicodeDecodeError, BadNote):
        assert not parse_note(raw.decode()).signed_by(parse_vkey(VKEY))


def test_signatures_of_unknown_keys_are_ignored():
    other = SigningKey("witness.example.org", bytes(32))
    both = NOTE + sign_note(TEXT, other).rpartition("\n\n")[2]
    assert parse_note(both).signed_by(parse_vkey(VKEY))
    assert parse_note(both).signed_by(other.vkey)
    assert not parse_note(both).signed_by(KEY.vkey)


def test_a_bad_second_signature_of_a_known_key_spoils_the_note():
    forged = "— PeterNeumann " + "x08go/" + "A" * 86 + "\n"
    assert not parse_note(NOTE + forged).signed_by(parse_vkey(VKEY))


def test_a_text_may_hold_empty_lines():
    note = sign_note("one\n\ntwo\n", KEY)
    assert parse_note(note).text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        TEXT + "\n— PeterNeumann\n",
        NOTE.replace("— ", "- "),
        NOTE[:-1],
        NOTE.replace("x08go", "x08g"),
        "a\tb\n\n— n AAAAAAA=\n",
        TEXT + "\n" + NOTE.rpartition("\n\n")[2] * 17,
    ],
)
def test_a_malformed_note_is_refused(note):
    with pytest.raises(BadNote):
        parse_note(note)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("PeterNeumann", "Peter Neumann"),
        VKEY[:-1],
        VKEY.replace("+ARpc", "+AhpC"),
    ],
)
def test_a_malformed_public_key_is_refused(vkey):
    with pytest.raises(BadNote):
        parse_vkey(vkey)


def test_the_message_about_a_private_key_does_not_quote_it():
    with pytest.raises(BadNote) as caught:
        parse_signing_key(SKEY.replace("c74f20a3", "00000000"))
    assert "AYEK" not in str(caught.value)
    with pytest.raises(BadNote):
        parse_signing_key("secret")


def test_a_text_without_its_last_newline_cannot_be_signed():
    with pytest.raises(BadNote):
        sign_note("text", KEY)
