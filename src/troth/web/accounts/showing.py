"""Drawing the pages of accounts, and going from one to the next."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from troth.core.policy.sections.base import ENDLESS
from troth.core.policy.values import parse_duration
from troth.core.rights.information_words import spoken
from troth.web.accounts.middleware import token
from troth.web.headers import with_script
from troth.web.pages.published import kept
from troth.web.pages.site import asset_named, assets, chosen, own, page
from troth.web.wording import Words

_INSIDE = re.compile(
    r"/(?:account|me|console)(?:/[A-Za-z0-9_-]+)*(?:\?[a-z]+=[A-Za-z0-9_-]+(?:&[a-z]+=[A-Za-z0-9_-]+)*)?"
)  # fmt: skip
View = Callable[..., HttpResponse]


def language_of(request: HttpRequest) -> str:
    """The language in which this page is read."""
    return chosen(request, kept.get())


def words_for(request: HttpRequest) -> Words:
    """The words of accounts in the reader's language."""
    return Words("accounts", own(language_of(request)))


_PLACES = ("account", "profile", "security", "sessions", "preferences", "logout")


def draw(
    request: HttpRequest, template: str, status: int = 200, *, error: str = "", script: bool = True, **values: Any
) -> HttpResponse:
    """A page of accounts. ``error`` names the words of what is wrong, shown first."""
    words, lang = words_for(request), asked_language(request)
    values = {
        "t": words, "csrf": token(request), "title": words[f"{template}_title"], "lang": lang,
        "person": request.user if request.user.is_authenticated else None, "said": said(request),
        "error": words[error] if error else "", "place": template, "onward": onward(request),
        "places": [(name, words[f"place_{name}"], reverse(name) + lang) for name in _PLACES],
        "account_style": asset_named("accounts"), "script": _script() if script else "", **values,
    }  # fmt: skip
    response = page(request, f"accounts/{template}.html", status, **values)
    return with_script(response) if script else response


def _script() -> str:
    return next(name for name in assets() if name.startswith("accounts.") and name.endswith(".js"))


def asked_language(request: HttpRequest) -> str:
    """``?lang=…`` when the reader has asked for a language, to go along to the next page."""
    asked = request.GET.get("lang", "")
    return f"?lang={asked}" if asked in kept.get().pages else ""


def told(request: HttpRequest, name: str, /, status: int = 200, **places: object) -> HttpResponse:
    """A page that only says something: the words ``NAME_title`` and ``NAME_text``."""
    words = words_for(request)
    text = words.say(f"{name}_text", **places)
    return draw(request, "told", status, script=False, title=words[f"{name}_title"], text=text)


def to(request: HttpRequest, name: str, *parts: str, said: str = "", onward: str = "") -> HttpResponse:
    """Send the browser on, in the same language. ``said`` names the words that the next page begins with, ``onward``
    the page that comes after it."""
    following = f"next={quote(onward)}" if onward else ""
    parts_of_query = [asked_language(request).removeprefix("?"), f"said={said}" if said else "", following]
    query = "&".join(filter(None, parts_of_query))
    return HttpResponseRedirect(reverse(name, args=parts) + (f"?{query}" if query else ""))


SAID = frozenset(
    {
        "password_changed",
        "password_first",
        "welcome",
        "saved",
        "ended",
        "ended_all",
        "left",
        "closed",
        "removed",
        "added",
    }
)
"""What a page may be asked to say by its address; anything else is not repeated."""


def said(request: HttpRequest) -> str:
    """What the page before this one has done, in words."""
    name = request.GET.get("said", "")
    return words_for(request)[f"said_{name}"] if name in SAID else ""


def onward(request: HttpRequest) -> str:
    """Where a person wanted to go before the login: a path of this site; empty for anything else."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    return path if _INSIDE.fullmatch(path) else ""


def place_of(request: HttpRequest) -> str:
    """Where they are, to come back to: with what was chosen there by the address."""
    whole = request.get_full_path()
    return whole if _INSIDE.fullmatch(whole) else request.path


def period(request: HttpRequest, text: str | None) -> str:
    """A period of the policy in the reader's words."""
    return spoken(parse_duration(text))[own(language_of(request))] if text and text not in ENDLESS else ""


def with_accounts(view: View) -> View:
    """Only where the policy has accounts; elsewhere there is no such page."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if kept.get().policy.document.accounts is None:
            raise Http404
        return view(request, *args, **kwargs)

    return shown


def may(act: str) -> bool:
    """Whether the policy lets people do this by themselves: ``see``, ``change`` or ``delete``."""
    accounts = kept.get().policy.document.accounts
    return accounts is not None and act in accounts.people_may


def where_people_may(act: str) -> Callable[[View], View]:
    """Only where the policy lets people do this by themselves; elsewhere there is no such page."""

    def around(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(act):
                raise Http404
            return view(request, *args, **kwargs)

        return shown

    return around


def personal(view: View) -> View:
    """Only for whoever is logged in; others are asked to."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            parts = [
                f"next={request.path}" if request.method == "GET" else "",
                asked_language(request).removeprefix("?"),
            ]
            query = "&".join(filter(None, parts))
            return HttpResponseRedirect(reverse("login") + (f"?{query}" if query else ""))
        return view(request, *args, **kwargs)

    return with_accounts(shown)
