"""Entering a request that came by letter, by telephone or at the counter, in somebody's own name or for another."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.requests.machine import DEATH, may_ask
from troth.core.requests.model import Behalf, Channel, Right
from troth.desk.deciding import ways_to_know
from troth.desk.files import Opened, Wish, open_file
from troth.desk.house import House, house
from troth.desk.particulars import Particulars
from troth.package.html_names import Namer
from troth.web.accounts.joining import is_address
from troth.web.console import trace
from troth.web.console.acts import ENTER
from troth.web.console.drawing import draw, language_of, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.portal.form import EXPLICIT, choices, read

_CHANNELS = (Channel.POST, Channel.PHONE, Channel.EMAIL, Channel.FORM)
_LONGEST = 2000


@staff_only("answer_requests")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, me: Member) -> HttpResponse:
    """First what is asked for, then by whom and how; each right asks for what it needs and nothing else."""
    with house() as at:
        right = _right(request, at.policy)
        error, refused = "", None
        if request.method == "POST" and right is not None:
            wish, error = _wish(request, at.policy, right, ways_to_know(at))
            if wish is not None:
                try:
                    opened = entered(at, me, wish)
                    return to(
                        request, "console_request", opened.request.ref, said="joined" if opened.joined else "entered"
                    )
                except UsageError as said:
                    error, refused = "act_refused", said
        return _drawn(request, me, at, right, error, refused)


def entered(at: House, me: Member, wish: Wish) -> Opened:
    """Open the file of a request, with who entered it: an answer that goes to another address than the person's is
    approved by somebody else."""
    with transaction.atomic():
        opened = open_file(at, wish, datetime.now(UTC))
        who = wish.particulars.identifiers
        trace.changed(me, ENTER, at=at, ref=opened.request.ref, person=who, ground=str(wish.channel))
    return opened


def _right(request: HttpRequest, policy: Policy) -> Right | None:
    asked = request.POST.get("right") or request.GET.get("right", "")
    return next((one for one in _offered(policy) if one == asked), None)


def _offered(policy: Policy) -> list[Right]:
    said = (policy.document.rights or Rights()).offered
    return [right for right in Right if right in said]


def _wish(request: HttpRequest, policy: Policy, right: Right, ways: list[str]) -> tuple[Wish | None, str]:
    """What was filled in; None and the words of what is wrong with it."""
    data = request.POST
    kind, value = data.get("kind", ""), data.get("value_of_person", "").strip()[:200]
    answer_to = data.get("answer_to", "").strip()[:254]
    behalf = next((one for one in Behalf if one == data.get("behalf")), None)
    arrived, error = _arrived(data.get("received", ""), policy)
    found = read(request, policy, right)
    if kind not in policy.identifiers or not value or (kind == "email" and not is_address(value)):
        error = error or "enter_nobody"
    if answer_to and not is_address(answer_to):
        error = error or "enter_address"
    if right == Right.RECTIFICATION and not found.corrections:
        error = error or "enter_correction"
    if right in EXPLICIT and not (found.scope or found.everything or found.kinds):
        error = error or "enter_which"
    if data.get("verified") == DEATH and behalf != Behalf.HEIR:
        error = error or "enter_death"
    if not may_ask(right, behalf):
        error = error or "enter_not_for_other"
    if error:
        return None, error
    particulars = Particulars(
        ((kind, value),), answer_to, _one(data.get("language", ""), ("fr", "en"), language_of(request)),
        found.corrections, data.get("speaker", "").strip()[:200] if behalf else "",
        data.get("note", "").strip()[:_LONGEST] or found.message,
    )  # fmt: skip
    return Wish(
        right, particulars, Channel(_one(data.get("channel", ""), [str(c) for c in _CHANNELS], "post")),
        found.meant, behalf, _one(data.get("client", ""), list(policy.document.clients), ""),
        _one(data.get("verified", ""), ways, ""), "", arrived, categories=found.kinds,
    ), ""  # fmt: skip


def _one(value: str, known: Any, otherwise: str) -> str:
    return value if value in known else otherwise


def _arrived(text: str, policy: Policy) -> tuple[datetime | None, str]:
    """A letter counts from noon of its day where the publisher is: the day is what matters (Regulation 1182/71)."""
    now = datetime.now(UTC)
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, "enter_day"
    at = datetime.combine(day, time(12), ZoneInfo(policy.timezone)).astimezone(UTC)
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    return (None, "enter_day") if day > today else (min(at, now), "")


def _drawn(
    request: HttpRequest, me: Member, at: House, right: Right | None, error: str, refused: UsageError | None
) -> HttpResponse:
    words, language, policy = words_for(request), language_of(request), at.policy
    namer = Namer(policy, language)
    today = datetime.now(UTC).astimezone(ZoneInfo(policy.timezone)).date()
    values: dict[str, Any] = {"rights": [(one, words[f"kind_{one}"]) for one in _offered(policy)], "right": right}
    if right is not None:
        values |= choices(policy, right, read(request, policy, right), language, None) | {
            "authoritative": policy.authoritative,
            "title": words.say("enter_title_one", right=words[f"kind_{right}"]),
            "kinds": [(kind, namer.identifier(kind)) for kind in policy.identifiers],
            "channels": [(str(one), words[f"channel_{one}"]) for one in _CHANNELS],
            "behalves": [(str(one), words[f"behalf_{one}"]) for one in Behalf if may_ask(right, one)],
            "proofs": [
                (name, words["proof_death_heir" if name == DEATH else f"proof_{name}"])
                for name in ways_to_know(at) if name != DEATH or may_ask(right, Behalf.HEIR)
            ],
            "clients": [(name, str(client.name)) for name, client in policy.document.clients.items()],
            "today": today.isoformat(), "data": request.POST, "everything": right in EXPLICIT,
        }  # fmt: skip
    return draw(request, me, "enter", 400 if error else 200, error=error, refused=refused, room="requests", **values)
