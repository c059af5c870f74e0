"""What people decide about a request. Act, journal and file change together, or not at all; the ledger hears of it from
the next step, which is woken by the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from troth.core.errors import UsageError
from troth.core.requests.clock import clock
from troth.core.requests.machine import PROOFS, happen
from troth.core.requests.model import Act, By, Happened
from troth.core.requests.route import terms_of
from troth.desk import telling
from troth.desk.files import JOB, Opened, file_of, let
from troth.desk.house import House
from troth.desk.models import File
from troth.desk.way import BY_HAND, REFUSED, SHARED, WAITS
from troth.jobs.orders import answer as wake

_EVERYTHING = (*WAITS.values(), SHARED, REFUSED, "cooling")


def approve(house: House, ref: str, now: datetime) -> Opened:
    """Let what waits for a member of staff go on; also after the cause of a refused plan has been mended."""
    _known(ref)
    return _decided(house, ref, Happened(Act.APPROVED, now, By.STAFF), now, ("approval", REFUSED), {"yes": True})


def share(house: House, ref: str, now: datetime) -> Opened:
    """Say that rows which also concern somebody else, or were found by what nobody verified, are this person's."""
    _known(ref)
    happened = Happened(Act.APPROVED, now, By.STAFF, reference="shared")
    return _decided(house, ref, happened, now, (SHARED,), {"shared": True, "unverified": True})


def ask_identity(house: House, ref: str, reason: str, now: datetime) -> Opened:
    """Ask the person who they are; the clock stops. Raises MailRefused, and then nothing was recorded."""
    return _told(house, ref, Happened(Act.IDENTITY_ASKED, now, By.STAFF, (reason,)), now)


def identified(house: House, ref: str, how: str, now: datetime, by: By = By.STAFF) -> Opened:
    """It is known who asks; the clock and the work go on."""
    if how not in PROOFS:
        raise UsageError("that is not a way to know who asks", remedy=f"one of: {', '.join(sorted(PROOFS))}")
    happened = Happened(Act.IDENTITY_SHOWN, now, by, reference=how)
    return _decided(house, ref, happened, now, ("identity",), {"how": how})


def extend(house: House, ref: str, reason: str, now: datetime) -> Opened:
    """Tell the person that it takes up to two months more, and why (GDPR Article 12(3)); who gave no address is told
    by letter. Raises MailRefused, and then nothing was recorded."""
    return _told(house, ref, Happened(Act.EXTENDED, now, By.STAFF, (reason,)), now)


def refuse(house: House, ref: str, reasons: Sequence[str], now: datetime) -> Opened:
    """Refuse the whole; the person is told why, and of the complaint and the courts (Article 12(4))."""
    happened = Happened(Act.REFUSED, now, By.STAFF, tuple(reasons))
    return _decided(house, ref, happened, now, _EVERYTHING, {"refused": True})


def withdraw(house: House, ref: str, now: datetime, by: By = By.PERSON) -> Opened:
    """The person does not want it any more."""
    return _decided(house, ref, Happened(Act.WITHDRAWN, now, by), now, _EVERYTHING, {"withdrawn": True})


def done_by_hand(house: House, ref: str, evidence: str, now: datetime) -> Opened:
    """What no connector can do has been done, or the letter has been sent; ``evidence`` is the number of the file or
    ticket that shows it."""
    _known(ref)
    happened = Happened(Act.APPROVED, now, By.STAFF, reference=evidence or BY_HAND)
    return _decided(house, ref, happened, now, ("staff",), {"done": True})


def _known(ref: str) -> None:
    """Nobody says yes to somebody unknown. Raises UsageError."""
    row = File.objects.filter(ref=ref).first()
    if row is not None and not row.verified:
        raise UsageError(
            "it is not known yet who asks for this", remedy=f"`troth request identity {ref} --shown HOW` says it"
        )


def _told(house: House, ref: str, happened: Happened, now: datetime) -> Opened:
    """The mail first: an act that the person does not know of would be no extension and no pause."""
    before, who = file_of(house, ref, now)
    after = happen(before.request, happened, terms_of(house.policy, before.request.controller))
    telling.waiting(house, after, who, clock(after, terms_of(house.policy), now))
    return let(house, ref, happened, now)


def _decided(
    house: House, ref: str, happened: Happened, now: datetime, waits: Sequence[str], given: dict[str, object]
) -> Opened:
    with transaction.atomic():
        opened = let(house, ref, happened, now)
        for what in waits:
            wake(JOB, ref, what, given)
    return opened
