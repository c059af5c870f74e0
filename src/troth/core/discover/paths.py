"""Paths inside structured values, as the policy file writes them: ``address.city``, ``tags.*``."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAMING = re.compile(r"[^\W\d][\w .:/$-]{0,48}")
_LONG_NUMBER = re.compile(r"\d{4}|[0-9a-fA-F]{16}")


def joined(path: Sequence[str]) -> str:
    """One text; a point within a key is written ``\\.``."""
    return ".".join(step.replace(".", "\\.") for step in path)


def step_of(key: str) -> str:
    """The key where it names a place, ``*`` where it looks like data itself: a number, a mail address…"""
    if not _NAMING.fullmatch(key) or _LONG_NUMBER.search(key) or key.count(" ") > 3:
        return "*"
    return key


def split(path: str) -> list[str]:
    """The steps of a path that ``joined`` has written."""
    return [step.replace("\0", ".") for step in path.replace("\\.", "\0").split(".")]
