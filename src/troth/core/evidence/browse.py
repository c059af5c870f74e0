"""Looking through a ledger, newest first, without ever reading all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import cast

from troth.core.evidence.canonical import JSON, parse
from troth.core.evidence.checkpoint import Checkpoint, parse_checkpoint
from troth.core.evidence.leaf import Leaf, decode, opens, read_time
from troth.core.evidence.merkle import leaf_hash, verify_inclusion
from troth.core.evidence.note import VerifyKey
from troth.core.evidence.ports import Ledger

PAGE = 30
"""Events on one page."""
LOOKED = 5_000
"""Events looked at for one page at most; what lies further back is on the next."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: those of a kind (``erasure``, or ``erasure.done``), of one day where the publisher is, of one
    request; nothing said is all of them."""

    kind: str = ""
    day: date | None = None
    request: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it lies in the ledger; ``body`` is None when it was deleted."""

    position: int
    kind: str
    at: datetime
    body: dict[str, JSON] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, newest first. ``older``: where the next page begins, None at the end; ``looked``: how many events
    were gone through for it."""

    entries: tuple[Entry, ...]
    older: int | None
    looked: int


def page(ledger: Ledger, wanted: Wanted, zone: tzinfo, before: int | None = None) -> Page:
    """The newest events that are wanted, at positions under ``before``. Raises LedgerTampered."""
    size = ledger.size
    start, end = _span(ledger, wanted.day, zone, size)
    end = end if before is None else max(start, min(end, before))
    places = _of_request(ledger, wanted.request, start, end) if wanted.request else _downwards(start, end)
    found: list[Entry] = []
    looked, last = 0, end
    for position in places:
        if len(found) == PAGE or looked == LOOKED:
            return Page(tuple(found), last, looked)
        looked, last = looked + 1, position
        entry = _entry_of_kind(ledger, position, wanted.kind)
        if entry is not None:
            found.append(entry)
    return Page(tuple(found), None, looked)


def entry(ledger: Ledger, position: int) -> Entry:
    """One event. Raises IndexError, LedgerTampered."""
    leaf, opening = decode(ledger.leaf(position)), ledger.body(position)
    body = cast("dict[str, JSON]", parse(opening.body)) if opening is not None else None
    return Entry(position, leaf.kind, read_time(leaf.at), body)


def first_at(ledger: Ledger, moment: datetime) -> int:
    """The position of the first event at or after a moment; the size where there is none. A log's times never go
    back, so it is found by halving."""
    low, high = 0, ledger.size
    while low < high:
        middle = (low + high) // 2
        if _leaf(ledger, middle)[1] < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _span(ledger: Ledger, day: date | None, zone: tzinfo, size: int) -> tuple[int, int]:
    if day is None:
        return 0, size
    begins = datetime.combine(day, time.min, zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, zone)
    return first_at(ledger, begins), first_at(ledger, ends)


def _downwards(start: int, end: int) -> Iterator[int]:
    return iter(range(end - 1, start - 1, -1))


def _of_request(ledger: Ledger, request: str, start: int, end: int) -> Iterator[int]:
    return iter(sorted((p for p in ledger.find(request) if start <= p < end), reverse=True))


def _entry_of_kind(ledger: Ledger, position: int, kind: str) -> Entry | None:
    if kind:
        own = _leaf(ledger, position)[0].kind
        if own != kind and not own.startswith(f"{kind}."):
            return None
    return entry(ledger, position)


def _leaf(ledger: Ledger, position: int) -> tuple[Leaf, datetime]:
    leaf = decode(ledger.leaf(position))
    return leaf, read_time(leaf.at)


# --- is this event really in the log? -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be shown of one event to somebody who wants to check it: the bytes of its leaf, the checkpoint that
    covers it, and the hashes that lead from the one to the root in the other (RFC 9162, section 2.1.3).

    ``included`` and ``signed`` are what a recalculation found; ``opened`` is None for a deleted body.
    """

    leaf: bytes
    note: str
    checkpoint: Checkpoint
    proof: tuple[bytes, ...]
    included: bool
    signed: bool
    opened: bool | None


def shown(ledger: Ledger, position: int, keys: tuple[VerifyKey, ...]) -> Shown | None:
    """Everything about one event, recalculated; None while no checkpoint covers it. ``keys`` are those that may have
    signed. Raises IndexError, LedgerTampered."""
    note = ledger.checkpoint_covering(position)
    if note is None:
        return None
    data, opening = ledger.leaf(position), ledger.body(position)
    checkpoint, parsed = parse_checkpoint(note)
    proof = tuple(ledger.inclusion(position, checkpoint.size))
    included = verify_inclusion(position, checkpoint.size, leaf_hash(data), proof, checkpoint.root)
    opened = opens(decode(data), opening) if opening is not None else None
    signed = any(parsed.signed_by(key) for key in keys)
    return Shown(data, note, checkpoint, proof, included, signed, opened)
