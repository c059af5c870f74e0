"""Holds made by hand, restrictions of processing (Article 18 GDPR) and refusals of a purpose: sorts of one mark on a
person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON, canonical, parse
from troth.core.evidence.leaf import read_time, write_time
from troth.state.database import Database, Row, queries
from troth.state.vault import Vault

_SQL = queries("marks")
_FEW = 20
"""Up to so many hashes are asked for one by one; for more, all marks in force are read: they are few."""


@dataclass(frozen=True, slots=True)
class Mark:
    """``anchors`` (who, encrypted at rest) is None once released; ``until`` None means until released."""

    id: str
    ground: str
    scope: JSON
    anchors: JSON
    made_at: datetime
    until: date | None
    released_at: datetime | None


class Marks:
    """The marks of one sort. Looked up by keyed hashes; ``until`` is the last day it holds."""

    def __init__(self, database: Database, vault: Vault, sort: str) -> None:
        self._db = database
        self._vault = vault
        self._sort = sort

    def add(
        self,
        id: str,
        *,
        identifiers: Iterable[tuple[str, str]],
        anchors: JSON,
        ground: str,
        scope: JSON,
        at: datetime,
        until: date | None = None,
    ) -> bool:
        """Make a mark, durable on return. ``identifiers`` are (kind, value); ``scope`` says which collections
        and fields, None for all. The same id again changes nothing and returns False."""
        row = {
            "id": id,
            "sort": self._sort,
            "ground": ground,
            "made_at": write_time(at),
            "until": until.isoformat() if until else None,
            "anchors": self._vault.seal_json(anchors, self._place(id)),
            "scope": canonical(scope).decode(),
        }
        with self._db.transaction():
            if not self._db.run(_SQL["add"], row):
                return False
            hashes = self._vault.indexes(identifiers)
            self._db.run_many(_SQL["add_hash"], [{"hash": item, "mark": id} for item in hashes])
        return True

    def rewrite(self, id: str, anchors: JSON) -> bool:
        """Put something else in the place of what is sealed; False when there is none in force."""
        sealed = self._vault.seal_json(anchors, self._place(id))
        return bool(self._db.run(_SQL["rewrite"], {"id": id, "sort": self._sort, "anchors": sealed}))

    def about(self, id: str, identifiers: Iterable[tuple[str, str]]) -> None:
        """Further identifiers of whoever a mark in force is about."""
        mark = self.get(id)
        if mark is not None and mark.released_at is None:
            hashes = self._vault.indexes(identifiers)
            self._db.run_many(_SQL["add_hash"], [{"hash": item, "mark": id} for item in hashes])

    def release(self, id: str, *, at: datetime) -> bool:
        """End a mark now and delete who it was about. False when it had ended already.

        Raises UsageError for an id that does not exist.
        """
        with self._db.transaction():
            if self.get(id) is None:
                raise UsageError(f"there is no {self._sort} {id!r}")
            changed = self._db.run(_SQL["release"], {"id": id, "sort": self._sort, "at": write_time(at)})
            self._db.run(_SQL["forget_hashes"], {"id": id})
        self._db.erase_traces()
        return bool(changed)

    def get(self, id: str) -> Mark | None:
        row = self._db.one(_SQL["get"], {"id": id, "sort": self._sort})
        return self._mark(row) if row else None

    def all(self) -> list[Mark]:
        """Every mark, released ones too, oldest first."""
        return [self._mark(row) for row in self._db.all(_SQL["all"], {"sort": self._sort})]

    def active(self, as_of: date) -> list[Mark]:
        """The marks in force on this day."""
        params = {"sort": self._sort, "as_of": as_of.isoformat()}
        return [self._mark(row) for row in self._db.all(_SQL["active"], params)]

    def ended(self, as_of: date) -> list[Mark]:
        """The marks whose last day is before this one and that nobody has released."""
        params = {"sort": self._sort, "as_of": as_of.isoformat()}
        return [self._mark(row) for row in self._db.all(_SQL["ended"], params)]

    def beside(self, id: str, others: Iterable[tuple[str, str]] = ()) -> list[Mark]:
        """The marks of this sort that nobody has released and that share an identifier with the mark of that name, of
        any sort, or have one of these ``others``; not itself. Those past their last day too: what they set stands."""
        params = {"id": id, "sort": self._sort}
        found = {row[0]: row for row in self._db.all(_SQL["beside"], params)}
        for item in self._vault.indexes(others):
            found.update((row[0], row) for row in self._db.all(_SQL["others"], {**params, "hash": item}))
        return [self._mark(row) for row in found.values()]

    def hashes_of(self, id: str) -> set[bytes]:
        """Whom and what a mark in force is about, as ``Vault.index``."""
        return {bytes(row[0]) for row in self._db.all(_SQL["hashes_of"], {"id": id})}

    def matching(self, identifiers: Iterable[tuple[str, str]], as_of: date) -> list[Mark]:
        """The marks in force on this day on whoever has one of these (kind, value), each once."""
        params = {"sort": self._sort, "as_of": as_of.isoformat()}
        found: dict[str, Mark] = {}
        for item in self._vault.indexes(identifiers):
            for row in self._db.all(_SQL["matching"], {**params, "hash": item}):
                found[row[0]] = self._mark(row)
        return list(found.values())

    def marked(self, hashes: Sequence[bytes], as_of: date) -> set[bytes]:
        """Which of these hashes (``Vault.index``) have a mark in force on this day; nothing is decrypted."""
        if len(hashes) > _FEW:
            return self.all_marked(as_of).intersection(hashes)
        params = {"sort": self._sort, "as_of": as_of.isoformat()}
        return {item for item in hashes if self._db.one(_SQL["marked"], {**params, "hash": item})}

    def all_marked(self, as_of: date) -> set[bytes]:
        """The hashes of all marks in force on this day."""
        params = {"sort": self._sort, "as_of": as_of.isoformat()}
        return {bytes(row[0]) for row in self._db.all(_SQL["hashes"], params)}

    def scopes(self, as_of: date, since: date | None) -> dict[bytes, list[tuple[JSON, datetime]]]:
        """For each hash the scopes of its marks in force on this day, made on the day ``since`` or later, with the
        moment they were made at."""
        found: dict[bytes, list[tuple[JSON, datetime]]] = {}
        for item, scope, said in self._db.all(_SQL["dated_hashes"], {"sort": self._sort, "as_of": as_of.isoformat()}):
            made = read_time(said)
            if since is None or made.date() >= since:
                found.setdefault(bytes(item), []).append((parse(scope.encode()), made))
        return found

    def by_hash(self, as_of: date) -> Iterator[tuple[bytes, str, JSON, datetime]]:
        """Each hash of each mark in force on this day: the hash, the mark's name, its scope, when it was made."""
        for item, id, scope, said in self._db.all(
            _SQL["named_hashes"], {"sort": self._sort, "as_of": as_of.isoformat()}
        ):
            yield bytes(item), id, parse(scope.encode()), read_time(said)

    def _place(self, id: str) -> str:
        return f"{self._sort}s/{id}"

    def _mark(self, row: Row) -> Mark:
        id, ground, made_at, until, released_at, anchors, scope = row
        return Mark(
            id,
            ground,
            parse(scope.encode()),
            self._vault.open_json(anchors, self._place(id)) if anchors else None,
            read_time(made_at),
            date.fromisoformat(until) if until else None,
            read_time(released_at) if released_at else None,
        )
