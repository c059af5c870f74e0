"""Before the console opens: the undertaking of confidentiality, and the second factor."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from troth.web.accounts import factors, limits
from troth.web.accounts.entering import show_second
from troth.web.accounts.passkeys import asked_for, has_passkey
from troth.web.accounts.showing import asked_language, onward
from troth.web.console import member, staffing
from troth.web.console.drawing import draw
from troth.web.console.gate import Member, staff_only
from troth.web.headers import with_script
from troth.web.pages.published import kept
from troth.web.pages.site import asset_script, chosen


@staff_only(up_to="staff")
@require_http_methods(["GET", "POST"])
def undertaking(request: HttpRequest, me: Member) -> HttpResponse:
    """Its words, its version, a box and a button. What is signed is what stood on this page."""
    said = member.undertaking(kept.get().policy)
    language = chosen(request, kept.get())
    if language not in said.text:
        language = kept.get().authoritative if kept.get().authoritative in said.text else next(iter(said.text))
    text = said.text[language]
    error = ""
    if request.method == "POST":
        if "sure" in request.POST and request.POST.get("digest") == member.digest_of(text):
            staffing.sign(me.staff, said.version, text, language, datetime.now(UTC))
            return _on(request)
        error = "undertaking_unsigned" if "sure" not in request.POST else "undertaking_changed"
    return draw(
        request, me, "undertaking", 400 if error else 200, error=error, version=said.version, text=text,
        text_language=language, digest=member.digest_of(text), done=member.signed(me), bare=True,
    )  # fmt: skip


@staff_only(up_to="signed")
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest, me: Member) -> HttpResponse:
    """Show the second factor; whoever has none is led to where it is set up."""
    user = request.user
    counts, key = factors.asks_for_second(user), has_passkey(user)
    if not (counts or key):
        return draw(request, me, "no_second", bare=True)
    status, error = 200, ""
    if request.method == "POST":
        if not limits.wrong_codes.open(str(user.pk)):
            status, error = 429, "too_many_codes"
        elif factors.fits(request, user):
            limits.wrong_codes.forget(str(user.pk))
            show_second(request)
            return _on(request)
        else:
            limits.wrong_codes.count(str(user.pk))
            status, error = 400, "wrong_code"
    passkey = asked_for(request, user) if key else None
    script = asset_script("accounts") if passkey else ""
    response = draw(
        request, me, "second", status, error=error, counts=counts, passkey=passkey, script=script, bare=True
    )
    return with_script(response) if passkey else response


def _on(request: HttpRequest) -> HttpResponse:
    """Where they wanted to go."""
    return HttpResponseRedirect((onward(request) or reverse("console")) + asked_language(request))
