"""A copy of all keys in one file under a passphrase, for the day the machine is lost.

scrypt (RFC 7914, 64 MiB) stretches the passphrase, AES-256-GCM seals the keys. A copy also keeps epoch keys
alive: after an epoch is destroyed, make a new copy and destroy the old one.
"""

from __future__ import annotations

import os
from datetime import date
from hashlib import scrypt

from troth.core.errors import KeyUnavailable, UsageError
from troth.core.evidence.canonical import NotCanonical, canonical, parse
from troth.core.evidence.note import BadNote, b64, from_b64
from troth.state.keyring import LAST_CHECKPOINT, Keyring

SHORTEST_PASSPHRASE = 12
_FORMAT = "troth-escrow/1"
_COST = {"n": 2**16, "r": 8, "p": 1}


def export_keys(keys: Keyring, passphrase: str) -> bytes:
    """All keys, sealed. Raises UsageError for a passphrase shorter than SHORTEST_PASSPHRASE characters."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UsageError(f"a passphrase for all keys has at least {SHORTEST_PASSPHRASE} characters")
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    files = {name: keys.files.read(name) for name in keys.files.names() if name != LAST_CHECKPOINT}
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, canonical(dict(files)), _FORMAT.encode())
    return canonical({"format": _FORMAT, "salt": b64(salt), "sealed": b64(nonce + sealed)}) + b"\n"


def restore_keys(keys: Keyring, escrow: bytes, passphrase: str, today: date) -> list[str]:
    """Put back the keys that are missing; returns their names. Nothing present is overwritten.

    Epochs that were destroyed, or whose day has passed, are not brought back. Raises KeyUnavailable for a
    wrong passphrase, a damaged file, or a key that differs from one that is present.
    """
    present = set(keys.files.names())
    restored = []
    files = _open(escrow, passphrase)
    for name, text in files.items():
        if name in present and not name.startswith("epoch-") and keys.files.read(name) != text:
            raise KeyUnavailable(f"{name} is present and differs: this is a copy of other keys")
    for name, text in files.items():
        if name not in present and not _over(name, text, present | set(files), today):
            keys.files.write(name, text)
            restored.append(name)
    return restored


def _over(name: str, text: str, names: set[str], today: date) -> bool:
    """Is this the key of an epoch that must not come back?"""
    if not (name.startswith("epoch-") and name.endswith(".json")):
        return False
    if name.removesuffix(".json") + ".gone" in names:
        return True
    value = parse(text.encode())
    return isinstance(value, dict) and date.fromisoformat(str(value["destroy_after"])) < today


def _open(escrow: bytes, passphrase: str) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        value = parse(escrow.rstrip(b"\n"))
        if not isinstance(value, dict) or value["format"] != _FORMAT:
            raise NotCanonical("not a copy of keys")
        salt, sealed = from_b64(str(value["salt"])), from_b64(str(value["sealed"]))
    except (NotCanonical, BadNote, KeyError):
        raise KeyUnavailable("the file is not a copy of keys made by `troth keys escrow`") from None
    try:
        opened = AESGCM(_stretch(passphrase, salt)).decrypt(sealed[:12], sealed[12:], _FORMAT.encode())
    except (InvalidTag, ValueError):
        raise KeyUnavailable(
            "the copy of the keys does not open", remedy="check the passphrase; the file may be damaged"
        ) from None
    files = parse(opened)
    return {name: str(text) for name, text in files.items()} if isinstance(files, dict) else {}


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return scrypt(passphrase.encode(), salt=salt, **_COST, maxmem=2**27, dklen=32)
