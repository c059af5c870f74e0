"""Writing any name into YAML so that the policy loader reads exactly that name.

Plain where nothing else could be meant, in double quotes otherwise. Some texts cannot stand in a policy at all
(characters nobody sees, secrets in clear): ``writable`` tells.
"""

from __future__ import annotations

import re

from troth.core.policy.scalars import AmbiguousScalar, read_scalar
from troth.core.policy.secrets import secrets_in_text
from troth.core.policy.text_source import FORBIDDEN

_PLAIN = re.compile(r"[^\W\d][\w.-]*( [\w.-]+)*")
_UNSEEN = re.compile(r"[\s\ufffe\uffff]+")
LONGEST = 250
"""Characters of a name; longer ones are left to a human."""


def writable(text: str) -> bool:
    """Whether a name or value can stand in a policy file."""
    if not 0 < len(text) <= LONGEST or FORBIDDEN.search(text):
        return False
    return text.isascii() or _encodable(text)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def value_writable(text: str) -> bool:
    """As ``writable``, for what stands behind a colon: no secret in clear."""
    return writable(text) and not secrets_in_text(text)


def key(text: str) -> str:
    """A key of a mapping."""
    return text if _is_plain(text) else _quoted(text)


def value(text: str) -> str:
    """A text as a value: ``${`` stands for itself."""
    text = text.replace("${", "$${")
    return text if _is_plain(text) else _quoted(text)


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or len(text) == 1:
        return False
    try:
        return read_scalar(text, plain=True) == text
    except AmbiguousScalar:
        return False


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for character, name in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\xa0", "\\_")):
        escaped = escaped.replace(character, name)
    return f'"{escaped}"'


def comment(text: str) -> str:
    """What may stand behind a ``#``: one line, nothing unseen."""
    seen = FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode("utf-8")
    return _UNSEEN.sub(lambda m: m[0] if m[0] in ("\u202f", "\xa0", " ") else " ", seen).strip()
