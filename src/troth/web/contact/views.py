"""The contact form: drawn, read, checked, and handed to the mail server while its writer waits.

Nothing here writes anything anywhere. What was typed lives in the request and in its answer. Errors carry none of it,
and where the process dies, it dies with it.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.web.addresses import client_network
from troth.web.bodies import LARGEST, turn
from troth.web.contact import drawing, fields, tickets
from troth.web.contact.drawing import Trouble, Visit
from troth.web.contact.fields import Filled
from troth.web.contact.guard import Proven, guard
from troth.web.contact.message import mail
from troth.web.contact.origin import sender
from troth.web.contact.tickets import Ticket
from troth.web.mail.backend import settings_in_force
from troth.web.mail.errors import MailRefused
from troth.web.mail.messages import send
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own

_FORM = "application/x-www-form-urlencoded"
_DOOR = 3.0
"""Seconds to wait while other messages leave."""


@csrf_exempt  # tickets and origin.py do it, without a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The form as a page."""
    return _answer(request, embedded=False)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: HttpRequest) -> HttpResponse:
    """The form for a frame in a page of the publisher's sites."""
    return _answer(request, embedded=True)


def _answer(request: HttpRequest, *, embedded: bool) -> HttpResponse:
    in_force = kept.get()
    section = in_force.policy.document.contact
    if section is None:
        raise Http404
    visit = Visit(request, in_force, section, chosen(request, in_force), client_network(request), _now(), embedded)
    if request.method != "POST":
        return drawing.form(visit, Filled(), None if _can_send() else Trouble("no_mail", 200))
    try:
        return _unreadable(visit) or _unread(visit) or _received(visit)
    except (fields.Odd, TooManyFieldsSent, RequestDataTooBig, UnreadablePostError):
        return drawing.said(visit, "odd", 400)


def _can_send() -> bool:
    """Whether a mail server is set up at all: nobody should write first and learn it then."""
    try:
        settings_in_force()
    except MailRefused:
        return False
    return True


def _now() -> float:
    return time.time()


def _unreadable(visit: Visit) -> HttpResponse | None:
    """What is refused before a byte of the body is read."""
    meta = visit.request.META
    if visit.request.content_type != _FORM:
        return drawing.said(visit, "attached", 415)
    length = meta.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        return drawing.said(visit, "unmeasured", 411)
    return drawing.said(visit, "too_large", 413) if int(length) > LARGEST else None


def _unread(visit: Visit) -> HttpResponse | None:
    """Read the body; whoever sends it drop by drop keeps others from writing, but not from reading pages."""
    with _door() as opened, turn() as mine:
        if not (opened and mine):
            return drawing.said(visit, "crowded", 503)
        _ = visit.request.POST
    return None


def _received(visit: Visit) -> HttpResponse:
    request = visit.request
    whose = sender(request, visit.in_force.policy.document.sites.values())
    if whose == "stranger":
        return drawing.said(visit, "stranger", 403)
    if whose == "publisher":
        # A form of the publisher's own page: it is shown once more here, and sent from here.
        found = fields.read(visit.contact, request.POST, strict=False)
        return drawing.form(visit, Filled(found.values), Trouble("check_and_send", 200))
    filled = fields.read(visit.contact, request.POST)
    if whose == "unknown":
        return drawing.form(visit, filled, Trouble("unknown_page", 403))
    return _checked(visit, filled)


def _checked(visit: Visit, filled: Filled) -> HttpResponse:
    given = visit.request.POST
    guard.rates.tried(visit.network, visit.now)
    try:
        ticket = tickets.read(given.get(fields.TOKEN, ""), visit.now)
    except tickets.Unusable:
        return drawing.form(visit, filled, Trouble("stale"))
    fate = guard.spent.take(ticket, visit.now)
    if fate in ("sent", "sending"):
        return drawing.said(visit, "sent" if fate == "sent" else "twice")
    if fate == "used":
        return drawing.form(visit, filled, Trouble("stale"))
    trouble = _trouble(visit, filled, ticket)
    if trouble is None:
        return _sent(visit, filled, ticket)
    guard.spent.became(ticket, "used")
    return drawing.form(visit, filled, trouble, ticket)


def _trouble(visit: Visit, filled: Filled, ticket: Ticket) -> Trouble | None:
    given = visit.request.POST
    if filled.errors:
        return Trouble("errors")
    if visit.contact.acknowledgement is not None and given.get(fields.READ) != visit.in_force.version:
        return Trouble("unread" if not given.get(fields.READ) else "read_changed", field=fields.READ)
    proven = Proven(*(given.get(name, "") for name in (fields.PROOF, fields.ANSWER, fields.TRAP)))
    name = guard.objection(ticket, proven, visit.network, own(visit.language), visit.now)
    if not name:
        return None
    wait = math.ceil(guard.wait(visit.network, visit.now) - (visit.now - ticket.since))
    of_answer = name in ("unanswered", "wrong_answer", "too_soon")
    status = 429 if name in ("too_often", "gate_closed") else 422
    return Trouble(name, status, {"wait": max(1, wait)}, fields.ANSWER if of_answer else "")


def _sent(visit: Visit, filled: Filled, ticket: Ticket) -> HttpResponse:
    """Hand it over. Whatever happens is told to its writer, and to nobody else."""
    slow = not visit.request.POST.get(fields.PROOF)
    with _door() as opened:
        if not opened:
            guard.spent.became(ticket, "used")
            return drawing.form(visit, filled, Trouble("busy", 503), ticket)
        try:
            send(mail(visit, filled))
        except MailRefused as refused:
            guard.spent.became(ticket, "used")
            name = "mail_uncertain" if refused.uncertain else f"mail_{refused.cause}"
            return drawing.form(visit, filled, Trouble(name, 503), ticket)
    guard.spent.became(ticket, "sent")
    guard.rates.sent(visit.network, visit.now, slow=slow)
    return drawing.said(visit, "sent")


@contextlib.contextmanager
def _door() -> Iterator[bool]:
    """Whether there is room for one more that leaves; waits a little for it."""
    opened = guard.doors.acquire(timeout=_DOOR)
    try:
        yield opened
    finally:
        if opened:
            guard.doors.release()
