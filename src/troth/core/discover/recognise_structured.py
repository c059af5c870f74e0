"""Texts that hold values of their own: JSON objects and PHP's serialised ones.

Read only to be profiled, so tolerantly and within bounds: what is too long, too deep or broken is no structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Format = Literal["json", "php"]

LONGEST = 65_536
"""Characters of a text that is still taken apart."""
DEEPEST = 12
MOST_MEMBERS = 2_000

_PHP_START = re.compile(rb"[aO]:\d{1,7}:[{\"]")
_COUNT = re.compile(rb"(\d{1,7}):")
_NUMBER = re.compile(rb"([id]):([^;]{1,60});")


class _Broken(Exception):
    """Not a serialised value, or one beyond the bounds."""


def taken_apart(text: str) -> tuple[Format, Any] | None:
    """The format and what lies inside (mappings, sequences, scalars), or None for a plain text."""
    if not 2 <= len(text) <= LONGEST:
        return None
    if text[0] in "{[" and text.rstrip()[-1:] in "}]":
        inside = _json(text)
        return None if inside is None else ("json", inside)
    if text[0] in "aO" and text[1] == ":":
        data = text.encode("utf-8", "surrogatepass")
        if _PHP_START.match(data):
            try:
                return "php", _Reader(data).whole()
            except _Broken:
                return None
    return None


def _json(text: str) -> Mapping[str, Any] | Sequence[Any] | None:
    # Deeper brackets than that would cost json.loads the stack.
    if text.count("[") + text.count("{") > MOST_MEMBERS:
        return None
    try:
        inside = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return inside if isinstance(inside, dict | list) else None


class _Reader:
    """Reads one PHP value; keeps count of members so that no value costs more than its bound."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.members = 0

    def whole(self) -> Any:
        value = self._value(0)
        if self.at != len(self.data):
            raise _Broken
        return value

    def _value(self, depth: int) -> Any:
        self.members += 1
        if depth > DEEPEST or self.members > MOST_MEMBERS:
            raise _Broken
        match self.data[self.at : self.at + 1]:
            case b"N":
                self._literal(b"N;")
                return None
            case b"b":
                return self._flag()
            case b"i" | b"d":
                return self._number()
            case b"s":
                return self._string(b"s:", b";")
            case b"a":
                self._literal(b"a:")
                return self._inside(depth)
            case b"O":
                self._string(b"O:", b":")
                return self._inside(depth)
        raise _Broken

    def _flag(self) -> bool:
        self._literal(b"b:")
        flag = self.data[self.at : self.at + 2] == b"1;"
        self.at += 2
        return flag

    def _number(self) -> int | float:
        match = _NUMBER.match(self.data, self.at)
        if match is None:
            raise _Broken
        self.at = match.end()
        try:
            return int(match[2]) if match[1] == b"i" else float(match[2])
        except ValueError:
            raise _Broken from None

    def _string(self, before: bytes, after: bytes) -> str:
        self._literal(before)
        size = self._count()
        self._literal(b'"')
        text = self.data[self.at : self.at + size]
        self.at += size
        self._literal(b'"' + after)
        return text.decode("utf-8", "replace")

    def _inside(self, depth: int) -> Any:
        count = self._count()
        self._literal(b"{")
        inside: dict[str, Any] = {}
        for _ in range(min(count, MOST_MEMBERS + 1)):
            key = self._value(depth + 1)
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise _Broken
            # Protected and private members are named "\0*\0name" and "\0Class\0name".
            inside[str(key).rpartition("\x00")[2]] = self._value(depth + 1)
        self._literal(b"}")
        listed = all(key == str(place) for place, key in enumerate(inside))
        return list(inside.values()) if listed else inside

    def _count(self) -> int:
        match = _COUNT.match(self.data, self.at)
        if match is None:
            raise _Broken
        self.at = match.end()
        return int(match[1])

    def _literal(self, wanted: bytes) -> None:
        if self.data[self.at : self.at + len(wanted)] != wanted:
            raise _Broken
        self.at += len(wanted)
