"""Asking for data that a client of the publisher has put in: it is the client's, who decides about it and answers. A
request that names the client is handed on (GDPR Article 28(3)(e)); of any other a human finds out whose it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.requests.model import Right
from troth.desk.files import Wish
from troth.desk.house import house
from troth.web.pages.published import kept
from troth.web.portal.door import draw, words_for
from troth.web.portal.entering import opened, wish_of
from troth.web.portal.visitor import Visitor, inside
from troth.web.wording import Words

_RIGHTS = (
    Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.OBJECTION, Right.RESTRICTION, Right.PORTABILITY,
)  # fmt: skip
_SHORT, _LONG = 200, 1500
_TELLING = 4
"""Letters of a name that must be there before a part of it counts for the whole."""


@dataclass(frozen=True, slots=True)
class Named:
    """The form as it was sent; ``lacks`` is the id of what is missing."""

    right: str = ""
    company: str = ""
    unknown: bool = False
    message: str = ""
    lacks: str = ""


@inside
@require_http_methods(["GET", "POST"])
def client(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The form."""
    policy, words = kept.get().policy, words_for(request)
    offered = [right for right in _RIGHTS if right in (policy.document.rights or Rights()).offered]
    if not policy.document.clients or not offered:
        raise Http404
    error, sent = "", Named()
    if request.method == "POST":
        sent = _read(request, offered)
        error = f"lacks_{sent.lacks}" if sent.lacks else ""
        if not error:
            with house() as at:
                outcome = opened(at, request, _wish(policy, request, visitor, sent, words))
            if isinstance(outcome, HttpResponse):
                return outcome
            error = outcome
    return draw(
        request, "client", 400 if error else 200, error=error, lacks=sent.lacks, form=sent,
        rights=[(right, words[f"ask_other_{right}"], right == sent.right) for right in offered],
    )  # fmt: skip


def _read(request: HttpRequest, offered: list[Right]) -> Named:
    data = request.POST
    sent = Named(
        data.get("right", ""), " ".join(data.get("company", "").split())[:_SHORT], "unknown" in data,
        data.get("message", "").strip()[:_LONG],
    )  # fmt: skip
    missing = (("right", sent.right in offered), ("company", bool(sent.company) or sent.unknown))
    return replace(sent, lacks=next((name for name, there in missing if not there), ""))


def _wish(policy: Policy, request: HttpRequest, visitor: Visitor, sent: Named, words: Words) -> Wish:
    """For the client, where one of that name is known; else a question that a human answers, and no program."""
    name = client_named(policy, sent.company)
    if name:
        return replace(wish_of(request, visitor, Right(sent.right), message=sent.message), controller=name)
    note = words.say(
        "client_note", right=words[f"ask_other_{sent.right}"], company=sent.company or words["client_unknown"]
    )
    asked = wish_of(request, visitor, Right.ACCESS, message="\n".join(filter(None, (note, sent.message))))
    return replace(asked, by_human=True)


def client_named(policy: Policy, said: str) -> str:
    """The client that somebody means, by its name in the policy, however it is spelt, or a telling part of it; empty
    where it is none, or may be several."""
    wanted = _letters(said)
    if not wanted:
        return ""
    names = {name: _letters(one.name) for name, one in policy.document.clients.items()}
    same = [name for name, letters in names.items() if letters == wanted]
    near = [
        name for name, letters in names.items()
        if f" {wanted} " in f" {letters} " or f" {letters} " in f" {wanted} "
    ] if len(wanted) >= _TELLING else []  # fmt: skip
    found = same or near
    return found[0] if len(found) == 1 else ""


def _letters(name: str) -> str:
    """Without case, accents and signs."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
    return " ".join(re.findall(r"\w+", plain))
