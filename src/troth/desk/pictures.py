"""What a file is by its content, and whether it can be opened without filling the memory: a picture of a few kilobytes
may claim to have a billion dots."""

from __future__ import annotations

import struct
from collections.abc import Iterable

MARKS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"%PDF-": "pdf"}
"""The first bytes of each kind that is taken."""
DOTS = 40_000_000
"""Of a picture: more than a camera of a telephone makes of a card."""
SIDE, SHAPE = 12_000, 4
"""Dots of one side, and how many times longer than the other it may be: no card and no page is a ribbon, and a ribbon
of a few bytes takes gigabytes once it is drawn as wide as a page."""

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG that begin with the size of the picture (ITU-T T.81, table B.1)."""


def kind_of(head: bytes) -> str:
    """``png``, ``jpg`` or ``pdf`` by its first bytes; empty for anything else."""
    return next((kind for mark, kind in MARKS.items() if head.startswith(mark)), "")


HEAD, TAIL = 1024 * 1024, 2048
"""Bytes at both ends of a file that are looked at."""


def ends(pieces: Iterable[bytes]) -> tuple[bytes, bytes]:
    """The first and the last bytes of what comes piece by piece."""
    head, tail = b"", b""
    for piece in pieces:
        head += piece[: HEAD - len(head)]
        tail = (tail + piece[-TAIL:])[-TAIL:]
    return head, tail


def faults(kind: str, head: bytes, tail: bytes) -> str:
    """Why a file of this kind is not taken, as a code; empty when it is."""
    if kind == "pdf":
        return "" if b"%%EOF" in tail else "not_a_document"
    size = _png(head) if kind == "png" else _jpeg(head)
    if size is None or not all(size):
        return "not_a_document"
    short, long = sorted(size)
    if short * long > DOTS or long > SIDE:
        return "too_many_pixels"
    return "too_narrow" if long > SHAPE * short else ""


def _png(content: bytes) -> tuple[int, int] | None:
    """Width and height (RFC 2083, section 4.1.1)."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """Width and height, from the first frame."""
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if length < 2:
            return None
        at += 2 + length
    return None
