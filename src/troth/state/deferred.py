"""The parts of an erasure that wait for their day: what a hold keeps now, and who to erase then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import read_time, write_time
from troth.state.database import Database, Row, queries
from troth.state.erasures import StepKey
from troth.state.vault import Vault

_SQL = queries("deferred")


@dataclass(frozen=True, slots=True)
class DeferredPart:
    """``payload`` is whatever the engine needs to find the rows again; None once it is over."""

    key: StepKey
    due: date
    payload: JSON
    status: str
    ended_at: datetime | None


class Deferred:
    """Deferred parts; the payload is encrypted, and deleted when the part is over."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._db = database
        self._vault = vault

    def schedule(self, key: StepKey, *, due: date, payload: JSON) -> bool:
        """Keep a part for its day. Repeating it changes nothing and returns False."""
        sealed = self._vault.seal_json(payload, _place(key))
        return bool(self._db.run(_SQL["add"], {**key._asdict(), "due": due.isoformat(), "payload": sealed}))

    def move(self, key: StepKey, *, due: date) -> bool:
        """Give a waiting part another day (a longer hold was found). False if it is not waiting."""
        return bool(self._db.run(_SQL["move"], {**key._asdict(), "due": due.isoformat()}))

    def due(self, as_of: date) -> Iterator[DeferredPart]:
        """The waiting parts whose day is ``as_of`` or before, earliest first, in constant memory."""
        last: dict[str, str] = {"due": "", "request": "", "store": "", "step": ""}
        while rows := self._db.all(_SQL["due"], {**last, "as_of": as_of.isoformat()}):
            for row in rows:
                part = self._part(row)
                last = {**part.key._asdict(), "due": part.due.isoformat()}
                yield part

    def get(self, key: StepKey) -> DeferredPart | None:
        row = self._db.one(_SQL["get"], key._asdict())
        return self._part(row) if row else None

    def of_request(self, request: str) -> list[DeferredPart]:
        return [self._part(row) for row in self._db.all(_SQL["of_request"], {"request": request})]

    def done(self, key: StepKey, *, at: datetime) -> bool:
        """The part was carried out; its payload is deleted. False when it was over already."""
        return self._finish(key, "done", at)

    def cancel(self, key: StepKey, *, at: datetime) -> bool:
        """The part will not be carried out; its payload is deleted. False when it was over already."""
        return self._finish(key, "cancelled", at)

    def _finish(self, key: StepKey, status: str, at: datetime) -> bool:
        row = {**key._asdict(), "status": status, "at": write_time(at)}
        changed = bool(self._db.run(_SQL["finish"], row))
        self._db.erase_traces()
        return changed

    def _part(self, row: Row) -> DeferredPart:
        key = StepKey(*row[:3])
        due, payload, status, ended = row[3:]
        opened = self._vault.open_json(payload, _place(key)) if payload else None
        return DeferredPart(key, date.fromisoformat(due), opened, status, read_time(ended) if ended else None)


def _place(key: StepKey) -> str:
    return "/".join(("deferred", *(f"{len(part)}:{part}" for part in key)))
