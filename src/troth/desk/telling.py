"""What the person, the recipients and a controller are told, by mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from troth.core.evidence.leaf import Event
from troth.core.law.authorities import authority
from troth.core.law.bases import DELAY_REASONS, REFUSAL_REASONS
from troth.core.requests.model import Act, Behalf, Request, Right, State
from troth.core.requests.route import terms_of
from troth.desk.asked import corrected, identifier, narrowed
from troth.desk.kept import answered
from troth.desk.models import Package
from troth.package.locale import day as spelt_day
from troth.package.locale import size as spelt_size
from troth.publishing.ways import SPACE, has_space
from troth.web.addresses import site_address
from troth.web.mail.errors import MailRefused
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.requests.clock import Clock
    from troth.desk.documents import Asked
    from troth.desk.house import House
    from troth.desk.particulars import Particulars

LOCAL = "http://localhost:8440"
"""Where `troth serve` listens unless told otherwise."""

_WHY = {"hold": "legal_obligation_or_public_task", "manual": "legal_claims", "purpose": "no_ground"}
"""The law's reason for each kind of keeping; where an older event tells none it was most likely a hold."""


def spelt(policy: Policy, at: datetime, language: str) -> str:
    """A day and a time by the clocks where the publisher is, to the minute."""
    local = at.astimezone(ZoneInfo(policy.timezone))
    return f"{spelt_day(local.date(), language)}{' à ' if language == 'fr' else ', '}{local:%H:%M}"


def reasons_of(request: Request, result: Mapping[str, Any]) -> tuple[str, ...]:
    """Why part of an erasure is refused: something is kept because the law, a claim or a purpose that goes on asks
    for it. Empty when nothing is kept."""
    if request.right != Right.ERASURE:
        return ()
    kept = [one[2] for one in result.get("kept", ())]
    known = {_WHY[kind] for kind in kept if kind in _WHY}
    return tuple(sorted(known)) if known or not kept else (_WHY["hold"],)


def answer(at: House, request: Request, who: Particulars, result: Mapping[str, Any], now: datetime) -> bool:
    """Tell the person how it ended; False where there is no address to write to (an answer by post is a matter of
    staff). Raises MailRefused."""
    if not who.answer_to:
        return False
    from troth.web.mail.messages import compose, send, the_same

    language = _language(at, who)
    words = Words("portal", language)
    packed = request.right in (Right.ACCESS, Right.PORTABILITY)
    package = Package.objects.filter(file__ref=request.ref).first() if packed else None
    button = None
    paragraphs = [_opening(at.policy, words, request, language), *_told(at.policy, words, request, result, language)]
    if package is not None and package.secret:
        secret = at.records.state.keys.vault.open(bytes(package.secret), f"desk/{request.ref}/link").decode()
        button = (words.say("fetch"), f"{site_address(at.policy) or LOCAL}/answers/{secret}")
        paragraphs.append(words.say(
            "package", size=spelt_size(package.size, language), until=spelt(at.policy, package.until, language)
        ))  # fmt: skip
    if button is None and has_space(at.policy) and not who.elsewhere:
        button = (words["to_space"], f"{site_address(at.policy) or LOCAL}{SPACE}")
        paragraphs += _way_back(words, request, result)
    paragraphs.append(_remedies(at, words, request, language))
    message = compose(
        who.answer_to, words.say("subject_behalf" if request.behalf else f"subject_{request.right}"), paragraphs,
        language=language, button=button,
        footer=[
            words.say("reference", ref=request.ref),
            words.say("evidence", page=f"{site_address(at.policy) or LOCAL}/proof"),
        ],
    )  # fmt: skip
    message.attach("checkpoint.txt", at.records.state.checkpoint(), "text/plain")
    send(the_same(message, f"{request.ref}.answer"))
    if package is not None:
        Package.objects.filter(pk=package.pk).update(secret=None)
    return True


def _way_back(words: Words, request: Request, result: Mapping[str, Any]) -> list[str]:
    """How the person takes back what now stands in force."""
    stands = request.state == State.ANSWERED and not any(result.get(one) for one in ("idle", "nobody", "over"))
    return [words[f"back_{request.right}"]] if stands and words.has(f"back_{request.right}") else []


def waiting(at: House, request: Request, who: Particulars, found: Clock, asked: Asked | None = None) -> bool:
    """Tell the person that their request waits for who they are, or takes longer, and until when; False where there is
    no address to write to. ``asked``: where a copy of an identity document is sent to. Raises MailRefused."""
    if not who.answer_to:
        return False
    from troth.web.mail.messages import compose, send

    language = _language(at, who)
    words = Words("portal", language)
    last = request.history[-1]
    said = waiting_lines(at, request, who, found, asked)
    button = None
    if asked is not None:
        button = (words.say("document_send"), f"{site_address(at.policy) or LOCAL}/identity/{asked.secret}")
    footer, subject = [words.say("reference", ref=request.ref)], words.say(f"subject_{last.act}")
    send(compose(who.answer_to, subject, said, language=language, footer=footer, button=button))
    return True


def waiting_lines(
    at: House, request: Request, who: Particulars, found: Clock, asked: Asked | None = None
) -> list[str]:  # fmt: skip
    """What ``waiting`` tells."""
    language = _language(at, who)
    words = Words("portal", language)
    last = request.history[-1]
    right = words.say(f"right_{request.right}")
    said = [words.say(f"told_{last.act}", right=right, day=_day(at.policy, request, language))]
    said += [f"– {DELAY_REASONS[reason].text[language]}" for reason in last.reasons]
    if asked is not None:
        return [
            *said,
            words["document_wanted"],
            words.say("document_until", day=spelt(at.policy, asked.until, language)),
        ]
    whose = "_behalf" if request.behalf and last.act == Act.IDENTITY_ASKED else ""
    return [*said, words.say(f"then_{last.act}{whose}", due=spelt_day(found.due, language))]


def refusal_lines(at: House, request: Request, who: Particulars) -> list[str]:
    """What somebody is told whose request was refused."""
    return letter_lines(at, request, who, {})


def letter_lines(at: House, request: Request, who: Particulars, result: Mapping[str, Any]) -> list[str]:
    """An answer as a letter: what ``answer`` tells, for staff to send by post."""
    language = _language(at, who)
    words = Words("portal", language)
    opening = _opening(at.policy, words, request, language)
    return [opening, *_told(at.policy, words, request, result, language), _remedies(at, words, request, language)]


def recipients_of(at: House, request: Request) -> list[str]:
    """Everybody who receives the data of the purposes in question, by their names in the policy. A purpose that no data
    of the person serves is none of them: its recipients would learn of somebody whom they never knew."""
    purposes = (request.scope or set(at.policy.purposes)) & _served(at, request)
    return sorted({r for p in purposes for r in at.policy.purposes[p].recipients})


def _served(at: House, request: Request) -> set[str]:
    """The purposes of the collections in which the request found rows, as its intention in the ledger tells; without
    one (a restriction), those of all that is mapped."""
    bodies = [body for kind, body in at.records.state.events_of(request.ref) if kind.endswith(".intended") and body]
    steps = [step for body in bodies for step in cast("list[list[Any]]", body.get("steps", []))]
    places = {(store, collection) for store, collection, _, rows in (step[:4] for step in steps) if rows}
    return {
        purpose
        for store in at.policy.stores.values()
        for name, collection in store.collections.items() if not places or (store.name, name) in places
        for purpose in (*collection.purposes, *(p for one in collection.fields for p in one.purposes))
    }  # fmt: skip


def told_by_hand(at: House, names: Sequence[str]) -> list[str]:
    """Those of these that the policy tells by post, or by an interface of their own that Troth does not know: a member
    of staff does it and says so."""
    known = at.policy.document.recipients
    notices = {name: getattr(known[name], "notices", None) for name in names}
    return [name for name, one in notices.items() if one is not None and one.by in ("post", "api")]


def tell_recipients(
    at: House, request: Request, who: Particulars, now: datetime, told: list[str], note: Callable[[], None],
    *, names: Sequence[str], patient: bool, by_hand: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """Article 19: tell the recipients in ``names`` (``recipients_of``), or record who was not told.

    ``told`` are those who know already; ``note`` keeps the list; ``by_hand`` were told by staff. Raises MailRefused
    while ``patient``; afterwards whose mail is refused was not told, and the person is not kept waiting for them.
    """
    not_told = []
    language = at.policy.authoritative
    known = ", ".join(f"{identifier(at.policy, kind, language)} {value}" for kind, value in who.identifiers)
    what = ", ".join(corrected(at.policy, who, language))
    for name in (one for one in names if one not in (*told, *by_hand)):
        notices = getattr(at.policy.document.recipients[name], "notices", None)
        if notices is None or notices.by != "email" or not notices.to:
            not_told.append(name)
            continue
        try:
            _tell_recipient(at, request, notices.to, known, what)
        except MailRefused:
            if patient:
                raise
            not_told.append(name)
            continue
        told.append(name)
        note()
    every = sorted([*told, *by_hand])
    at.records.note(Event("recipients.told", now, {"request": request.ref, "told": [*every], "not_told": [*not_told]}))
    return {"told": [*every], "not_told": not_told, "by_hand": [*by_hand]}


def _tell_recipient(at: House, request: Request, to: str, known: str, what: str) -> None:
    from troth.web.mail.messages import compose, send, the_same

    language = at.policy.authoritative
    words = Words("portal", language)
    text = [
        words.say(f"recipient_{request.right}", person=known, what=what),
        words.say("recipient_reference", ref=request.ref),
    ]
    message = compose(to, words.say("recipient_subject"), text, language=language)
    send(the_same(message, f"{request.ref}.recipient.{sha256(to.encode()).hexdigest()[:12]}"))


def forward(at: House, request: Request, who: Particulars) -> None:
    """Hand a request on to the controller whose processor the publisher is. Raises MailRefused."""
    from troth.web.mail.messages import compose, send, the_same

    client = at.policy.document.clients[request.controller]
    language = at.policy.authoritative
    words = Words("portal", language)
    lines = [f"{kind}: {value}" for kind, value in who.identifiers]
    text = [
        words.say("forward", right=words.say(f"right_{request.right}"), day=_day(at.policy, request, language)),
        "\n".join(lines), *([who.message] if who.message else []), words.say("forward_end"),
    ]  # fmt: skip
    message = compose(str(client.contact), words.say("forward_subject", ref=request.ref), text, language=language)
    send(the_same(message, f"{request.ref}.forward"))


def forwarded(at: House, request: Request, who: Particulars) -> bool:
    """Tell the person who decides about their data and will answer; False where there is no address to write to.
    Raises MailRefused."""
    if not who.answer_to:
        return False
    from troth.web.mail.messages import compose, send, the_same

    client = at.policy.document.clients[request.controller]
    language = _language(at, who)
    words = Words("portal", language)
    right = words.say(f"right_{request.right}")
    said = [
        words.say("forwarded", right=right, day=_day(at.policy, request, language), client=client.name),
        words.say("forwarded_then", client=client.name, contact=client.contact),
        _remedies(at, words, request, language),
    ]
    footer = [words.say("reference", ref=request.ref)]
    message = compose(who.answer_to, words.say("subject_forwarded"), said, language=language, footer=footer)
    send(the_same(message, f"{request.ref}.forwarded"))
    return True


def _day(policy: Policy, request: Request, language: str) -> str:
    return spelt_day(terms_of(policy).day(request.received), language)


def _opening(policy: Policy, words: Words, request: Request, language: str) -> str:
    say = "opening_behalf" if request.behalf in (Behalf.PARENT, Behalf.MANDATE, Behalf.HEIR) else "opening"
    right = words.say(f"right_{request.right}")
    return words.say(say, right=right, day=_day(policy, request, language))


def _told(policy: Policy, words: Words, request: Request, result: Mapping[str, Any], language: str) -> list[str]:
    if request.state == State.REFUSED:
        return [words.say("refused"), *reasons_in(request, language)]
    if result.get("nobody"):
        return [words.say("nobody_behalf" if request.behalf else "nobody")]
    if result.get("idle"):
        return [words.say(f"idle_{request.right}")]
    if result.get("over"):
        return [words.say(f"over_{request.right}")]
    whose = "_behalf" if request.behalf else ""
    if request.right == Right.ERASURE:
        said = answered(policy, words, request, result, language, whose)
        return [line for text, lines in said for line in (text, *(f"– {one}" for one in lines))]
    uses = narrowed(policy, still(request, result), language)
    return [words.say(f"done{whose}_{request.right}"), *(f"– {title}" for title in uses)]


def still(request: Request, result: Mapping[str, Any]) -> Request:
    """The request without the purposes that the person has lifted before it was carried out."""
    return replace(request, scope=request.scope - set(result.get("lifted", ())))


def reasons_in(request: Request, language: str) -> list[str]:
    """The reasons of a refusal, in words."""
    codes = [reason for h in request.history if h.act in (Act.REFUSED, Act.PARTLY_REFUSED) for reason in h.reasons]
    return [f"– {REFUSAL_REASONS[code].text[language]}" for code in codes]


def _remedies(at: House, words: Words, request: Request, language: str) -> str:
    """GDPR Article 12(4): the complaint and the courts. Told with every answer, not only with a refusal."""
    said = authority(at.policy.country)
    if said is None:
        return words.say("remedies_elsewhere")
    name = said.name if language == "fr" else f"{said.english_alone}, {said.name}"
    return words.say("remedies", authority=name, page=said.complaint)


def _language(at: House, who: Particulars) -> str:
    """The person's, if there are words in it; else that of the policy."""
    return who.language if who.language in ("fr", "en") else at.policy.authoritative if at.policy.authoritative in (
        "fr", "en") else "en"  # fmt: skip
