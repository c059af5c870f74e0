"""What stands where a person's value was and the column may not be empty.

``erased-`` and 24 random hexadecimal digits (96 bits), then perhaps ``-`` and the row's surrogate key; for
e-mail columns ``@erased.invalid`` follows (RFC 2606, section 2: never delivered to anybody). Random, never
derived from what it replaces; recognisable, so that a second run, a residue search and a mailing skip it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

PREFIX = "erased-"
RANDOM_DIGITS = 24
"""Hexadecimal digits of chance in each tombstone: 96 bits."""
EMAIL_SUFFIX = "@erased.invalid"
LENGTH = len(PREFIX) + RANDOM_DIGITS
"""Characters a column must hold for a plain tombstone."""
EMAIL_LENGTH = LENGTH + len(EMAIL_SUFFIX)
"""Characters a column must hold for an e-mail tombstone."""

_FORM = re.compile(rf"{PREFIX}[0-9a-f]{{{RANDOM_DIGITS}}}(-[0-9a-f-]{{1,40}})?({re.escape(EMAIL_SUFFIX)})?", re.ASCII)


def make(random_bytes: Callable[[int], bytes], *, email: bool = False) -> str:
    """A new tombstone; ``random_bytes`` is a source of chance such as ``os.urandom``."""
    return stem(random_bytes) + (EMAIL_SUFFIX if email else "")


def stem(random_bytes: Callable[[int], bytes]) -> str:
    """The part up to the digits, to which a statement may append each row's key."""
    return PREFIX + random_bytes(RANDOM_DIGITS // 2).hex()


def is_tombstone(value: object) -> bool:
    """Whether this value is one of ours. The whole value must have the form: nothing may hide behind it."""
    return isinstance(value, str) and _FORM.fullmatch(value) is not None


def fits(length: int | None, *, email: bool = False) -> bool:
    """Whether a column of that many characters (None: unlimited) can hold a tombstone."""
    return length is None or length >= (EMAIL_LENGTH if email else LENGTH)
