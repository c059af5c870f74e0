"""Files of a package: opened for their owner alone, never through a link, and values that become files."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

from troth.package.values import Plain

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


def create(path: Path) -> BinaryIO:
    """A new file that only its owner may read. Raises FileExistsError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, PRIVATE_FILE), "wb", buffering=256 * 1024)


def make_folder(path: Path) -> None:
    """A new folder that only its owner may enter."""
    path.mkdir(mode=PRIVATE_FOLDER)


def finish(file: BinaryIO) -> None:
    """Close a file once its content is on the disk."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def sync_folder(folder: Path) -> None:
    """Make durable that files have come into a folder, or gone."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FileReference(dict[str, Plain]):
    """What stands in a row for a value that became a file: ``file``, ``bytes``, ``sha256``.

    A class of its own: a person's own JSON with the same keys must not pass for a link.
    """


class Names:
    """File names made of names of the policy: plain letters, each used once whatever the case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, *parts: str) -> str:
        """``store.collection`` and the like, with everything unusual replaced."""
        plain = ".".join(_UNSAFE.sub("_", part).strip("._") or "_" for part in parts)[:100]
        name, number = plain, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{plain}-{number}"
        self._taken.add(name.casefold())
        return name


class ValueFiles:
    """Values that are too large for a row, or binary: each in a file of its own under ``files/``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.count = 0
        self._folder = ""

    def enter(self, folder: str) -> None:
        """Files that follow belong to this collection."""
        self._folder = folder
        self._number = 0

    def keep(self, data: bytes, suffix: str, name: str) -> FileReference:
        """Write one file; the reference says where it is, how long it is, and its SHA-256."""
        if not self.count:
            make_folder(self.root / "files")
        if not self._number:
            make_folder(self.root / "files" / self._folder)
        self.count += 1
        self._number += 1
        plain = _UNSAFE.sub("_", name).strip("._")[:60] or "value"
        path = f"files/{self._folder}/{self._number:06}-{plain}.{suffix}"
        with create(self.root / path) as file:
            file.write(data)
        digest = hashlib.sha256(data).hexdigest()
        return FileReference({"file": path, "bytes": len(data), "sha256": digest})
