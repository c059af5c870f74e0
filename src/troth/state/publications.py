"""Published versions of the policy, each with its pages as they were, which are never changed, and its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from troth.core.evidence.leaf import read_time, write_time
from troth.state.database import Database, queries

_SQL = queries("publications")


@dataclass(frozen=True, slots=True)
class Publication:
    """One version. ``policy`` is the digest of the file, ``position`` where the ledger tells of it, ``pages`` what
    people read, as JSON by language."""

    number: int
    version: str
    policy: str
    published_at: datetime
    position: int
    pages: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """Something that goes with a version; ``kind`` is its media type."""

    kind: str
    content: bytes


class Publications:
    """The versions in the order of their publication."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self, version: str, *, policy: str, at: datetime, position: int, pages: Mapping[str, Any]
    ) -> Publication:  # fmt: skip
        """Keep a version; call it in the transaction that tells the ledger of it."""
        last = self.last()
        made = Publication(last.number + 1 if last else 1, version, policy, at, position, pages)
        text = json.dumps(dict(pages), ensure_ascii=False, sort_keys=True)
        self._db.run(_SQL["add"], {
            "number": made.number, "version": version, "policy": policy, "at": write_time(at), "position": position,
            "pages": text,
        })  # fmt: skip
        return made

    def last(self) -> Publication | None:
        """The version in force."""
        row = self._db.one(_SQL["last"])
        return _read(row) if row else None

    def of(self, version: str) -> Publication | None:
        """That version."""
        row = self._db.one(_SQL["of"], {"version": version})
        return _read(row) if row else None

    def all(self) -> list[Publication]:
        """Every version, the newest first, without its pages."""
        return [_read((*row, "{}")) for row in self._db.all(_SQL["all"])]

    def put(self, number: int, files: Mapping[str, PublishedFile | None]) -> None:
        """Keep files with a version, in the place of those that have the same name; None takes one away."""
        with self._db.transaction():
            for name, file in files.items():
                place = {"number": number, "name": name}
                self._db.run(_SQL["drop_file"], place)
                if file is not None:
                    self._db.run(_SQL["put_file"], {**place, "kind": file.kind, "content": file.content})

    def file(self, number: int, name: str) -> PublishedFile | None:
        """A file of a version."""
        row = self._db.one(_SQL["file"], {"number": number, "name": name})
        return PublishedFile(row[0], bytes(row[1])) if row else None

    def files(self, number: int) -> dict[str, PublishedFile]:
        """Every file of a version, by name."""
        rows = self._db.all(_SQL["files"], {"number": number})
        return {name: PublishedFile(kind, bytes(content)) for name, kind, content in rows}

    def file_names(self) -> dict[int, list[str]]:
        """The names of the files of each version."""
        found: dict[int, list[str]] = {}
        for number, name in self._db.all(_SQL["file_names"]):
            found.setdefault(number, []).append(name)
        return found


def _read(row: tuple[Any, ...]) -> Publication:
    number, version, policy, at, position, pages = row
    return Publication(number, version, policy, read_time(at), position, json.loads(pages))
