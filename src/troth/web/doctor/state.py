"""Troth's own state: where it lies, who may read it, whether its keys are there."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

from troth.core.errors import TrothError
from troth.web.doctor.findings import Case, Finding, fine, note, problem, skipped

LEAST_FREE = 500 * 1024 * 1024
"""Bytes below which the disk counts as nearly full: ledger, logs and backups of the state have to fit."""
LEAST_FILES = 1000


def folder(case: Case) -> Iterator[Finding]:
    """The folder is there, belongs to this account and is closed to others."""
    path = case.place.directory
    if not path.is_dir():
        yield problem("state_missing", path=path)
        return
    found = path.stat()
    open_to = found.st_mode & 0o077
    if open_to:
        yield problem("state_open", path=path, mode=f"{found.st_mode & 0o777:04o}")
    if found.st_uid != os.geteuid():
        yield problem("state_foreign", path=path, owner=_name(found.st_uid), me=_name(os.geteuid()))
    loose = sorted(entry.name for entry in path.iterdir() if entry.is_file() and entry.stat().st_mode & 0o077)
    if loose and open_to:  # in a closed folder nobody else comes so far
        yield problem("state_files_open", path=path, files=", ".join(loose))
    if not os.access(path, os.W_OK | os.X_OK):
        yield problem("state_read_only", path=path, me=_name(os.geteuid()))
    elif not open_to and found.st_uid == os.geteuid():
        yield fine("state_fine", path=path)


def keys(case: Case) -> Iterator[Finding]:
    """The keys are there, closed to others, and not where a copy of the state would take them along."""
    path = case.place.keys
    if not path.is_dir():
        yield problem("keys_missing", path=path)
        return
    loose = [entry.name for entry in (path, *sorted(path.iterdir())) if entry.stat().st_mode & 0o077]
    if loose:
        yield problem("keys_open", path=path, files=", ".join(loose))
    if path.resolve().is_relative_to(case.place.directory.resolve()):
        yield note("keys_inside", path=path)
    elif not loose:
        yield fine("keys_fine", path=path)


def opens(case: Case) -> Iterator[Finding]:
    """Ledger, keys and last checkpoint agree."""
    from troth.state.rotation import overdue
    from troth.state.state import open_state

    try:
        with open_state(case.place.directory) as state:
            yield fine("state_opens", origin=state.origin, size=state.ledger.size)
            late = overdue(state, case.now.date())
            if late:
                yield problem("epochs_late", epochs=", ".join(epoch.id for epoch in late))
    except TrothError as error:
        yield problem("told", said=error.message, remedy=error.remedy or "troth keys show")


def room(case: Case) -> Iterator[Finding]:
    """The disk has space, and room for files."""
    path = case.place.directory
    if not path.is_dir():
        yield skipped("room_skipped")
        return
    free = shutil.disk_usage(path).free
    files = os.statvfs(path)
    if free < LEAST_FREE:
        yield problem("room_short", path=path, free=_megabytes(free))
    elif files.f_files and files.f_favail < LEAST_FILES:
        yield problem("room_files", path=path, files=files.f_favail)
    else:
        yield fine("room_fine", free=_megabytes(free))


def _megabytes(count: int) -> str:
    return str(count // (1024 * 1024))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def filesystem(path: Path) -> str:
    """The kind of file system that a path lies on, as the kernel lists it; empty where that cannot be seen."""
    best, kind = "", ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = path.resolve()
    for line in mounts:
        _, point, name, *_ = [*line.split(" "), "", "", ""]
        point = point.replace("\\040", " ")
        if len(point) >= len(best) and real.is_relative_to(point or "/"):
            best, kind = point, name
    return kind
