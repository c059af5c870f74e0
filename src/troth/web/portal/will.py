"""The page of directives after death: what a person wants to become of their data, to be changed at any time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from troth.core.errors import TrothError, UsageError
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import AfterDeath
from troth.desk import directives
from troth.desk.directives import FATES, Directives, Person, Recorded
from troth.desk.holdings import holdings
from troth.desk.house import House, house
from troth.desk.telling import spelt
from troth.web.accounts.post import Mail, post
from troth.web.accounts.showing import asked_language
from troth.web.addresses import base_of
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own
from troth.web.portal.door import draw, words_for
from troth.web.portal.entering import language_of
from troth.web.portal.visitor import Visitor, inside

_SHORT = 300
"""Characters of a name or an address."""


@inside
@require_http_methods(["GET", "POST"])
def will(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say it, change it, take it back."""
    now = datetime.now(UTC)
    with house() as at:
        allowed = directives.offered(at)
        if allowed is None:
            raise Http404
        (person,) = visitor.identifiers
        if request.method == "POST" and "withdraw" in request.POST:
            if directives.withdraw(at, person, now):
                _receipt(request, visitor, "directives_gone")
            return _back(request, "directives_gone")
        error, said = "", None
        if request.method == "POST":
            said = _read(request, at.policy, allowed)
            error = _lacking(said)
            if not error:
                try:
                    directives.record(at, person, said, now)
                    _receipt(request, visitor, "directives")
                    return _back(request, "directives")
                except UsageError:
                    error = "not_possible"
        recorded = directives.of(at, visitor.identifiers)
        theirs = held_for(at, visitor, language_of(request), now) if "specific" in allowed.directives else None
        return _page(request, at.policy, allowed, recorded, said, error, theirs)


def held_for(at: House, visitor: Visitor, language: str, now: datetime) -> frozenset[str] | None:
    """The uses for which data of theirs is held; None where that cannot be told."""
    try:
        found = holdings(at, visitor.identifiers, language, now)
    except TrothError:
        return None
    return None if found.away else frozenset(one.name for one in found.purposes if one.tables)


def _receipt(request: HttpRequest, visitor: Visitor, kind: str) -> None:
    """A mail says that it was recorded or deleted, and where to look; what they want does not leave encrypted."""
    policy, language = kept.get().policy, own(chosen(request, kept.get()))
    button = f"{base_of(request)}{reverse('me_directives')}" if kind == "directives" else ""
    post.later(Mail(visitor.email, kind, language, policy.publisher, button))


def _back(request: HttpRequest, said: str) -> HttpResponse:
    query = "&".join(filter(None, [asked_language(request).removeprefix("?"), f"said={said}"]))
    return HttpResponseRedirect(f"{reverse('me')}?{query}")


def _read(request: HttpRequest, policy: Policy, allowed: AfterDeath) -> Directives:
    """The form. What the policy does not take is not heard."""
    data = request.POST
    whole = data.get("whole", "") if "general" in allowed.directives else ""
    parts = {name: data.get(f"part-{name}", "") for name in policy.purposes} if "specific" in allowed.directives else {}
    executor = _person(data, "executor") if allowed.executor else Person()
    return Directives(
        whole if whole in FATES else None,
        {name: fate for name, fate in parts.items() if fate in FATES and fate != whole},
        _person(data, "heir"), executor, data.get("words", "").strip()[: directives.LONGEST],
        own(chosen(request, kept.get())),
    )  # fmt: skip


def _person(data: Any, which: str) -> Person:
    return Person(*(" ".join(data.get(f"{which}_{part}", "").split())[:_SHORT] for part in ("name", "contact")))


def _lacking(said: Directives) -> str:
    """What is missing, as a word of the error."""
    if not said.says:
        return "lacks_fate"
    hands_over = said.whole == "hand_over" or "hand_over" in said.parts.values()
    return "lacks_heir" if hands_over and not (said.heir.name and said.heir.contact) else ""


def _page(
    request: HttpRequest, policy: Policy, allowed: AfterDeath, recorded: Recorded | None, said: Directives | None,
    error: str, theirs: frozenset[str] | None,
) -> HttpResponse:  # fmt: skip
    words, language = words_for(request), own(chosen(request, kept.get()))
    shown = said or (recorded.directives if recorded else Directives())
    fates = [(fate, words[f"fate_{fate}"]) for fate in FATES]
    parted = bool(shown.parts) or "general" not in allowed.directives
    purposes = [
        (name, p.title.get(language) or next(iter(p.title.values())), shown.parts.get(name, ""))
        for name, p in policy.purposes.items()
    ]
    near = [one for one in purposes if theirs is None or one[0] in theirs]
    far = [one for one in purposes if one not in near] if near else []
    since = words.say("will_since", when=spelt(policy, recorded.changed, language)) if recorded else ""
    without = allowed.without_directives or {}
    return draw(
        request, "will", 400 if error else 200, error=error, lacks=error.removeprefix("lacks_"), will=shown,
        fates=fates, purposes=(near or purposes) if "specific" in allowed.directives else [], apart=far, since=since,
        count=len(purposes), apart_ticked=any(fate for _, _, fate in far),
        parted=parted, general="general" in allowed.directives, executor=allowed.executor,
        without=without.get(language) or next(iter(without.values()), ""),
    )  # fmt: skip
