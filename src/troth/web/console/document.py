"""A copy of an identity document, for whoever the policy lets see it: with who looks and when across it, never to be
kept. Deciding who asks destroys it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.desk import documents
from troth.desk.files import file_of
from troth.desk.house import House, house
from troth.desk.models import File
from troth.desk.packages import PackageGone
from troth.desk.telling import spelt
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of
from troth.web.console.gate import Member, staff_only

_MOST = 6
"""Pages of a document that are looked at: a passport's, both sides of a card, a scan with its cover."""


def may_see(me: Member, policy: Policy) -> bool:
    """Whether they have the right, and one of the roles that the policy names (``identity_document: seen_by:``)."""
    roles = (policy.document.rights or Rights()).identity_document.seen_by
    return me.can("see_identity_documents") and (not roles or bool(set(roles) & set(me.staff.roles)))


@staff_only("see_identity_documents")
@require_safe
def document(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """The page around it: what it is for, and what to decide."""
    with house() as at:
        row = _waiting(at, me, ref)
        until = spelt(at.policy, row.until, language_of(request))
    numbers = list(range(1, _MOST + 1)) if row.kind == "pdf" else [1]
    shown = request.GET.get("page", "1")
    number = int(shown) if shown.isdecimal() and int(shown) in numbers else 1
    return draw(
        request, me, "document", room="requests", ref=ref, until=until, numbers=numbers, number=number,
        answers=me.can("answer_requests"),
    )  # fmt: skip


@staff_only("see_identity_documents")
@require_safe
def picture(request: HttpRequest, me: Member, ref: str, number: int) -> HttpResponse:
    """One page of it as a picture; that it is looked at is on record first."""
    now = datetime.now(UTC)
    with house() as at:
        _waiting(at, me, ref)
        _, who = file_of(at, ref, now)
        trace.seen(me, "identity_document", at=at, ref=ref, person=who.identifiers, ground="request")
        try:
            content = documents.look(at, ref, f"{me.email} · {spelt(at.policy, now, language_of(request))}", number)
        except (PackageGone, UsageError):
            raise Http404 from None
    return HttpResponse(content, content_type="image/png", headers={"Cache-Control": "no-store"})


def _waiting(at: House, me: Member, ref: str) -> documents.Document:
    if not may_see(me, at.policy) or not File.objects.filter(ref=ref).exists():
        raise Http404
    row = documents.waiting_of(ref)
    if row is None:
        raise Http404
    return row
