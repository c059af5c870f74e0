"""A value of a database as JSON, without loss: where JSON has no such value, as a text that says everything.

The forms are part of the package's format (docs/reference/access-package.md):

- whole numbers beyond ±(2^53 - 1), which many readers of JSON would round: as text (RFC 7493, section 2.2);
- decimal numbers: as text, with every digit the database keeps; NaN and the infinities: as text;
- dates and times: ISO 8601, with the offset where the database keeps one; a moment that no calendar has
  (``infinity``, ``0000-00-00``) as the database writes it;
- spans: ``P3DT4H5M6S`` (ISO 8601), times of day: ``HH:MM:SS``;
- arrays and structures: as JSON; sets: as sorted arrays;
- bytes: up to 64 in place as ``{"base64": …}``, longer ones as files.
"""

from __future__ import annotations

import base64
import enum
import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from troth.core.ports import Family

Plain: TypeAlias = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None
"""What ``json.dumps`` writes."""

Keep = Callable[[bytes, str], dict[str, Plain]]
"""Put bytes into a file of the package, with the suffix for its name; gives the reference to it."""

LARGE = 64 * 1024
"""Bytes of UTF-8 beyond which a value becomes a file."""
SMALL_BYTES = 64
"""Bytes of a binary value that stay in place: keys and hashes, which every row may have."""
SAFE = 2**53 - 1


def plain(value: object, family: Family, keep: Keep) -> Plain:
    """The value as JSON; large and binary ones go through ``keep`` and leave a reference."""
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is int:
        return value if -SAFE <= value <= SAFE else str(value)  # type: ignore[operator, return-value]
    if kind is str:
        return _text(value, keep)  # type: ignore[arg-type]
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(bytes(value), keep)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _structure(value, keep)
    return _text(_scalar(value, family), keep) if not isinstance(value, float) else _float(value)


def _text(value: str, keep: Keep) -> Plain:
    if len(value) * 4 > LARGE:
        data = value.encode("utf-8", "surrogatepass")
        if len(data) > LARGE:
            return keep(data, "txt")
    return value


def _bytes(data: bytes, keep: Keep) -> Plain:
    if len(data) <= SMALL_BYTES:
        return {"base64": base64.b64encode(data).decode("ascii")}
    return keep(data, suffix_of(data))


def _structure(value: object, keep: Keep) -> Plain:
    """Arrays and mappings; as one file when large."""
    content = _inner(value, keep)
    data = dumps(content).encode("utf-8")
    return keep(data, "json") if len(data) > LARGE else content


def _inner(value: object, keep: Keep) -> Plain:
    if isinstance(value, Mapping):
        return {str(key): _inner(item, keep) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_inner(item, keep) for item in value), key=dumps)
    if isinstance(value, list | tuple):
        return [_inner(item, keep) for item in value]
    return plain(value, "other", keep)


def _float(value: float) -> Plain:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _scalar(value: object, family: Family) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _clock(value) if family == "time" else _span(value)
    if isinstance(value, enum.Enum):
        return str(value.value)
    # Decimal, UUID, network addresses, ranges: their own words are exact.
    return str(value) if isinstance(value, Decimal | UUID) else f"{value}"


def _parts(value: timedelta) -> tuple[str, int, str]:
    """Sign, whole seconds, fraction with its point."""
    sign = "-" if value < timedelta(0) else ""
    size = abs(value)
    fraction = f".{size.microseconds:06}" if size.microseconds else ""
    return sign, size.days * 86_400 + size.seconds, fraction


def _clock(value: timedelta) -> str:
    sign, seconds, fraction = _parts(value)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _span(value: timedelta) -> str:
    sign, seconds, fraction = _parts(value)
    days, rest = divmod(seconds, 86_400)
    hours, minutes = divmod(rest // 60, 60)
    return f"{sign}P{days}DT{hours}H{minutes}M{rest % 60}{fraction}S"


def dumps(value: Plain) -> str:
    """Compact JSON. Halves of surrogate pairs, which UTF-8 cannot carry, are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text


_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"), (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"), (b"\x1f\x8b", "gz"), (b"OggS", "ogg"), (b"ID3", "mp3"),
)  # fmt: skip


def suffix_of(data: bytes) -> str:
    """The suffix for the name of a file with this content; ``bin`` when it is not one of the usual kinds."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((suffix for mark, suffix in _MARKS if data.startswith(mark)), "bin")
