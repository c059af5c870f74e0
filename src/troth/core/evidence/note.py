"""C2SP signed notes and their Ed25519 keys (https://c2sp.org/signed-note).

A note is text, a blank line, and signature lines ``— name base64(key id || signature)``. A key is known by
its name and its key id, the first four bytes of SHA-256(name || 0x0A || 0x01 || public key). Keys are
written as the Go implementation writes them, so that other tools read them: ``name+id+base64(0x01||public)``
to verify with (a *vkey*), ``PRIVATE+KEY+name+id+base64(0x01||seed)`` to sign with.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_MOST_SIGNATURES = 16
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(ValueError):
    """Not a well-formed note or key."""


class Signer(Protocol):
    """Something that holds a private key; it need not be this process."""

    @property
    def vkey(self) -> VerifyKey: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key and the name it signs under."""

    name: str
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(_ED25519 + self.public)}"

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def verifies(self, message: bytes, signature: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """An Ed25519 key held in memory. Its seed is never part of a representation or a message."""

    def __init__(self, name: str, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        check_name(name)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self._vkey = VerifyKey(name, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<SigningKey {self._vkey.name}+{self._vkey.id.hex()}>"

    @property
    def vkey(self) -> VerifyKey:
        return self._vkey

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def export(self) -> str:
        """The private key as text; only ever for a file with strict permissions."""
        return f"{_PRIVATE}{self._vkey.name}+{self._vkey.id.hex()}+{b64(_ED25519 + self._seed)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; ``text`` ends in a newline and is what is signed."""

    text: str
    signatures: tuple[Signature, ...]

    def signed_by(self, key: VerifyKey) -> bool:
        """Is there a valid signature of this key? Other keys' signatures are ignored, as the format asks."""
        mine = [s for s in self.signatures if (s.name, s.key_id) == (key.name, key.id)]
        return bool(mine) and all(key.verifies(self.text.encode(), s.signature) for s in mine)


def sign_note(text: str, signer: Signer) -> str:
    """The note with one signature. Raises BadNote for text that a note cannot hold."""
    _check_text(text)
    key = signer.vkey
    return f"{text}\n— {key.name} {b64(key.id + signer.sign(text.encode()))}\n"


def parse_note(note: str) -> Note:
    """Raises BadNote unless this is a well-formed signed note. Nothing is verified yet."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise BadNote("a signed note is text, a blank line and signature lines, each ended by a newline")
    text += "\n"
    _check_text(text)
    signatures = tuple(_parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > _MOST_SIGNATURES:
        raise BadNote(f"more than {_MOST_SIGNATURES} signatures")
    return Note(text, signatures)


def parse_vkey(text: str) -> VerifyKey:
    """A public key in ``name+id+base64`` form. Raises BadNote, also when the id is not the key's."""
    name, _, rest = text.partition("+")
    key_id, _, data = rest.partition("+")
    key = VerifyKey(check_name(name), _key_bytes(data))
    if key.id.hex() != key_id:
        raise BadNote(f"the key id {key_id!r} does not belong to this name and key")
    return key


def parse_signing_key(text: str) -> SigningKey:
    """A private key in ``PRIVATE+KEY+…`` form. Raises BadNote; the message never shows the key."""
    if not text.startswith(_PRIVATE):
        raise BadNote("not a private signing key")
    name, _, rest = text.removeprefix(_PRIVATE).partition("+")
    key_id, _, data = rest.partition("+")
    key = SigningKey(name, _key_bytes(data))
    if key.vkey.id.hex() != key_id:
        raise BadNote("the key id does not belong to this name and key")
    return key


def check_name(name: str) -> str:
    """A key's name: not empty, no spaces, no ``+``, nothing unprintable. Raises BadNote."""
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise BadNote("a key's name looks like example.org/troth: no spaces, no plus sign")
    return name


def b64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def from_b64(text: str) -> bytes:
    """Standard base64 in its only canonical spelling. Raises BadNote."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not base64") from None
    if b64(data) != text:
        raise BadNote("not canonical base64")
    return data


def _key_bytes(data: str) -> bytes:
    raw = from_b64(data)
    if len(raw) != 33 or raw[:1] != _ED25519:
        raise BadNote("not an Ed25519 key")
    return raw[1:]


def _parse_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, data = rest.partition(" ")
    if dash != "—":
        raise BadNote("a signature line begins with an em dash and a space")
    raw = from_b64(data)
    if len(raw) < 5:
        raise BadNote("a signature is a key id and at least one byte")
    return Signature(check_name(name), raw[:4], raw[4:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise BadNote("a note's text ends in a newline")
    if _CONTROL.search(text):
        raise BadNote("a note holds no control characters")
