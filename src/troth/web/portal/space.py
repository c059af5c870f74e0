"""The personal space: what is held, live; what was asked, with its dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.core.errors import TrothError, UsageError
from troth.core.policy.sections.people import Rights
from troth.core.requests.machine import possible
from troth.core.requests.model import ENDED, Act, By, Request, Right, State
from troth.core.requests.route import terms_of
from troth.desk import deciding
from troth.desk.files import TooMany, Wish, open_file, request_of
from troth.desk.holdings import holdings
from troth.desk.house import House, house
from troth.desk.models import File, Name
from troth.desk.particulars import Particulars
from troth.desk.preview import preview
from troth.desk.telling import spelt
from troth.package import locale
from troth.web.accounts.models import User
from troth.web.accounts.showing import asked_language
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
    return draw(request, "me", held=held, trouble=trouble, asked=asked, rights=rights, visitor=visitor)


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
    error = ""
    with house() as at:
        read = form.read(request, at.policy, right)
        if request.method == "POST" and not read.preview:
            error = "changed" if read.unseen else "unsure"
            if read.complete:
                try:
                    return _entered(at, request, visitor, right, read)
                except TooMany:
                    error = "too_many_requests"
                except UsageError:
                    error = "unsure"
        shown: dict[str, Any] = {}
        if right == Right.ERASURE:
            shown = _previewed(at, visitor, read, language)
        choices = form.choices(at.policy, right, read, language)
    words = words_for(request)
    return draw(
        request, "ask", 400 if error else 200, error=error, title=words[f"ask_{right}"], right=str(right),
        said=words[f"means_{right}"], read=read, **choices, **shown,
    )  # fmt: skip


def _previewed(at: House, visitor: Visitor, read: form.Read, language: str) -> dict[str, Any]:
    """What would go and stay; where that cannot be told now, that it will be looked at before anything is done."""
    found: dict[str, Any] = {"seen": form.mark(read.scope), "own_account": _has_account(visitor)}
    try:
        found["preview"] = preview(at, visitor.identifiers, read.scope, language, datetime.now(UTC))
    except TrothError:
        found["unseeable"] = True
    return found


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
    return HttpResponseRedirect(reverse("me_request", args=(opened.request.ref,)) + asked_language(request))


@inside
@require_safe
def one(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """A request on its timeline."""
    with house() as at:
        found = _mine(at, visitor, ref)
    words, language = words_for(request), own(chosen(request, kept.get()))
    timeline = [(found.received, words["act_received"])]
    timeline += [(h.at, words[f"act_{h.act}"]) for h in found.history]
    line, late = _line(request, found), "late" in request.GET and found.begun
    account = found.right == Right.ERASURE and _has_account(visitor)
    return draw(
        request, "request", 409 if late else 200, title=words[f"ask_{found.right}"], line=line,
        timeline=[(spelt(kept.get().policy, when, language), what) for when, what in timeline], own_account=account,
        may_withdraw=Act.WITHDRAWN in possible(found, By.PERSON), error="too_late" if late else "",
    )  # fmt: skip


@inside
@require_POST
def withdraw(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """The person does not want it any more."""
    with house() as at:
        found = _mine(at, visitor, ref)
        late = False
        if found.state not in ENDED:
            try:
                deciding.withdraw(at, found.ref, datetime.now(UTC))
            except UsageError:  # the stores are being touched, or it ended while the page was read
                late = True
    query = "&".join(filter(None, [asked_language(request).removeprefix("?"), "late=1" if late else ""]))
    return HttpResponseRedirect(reverse("me_request", args=(ref,)) + (f"?{query}" if query else ""))


def _has_account(visitor: Visitor) -> bool:
    """Whether they have an account on this site, which an erasure in the stores does not close. Nobody else learns it:
    they have shown that the address is theirs."""
    return kept.get().policy.document.accounts is not None and User.objects.filter(email=visitor.email).exists()


def _offered() -> list[Right]:
    offered = (kept.get().policy.document.rights or Rights()).offered
    return [right for right in _ORDER if right in offered]


def _files(at: House, visitor: Visitor) -> list[Request]:
    """Every request about them, whoever entered it and in whatever spelling."""
    hashes = at.records.state.keys.vault.indexes(visitor.identifiers)
    rows = File.objects.filter(pk__in=Name.objects.filter(hash__in=hashes).values("file"))
    return [request_of(row) for row in rows.order_by("-received")]


def _mine(at: House, visitor: Visitor, ref: str) -> Request:
    """A request of this very person; anybody else's does not exist."""
    found = next((one for one in _files(at, visitor) if one.ref == ref), None)
    if found is None:
        raise Http404
    return found


def _line(request: HttpRequest, found: Request) -> dict[str, Any]:
    words, language = words_for(request), own(chosen(request, kept.get()))
    row = File.objects.get(ref=found.ref)
    running = found.open and found.state != State.IDENTITY_AWAITED
    due = words.say("due", day=locale.day(row.due, language)) if running else ""
    mark = "○" if found.open else "▲" if any(h.act == Act.REFUSED for h in found.history) else "●"
    return {
        "ref": found.ref, "right": words[f"ask_{found.right}"], "state": words[f"state_{found.state}"], "mark": mark,
        "received": locale.day(terms_of(kept.get().policy).day(found.received), language), "due": due,
    }  # fmt: skip
