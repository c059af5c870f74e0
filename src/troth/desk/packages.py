"""Packages that wait to be fetched: encrypted in pieces beside the state, each under a key of its own that lies sealed
in front of them. Deleting the file deletes the key."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from troth.core.errors import TrothError
from troth.package.files import sync_folder

if TYPE_CHECKING:
    from troth.state.vault import Vault

_PIECE = 1024 * 1024
_LENGTH = struct.Struct(">I")
_KEY = 32


class PackageGone(TrothError):
    """The package is not there any more, or was damaged."""


def folder() -> Path:
    """Where they lie; for the account of Troth only."""
    path = Path(settings.STATE) / "packages"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def plain_of(ref: str, attempt: int) -> Path:
    """Where the package of a request is made, for as long as that takes; another one at each attempt."""
    return folder() / f"{ref}-{attempt}.zip"


def clear(ref: str, keep: str = "") -> None:
    """Remove what lies there of a request, readable or not, but this one: a crash leaves things behind."""
    for path in (*folder().glob(f"{ref}-*"), *folder().glob(f".{ref}-*")):
        if path.name != keep:
            _remove(path)


def sweep(alive: Collection[str], before: float) -> int:
    """Remove what is older than a moment (seconds since 1970) and not named here; how much that was."""
    old = [p for p in folder().iterdir() if p.name not in alive and p.lstat().st_mtime < before]
    for path in old:
        _remove(path)
    return len(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def store(vault: Vault, name: str, source: Path) -> tuple[int, str]:
    """Encrypt a file under this name, durable on return, in place whole or not at all; its size and SHA-256."""
    with source.open("rb") as plain, Sealing(vault, name) as sealing:
        while piece := plain.read(_PIECE):
            sealing.put(piece)
        return sealing.end()


class Sealing:
    """A file that is encrypted while it comes in: never more than a piece of it is in memory, nothing of it is on the
    disk in clear, and without ``end`` nothing is left."""

    def __init__(self, vault: Vault, name: str) -> None:
        self._vault, self._name = vault, name
        self._key, self._digest, self.size = secrets.token_bytes(_KEY), hashlib.sha256(), 0
        self._target = folder() / name
        self._part = self._target.with_name(f".{name}.part")
        self._number, self._waiting = 0, bytearray()
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        _put(self._file, vault.seal(self._key, _place(name, "key")))

    def __enter__(self) -> Sealing:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def put(self, data: bytes) -> None:
        """More of it."""
        self._digest.update(data)
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]))
            del self._waiting[:_PIECE]

    def end(self) -> tuple[int, str]:
        """That was all; its size and SHA-256."""
        if self._waiting:
            self._seal(bytes(self._waiting))
        # The end is sealed too: a file that was cut short is noticed.
        _put(self._file, self._vault.seal(b"", _place(self._name, f"end-{self._number}"), key=self._key))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self._target)
        sync_folder(self._target.parent)
        return self.size, self._digest.hexdigest()

    def abandon(self) -> None:
        """Nothing of it stays, unless it has been ended."""
        self._waiting.clear()
        self._file.close()
        self._part.unlink(missing_ok=True)

    def _seal(self, piece: bytes) -> None:
        _put(self._file, self._vault.seal(piece, _place(self._name, str(self._number)), key=self._key))
        self._number += 1


def read(vault: Vault, name: str) -> Iterator[bytes]:
    """What was stored, piece by piece. Raises PackageGone where it is missing or was cut, KeyUnavailable where a piece
    was changed."""
    try:
        file = (folder() / name).open("rb")
    except FileNotFoundError:
        raise PackageGone("this package has been deleted", remedy="ask for a new one") from None
    with file:
        try:
            key = vault.open(_get(file), _place(name, "key"))
        except EOFError:
            raise _cut() from None
        pieces, number = _pieces(file), 0
        last = next(pieces, None)
        for piece in pieces:
            if last is not None:
                yield vault.open(last, _place(name, str(number)), key=key)
            last, number = piece, number + 1
        if last is None:
            raise _cut()
        vault.open(last, _place(name, f"end-{number}"), key=key)


def delete(name: str) -> bool:
    """Remove it; False when it was gone already."""
    path = folder() / name
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def _pieces(file: object) -> Iterator[bytes]:
    while True:
        try:
            yield _get(file)
        except EOFError:
            return


def _put(file: object, sealed: bytes) -> None:
    file.write(_LENGTH.pack(len(sealed)) + sealed)  # type: ignore[attr-defined]


def _get(file: object) -> bytes:
    head: bytes = file.read(_LENGTH.size)  # type: ignore[attr-defined]
    if not head:
        raise EOFError
    if len(head) < _LENGTH.size:
        raise _cut()
    (length,) = _LENGTH.unpack(head)
    if length > _PIECE + 64:
        raise _cut()
    sealed: bytes = file.read(length)  # type: ignore[attr-defined]
    if len(sealed) != length:
        raise _cut()
    return sealed


def _cut() -> PackageGone:
    return PackageGone("this package is damaged", remedy="make it again: `troth request retry`")


def _place(name: str, what: str) -> str:
    return f"package/{name}/{what}"
