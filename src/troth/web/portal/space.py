"""The personal space: what is held, live; what was asked, with its dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.core.errors import TrothError, UsageError
from troth.core.policy.sections.people import Rights
from troth.core.requests.model import ENDED, Act, Request, Right
from troth.desk import deciding
from troth.desk.files import Wish, open_file, request_of
from troth.desk.holdings import holdings
from troth.desk.house import House, house
from troth.desk.models import File
from troth.desk.particulars import Particulars
from troth.desk.preview import preview
from troth.package import locale
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own
from troth.web.portal import form
from troth.web.portal.door import draw, words_for
from troth.web.portal.visitor import Visitor, inside, proven

_ORDER = (
    Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL, Right.RESTRICTION,
    Right.PORTABILITY, Right.HUMAN_REVIEW, Right.DIRECTIVES_AFTER_DEATH,
)  # fmt: skip


@inside
@require_safe
def me(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What can be asked, what was asked, and what is held."""
    language = own(chosen(request, kept.get()))
    with house() as at:
        held, trouble = None, False
        try:
            held = holdings(at, visitor.identifiers, language, datetime.now(UTC))
        except TrothError:
            trouble = True
        asked = [_line(request, one) for one in _files(at, visitor)]
    words = words_for(request)
    rights = [(right, words[f"ask_{right}"]) for right in _offered()]
    response = draw(request, "me", held=held, trouble=trouble, asked=asked, rights=rights, visitor=visitor)
    return response


@inside
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, visitor: Visitor, right: str) -> HttpResponse:
    """One right: what it means, what would happen, and the button."""
    wanted = next((one for one in _offered() if one == right), None)
    if wanted is None:
        raise Http404
    if wanted in (Right.ACCESS, Right.PORTABILITY, Right.ERASURE):
        return _asked_with_proof(request, wanted)
    return _asked(request, visitor, wanted)


@proven
def _asked_with_proof(request: HttpRequest, visitor: Visitor, right: Right) -> HttpResponse:
    """Before data leaves or goes, fresh proof of who it is."""
    return _asked(request, visitor, right)


def _asked(request: HttpRequest, visitor: Visitor, right: Right) -> HttpResponse:
    language = own(chosen(request, kept.get()))
    with house() as at:
        read = form.read(request, at.policy, right)
        if request.method == "POST" and read.complete and not read.preview:
            try:
                return _entered(at, request, visitor, right, read)
            except UsageError:
                read = form.unreadable(read)
        shown: dict[str, Any] = {}
        if right == Right.ERASURE:
            shown["preview"] = preview(at, visitor.identifiers, read.scope, language, datetime.now(UTC))
        choices = form.choices(at.policy, right, read, language)
    words = words_for(request)
    error = "unsure" if request.method == "POST" and not read.preview else ""
    return draw(
        request, "ask", 400 if error else 200, error=error, title=words[f"ask_{right}"], right=str(right),
        said=words[f"means_{right}"], read=read, **choices, **shown,
    )  # fmt: skip


def _entered(at: House, request: HttpRequest, visitor: Visitor, right: Right, read: form.Read) -> HttpResponse:
    from troth.core.requests.model import Channel

    language = own(chosen(request, kept.get()))
    particulars = Particulars(
        visitor.identifiers, visitor.email, language, read.corrections, message=read.message
    )  # fmt: skip
    wish = Wish(
        right, particulars, Channel.PORTAL, read.scope, verified=visitor.how, account=visitor.account
    )  # fmt: skip
    opened = open_file(at, wish, datetime.now(UTC))
    return HttpResponseRedirect(reverse("me_request", args=(opened.request.ref,)) + f"?lang={language}")


@inside
@require_safe
def one(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """A request on its timeline."""
    with house() as at:
        found = _mine(at, visitor, ref)
    words, language = words_for(request), own(chosen(request, kept.get()))
    timeline = [(locale.moment(found.received, language), words["act_received"])]
    timeline += [(locale.moment(h.at, language), words[f"act_{h.act}"]) for h in found.history]
    line = _line(request, found)
    return draw(
        request, "request", title=words[f"ask_{found.right}"], line=line, timeline=timeline,
        may_withdraw=found.state not in ENDED,
    )  # fmt: skip


@inside
@require_POST
def withdraw(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """The person does not want it any more."""
    with house() as at:
        found = _mine(at, visitor, ref)
        if found.state not in ENDED:
            deciding.withdraw(at, found.ref, datetime.now(UTC))
    return HttpResponseRedirect(reverse("me_request", args=(ref,)))


def _offered() -> list[Right]:
    offered = (kept.get().policy.document.rights or Rights()).offered
    return [right for right in _ORDER if right in offered]


def _files(at: House, visitor: Visitor) -> list[Request]:
    subject = Particulars(visitor.identifiers).subject(at.records.state.keys.vault)
    return [request_of(row) for row in File.objects.filter(subject=subject).order_by("-received")]


def _mine(at: House, visitor: Visitor, ref: str) -> Request:
    """A request of this very person; anybody else's does not exist."""
    found = next((one for one in _files(at, visitor) if one.ref == ref), None)
    if found is None:
        raise Http404
    return found


def _line(request: HttpRequest, found: Request) -> dict[str, Any]:
    words, language = words_for(request), own(chosen(request, kept.get()))
    row = File.objects.get(ref=found.ref)
    due = words.say("due", day=locale.day(row.due, language)) if found.open else ""
    mark = "○" if found.open else "▲" if any(h.act == Act.REFUSED for h in found.history) else "●"
    return {
        "ref": found.ref, "right": words[f"ask_{found.right}"], "state": words[f"state_{found.state}"], "mark": mark,
        "received": locale.day(found.received.date(), language), "due": due,
    }  # fmt: skip
