"""Sessions for the pages of accounts, and for no other page: the rest of the site never looks at the login cookie."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import SimpleLazyObject

from troth.web.accounts.clearing import regular
from troth.web.accounts.cookies import Declared, jar
from troth.web.accounts.preferences import told_to_caches
from troth.web.accounts.sessions import SessionStore
from troth.web.pages.published import kept

PATHS = ("/account", "/preferences", "/me", "/console")
SAFE = ("GET", "HEAD", "OPTIONS")
CSRF = "csrf"


class AccountPages:
    """Gives the request its session and person; lets no other site act in their name; sets the cookie as promised."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if settings.CLEARS:
            regular.begin()
        if not any(request.path == path or request.path.startswith(f"{path}/") for path in PATHS):
            response = self._next(request)
            told_to_caches(request, response)
            return response
        policy = kept.get().policy
        login = jar(policy).login
        request.session = SessionStore(request.COOKIES.get(login.name) if login else None)
        request.user = SimpleLazyObject(lambda: get_user(request))
        if request.method not in SAFE and not (_from_here(request) and _known(request)):
            response = _refused(request)
        else:
            request._dont_enforce_csrf_checks = True
            response = self._next(request)
        if login is not None:
            response = _kept(request, response, login)
        patch_vary_headers(response, ["Cookie"])
        response.headers.setdefault("Cache-Control", "no-store")
        # With `no-referrer` browsers would send `Origin: null` with our own forms.
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def _from_here(request: HttpRequest) -> bool:
    """Whether a form was sent by a page of this site, as the browser itself says (Fetch Metadata, RFC 6454)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return site is not None
    return origin in (f"{scheme}://{request.get_host()}" for scheme in ("http", "https"))


def _known(request: HttpRequest) -> bool:
    """Whether the form carries the session's own secret, when it has one."""
    secret = request.session.get(CSRF)
    if secret is None:
        return True
    salt, _, mark = request.POST.get(CSRF, "").partition(".")
    return constant_time_compare(mark, _mark(secret, salt))


def token(request: HttpRequest) -> str:
    """What a form of a session carries; another one each time, so that compression tells nothing of it."""
    secret = request.session.get(CSRF)
    if secret is None:
        return ""
    salt = secrets.token_urlsafe(9)
    return f"{salt}.{_mark(secret, salt)}"


def _mark(secret: str, salt: str) -> str:
    return salted_hmac(salt, secret, algorithm="sha256").hexdigest()


def _refused(request: HttpRequest) -> HttpResponse:
    from troth.web.accounts.showing import told

    return told(request, "refused", status=403)


def _kept(request: HttpRequest, response: HttpResponse, login: Declared) -> HttpResponse:
    """Write the session and its cookie. The end was fixed at login; nothing prolongs it."""
    session = request.session
    if not session.modified:
        if login.name in request.COOKIES and session.accessed and session.is_empty():
            login.drop(response)
        return response
    if session.is_empty():
        if login.name in request.COOKIES:
            login.drop(response)
        return response
    if response.status_code >= 500:
        return response
    try:
        session.save()
    except UpdateError:  # ended from elsewhere while this request was under way
        response = HttpResponseRedirect(reverse("login"))
        login.drop(response)
        return response
    login.put(response, session.session_key, session.get_expiry_date(), datetime.now(UTC))
    return response
