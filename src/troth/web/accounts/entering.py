"""Opening and ending a session; who has just proved who they are."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from troth.web.accounts import letters, limits
from troth.web.accounts.cookies import jar
from troth.web.accounts.middleware import CSRF
from troth.web.accounts.models import Session, User, folded
from troth.web.accounts.sessions import BROWSER, OPENED, browser_of
from troth.web.accounts.showing import View, personal
from troth.web.addresses import client_network
from troth.web.pages.published import kept

BACKEND = "django.contrib.auth.backends.ModelBackend"
PROVED = "proved"
SECOND = "second"
"""Where the session keeps when a second factor was shown in it."""
FRESH = timedelta(minutes=10)
"""How long a proof counts for what is dangerous."""
_SECOND = timedelta(minutes=10)
_SALT = "troth.accounts.second"


def enter(request: HttpRequest, user: User, remembered: bool = False, *, second: bool = False) -> None:
    """Log this browser in. The session is a new one, with a new key: one that was planted before is worth nothing.
    It ends when the policy says, counted from now. ``second``: a second factor was shown."""
    login = jar(kept.get().policy).login
    if login is None:  # `troth serve` does not start then
        raise RuntimeError("the policy declares no cookie for logins")
    now = datetime.now(UTC)
    session = request.session
    session.flush()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[CSRF] = secrets.token_urlsafe(24)
    session[OPENED] = session[PROVED] = now.isoformat()
    if second:
        session[SECOND] = now.isoformat()
    session[BROWSER] = browser_of(request.headers.get("User-Agent", ""))
    session.set_expiry(login.ends(now, remembered))
    session.save()
    request.user = user
    user.last_login = now
    user.save(update_fields=["last_login"])
    limits.succeeded(user.email, client_network(request))


def leave(request: HttpRequest) -> None:
    """End this browser's session, here and in the database."""
    request.session.flush()


def end_others(request: HttpRequest, user: User) -> None:
    """End every session of the person but this one, and the letters that were asked for in any of them."""
    from troth.web.accounts.sessions import hashed

    mine = request.session.session_key
    others = Session.objects.filter(user=user)
    if mine:
        others = others.exclude(session_key=hashed(mine))
    others.delete()
    letters.end(user)


def matching(email: str, password: str) -> User | None:
    """Whose address and password these are. An unknown address, and an account without a password, take as long."""
    user = get_user_model().objects.filter(email=folded(email)).first()
    if user is None or not user.has_usable_password():
        User().set_password(password)
        return None
    return user if user.check_password(password) else None


def prove(request: HttpRequest) -> None:
    """The person has just shown again that it is them."""
    request.session[PROVED] = datetime.now(UTC).isoformat()


def show_second(request: HttpRequest) -> None:
    """A second factor was shown in this session."""
    request.session[SECOND] = datetime.now(UTC).isoformat()


def is_fresh(request: HttpRequest) -> bool:
    """Whether that was a short while ago."""
    proved = request.session.get(PROVED)
    return proved is not None and datetime.now(UTC) - datetime.fromisoformat(proved) < FRESH


def proven(view: View) -> View:
    """Only for whoever has proved a short while ago who they are; others are asked to do so first."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_fresh(request):
            return HttpResponseRedirect(f"{reverse('again')}?next={quote(request.path)}")
        return view(request, *args, **kwargs)

    return personal(shown)


def half(user: User, remembered: bool, onward: str) -> str:
    """What the page of the second factor carries in place of a session: who has given the right password."""
    data = {"user": user.pk, "hash": user.get_session_auth_hash()[:16], "remembered": remembered, "next": onward}
    return signing.dumps(data, salt=_SALT)


def whole(ticket: str) -> tuple[User, bool, str] | None:
    """Who that was, and what they asked for; None when it is too old or the password has changed since."""
    try:
        data = signing.loads(ticket, salt=_SALT, max_age=_SECOND)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=data["user"]).first()
    if user is None or user.get_session_auth_hash()[:16] != data["hash"]:
        return None
    return user, bool(data["remembered"]), str(data["next"])
