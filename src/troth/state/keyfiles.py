"""Small secret files: written whole or not at all, private, and removed by overwriting."""

from __future__ import annotations

import os
from pathlib import Path
from threading import get_ident
from typing import Protocol

from troth.core.errors import KeyUnavailable


class KeyFiles(Protocol):
    """Named secrets."""

    def names(self) -> list[str]: ...

    def read(self, name: str) -> str:
        """Raises KeyUnavailable when it is missing or others could read it."""

    def write(self, name: str, text: str, *, replaceable: bool = False) -> None:
        """``replaceable``: an older text under that name would do after a power cut; a broken one never."""

    def destroy(self, name: str) -> None:
        """Overwrite and remove."""


class MemoryFiles:
    """Secrets that end with the process."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def names(self) -> list[str]:
        return sorted(self._held)

    def read(self, name: str) -> str:
        if name not in self._held:
            raise _missing(name)
        return self._held[name]

    def write(self, name: str, text: str, *, replaceable: bool = False) -> None:
        self._held[name] = text

    def destroy(self, name: str) -> None:
        self._held.pop(name, None)


class DirectoryFiles:
    """Secrets in a directory of mode 0700, each file 0600. Looser permissions are refused, not repaired:
    whoever loosened them should know, and whether the key was read meanwhile is a human's question."""

    def __init__(self, directory: Path, *, create: bool = False) -> None:
        self.directory = directory
        self._held: dict[str, tuple[object, str]] = {}
        """What was read, and what the file was like: read again once it is another, and never given out once it is
        gone."""
        if create:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not directory.is_dir():
            raise KeyUnavailable(
                f"there are no keys in {directory}",
                remedy="make them once with `troth keys init --origin your-domain.example/troth`, "
                "or put them back with `troth keys escrow --restore FILE`",
            )
        _refuse_loose(directory, 0o700)

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self.directory.iterdir() if not entry.name.startswith("."))

    def read(self, name: str) -> str:
        path = self.directory / name
        try:
            found = _refuse_loose(path, 0o600)
            mark = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
            held = self._held.get(name)
            if held is None or held[0] != mark:
                held = self._held[name] = (mark, path.read_text(encoding="utf-8"))
            return held[1]
        except FileNotFoundError:
            self._held.pop(name, None)
            raise _missing(str(path)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnavailable(f"{path} cannot be read ({type(error).__name__})") from None

    def write(self, name: str, text: str, *, replaceable: bool = False) -> None:
        path = self.directory / name
        new = self.directory / f".{name}.{os.getpid()}.{get_ident()}"  # threads of one process write at once, too
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
            if not replaceable:
                self._sync()
        except OSError as error:
            raise KeyUnavailable(
                f"{path} cannot be written ({error.strerror})", remedy="check the rights and the disk"
            ) from None

    def destroy(self, name: str) -> None:
        path = self.directory / name
        try:
            with open(path, "r+b") as file:
                file.write(os.urandom(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            self._sync()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise KeyUnavailable(
                f"{path} could not be destroyed ({error.strerror})", remedy="remove it by hand"
            ) from None

    def _sync(self) -> None:
        sync_folder(self.directory)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_loose(path: Path, mode: int) -> os.stat_result:
    found = path.stat()
    if found.st_mode & 0o077:
        raise KeyUnavailable(
            f"{path} can be used by others than its owner (mode {found.st_mode & 0o777:04o})",
            remedy=f"run: chmod {mode:o} '{path}'   (and rotate the keys if somebody may have read it)",
        )
    return found


def _missing(path: str) -> KeyUnavailable:
    return KeyUnavailable(f"the key {path} is missing", remedy="put it back with `troth keys escrow --restore FILE`")
