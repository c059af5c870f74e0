"""Secrets that stand in clear in a policy file: found, refused, and never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable

BLOT = "•••"

_KEY = re.compile(
    r"(^|[_-])(password|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|private[_-]?key|mot[_-]de[_-]passe)$",
    re.IGNORECASE,
)
_URL = re.compile(r"([a-z][a-z0-9+.-]*://)([^\s/@:]*):([^\s@/]*(?:/[^\s@/]*)*)@", re.IGNORECASE)
_QUERY = re.compile(
    r"([?&](?:password|passwd|pwd|secret|token|api_?key|sslpassword|access_token)=)([^\s&#'\"]+)", re.IGNORECASE
)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_LINE = re.compile(
    r"([\w-]*(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|private[_-]?key|mot[_-]de[_-]passe)"
    r"['\"]?\s*[:=]\s*)([^\s{\[][^,}\]]*)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"^['\"]?\$\{[A-Za-z_][A-Za-z0-9_]*\}['\"]?$")


def is_secret_key(key: str) -> bool:
    """Whether a key says that its value is a secret."""
    return _KEY.search(key) is not None


def is_variable(text: str) -> bool:
    """Whether a text is nothing but ``${NAME}``."""
    return _VARIABLE.match(text) is not None


def secrets_in_text(text: str) -> list[str]:
    """The secrets that a value carries in clear: a URL's password, a query parameter, a private key."""
    found = [m[3] for m in _URL.finditer(text) if m[3] and not is_variable(m[3])]
    found += [m[2] for m in _QUERY.finditer(text) if not is_variable(m[2])]
    if _PEM.search(text):
        found.append(text)
    return found


def blot_out(text: str, known: Iterable[str] = ()) -> str:
    """The text without its secrets: those known from the file, and whatever looks like one."""
    for secret in sorted({s for k in known for s in _pieces(k)}, key=len, reverse=True):
        text = text.replace(secret, BLOT)
    text = _URL.sub(lambda m: m[0] if is_variable(m[3]) else f"{m[1]}{m[2]}:{BLOT}@", text)
    text = _QUERY.sub(lambda m: m[0] if is_variable(m[2]) else f"{m[1]}{BLOT}", text)
    return text


def blot_out_line(line: str, known: Iterable[str] = ()) -> str:
    """As ``blot_out``, and also what follows a key such as ``password:``, for lines nobody could parse."""
    line = _LINE.sub(lambda m: m[0] if is_variable(m[2].strip()) else f"{m[1]}{BLOT}", line)
    return blot_out(line, known)


def _pieces(secret: str) -> list[str]:
    """A secret over several lines is shown by lines; quoting may have doubled its quotes."""
    lines = [line.strip() for line in secret.splitlines()]
    return [p for line in lines for p in (line, line.replace("'", "''"), line.replace('"', '\\"')) if len(p) > 2]
