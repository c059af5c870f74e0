"""Screenshots as small PNG files: a page has few colours, and a palette of them takes a third of the room."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_MAGIC = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}
"""Of PNG's colour types: RGB and RGB with opacity, eight bits each."""


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def with_palette(png: bytes) -> bytes:
    """The same picture with at most 256 colours: near ones become the most frequent of them; opacity is left out."""
    width, _ = size(png)
    rows = [[bytes(row[at : at + 3]) for at in range(0, len(row), len(row) // width)] for row in _rows(png)]
    chosen = _chosen(Counter(pixel for row in rows for pixel in row))
    palette = sorted(set(chosen.values()))
    place = {colour: palette.index(now) for colour, now in chosen.items()}
    content = b"".join(b"\0" + bytes(map(place.__getitem__, row)) for row in rows)
    head = png[16:24] + bytes([8, 3, 0, 0, 0])
    parts = [(b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(content, 9)), (b"IEND", b"")]
    return _MAGIC + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _chosen(seen: Counter[bytes]) -> dict[bytes, bytes]:
    for bits in range(8):
        groups: dict[bytes, bytes] = {}
        chosen = {one: groups.setdefault(bytes(part >> bits for part in one), one) for one, _ in seen.most_common()}
        if len(groups) <= 256:
            return chosen
    raise AssertionError("eight groups of each channel are fewer than 256 colours together")


def _data(png: bytes) -> bytes:
    at, found = len(_MAGIC), b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            found += png[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(found)


def _rows(png: bytes) -> Iterator[bytearray]:
    """Each row of pixels without its filter (PNG, section 9)."""
    step = _CHANNELS[png[25]]
    data, length = _data(png), size(png)[0] * step
    above = bytearray(length)
    for start in range(0, len(data), length + 1):
        row = bytearray(data[start + 1 : start + 1 + length])
        _unfilter(data[start], row, above, step)
        yield row
        above = row


def _unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> None:
    for at in range(len(row) if kind else 0):
        left, corner = (row[at - step], above[at - step]) if at >= step else (0, 0)
        guesses = (0, left, above[at], (left + above[at]) // 2)
        guess = guesses[kind] if kind < 4 else _paeth(left, above[at], corner)
        row[at] = (row[at] + guess) & 255


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))
