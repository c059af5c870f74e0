"""Canonical JSON: one value, one spelling.

Object keys sorted by code point, no spaces, UTF-8 without escapes beyond those JSON demands, whole numbers
only (no floats: they have many spellings), within the range every JSON reader keeps exact. What is hashed or
signed is written this way, and what is read is refused unless it is written this way, so that no byte of it
can change unnoticed.
"""

from __future__ import annotations

import json
from typing import TypeAlias

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exact (RFC 8259 section 6)."""
_DEEPEST = 64
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


class NotCanonical(ValueError):
    """The bytes are not canonical JSON, or the value cannot be written as such."""


def canonical(value: JSON) -> bytes:
    """The only spelling of a value. Raises NotCanonical for floats, huge numbers, lone surrogates."""
    _check(value, 0)
    return respell(value)


def parse(data: bytes) -> JSON:
    """The value, provided that ``data`` is its canonical spelling. Raises NotCanonical."""
    try:
        value: JSON = _decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise NotCanonical("not JSON, or holds numbers that have many spellings") from None
    if data.count(b"[") + data.count(b"{") > _DEEPEST:
        _check(value, 0)
    if respell(value) != data:
        raise NotCanonical("not in canonical form (keys sorted, no spaces, no duplicates, whole numbers)")
    return value


def respell(value: JSON) -> bytes:
    """As ``canonical``, for a value (or a part of one) that came from ``parse``: it need not be looked
    through again."""
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("text holds half of a surrogate pair") from None


def _check(value: JSON, depth: int) -> None:
    """Refuse what has no single spelling, before the encoder finds one."""
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical("number beyond 2^53 - 1: write it as text")
    elif isinstance(value, list):
        _check_depth(depth)
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        _check_depth(depth)
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical("an object's key is not text")
            if type(item) is not str:  # the usual case, spared a call
                _check(item, depth + 1)
    else:
        raise NotCanonical(f"{type(value).__name__} has no canonical form: use text or a whole number")


def _check_depth(depth: int) -> None:
    if depth >= _DEEPEST:
        raise NotCanonical(f"nested deeper than {_DEEPEST} levels")


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > LARGEST:
        raise ValueError
    return number


def _refuse(text: str) -> None:
    raise ValueError


_decode = json.JSONDecoder(parse_float=_refuse, parse_int=_whole, parse_constant=_refuse).decode
