"""The room of requests: the list, and one of them with who asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.core.errors import TrothError, UsageError
from troth.core.law.bases import DELAY_REASONS, REFUSAL_REASONS
from troth.core.policy.model import Policy
from troth.core.requests.clock import Clock
from troth.core.requests.clock import clock as clock_of
from troth.core.requests.machine import happen, possible
from troth.core.requests.model import Act, By, Channel, Happened, Request, Right, State
from troth.core.requests.route import Stop, terms_of
from troth.core.rights.information_words import spoken
from troth.desk import byhand
from troth.desk.ahead import Ahead, ahead, ahead_of
from troth.desk.asked import kinds
from troth.desk.client import client_name
from troth.desk.fields import fields_of
from troth.desk.files import file_of, request_of
from troth.desk.foretold import Foreseen, foresee
from troth.desk.house import House, house
from troth.desk.models import File
from troth.desk.particulars import Particulars
from troth.desk.telling import spelt
from troth.desk.way import BY_HAND, SHARED
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.console import trace
from troth.web.console.acts import barred, offered
from troth.web.console.assigning import OTHER, colleagues, whose
from troth.web.console.client import handed_on
from troth.web.console.drawing import draw, language_of, stores_called, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.lines import left, lines, mark_of, open_rows, waits_for_staff, waits_in_words
from troth.web.console.models import Look, Staff
from troth.web.console.outcome import outcome_of
from troth.web.console.papers import links
from troth.web.console.review import followed
from troth.web.console.saying import said
from troth.web.pages.published import kept
from troth.web.wording import Words

FILTERS = ("open", "late", "mine", "waiting", "ended")
_PAGE = 50
_NEAR = timedelta(seconds=30)
"""An act is put on record right before it is done, by one press of a button."""


@staff_only("answer_requests")
@require_safe
def requests(request: HttpRequest, me: Member) -> HttpResponse:
    """What people have asked for. Nobody is named: who asks is on the page of each."""
    which = request.GET.get("show", "open")
    which = which if which in FILTERS else "open"
    words, policy = words_for(request), kept.get().policy
    pages = Paginator(_rows(which, policy, words, me), _PAGE)
    shown = pages.get_page(request.GET.get("page"))
    tabs = [(name, words[f"show_{name}"], name == which) for name in FILTERS]
    return draw(
        request, me, "requests", room="requests", tabs=tabs, which=which, pages=shown, none=words[f"none_{which}"],
        lines=lines(shown.object_list, policy, words, language_of(request), me),
    )  # fmt: skip


def _rows(which: str, policy: Policy, words: Words, me: Member) -> Any:
    if which == "ended":
        return File.objects.filter(settled__isnull=False).order_by("-settled")
    if which == "late":
        today = terms_of(policy).day(datetime.now(UTC))
        return open_rows().filter(due__lt=today).exclude(state=State.IDENTITY_AWAITED)
    if which in ("mine", "waiting"):
        rows, known = list(open_rows()), colleagues(policy)
        waits = ahead_of(row.ref for row in rows)
        found = [row for row in rows if row.ref in waits and waits_for_staff(request_of(row), waits[row.ref])]
        if which == "waiting":
            return found
        return [row for row in found if whose(row, waits[row.ref], policy, known, words, me).who != OTHER]
    return open_rows()


@staff_only("answer_requests")
@require_safe
def one(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """A request: who asks, what would be done, what has happened, and what can be done now."""
    now, words, language = datetime.now(UTC), words_for(request), language_of(request)
    with house() as at:
        opened, who = opened_for(me, at, ref, now)
        row, coming, found = File.objects.get(ref=ref), ahead(ref), opened.request
        acts = offered(found, row, coming, opened.clock, at.policy, now)
        seen = outlook(at, found, who, language, now) if found.open else {}
        foreseen = seen.get("foreseen")
        stops = barred(me, ref, who, foreseen) if "approve" in acts else ""
        waits = waits_in_words(found, coming, at.policy, words, language)
        if "approve" in acts and foreseen is not None and foreseen.only_doubt:
            # Whose they are is said first, and that is the approval.
            acts, waits = ["share" if name == "approve" else name for name in acts], words["waits_shared"]
        values = {
            "line": _heading(found, coming, opened.clock, at.policy, words, language, now),
            "waits": waits, "coming": coming,
            "who": person(at, found, who, row, words, language), "hands": hands(at, ref, words, language),
            "whose": whose(row, coming, at.policy, colleagues(at.policy), words, me).said if found.open else "",
            "facts": facts(at, found, opened.clock, words, language, extends="extend" in acts),
            "timeline": timeline(at.policy, found, words, language),
            "acts": [(name, words[f"act_{name}"]) for name in acts if not (stops and name in ("approve", "share"))],
            "barred": words[stops] if stops else "", "papers": links(me, found, at, words),
            **handed_on(at, found, who, words, language), **followed(at, found, words, language),
            **outcome_of(at, found, who, language, by_post=byhand.was_done(ref, Stop.ANSWER)),
            **seen,
        }  # fmt: skip
    return draw(request, me, "request", room="requests", title=words[f"kind_{found.right}"], ref=ref, **values)


def opened_for(me: Member, at: House, ref: str, now: datetime) -> tuple[Any, Particulars]:
    """The file of a request, on record before anything of it is shown. Raises Http404, EvidenceError."""
    try:
        opened, who = file_of(at, ref, now)
    except UsageError:
        raise Http404 from None
    trace.seen(me, "request", at=at, ref=ref, person=who.identifiers, ground="request")
    return opened, who


def outlook(at: House, found: Request, who: Particulars, language: str, now: datetime) -> dict[str, Any]:
    """What carrying out would do; why it cannot be told where it cannot."""
    if found.begun or found.controller:
        return {}
    try:
        foreseen = foresee(at, found, who, language, now)
    except TrothError as error:
        foreseen = Foreseen(why_not=((error.message, error.remedy),))
    if any(one.reference == SHARED for one in found.history) and ahead(found.ref).what != SHARED:
        foreseen = replace(foreseen, waiting=0)  # somebody has said whose they are
    words = Words("console", language)
    return {
        "foreseen": foreseen if foreseen != Foreseen() else None,
        "away": stores_called(at.policy, foreseen.away, language),
        "why_not": [said(*one, language) for one in foreseen.why_not],
        "doubts": [(one.place, one.field, words[one.doubt]) for one in foreseen.writes if one.doubt],
    }  # fmt: skip


def _heading(
    found: Request, coming: Ahead, clock: Clock, policy: Policy, words: Words, language: str, now: datetime
) -> dict[str, Any]:
    today = terms_of(policy).day(now)
    late = clock.running and clock.due < today
    return {
        "mark": mark_of(found, late), "late": late, "open": found.open,
        "state": words["state_again" if coming.again else f"state_{found.state}"],
        "due": locale.day(clock.due, language) if clock.running else "",
        "left": left(clock.due, today, words) if clock.running else "",
    }  # fmt: skip


def person(
    at: House, found: Request, who: Particulars, row: Any, words: Words, language: str
) -> list[tuple[str, str, bool]]:  # fmt: skip
    """Who asks, and what they wrote: (label, value, whether it is the person's own text)."""
    namer = Namer(at.policy, language)
    said = [(namer.identifier(kind), value, False) for kind, value in who.identifiers]
    how = words[f"proof_{row.verified}"] if words.has(f"proof_{row.verified}") else row.verified
    said.append((words["f_verified"], how or words["verified_not"], False))
    said.append((words["f_answer_to"], who.answer_to or words["answer_by_post"], False))
    if found.behalf:
        said.append((words["f_behalf"], words[f"behalf_{found.behalf}"], False))
    if who.speaker:
        said.append((words["f_speaker"], who.speaker, True))
    said += [
        (words.say("f_correction", field=_field_title(at.policy, name, language)), value, True)
        for name, value in who.said
    ]
    if who.message:
        said.append((words["f_message"], who.message, True))
    return said


def _field_title(policy: Policy, name: str, language: str) -> str:
    """What people call a field; its own name where the policy does not know it."""
    titles = fields_of(policy, language)
    return next((title for full, title in titles if full == name or full.endswith(f".{name}")), name)


def facts(
    at: House, found: Request, clock: Clock, words: Words, language: str, *, extends: bool = True
) -> list[tuple[str, str]]:  # fmt: skip
    """How it came, what it is limited to, and by which days it is counted. ``extends``: it may still take longer."""
    said = [
        (words["f_received"], arrived(at.policy, found, language)),
        (words["f_channel"], words[f"channel_{found.channel}"]),
    ]
    titles = (at.policy.purposes[name].title for name in sorted(found.scope) if name in at.policy.purposes)
    scope = ", ".join(title.get(language) or next(iter(title.values())) for title in titles)
    if scope:
        said.append((words["f_scope"], scope))
    if found.categories:
        said.append((words["f_kinds"], ", ".join(kinds(at.policy, found, language))))
    if found.controller:
        said.append((words["f_client"], client_name(at.policy, found.controller)))
    if found.open:
        said.append((words["f_law"], locale.day(clock.limit, language)))
        if clock.promised is not None:
            said.append((_promise(at, found, words, language), locale.day(clock.promised, language)))
        said += _extension(at, found, clock, words, language) if extends else []
    return said


def _promise(at: House, found: Request, words: Words, language: str) -> str:
    """What the policy promises; after an extension with the two months that are no part of its promise."""
    period = terms_of(at.policy, found.controller).promise
    if found.extended_at is None or period is None:
        return words["f_promised"]
    return words.say("f_promised_longer", period=spoken(period)["fr" if language.startswith("fr") else "en"])


def _extension(at: House, found: Request, clock: Clock, words: Words, language: str) -> list[tuple[str, str]]:
    """Until when it may take if the person is told in time; nothing where that is over, or was done."""
    now, terms = datetime.now(UTC), terms_of(at.policy, found.controller)
    if clock.extend_by is None or terms.day(now) > clock.extend_by or Act.EXTENDED not in possible(found, By.STAFF):
        return []
    longer = clock_of(happen(found, Happened(Act.EXTENDED, now, By.STAFF, ("complexity",)), terms), terms, now)
    label = words.say("f_extend_by", day=locale.day(clock.extend_by, language))
    return [(label, locale.day(longer.due, language))]


def timeline(policy: Policy, found: Request, words: Words, language: str) -> list[tuple[str, str, str]]:
    """What has happened: when, what, and the reasons that were given."""
    doers = _doers(found)
    told = [(arrived(policy, found, language), words["happened_received"], "")]
    for one in found.history:
        reasons = [reason_in_words(code, language) for code in one.reasons]
        if one.reference:
            proof = f"proof_{one.reference}"
            named = one.reference not in (SHARED, BY_HAND)
            reasons += [words[proof] if words.has(proof) else one.reference] if named else []
        who = "" if one.by == "troth" else doers.get(one.at) or words[f"by_{one.by}"]
        what = words[f"happened_{_deed(found, one)}"] + (f" ({who})" if who else "")
        told.append((spelt(policy, one.at, language), what, " · ".join(reasons)))
    return told


def arrived(policy: Policy, found: Request, language: str) -> str:
    """When it came; of one that somebody has entered, the day: nobody has said at which hour."""
    if found.channel in (Channel.PORTAL, Channel.API):
        return spelt(policy, found.received, language)
    return locale.day(terms_of(policy).day(found.received), language)


def _deed(found: Request, one: Happened) -> str:
    """What an act is called: a yes to the whole, or to one thing only (``reference``)."""
    if one.act != Act.APPROVED or not one.reference:
        return str(one.act)
    if one.reference == SHARED:
        return "shared"
    first = next(h for h in found.history if h.act == Act.APPROVED and h.reference not in ("", SHARED))
    return "reviewed" if found.right == Right.HUMAN_REVIEW and one is first else "by_hand"


def _doers(found: Request) -> dict[datetime, str]:
    """Which colleague did what of it at the console, by when: known as long as the trace of it is kept."""
    rows = Look.objects.filter(ref=found.ref, kind="changed", what__startswith="request.").select_related("staff__user")
    looks = [(row.at, row.staff.user.email) for row in rows.order_by("at") if row.staff.user is not None]
    doers: dict[datetime, str] = {}
    for one in found.history:
        near = [email for at, email in looks if timedelta() <= at - one.at < _NEAR]
        if near and one.by == By.STAFF:
            doers[one.at] = near[0]
    return doers


def hands(at: House, ref: str, words: Words, language: str) -> list[dict[str, str]]:
    """What was done by hand: what, when, by whom, and what shows it."""
    emails = dict(Staff.objects.filter(user__isnull=False).values_list("public_id", "user__email"))
    return [
        {
            "what": words[f"was_{row.stop}"] + ("" if row.found else f" – {words['hand_not_found']}"),
            "when": spelt(at.policy, row.at, language), "who": emails.get(row.who, words["hand_command"]),
            "number": row.number, "note": note,
        }
        for row, note in byhand.hands(at, ref)
    ]  # fmt: skip


def reason_in_words(code: str, language: str) -> str:
    """The text of a coded reason, as people are told it."""
    found = REFUSAL_REASONS.get(code) or DELAY_REASONS.get(code)
    return str(found.text[language]) if found is not None else code
