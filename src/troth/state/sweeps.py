"""Runs of the retention rules: where each stands, so that one that was stopped goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON, canonical, parse
from troth.core.evidence.leaf import read_time, write_time
from troth.state.database import Database, Row, queries

_SQL = queries("sweeps")


@dataclass(frozen=True, slots=True)
class SweepRun:
    """``cursor`` is the engine's resume point (keys of rows, never personal data)."""

    id: str
    plan: str
    started_at: datetime
    ended_at: datetime | None
    cursor: JSON
    counts: dict[str, int]


class Sweeps:
    """At most one unfinished run for each plan digest."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, id: str, plan: str, *, at: datetime) -> SweepRun:
        """Begin a run of this plan, or take up the unfinished one (then its own id, cursor and counts)."""
        row = {"id": id, "plan": plan, "at": write_time(at), "cursor": "null", "counts": "{}"}
        with self._db.transaction():
            self._db.run(_SQL["start"], row)
            found = self._db.one(_SQL["unfinished_of"], {"plan": plan})
        if found is None:
            raise UsageError(f"the sweep {id} has ended", remedy="start it again under a new id")
        return _sweep(found)

    def advance(self, id: str, *, cursor: JSON, counts: Mapping[str, int]) -> None:
        """Remember how far it came, durable on return. Raises UsageError when the run has ended."""
        row = {"id": id, "cursor": canonical(cursor).decode(), "counts": _counts(counts)}
        if not self._db.run(_SQL["advance"], row):
            raise UsageError(f"the sweep {id} is not under way")

    def end(self, id: str, *, at: datetime, counts: Mapping[str, int]) -> bool:
        """The run is complete. False when it had ended already."""
        return bool(self._db.run(_SQL["end"], {"id": id, "at": write_time(at), "counts": _counts(counts)}))

    def get(self, id: str) -> SweepRun | None:
        row = self._db.one(_SQL["get"], {"id": id})
        return _sweep(row) if row else None

    def unfinished(self) -> list[SweepRun]:
        return [_sweep(row) for row in self._db.all(_SQL["unfinished"])]

    def last(self, most: int = 20) -> list[SweepRun]:
        """The newest runs, newest first."""
        return [_sweep(row) for row in self._db.all(_SQL["last"], {"most": most})]


def _counts(counts: Mapping[str, int]) -> str:
    return canonical(cast(JSON, dict(counts))).decode()


def _sweep(row: Row) -> SweepRun:
    id, plan, started, ended, cursor, counts = row
    return SweepRun(
        id,
        plan,
        read_time(started),
        read_time(ended) if ended else None,
        parse(cursor.encode()),
        cast(dict[str, int], parse(counts.encode())),
    )
