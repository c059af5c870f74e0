"""What is inside the encryption: named parts one after the other, each with its digest, and at the end their number."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from troth.state.stream import StreamDamaged

if TYPE_CHECKING:
    from troth.state.stream import Sealing

_RECORD = struct.Struct(">cI")
_NAME, _DATA, _END, _LAST = b"n", b"d", b"e", b"z"
_MOST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it was written: its size in bytes and the SHA-256 of its content."""

    name: str
    size: int
    digest: str


class Writing:
    """Writes parts into an encrypted stream."""

    def __init__(self, out: Sealing) -> None:
        self._out = out
        self.parts: list[Part] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> Part:
        """One part, in constant memory."""
        digest, size = hashlib.sha256(), 0
        self._record(_NAME, name.encode())
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            self._record(_DATA, chunk)
        self._record(_END, digest.digest())
        self.parts.append(Part(name, size, digest.hexdigest()))
        return self.parts[-1]

    def end(self) -> None:
        """No more parts."""
        self._record(_LAST, str(len(self.parts)).encode())
        self._out.end()

    def _record(self, kind: bytes, data: bytes) -> None:
        self._out.write(_RECORD.pack(kind, len(data)))
        self._out.write(bytes(data))


class Reading:
    """Reads them back in their order; every digest is compared, and the end is asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()
        self.parts: list[Part] = []

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part's name and content; what of it is not read is read here. Raises StreamDamaged."""
        while True:
            kind, data = self._record()
            if kind == _LAST:
                if data != str(len(self.parts)).encode() or self._held or any(self._pieces):
                    raise StreamDamaged("it does not hold as many parts as it says")
                return
            if kind != _NAME:
                raise StreamDamaged("its parts are out of order")
            content = self._content(data.decode())
            yield data.decode(), content
            for _ in content:
                pass

    def _content(self, name: str) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        while True:
            kind, data = self._record()
            if kind == _DATA:
                digest.update(data)
                size += len(data)
                yield data
                continue
            if kind != _END or data != digest.digest():
                raise StreamDamaged(f"its part {name} is not what was written")
            self.parts.append(Part(name, size, digest.hexdigest()))
            return

    def _record(self) -> tuple[bytes, bytes]:
        kind, length = _RECORD.unpack(self._take(_RECORD.size))
        if length > _MOST:
            raise StreamDamaged("a part of it is of no possible size")
        return kind, self._take(length)

    def _take(self, size: int) -> bytes:
        while len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                raise StreamDamaged("it ends in the middle")
            self._held += piece
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken
