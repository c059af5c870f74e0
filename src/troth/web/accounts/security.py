"""Password, passkeys, codes: how a person proves who they are."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.mfa.models import Authenticator  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods

from troth.package import locale
from troth.web.accounts import factors, passkeys
from troth.web.accounts.counting import new_secret
from troth.web.accounts.entering import SECOND, end_others, enter, proven, show_second
from troth.web.accounts.joining import choosing
from troth.web.accounts.models import User
from troth.web.accounts.post import Mail, post
from troth.web.accounts.sessions import browser_of
from troth.web.accounts.showing import View, draw, language_of, personal, to, words_for
from troth.web.accounts.strength import faults
from troth.web.pages.published import kept
from troth.web.pages.site import own

# Where the session keeps the key until the application has shown that it has it.
_SECRET = "totp"  # noqa: S105


@personal
@require_http_methods(["GET"])
def security(request: HttpRequest) -> HttpResponse:
    """How things stand."""
    user, words, language = request.user, words_for(request), own(language_of(request))
    keys = [
        (row.pk, row.data["name"], locale.day(row.last_used_at.date(), language) if row.last_used_at else "")
        for row in passkeys.listed(user)
    ]
    on = factors.asks_for_second(user)
    left = words.say("security_totp_on", left=factors.codes_left(user)) if on else ""
    return draw(request, "security", keys=keys, totp=on, left=left, password=user.has_usable_password(), script=False)


def _told(request: HttpRequest, kind: str) -> None:
    user: User = request.user
    post.later(Mail(user.email, kind, user.language or language_of(request), kept.get().policy.publisher))


def _pressed(view: View) -> View:
    """A button of the page of security. Who had to prove first who they are comes back by GET, to press it again."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.method == "POST" else to(request, "security")

    return shown


def _of_staff(view: View) -> View:
    """Whoever belongs to staff shows the second factor that they have before anything about it is changed: a password
    alone must not open the console by a new one."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from troth.web.console.models import Staff

        has = factors.asks_for_second(request.user) or passkeys.has_passkey(request.user)
        if has and SECOND not in request.session and Staff.objects.filter(user=request.user).exists():
            return HttpResponseRedirect(f"{reverse('console_second')}?next={quote(request.path)}")
        return view(request, *args, **kwargs)

    return shown


def _first_shown(request: HttpRequest, before: bool) -> None:
    """Whoever has just set up their first second factor has shown it."""
    if not before:
        show_second(request)


@proven
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose another; every other browser is logged out."""
    user: User = request.user
    chosen = request.POST.get("password", "")
    known = (user.email, *map(str, user.details.values()))
    wrong = faults(chosen, choosing(request, [])["rule"], known) if request.method == "POST" else []
    if request.method == "GET" or wrong:
        return draw(request, "password", 400 if wrong else 200, **choosing(request, wrong))
    ends = request.session.get_expiry_date()
    user.set_password(chosen)
    user.save(update_fields=["password"])
    enter(request, user, second=SECOND in request.session)
    request.session.set_expiry(ends)
    end_others(request, user)
    _told(request, "changed")
    return to(request, "security", said="saved")


@proven
@_of_staff
@require_http_methods(["GET", "POST"])
def new_passkey(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device."""
    user: User = request.user
    error, suggested = "", browser_of(request.headers.get("User-Agent", "")) or "1"
    if request.method == "POST":
        name = " ".join(request.POST.get("name", "").split()) or suggested
        before = factors.asks_for_second(user) or passkeys.has_passkey(user)
        if passkeys.add(request, user, name):
            _first_shown(request, before)
            _told(request, "guarded")
            return to(request, "security", said="added")
        error = "security_passkey_bad"
    return draw(
        request, "new_passkey", 400 if error else 200, error=error, passkey=passkeys.offered(request, user),
        title=words_for(request)["security_passkey_add"], suggested=suggested,
    )  # fmt: skip


@proven
@_of_staff
@_pressed
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of the person's own."""
    kind = Authenticator.Type.WEBAUTHN
    removed, _ = Authenticator.objects.filter(pk=pk, user=request.user, type=kind).delete()
    if removed:
        _told(request, "guarded")
    return to(request, "security", said="removed")


@proven
@_of_staff
@require_http_methods(["GET", "POST"])
def totp(request: HttpRequest) -> HttpResponse:
    """Set up an application: it is on when it has shown one right code."""
    user: User = request.user
    secret = request.session.get(_SECRET)
    if request.method == "POST" and secret:
        before = factors.asks_for_second(user) or passkeys.has_passkey(user)
        if factors.begin_counting(user, secret, request.POST.get("code", "")[:40]):
            del request.session[_SECRET]
            _first_shown(request, before)
            _told(request, "guarded")
            return _codes(request, user)
        return _totp(request, user, secret, "wrong_code")
    secret = request.session[_SECRET] = new_secret()
    return _totp(request, user, secret)


def _totp(request: HttpRequest, user: User, secret: str, error: str = "") -> HttpResponse:
    key = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    # Drawn by us from a key of ours.
    picture = mark_safe(factors.picture_of(factors.address_of(user, secret)))  # noqa: S308
    return draw(request, "totp", 400 if error else 200, error=error, key=key, picture=picture, script=False)


@proven
@_of_staff
@_pressed
def totp_off(request: HttpRequest) -> HttpResponse:
    """Turn it off."""
    factors.stop_counting(request.user)
    _told(request, "guarded")
    return to(request, "security", said="removed")


@proven
@_of_staff
@_pressed
def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    return _codes(request, request.user) if factors.asks_for_second(request.user) else to(request, "security")


def _codes(request: HttpRequest, user: User) -> HttpResponse:
    return draw(request, "codes", codes=factors.new_codes(user), script=False)
