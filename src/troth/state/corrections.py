"""Rows that were corrected (GDPR Article 16), as the ledger tells of them. It keeps no value: after a restore somebody
has to write them again, and to know where."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from troth.core.evidence.canonical import parse
from troth.core.evidence.leaf import decode, read_time
from troth.state.treelog import TreeLog

_KINDS = ("rectification.done", "rectification.failed")
"""One that failed in one store may have been done in another."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """So many rows of a collection were corrected at a request. Of an event whose body was deleted since nothing is
    left but the moment."""

    at: datetime
    request: str | None = None
    store: str | None = None
    collection: str | None = None
    rows: int | None = None


def corrected(ledger: TreeLog, since: date | None = None) -> Iterator[Corrected]:
    """What was corrected on the day ``since`` (UTC) or later, oldest first. Raises LedgerTampered."""
    size = ledger.size
    # Times in the ledger never go back, and their text sorts as they do.
    start = bisect_left(range(size), since.isoformat(), key=lambda n: decode(ledger.leaf(n)).at) if since else 0
    for position, data in enumerate(ledger.leaves(start, size), start):
        if b'"kind":"rectification.' in data and decode(data).kind in _KINDS:
            yield from _told(ledger, position, data)


def _told(ledger: TreeLog, position: int, data: bytes) -> Iterator[Corrected]:
    leaf, opening = decode(data), ledger.body(position)
    at = read_time(leaf.at)
    if opening is None:
        yield from [Corrected(at)] if leaf.kind == _KINDS[0] else []
        return
    body = cast(dict[str, list[list[object]]], parse(opening.body))
    rows: dict[tuple[str, str], int] = {}
    for store, collection, _, number, status, *_ in body["outcomes"]:
        if status == "done" and number:
            place = str(store), str(collection)
            rows[place] = rows.get(place, 0) + cast(int, number)
    for (store, collection), number in rows.items():
        yield Corrected(at, str(body["request"]), store, collection, number)
