"""Who of staff does what waits for somebody: named for one request, by the role that the policy names for what is done
by hand, or whoever answers requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.desk import byhand
from troth.desk.ahead import Ahead
from troth.desk.house import house
from troth.desk.models import File
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.member import rights_of, role_title, roles
from troth.web.console.models import Staff
from troth.web.pages.site import own
from troth.web.wording import Words

RIGHT = "answer_requests"
BY_HAND = "staff"
"""What a request waits for that somebody has to do something for by hand (``desk.ahead``)."""
ME, OTHER, ANYBODY = "me", "other", "anybody"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may answer requests. ``name`` stands for them; ``email`` is what colleagues know them by."""

    name: str
    email: str
    roles: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Who does what waits: ``me``, ``other`` (a colleague, or a role that is not mine) or ``anybody``; and in words."""

    who: str
    said: str = ""


def colleagues(policy: Policy) -> dict[str, Colleague]:
    """Everybody who may answer requests now, by the name that stands for them."""
    rows = Staff.objects.select_related("user").filter(ended__isnull=True, user__isnull=False).order_by("user__email")
    return {
        row.public_id: Colleague(row.public_id, row.user.email, tuple(row.roles), own(row.user.language))
        for row in rows if RIGHT in rights_of(policy, row.roles)
    }  # fmt: skip


def colleague_named(policy: Policy, email: str) -> Colleague:
    """Whoever has this address and may answer requests. Raises UsageError."""
    from troth.web.accounts.models import folded

    found = next((one for one in colleagues(policy).values() if one.email == folded(email)), None)
    if found is None:
        raise UsageError(
            "nobody of staff who may answer requests has this address", remedy="`troth staff list` shows who there is"
        )
    return found


def whose(row: Any, coming: Ahead, policy: Policy, known: Mapping[str, Colleague], words: Words, me: Member) -> Whose:
    """Whose the next thing to do is. Who has left, or may not do it any more, is as good as nobody."""
    language = "fr" if words.language.startswith("fr") else "en"
    if row.assigned in known:
        if row.assigned == me.public_id:
            return Whose(ME, words["assigned_you"])
        return Whose(OTHER, words.say("assigned_to", who=known[row.assigned].email))
    role = byhand.role_for(policy) if coming.what == BY_HAND else ""
    if not role or role not in roles(policy) or not any(role in one.roles for one in known.values()):
        return Whose(ANYBODY)
    title = words.say("assigned_to", who=role_title(policy, role, language))
    return Whose(ME if role in me.staff.roles else OTHER, title)


@staff_only(RIGHT)
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """Take what waits, give it to a colleague, or to nobody in particular. Nobody's data is shown here."""
    row = File.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    words = words_for(request)
    error, refused = "", None
    with house() as at:
        known = colleagues(at.policy)
        if request.method == "POST":
            chosen = request.POST.get("to", "")
            if chosen in (*known, "nobody"):
                try:
                    _assigned(me, at, ref, "" if chosen == "nobody" else chosen)
                    return to(request, "console_request", ref, said="assigned")
                except UsageError as why:
                    error, refused = "act_refused", why
            error = error or "assign_nobody"
        language = language_of(request)
        people = [
            (one.name, one.email, ", ".join(role_title(at.policy, role, language) for role in one.roles),
             one.name == row.assigned, one.name == me.public_id) for one in known.values()
        ]  # fmt: skip
    return draw(
        request, me, "assign", 400 if error else 200, error=error, refused=refused, room="requests", ref=ref,
        people=people, nobody=row.assigned not in known, kind=words[f"kind_{row.right}"],
    )  # fmt: skip


def _assigned(me: Member, at: Any, ref: str, name: str) -> None:
    trace.changed(me, "request.assign", at=at, ref=ref, ground="request")
    byhand.assign(at, ref, name, me.public_id, datetime.now(UTC))


__all__ = ["ANYBODY", "ME", "OTHER", "Colleague", "Whose", "assign", "colleague_named", "colleagues", "whose"]
