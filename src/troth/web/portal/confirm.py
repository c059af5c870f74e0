"""A new e-mail address in a correction: a letter goes there, and whoever reads it makes the correction a request."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from troth.core.errors import TrothError, UsageError
from troth.core.evidence.pseudonym import normalise
from troth.core.requests.model import Right
from troth.desk import confirming
from troth.desk.files import TooMany, Wish, open_file
from troth.desk.house import House, house
from troth.desk.particulars import Replaced
from troth.web.accounts import letters, limits
from troth.web.accounts.joining import is_address
from troth.web.accounts.models import Letter
from troth.web.accounts.post import Mail, post
from troth.web.accounts.showing import asked_language
from troth.web.addresses import base_of, client_network
from troth.web.portal.door import draw, words_for
from troth.web.portal.entering import language_of, opened, wish_of
from troth.web.portal.visitor import Visitor, visitor_of, with_space

ACT: letters.Act = "correct"


def corrected(
    at: House, request: HttpRequest, visitor: Visitor, replaced: tuple[Replaced, ...]
) -> HttpResponse | str:  # fmt: skip
    """The way to the request's page, or first to the new address that it brings; or why it cannot be entered, as a word
    of the space."""
    wish = wish_of(request, visitor, Right.RECTIFICATION, replaced=replaced)
    new = confirming.to_confirm(at.policy, wish.particulars)
    if not new:
        return opened(at, request, wish)
    if len(new) > 1:
        return "one_address"
    return _written(at, request, wish, new[0])


def _written(at: House, request: HttpRequest, wish: Wish, email: str) -> HttpResponse | str:
    """The same for an address that is already known here as for any other."""
    if not is_address(email):
        return "unfit_email"
    if not limits.may_write(email, client_network(request), ACT):
        return "too_many_letters"
    written = letters.write(ACT, email)
    handle, secret = written.path
    confirming.park(at, handle, wish, written.letter.expires_at, datetime.now(UTC))
    address = f"{base_of(request)}{reverse('me_confirm', args=(handle, secret))}"
    mail = Mail(email, ACT, language_of(request), at.policy.publisher, button=address, code=written.code, act=ACT)
    if not post.later(mail):
        return "too_busy"
    return HttpResponseRedirect(reverse("me_new", args=(handle,)) + asked_language(request))


@with_space
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest, handle: str) -> HttpResponse:
    """The place to type the code that went to the new address. Sending it confirms."""
    if request.method == "GET":
        return _typing(request)
    if not limits.typed_codes.take(client_network(request)):
        return _typing(request, 429, "too_many_letters")
    found = letters.typed(handle, request.POST.get("code", "")[:40])
    if found is None:
        return _typing(request, 400, "wrong_code" if letters.waiting(handle) else "spent_new")
    return link(request, *found)


def _typing(request: HttpRequest, status: int = 200, error: str = "") -> HttpResponse:
    words = words_for(request)
    return draw(request, "code", status, error=error, title=words["new_title"], intro=words["new_intro"])


@with_space
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, handle: str, secret: str) -> HttpResponse:
    """What the link opens, in whatever browser: a button."""
    found = letters.linked(handle, secret)
    if found is None or found.act != ACT or not confirming.waits(handle, datetime.now(UTC)):
        return _gone(request)
    if request.method == "GET":
        return draw(request, "confirm", email=found.email)
    try:
        with house() as at:
            return _confirmed(at, request, found)
    except TooMany:
        return draw(request, "confirm", 429, error="too_many_requests", email=found.email)
    except UsageError:
        return draw(request, "confirm", 400, error="not_possible", email=found.email)
    except TrothError:
        return draw(request, "trouble", 503)


def _confirmed(at: House, request: HttpRequest, letter: Letter) -> HttpResponse:
    """Now it is a request. Whoever opened the letter elsewhere is told so, and nothing of whose it is."""
    now = datetime.now(UTC)
    with transaction.atomic():
        wish = confirming.take(at, letter.handle, now) if letters.use(letter) else None
        if wish is None:
            return _gone(request)
        ref = open_file(at, wish, now).request.ref
    visitor = visitor_of(request)
    theirs = {normalise(kind, value) for kind, value in wish.particulars.identifiers}
    if visitor is not None and normalise("email", visitor.email) in theirs:
        return HttpResponseRedirect(reverse("me_request", args=(ref,)) + asked_language(request))
    return draw(request, "confirmed")


def _gone(request: HttpRequest) -> HttpResponse:
    words = words_for(request)
    return draw(request, "idle", 410, title=words["new_title"], said=words["spent_new"])
