"""Proof of work: a little arithmetic that a visitor's browser does unseen, and a flood of messages pays for."""

from __future__ import annotations

import hashlib
import os

from troth.core.errors import UsageError

VARIABLE = "TROTH_CONTACT_WORK"
_USUAL, _MOST = 16, 22
"""Bits: each doubles the work. 16 are some 65,000 hashes, well under a second on a telephone."""


def base() -> int:
    """Bits asked for in quiet times. Raises UsageError for a setting that is none."""
    said = os.environ.get("TROTH_CONTACT_WORK") or str(_USUAL)
    if not (said.isascii() and said.isdigit() and 1 <= int(said) <= _MOST):
        raise UsageError(f"{VARIABLE} is not a number of bits", remedy=f"set a number between 1 and {_MOST}")
    return int(said)


def asked(steps: int) -> int:
    """Bits asked for, so many steps above the quiet times."""
    return min(base() + steps, max(_MOST, base()))


def is_done(nonce: str, proof: str, bits: int) -> bool:
    """Whether SHA-256 of ``NONCE:PROOF`` begins with that many zero bits; ``proof`` is a number."""
    if not (proof.isascii() and proof.isdigit() and len(proof) <= 16):
        return False
    digest = hashlib.sha256(f"{nonce}:{proof}".encode("ascii")).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0
