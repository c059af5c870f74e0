"""Asking for somebody else: who speaks, for whom, and on what ground. Nothing of it is done before a human has seen
what shows it, and the answer goes to the address that was just shown to be the speaker's, to no other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.requests.machine import may_ask
from troth.core.requests.model import Behalf, Channel, Right
from troth.core.requests.route import whole_scope
from troth.desk.fields import given
from troth.desk.files import TooMany, Wish, open_file
from troth.desk.house import House, house
from troth.desk.particulars import Particulars
from troth.web.accounts.joining import is_address
from troth.web.accounts.models import folded
from troth.web.accounts.showing import asked_language
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own
from troth.web.portal import form
from troth.web.portal.door import draw, words_for
from troth.web.portal.visitor import Visitor, inside

_RIGHTS = (
    Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL, Right.RESTRICTION,
    Right.PORTABILITY, Right.HUMAN_REVIEW,
)  # fmt: skip
"""Those that a form can take: a correction needs a field and its right value, the others no more than a message."""
_SHORT, _LONG = 200, 2000


@dataclass(frozen=True, slots=True)
class Spoken:
    """The form as it was sent; ``lacks`` is the id of what is missing."""

    right: str = ""
    ground: str = ""
    person: str = ""
    speaker: str = ""
    message: str = ""
    corrections: dict[str, str] = field(default_factory=dict)
    field: str = ""
    value: str = ""
    lacks: str = ""


@inside
@require_http_methods(["GET", "POST"])
def behalf(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The form."""
    policy = kept.get().policy
    offered = rights_for_others(policy)
    if not offered:
        raise Http404
    error, spoken = "", Spoken()
    if request.method == "POST":
        spoken = _read(request, offered, visitor)
        error = f"lacks_{spoken.lacks}" if spoken.lacks else ""
        if not error:
            with house() as at:
                try:
                    return _entered(at, request, visitor, spoken)
                except TooMany:
                    error = "too_many_requests"
                except UsageError:
                    error = "not_for_others"
    words = words_for(request)
    return draw(
        request, "behalf", 400 if error else 200, error=error, lacks=spoken.lacks, form=spoken, visitor=visitor,
        rights=[(right, words[f"ask_other_{right}"], right == spoken.right) for right in offered],
        fields=[
            (name, label, name == spoken.field) for name, label in given(policy, words.language)
        ] if Right.RECTIFICATION in offered else [],
        grounds=[(one, words[f"ground_{one}"], one == spoken.ground) for one in Behalf],
    )  # fmt: skip


def rights_for_others(policy: Policy) -> list[Right]:
    """What can be asked for somebody else."""
    offered = (policy.document.rights or Rights()).offered
    return [
        right for right in _RIGHTS
        if right in offered and not (right in form.NAMED and not whole_scope(right, policy))
    ]  # fmt: skip


def _read(request: HttpRequest, offered: list[Right], visitor: Visitor) -> Spoken:
    data = request.POST
    spoken = Spoken(
        data.get("right", ""), data.get("ground", ""), folded(data.get("person", ""))[:254],
        " ".join(data.get("speaker", "").split())[:_SHORT], data.get("message", "").strip()[:_LONG],
        form.corrections(data, kept.get().policy), data.get("field", ""), data.get("value", "")[:_LONG],
    )  # fmt: skip
    corrects = spoken.right == Right.RECTIFICATION
    missing = (
        ("right", spoken.right in offered), ("ground", spoken.ground in list(Behalf)),
        ("person", is_address(spoken.person) and spoken.person != visitor.email),
        ("field", bool(spoken.corrections) or not corrects), ("speaker", bool(spoken.speaker)),
        ("message", bool(spoken.message)),
    )  # fmt: skip
    return replace(spoken, lacks=next((name for name, there in missing if not there), ""))


def _entered(at: House, request: HttpRequest, visitor: Visitor, spoken: Spoken) -> HttpResponse:
    """It is known where the speaker can be reached, not that they may speak: it waits until a human knows that."""
    right, ground = Right(spoken.right), Behalf(spoken.ground)
    if not may_ask(right, ground):
        raise UsageError("not in this way")
    particulars = Particulars(
        (("email", spoken.person),), visitor.email, own(chosen(request, kept.get())), speaker=spoken.speaker,
        message=spoken.message, corrections=spoken.corrections if right == Right.RECTIFICATION else {},
    )  # fmt: skip
    wish = Wish(
        right, particulars, Channel.PORTAL, behalf=ground, account=visitor.account, speaker=visitor.identifiers
    )  # fmt: skip
    opened = open_file(at, wish, datetime.now(UTC))
    return HttpResponseRedirect(reverse("me_request", args=(opened.request.ref,)) + asked_language(request))
