"""Making a backup while everything goes on."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, cast

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON, canonical
from troth.core.evidence.leaf import Event, write_time
from troth.core.evidence.note import b64
from troth.core.evidence.ports import Head
from troth.state.backup import files, tables
from troth.state.backup.parts import Part, Writing
from troth.state.database import SCHEMA_VERSION
from troth.state.keyfiles import sync_folder
from troth.state.stream import Sealing

if TYPE_CHECKING:
    from troth.state.state import Place, State

ABOUT = "about.json"
PACKAGES = "packages/"
SITE_KEY = "site.key"
CHECK = "backup/check"
_PIECE = 256 * 1024
_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Site:
    """The site's part: the migrations that its database has, its tables on PostgreSQL, and which Troth this is."""

    migrations: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk: bytes and SHA-256 of the file, and up to which event of the ledger it goes."""

    path: Path
    size: int
    digest: str
    parts: tuple[Part, ...]
    head: Head
    gone: tuple[str, ...] = ()
    """Packages that were deleted while it was made."""


class _Snapshot(Protocol):
    head: Head

    def packages(self) -> list[str]: ...

    def read(self, name: str) -> Iterator[bytes]: ...


def make(state: State, place: Place, to: Path, lock: tuple[bytes, bytes], site: Site, at: datetime) -> Made:
    """Write a backup, whole or not at all, and tell the ledger of it. ``lock`` is the key of the file and its head
    (``locks``). Others may go on writing to state and site: it holds what was there at one moment.

    Raises UsageError (the file exists, cannot be written), EvidenceError, LedgerBusy.
    """
    key, head = lock
    with _whole(to) as (file, digest):
        out = _Counted(file, digest)
        out.write(head)
        inside = Writing(Sealing(cast(BinaryIO, out), key))
        with _moment(state, place, site) as (snapshot, names, more):
            about = _about(state, place, site, at, snapshot.head, more)
            inside.add(ABOUT, [canonical(about)])
            for name in names:
                inside.add(name, snapshot.read(name))
            gone = _packages(inside, place, snapshot.packages())
        inside.end()
    made = Made(to, out.size, digest.hexdigest(), tuple(inside.parts), snapshot.head, tuple(gone))
    body: dict[str, JSON] = {
        "backup": made.digest, "bytes": made.size, "parts": len(made.parts), "events": made.head.size,
        "root": b64(made.head.root),
    }  # fmt: skip
    state.record(Event("backup.made", at, body))
    return made


@contextmanager
def _moment(state: State, place: Place, site: Site) -> Iterator[tuple[_Snapshot, list[str], dict[str, JSON]]]:
    """The snapshot, the names of what is in it, and what has to be known of it to put it back."""
    if place.url:
        from troth.state.postgresql import PostgresDatabase

        with tables.snapshot(cast(PostgresDatabase, state.database), site.tables) as rows:
            yield rows, list(rows.tables), {"engine": "postgresql", "tables": cast(JSON, rows.tables)}
    else:
        with files.snapshot(state, place.directory, _WAIT) as copies:
            yield copies, copies.names, {"engine": "sqlite"}


def _about(
    state: State, place: Place, site: Site, at: datetime, head: Head, more: dict[str, JSON]
) -> dict[str, JSON]:  # fmt: skip
    """Sealed by the vault, so that the vault's key is found to be the right one before anything is put back, and the
    site's own key comes along without lying in the backup."""
    vault, site_key = state.keys.vault, b""
    with suppress(FileNotFoundError):
        site_key = (place.directory / SITE_KEY).read_bytes()
    return {
        "made": write_time(at), "troth": site.version, "origin": state.origin, "format": SCHEMA_VERSION,
        "migrations": list(site.migrations), "size": head.size, "root": b64(head.root), "signer": head.signer,
        "check": b64(vault.seal(site_key, CHECK)), **more,
    }  # fmt: skip


def _packages(inside: Writing, place: Place, names: Sequence[str]) -> list[str]:
    """Each as it lies there, encrypted; the names of those that went meanwhile."""
    gone = []
    for name in names:
        try:
            file = (place.directory / "packages" / name).open("rb")
        except FileNotFoundError:
            gone.append(name)
            continue
        with file:
            inside.add(f"{PACKAGES}{name}", _content(file))
    return gone


def _content(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


class _Counted:
    """A file that counts and hashes what is written."""

    def __init__(self, file: IO[bytes], digest: hashlib._Hash) -> None:
        self._file, self._digest, self.size = file, digest, 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)


@contextmanager
def _whole(to: Path) -> Iterator[tuple[IO[bytes], hashlib._Hash]]:
    """A file that takes its name when all of it is on the disk."""
    if to.exists():
        raise UsageError(f"{to} exists already", remedy="name a new file, with the day in its name for example")
    part = to.with_name(f".{to.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as file:
            _only_one(file, to)
            try:
                file.truncate(0)
                yield file, hashlib.sha256()
                file.flush()
                os.fsync(file.fileno())
                os.replace(part, to)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        sync_folder(to.parent)
    except OSError as error:
        raise UsageError(
            f"{to} cannot be written: {(error.strerror or 'error').lower()}", remedy="nothing of it was left there"
        ) from None


def _only_one(file: IO[bytes], to: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another process is writing {to}", remedy="let it end") from None
