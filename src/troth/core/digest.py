"""One digest for a set of keys, the same whatever order an engine tells them in.

Engines sort text differently, so the keys' own digests are added up (SHA-256 of each, modulo 2^256) and the
sum is hashed with their number. That detects any change; it does not defend against somebody who can choose
keys at will, who could as well change the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

_MODULUS = 1 << 256


class KeyDigest:
    """Counts keys and digests them as they pass; needs no memory for them."""

    __slots__ = ("_sum", "rows")

    def __init__(self) -> None:
        self._sum = 0
        self.rows = 0

    def add(self, key: Sequence[object]) -> None:
        """Take one more key into account."""
        if len(key) == 1:
            part = str(key[0])
            text = f"{len(part)}:{part}"
        else:
            # Each part carries its length, so that no two keys share a spelling.
            text = "".join([f"{len(part)}:{part}" for part in map(str, key)])
        self._sum += int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest())
        self.rows += 1

    def hexdigest(self) -> str:
        """The digest so far."""
        total = (self._sum % _MODULUS).to_bytes(32)
        return sha256(total + self.rows.to_bytes(8)).hexdigest()


def digest_of(keys: Iterable[Sequence[object]]) -> str:
    """The digest of all these keys."""
    digest = KeyDigest()
    for key in keys:
        digest.add(key)
    return digest.hexdigest()
