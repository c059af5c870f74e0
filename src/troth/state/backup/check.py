"""Reading a backup from end to end: every piece, every digest, the files, and the tree of the ledger."""

from __future__ import annotations

import hashlib
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from troth.core.errors import EvidenceError, LedgerTampered, UsageError
from troth.core.evidence import merkle
from troth.core.evidence.canonical import NotCanonical, parse
from troth.core.evidence.leaf import read_time
from troth.core.evidence.note import BadNote, from_b64
from troth.core.evidence.ports import Head
from troth.state.backup import files, tables
from troth.state.backup.locks import key_of, read_head
from troth.state.backup.make import ABOUT
from troth.state.backup.parts import Part, Reading
from troth.state.database import queries
from troth.state.stream import StreamDamaged, unsealed

if TYPE_CHECKING:
    from troth.state.backup.locks import Opener

_SQL = queries("backup")
_MOST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself: when and by which Troth it was made, of which log, and up to which event."""

    made: datetime
    version: str
    origin: str
    format: int
    migrations: tuple[str, ...]
    head: Head
    check: bytes
    engine: str
    tables: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup that was read to its end and found whole."""

    about: About
    digest: str
    size: int
    parts: tuple[Part, ...]


class Contents:
    """A backup as it is read: what it says of itself, then its parts. ``digest`` is that of the file, once read."""

    def __init__(self, file: IO[bytes], opener: Opener) -> None:
        self._file = _Hashed(file)
        head = read_head(self._file.readline(4096), self._file.readline(4097))
        self._reading = Reading(unsealed(cast(BinaryIO, self._file), key_of(head, opener)))
        self._parts = iter(self._reading)
        name, content = next(self._parts, ("", iter(())))
        if name != ABOUT:
            raise StreamDamaged("it does not begin with what it is")
        self.about = _about(content)

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        return self._parts

    @property
    def verified(self) -> Verified:
        """After the last part."""
        return Verified(self.about, self._file.digest.hexdigest(), self._file.size, tuple(self._reading.parts))


@contextmanager
def contents(path: Path, opener: Opener) -> Iterator[Contents]:
    """Open a backup. Raises UsageError when it cannot be read or the key is another, EvidenceError for anything wrong
    in it, naming the file."""
    try:
        with path.open("rb") as file:
            yield Contents(file, opener)
    except StreamDamaged as error:
        raise EvidenceError(
            f"{path} is damaged: {error.message}", remedy="use another backup; nothing was written from this one"
        ) from None
    except OSError as error:
        name = error.filename or path
        raise UsageError(f"{name}: {(error.strerror or 'error').lower()}", remedy="nothing was restored") from None


def verify(path: Path, opener: Opener) -> Verified:
    """Read all of it. Raises UsageError, EvidenceError, LedgerTampered."""
    with tempfile.TemporaryDirectory(prefix="troth-backup-") as folder, contents(path, opener) as inside:
        if inside.about.engine == "sqlite":
            for name, content in inside:
                if name in (files.STATE, files.SITE):
                    files.write_file(Path(folder) / name, content)
            check_files(Path(folder), inside.about)
        else:
            _check_tables(inside)
        return inside.verified


def check_files(folder: Path, about: About) -> None:
    """The files hold together, and the ledger among them hashes to the head that the backup names."""
    if not (folder / files.STATE).exists():
        raise EvidenceError("this backup has no state in it", remedy="use another backup")
    with files.opened(folder / files.STATE) as database:
        row = database.execute(_SQL["head"]).fetchone()
        rows = ((position, _raw(data), _raw(hashes)) for position, data, hashes in database.execute(_SQL["leaves"]))
        check_tree(rows, (row[0], _raw(row[1])) if row else (0, b""), about)
    if (folder / files.SITE).exists():
        with files.opened(folder / files.SITE):
            pass


def _raw(value: object) -> bytes:
    """SQLite keeps what it is given, also where it should be bytes."""
    return value if isinstance(value, bytes) else b""


def check_tree(leaves: Iterable[tuple[int, bytes, bytes]], head: tuple[int, bytes], about: About) -> None:
    """Every leaf hashes to what is stored beside it, and all of them to the head. Raises LedgerTampered."""
    peaks: list[bytes] = []
    count = 0
    for position, data, hashes in leaves:
        grown = b"".join(merkle.grow(count, peaks, merkle.leaf_hash(data)))
        if position != count or grown != hashes:
            raise _tampered(f"event {count} is missing or was changed")
        count += 1
    if (count, merkle.fold(peaks)) != head or head != (about.head.size, about.head.root):
        raise _tampered("its events do not hash to the head that it names")


def _check_tables(inside: Contents) -> None:
    head: list[tuple[int, bytes]] = []
    wanted = set(inside.about.tables)
    for name, content in inside:
        wanted.discard(name)
        if name == "ledger_head":
            head = [(_number(row[1]), row[2] or b"") for row in tables.copied_rows(content)]
        elif name == "ledger_leaves":
            rows = ((_number(row[0]), row[1] or b"", row[2] or b"") for row in tables.copied_rows(content))
            check_tree(rows, head[0] if head else (0, b""), inside.about)
        elif name in inside.about.tables:
            for _ in tables.copied_rows(content):
                pass
    if wanted:
        raise EvidenceError(f"this backup lacks the table {min(wanted)}", remedy="use another backup")


def _number(value: bytes | None) -> int:
    return int(struct.unpack(">q", value)[0]) if value is not None and len(value) == 8 else -1


def _about(content: Iterator[bytes]) -> About:
    raw = bytearray()
    for chunk in content:
        raw += chunk
        if len(raw) > _MOST:
            raise StreamDamaged("what it says of itself is too long")
    try:
        said = cast("dict[str, Any]", parse(bytes(raw)))
        return About(
            read_time(said["made"]), said["troth"], said["origin"], said["format"], tuple(said["migrations"]),
            Head(said["size"], from_b64(said["root"]), said["signer"]), from_b64(said["check"]), said["engine"],
            said.get("tables", {}),
        )  # fmt: skip
    except (NotCanonical, BadNote, KeyError, TypeError, ValueError):
        raise StreamDamaged("what it says of itself cannot be read") from None


def _tampered(what: str) -> LedgerTampered:
    return LedgerTampered(f"the ledger in this backup is damaged: {what}", remedy="use another backup")


class _Hashed:
    """A file that hashes what is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest, self.size = file, hashlib.sha256(), 0

    def read(self, size: int) -> bytes:
        return self._seen(self._file.read(size))

    def readline(self, most: int) -> bytes:
        return self._seen(self._file.readline(most))

    def _seen(self, data: bytes) -> bytes:
        self.digest.update(data)
        self.size += len(data)
        return data
