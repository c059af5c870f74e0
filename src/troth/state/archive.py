"""The archive: records that are out of daily use but must still be kept, until their last day.

Each record is encrypted under a key of its own, and that key under the vault's. Destroying a record deletes
both; what may be left of it in backups of this state cannot be read without the vault key, which lies apart.
Whoever opens a record writes that into the ledger: access to the archive is restricted, and seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON, canonical, parse
from troth.state.database import Database, Row, queries
from troth.state.vault import Vault

_SQL = queries("archive")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a record without opening it."""

    id: str
    purpose: str
    store: str
    collection: str
    until: date


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to put away. ``id`` is the engine's own and makes repetition harmless; ``until`` is the last
    day it is kept; ``identifiers`` are the (kind, value) a person's records are found by."""

    id: str
    purpose: str
    store: str
    collection: str
    until: date
    record: JSON = field(repr=False)
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Shelf:
    """How much lies in the archive for one purpose and collection, and between which last days."""

    purpose: str
    store: str
    collection: str
    records: int
    first_until: date
    last_until: date


class Archive:
    """The sealed records."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._db = database
        self._vault = vault

    def put(self, records: Iterable[NewRecord]) -> int:
        """Put records away, all or none, durable on return. One whose id is there already is left as it is.

        Returns how many were new. Delete the originals only after this has returned.
        """
        added = 0
        with self._db.transaction():
            for record in records:
                if self._db.run(_SQL["add"], self._sealed(record)):
                    added += 1
                    hashes = self._vault.indexes(record.identifiers)
                    self._db.run_many(_SQL["add_hash"], [{"hash": h, "record": record.id} for h in hashes])
        return added

    def get(self, id: str) -> Entry | None:
        row = self._db.one(_SQL["get"], {"id": id})
        return _entry(row) if row else None

    def read(self, id: str) -> JSON:
        """Open a record. Record in the ledger that it was opened, by whom and why. Raises UsageError."""
        row = self._db.one(_SQL["sealed"], {"id": id})
        if row is None:
            raise UsageError(f"the archive has no record {id!r}")
        key = self._vault.open(row[0], f"archive-key/{id}")
        return parse(self._vault.open(row[1], f"archive/{id}", key=key))

    def matching(self, identifiers: Iterable[tuple[str, str]]) -> list[Entry]:
        """The records of whoever has one of these (kind, value), each once."""
        found: dict[str, Entry] = {}
        for item in self._vault.indexes(identifiers):
            for row in self._db.all(_SQL["matching"], {"hash": item}):
                found[row[0]] = _entry(row)
        return list(found.values())

    def ended(self, as_of: date) -> Iterator[Entry]:
        """The records whose last day is before ``as_of``, in constant memory."""
        after, last = "", date.fromordinal(as_of.toordinal() - 1).isoformat()
        while rows := self._db.all(_SQL["ending"], {"until": last, "after": after}):
            for row in rows:
                after = row[0]
                yield _entry(row)

    def destroy_ended(self, as_of: date) -> int:
        """Destroy every record whose last day is before ``as_of``. Returns how many there were."""
        return self.destroy([entry.id for entry in self.ended(as_of)])

    def shelves(self) -> list[Shelf]:
        """What lies in the archive, without opening anything."""
        rows = self._db.all(_SQL["counts"])
        return [Shelf(*row[:4], *(date.fromisoformat(day) for day in row[4:])) for row in rows]

    def destroy(self, ids: Iterable[str]) -> int:
        """Delete keys and contents for good, all or none. Returns how many there were."""
        rows = [{"id": id} for id in ids]
        destroyed = self._db.run_many(_SQL["destroy"], rows)
        self._db.erase_traces()
        return destroyed

    def _sealed(self, record: NewRecord) -> dict[str, object]:
        key = os.urandom(32)
        return {
            "id": record.id,
            "purpose": record.purpose,
            "store": record.store,
            "collection": record.collection,
            "until": record.until.isoformat(),
            "key": self._vault.seal(key, f"archive-key/{record.id}"),
            "record": self._vault.seal(canonical(record.record), f"archive/{record.id}", key=key),
        }


def _entry(row: Row) -> Entry:
    id, purpose, store, collection, until = row
    return Entry(id, purpose, store, collection, date.fromisoformat(until))
