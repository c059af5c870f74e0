"""The vault: encryption of the personal data that Troth itself must keep.

AES-256-GCM under keys derived from one vault key, which lies with the other keys, apart from the database.
Each sealed value is bound to its place (table, column, row): moved elsewhere, it does not open. Look-ups go
by keyed hashes that live as long as the vault key (unlike the hashes of erasures, which end with their
epoch), because a hold or an archived record may outlive any epoch.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from hashlib import sha256

from troth.core.errors import KeyUnavailable
from troth.core.evidence.canonical import JSON, canonical, parse
from troth.core.evidence.pseudonym import mac

_NONCE = 12


class Vault:
    """Seals and opens values. ``key`` is 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise KeyUnavailable(
                "the vault key is damaged", remedy="put it back with `troth keys escrow --restore FILE`"
            )
        self._sealing = _derive(key, b"troth vault sealing v1")
        self._indexing = _derive(key, b"troth vault index v1")

    def seal(self, value: bytes, place: str, *, key: bytes | None = None) -> bytes:
        """Encrypt for one place, under the vault's key or a record's own."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(key or self._sealing).encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes, place: str, *, key: bytes | None = None) -> bytes:
        """Decrypt. Raises KeyUnavailable when the key is not the one, or the value was changed or moved."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(key or self._sealing).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except (InvalidTag, ValueError):
            raise KeyUnavailable(
                f"{place.partition('/')[0]}: an encrypted entry does not open with this vault key",
                remedy="put back the keys that belong to this state, or restore the state from its backup",
            ) from None

    def seal_json(self, value: JSON, place: str) -> bytes:
        return self.seal(canonical(value), place)

    def open_json(self, sealed: bytes, place: str) -> JSON:
        return parse(self.open(sealed, place))

    def index(self, kind: str, value: str) -> bytes:
        """What an identifier is looked up by: a keyed hash of its normalised value."""
        return mac(self._indexing, kind, value)

    def indexes(self, identifiers: Iterable[tuple[str, str]]) -> list[bytes]:
        """``index`` of each (kind, value)."""
        return [self.index(kind, value) for kind, value in identifiers]


def _derive(key: bytes, use: bytes) -> bytes:
    """One key for each use, so that none ever works on another's data (HKDF-Expand with one block)."""
    return hmac.digest(key, use + b"\x01", sha256)
