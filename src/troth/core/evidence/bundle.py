"""A bundle: evidence in one file, for somebody who has nothing else.

One canonical JSON value a line, so that a log of any size is written and verified in constant memory, and
so that no byte can be changed without the file being refused:

    {"bundle": 1, "keys": [vkey…], "origin": …, "redacted": bool, "scope": "all" | "part"}
    {"leaf": {…}, "position": n, "body": {…}, "salt": base64, "proof": [base64…]}      one an event
    {"checkpoint": note, "consistency": [base64…]}                                     after what it covers
    {"checkpoints": k, "end": true, "leaves": n}

``body`` and ``salt`` are missing where the body was deleted or is withheld. ``proof`` (to the next checkpoint
in the file) and ``consistency`` (from the one before) are there in a part only: in a whole log the leaves
themselves are the proof. docs/reference/bundle.md describes the format for other implementations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from troth.core.errors import EvidenceError
from troth.core.evidence.canonical import JSON, canonical, parse
from troth.core.evidence.checkpoint import parse_checkpoint
from troth.core.evidence.keychain import KEY_KINDS
from troth.core.evidence.leaf import Opening, decode
from troth.core.evidence.note import b64
from troth.core.evidence.ports import Ledger

VERSION = 1
_SPAN = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes into a bundle. ``request``: only its events, and the keys'. ``redacted``: no bodies but
    those about keys. ``sizes``: checkpoints somebody holds and wants to find again, by their size."""

    request: str | None = None
    redacted: bool = False
    sizes: tuple[int, ...] = ()


def write_bundle(ledger: Ledger, choice: Choice = Choice()) -> Iterator[bytes]:
    """The lines of a bundle up to the newest checkpoint, each ended by a newline.

    Raises EvidenceError when there is no checkpoint, or no event of the request; LedgerTampered while
    reading, when the ledger does not hash to its head.
    """
    size, origin = _newest(ledger)
    keys: list[JSON] = [vkey for position, vkey in ledger.signers() if position < size]
    yield _line(
        {
            "bundle": VERSION,
            "keys": keys,
            "origin": origin,
            "redacted": choice.redacted,
            "scope": "all" if choice.request is None else "part",
        }
    )
    if choice.request is None:
        lines = _whole(ledger, size, choice.redacted)
    else:
        lines = _part(ledger, size, _chosen(ledger, size, choice.request), choice)
    counts = {"leaf": 0, "checkpoint": 0}
    for sort, line in lines:
        counts[sort] += 1
        yield _line(line)
    yield _line({"checkpoints": counts["checkpoint"], "end": True, "leaves": counts["leaf"]})


Lines = Iterator[tuple[str, dict[str, JSON]]]


def _whole(ledger: Ledger, size: int, redacted: bool) -> Lines:
    """Every leaf, and every checkpoint right after the last leaf it covers."""
    notes = ((_size(note), note) for note in ledger.checkpoints())
    due, note = next(notes, (0, ""))
    for here in range(0, size, _SPAN):
        there = min(here + _SPAN, size)
        pairs = zip(ledger.leaves(here, there), ledger.bodies(here, there), strict=True)
        for position, (data, opening) in enumerate(pairs, here):
            yield "leaf", _leaf(position, data, opening, redacted)
            if due == position + 1:
                yield "checkpoint", {"checkpoint": note}
                due, note = next(notes, (0, ""))


def _part(ledger: Ledger, size: int, positions: Sequence[int], choice: Choice) -> Lines:
    """The chosen leaves with proofs, and the checkpoints that first cover each, the held ones, the newest."""
    notes = {_size(note): note for note in _covering(ledger, positions)}
    newest = ledger.checkpoint_covering(size - 1)
    notes[size] = newest or ""
    held = _covering(ledger, (wanted - 1 for wanted in choice.sizes if 0 < wanted < size))
    notes |= {_size(note): note for note in held}
    before, waiting = 0, list(positions)
    for here in sorted(notes):
        while waiting and waiting[0] < here:
            position = waiting.pop(0)
            opening = ledger.body(position)
            line = _leaf(position, ledger.leaf(position), opening, choice.redacted)
            line["proof"] = _hashes(ledger.inclusion(position, here))
            yield "leaf", line
        yield (
            "checkpoint",
            {
                "checkpoint": notes[here],
                "consistency": _hashes(ledger.consistency(before, here)),
            },
        )
        before = here


def _chosen(ledger: Ledger, size: int, request: str) -> list[int]:
    found = [position for position in ledger.find(request) if position < size]
    if not found:
        raise EvidenceError(f"the ledger has no event of the request {request!r}")
    return sorted({*found, *(position for position, _ in ledger.signers() if position < size)})


def _covering(ledger: Ledger, positions: Iterable[int]) -> Iterator[str]:
    for position in positions:
        note = ledger.checkpoint_covering(position)
        if note is not None:
            yield note


def _leaf(position: int, data: bytes, opening: Opening | None, redacted: bool) -> dict[str, JSON]:
    line: dict[str, JSON] = {"leaf": parse(data), "position": position}
    if opening and not (redacted and decode(data).kind not in KEY_KINDS):
        line |= {"body": parse(opening.body), "salt": b64(opening.salt)}
    return line


def _newest(ledger: Ledger) -> tuple[int, str]:
    note = ledger.last_checkpoint()
    if note is None:
        raise EvidenceError("the ledger has no checkpoint yet", remedy="run `troth keys init` once")
    checkpoint, _ = parse_checkpoint(note)
    return checkpoint.size, checkpoint.origin


def _size(note: str) -> int:
    return parse_checkpoint(note)[0].size


def _hashes(hashes: Iterable[bytes]) -> list[JSON]:
    return [b64(value) for value in hashes]


def _line(value: dict[str, JSON]) -> bytes:
    return canonical(value) + b"\n"
