"""How signing keys follow one another, as the log itself tells it.

Leaf 0 (`key.created`) names the first key. A `key.rotated` leaf names the next one, in a note signed by the
one before. A checkpoint of ``size`` leaves is signed by the last key named before leaf ``size - 1``: the
checkpoint that first covers a rotation is still signed by the old key, every later one by the new key only,
so a stolen old key is worth nothing once it has been rotated out.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.evidence.canonical import JSON
from troth.core.evidence.note import BadNote, Signer, VerifyKey, parse_note, parse_vkey, sign_note

CREATED = "key.created"
ROTATED = "key.rotated"
KEY_KINDS = frozenset({CREATED, ROTATED})
_ROTATION = "troth key rotation v1"


@dataclass(frozen=True, slots=True)
class Link:
    """One key, and the position of the leaf that names it."""

    position: int
    key: VerifyKey


def created_body(key: VerifyKey) -> dict[str, JSON]:
    """The body of the `key.created` event."""
    return {"key": str(key)}


def rotated_body(old: Signer, new: VerifyKey) -> dict[str, JSON]:
    """The body of a `key.rotated` event: the new key, in a note that the old one signs."""
    return {"key": str(new), "note": sign_note(_statement(old.vkey, new), old)}


def follow(chain: list[Link], position: int, kind: str, body: JSON) -> Link:
    """The link that this event adds to the chain so far. Raises BadNote with the reason when it adds none."""
    if not isinstance(body, dict) or not isinstance(body.get("key"), str):
        raise BadNote("the event names no key")
    key = parse_vkey(str(body["key"]))
    if kind == CREATED:
        if chain or position != 0 or set(body) != {"key"}:
            raise BadNote("only the first event of a log can create its key")
        return Link(position, key)
    if not chain:
        raise BadNote("a key is replaced before any was created")
    old = chain[-1].key
    if key.name != old.name:
        raise BadNote("the new key carries another name than the log")
    if set(body) != {"key", "note"} or not isinstance(body["note"], str):
        raise BadNote("the new key is not vouched for")
    note = parse_note(body["note"])
    if note.text != _statement(old, key) or len(note.signatures) != 1 or not note.signed_by(old):
        raise BadNote("the new key is not vouched for by the key before it")
    return Link(position, key)


def in_force(chain: list[Link], size: int) -> VerifyKey | None:
    """The key that signs a checkpoint of this many leaves."""
    named = [link.key for link in chain if link.position == 0 or link.position < size - 1]
    return named[-1] if named and size > 0 else None


def _statement(old: VerifyKey, new: VerifyKey) -> str:
    return f"{_ROTATION}\n{old}\n{new}\n"
