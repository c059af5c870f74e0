"""Papers of a request that few may see: a copy of an identity document, and what somebody wanted after their death.
Each look is on record before it is on the screen; a picture of a document says who looks, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from troth.core.errors import UsageError
from troth.core.requests.model import Behalf, Request
from troth.desk import directives, documents
from troth.desk.directives import Directives
from troth.desk.files import file_of
from troth.desk.house import House, house
from troth.desk.models import File
from troth.desk.packages import PackageGone
from troth.desk.telling import spelt
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.gate import Member, staff_only

MOST_PAGES = 4
"""Of a document that are offered to be looked at."""


def links(me: Member, found: Request, at: House, words: Any) -> list[tuple[str, str]]:
    """Where the papers of this request are, for who may see them: (address, words)."""
    offered = []
    if may_see(me, at) and documents.waiting_of(found.ref) is not None:
        offered.append((reverse("console_document", args=(found.ref,)), words["paper_document_title"]))
    if found.behalf == Behalf.HEIR and me.can("answer_requests") and directives.offered(at) is not None:
        offered.append((reverse("console_directives", args=(found.ref,)), words["directives_title"]))
    return offered


def may_see(me: Member, at: House) -> bool:
    """Whether the policy lets this member see identity documents: by their right, and by their role where the policy
    names some (``rights: identity_document: seen_by``)."""
    rule = documents.may_be_asked(at)
    if rule is None or not me.can("see_identity_documents"):
        return False
    return not rule.seen_by or bool(set(rule.seen_by) & set(me.staff.roles))


@staff_only("see_identity_documents")
@require_safe
def document(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """The document that waits to be looked at."""
    with house() as at:
        _opened(me, at, ref, datetime.now(UTC))
        return _offered(request, me, at, ref)


def _offered(request: HttpRequest, me: Member, at: House, ref: str, status: int = 200, error: str = "") -> HttpResponse:
    """The page that leads to the pages of the document."""
    words, row = words_for(request), documents.waiting_of(ref)
    until = spelt(at.policy, row.until, language_of(request)) if row is not None else ""
    pages = range(1, (MOST_PAGES if row.kind == "pdf" else 1) + 1) if row is not None else ()
    return draw(
        request, me, "paper_document", status, error=error, room="requests", ref=ref,
        there=words.say("paper_document_there", until=until),
        pages=[
            (reverse("console_document_page", args=(ref, page)), words.say("paper_document_look", page=page))
            for page in pages
        ],
    )  # fmt: skip


@staff_only("see_identity_documents")
@require_safe
def picture(request: HttpRequest, me: Member, ref: str, page: int) -> HttpResponse:
    """One page of it, with the watermark."""
    now, words = datetime.now(UTC), words_for(request)
    with house() as at:
        _opened(me, at, ref, now)
        if not 1 <= page <= MOST_PAGES or documents.waiting_of(ref) is None:
            raise Http404
        says = words.say("watermark", who=me.email, when=spelt(at.policy, now, language_of(request)))
        try:
            drawn = documents.look(at, ref, says, page)
        except PackageGone:
            raise Http404 from None
        except UsageError:
            return _offered(request, me, at, ref, 422, "paper_document_cannot")
        who = file_of(at, ref, now)[1]
        shown = (("email", who.answer_to),) if who.elsewhere else ()  # of somebody who asks for somebody else
        trace.seen(me, "identity_document", at=at, ref=ref, person=shown, ground="request")
    alone = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"}
    return HttpResponse(drawn, content_type="image/png", headers=alone)


@staff_only("answer_requests")
@require_safe
def will(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """What the person of a request of an heir wanted."""
    now, language = datetime.now(UTC), language_of(request)
    with house() as at:
        try:
            opened, who = file_of(at, ref, now)
            if opened.request.behalf != Behalf.HEIR:
                raise Http404
            if not directives.death_shown(opened.request, File.objects.get(ref=ref).verified):
                return draw(request, me, "directives", 409, error="directives_not_yet", room="requests", ref=ref)
            trace.seen(me, "directives", at=at, ref=ref, person=who.identifiers, ground="request")
            found = directives.shown_for(at, ref, now)
        except UsageError:
            raise Http404 from None
        since = (
            words_for(request).say("directives_since", when=spelt(at.policy, found.changed, language)) if found else ""
        )
        lines = _lines(at, found.directives, request) if found is not None else []
    return draw(request, me, "directives", room="requests", ref=ref, lines=lines, since=since)


def _lines(at: House, said: Directives, request: HttpRequest) -> list[tuple[str, str]]:
    """Directives to be read: (what about, what)."""
    words, language = words_for(request), language_of(request)
    lines = [(words["dir_whole_but" if said.parts else "dir_whole"], words[f"dir_{said.whole}"])] if said.whole else []
    for name, fate in said.parts.items():
        purpose = at.policy.purposes.get(name)
        title = purpose.title.get(language) or next(iter(purpose.title.values())) if purpose is not None else name
        lines.append((title, words[f"dir_{fate}"]))
    for which, person in (("dir_heir", said.heir), ("dir_executor", said.executor)):
        if person.name or person.contact:
            lines.append((words[which], " · ".join(filter(None, (person.name, person.contact)))))
    return [*lines, (words["dir_words"], said.words)] if said.words else lines


def _opened(me: Member, at: House, ref: str, now: datetime) -> Request:
    """The request, for whom its document is. Raises Http404."""
    if not may_see(me, at):
        raise Http404
    try:
        return file_of(at, ref, now)[0].request
    except UsageError:
        raise Http404 from None
