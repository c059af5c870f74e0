"""On the page of a request that is a client's to answer: what the client was told and by when they have to answer, and
where staff note that they have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from troth.core.errors import UsageError
from troth.core.requests.model import Request
from troth.core.requests.route import terms_of
from troth.desk.client import Handed, handed_of, note_answer
from troth.desk.house import House, house
from troth.desk.models import File
from troth.desk.particulars import Particulars
from troth.desk.telling import spelt
from troth.package import locale
from troth.web.console import trace
from troth.web.console.drawing import to
from troth.web.console.gate import Member, staff_only
from troth.web.wording import Words


def handed_on(at: House, found: Request, who: Particulars, words: Words, language: str) -> dict[str, Any]:
    """For the template; nothing of a request that is not for a client."""
    said = handed_of(at, found, who)
    if said is None:
        return {}
    today = terms_of(at.policy).day(datetime.now(UTC))
    asks = said.sent is not None and said.answered is None
    return {
        "handed": {
            "facts": _facts(at, said, words, language), "text": said.text, "sent": said.sent,
            "language": at.policy.authoritative, "asks": asks, "today": today.isoformat(),
            "late": asks and said.law < today,
        }
    }  # fmt: skip


def _facts(at: House, said: Handed, words: Words, language: str) -> list[tuple[str, str]]:
    sent = spelt(at.policy, said.sent, language) if said.sent is not None else words["client_not_sent"]
    facts = [
        (words["f_client"], f"{said.client} ({said.contact})"),
        (words["client_sent"], sent),
        (words["client_promised"], locale.day(said.promised, language) if said.promised is not None else ""),
        (words["client_known"], words[f"proof_{said.verified}"] if said.verified else words["verified_not"]),
        (words["client_law"], locale.day(said.law, language)),
    ]
    if said.sent is not None:
        day = locale.day(said.answered, language) if said.answered is not None else words["client_not_answered"]
        facts.append((words["client_answered"], f"{day} · {said.number}" if said.number else day))
    return [(label, value) for label, value in facts if value]


@staff_only("answer_requests")
@require_POST
def answered(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """Note that the client has answered."""
    if not File.objects.filter(ref=ref).exclude(controller="").exists():
        raise Http404
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return to(request, "console_request", ref, said="client_wrong")
    with house() as at:
        try:
            trace.changed(me, "request.client", at=at, ref=ref, ground="request")
            note_answer(at, ref, day, request.POST.get("number", "").strip()[:60], me.public_id, datetime.now(UTC))
        except UsageError:
            return to(request, "console_request", ref, said="client_wrong")
    return to(request, "console_request", ref, said="client_noted")
