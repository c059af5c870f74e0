"""Mail addresses as they may stand in a header and in the envelope."""

from __future__ import annotations

import re
from email.utils import parseaddr

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_BARE = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_NO_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST = 254
"""Characters of an address (RFC 5321, section 4.5.3.1.3, less its brackets)."""


def spelt(address: str) -> str:
    """An address in the letters that every server takes, its domain in ASCII (RFC 5891); empty when it is none.

    Quoted local parts and local parts with letters outside ASCII (RFC 6531) are not taken: few servers deliver them.
    """
    local, _, domain = address.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    made = f"{local}@{domain}"
    return made if len(made) <= LONGEST and len(local) <= 64 and _BARE.fullmatch(made) else ""


def bare(written: str) -> str:
    """The address in ``Name <address>``, spelt; empty when there is none."""
    if _NO_HEADER.search(written):
        return ""
    return spelt(parseaddr(written)[1])


def one_line(text: str) -> str:
    """A text that may stand in a header: what could end its line becomes a space."""
    return " ".join(_NO_HEADER.sub(" ", text).split())
