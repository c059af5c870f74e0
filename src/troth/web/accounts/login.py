"""The pages of logging in and out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from troth.web.accounts import limits, provider
from troth.web.accounts.cookies import jar
from troth.web.accounts.entering import (
    enter,
    half,
    is_fresh,
    leave,
    matching,
    prove,
    show_second,
    whole,
)
from troth.web.accounts.factors import asks_for_second, fits
from troth.web.accounts.models import User, folded
from troth.web.accounts.passkeys import asked_for, has_passkey, whose
from troth.web.accounts.showing import asked_language, draw, onward, period, personal, to, with_accounts, words_for
from troth.web.addresses import client_network
from troth.web.pages.published import kept

_WORKS = "1"


@with_accounts
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Address and password. The test cookie is set here and nowhere else."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return HttpResponseRedirect(onward(request) or reverse("account") + asked_language(request))
        return _form(request)
    if not _keeps_cookies(request):
        return _form(request, 400, error="cookies_off")
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    network = client_network(request)
    if not limits.may_try(folded(email), network):
        return _form(request, 429, error="too_many")
    user = matching(email, password[:1000])
    if user is None:
        limits.failed(folded(email), network)
        return _form(request, 400, error="wrong")
    return arrived(request, user, remembered="remember" in request.POST)


def arrived(request: HttpRequest, user: User, remembered: bool, path: str = "") -> HttpResponse:
    """The first proof was right: log in, or ask for the second where the person has set one up."""
    path = path or onward(request)
    if asks_for_second(user):
        return _second(request, user, half(user, remembered, path))
    enter(request, user, remembered)
    return HttpResponseRedirect(path or reverse("account") + asked_language(request))


def _second(request: HttpRequest, user: User, ticket: str, status: int = 200, error: str = "") -> HttpResponse:
    passkey = asked_for(request, user) if has_passkey(user) else None
    return draw(request, "second", status, error=error, ticket=ticket, passkey=passkey)


@with_accounts
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor: a code of an application, a recovery code, or a passkey."""
    ticket = request.POST.get("ticket", "")
    found = whole(ticket)
    if found is None:
        return to(request, "login")
    user, remembered, path = found
    if not limits.wrong_codes.open(str(user.pk)):
        return _second(request, user, ticket, 429, error="too_many_codes")
    if not fits(request, user):
        limits.wrong_codes.count(str(user.pk))
        return _second(request, user, ticket, 400, error="wrong_code")
    limits.wrong_codes.forget(str(user.pk))
    enter(request, user, remembered, second=True)
    return HttpResponseRedirect(path or reverse("account") + asked_language(request))


def _form(request: HttpRequest, status: int = 200, error: str = "") -> HttpResponse:
    cookies, words, name = jar(kept.get().policy), words_for(request), provider.name()
    response = draw(
        request, "login", status, error=error, email=request.POST.get("email", "")[:254],
        remembered="remember" in request.POST, passkey=asked_for(request), provider=name,
        with_provider=words.say("with_provider", name=name), cookies=_cookies_in_words(request),
        **remembering(request),
    )  # fmt: skip
    if cookies.test is not None and not _keeps_cookies(request):
        cookies.test.put(response, _WORKS, None)
    return response


def remembering(request: HttpRequest) -> dict[str, Any]:
    """The words beside “stay logged in”; none where the policy promises one period only."""
    login = jar(kept.get().policy).login
    if login is None or login.remembered is None:
        return {}
    words, short, long = words_for(request), period(request, login.lifetime), period(request, login.remembered)
    return {"remember": words.say("remember", long=long), "short": words.say("short", short=short)}


def _cookies_in_words(request: HttpRequest) -> list[str]:
    cookies, words = jar(kept.get().policy), words_for(request)
    said = [words.say("cookie_test", name=cookies.test.name)] if cookies.test else []
    if cookies.login:
        short, long = period(request, cookies.login.lifetime), period(request, cookies.login.remembered)
        key = "cookie_login" if long else "cookie_login_one"
        said.append(words.say(key, name=cookies.login.name, short=short, long=long))
    return said


def _keeps_cookies(request: HttpRequest) -> bool:
    test = jar(kept.get().policy).test
    return test is not None and request.COOKIES.get(test.name) == _WORKS


@with_accounts
@require_http_methods(["GET", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """Ask on GET, end on POST: a picture somewhere else must not log anybody out."""
    if not request.user.is_authenticated:
        return to(request, "login")
    if request.method == "GET":
        return draw(request, "logout", script=False)
    leave(request)
    return to(request, "login", said="left")


@personal
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Prove once more who one is, before something that matters."""
    user, status, error = request.user, 200, ""
    if is_fresh(request) and request.method == "GET":
        return HttpResponseRedirect(onward(request) or reverse("account") + asked_language(request))
    if request.method == "POST":
        network = client_network(request)
        if not limits.may_try(user.email, network):
            status, error = 429, "too_many"
        elif _proves(request, user):
            prove(request)
            if request.POST.get("passkey"):
                show_second(request)
            return HttpResponseRedirect(onward(request) or reverse("account") + asked_language(request))
        else:
            limits.failed(user.email, network)
            status, error = 400, "wrong_again"
    passkey = asked_for(request, user) if has_passkey(user) else None
    return draw(
        request, "again", status, error=error, passkey=passkey, password=user.has_usable_password()
    )  # fmt: skip


def _proves(request: HttpRequest, user: User) -> bool:
    if request.POST.get("passkey"):
        return fits(request, user)
    return user.has_usable_password() and user.check_password(request.POST.get("password", "")[:1000])


@with_accounts
@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Log in with a passkey alone: it is possession and PIN or finger in one, so nothing second is asked."""
    if not _keeps_cookies(request):
        return _form(request, 400, error="cookies_off")
    network = client_network(request)
    if not limits.wrong_from_network.open(network):
        return _form(request, 429, error="too_many")
    user = whose(request)
    if user is None:
        limits.wrong_from_network.count(network)
        return _form(request, 400, error="wrong_passkey")
    enter(request, user, "remember" in request.POST, second=True)
    return HttpResponseRedirect(onward(request) or reverse("account") + asked_language(request))
