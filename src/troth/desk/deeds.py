"""What a request has changed in the stores, and when, as the ledger tells: for the person to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from troth.core.errors import EvidenceError
from troth.core.evidence.canonical import JSON, parse
from troth.core.evidence.leaf import decode, read_time

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.requests.model import Request
    from troth.desk.house import House

_CHANGES = ("delete", "clear", "anonymise", "unlink", "set")
"""Actions that change rows. Of all but the first several may meet the same row."""
_SET = {"rectification": "correct", "restriction": "flag", "objection": "flag", "lifting": "back", "allowing": "back"}
"""What setting a value is called, by the first word of the event."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one collection. ``how`` is ``delete``, ``clear``, ``anonymise``, ``unlink``, ``correct``, ``flag`` (a
    freeze or a no) or ``back`` (what stood there before one)."""

    store: str
    collection: str
    how: str
    rows: int


@dataclass(frozen=True, slots=True)
class Deed:
    """Changes that ended at one moment. ``cut_short``: they began then and nothing tells how it ended, so that these
    rows may have been changed; ``failed``: some of what was meant was not done."""

    at: datetime
    changes: tuple[Change, ...]
    cut_short: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Deeds:
    """``known`` is false where the ledger's events have been deleted since: then nothing can be said."""

    deeds: tuple[Deed, ...] = ()
    known: bool = True


def deeds_of(house: House, request: Request) -> Deeds:
    """Of one request."""
    try:
        told = [(decode(leaf), opening.body) for leaf, opening in house.records.state.ledger.of_request(request.ref)]
    except EvidenceError:
        return Deeds(known=False)
    events = [(leaf.kind, read_time(leaf.at), cast("dict[str, Any] | None", parse(body))) for leaf, body in told]
    return read(events, at_work=request.open)


def read(events: Sequence[tuple[str, datetime, dict[str, Any] | None]], *, at_work: bool) -> Deeds:
    """The same from kind, moment and body of each event, in order. ``at_work``: what has begun last may still end."""
    found: list[Deed] = []
    begun: Deed | None = None
    for kind, at, body in events:
        if body is None:
            return Deeds(known=False)
        if _begins(kind):
            found += [begun] if begun is not None and begun.changes else []
            begun = Deed(at, _changes(kind, body.get("steps", ()), ended=False), cut_short=True)
        elif _ends(kind):
            begun = None
            changes = _changes(kind, body.get("outcomes", ()), ended=True)
            found += [Deed(at, changes, failed=kind.endswith(".failed"))] if changes else []
    return Deeds((*found, *([begun] if begun is not None and begun.changes and not at_work else [])))


def _begins(kind: str) -> bool:
    return kind.endswith(".intended") or kind in ("erasure.resumed", "erasure.replayed")


def _ends(kind: str) -> bool:
    """Not ``objection.made``, which tells again what ``objection.done`` has told."""
    return kind.endswith((".done", ".failed")) or kind in ("restriction.flagged", "erasure.replayed_in_part")


def _changes(kind: str, lines: Iterable[Sequence[JSON]], *, ended: bool) -> tuple[Change, ...]:
    """Each collection and kind of change once: rows that go are added up, of rows whose fields change it is the most
    that one step has met."""
    found: dict[tuple[str, str, str], int] = {}
    for line in lines:
        store, collection, action, rows = str(line[0]), str(line[1]), str(line[2]), int(cast("int", line[3]))
        if action not in _CHANGES or not rows or (ended and line[4] != "done"):
            continue
        place = (store, collection, _how(kind, action))
        found[place] = found.get(place, 0) + rows if action == "delete" else max(found.get(place, 0), rows)
    return tuple(Change(*place, rows) for place, rows in found.items())


def _how(kind: str, action: str) -> str:
    """What a person would call it: the engine only sets values in all of these."""
    if action != "set":
        return action
    first = kind.partition(".")[0]
    return _SET.get(first, "clear")


def place_of(policy: Policy, change: Change, language: str) -> str:
    """What the policy calls the collection, to its people; its own name where it has no title."""
    store = policy.stores.get(change.store)
    collection = store.collections.get(change.collection) if store is not None else None
    titles = (collection.title if collection is not None else None) or {}
    return titles.get(language) or next(iter(titles.values()), "") or change.collection
