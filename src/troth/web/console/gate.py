"""The gate of the console. Every view of the console is behind it:

    from troth.web.console.gate import Member, staff_only
    from troth.web.console.drawing import draw

    @staff_only("see_people")                     # a word of the policy's `staff: roles: … may:`; "" for any member
    @require_http_methods(["GET", "POST"])
    def people(request: HttpRequest, me: Member) -> HttpResponse:
        with house() as at:                       # troth.desk.house: policy and state, for this page
            trace.seen(me, "person", at=at, person=identifiers, ground="asked_by_person")   # before it is shown
        return draw(request, me, "people", …)     # templates/console/people.html, words people_title in words.txt

It asks, in this order, and stops at the first no:

1. logged in? else to the login page, and back here afterwards;
2. staff, and not ended? else 403;
3. the undertaking of the version in force signed? else its page, to be signed;
4. a second factor there, and shown in this session not longer than ``IDLE`` after the last page? else to where it is
   set up or shown;
5. the right that the page asks for? else 403, which names the right.

A page whose ledger, keys or policy cannot be used is refused as a whole (503): nothing is seen without a trace.
A room stands in the navigation when it is in ``rooms.ROOMS`` and the member has its right.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from troth.core.errors import TrothError
from troth.web.accounts import factors
from troth.web.accounts.entering import SECOND
from troth.web.accounts.passkeys import has_passkey
from troth.web.accounts.showing import asked_language
from troth.web.console.drawing import draw, words_for
from troth.web.console.member import Member, member_of, signed
from troth.web.pages.published import kept

IDLE = timedelta(minutes=30)
"""How long a page of the console may lie open before the second factor is asked for again."""
_WRITTEN = timedelta(minutes=1)
_SEEN = "console_seen"

ConsoleView = Callable[..., HttpResponse]
View = Callable[..., HttpResponse]
_log = logging.getLogger("troth.web.console")


def staff_only(may: str = "", *, up_to: str = "right") -> Callable[[ConsoleView], View]:
    """Only for members of staff who have the right ``may``; the view gets them as its second argument.

    ``up_to`` is for the gate's own pages: ``staff`` asks the first two questions, ``signed`` the first three.
    """

    def around(view: ConsoleView) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if kept.get().policy.document.accounts is None:
                raise Http404
            if not request.user.is_authenticated:
                return _typed(request, None) or _to("login", request)
            me = member_of(request.user)
            if me is None:
                return draw(request, None, "stranger", 403)
            stopped = _stopped(request, me, may, up_to)
            if stopped is not None:
                return stopped
            try:
                return view(request, me, *args, **kwargs)
            except TrothError as error:
                return broken(request, me, error)

        shown.console_right = may  # type: ignore[attr-defined]
        return shown

    return around


def _stopped(request: HttpRequest, me: Member, may: str, up_to: str) -> HttpResponse | None:
    """Where the gate sends somebody instead; None when they may go in."""
    if up_to == "staff":
        return None
    if not signed(me):
        return _to("console_undertaking", request)
    if up_to == "signed":
        return None
    if not (factors.asks_for_second(request.user) or has_passkey(request.user)) or not _shown_lately(request):
        return _typed(request, me) or _to("console_second", request)
    if not me.can(may):
        return draw(request, me, "refused", 403, right_title=words_for(request)[f"right_{may}"])
    return None


def _shown_lately(request: HttpRequest) -> bool:
    """Whether the second factor was shown in this session, and no page has been idle for too long since."""
    shown, seen = request.session.get(SECOND), request.session.get(_SEEN, "")
    if not shown:
        return False
    now = datetime.now(UTC)
    if now - datetime.fromisoformat(max(shown, seen)) > IDLE:
        del request.session[SECOND]
        return False
    if not seen or now - datetime.fromisoformat(seen) > _WRITTEN:
        request.session[_SEEN] = now.isoformat()
    return True


_TEXTS = ("note", "message", "value", "words", "reason", "evidence", "speaker", "value_of_person", "answer_to", "who")
"""Fields in which people write."""


def _typed(request: HttpRequest, me: Member | None) -> HttpResponse | None:
    """Whoever was typing when the half hour was over, or they were logged out, gets back what they wrote, to go on with
    it; nothing was done. It is what they have just sent themselves, and nothing else is shown."""
    if request.method != "POST":
        return None
    found = [text for name in _TEXTS for text in request.POST.getlist(name) if text.strip()]
    if not found:
        return None
    query = "&".join(filter(None, (f"next={quote(request.path)}", asked_language(request).removeprefix("?"))))
    proof = f"{reverse('console_second' if me else 'login')}?{query}"
    return draw(request, me, "typed", 401, texts=found, proof=proof, bare=True, **_logged_out(request, me))


def _logged_out(request: HttpRequest, me: Member | None) -> dict[str, str]:
    """Words of the page for whom it was the login that ended."""
    return {} if me else {"title": words_for(request)["typed_out_title"], "out": "1"}


def _to(name: str, request: HttpRequest) -> HttpResponse:
    """On to another page, and back here from there. What was sent is not sent again by itself."""
    back = request.path if request.method in ("GET", "HEAD") else reverse("console")
    query = "&".join(filter(None, (f"next={quote(back)}", asked_language(request).removeprefix("?"))))
    return HttpResponseRedirect(f"{reverse(name)}?{query}")


def broken(request: HttpRequest, me: Member, error: TrothError) -> HttpResponse:
    """The policy's file, the keys, the ledger or a store cannot be used now. Staff is told what to do; the message
    names nobody (``core.errors``)."""
    _log.error("the console cannot show a page: %s", type(error).__name__)
    return draw(request, me, "trouble", 503, refused=error)


__all__ = ["IDLE", "Member", "broken", "staff_only"]
