"""Values that nobody reads: password hashes by their marks, digests, tokens, unique numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log2

_MARKS: tuple[tuple[str, str], ...] = (
    ("argon2", r"\$argon2(?:id|i|d)\$|argon2\$"),
    ("bcrypt", r"\$2[abxy]?\$\d\d\$|bcrypt(?:_sha256)?\$|\$wp\$2y\$|\{bcrypt\}"),
    ("scrypt", r"\$scrypt\$|scrypt[:$]|\$7\$"),
    ("pbkdf2", r"\$pbkdf2|pbkdf2[_:]|\{PBKDF2|sha(?:1|256|512):\d+:"),
    ("phpass", r"\$[PHS]\$"),
    ("crypt", r"\$(?:y|gy|5|6|1|md5|apr1)\$|sha1\$[^$]{1,32}\$|md5\$|\{S?SHA(?:256|512)?\}|\{CRYPT\}"),
)
"""Kind to the way its values begin: the modular crypt format, Django's and Werkzeug's, RFC 2307's."""

_MARK = re.compile(r"(?:\d\||:)?(?:" + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _MARKS) + ")")
_STARRED = re.compile(r"\*[0-9A-F]{40}")
_SALTED = re.compile(r"[0-9a-fA-F]{32,128}:\S{1,64}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_DIGESTS = {32: "digest_md5", 40: "digest_sha1", 56: "digest_sha224", 64: "digest_sha256", 96: "digest_sha384",
            128: "digest_sha512"}  # fmt: skip
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_TOKEN = re.compile(r"[A-Za-z0-9_\-+/.|:]{15,}={0,2}")
_MARKED_TOKEN = re.compile(r"[a-z]{2,6}_(?:live|test|[a-z]{2,4})?_?[A-Za-z0-9]{16,}")


def secret_signs(text: str) -> Iterator[str]:
    """The signs of a text without white space."""
    if text[0] in "$abps{m*:0123456789" and len(text) >= 20 and (mark := _MARK.match(text) or _STARRED.fullmatch(text)):
        yield "password_hash"
        yield f"hash_{mark.lastgroup or 'crypt'}"
    elif _UUID.fullmatch(text):
        yield "uuid"
    elif _HEX.fullmatch(text):
        yield from _hex_signs(text)
    elif len(text) > 33 and _SALTED.fullmatch(text):
        yield "password_hash"
        yield "hash_salted"
    elif _ULID.fullmatch(text):
        yield "uuid"
    elif _JWT.match(text) or _is_token(text):
        yield "token"


def _hex_signs(text: str) -> Iterator[str]:
    if len(text) == 8:
        yield "hex8"
    if len(text) < 16 or text.isdecimal() or len(set(text)) < 6:
        return
    if len(text) in _DIGESTS:
        yield _DIGESTS[len(text)]
        yield "digest"
    else:
        yield "token"


def _is_token(text: str) -> bool:
    """Letters, figures and case mixed as no writer mixes them."""
    if not 15 < len(text) <= 1_000 or not _TOKEN.fullmatch(text):
        return False
    if _MARKED_TOKEN.fullmatch(text):
        return True
    figures = any(map(str.isdigit, text))
    kinds = figures + (text != text.upper()) + (text != text.lower())
    if kinds < 2 or (kinds == 2 and not figures):
        return False
    return _mingled(text) and entropy(text[:200]) >= 3.4


def _mingled(text: str) -> bool:
    """Whether runs of letters of one case are short: words have longer ones."""
    runs = [len(run) for run in re.findall(r"[a-z]+|[A-Z]+", text[:200])]
    return bool(runs) and sum(runs) / len(runs) < 3.2


def entropy(text: str) -> float:
    """Bits for a character, of the characters as they occur."""
    size = len(text)
    return -sum(n / size * log2(n / size) for n in map(text.count, set(text)))
