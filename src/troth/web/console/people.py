"""Looking somebody up: one person at a time, for a reason, and on record before anything is shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.core.errors import StoreError, UsageError
from troth.core.requests.model import Act, State
from troth.core.requests.route import terms_of
from troth.desk.files import request_of
from troth.desk.holdings import Holdings, holdings
from troth.desk.house import House, house
from troth.desk.models import File, Name, Refusal
from troth.package import locale
from troth.web.console.correcting import may_change
from troth.web.console.drawing import draw, language_of, stores_called, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.person import (
    GROUNDS,
    STAY,
    Person,
    called,
    enter,
    identifier_of,
    kinds_of,
    leave,
    with_person,
    wrong_reason,
)
from troth.web.pages.published import kept
from troth.web.wording import Words

_REF = re.compile(r"[A-Za-z0-9-]{1,40}")


@staff_only("see_people")
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, me: Member) -> HttpResponse:
    """Who, and why. What was typed stands in no address."""
    if request.method == "GET":
        return _asking(request, me)
    ground, words = request.POST.get("ground", ""), request.POST.get("words", "").strip()
    ref = request.POST.get("ref", "").strip()
    error = wrong_reason(ground, words, ref)
    try:
        named = identifier_of(kept.get().policy, request.POST.get("who", "")[:254])
    except UsageError:
        error = "people_nobody"
    if error:
        return _asking(request, me, error)
    with house() as at:
        enter(request, me, at, Person((named,), ground, ref, datetime.now(UTC) + STAY), words)
    return to(request, "console_person")


def _asking(request: HttpRequest, me: Member, error: str = "") -> HttpResponse:
    words = words_for(request)
    grounds = [(code, words[f"ground_{code}"]) for code in GROUNDS]
    ref = request.POST.get("ref", "") or request.GET.get("ref", "")
    return draw(
        request, me, "people", 400 if error else 200, error=error, room="people", grounds=grounds,
        kinds=kinds_of(kept.get().policy, language_of(request)), who=request.POST.get("who", "")[:254],
        ground=request.POST.get("ground", "") or ("request" if ref else ""), ref=ref if _REF.fullmatch(ref) else "",
        words_said=request.POST.get("words", "")[:300],
    )  # fmt: skip


@staff_only("see_people")
@require_POST
def close(request: HttpRequest, me: Member) -> HttpResponse:
    """Enough seen."""
    leave(request)
    return to(request, "console_people", said="person_left")


@staff_only("see_people")
@require_safe
@with_person
def person(request: HttpRequest, me: Member, at: House, who: Person) -> HttpResponse:
    """What is held, per purpose; what they asked for; what keeps it. What belongs to somebody else too is not shown."""
    language, words = language_of(request), words_for(request)
    held, trouble = Holdings((), 0, ()), False
    try:
        held = holdings(at, who.identifiers, language, datetime.now(UTC))
    except StoreError:
        trouble = True
    until = who.until.astimezone(ZoneInfo(at.policy.timezone))
    return draw(
        request, me, "person", room="people", who=called(at.policy, who.identifiers, language),
        ground=words[f"ground_{who.ground}"],
        until=until.strftime("%H:%M"), held=held, trouble=trouble,
        away=stores_called(at.policy, held.away, language), waiting=_waiting(held.waiting, language, words),
        asked=requests_of(at, who, language, words), marks=marks_of(at, who, language, words),
        refusals=refusals_of(at, who, language, words), may_change=may_change(at.policy, me),
        may_hold=me.can("erase_people"), may_disclose=me.can("decide_disclosures"),
    )  # fmt: skip


def _waiting(rows: int, language: str, words: Words) -> str:
    name = "person_shared_one" if rows == 1 else "person_shared"
    return words.say(name, n=locale.whole(rows, language)) if rows else ""


def requests_of(at: House, who: Person, language: str, words: Words) -> list[dict[str, Any]]:
    """Every request about them, the newest first, whoever entered it."""
    hashes = at.records.state.keys.vault.indexes(who.names)
    rows = File.objects.filter(pk__in=Name.objects.filter(hash__in=hashes).values("file")).order_by("-received")
    found = []
    for row in rows:
        one = request_of(row)
        running = one.open and one.state != State.IDENTITY_AWAITED
        due = words.say("request_due", day=locale.day(row.due, language)) if running else ""
        refused = any(happened.act == Act.REFUSED for happened in one.history)
        found.append({
            "ref": one.ref, "right": words[f"kind_{one.right}"], "state": words[f"state_{one.state}"], "due": due,
            "mark": "○" if one.open else "▲" if refused else "●", "href": _address_of(one.ref),
            "received": locale.day(terms_of(at.policy).day(one.received), language),
        })  # fmt: skip
    return found


def _address_of(ref: str) -> str:
    try:
        return reverse("console_request", args=(ref,))
    except NoReverseMatch:
        return ""


def marks_of(at: House, who: Person, language: str, words: Words) -> list[dict[str, str]]:
    """Holds by hand and restrictions that are in force on them."""
    today = terms_of(at.policy).day(datetime.now(UTC))
    state = at.records.state
    refs = {
        mark.id for marks in (state.holds, state.restrictions) for mark in marks.matching(who.names, today)
    }  # fmt: skip
    return [
        {
            "ref": one.ref, "kind": words[f"mark_{one.kind}"], "reason": one.reason,
            "until": words.say("mark_until", day=locale.day(one.until, language)) if one.until else words["mark_open"],
        }
        for one in at.records.holds(today) if one.ref in refs
    ]  # fmt: skip


def refusals_of(at: House, who: Person, language: str, words: Words) -> list[str]:
    """Purposes that they have said no to."""
    hashes = at.records.state.keys.vault.indexes(who.names)
    rows = Refusal.objects.filter(hash__in=hashes, ended__isnull=True).order_by("made")
    found = dict.fromkeys((row.purpose, terms_of(at.policy).day(row.made), row.ground) for row in rows)
    return [
        words.say(
            f"refused_{'withdrawal' if ground == 'withdrawal' else 'objection'}",
            purpose=_title(at, purpose, language), day=locale.day(day, language),
        )
        for purpose, day, ground in found
    ]  # fmt: skip


def _title(at: House, purpose: str, language: str) -> str:
    known = at.policy.purposes.get(purpose)
    titles = known.title if known is not None else {}
    return titles.get(language) or next(iter(titles.values()), purpose)
