"""Coming in without an account: an address, a letter, a button."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from troth.web.accounts import letters, limits
from troth.web.accounts.joining import is_address
from troth.web.accounts.middleware import token
from troth.web.accounts.models import folded
from troth.web.accounts.post import Mail, post
from troth.web.accounts.showing import asked_language
from troth.web.addresses import base_of, client_network
from troth.web.pages.published import kept
from troth.web.pages.site import asset_named, chosen, own, page
from troth.web.portal.visitor import by_letter, let_in, visitor_of, with_space
from troth.web.wording import Words

ACT: letters.Act = "me"


def words_for(request: HttpRequest) -> Words:
    """The words of the personal space in the reader's language."""
    return Words("portal", own(chosen(request, kept.get())))


def draw(request: HttpRequest, template: str, status: int = 200, *, error: str = "", **values: Any) -> HttpResponse:
    """A page of the personal space."""
    words = words_for(request)
    values = {
        "t": words, "csrf": token(request), "lang": asked_language(request),
        "title": values.get("title") or words[f"{template}_title"],
        "error": words[error] if error else "", "account_style": asset_named("accounts"), **values,
    }  # fmt: skip
    return page(request, f"portal/{template}.html", status, **values)


@with_space
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    """Ask for the address. The same is done and said whether anything is known of it or not."""
    again = "again" in request.GET
    if request.method == "GET":
        if visitor_of(request) is not None and not again:
            return HttpResponseRedirect(reverse("me"))
        return _asking(request, again=again)
    if not by_letter():
        raise Http404
    email = folded(request.POST.get("email", ""))
    if not is_address(email):
        return _asking(request, 400, "bad_address")
    if not limits.may_write(email, client_network(request)):
        return _asking(request, 429, "too_many_letters")
    written = letters.write(ACT, email)
    handle, secret = written.path
    address = f"{base_of(request)}{reverse('me_letter', args=(handle, secret))}"
    language = own(chosen(request, kept.get()))
    mail = Mail(email, "me", language, kept.get().policy.publisher, button=address, code=written.code, act=ACT)
    if not post.later(mail):
        return _asking(request, 503, "too_busy")
    return HttpResponseRedirect(reverse("me_code", args=(handle,)) + asked_language(request))


def _asking(request: HttpRequest, status: int = 200, error: str = "", *, again: bool = False) -> HttpResponse:
    accounts = kept.get().policy.document.accounts is not None
    email = request.POST.get("email", "")[:254]
    known = visitor_of(request) if again else None
    return draw(
        request,
        "door",
        status,
        error=error,
        email=email,
        accounts=accounts,
        again=again,
        by_letter=by_letter(),
        known=known.email if known is not None and by_letter() else "",
    )


@with_space
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest, handle: str) -> HttpResponse:
    """The place to type the code of the letter."""
    if request.method == "GET":
        return draw(request, "code")
    if not limits.typed_codes.take(client_network(request)):
        return draw(request, "code", 429, error="too_many_letters")
    found = letters.typed(handle, request.POST.get("code", "")[:40])
    if found is None:
        return draw(request, "code", 400, error="wrong_code" if letters.waiting(handle) else "spent_code")
    return letter(request, *found)  # whoever has typed a code and sent it has pressed the button


@with_space
@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, handle: str, secret: str) -> HttpResponse:
    """What the link opens: a button. Programs that look at mail follow links; people press buttons."""
    found = letters.linked(handle, secret)
    if found is None or found.act != ACT or not by_letter():
        return _asking(request, 410, "spent_code")
    if request.method == "GET":
        return draw(request, "enter", email=found.email)
    if not letters.use(found):
        return _asking(request, 410, "spent_code")
    return HttpResponseRedirect(let_in(request, found.email))


@with_space
@require_http_methods(["POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit."""
    request.session.flush()
    return HttpResponseRedirect(reverse("me_door") + asked_language(request))
