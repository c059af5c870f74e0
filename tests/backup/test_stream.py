"""The encrypted stream, the parts in it, and who may open it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import EvidenceError, KeyUnavailable, UsageError
from troth.core.evidence.note import from_b64
from troth.state.backup import locks
from troth.state.backup.locks import Opener
from troth.state.backup.parts import Reading, Writing
from troth.state.stream import PIECE, Sealing, StreamDamaged, unsealed

KEY = bytes(range(32))


def sealed(*chunks: bytes) -> bytes:
    out = io.BytesIO()
    sealing = Sealing(out, KEY)
    for chunk in chunks:
        sealing.write(chunk)
    sealing.end()
    return out.getvalue()


def opened(data: bytes, key: bytes = KEY) -> bytes:
    return b"".join(unsealed(io.BytesIO(data), key))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
def test_what_goes_in_comes_out_whatever_its_length(size: int) -> None:
    data = bytes(n % 251 for n in range(1000)) * (size // 1000 + 1)
    assert opened(sealed(data[:size])) == data[:size]
    assert opened(sealed(*(data[n : min(n + 50_000, size)] for n in range(0, size, 50_000)))) == data[:size]


THREE = sealed(bytes(3 * PIECE - 5))
SEALED = PIECE + 16


@pytest.mark.parametrize("cut", [0, 1, 15, 16, SEALED - 1, SEALED, SEALED + 1, 2 * SEALED, len(THREE) - 1])
def test_a_stream_that_was_cut_off_does_not_open(cut: int) -> None:
    with pytest.raises(StreamDamaged):
        opened(THREE[:cut])


@given(place=st.integers(0, len(THREE) - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_noticed(place: int, bit: int) -> None:
    changed = bytearray(THREE)
    changed[place] ^= 1 << bit
    with pytest.raises(StreamDamaged):
        opened(bytes(changed))


def test_pieces_cannot_change_places_be_repeated_or_be_added() -> None:
    one, two, three = THREE[:SEALED], THREE[SEALED : 2 * SEALED], THREE[2 * SEALED :]
    for wrong in (
        two + one + three,
        one + one + three,
        one + three,
        one + two + three + three,
        one + two + three + b"x",
    ):
        with pytest.raises(StreamDamaged):
            opened(wrong)
    with pytest.raises(StreamDamaged):
        opened(THREE, bytes(32))


def packed(parts: dict[str, list[bytes]]) -> bytes:
    out = io.BytesIO()
    writing = Writing(Sealing(out, KEY))
    for name, chunks in parts.items():
        writing.add(name, chunks)
    writing.end()
    return out.getvalue()


@given(st.dictionaries(st.text("abc./", min_size=1), st.lists(st.binary(max_size=300), max_size=4), max_size=4))
def test_parts_come_back_in_their_order_read_or_not(parts: dict[str, list[bytes]]) -> None:
    data = packed(parts)
    read = Reading(unsealed(io.BytesIO(data), KEY))
    assert [(n, b"".join(c)) for n, c in read] == [(n, b"".join(c)) for n, c in parts.items()]
    unread = Reading(unsealed(io.BytesIO(data), KEY))
    assert [n for n, _ in unread] == list(parts)
    assert unread.parts == read.parts


def test_a_part_that_is_not_what_was_written_is_named() -> None:
    plain = opened(packed({"a": [b"hello"]}))
    for wrong, said in ((plain.replace(b"hello", b"hallo"), "its part a"), (plain[:-1] + b"7", "as many parts")):
        with pytest.raises(StreamDamaged, match=said):
            list(Reading(iter([wrong])))
    with pytest.raises(StreamDamaged, match="ends in the middle"):
        list(Reading(iter([plain[:-1]])))


def test_a_recipients_backup_opens_with_their_key_alone(tmp_path) -> None:
    public, private = locks.new_pair()
    path = tmp_path / "private"
    path.write_text(private)
    path.chmod(0o600)
    key, head = locks.for_recipient(public)
    assert locks.key_of(head, Opener(locks.read_private(path))) == key
    assert locks.for_recipient(public)[0] != key
    other = from_b64(locks.new_pair()[1].split()[1])
    for opener, said in (
        (Opener(other), "another key"),
        (Opener(), "opens with a key"),
        (Opener(b"", "x" * 12), "key"),
    ):
        with pytest.raises(UsageError, match=said):
            locks.key_of(head, opener)
    path.chmod(0o644)
    with pytest.raises(KeyUnavailable, match="others"):
        locks.read_private(path)
    path.write_text("something else")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="not a key"):
        locks.read_private(path)


def test_a_passphrase_opens_what_was_locked_with_it() -> None:
    key, head = locks.for_passphrase("correct horse battery")
    assert locks.key_of(head, Opener(passphrase="correct horse battery")) == key
    for opener, said in ((Opener(passphrase="correct horse bettery"), "does not open"), (Opener(), "passphrase")):
        with pytest.raises(UsageError, match=said):
            locks.key_of(head, opener)
    with pytest.raises(UsageError, match="at least 12"):
        locks.for_passphrase("short")
    assert "correct" not in repr(Opener(passphrase="correct horse battery"))


def test_the_head_is_part_of_the_key() -> None:
    key, head = locks.for_passphrase("correct horse battery")
    longer = head.replace(b'"for":"passphrase"', b'"for":"passphrase","hint":"x"')
    assert longer != head
    assert locks.key_of(longer, Opener(passphrase="correct horse battery")) != key


@pytest.mark.parametrize(
    "head", [b"", b"troth-backup/1\n", b"troth-backup/2\n{}\n", b"troth-backup/1\n{}\n", b"x\n\xff\n"]
)
def test_something_else_is_not_taken_for_a_backup(head: bytes) -> None:
    line, _, rest = head.partition(b"\n")

    def read() -> None:
        locks.key_of(locks.read_head(line + b"\n", rest), Opener(passphrase="correct horse battery"))

    with pytest.raises(EvidenceError, match="not a backup"):
        read()
