"""A request that was handed on to the controller whose processor the publisher is (GDPR Article 28(3)(e)): what they
were told, by when they have to answer, and what staff know of their answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from troth.core.errors import UsageError
from troth.core.evidence.leaf import Event
from troth.core.policy.values import add
from troth.core.requests.clock import clock
from troth.core.requests.machine import on_record
from troth.core.requests.model import Act, Request, State
from troth.core.requests.route import terms_of
from troth.desk.files import request_of
from troth.desk.models import File, Hand
from troth.desk.telling import forward_lines

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.desk.house import House
    from troth.desk.particulars import Particulars

STOP = "client"
"""Where what a client has answered stands among what was done by hand: no stop of Troth's own way."""
ANSWERED = "request.client_answered"
"""The event by which the ledger knows it."""


@dataclass(frozen=True, slots=True)
class Handed:
    """``promised`` is the day by which the policy says it is handed on, ``sent`` when it was (None: not yet), ``text``
    what was written, ``verified`` how it is known who asks (empty: it is not), ``law`` the day by which the client has
    to answer, ``answered`` the day on which they have, as somebody of staff has noted, ``number`` what shows it."""

    client: str
    contact: str
    promised: date | None
    sent: datetime | None
    text: tuple[str, ...]
    verified: str
    law: date
    answered: date | None = None
    number: str = ""


def client_name(policy: Policy, controller: str) -> str:
    """What the policy calls a client; its key, where the policy no longer names it."""
    client = policy.document.clients.get(controller)
    return str(client.name) if client is not None else controller


def handed_of(house: House, request: Request, who: Particulars) -> Handed | None:
    """None of a request that is not for a client, or for one that the policy no longer names."""
    client = house.policy.document.clients.get(request.controller)
    if client is None:
        return None
    terms = terms_of(house.policy, request.controller)
    sent = next((one.at for one in request.history if one.act == Act.FORWARDED), None)
    row: Any = File.objects.get(ref=request.ref)
    noted: Any = Hand.objects.filter(file=row, stop=STOP).first()
    within = terms.forward_within
    return Handed(
        str(client.name), str(client.contact), add(terms.day(request.received), within) if within else None, sent,
        tuple(forward_lines(house, request, who)), str(row.verified),
        clock(request, terms, request.received).limit, noted.day if noted else None, noted.number if noted else "",
    )  # fmt: skip


def note_answer(house: House, ref: str, day: date, number: str, who: str, now: datetime) -> None:
    """Put on record that the client has answered whoever asked: on which day, and the number of what shows it.

    Raises UsageError when the request was not handed on, when somebody has said so already, when the day lies before
    that or has not come, or when the number could name somebody.
    """
    row = File.objects.filter(ref=ref).first()
    if row is None or row.state != State.FORWARDED:
        raise UsageError("this request was not handed on to a client", remedy="`troth request list` shows how it ends")
    terms, request = terms_of(house.policy, row.controller), request_of(row)
    if not terms.day(request.received) <= day <= terms.day(now):
        raise UsageError(
            "no answer can have been given on that day", remedy="write a day from that of the request to today"
        )
    number = on_record(number) if number else ""
    with transaction.atomic():
        values = {"who": who, "at": now, "day": day, "number": number}
        _, made = Hand.objects.get_or_create(file=row, stop=STOP, defaults=values)
        if not made:
            raise UsageError("somebody has noted already what the client answered")
        house.records.note(Event(ANSWERED, now, {"request": ref, "day": day.isoformat(), "number": number, "by": who}))
