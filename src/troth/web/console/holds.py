"""Holds by hand and restrictions: which there are, a new one, the end of one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from html import escape
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from troth.bootstrap import new_ref
from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.records import HoldRecord
from troth.core.requests.route import terms_of
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.restrict import add_hold
from troth.desk import ended, standing
from troth.desk.house import House, house, stores
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.person import Person, called, with_person
from troth.web.wording import Words

LONGEST = 300
"""Characters of a ground."""


@staff_only("erase_people")
@require_safe
def holds(request: HttpRequest, me: Member) -> HttpResponse:
    """Those in force. Who they are about is not told; what was written as their ground may tell, so it is on record."""
    with house() as at:
        found = at.records.holds(_today(at))
        if found:
            trace.seen(me, "holds", at=at, ground="hold")
        rows = [_row(at, one, language_of(request), words_for(request)) for one in found]
    return draw(request, me, "holds", room="holds", holds=rows)


def _today(at: House) -> date:
    return terms_of(at.policy).day(datetime.now(UTC))


def _row(at: House, one: HoldRecord, language: str, words: Words) -> dict[str, Any]:
    state = at.records.state
    mark = (state.holds if one.kind == "hold" else state.restrictions).get(one.ref)
    since = locale.day(terms_of(at.policy).day(mark.made_at), language) if mark is not None else ""
    return {
        "ref": one.ref, "kind": words[f"mark_{one.kind}"], "reason": one.reason, "since": since,
        "until": words.say("mark_until", day=locale.day(one.until, language)) if one.until else words["mark_open"],
        "covers": [*_places(at.policy, one, language), *(f"<code>{name}</code>" for name in one.fields)],
    }  # fmt: skip


def _places(policy: Policy, one: HoldRecord, language: str) -> list[str]:
    namer = Namer(policy, language)
    parts = (place.partition(".") for place in one.collections)
    return [namer.place(store, name) for store, _, name in parts]


@staff_only("erase_people")
@require_http_methods(["GET", "POST"])
@with_person
def add(request: HttpRequest, me: Member, at: House, who: Person) -> HttpResponse:
    """Keep what the open person has, for a reason that the policy cannot know."""
    error = ""
    if request.method == "POST":
        error = _added(request, me, at, who)
        if not error:
            return to(request, "console_person", said="held")
    language = language_of(request)
    chosen = set(request.POST.getlist("collection")), set(request.POST.getlist("field"))
    return draw(
        request, me, "hold_add", 400 if error else 200, error=error, room="people",
        who=called(at.policy, who.identifiers, language),
        reason=request.POST.get("reason", "")[:LONGEST], until=request.POST.get("until", "")[:10],
        first=_today(at).isoformat(), some_field=bool(chosen[1]), **_offered(at.policy, language, *chosen),
    )  # fmt: skip


def _added(request: HttpRequest, me: Member, at: House, who: Person) -> str:
    """Do it; what is wrong, as a word, where something is. Raises EvidenceError."""
    reason, until = request.POST.get("reason", "").strip()[:LONGEST], None
    if not reason:
        return "hold_no_reason"
    if request.POST.get("until"):
        try:
            until = date.fromisoformat(request.POST["until"])
        except ValueError:
            return "hold_bad_day"
        if until < _today(at):
            return "hold_past_day"
    ref, now = new_ref("hold"), datetime.now(UTC)
    with stores(at.policy, now, hurried=True) as session:
        identity = identify(session, Subject(who.identifiers), Decisions(), at.records)
        if identity.unreachable:
            return "hold_away"
        if not identity.found:
            return "hold_nobody"
        trace.changed(me, "hold", at=at, ref=ref, person=who.identifiers, ground=who.ground)
        try:
            add_hold(
                session, identity, at.runner(ref), reason=reason, until=until,
                collections=request.POST.getlist("collection"), fields=request.POST.getlist("field"),
            )  # fmt: skip
        except UsageError:
            return "hold_wrong_place"
    return ""


def _offered(policy: Policy, language: str, places: set[str], fields: set[str]) -> dict[str, Any]:
    """Collections and fields to choose from, each once."""
    namer = Namer(policy, language)
    listed = [(f"{c.store}.{c.name}", namer.place(c.store, c.name)) for c in policy.collections()]
    named = _fields(policy, namer)
    return {
        "collections": [(name, label, name in places) for name, label in listed],
        "fields": [(name, label, name in fields) for name, label in named],
    }


def _fields(policy: Policy, namer: Namer) -> list[tuple[str, str]]:
    """(name, what people call it) of every field; where several are called the same, with where they lie."""
    labels: dict[str, str] = {}
    places: dict[str, dict[str, None]] = {}
    for collection in policy.collections():
        for one in collection.fields:
            labels.setdefault(one.name, escape(namer.field_label(one)))
            places.setdefault(one.name, {})[namer.table(collection.store, collection.name)] = None
    often = Counter(labels.values())
    found = [
        (name, f"{label} – {', '.join([*places[name]][:3])}" if often[label] > 1 else label)
        for name, label in labels.items()
    ]  # fmt: skip
    twice = Counter(label for _, label in found)
    exact = [(name, f"{label} (<code>{escape(name)}</code>)" if twice[label] > 1 else label) for name, label in found]
    return sorted(exact, key=lambda one: one[1].casefold())


@staff_only("erase_people")
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """End a hold or a restriction. Before a restriction ends, the person is told (GDPR Article 18(3)): by Troth where
    they had asked for it and left an address, else by whoever ends it."""
    with house() as at:
        found = next((one for one in at.records.holds(_today(at)) if one.ref == ref), None)
        if found is None:
            raise Http404
        now = datetime.now(UTC)
        restriction = found.kind == "restriction" and not ended.reachable(at, ref, now)
        error = "release_untold" if request.method == "POST" and restriction and "told" not in request.POST else ""
        if request.method == "POST" and not error:
            trace.changed(me, "hold", at=at, ref=ref, ground="release")
            standing.release(at, ref, now)
            return to(request, "console_holds", said="released")
        trace.seen(me, "hold", at=at, ref=ref, ground="release")
        row = _row(at, found, language_of(request), words_for(request))
    return draw(
        request, me, "release", 400 if error else 200, error=error, room="holds", hold=row, restriction=restriction,
        mailed=found.kind == "restriction" and not restriction,
    )  # fmt: skip
