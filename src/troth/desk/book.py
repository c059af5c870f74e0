"""Every act of a request in the ledger, once: what is missing there is written, however often this is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event

if TYPE_CHECKING:
    from troth.core.requests.model import Request
    from troth.desk.house import House


def write(house: House, request: Request, *, new: bool = False) -> int:
    """Tell the ledger of the request's acts that it does not know yet; how many those were. ``new``: there is one for
    certain, unless a crash came after it.

    An act is known by its number in the request. Two who write at once are told apart by the state's transaction.
    """
    if not new and not _missing(house, request):
        return 0  # most often: no need to keep others from writing
    with house.records.transaction():
        missing = _missing(house, request)
        if missing:
            house.records.note(*missing)
    return len(missing)


def _missing(house: House, request: Request) -> list[Event]:
    told = house.records.state.events_of(request.ref)
    if any(body is None for _, body in told):
        return []  # deleted when its time was over: it is not written again
    known = {(kind, body["act"]) for kind, body in told if body is not None and "act" in body}
    return [event for event in events_of(request) if (event.kind, event.body["act"]) not in known]


def events_of(request: Request) -> Sequence[Event]:
    """The request and its acts as the ledger keeps them: kinds, codes and moments, nobody's data."""
    first: dict[str, JSON] = {
        "request": request.ref, "act": 0, "right": str(request.right), "channel": str(request.channel),
        "behalf": str(request.behalf) if request.behalf else None, "scope": [*sorted(request.scope)],
    }  # fmt: skip
    if request.categories:
        first["categories"] = [*sorted(request.categories)]
    found = [Event("request.received", request.received, first)]
    for number, one in enumerate(request.history, 1):
        body: dict[str, JSON] = {
            "request": request.ref, "act": number, "by": str(one.by), "reasons": [*one.reasons],
            "reference": one.reference,
        }  # fmt: skip
        found.append(Event(f"request.{one.act}", one.at, body))
    return found
