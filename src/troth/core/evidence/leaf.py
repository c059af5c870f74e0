"""Events, and the leaves that commit to them.

A leaf holds what never needs to be deleted: a version, the kind of event, its time, and a salted commitment
to the body. Body and salt lie beside the leaf. Deleting both (*redacting*) leaves a commitment that says
nothing about the body, and the tree stays whole.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from troth.core.evidence.canonical import JSON, NotCanonical, canonical, parse

SALT_BYTES = 32
_quote = json.JSONEncoder(ensure_ascii=False).encode
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: ``kind`` is dotted (``erasure.intended``), ``at`` is UTC, ``body`` is JSON
    without floats. ``body["request"]``, when there is one, is what the event can be found by."""

    kind: str
    at: datetime
    body: dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is in the tree: kind, time, and SHA-256(salt || canonical body)."""

    kind: str
    at: str
    commitment: bytes

    def encode(self) -> bytes:
        """Canonical JSON: the bytes that are hashed into the tree."""
        # Spelled by hand, being made a million times: a test compares it with canonical().
        kind = _quote(self.kind)
        text = f'{{"at":"{self.at}","commitment":"{self.commitment.hex()}","kind":{kind},"v":{_VERSION}}}'
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise NotCanonical("the kind of an event holds half of a surrogate pair") from None


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the salt and the canonical body. Deleted together or not at all."""

    salt: bytes
    body: bytes


def commit(salt: bytes, body: bytes) -> bytes:
    """SHA-256(salt || body). The salt has a fixed length, so no other pair gives the same bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(salt + body).digest()


def opens(leaf: Leaf, opening: Opening) -> bool:
    """Is this the body that the leaf commits to?"""
    return len(opening.salt) == SALT_BYTES and hmac.compare_digest(commit(opening.salt, opening.body), leaf.commitment)


def seal(event: Event, salt: bytes, not_before: str = "") -> tuple[Leaf, Opening]:
    """The leaf of an event and what opens it.

    A log's times never go back: when the clock did, the leaf carries ``not_before``, the time of the leaf
    before it. Raises NotCanonical for a body that cannot be written canonically, ValueError for a time
    that is not UTC.
    """
    body = canonical(dict(event.body))
    at = max(write_time(event.at), not_before)
    return Leaf(event.kind, at, commit(salt, body)), Opening(salt, body)


def decode(data: bytes) -> Leaf:
    """The leaf in these bytes. Raises NotCanonical for anything but exactly what ``encode`` writes."""
    return leaf_of(parse(data))


def leaf_of(value: JSON) -> Leaf:
    """The leaf in a value that ``parse`` returned. Raises NotCanonical."""
    if not isinstance(value, dict) or set(value) != {"at", "commitment", "kind", "v"}:
        raise NotCanonical("not a leaf of version 1")
    at, kind, commitment, version = value["at"], value["kind"], value["commitment"], value["v"]
    if not (isinstance(at, str) and isinstance(kind, str) and isinstance(commitment, str)):
        raise NotCanonical("a leaf's fields are text")
    if type(version) is not int or version != _VERSION:  # `true` equals 1 in Python, not in JSON
        raise NotCanonical("not a leaf of version 1")
    read_time(at)
    return Leaf(kind, at, from_hex(commitment, 32))


def write_time(at: datetime) -> str:
    """``2026-11-22T08:30:00.000000Z``: fixed width, so that text order is time order. UTC only."""
    if at.tzinfo is not UTC and (at.tzinfo is None or at.utcoffset() != UTC.utcoffset(None)):
        raise ValueError("a time in the ledger is UTC: use datetime.now(UTC) or .astimezone(UTC)")
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def read_time(text: str) -> datetime:
    """The inverse of ``write_time``. Raises NotCanonical for any other spelling."""
    try:
        at = datetime.fromisoformat(text)
        if write_time(at) == text:
            return at
    except ValueError:
        pass
    raise NotCanonical("a time is written like 2026-11-22T08:30:00.000000Z")


def from_hex(text: str, length: int) -> bytes:
    """Bytes of a known length from lower-case hexadecimal. Raises NotCanonical."""
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise NotCanonical("not hexadecimal") from None
    if len(value) != length or value.hex() != text:
        raise NotCanonical(f"not {length} bytes in lower-case hexadecimal")
    return value
