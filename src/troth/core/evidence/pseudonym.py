"""Keyed hashes of identifiers: how erased people are recognised without keeping who they were.

HMAC-SHA-256(epoch key, kind || 0x00 || normalised value). Without the key the value cannot be guessed, with
it it can: the hash stays personal data until the epoch's key is destroyed, so every epoch has the day on
which that happens. Several epochs live at once; new hashes are made under the newest, matching tries all.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

_EMAIL = frozenset({"email", "emailaddress"})


@dataclass(frozen=True, slots=True)
class Epoch:
    """One key for keyed hashes: in use from ``created``, destroyed after ``destroy_after``."""

    id: str
    created: date
    destroy_after: date
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, order=True)
class KeyedHash:
    """A pseudonym: personal data as long as its epoch's key exists."""

    epoch: str
    kind: str
    digest: bytes

    def __str__(self) -> str:
        return f"{self.epoch}:{self.digest.hex()}"


@dataclass(frozen=True, slots=True)
class SubjectHashes:
    """The live epochs, oldest first."""

    epochs: tuple[Epoch, ...]

    @classmethod
    def of_epochs(cls, epochs: Iterable[Epoch]) -> SubjectHashes:
        """From epochs in any order; ids are counted (e9 is older than e10)."""
        return cls(tuple(sorted(epochs, key=lambda epoch: (epoch.created, len(epoch.id), epoch.id))))

    @property
    def newest(self) -> Epoch:
        """Raises ValueError when there is no epoch at all."""
        if not self.epochs:
            raise ValueError("no epoch key")
        return self.epochs[-1]

    def current(self, kind: str, value: str) -> KeyedHash:
        """What is recorded for a new erasure: the hash under the newest epoch."""
        return keyed_hash(self.newest, kind, value)

    def candidates(self, kind: str, value: str) -> tuple[KeyedHash, ...]:
        """What a value may have been recorded as: its hash under every live epoch."""
        return tuple(keyed_hash(epoch, kind, value) for epoch in self.epochs)

    def current_row(self, store: str, collection: str, key: Sequence[object]) -> KeyedHash:
        """The hash of a row's key, under the newest epoch."""
        return self.current(row_kind(store, collection), row_value(key))

    def candidate_rows(self, store: str, collection: str, key: Sequence[object]) -> tuple[KeyedHash, ...]:
        """The hash of a row's key under every live epoch."""
        return self.candidates(row_kind(store, collection), row_value(key))


def keyed_hash(epoch: Epoch, kind: str, value: str) -> KeyedHash:
    """HMAC-SHA-256 of the normalised value under this epoch. Raises ValueError for a kind holding NUL."""
    return KeyedHash(epoch.id, kind, mac(epoch.secret, kind, value))


def mac(secret: bytes, kind: str, value: str) -> bytes:
    """The bytes behind every pseudonym: HMAC-SHA-256(secret, kind || 0x00 || normalised value)."""
    if "\x00" in kind:
        raise ValueError("the kind of an identifier holds no NUL")
    message = kind.encode() + b"\x00" + normalise(kind, value).encode("utf-8", "surrogatepass")
    return hmac.digest(secret, message, sha256)


def normalise(kind: str, value: str) -> str:
    """One spelling for one identifier; our own declared rule, whatever a database's collation thinks.

    All kinds: Unicode NFC, surrounding white space removed. Emails besides: the domain (after the last @) in
    lower case where it is ASCII, the local part in lower case (not case-folded: that makes ``ß`` and ``ss``, who
    may be two people, one). RFC 5321 lets a server tell ``Ana@`` from
    ``ana@``; none that people use does, and missing an erased person is worse than asking a human.
    """
    value = unicodedata.normalize("NFC", value).strip()
    if kind.replace("_", "").lower() not in _EMAIL:
        return value
    local, at, domain = value.rpartition("@")
    if domain.isascii():
        domain = domain.lower()
    return unicodedata.normalize("NFC", local.lower() + at + domain)


def row_kind(store: str, collection: str) -> str:
    """The kind under which keys of rows are hashed."""
    return f"row:{store}/{collection}"


def row_value(key: Sequence[object]) -> str:
    """A row's key as text. Each part carries its length, so that no two keys share a spelling."""
    return "".join(f"{len(str(part))}:{part}" for part in key)
