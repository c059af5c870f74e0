"""Putting a backup back into an empty place, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from troth.core.errors import EvidenceError, KeyUnavailable, UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event, write_time
from troth.state.backup import files
from troth.state.backup.check import About, Contents, Verified, check_files, check_tree, contents
from troth.state.backup.fence import Fence
from troth.state.backup.loss import Loss, loss
from troth.state.backup.make import CHECK, PACKAGES, SITE_KEY
from troth.state.backup.tables import Putting
from troth.state.database import SCHEMA_VERSION
from troth.state.keyfiles import DirectoryFiles, sync_folder
from troth.state.keyring import Keyring
from troth.state.sqlite import SqliteDatabase
from troth.state.state import RESTORING, State

if TYPE_CHECKING:
    from troth.state.backup.locks import Opener
    from troth.state.database import Database
    from troth.state.postgresql import PostgresDatabase
    from troth.state.state import Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to restore: checkpoints that somebody holds, whether newer events may be lost, and the migrations that the
    site's code knows."""

    held: tuple[str, ...] = ()
    accept_loss: bool = False
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    backup: Verified
    lost: Loss | None
    fence: Fence
    packages: int
    forgotten: int
    """Hashes that belong to epochs whose keys have been destroyed since."""


def restore(path: Path, place: Place, opener: Opener, wanted: Wanted, at: datetime) -> Restored:
    """Verify a backup while it is read, and put it into a place where there is nothing but the keys.

    Raises UsageError (not empty, wrong key, made by a newer Troth), KeyUnavailable (no keys, or others),
    EvidenceError and LedgerTampered for anything wrong in the backup or newer events that would be lost. Then the
    place is as empty as before; after a crash it refuses to open until the restore was run again.
    """
    keys = Keyring(DirectoryFiles(place.keys))
    with contents(path, opener) as inside, _staging(place) as folder:
        site_key = _fits(inside.about, place, keys, wanted)
        put = _tables if place.url else _files
        restored, note = put(inside, place, folder, keys, wanted, at)
        if site_key:
            files.write_file(place.directory / SITE_KEY, [site_key])
    # Last of all: as long as it can be run again, the log that it began is not one to be compared with.
    keys.remember_checkpoint(note)
    return restored


def drill(path: Path, state: State, place: Place, opener: Opener, wanted: Wanted, at: datetime) -> Restored:
    """Try a restore beside the living state: everything is read, put back somewhere else, compared with the living
    ledger, and thrown away. The living ledger says that it was done. Raises as ``restore``."""
    with contents(path, opener) as inside:
        _fits(inside.about, place, state.keys, wanted, drilling=True)
        live = state.ledger
        if inside.about.head.size > live.size or live.root_at(inside.about.head.size) != inside.about.head.root:
            raise EvidenceError("this is not a backup of this state", remedy="use one of its own")
        restored = _drill_tables(inside, place) if place.url else _drill_files(inside, place)
    state.record(_event(restored.backup, at, None, drill=True))
    return restored


def _fits(about: About, place: Place, keys: Keyring, wanted: Wanted, *, drilling: bool = False) -> bytes:
    """Whether it can be put there at all; the site's own key. Before anything is written."""
    engine = "postgresql" if place.url else "sqlite"
    if about.engine != engine:
        how = "set TROTH_STATE_URL to a new database" if engine == "sqlite" else "leave TROTH_STATE_URL out"
        raise UsageError(f"this backup is of a state kept in {about.engine}, not in {engine}", remedy=how)
    newer = set(about.migrations) - set(wanted.known)
    if about.format > SCHEMA_VERSION or newer:
        raise UsageError(f"this backup was made by a newer Troth ({about.version})", remedy="restore with that one")
    if engine == "postgresql" and set(about.migrations) != set(wanted.known):
        raise UsageError(
            f"this backup was made by an older Troth ({about.version}), whose tables were others",
            remedy="restore with that one, then run `troth migrate` with this one",
        )
    if about.head.signer and not drilling:
        _signs(keys, about.head.signer)
    return keys.vault.open(about.check, CHECK)


def _signs(keys: Keyring, signer: str) -> None:
    try:
        keys.signer(signer)
    except KeyUnavailable:
        raise KeyUnavailable(
            "the key that signs the log in this backup is not among the keys here: these are others, or it was "
            "rotated since",
            remedy="put the keys of that time back (`troth keys escrow --restore FILE`), or use a newer backup",
        ) from None


@contextmanager
def _staging(place: Place) -> Iterator[Path]:
    """A folder beside what will be, which says that a restore has not ended: as long as it is there, nothing opens."""
    folder = place.directory / RESTORING
    place.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _empty(place.directory, began=folder.exists())
    folder.mkdir(mode=0o700)
    sync_folder(place.directory)
    try:
        yield folder
    except BaseException:
        _empty(place.directory, began=True)
        raise
    shutil.rmtree(folder)
    sync_folder(place.directory)


def _empty(directory: Path, *, began: bool) -> None:
    """Nothing is there but keys. What a restore left that was cut short goes, its mark last."""
    there = [directory / name for name in (files.STATE, files.SITE, SITE_KEY, "packages")]
    found = [path for path in there if path.exists() and not (path.is_dir() and not any(path.iterdir()))]
    if found and not began:
        raise UsageError(
            f"{directory} is not empty: there is {found[0].name}",
            remedy="restore into a new folder (--state DIR); nothing was changed",
        )
    for path in (*there, *(directory / f"{n}{end}" for n in (files.STATE, files.SITE) for end in ("-wal", "-shm"))):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    sync_folder(directory)
    shutil.rmtree(directory / RESTORING, ignore_errors=True)


def _files(
    inside: Contents, place: Place, folder: Path, keys: Keyring, wanted: Wanted, at: datetime
) -> tuple[Restored, str]:  # fmt: skip
    packages = _staged(inside, folder)
    check_files(folder, inside.about)
    fence = files.fenced(folder / files.SITE)
    with closing(SqliteDatabase(folder / files.STATE)) as database:
        database.create_tables()
        lost, forgotten, note = _recorded(database, keys, inside.verified, wanted, at)
    (folder / "state.lock").unlink(missing_ok=True)
    for name in ("packages", files.SITE, files.STATE):
        if (folder / name).exists():
            os.replace(folder / name, place.directory / name)
    sync_folder(place.directory)
    return Restored(inside.verified, lost, fence, packages, forgotten), note


def _tables(
    inside: Contents, place: Place, folder: Path, keys: Keyring, wanted: Wanted, at: datetime
) -> tuple[Restored, str]:  # fmt: skip
    with closing(place.database(create=True, restoring=True)) as opened:
        database = cast("PostgresDatabase", opened)
        with database.transaction(), database.refusals():
            putting = Putting(database.connection, inside.about.tables)
            putting.begin()
            packages = _put(inside, putting, folder)
            putting.end()
            fence = putting.fenced()
            lost, forgotten, note = _recorded(database, keys, inside.verified, wanted, at)
            if (folder / "packages").exists():
                os.replace(folder / "packages", place.directory / "packages")
    return Restored(inside.verified, lost, fence, packages, forgotten), note


def _drill_files(inside: Contents, place: Place) -> Restored:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix=".drill-", dir=place.directory) as name:
        folder = Path(name)
        packages = _staged(inside, folder)
        check_files(folder, inside.about)
        fence = files.fenced(folder / files.SITE)
    return Restored(inside.verified, None, fence, packages, 0)


def _drill_tables(inside: Contents, place: Place) -> Restored:
    from tempfile import TemporaryDirectory

    with closing(place.database()) as opened, TemporaryDirectory(prefix=".drill-", dir=place.directory) as name:
        database = cast("PostgresDatabase", opened)
        with database.refusals(), database.undone() as connection:
            putting = Putting(connection, inside.about.tables)
            putting.scratch()
            putting.begin()
            packages = _put(inside, putting, Path(name))
            fence = putting.fenced()
    return Restored(inside.verified, None, fence, packages, 0)


def _put(inside: Contents, putting: Putting, folder: Path) -> int:
    packages = 0
    for name, content in inside:
        if name.startswith(PACKAGES):
            _package(folder, name, content)
            packages += 1
        else:
            putting.put(name, content)
    head = inside.about.head
    check_tree(putting.leaves(), (head.size, head.root), inside.about)
    return packages


def _staged(inside: Contents, folder: Path) -> int:
    packages = 0
    for name, content in inside:
        if name.startswith(PACKAGES):
            _package(folder, name, content)
            packages += 1
        elif name in (files.STATE, files.SITE):
            files.write_file(folder / name, content)
    return packages


def _package(folder: Path, name: str, content: Iterator[bytes]) -> None:
    bare = name.removeprefix(PACKAGES)
    if "/" in bare or bare.startswith("."):
        raise EvidenceError("this backup names a file that cannot be put anywhere", remedy="use another backup")
    (folder / "packages").mkdir(mode=0o700, exist_ok=True)
    files.write_file(folder / "packages" / bare, content)


def _recorded(
    database: Database, keys: Keyring, backup: Verified, wanted: Wanted, at: datetime
) -> tuple[Loss | None, int, str]:  # fmt: skip
    """The restored ledger says that it was restored, and what was lost. The checkpoint of that is remembered only when
    everything is in its place."""
    state = State(database, keys)
    held = (*wanted.held, *([keys.last_checkpoint] if keys.last_checkpoint else []))
    lost = loss(state.ledger, held)
    if lost is not None and not wanted.accept_loss:
        raise EvidenceError(
            f"this backup ends at event {lost.kept}, but a checkpoint over {lost.size} events was signed: "
            f"{lost.events} events would be lost, and with them erasures that a restored database brings back",
            remedy="use a newer backup; if there is none, --accept-loss goes on and puts the loss on record",
        )
    with state.transaction():
        forgotten = sum(state.erasures.forget_epoch(epoch) for epoch in keys.destroyed_epochs())
        events = [_event(backup, at, lost)] if lost is None else [lost.event(at), _event(backup, at, lost)]
        state.ledger.append(events, seal=state.sign)
    return lost, forgotten, state.ledger.last_checkpoint() or ""


def _event(backup: Verified, at: datetime, lost: Loss | None, *, drill: bool = False) -> Event:
    body: dict[str, JSON] = {
        "backup": backup.digest, "made": write_time(backup.about.made), "events": backup.about.head.size,
        "lost": lost.events if lost else 0,
    }  # fmt: skip
    return Event("backup.tried" if drill else "backup.restored", at, body)


def read_checkpoints(paths: Sequence[Path]) -> tuple[str, ...]:
    """The checkpoints in these files, as they are. Raises UsageError."""
    try:
        return tuple(path.read_text(encoding="utf-8") for path in paths)
    except (OSError, UnicodeDecodeError):
        raise UsageError("one of the checkpoints cannot be read", remedy="name a file with a checkpoint") from None
