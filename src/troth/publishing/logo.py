"""A picture file of the publisher's, checked before anybody is shown it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from troth.publishing.svg import NotAPicture, drawn

MOST_BYTES = 100_000
_MOST_PIXELS = 4_000
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is served. ``wide`` and ``high`` are in its own units; only their ratio matters."""

    kind: str
    content: bytes
    wide: float
    high: float

    @property
    def suffix(self) -> str:
        """The end of the name under which it is served."""
        return {"image/svg+xml": "svg", "image/png": "png", "image/webp": "webp"}[self.kind]


def picture(content: bytes) -> Picture:
    """What the file is, by its content. Raises NotAPicture for anything but SVG, PNG and WebP of a sensible size."""
    if len(content) > MOST_BYTES:
        raise NotAPicture(f"it is larger than {MOST_BYTES // 1000} KB: make it smaller")
    if content.startswith(_PNG):
        return _sized("image/png", content, _png_size(content))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _sized("image/webp", content, _webp_size(content))
    if b"<svg" in content:
        clean, wide, high = drawn(content)
        return Picture("image/svg+xml", clean, wide, high)
    raise NotAPicture("it is neither SVG nor PNG nor WebP")


def _sized(kind: str, content: bytes, size: tuple[int, int] | None) -> Picture:
    if size is None or not all(0 < side <= _MOST_PIXELS for side in size):
        raise NotAPicture(f"its width and height cannot be read, or are above {_MOST_PIXELS} pixels")
    return Picture(kind, content, *size)


def _png_size(content: bytes) -> tuple[int, int] | None:
    """PNG (third edition), 11.2.1: the first chunk is IHDR."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    wide, high = struct.unpack(">II", content[16:24])
    return wide, high


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """RFC 9649, section 2: of the extended, the lossless or the lossy header."""
    head, body = content[12:16], content[20:30]
    if len(body) < 10:
        return None
    if head == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if head == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if head == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None
