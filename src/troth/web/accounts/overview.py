"""The first page of an account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from troth.web.accounts.showing import asked_language, draw, personal, words_for
from troth.web.console.member import member_of


@personal
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Where everything is."""
    words, lang = words_for(request), asked_language(request)
    names = ("profile", "security", "sessions", "preferences")
    cards = [(words[f"{name}_title"], reverse(name) + lang, words[f"account_{name}"]) for name in names]
    if member_of(request.user) is not None:
        cards = [(words["console_title"], reverse("console") + lang, words["account_console"]), *cards]
    return draw(request, "account", cards=cards, script=False)
