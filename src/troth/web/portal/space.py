"""The personal space: what is held, live; what stands in force; what was asked, with its dates and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.core.errors import TrothError, UsageError
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.policy.values import Duration
from troth.core.requests.machine import possible
from troth.core.requests.model import ENDED, Act, By, Channel, Request, Right
from troth.core.requests.route import systems_by_hand, terms_of, whole_scope
from troth.core.rights.information_words import spoken
from troth.core.rights.no_more import refused_with
from troth.desk import asked, deciding, deeds, directives, ended, hand, standing
from troth.desk.files import file_of, request_of
from troth.desk.gathered import Gathered, gather
from troth.desk.holdings import Holdings, holdings
from troth.desk.house import House, house
from troth.desk.models import File, Name
from troth.desk.preview import preview
from troth.desk.telling import reviewed
from troth.web.accounts.showing import asked_language
from troth.web.pages.published import kept
from troth.web.portal import copies, form, given, looks, sides, uses
from troth.web.portal.answers import handed
from troth.web.portal.correct import correct
from troth.web.portal.door import draw, words_for
from troth.web.portal.entering import colon_in, enter, language_of
from troth.web.portal.own import account_of, has_account
from troth.web.portal.sides import Side
from troth.web.portal.timeline import Timeline
from troth.web.portal.uses import Stands, Use
from troth.web.portal.visitor import Visitor, inside, proven, to_proof
from troth.web.wording import Words

_ORDER = (
    Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL, Right.RESTRICTION,
    Right.PORTABILITY, Right.HUMAN_REVIEW, Right.DIRECTIVES_AFTER_DEATH,
)  # fmt: skip


@inside
@require_safe
def me(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What can be asked, what was asked, what stands in force, and what is held."""
    language, words = language_of(request), words_for(request)
    with house() as at:
        held, trouble = _held(at, visitor, language)
        theirs, about = _asked_of(at, visitor, language)
        stands = uses.in_force(at, visitor, words)
        values: dict[str, Any] = {
            "stands": stands, "account": account_of(at.policy, visitor, language),
            "stays": uses.left(at, visitor, words), "clients": bool(at.policy.document.clients),
            "given": given.about(at, visitor, language), "looks": looks.about(at, visitor.identifiers, language),
            "will": directives.of(at, visitor.identifiers),
        }  # fmt: skip
        rights = [(_way_to(right), words[f"ask_{right}"]) for right in _offered(at.policy)]
    data = gather(held.sheets, {one.name: one.title for one in held.purposes}) if held is not None else Gathered()
    return draw(
        request, "me", held=held, data=data, uses=_uses(request, held, data, stands, words), trouble=trouble,
        colon=colon_in(language), asked=theirs, about=about, rights=rights, visitor=visitor,
        bare=[one.title for one in held.purposes if not one.tables] if held is not None else [],
        first_looks=values["looks"][:_LOOKS], more_looks=values["looks"][_LOOKS:],
        said=_said(request, stands, words), waiting_then=words.say("me_waiting_then", period=_period(words.language)),
        decides=[(_way_to(right), words[f"ask_{right}"]) for right in _offered(kept.get().policy) if right in _DECIDES],
        **values,
    )  # fmt: skip


def _uses(
    request: HttpRequest, held: Holdings | None, data: Gathered, stands: list[Stands], words: Words
) -> list[Use]:  # fmt: skip
    """Each purpose of which there is something to show, with what stands against it, and what can be done about it
    alone: erase it, object to it, withdraw the consent; or allow what is refused again."""
    policy = kept.get().policy
    rights = [right for right in _offered(policy) if right in form.NARROWED]
    language = asked_language(request).removeprefix("?")
    found = []
    for one in held.purposes if held is not None else ():
        if not one.tables:
            continue
        against = [no for no in stands if no.name == one.name and no.kind != "restriction"]
        fitting = [
            right for right in rights
            if right == Right.ERASURE or (not against and one.name in whole_scope(right, policy))
        ]  # fmt: skip
        ways = [
            (f"{reverse('me_ask', args=(right,))}?{'&'.join(filter(None, (language, f'purpose={one.name}')))}",
             words[f"one_{right}"])
            for right in fitting
        ]  # fmt: skip
        frozen = [no for no in stands if no.kind == "restriction"]
        found.append(uses.use(one, data.what[one.name], against, frozen, ways, words))
    return found


def _said(request: HttpRequest, stands: list[Stands], words: Words) -> str:
    """What has just been done. The end of a freeze is not the end of what was refused."""
    name = request.GET.get("said", "")
    if name not in _SAID:
        return ""
    refused = [one.title for one in stands if one.title] if name == "lifted_restriction" else []
    more = [words.say("freeze_still_refused", what=", ".join(dict.fromkeys(refused)))] if refused else []
    return " ".join([words[f"said_{name}"], *more])


def _period(language: str) -> str:
    """How long an answer takes at most, in words."""
    return spoken(terms_of(kept.get().policy).promise or Duration(1))["fr" if language == "fr" else "en"]


_LOOKS = 5
"""Looks of staff that are to be seen at once."""
_NOES = (Right.OBJECTION, Right.WITHDRAWAL, Right.RESTRICTION)
"""What can be taken back at any time."""
_DECIDES = (Right.ACCESS, Right.ERASURE)
"""Rights whose use makes a human decide about rows that may also concern somebody else."""
_SAID = ("lifted_restriction", "lifted_objection", "lifted_withdrawal", "proven", "directives", "directives_gone")
"""What the page may be asked to say by its address."""


def _held(at: House, visitor: Visitor, language: str) -> tuple[Holdings | None, bool]:
    """What is held; and whether that cannot be told just now."""
    try:
        return holdings(at, visitor.identifiers, language, datetime.now(UTC)), False
    except TrothError:
        return None, True


@proven
@require_http_methods(["GET", "POST"])
def lift(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The person takes back what they had put in force. Before a consent that was withdrawn counts again they read what
    it is for and who receives the data: it is a new consent (GDPR Articles 4(11) and 7)."""
    if request.method != "POST":  # they come from showing again who they are
        return _to_me(request, "proven")
    kind, name = request.POST.get("kind", ""), request.POST.get("name", "")
    if kind not in ("restriction", "objection", "withdrawal"):
        raise Http404
    if kind == "withdrawal" and "sure" not in request.POST:
        return _allowing(request, name)
    with house() as at:
        try:
            standing.lift(at, visitor.identifiers, kind, name, datetime.now(UTC))
        except UsageError:  # it had ended already, or is not theirs to end
            raise Http404 from None
        except TrothError:
            return draw(request, "unlifted", 503)
    return _to_me(request, f"lifted_{kind}")


def _allowing(request: HttpRequest, name: str) -> HttpResponse:
    """What they would consent to again."""
    policy, language = kept.get().policy, language_of(request)
    purpose = policy.purposes.get(name)
    if purpose is None:
        raise Http404
    known = policy.document.recipients
    return draw(
        request, "allow", name=name, purpose=purpose.title.get(language) or next(iter(purpose.title.values())),
        recipients=[known[one].name for one in purpose.recipients],
    )  # fmt: skip


def _to_me(request: HttpRequest, said: str) -> HttpResponse:
    query = "&".join(filter(None, [asked_language(request).removeprefix("?"), f"said={said}"]))
    return HttpResponseRedirect(f"{reverse('me')}?{query}")


@inside
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, visitor: Visitor, right: str) -> HttpResponse:
    """One right: what it means, what would happen, and the button."""
    policy = kept.get().policy
    wanted = next((one for one in _offered(policy, every=True) if one == right), None)
    if wanted is None:
        raise Http404
    if wanted == Right.DIRECTIVES_AFTER_DEATH:
        return HttpResponseRedirect(reverse("me_directives") + asked_language(request))
    if _has_no_object(policy, wanted):
        words = words_for(request)
        return draw(request, "idle", title=words[f"ask_{wanted}"], said=words[f"idle_{wanted}"])
    if wanted in (Right.ACCESS, Right.PORTABILITY, Right.ERASURE):
        return _asked_with_proof(request, wanted)
    if wanted == Right.RECTIFICATION:
        # Before anything is typed: what is sent later needs it only where it changes who is found.
        return correct(request, visitor) if request.method == "POST" else _corrected_with_proof(request)
    return _asked(request, visitor, wanted)


@proven
def _corrected_with_proof(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The form, for whoever has shown a short while ago who they are."""
    return correct(request, visitor)


@proven
def _asked_with_proof(request: HttpRequest, visitor: Visitor, right: Right) -> HttpResponse:
    """Before data leaves or goes, fresh proof of who it is."""
    return _asked(request, visitor, right)


def _asked(request: HttpRequest, visitor: Visitor, right: Right) -> HttpResponse:
    language = language_of(request)
    error = ""
    with house() as at:
        read = form.read(request, at.policy, right)
        shown = _previewed(at, visitor, read, language) if right == Right.ERASURE else {}
        held = None
        if right in form.NARROWED:
            held, _ = _held(at, visitor, language)
            held = None if held is None or held.away else held
        choices = form.choices(at.policy, right, read, language, held)
        if request.method == "POST" and not read.preview and not shown.get("idle"):
            error = "changed" if read.unseen else f"lacks_{read.lacks}"
            if right == Right.ERASURE and not read.chosen and choices["purposes"]:
                error = "lacks_which"
            elif read.complete:
                outcome = enter(at, request, visitor, right, scope=read.meant, message=read.message, kinds=read.kinds)
                if isinstance(outcome, HttpResponse):
                    return outcome
                error = outcome
    words = words_for(request)
    then = words["ask_then_no"] if right in _NOES else words.say("ask_then", period=_period(language))
    lacks = error.removeprefix("lacks_") if error.startswith("lacks_") else "sure" if error == "changed" else ""
    return draw(
        request, "ask", 400 if error else 200, error=error, lacks=lacks, title=words[f"ask_{right}"],
        everything=words[f"everything_{right}"] if right in form.EXPLICIT else "", right=str(right), read=read,
        do=words[f"do_ask_{right}"], then=then,
        said=words[f"means_{right}"], keeps_tick=error and not lacks,
        colon=colon_in(language), **choices, **shown,
    )  # fmt: skip


def _previewed(at: House, visitor: Visitor, read: form.Read, language: str) -> dict[str, Any]:
    """What would go and stay; where that cannot be told now, that it will be looked at before anything is done."""
    found: dict[str, Any] = {
        "seen": form.mark(read), "own_account": has_account(at.policy, visitor),
        "nothing": uses.nothing(at, visitor, Words("portal", language)),
        "copies": copies.waiting(at, visitor, language),
    }  # fmt: skip
    try:
        seen = found["preview"] = preview(
            at, visitor.identifiers, read.meant, language, datetime.now(UTC), categories=read.kinds
        )  # fmt: skip
    except TrothError:
        return {**found, "unseeable": True}
    by_hand = systems_by_hand(Right.ERASURE, at.policy.document.rights or Rights())
    no_more = not read.kinds and bool(refused_with(at.policy, read.meant))
    instead = _instead(at.policy, read.meant, language)
    return {**found, "idle": seen.idle and not by_hand, "instead": instead, "no_more": no_more}


def _instead(policy: Policy, scope: frozenset[str], language: str) -> list[tuple[str, str]]:
    """Where erasing nothing helps: the ways to have these uses stopped."""
    words, found = Words("portal", language), []
    for right in _offered(policy):
        names = sorted(scope & whole_scope(right, policy)) if right in form.NAMED else []
        if names:
            query = urlencode([("lang", language), *(("purpose", name) for name in names)])
            found.append((f"{reverse('me_ask', args=(right,))}?{query}", words[f"one_{right}"]))
    return found


@inside
@require_safe
def one(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """A request on its timeline."""
    words, language = words_for(request), language_of(request)
    with house() as at:
        found = _mine(at, visitor, ref)
        _, who = file_of(at, ref, datetime.now(UTC))
        side = sides.side_of(found, who, visitor)
        timeline = Timeline(at.policy, found, language, side, ended.ends_of(at, found), deeds.deeds_of(at, found))
        late = "late" in request.GET and found.begun
        account = found.right == Right.ERASURE and side != Side.SPEAKER and has_account(at.policy, visitor)
        seen, waits = looks.of_request(at, visitor.identifiers, ref, language), copies.package_of(at, visitor, ref)
        wanted, values = _wanted(at, found, language)
        return draw(
            request, "request", 409 if late else 200, title=sides.titled(words, found, side), line=timeline.line(),
            uses=wanted, everything=found.right == Right.ERASURE and not (wanted or found.categories), values=values,
            kinds=asked.kinds(at.policy, found, language),
            about=side == Side.PERSON, facts=sides.facts(at.policy, found, who, side, words),
            objecting=sides.objecting(at.policy, found, words) if side == Side.PERSON else "",
            review=[] if found.open else reviewed(at, found, language), timeline=timeline.moments(),
            told=timeline.told(), next=timeline.next(), own_account=account, looks=seen,
            may_withdraw=Act.WITHDRAWN in possible(found, By.PERSON) and sides.may_withdraw(found, side),
            error="too_late" if late else "", waits=waits, deletable=copies.deletable(waits),
        )  # fmt: skip


def _wanted(at: House, request: Request, language: str) -> tuple[list[str], list[tuple[str, str]]]:
    """What they themselves asked for here: the uses, and the fields with their right values. What staff entered, or
    somebody else in their name, is that person's writing."""
    named = asked.narrowed(at.policy, request, language)
    if request.right != Right.RECTIFICATION or request.channel != Channel.PORTAL or request.behalf is not None:
        return named, []
    _, who = file_of(at, request.ref, datetime.now(UTC))
    return named, asked.corrections(at.policy, who, language)


@inside
@require_http_methods(["GET", "POST"])
def package(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponseBase:
    """Fetch the package without the mail: whoever it is for, after showing again who they are."""
    with house() as at:
        found = copies.package_of(at, visitor, _mine(at, visitor, ref).ref)
    if found is None:
        raise Http404
    if request.method != "POST":  # they come from showing it
        return HttpResponseRedirect(reverse("me_request", args=(ref,)) + asked_language(request))
    return handed(found) if visitor.fresh else to_proof(request, visitor)


@inside
@require_POST
def package_delete(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """Destroy it before its last day: it was fetched, or is not wanted any more."""
    with house() as at:
        if not copies.deletable(copies.package_of(at, visitor, _mine(at, visitor, ref).ref)):
            raise Http404
        hand.destroy(at, ref, datetime.now(UTC))
    return HttpResponseRedirect(reverse("me_request", args=(ref,)) + asked_language(request))


@inside
@require_POST
def withdraw(request: HttpRequest, visitor: Visitor, ref: str) -> HttpResponse:
    """The person does not want it any more."""
    with house() as at:
        found = _mine(at, visitor, ref)
        _, who = file_of(at, ref, datetime.now(UTC))
        side = sides.side_of(found, who, visitor)
        if not sides.may_withdraw(found, side):
            raise Http404
        late = False
        if found.state not in ENDED:
            try:
                deciding.withdraw(at, found.ref, datetime.now(UTC), By.PERSON, "" if side == Side.OWN else str(side))
            except UsageError:  # the stores are being touched, or it ended while the page was read
                late = True
    query = "&".join(filter(None, [asked_language(request).removeprefix("?"), "late=1" if late else ""]))
    return HttpResponseRedirect(reverse("me_request", args=(ref,)) + (f"?{query}" if query else ""))


def _way_to(right: Right) -> str:
    """The page of a right."""
    return reverse("me_directives") if right == Right.DIRECTIVES_AFTER_DEATH else reverse("me_ask", args=(right,))


def _offered(policy: Policy, *, every: bool = False) -> list[Right]:
    """The rights that the policy speaks of; of those that would stop nothing only with ``every``."""
    offered = (policy.document.rights or Rights()).offered
    return [right for right in _ORDER if right in offered and (every or not _has_no_object(policy, right))]


def _has_no_object(policy: Policy, right: Right) -> bool:
    """An objection or a withdrawal where no purpose can be objected to, or rests on consent."""
    return right in (Right.OBJECTION, Right.WITHDRAWAL) and not whole_scope(right, policy)


def _files(at: House, visitor: Visitor) -> list[Request]:
    """Every request about them, whoever entered it and in whatever spelling; and those that they made for others."""
    hashes = at.records.state.keys.vault.indexes(visitor.identifiers)
    rows = File.objects.filter(pk__in=Name.objects.filter(hash__in=hashes).values("file"))
    return [request_of(row) for row in rows.order_by("-received")]


def _asked_of(at: House, visitor: Visitor, language: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What they asked for, for themselves or for others; and what others ask for in their place."""
    theirs: list[dict[str, Any]] = []
    about: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    for one in _files(at, visitor):
        side = Side.OWN if one.behalf is None else sides.side_of(one, file_of(at, one.ref, now)[1], visitor)
        (about if side == Side.PERSON else theirs).append(Timeline(at.policy, one, language, side).line())
    return theirs, about


def _mine(at: House, visitor: Visitor, ref: str) -> Request:
    """A request of this very person; anybody else's does not exist."""
    found = next((one for one in _files(at, visitor) if one.ref == ref), None)
    if found is None:
        raise Http404
    return found
