"""What is known of a person: to see, to correct."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.package import locale
from troth.publishing.words import AUTONYMS
from troth.web.accounts import fields, letters, limits
from troth.web.accounts.entering import proven
from troth.web.accounts.joining import is_address
from troth.web.accounts.models import User, folded
from troth.web.accounts.post import Mail, letter, post
from troth.web.accounts.showing import draw, language_of, may, personal, to, where_people_may, words_for
from troth.web.addresses import base_of, client_network
from troth.web.pages.published import kept
from troth.web.pages.site import own


@where_people_may("see")
@personal
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """All of it, in a form."""
    user: User = request.user
    if request.method == "POST":
        if not may("change"):
            raise Http404
        values, wrong = fields.read(request)
        language = request.POST.get("letters", "")
        if wrong:
            return _page(request, user, values, wrong)
        user.details = values
        user.language = language if language in kept.get().pages else ""
        user.save(update_fields=["details", "language"])
        return to(request, "profile", said="saved")
    return _page(request, user, user.details, [])


def _page(request: HttpRequest, user: User, values: dict[str, str], wrong: list[str]) -> HttpResponse:
    words, language = words_for(request), own(language_of(request))
    dates = [(words["profile_since"], locale.day(user.created_at.date(), language))]
    if user.last_login is not None:
        dates.append((words["profile_last"], locale.day(user.last_login.date(), language)))
    offered = [(name, AUTONYMS.get(name, name.upper())) for name in kept.get().pages]
    return draw(
        request, "profile", 400 if wrong else 200, fields=fields.asked(request, values), dates=dates,
        wrong=[words[name] for name in wrong], offered=offered, letters_now=user.language, script=False,
        may_change=may("change"), may_close=may("delete"),
    )  # fmt: skip


@where_people_may("change")
@proven
@require_http_methods(["GET", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Ask for another address. It takes the place of the old one when somebody has read its letter, and nobody learns
    here whether it has an account already."""
    if request.method == "GET":
        return draw(request, "address", script=False)
    user: User = request.user
    email = folded(request.POST.get("email", ""))
    if not is_address(email):
        return draw(request, "address", 400, error="bad_address", email=email[:254], script=False)
    if not limits.may_write(email, client_network(request), "address"):
        return draw(request, "address", 429, error="too_many_letters", email=email, script=False)
    taken = User.objects.filter(email=email).exists()
    written = letters.write("address", "" if taken else email, None if taken else user)
    base, language, publisher = base_of(request), language_of(request), kept.get().policy.publisher
    mail = Mail(email, "taken", language, publisher, button=f"{base}/account/login")
    if not post.later(mail if taken else letter(written, "address", base, language, publisher)):
        return draw(request, "address", 503, error="too_busy", email=email, script=False)
    return to(request, "letter_code", written.letter.handle)
