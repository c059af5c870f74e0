"""The browsers that are logged in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from troth.package import locale
from troth.web.accounts.entering import end_others
from troth.web.accounts.models import Session, User
from troth.web.accounts.sessions import hashed
from troth.web.accounts.showing import draw, language_of, personal, to, words_for
from troth.web.pages.published import kept
from troth.web.pages.site import own


@personal
@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List them; end one, or all but this one."""
    user: User = request.user
    found = Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-created_at")
    if request.method == "POST":
        if "others" in request.POST:
            end_others(request, user)
            return to(request, "sessions", said="ended_all")
        for one in found:
            if one.public_id == request.POST.get("session") and not _is_this(request, one):
                one.delete()
        return to(request, "sessions", said="ended")
    words = words_for(request)
    rows = [
        {
            "id": one.public_id, "browser": one.browser or words["sessions_unknown"], "this": _is_this(request, one),
            "since": _time(request, one.created_at), "until": _time(request, one.expire_date),
        }
        for one in found
    ]  # fmt: skip
    return draw(request, "sessions", rows=rows, alone=len(rows) == 1, script=False)


def _is_this(request: HttpRequest, one: Session) -> bool:
    return bool(one.session_key == hashed(request.session.session_key))


def _time(request: HttpRequest, at: datetime | None) -> str:
    if at is None:
        return "—"
    local = at.astimezone(ZoneInfo(kept.get().policy.timezone))
    return f"{locale.day(local.date(), own(language_of(request)))}, {local:%H:%M}"
