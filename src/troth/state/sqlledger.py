"""The ledger in SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from troth.core.errors import LedgerBusy, LedgerTampered
from troth.core.evidence import merkle
from troth.core.evidence.leaf import Opening, decode, opens
from troth.core.evidence.merkle import EMPTY_ROOT
from troth.state.database import Database, queries
from troth.state.postgresql import PostgresDatabase
from troth.state.sqlite import SqliteDatabase
from troth.state.treelog import HASH, NewLeaf, Salts, StoredHead, TreeLog, tampered

_SQL = queries("ledger")


class SqlLedger(TreeLog):
    """The ledger in ``database``, whose tables exist. Opening it checks the stored head against the tree."""

    def __init__(self, database: Database, *, salts: Salts = os.urandom) -> None:
        super().__init__(salts)
        self._db = database
        if self._db.one(_SQL["head"]) is None:
            self._first_head()
        self.check_head()

    def _first_head(self) -> None:
        with self._db.transaction():
            if not self._beyond(0):
                self._db.run(_SQL["first_head"], {"root": EMPTY_ROOT})

    def _writing(self) -> AbstractContextManager[None]:
        return self._db.transaction()

    def _head(self) -> StoredHead:
        row = self._db.one(_SQL["head"])
        if row is None:
            raise LedgerTampered(
                "the ledger is damaged: it has lost its head", remedy="restore the state from its last backup"
            )
        return StoredHead(*row)

    def _store(self, old: StoredHead, new: StoredHead, leaves: Sequence[NewLeaf], note: str | None) -> None:
        columns = ("position", "data", "hashes", "salt", "body", "request")
        rows = [
            (leaf.position, leaf.data, leaf.hashes, leaf.opening.salt, leaf.opening.body, leaf.request)
            for leaf in leaves
        ]
        moved = {"size": new.size, "root": new.root, "last_at": new.last_at, "signer": new.signer}
        moved |= {"old_size": old.size, "old_root": old.root}
        if self._db.dialect == "sqlite":
            each = [dict(zip(columns, row, strict=True)) for row in rows]
            self._db.run_many(_SQL["add_leaf"], each)
            self._db.run_many(_SQL["add_body"], each)
            done = self._db.run(_SQL["move_head"], moved) == 1
            if note is not None:
                self._add_checkpoint(new.size, note)
        else:
            values = {name: [row[number] for row in rows] for number, name in enumerate(columns)}
            done = self._db.one(_SQL["store"], {**values, **moved, "note": note}) == (1,)
        if not done:
            raise LedgerBusy("another process moved the head of the ledger", remedy="try again")

    def _row(self, position: int) -> tuple[bytes, bytes] | None:
        row = self._db.one(_SQL["leaf"], {"position": position})
        return (row[0], row[1]) if row else None

    def _hashes(self, positions: Collection[int]) -> Mapping[int, bytes]:
        query = _SQL[f"hashes_{self._db.dialect}"]
        rows = self._db.all(query, {"positions": self._db.array(list(positions))}) if positions else []
        return {row[0]: row[1] for row in rows}

    def _rows(self, start: int, end: int) -> list[tuple[int, bytes, bytes]]:
        rows = self._db.all(_SQL["leaves"], {"start": start, "end": end})
        return [(row[0], row[1], row[2]) for row in rows]

    def _beyond(self, size: int) -> int:
        row = self._db.one(_SQL["count_after"], {"size": size})
        return int(row[0]) if row else 0

    def _openings(self, start: int, end: int) -> list[tuple[int, bytes, bytes]]:
        rows = self._db.all(_SQL["bodies"], {"start": start, "end": end})
        return [(row[0], row[1], row[2]) for row in rows]

    def _delete_bodies(self, positions: Sequence[int]) -> int:
        deleted = self._db.run_many(_SQL["redact"], [{"position": position} for position in positions])
        self._db.erase_traces()
        return deleted

    def _add_signer(self, position: int, vkey: str) -> None:
        self._db.run(_SQL["add_signer"], {"position": position, "vkey": vkey})

    def _add_checkpoint(self, size: int, note: str) -> None:
        self._db.run(_SQL["add_checkpoint"], {"size": size, "note": note})

    def _checkpoint(self, size: int) -> str | None:
        return self._text("checkpoint", size=size)

    def of_request(self, request: str) -> list[tuple[bytes, Opening]]:
        """Leaf and body of each event that names this request, in order, in one look-up. Raises LedgerTampered."""
        found = []
        for position, data, hashes, salt, body in self._db.all(_SQL["of_request"], {"request": request}):
            if data is None or merkle.leaf_hash(data) != hashes[:HASH] or not opens(decode(data), Opening(salt, body)):
                raise tampered(f"leaf {position} or its body is missing or was changed")
            found.append((data, Opening(salt, body)))
        return found

    def find(self, request: str) -> list[int]:
        return [row[0] for row in self._db.all(_SQL["find"], {"request": request})]

    def signers(self) -> list[tuple[int, str]]:
        return [(row[0], row[1]) for row in self._db.all(_SQL["signers"])]

    def checkpoints(self) -> Iterator[str]:
        after = -1
        while rows := self._db.all(_SQL["checkpoints"], {"after": after}):
            for size, note in rows:
                after = size
                yield note

    def checkpoint_covering(self, position: int) -> str | None:
        return self._text("checkpoint_covering", position=position)

    def last_checkpoint(self) -> str | None:
        return self._text("last_checkpoint")

    def _text(self, query: str, **params: int) -> str | None:
        row = self._db.one(_SQL[query], params)
        return str(row[0]) if row else None


@contextmanager
def _closed_on_error(database: Database) -> Iterator[Database]:
    try:
        yield database
    except BaseException:
        database.close()
        raise


class SqliteLedger(SqlLedger):
    """The ledger in one SQLite file, made when it does not exist."""

    def __init__(self, path: str, *, wait: float = 10.0, salts: Salts = os.urandom) -> None:
        with _closed_on_error(SqliteDatabase(path, wait=wait)) as database:
            database.create_tables()
            super().__init__(database, salts=salts)

    def close(self) -> None:
        self._db.close()


class PostgresLedger(SqlLedger):
    """The ledger in a PostgreSQL database, its tables made when they do not exist."""

    def __init__(self, dsn: str, *, wait: float = 10.0, salts: Salts = os.urandom) -> None:
        with _closed_on_error(PostgresDatabase(dsn, wait=wait)) as database:
            database.create_tables()
            super().__init__(database, salts=salts)

    def close(self) -> None:
        self._db.close()
