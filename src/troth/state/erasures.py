"""What was to be erased, known by keyed hashes only: the memory that a restored backup does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import read_time, write_time
from troth.core.evidence.pseudonym import KeyedHash
from troth.state.database import Database, Row, queries
from troth.state.vault import Vault

_SQL = queries("erasures")


class Status(StrEnum):
    """How far an erasure has come."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"


class StepKey(NamedTuple):
    """What makes a step of the engine unique, and its repetition harmless."""

    request: str
    store: str
    step: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """One recorded erasure. ``scope`` says what was to go (collections, purposes); it names nobody."""

    key: StepKey
    at: datetime
    epoch: str
    scope: JSON
    status: Status
    ended_at: datetime | None


class Erasures:
    """Recorded before the first write to a store, so that a crash or a restore cannot lose them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._db = database
        self._vault = vault

    def intend(self, key: StepKey, *, at: datetime, epoch: str, scope: JSON, hashes: Iterable[KeyedHash]) -> bool:
        """Record an intention: durable on return. ``hashes`` are those of the identifiers and of the keys of
        the rows. Repeating it adds what is new; one that failed is open again; one that is done stays done.

        Returns whether the step is still to be carried out.
        """
        sealed = self._vault.seal_json(scope, _place(key))
        row = {**key._asdict(), "at": write_time(at), "epoch": epoch, "scope": sealed}
        with self._db.transaction():
            if not self._db.run(_SQL["add"], row):
                again = {name: value for name, value in row.items() if name != "epoch"}
                if not self._db.run(_SQL["intend_again"], again):
                    return False
            self.add_hashes(key, hashes)
        return True

    def add_hashes(self, key: StepKey, hashes: Iterable[KeyedHash]) -> None:
        """More identifiers or rows of the same erasure, as they are found."""
        rows = [{**key._asdict(), "digest": item.digest, "epoch": item.epoch, "kind": item.kind} for item in hashes]
        self._db.run_many(_SQL["add_hash"], rows)

    def finish(self, key: StepKey, status: Status, *, at: datetime) -> bool:
        """Record the outcome. Returns False when it was already done (or never intended): nothing changes."""
        if status is Status.INTENDED:
            raise ValueError("an outcome is done or failed")
        return bool(self._db.run(_SQL["finish"], {**key._asdict(), "status": status.value, "at": write_time(at)}))

    def get(self, key: StepKey) -> Erasure | None:
        row = self._db.one(_SQL["get"], key._asdict())
        return self._erasure(row) if row else None

    def of_request(self, request: str) -> list[Erasure]:
        """All steps of one request, oldest first."""
        return [self._erasure(row) for row in self._db.all(_SQL["of_request"], {"request": request})]

    def all(self, status: Status | None = None) -> Iterator[Erasure]:
        """Every erasure (of one status), in the order of their keys, in constant memory."""
        last, wanted = StepKey("", "", ""), status.value if status else ""
        while rows := self._db.all(_SQL["after"], {**last._asdict(), "status": wanted}):
            for row in rows:
                erasure = self._erasure(row)
                last = erasure.key
                yield erasure

    def hashes(self, key: StepKey) -> list[KeyedHash]:
        """The hashes recorded for a step that still have a key."""
        return [KeyedHash(*row) for row in self._db.all(_SQL["hashes"], key._asdict())]

    def matching(self, candidates: Iterable[KeyedHash]) -> list[Erasure]:
        """The erasures that concern one of these hashes (`SubjectHashes.candidates`), each once."""
        keys: dict[StepKey, None] = {}
        for item in candidates:
            for row in self._db.all(_SQL["known"], {"digest": item.digest, "kind": item.kind}):
                keys[StepKey(*row)] = None
        found = (self.get(key) for key in keys)
        return [erasure for erasure in found if erasure]

    def digests(self, kind: str) -> Iterator[KeyedHash]:
        """Every hash of one kind of identifier or row, to match a whole table in memory."""
        after = b""
        while rows := self._db.all(_SQL["of_kind"], {"kind": kind, "after": after}):
            for digest, epoch in rows:
                after = digest
                yield KeyedHash(epoch, kind, digest)

    def requests(self, kind: str) -> dict[bytes, set[str]]:
        """The requests that concern each digest of one kind: to match a whole table with one query."""
        found: dict[bytes, set[str]] = {}
        for digest, request in self._db.all(_SQL["requests_of_kind"], {"kind": kind}):
            found.setdefault(digest, set()).add(request)
        return found

    def forget_epoch(self, epoch: str) -> int:
        """Delete the hashes of an epoch whose key is destroyed. Returns how many there were."""
        count = self._db.run(_SQL["forget_epoch"], {"epoch": epoch})
        self._db.erase_traces()
        return count

    def _erasure(self, row: Row) -> Erasure:
        key = StepKey(*row[:3])
        at, epoch, scope, status, ended = row[3:]
        return Erasure(
            key,
            read_time(at),
            epoch,
            self._vault.open_json(scope, _place(key)),
            Status(status),
            read_time(ended) if ended else None,
        )


def _place(key: StepKey) -> str:
    return "/".join(("erasures", *(f"{len(part)}:{part}" for part in key)))
