"""Who is at the door of the personal space: somebody logged in, or somebody who has just read a letter."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from troth.core.errors import TrothError
from troth.publishing.ways import has_space, proofs
from troth.web.accounts.cookies import jar
from troth.web.accounts.entering import is_fresh
from troth.web.accounts.middleware import CSRF
from troth.web.accounts.showing import asked_language, place_of
from troth.web.pages.published import kept

ME, SINCE, BACK = "me", "me_since", "me_back"
FRESH = timedelta(minutes=15)
"""How long a letter counts as proof for what is dangerous."""
STAY = timedelta(hours=1)
"""How long somebody without an account stays."""

_log = logging.getLogger("troth.web.portal")

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Visitor:
    """``how`` is the way in which it is known who they are, in the policy's words (``rights: verify:``)."""

    email: str
    account: str
    how: str
    fresh: bool

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """What is verified of them."""
        return (("email", self.email),)


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Who it is, if that is known."""
    if request.user.is_authenticated and "account" in proofs(kept.get().policy):
        return Visitor(request.user.email, request.user.public_id, "account", is_fresh(request))
    email, since = request.session.get(ME), request.session.get(SINCE)
    if not email or not since or not by_letter():
        return None
    age = datetime.now(UTC) - datetime.fromisoformat(since)
    return Visitor(email, "", "email_link", age < FRESH) if age < STAY else None


def by_letter() -> bool:
    """Whether reading a letter is proof enough for this publisher."""
    return "email_link" in proofs(kept.get().policy)


def let_in(request: HttpRequest, email: str) -> str:
    """A letter was read: this browser may see the space of that address for a while. The session is a new one. Where to
    go: the page from which the same person was sent away to prove who they are, if they were; else the space itself."""
    login = jar(kept.get().policy).login
    if login is None:
        raise Http404
    now = datetime.now(UTC)
    session = request.session
    back = str(session.get(BACK, "")) if session.get(ME) == email else ""
    session.flush()
    session[ME], session[SINCE], session[CSRF] = email, now.isoformat(), secrets.token_urlsafe(24)
    session.set_expiry(login.ends(now, False))
    session.save()
    return back if "?" in back else (back or reverse("me")) + asked_language(request)


def with_space(view: View) -> View:
    """Only where there can be a personal space."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not has_space(kept.get().policy):
            raise Http404
        return view(request, *args, **kwargs)

    return shown


def inside(view: View) -> View:
    """Only for whom we know; others are asked for their address first."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visitor = visitor_of(request)
        if visitor is None:
            return HttpResponseRedirect(reverse("me_door") + asked_language(request))
        try:
            return view(request, visitor, *args, **kwargs)
        except TrothError as error:
            return _broken(request, error)

    return with_space(shown)


def _broken(request: HttpRequest, error: TrothError) -> HttpResponse:
    """The policy's file, the keys or the ledger cannot be used now: that is ours to mend, not the person's."""
    from troth.web.portal.door import draw

    _log.error("the personal space cannot be shown: %s", type(error).__name__)
    return draw(request, "trouble", 503)


def proven(view: View) -> View:
    """Only for whoever has proved a short while ago who they are: before data leaves or is erased."""

    @wraps(view)
    def shown(request: HttpRequest, visitor: Visitor, *args: Any, **kwargs: Any) -> HttpResponse:
        if visitor.fresh:
            return view(request, visitor, *args, **kwargs)
        return to_proof(request, visitor)

    return inside(shown)


def to_proof(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The way to showing again who they are, and from there back to this page."""
    here, language = place_of(request), asked_language(request).replace("?", "&")
    if visitor.account:
        return HttpResponseRedirect(f"{reverse('again')}?next={quote(here)}{language}")
    request.session[BACK] = here
    return HttpResponseRedirect(f"{reverse('me_door')}?again=1{language}")
