"""A stream of bytes, encrypted in pieces under a key of its own: read back in constant memory, and whoever changes,
moves, repeats or cuts off a piece is noticed (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015,
with AES-256-GCM)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from troth.core.errors import EvidenceError

PIECE = 256 * 1024
"""Bytes of a piece before encryption; all but the last are whole."""
_TAG = 16


class StreamDamaged(EvidenceError):
    """A piece does not open: it was changed, moved, or the end is missing."""


class Sealing:
    """Encrypts what is written into ``file``. ``key`` is 32 bytes and never used for anything else; without ``end``
    the stream does not open."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._file, self._cipher = file, AESGCM(key)
        self._held = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        """Take more; raises OSError as the file does."""
        self._held += data
        while len(self._held) > PIECE:  # one is always held back: it may be the last
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]

    def end(self) -> None:
        """What is left, marked as the last."""
        self._put(bytes(self._held), last=True)
        self._held.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), piece, None))
        self._number += 1


def unsealed(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The pieces that were written, each only after it was found genuine. Raises StreamDamaged; what came before it
    may be a part of the whole."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, number = AESGCM(key), 0
    piece = file.read(PIECE + _TAG)
    while True:
        following = file.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, not following), piece, None)
        except (InvalidTag, ValueError):
            raise StreamDamaged(f"it was changed or cut off at piece {number + 1}") from None
        if not following:
            return
        piece, number = following, number + 1


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
