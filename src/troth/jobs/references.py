"""What the journal may hold: keys and references as JSON, never what they refer to.

Nothing can recognise all personal data. A narrow alphabet keeps out what people write (names, addresses, texts):
no spaces, no @, no accents; and what looks like a telephone number or an address of the internet is refused too.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

from troth.jobs.errors import NotAReference

MOST_BYTES = 8192
"""Of a plan or a result, as JSON."""
MOST_CHARACTERS = 200
"""Of one text in it."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=~#-]*")
_PHONE = re.compile(r"(?<![A-Za-z0-9])(?<![A-Za-z]-)\+?\d(?:[./-]?\d){8,14}(?![A-Za-z0-9])")


def reference(text: str, what: str = "a reference") -> str:
    """The text, if it can be a key or a reference. Raises NotAReference, without repeating it."""
    if not text:
        return text
    if len(text) > MOST_CHARACTERS:
        raise NotAReference(f"{what} is longer than {MOST_CHARACTERS} characters")
    if not _WORD.fullmatch(text):
        raise NotAReference(f"{what} holds a space, an @ or another sign that no reference needs")
    if _PHONE.search(text):
        raise NotAReference(f"{what} looks like a telephone number; write a key that is a number as a number")
    if _is_internet_address(text):
        raise NotAReference(f"{what} looks like an address of the internet")
    return text


def references(value: Any, what: str = "the plan") -> Any:
    """The value, if it is JSON made of references, numbers, truths and nothing. Raises NotAReference."""
    _look(value, what)
    try:
        size = len(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise NotAReference(f"{what} is not JSON") from None
    if size > MOST_BYTES:
        raise NotAReference(f"{what} is larger than {MOST_BYTES} bytes: keep it elsewhere and refer to it")
    return value


def _look(value: Any, what: str, depth: int = 0) -> None:
    if depth > 8:
        raise NotAReference(f"{what} is nested too deeply")
    if isinstance(value, str):
        reference(value, f"a text in {what}")
    elif isinstance(value, dict):
        for key, below in value.items():
            if not isinstance(key, str):
                raise NotAReference(f"a key in {what} is not a text")
            reference(key, f"a key in {what}")
            _look(below, what, depth + 1)
    elif isinstance(value, list | tuple):
        for below in value:
            _look(below, what, depth + 1)
    elif not (value is None or isinstance(value, bool | int | float)):
        raise NotAReference(f"{what} holds a {type(value).__name__}, which is not JSON")


def _is_internet_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return not text.isdigit()
