"""What the person and a controller are told, by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from troth.core.law.authorities import authority
from troth.core.law.bases import DELAY_REASONS, REFUSAL_REASONS
from troth.core.requests.clock import clock
from troth.core.requests.model import Act, Behalf, Request, Right, State
from troth.core.requests.route import terms_of
from troth.desk import byhand
from troth.desk.asked import corrected, identifier, narrowed
from troth.desk.grounds import grounds_of
from troth.desk.kept import answered, kept_lines
from troth.desk.models import File, Package
from troth.package.locale import day as spelt_day
from troth.package.locale import size as spelt_size
from troth.publishing.ways import SPACE, has_space
from troth.web.addresses import site_address
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.requests.clock import Clock
    from troth.desk.documents import Asked
    from troth.desk.house import House
    from troth.desk.particulars import Particulars

LOCAL = "http://localhost:8440"
"""Where `troth serve` listens unless told otherwise."""


def spelt(policy: Policy, at: datetime, language: str) -> str:
    """A day and a time by the clocks where the publisher is, to the minute."""
    local = at.astimezone(ZoneInfo(policy.timezone))
    return f"{spelt_day(local.date(), language)}{' à ' if language == 'fr' else ', '}{local:%H:%M}"


def reasons_of(policy: Policy, request: Request, result: Mapping[str, Any]) -> tuple[str, ...]:
    """Why part of an erasure is refused: the grounds on which something is kept, as the person is told them. Empty when
    nothing is kept."""
    return grounds_of(policy, result.get("kept", ())) if request.right == Right.ERASURE else ()


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
    told = [*_told(at.policy, words, request, result, language, who), *reviewed(at, request, language)]
    paragraphs = [_opening(at.policy, words, request, language), *told]
    if package is not None and package.secret:
        secret = at.records.state.keys.vault.open(bytes(package.secret), f"desk/{request.ref}/link").decode()
        button = (words.say("fetch"), f"{site_address(at.policy) or LOCAL}/answers/{secret}")
        paragraphs.append(words.say(
            "package", size=spelt_size(package.size, language), until=spelt(at.policy, package.until, language)
        ))  # fmt: skip
    if request.right == Right.ERASURE and not request.behalf:
        paragraphs += _copies(at, words, request, language, now)
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


def _copies(at: House, words: Words, request: Request, language: str, now: datetime) -> list[str]:
    """Copies that the same person asked for, and that an erasure leaves to them."""
    there = Package.objects.filter(file__subject=request.subject, file__behalf="", until__gt=now).order_by("until")
    return [words.say("answer_copy", until=spelt(at.policy, one.until, language)) for one in there]


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
    told = [*_told(at.policy, words, request, result, language, who), *reviewed(at, request, language)]
    return [opening, *told, _remedies(at, words, request, language)]


def posted_lines(at: House, request: Request, who: Particulars, result: Mapping[str, Any]) -> list[str]:
    """The same for a letter that is about to be posted: with what a mail brings beside its text, the reference and the
    checkpoint of the ledger. A sheet of paper has it in full, short as it is: whoever has it can type it."""
    words = Words("portal", _language(at, who))
    note = at.records.state.checkpoint().strip()
    return [*letter_lines(at, request, who, result), *reference_lines(at, request, who), words["checkpoint_now"], note]


def reference_lines(at: House, request: Request, who: Particulars) -> list[str]:
    """By what the person names the request, and where they can check what was recorded."""
    words = Words("portal", _language(at, who))
    page = f"{site_address(at.policy) or LOCAL}/proof"
    return [words.say("reference", ref=request.ref), words.say("evidence_by_post", page=page)]


def forward(at: House, request: Request, who: Particulars) -> None:
    """Hand a request on to the controller whose processor the publisher is. Raises MailRefused."""
    from troth.web.mail.messages import compose, send, the_same

    client, language = at.policy.document.clients[request.controller], at.policy.authoritative
    subject = Words("portal", language).say("forward_subject", ref=request.ref)
    message = compose(str(client.contact), subject, forward_lines(at, request, who), language=language)
    send(the_same(message, f"{request.ref}.forward"))


def forward_lines(at: House, request: Request, who: Particulars) -> list[str]:
    """What ``forward`` tells: who asks, how far that is known, for what, and by when the law wants an answer."""
    language = at.policy.authoritative
    words = Words("portal", language)
    verified = str(File.objects.get(ref=request.ref).verified)
    how = Words("console", language)[f"proof_{verified}"] if verified else ""
    due = clock(request, terms_of(at.policy, request.controller), request.received).limit
    known = [
        words.say("forward_person", kind=called[:1].upper() + called[1:], value=value)
        for called, value in ((identifier(at.policy, kind, language), value) for kind, value in who.identifiers)
    ]
    return [
        words.say("forward", right=words.say(f"right_{request.right}"), day=_day(at.policy, request, language)),
        "\n".join(known),
        words.say("forward_known", how=how) if verified else words["forward_unknown"],
        *([words["forward_wrote"], who.message] if who.message else []),
        words.say("forward_due", day=spelt_day(due, language)), words["forward_end"],
    ]  # fmt: skip


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


def _told(
    policy: Policy, words: Words, request: Request, result: Mapping[str, Any], language: str, who: Particulars
) -> list[str]:  # fmt: skip
    if request.state == State.REFUSED:
        return [words.say("refused"), *reasons_in(request, language)]
    aside = [words.say("set_apart_behalf" if request.behalf else "set_apart")] if result.get("apart") else []
    done = _done(policy, words, request, result, language)
    right_now = request.right == Right.RECTIFICATION and result.get("rows") and not result.get("nobody")
    return [*done, *(_corrected(policy, words, who, result, language) if right_now else []), *aside]


def reviewed(at: House, request: Request, language: str) -> list[str]:
    """What a human came to who looked at a decision again, and why, as they wrote it to the person."""
    found = byhand.review_of(at, request.ref) if request.right == Right.HUMAN_REVIEW else None
    if found is None or request.state == State.REFUSED:
        return []
    words = Words("portal", language)
    return [words[f"review_{found.outcome}"], words["review_why"], found.reasons]


def _corrected(policy: Policy, words: Words, who: Particulars, result: Mapping[str, Any], language: str) -> list[str]:
    """Which fields, without their values; in how many places; and that no other place was touched."""
    fields, rows = corrected(policy, who, language), int(result["rows"])
    name = "corrected_one" if rows == 1 else "corrected_more"
    return [words.say(name, fields=", ".join(fields), n=rows), words["corrected_only"]] if fields else []


def _done(policy: Policy, words: Words, request: Request, result: Mapping[str, Any], language: str) -> list[str]:
    """What was done, in words."""
    if result.get("nobody"):
        said = nobody(policy, words, result, language, "_behalf" if request.behalf else "")
        return [line for text, lines in said for line in (text, *(f"– {one}" for one in lines))]
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


def nobody(
    policy: Policy, words: Words, result: Mapping[str, Any], language: str, whose: str
) -> list[tuple[str, list[str]]]:  # fmt: skip
    """That nothing was found, as paragraphs, each with its list: what an earlier erasure has left, and the way to data
    that clients have put in, which is not looked for. ``whose`` as in ``kept.answered``."""
    left = result.get("remains")
    told = [(words[f"nobody{whose}"], list[str]())] if not left else [
        (words["nobody_remains"], kept_lines(policy, words, left, language)), (words["nobody_remains_then"], [])
    ]  # fmt: skip
    return [*told, (words[f"nobody_clients{whose}"], [])] if policy.document.clients else told


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
