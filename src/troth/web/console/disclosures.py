"""The register of disclosures: what was given to whom, a new entry for whoever is open, when the person may know."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.requests.route import terms_of
from troth.desk import disclosures as register
from troth.desk.disclosures import GROUNDS, KINDS, LONGEST, Entry, Recorded
from troth.desk.house import House, house
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.person import Person, called, with_person
from troth.web.wording import Words

TOLD = ("now", "day", "not")
"""From when the person may know: at once, from a day on, not before somebody says so."""


@staff_only("decide_disclosures")
@require_safe
def disclosures(request: HttpRequest, me: Member) -> HttpResponse:
    """The register. Nobody is named whose data it was."""
    language, words = language_of(request), words_for(request)
    with house() as at:
        rows = [_row(at.policy, one, _today(at), language, words) for one in register.every(at)]
    return draw(request, me, "disclosures", room="disclosures", rows=rows)


def _today(at: House) -> date:
    return terms_of(at.policy).day(datetime.now(UTC))


def _row(policy: Policy, one: Recorded, today: date, language: str, words: Words) -> dict[str, Any]:
    said, namer = one.entry, Namer(policy, language)
    if one.may_be_told(today):
        told = words["dis_told"]
    elif said.told_from is None:
        told = words["dis_secret"]
    else:
        told = words.say("dis_secret_until", day=locale.day(said.told_from, language))
    return {
        "ref": one.ref, "day": locale.day(said.day, language), "to": said.to, "kind": words[f"dis_{said.kind}"],
        "what": ", ".join(namer.category(name) for name in said.categories), "law": said.law, "told": told,
        "ground": words[f"dis_ground_{said.ground}"], "by": said.decided_by,
    }  # fmt: skip


@staff_only("decide_disclosures")
@require_http_methods(["GET", "POST"])
@with_person
def add(request: HttpRequest, me: Member, at: House, who: Person) -> HttpResponse:
    """Enter what was given of the open person's data."""
    data, error, refused = request.POST, "", None
    if request.method == "POST":
        said, error = _entry(request, _today(at))
        if said is not None:
            try:
                trace.changed(me, "disclosure", at=at, ground=who.ground)  # not by name: it may be secret
                register.record(at, who.names, said, me.public_id, datetime.now(UTC))
                return to(request, "console_disclosures", said="disclosed")
            except UsageError as found:
                error, refused = "act_refused", found
    language, words = language_of(request), words_for(request)
    namer, chosen = Namer(at.policy, language), data.getlist("category")
    listed = [(name, namer.category(name), name in chosen) for name in register.categories_of(at.policy)]
    return draw(
        request, me, "disclosure_add", 400 if error else 200, error=error, refused=refused, room="disclosures",
        who=called(at.policy, who.identifiers, language),
        today=_today(at).isoformat(), most=LONGEST, form=data, told=data.get("told", "now"),
        kinds=[(name, words[f"dis_{name}"], name == data.get("kind")) for name in KINDS],
        grounds=[(name, words[f"dis_ground_{name}"], name == data.get("ground")) for name in GROUNDS],
        categories=sorted(listed, key=lambda one: one[1].casefold()),
    )  # fmt: skip


def _entry(request: HttpRequest, today: date) -> tuple[Entry | None, str]:
    """What was filled in, or the word for what is wrong."""
    data = request.POST
    try:
        day = date.fromisoformat(data.get("day", ""))
        told = {"now": today, "not": None}.get(data.get("told", ""), today)
        if data.get("told") == "day":
            told = date.fromisoformat(data.get("told_from", ""))
    except ValueError:
        return None, "hold_bad_day"
    kind, to_whom, law = data.get("kind", ""), data.get("to", "").strip(), data.get("law", "").strip()
    wanting = kind not in KINDS or not to_whom or data.get("ground") not in GROUNDS or not law
    if wanting or data.get("told") not in TOLD or not data.getlist("category"):
        return None, "dis_wanting"
    decided = data.get("decided_by", "").strip()
    return Entry(kind, to_whom, data["ground"], law, tuple(data.getlist("category")), day, decided, told), ""


@staff_only("decide_disclosures")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """One entry: the person may know of it from now on, or it was entered by mistake."""
    error, now = "", datetime.now(UTC)
    with house() as at:
        try:
            found = register.one(at, ref)
        except UsageError:
            raise Http404 from None
        act = request.POST.get("act", "")
        if request.method == "POST" and act in ("tell", "remove") and "sure" in request.POST:
            trace.changed(me, "disclosure", at=at, ground="release")
            if act == "tell":
                register.let_tell(at, ref, _today(at), me.public_id, now)
            else:
                register.remove(at, ref, me.public_id, now)
            return to(request, "console_disclosures", said="disclosure_told" if act == "tell" else "disclosure_removed")
        error = "not_sure" if request.method == "POST" else ""
        row = _row(at.policy, found, _today(at), language_of(request), words_for(request))
        secret = not found.may_be_told(_today(at))
    return draw(
        request, me, "disclosure", 400 if error else 200, error=error, room="disclosures", row=row, secret=secret
    )
