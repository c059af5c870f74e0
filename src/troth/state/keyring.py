"""The keys of one Troth: signing keys, epoch keys, the vault key.

A signing key signs checkpoints, and which one is in force is said by the ledger, never by a file: a key file
that the ledger does not name is a key that was never used. An epoch key makes the keyed hashes of erased
people's identifiers and is destroyed after its day. The vault key encrypts what Troth itself has to keep.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta

from troth.core.errors import KeyUnavailable, UsageError
from troth.core.evidence.canonical import NotCanonical, canonical, parse
from troth.core.evidence.note import (
    BadNote,
    SigningKey,
    VerifyKey,
    b64,
    from_b64,
    parse_signing_key,
    parse_vkey,
)
from troth.core.evidence.pseudonym import Epoch, SubjectHashes
from troth.state.keyfiles import KeyFiles
from troth.state.vault import Vault

HASHES_KEPT = 400
"""Default days for which a keyed hash must be matched: longer than backups usually live."""

LAST_CHECKPOINT = "last-checkpoint"
_VAULT = "vault.key"
Randoms = Callable[[int], bytes]


class Keyring:
    """The keys in ``files``, which are asked at every call, so a key that another process rotates or destroys is not
    used any more."""

    def __init__(self, files: KeyFiles, *, randoms: Randoms = os.urandom) -> None:
        self.files = files
        self._randoms = randoms
        self._parsed: tuple[str, SigningKey] | None = None

    # Signing ----------------------------------------------------------------------------------------
    def new_signing_key(self, origin: str) -> SigningKey:
        """Make and keep a key; it is in force once the ledger names it. Raises UsageError for a bad name."""
        try:
            key = SigningKey(origin, self._randoms(32))
        except BadNote as problem:
            raise UsageError(f"{origin!r}: {problem}") from None
        self.files.write(_signing_file(key.vkey), key.export() + "\n")
        return key

    def signer(self, vkey: str) -> SigningKey:
        """The private half of this public key. Raises KeyUnavailable."""
        name = _signing_file(parse_vkey(vkey))
        text = self.files.read(name)
        if self._parsed is None or self._parsed[0] != text:
            try:
                self._parsed = (text, parse_signing_key(text.rstrip("\n")))
            except BadNote:
                raise _damaged(name) from None
        key = self._parsed[1]
        if str(key.vkey) != vkey:
            raise _damaged(name)
        return key

    def signing_keys(self) -> list[VerifyKey]:
        """The public halves of the signing keys at hand."""
        names = [name for name in self.files.names() if name.startswith("signing-")]
        return [parse_signing_key(self.files.read(name).rstrip("\n")).vkey for name in names]

    def destroy_signing_key(self, key: VerifyKey) -> None:
        """Overwrite and remove the private half."""
        self.files.destroy(_signing_file(key))

    # Epochs -----------------------------------------------------------------------------------------
    @property
    def epochs(self) -> SubjectHashes:
        """The live epochs, oldest first."""
        return SubjectHashes.of_epochs(self._epoch(name) for name in self._names("epoch-", ".json"))

    def destroyed_epochs(self) -> list[str]:
        """Ids of the epochs whose keys are gone."""
        return [name[len("epoch-") : -len(".gone")] for name in self._names("epoch-", ".gone")]

    def new_epoch(self, today: date, *, keep_days: int = HASHES_KEPT) -> Epoch:
        """Make an epoch; the one before it, if any, is destroyed ``keep_days`` after today.

        What was hashed under it today must be matched for that long. The new one gets its definite day when
        it is followed by another.
        """
        epochs = self.epochs.epochs
        if epochs:
            last = epochs[-1]
            self._write_epoch(Epoch(last.id, last.created, today + timedelta(keep_days), last.secret))
        number = 1 + max((int(e.id[1:]) for e in epochs), default=0)
        number = max([number, *(1 + int(gone[1:]) for gone in self.destroyed_epochs())])
        epoch = Epoch(f"e{number}", today, today + timedelta(2 * keep_days), self._randoms(32))
        self._write_epoch(epoch)
        return epoch

    def destroy_epoch(self, epoch: str) -> None:
        """Overwrite and remove an epoch's key. Raises UsageError for one that does not exist."""
        if f"epoch-{epoch}.json" not in self.files.names():
            known = ", ".join(e.id for e in self.epochs.epochs) or "none"
            raise UsageError(f"there is no epoch {epoch!r}", remedy=f"epochs with a key: {known}")
        self.files.write(f"epoch-{epoch}.gone", "")
        self.files.destroy(f"epoch-{epoch}.json")

    # The vault --------------------------------------------------------------------------------------
    def new_vault_key(self) -> None:
        """Make the vault key. An existing one is never replaced: what it sealed would be lost."""
        if _VAULT not in self.files.names():
            self.files.write(_VAULT, canonical({"secret": b64(self._randoms(32))}).decode())

    @property
    def vault(self) -> Vault:
        """Raises KeyUnavailable."""
        return Vault(self._secret(_VAULT, self.files.read(_VAULT)))

    # The last checkpoint ----------------------------------------------------------------------------
    @property
    def last_checkpoint(self) -> str | None:
        """The newest checkpoint signed here, kept with the keys: it outlives a database that is set back."""
        return self.files.read(LAST_CHECKPOINT) if LAST_CHECKPOINT in self.files.names() else None

    def remember_checkpoint(self, note: str) -> None:
        # Written twice in every erasure. After a power cut the one before it proves the same log, a little shorter.
        self.files.write(LAST_CHECKPOINT, note, replaceable=True)

    # Files ------------------------------------------------------------------------------------------
    def _names(self, start: str, end: str) -> list[str]:
        return [name for name in self.files.names() if name.startswith(start) and name.endswith(end)]

    def _epoch(self, name: str) -> Epoch:
        text = self.files.read(name)
        try:
            value = parse(text.encode())
            if not isinstance(value, dict):
                raise _damaged(name)
            created, end = (date.fromisoformat(str(value[key])) for key in ("created", "destroy_after"))
            return Epoch(str(value["id"]), created, end, self._secret(name, text))
        except (KeyError, ValueError):
            raise _damaged(name) from None

    def _write_epoch(self, epoch: Epoch) -> None:
        text = canonical(
            {
                "created": epoch.created.isoformat(),
                "destroy_after": epoch.destroy_after.isoformat(),
                "id": epoch.id,
                "secret": b64(epoch.secret),
            }
        )
        self.files.write(f"epoch-{epoch.id}.json", text.decode())

    def _secret(self, name: str, text: str) -> bytes:
        try:
            value = parse(text.encode())
            secret = from_b64(str(value["secret"])) if isinstance(value, dict) else b""
        except (NotCanonical, BadNote, KeyError):
            raise _damaged(name) from None
        if len(secret) != 32:
            raise _damaged(name)
        return secret


def _signing_file(key: VerifyKey) -> str:
    return f"signing-{key.id.hex()}.key"


def _damaged(name: str) -> KeyUnavailable:
    return KeyUnavailable(
        f"the key file {name} is damaged", remedy="put it back with `troth keys escrow --restore FILE`"
    )
