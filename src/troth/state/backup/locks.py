"""Who may open a backup: whoever has the other half of its recipient's key, or a passphrase.

The key of a file is random. For a recipient it is wrapped under a secret that only the private half can make again
(X25519 with a key pair of the moment, HKDF-SHA256, AES-256-GCM); for a passphrase, under what scrypt makes of it.
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass
from hashlib import scrypt, sha256
from pathlib import Path

from troth.core.errors import EvidenceError, KeyUnavailable, UsageError
from troth.core.evidence.canonical import JSON, NotCanonical, canonical, parse
from troth.core.evidence.note import BadNote, b64, from_b64

RECIPIENT = "backup.recipient"
"""The file beside the keys that holds the public half."""
SHORTEST_PASSPHRASE = 12
MAGIC = b"troth-backup/1\n"

_PUBLIC, _PRIVATE = "troth-backup-recipient ", "TROTH-BACKUP-KEY "
_COST = {"n": 2**16, "r": 8, "p": 1}
_KEY = 32
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Opener:
    """What somebody has to open a backup with: a private half, a passphrase, or neither."""

    private: bytes = b""
    passphrase: str = ""

    def __repr__(self) -> str:
        return "<Opener>"


def new_pair() -> tuple[str, str]:
    """The public and the private half of a recipient, each as one line."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    key = X25519PrivateKey.generate()
    return f"{_PUBLIC}{b64(key.public_key().public_bytes_raw())}\n", f"{_PRIVATE}{b64(key.private_bytes_raw())}\n"


def read_private(path: Path) -> bytes:
    """The private half in a file. Raises UsageError, KeyUnavailable when others could read it."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyUnavailable(f"{path} can be used by others than its owner", remedy=f"run: chmod 600 '{path}'")
        return _line(path.read_text(encoding="ascii"), _PRIVATE)
    except (OSError, UnicodeDecodeError, BadNote):
        raise UsageError(
            f"{path} is not a key that opens backups", remedy="name the file that `troth keys backup` wrote"
        ) from None


def for_recipient(public: str) -> tuple[bytes, bytes]:
    """A new file's key, and the head of the file that lets the recipient find it. Raises KeyUnavailable."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    try:
        to = _line(public, _PUBLIC)
    except BadNote:
        raise KeyUnavailable(
            f"{RECIPIENT} beside the keys is damaged", remedy="make it anew: `troth keys backup --replace -o FILE`"
        ) from None
    moment = X25519PrivateKey.generate()
    mine = moment.public_key().public_bytes_raw()
    secret = moment.exchange(X25519PublicKey.from_public_bytes(to))
    key = secrets.token_bytes(_KEY)
    head: dict[str, JSON] = {
        "for": "recipient", "id": _id(to), "moment": b64(mine), "key": b64(_wrap(_agreed(secret, mine, to), key)),
    }  # fmt: skip
    return _bound(key, head)


def for_passphrase(passphrase: str) -> tuple[bytes, bytes]:
    """The same for whoever knows a passphrase. Raises UsageError for a short one."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UsageError(f"a passphrase for a backup has at least {SHORTEST_PASSPHRASE} characters")
    salt, key = os.urandom(16), secrets.token_bytes(_KEY)
    head: dict[str, JSON] = {"for": "passphrase", "salt": b64(salt), "key": b64(_wrap(_stretch(passphrase, salt), key))}
    return _bound(key, head)


def key_of(head: bytes, opener: Opener) -> bytes:
    """The key of the file that begins so. Raises EvidenceError for no backup, UsageError for the wrong key."""
    try:
        said = parse(head.removeprefix(MAGIC).rstrip(b"\n"))
        if not head.startswith(MAGIC) or not isinstance(said, dict):
            raise BadNote("no head")
        kind, wrapped = said["for"], from_b64(str(said["key"]))
        wrapping = _of_recipient(said, opener) if kind == "recipient" else _of_passphrase(said, opener)
    except (NotCanonical, BadNote, KeyError):
        raise not_a_backup() from None
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        key = AESGCM(wrapping).decrypt(bytes(12), wrapped, MAGIC)
    except (InvalidTag, ValueError):
        raise UsageError(
            "this backup does not open", remedy="check the key or the passphrase; the file may be damaged"
        ) from None
    return _payload(key, head)


def read_head(line: bytes, following: bytes) -> bytes:
    """The first two lines of a file as its head. Raises EvidenceError."""
    if line != MAGIC or not following.endswith(b"\n") or len(following) > _LONGEST:
        raise not_a_backup()
    return line + following


def not_a_backup() -> EvidenceError:
    """For a file that is something else."""
    return EvidenceError("this is not a backup of Troth", remedy="name a file that `troth backup --to` made")


def _of_recipient(said: dict[str, JSON], opener: Opener) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    if not opener.private:
        raise UsageError("this backup opens with a key", remedy="name it: --key FILE (`troth keys backup` made it)")
    moment = from_b64(str(said["moment"]))
    try:
        mine = X25519PrivateKey.from_private_bytes(opener.private)
        theirs = X25519PublicKey.from_public_bytes(moment)
        to = mine.public_key().public_bytes_raw()
        if said["id"] != _id(to):
            raise UsageError("this backup was made for another key", remedy=f"it opens with the key {said['id']}")
        return _agreed(mine.exchange(theirs), moment, to)
    except ValueError:
        raise not_a_backup() from None


def _of_passphrase(said: dict[str, JSON], opener: Opener) -> bytes:
    if not opener.passphrase:
        raise UsageError(
            "this backup opens with a passphrase", remedy="put it in a file: --passphrase-file FILE"
        )  # fmt: skip
    return _stretch(opener.passphrase, from_b64(str(said["salt"])))


def _bound(key: bytes, head: dict[str, JSON]) -> tuple[bytes, bytes]:
    written = MAGIC + canonical(head) + b"\n"
    return _payload(key, written), written


def _payload(key: bytes, head: bytes) -> bytes:
    """The head is part of the key: with another one the rest does not open."""
    return hmac.digest(key, b"troth backup payload v1" + sha256(head).digest(), sha256)


def _agreed(secret: bytes, moment: bytes, to: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length=_KEY, salt=moment + to, info=b"troth backup wrapping v1").derive(secret)


def _wrap(wrapping: bytes, key: bytes) -> bytes:
    """Each wrapping key is used once, for this: a fixed nonce does no harm."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(wrapping).encrypt(bytes(12), key, MAGIC)


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return scrypt(passphrase.encode(), salt=salt, **_COST, maxmem=2**27, dklen=_KEY)


def _line(text: str, start: str) -> bytes:
    raw = from_b64(text.removeprefix(start).rstrip("\n")) if text.startswith(start) else b""
    if len(raw) != _KEY:
        raise BadNote("not such a key")
    return raw


def _id(public: bytes) -> str:
    return sha256(public).hexdigest()[:12]


def id_of(public: str) -> str:
    """The short name of a recipient, as the head of its backups gives it. Raises BadNote."""
    return _id(_line(public, _PUBLIC))
