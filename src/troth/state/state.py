"""Troth's own state, opened as one thing: the ledger, the keys, and what the vault keeps."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import cast

from troth.core.errors import EvidenceError, KeyUnavailable, LedgerTampered
from troth.core.evidence.canonical import JSON, parse
from troth.core.evidence.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from troth.core.evidence.keychain import CREATED, created_body
from troth.core.evidence.leaf import Event, decode
from troth.core.evidence.note import BadNote, VerifyKey, parse_vkey
from troth.core.evidence.ports import Head
from troth.core.evidence.pseudonym import SubjectHashes
from troth.state.apart import Apart
from troth.state.archive import Archive
from troth.state.database import SCHEMA_VERSION, Database
from troth.state.deferred import Deferred
from troth.state.environment import secret
from troth.state.erasures import Erasures
from troth.state.keyfiles import DirectoryFiles, MemoryFiles
from troth.state.keyring import HASHES_KEPT, Keyring
from troth.state.marks import Marks
from troth.state.publications import Publications
from troth.state.sqlledger import SqlLedger
from troth.state.sweeps import Sweeps

RESTORING = ".restoring"
"""A folder in that of the state, there as long as a restore has not ended."""

INTENDED = ".intended"
"""How the kinds of event end that come before a change of somebody's database."""

WAIT = 10.0
"""Seconds to wait for another process that writes, before giving up with LedgerBusy."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where events are in the ledger, and the signed checkpoint that covers them: hand it out."""

    positions: tuple[int, ...]
    checkpoint: str


class State:
    """Everything Troth remembers. Use ``open_state`` or ``init_state``; close it, or use it in a ``with``."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self.database = database
        self.keys = keys
        self.ledger = SqlLedger(database)
        vault = keys.vault
        self.erasures = Erasures(database, vault)
        self.deferred = Deferred(database, vault)
        self.holds = Marks(database, vault, "hold")
        self.restrictions = Marks(database, vault, "restriction")
        self.refusals = Marks(database, vault, "refusal")
        self.apart = Apart(database, vault)
        self.sweeps = Sweeps(database)
        self.archive = Archive(database, vault)
        self.publications = Publications(database)
        self._remember_every = 0.0
        self._remembered_at = -math.inf
        self._unremembered: str | None = None

    @property
    def subjects(self) -> SubjectHashes:
        """The live epochs: they make and match the keyed hashes of identifiers.

        Raises KeyUnavailable when there is none.
        """
        hashes = self.keys.epochs
        if not hashes.epochs:
            raise KeyUnavailable("there is no epoch key", remedy="make one: troth keys rotate")
        return hashes

    @property
    def origin(self) -> str:
        """The name of this log, as its checkpoints carry it."""
        return self.verify_key.name

    @property
    def verify_key(self) -> VerifyKey:
        """The public key in force: publish it, so that others can verify."""
        signer = self.ledger.head().signer
        if not signer:
            raise KeyUnavailable(
                "the ledger has no signing key yet",
                remedy="run `troth keys init --origin your-domain.example/troth` once",
            )
        return parse_vkey(signer)

    @property
    def checkpoint_key(self) -> VerifyKey:
        """The public key that signs the checkpoint of the present head: the one to verify a bundle with."""
        size, chain = self.ledger.size, self.ledger.signers()
        used = [vkey for position, vkey in chain if position == 0 or position < size - 1]
        return parse_vkey(used[-1]) if used else self.verify_key

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside, in the ledger and in the vault, happens together or not at all."""
        with self.database.transaction():
            yield

    def record(self, *events: Event) -> Recorded:
        """Append events and sign the new head, all durable on return. Inside ``transaction`` it is durable
        when that one ends. Raises LedgerBusy, LedgerTampered, KeyUnavailable; then nothing was recorded."""
        notes: list[str] = []

        def seal(head: Head) -> str:
            notes.append(self.sign(head))
            return notes[-1]

        positions = self.ledger.append(events, seal=seal)
        self.remember(notes[-1], at_once=any(event.kind.endswith(INTENDED) for event in events))
        return Recorded(tuple(positions), notes[-1])

    def events_of(self, request: str) -> list[tuple[str, dict[str, JSON] | None]]:
        """Kind and body of the events that carry this request's name, in order; those whose body was deleted have none.
        Raises LedgerTampered."""
        told = self.ledger.of_request(request)
        return [(decode(leaf).kind, cast("dict[str, JSON]", parse(opening.body))) for leaf, opening in told]

    def checkpoint(self) -> str:
        """The signed checkpoint of the present head."""
        note = self.ledger.seal(self.sign)
        self.remember(note, at_once=False)
        return note

    def remember(self, note: str, *, at_once: bool = True) -> None:
        """Keep a checkpoint with the keys, once what it covers is durable. ``at_once``: whatever ``remember_every``
        says."""
        self.database.after_commit(lambda: self._remember(note, at_once))

    def remember_every(self, seconds: float) -> None:
        """Keep a checkpoint with the keys no more often than this, and the last one on closing: for who records many
        events in one go, and closes when it has done so. That of an intention, before somebody's database is changed,
        is kept at once. What a crash loses is a newer proof of the same log."""
        self._remember_every = seconds

    def _remember(self, note: str, at_once: bool) -> None:
        self._unremembered = note
        if at_once or time.monotonic() >= self._remembered_at + self._remember_every:
            self._keep_unremembered()

    def _keep_unremembered(self) -> None:
        note, self._unremembered = self._unremembered, None
        if note is None:
            return
        self._remembered_at = time.monotonic()
        if not (self._remember_every and self._newer_than(note)):
            self.keys.remember_checkpoint(note)

    def _newer_than(self, note: str) -> bool:
        """Whether another process has kept a newer one meanwhile."""
        held = self.keys.last_checkpoint
        try:
            return held is not None and parse_checkpoint(held)[0].size >= parse_checkpoint(note)[0].size
        except BadNote:
            return False

    def sign(self, head: Head) -> str:
        """The Seal of this log: signs with the key that the ledger says is in force."""
        signer = self.keys.signer(head.signer) if head.signer else None
        if signer is None:
            raise KeyUnavailable("the ledger has no signing key yet", remedy="run `troth keys init` once")
        return sign_checkpoint(Checkpoint(signer.vkey.name, head.size, head.root), signer)

    def check_last_checkpoint(self) -> None:
        """Is this the log of the last checkpoint signed here? Raises LedgerTampered when the database was set
        back to an earlier state, or replaced by another."""
        note = self.keys.last_checkpoint  # read before the head: what others append meanwhile does no harm
        if note is None:
            return
        try:
            last, _ = parse_checkpoint(note)
        except BadNote:
            raise LedgerTampered(
                "the last checkpoint kept with the keys is damaged",
                remedy="compare it with one you handed out, then remove the file last-checkpoint",
            ) from None
        head = self.ledger.head()
        if head.size < last.size or self.ledger.root_at(last.size) != last.root:
            raise LedgerTampered(
                f"the ledger ({head.size} events) is not the one whose checkpoint over {last.size} events "
                "was signed last: its database was set back or replaced",
                remedy="restore the newest backup of the state; if the newer events are lost for good, run "
                "`troth keys accept-loss`, which records the loss for everyone to see",
            )

    def close(self) -> None:
        try:
            self._keep_unremembered()
        finally:
            self.database.close()

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Place:
    """Where state and keys lie. ``url`` is a PostgreSQL address; empty for ``state.db`` in the directory."""

    directory: Path
    keys: Path
    url: str = ""

    @classmethod
    def find(cls, directory: Path | str | None = None) -> Place:
        """``directory``, else $TROTH_STATE, else ./troth-state; keys in $TROTH_KEYS or ``keys`` below it;
        the database at $TROTH_STATE_URL (or in the file of $TROTH_STATE_URL_FILE) if set."""
        base = Path(directory or os.environ.get("TROTH_STATE") or "troth-state")
        keys = Path(os.environ.get("TROTH_KEYS") or base / "keys")
        return cls(base, keys, secret("TROTH_STATE_URL"))

    def format(self) -> tuple[int, int]:
        """The format of the tables that are there (0 for none) and that of this Troth. Nothing is changed.

        Raises EvidenceError, KeyUnavailable (nothing there).
        """
        database = self._connect(WAIT, create=False)
        try:
            return database.format() or 0, SCHEMA_VERSION
        finally:
            database.close()

    def database(self, *, wait: float = WAIT, create: bool = False, restoring: bool = False) -> Database:
        """The database, its tables made or checked. Raises EvidenceError, KeyUnavailable (nothing there)."""
        if not restoring:
            self._not_restoring()
        database = self._connect(wait, create)
        try:
            database.create_tables()
        except BaseException:
            database.close()
            raise
        return database

    def _not_restoring(self) -> None:
        if (self.directory / RESTORING).exists():
            raise EvidenceError(
                f"a restore into {self.directory} has not ended: there is no state to work with",
                remedy="let it end, or run it again: troth restore FILE",
            )

    def _connect(self, wait: float, create: bool) -> Database:
        if self.url:
            from troth.state.postgresql import PostgresDatabase

            return PostgresDatabase(_libpq(self.url), wait=wait)
        from troth.state.sqlite import SqliteDatabase

        if create:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not (self.directory / "state.db").exists():
            raise KeyUnavailable(
                f"there is no Troth state in {self.directory}",
                remedy="make it once with `troth keys init --origin your-domain.example/troth`, "
                "or name it with --state or $TROTH_STATE",
            )
        return SqliteDatabase(self.directory / "state.db", wait=wait)


def open_state(directory: Path | str | None = None, *, wait: float = WAIT, check_last: bool = True) -> State:
    """Open existing state (see ``Place.find``) and check it: keys private, tree and head agree, not set back.

    Raises KeyUnavailable, LedgerTampered, LedgerBusy, EvidenceError, each saying what to do.
    """
    place = Place.find(directory)
    keys = Keyring(DirectoryFiles(place.keys))
    database = place.database(wait=wait)
    try:
        state = State(database, keys)
        if check_last:
            state.check_last_checkpoint()
    except BaseException:
        database.close()
        raise
    return state


def init_state(
    directory: Path | str | None = None,
    *,
    origin: str,
    at: datetime,
    keep_days: int = HASHES_KEPT,
    wait: float = WAIT,
) -> State:
    """Make state and keys, or complete what an interrupted run began; existing keys are never replaced.

    ``origin`` names the log (``example.org/troth``). ``keep_days``: how long a keyed hash must be matched,
    the longest life of a backup. Raises UsageError for a bad name, KeyUnavailable when the ledger is older
    than the keys at hand.
    """
    place = Place.find(directory)
    place.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = Keyring(DirectoryFiles(place.keys, create=True))
    database = place.database(wait=wait, create=True)
    try:
        return _begin(database, keys, origin, at, keep_days)
    except BaseException:
        database.close()
        raise


def memory_state(*, origin: str = "example.org/troth", at: datetime, keep_days: int = HASHES_KEPT) -> State:
    """State that lives as long as the process: for tests and demonstrations."""
    from troth.state.sqlite import SqliteDatabase

    database = SqliteDatabase(":memory:")
    database.create_tables()
    return _begin(database, Keyring(MemoryFiles()), origin, at, keep_days)


def _begin(database: Database, keys: Keyring, origin: str, at: datetime, keep_days: int) -> State:
    started = SqlLedger(database).size > 0
    if started and not keys.signing_keys():
        raise KeyUnavailable(
            "the ledger exists, but its keys do not",
            remedy="put them back with `troth keys escrow --restore FILE`",
        )
    keys.new_vault_key()
    state = State(database, keys)
    with state.transaction():
        if state.ledger.size == 0:
            key = next((k for k in keys.signing_keys() if k.name == origin), None)
            key = key or keys.new_signing_key(origin).vkey
            epochs = keys.epochs.epochs or (keys.new_epoch(at.date(), keep_days=keep_days),)
            events = [Event(CREATED, at, created_body(key))]
            events += [Event("epoch.created", at, {"epoch": e.id, "created": e.created.isoformat()}) for e in epochs]
            state.ledger.append(events, seal=state.sign, signer=str(key))
    state.checkpoint()
    return state


def _libpq(url: str) -> str:
    """libpq's own URL: SQLAlchemy's name for the driver is not part of it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
