"""A wish of somebody in their space becomes a request."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from troth.core.errors import UsageError
from troth.core.requests.model import Channel, Right
from troth.desk.files import TooMany, Wish, open_file
from troth.desk.house import House
from troth.desk.particulars import Particulars, Replaced
from troth.web.accounts.showing import asked_language
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own
from troth.web.portal.visitor import Visitor


def language_of(request: HttpRequest) -> str:
    """The language in which they read."""
    return own(chosen(request, kept.get()))


def colon_in(language: str) -> str:
    """A colon, with the space before it that French wants."""
    return "\u00a0: " if language == "fr" else ": "


def enter(
    at: House, request: HttpRequest, visitor: Visitor, right: Right, *, scope: AbstractSet[str] = frozenset(),
    message: str = "", kinds: frozenset[str] = frozenset(),
) -> HttpResponse | str:  # fmt: skip
    """The way to the request's page; or why it cannot be entered, as a word of the space. ``kinds``: only these
    categories of data."""
    wish = wish_of(request, visitor, right, scope=scope, message=message)
    return opened(at, request, replace(wish, categories=kinds))


def wish_of(
    request: HttpRequest, visitor: Visitor, right: Right, *, scope: AbstractSet[str] = frozenset(), message: str = "",
    replaced: tuple[Replaced, ...] = (),
) -> Wish:  # fmt: skip
    """What they ask for, in their own name."""
    particulars = Particulars(
        visitor.identifiers, visitor.email, language_of(request), message=message, replaced=replaced
    )  # fmt: skip
    return Wish(right, particulars, Channel.PORTAL, frozenset(scope), verified=visitor.how, account=visitor.account)


def opened(at: House, request: HttpRequest, wish: Wish) -> HttpResponse | str:
    """The way to the request's page; or why it cannot be entered."""
    try:
        file = open_file(at, wish, datetime.now(UTC))
    except TooMany:
        return "too_many_requests"
    except UsageError:
        return "not_possible"
    return HttpResponseRedirect(reverse("me_request", args=(file.request.ref,)) + asked_language(request))
