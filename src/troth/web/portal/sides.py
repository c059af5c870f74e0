"""Who reads the page of a request that somebody makes for somebody else: whoever asks, or whom it is about. What one is
told is not true of the other."""

from __future__ import annotations

from enum import StrEnum

from troth.core.evidence.pseudonym import normalise
from troth.core.policy.model import Policy
from troth.core.requests.model import Behalf, Channel, Request
from troth.core.requests.route import terms_of
from troth.desk.asked import identifier
from troth.desk.particulars import Particulars
from troth.package import locale
from troth.web.portal.visitor import Visitor
from troth.web.wording import Words


class Side(StrEnum):
    """``own``: they ask for themselves; ``speaker``: they ask for somebody else; ``person``: somebody else asks for
    them."""

    OWN = "own"
    SPEAKER = "speaker"
    PERSON = "person"


def side_of(request: Request, who: Particulars, visitor: Visitor) -> Side:
    """How the visitor stands to a request that may be seen in their space."""
    if request.behalf is None:
        return Side.OWN
    theirs = {normalise("email", value) for kind, value in who.identifiers if kind == "email"}
    return Side.PERSON if normalise("email", visitor.email) in theirs else Side.SPEAKER


def titled(words: Words, request: Request, side: Side) -> str:
    """What is asked for, as whoever reads it would say."""
    if side == Side.OWN:
        return words[f"ask_{request.right}"]
    said = words[f"about_{request.right}" if side == Side.PERSON else f"ask_other_{request.right}"]
    return said[:1].upper() + said[1:]


def facts(policy: Policy, request: Request, who: Particulars, side: Side, words: Words) -> list[tuple[str, str]]:
    """Who asks for whom, on what ground, and since when. Whoever asks reads what they themselves wrote, and nothing
    that staff has added; whom it is about reads who that is and what they say to be."""
    language = words.language
    if side == Side.PERSON:
        return [
            (words["about_who"], who.speaker or words["about_no_name"]),
            (words["about_ground"], words[f"about_ground_{request.behalf}"]),
            (words["about_since"], locale.day(terms_of(policy).day(request.received), language)),
        ]
    if request.channel != Channel.PORTAL:
        return []
    if side == Side.OWN:
        client = policy.document.clients.get(request.controller)
        return [
            *([(words["client_company"], client.name)] if client is not None else []),
            *([(words["asked_message"], who.message)] if who.message else []),
        ]
    whom = [
        (words.say("about_whom", what=identifier(policy, kind, language)), value) for kind, value in who.identifiers
    ]
    wrote = ((words["behalf_speaker"], who.speaker), (words["behalf_message"], who.message))
    return [*whom, (words["behalf_ground"], words[f"ground_{request.behalf}"]), *wrote]


def objecting(policy: Policy, request: Request, words: Words) -> str:
    """How whom it is about says that they do not want it."""
    point = policy.document.publisher.privacy_contact
    contact = (point.email if point else None) or policy.document.publisher.email
    name = "about_object" if request.begun or not request.open else "about_object_before"
    return words.say(name, how=words.say("about_write", contact=contact) if contact else words["about_policy"])


def may_withdraw(request: Request, side: Side) -> bool:
    """Whoever asked; and whoever is said to have given a mandate, which is theirs to end. A parent's or an heir's
    request is not ended by a button of whoever reads the mail of a child or of the dead: a human hears them."""
    return side != Side.PERSON or request.behalf == Behalf.MANDATE
