"""Where a package goes: a folder or a zip, in place whole or not at all.

Work happens in ``.NAME.….part`` beside the destination, under a lock that ends with the process. What a crash
leaves there is removed by the next package of the same name, so that no copy of somebody's data lies about.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from troth.core.errors import TrothError, UsageError
from troth.package.files import PRIVATE_FILE, create, finish, make_folder, sync_folder

_OURS = ("data.json", "index.html", "metadata.json", "files")
_PIECE = 1024 * 1024


class Destination:
    """A path to be written to. A name that ends in ``.zip`` means a zip, any other a folder."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self.path = path.expanduser().absolute()
        self.force = force
        self.form = "zip" if self.path.suffix.lower() == ".zip" else "folder"

    def check(self) -> None:
        """Raise UsageError unless a package may be put there."""
        if not self.path.parent.is_dir():
            raise UsageError(f"there is no folder {self.path.parent}", remedy="make it first; who may enter it matters")
        if not os.path.lexists(self.path):
            return
        if self.form == "folder" and self.path.is_dir() and not self.path.is_symlink():
            self._check_folder()
        elif self.form == "folder" or self.path.is_symlink() or not self.path.is_file():
            raise UsageError(f"{self.path} exists and is no {self.form}", remedy="name another place")
        elif not self.force:
            raise UsageError(f"{self.path} exists already", remedy="name another place, or replace it with --force")

    def _check_folder(self) -> None:
        entries = [entry.name for entry in self.path.iterdir()]
        if not entries:
            return
        if not self.force:
            raise UsageError(f"{self.path} is not empty", remedy="name another place, or replace it with --force")
        foreign = [name for name in entries if name not in _OURS and not name.endswith(".csv")]
        if foreign or "data.json" not in entries:
            raise UsageError(
                f"{self.path} holds other things than a package: --force does not remove them",
                remedy="name another place",
            )

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A private folder to build the package in; whatever is left of it is removed in the end.

        Raises TrothError when the disk does not take it.
        """
        try:
            self._clear_leftovers()
            self.check()
            part = self.path.parent / f".{self.path.name}.{secrets.token_hex(6)}.part"
            make_folder(part)
            lock = os.open(part, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                make_folder(part / "package")
                yield part / "package"
            finally:
                shutil.rmtree(part, ignore_errors=True)
                os.close(lock)
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def _clear_leftovers(self) -> None:
        """Remove what processes that are gone have left of packages of this name."""
        for part in self.path.parent.glob(".*.part"):
            if not (part.name.startswith(f".{self.path.name}.")):
                continue
            with suppress(OSError):
                lock = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._bring_back(part)
                    shutil.rmtree(part)
                finally:
                    os.close(lock)

    def _bring_back(self, part: Path) -> None:
        """A crash between taking the old package away and putting the new one in its place."""
        if (part / "old").exists() and not os.path.lexists(self.path):
            os.rename(part / "old", self.path)

    def seal(self, work: Path, at: datetime) -> Path:
        """Make the finished package durable; for a zip, pack it. Returns what ``publish`` puts in place."""
        if self.form == "zip":
            packed = work.parent / "package.zip"
            _pack(work, packed, at)
            return packed
        for folder, _, _ in os.walk(work):
            sync_folder(Path(folder))
        return work

    def publish(self, sealed: Path) -> None:
        """Put the package in place. Raises UsageError if something else has come there meanwhile."""
        self.check()
        if self.form == "folder" and os.path.lexists(self.path):
            os.rename(self.path, sealed.parent / "old")
        os.replace(sealed, self.path)
        sync_folder(self.path.parent)


def _pack(work: Path, packed: Path, at: datetime) -> None:
    """A zip of everything in ``work``, in a stable order, streamed."""
    stamp = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
    with create(packed) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for folder, folders, names in os.walk(work):
                folders.sort()
                for name in sorted(names):
                    path = Path(folder, name)
                    info = zipfile.ZipInfo(path.relative_to(work).as_posix(), stamp)
                    info.external_attr = (0o100000 | PRIVATE_FILE) << 16
                    info.compress_type = zipfile.ZIP_DEFLATED
                    info.file_size = path.stat().st_size
                    with path.open("rb") as source, archive.open(info, "w") as target:
                        shutil.copyfileobj(source, target, _PIECE)
        finish(file)


def _cannot_write(path: Path, error: OSError) -> TrothError:
    """The failure in our words. The operating system's own would name files within."""
    remedies = {
        errno.ENOSPC: "make room, or name another place",
        errno.EDQUOT: "make room, or name another place",
        errno.EACCES: "name a folder that this account may write in",
        errno.EROFS: "name a folder that this account may write in",
    }
    why = (error.strerror or "error").lower()
    return TrothError(
        f"the package cannot be written at {path}: {why}; nothing was left there",
        remedy=remedies.get(error.errno or 0, "see to the cause and run again"),
    )
