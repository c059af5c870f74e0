"""The way of a request through the house: what has to happen, in which order, and who has to say yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from troth.core.policy.model import Basis
from troth.core.policy.sections.people import Rights
from troth.core.policy.values import Duration, parse_duration
from troth.core.requests.clock import Terms
from troth.core.requests.model import Channel, Request, Right

if TYPE_CHECKING:
    from troth.core.policy.document import PolicyDocument
    from troth.core.policy.model import Policy


class Stop(StrEnum):
    """A station of the way. One after the other; what waits, waits as a row and costs nothing."""

    IDENTITY = "identity"
    """Until it is known who asks."""
    APPROVAL = "approval"
    """Until a member of staff has seen the plan and said yes."""
    COOLING = "cooling"
    """Until the person can no longer change their mind."""
    FORWARD = "forward"
    """To the controller whose processor the publisher is."""
    CARRY_OUT = "carry_out"
    """On the stores."""
    BY_HAND = "by_hand"
    """What no connector can do: somebody does it and says so."""
    RECIPIENTS = "recipients"
    """They are told (Article 19)."""
    ANSWER = "answer"
    """The person is told."""
    TIDY = "tidy"
    """The package is deleted."""


AT_ONCE = frozenset({Right.ACCESS, Right.PORTABILITY, Right.OBJECTION, Right.RESTRICTION, Right.WITHDRAWAL})
"""Carried out without anybody's approval, unless the policy says otherwise."""

_BY_HAND = frozenset({Right.HUMAN_REVIEW, Right.DIRECTIVES_AFTER_DEATH})
"""Nothing in a database answers these: a human does."""

_TELLS_RECIPIENTS = frozenset(
    {Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION, Right.OBJECTION, Right.WITHDRAWAL}
)
"""GDPR Article 19; of a no, those who carry the use out have to hear as well."""

_PACKED = frozenset({Right.ACCESS, Right.PORTABILITY})


@dataclass(frozen=True, slots=True)
class Route:
    """The stops in their order; ``cooling`` and ``kept`` are the periods of two of them."""

    stops: tuple[Stop, ...]
    cooling: Duration
    kept: Duration


def route(request: Request, policy: Policy, *, verified: bool) -> Route:
    """The way of this request. ``verified``: it is known who asks (an account, a link that was followed)."""
    rights = policy.document.rights or Rights()
    cooling = parse_duration(rights.cooling_off) if rights.cooling_off else Duration()
    kept = parse_duration(rights.answer_kept)
    if request.controller:
        return Route((Stop.FORWARD,), cooling, kept)
    stops = [] if verified else [Stop.IDENTITY]
    if needs_approval(request, rights.approval):
        stops.append(Stop.APPROVAL)
    if request.right == Right.ERASURE and request.channel == Channel.PORTAL and cooling != Duration():
        stops.append(Stop.COOLING)
    stops += [Stop.BY_HAND] if request.right in _BY_HAND else [Stop.CARRY_OUT]
    if systems_by_hand(request.right, rights):
        stops.append(Stop.BY_HAND)
    if request.right in _TELLS_RECIPIENTS and rights.notices.recipients:
        stops.append(Stop.RECIPIENTS)
    stops.append(Stop.ANSWER)
    if request.right in _PACKED:
        stops.append(Stop.TIDY)
    return Route(tuple(stops), cooling, kept)


def systems_by_hand(right: Right, said: Rights) -> tuple[str, ...]:
    """The systems without a connector to which somebody has to see for such a request, by their names in the policy."""
    return tuple(name for name, system in said.by_hand.systems.items() if right in system.rights)


def needs_approval(request: Request, said: Mapping[Any, str]) -> bool:
    """Whether a human has to say yes before anything is done. Somebody who speaks for another always waits."""
    if request.behalf is not None:
        return True
    word = said.get(str(request.right))
    return request.right not in AT_ONCE if word is None else word == "staff"


def whole_scope(right: Right, policy: Policy) -> frozenset[str]:
    """The purposes that somebody means who names none: of an objection, all that can be objected to (Article 21(1)
    and (2)); of a withdrawal, all that rest on consent. Of the other rights, everything: no narrowing at all."""
    purposes = policy.purposes.items()
    if right == Right.WITHDRAWAL:
        return frozenset(name for name, purpose in purposes if purpose.basis == Basis.CONSENT)
    if right == Right.OBJECTION:
        can = {Basis.LEGITIMATE_INTEREST, Basis.PUBLIC_TASK}
        return marketing_of(policy.document) | frozenset(name for name, purpose in purposes if purpose.basis in can)
    return frozenset()


def terms_of(policy: Policy, controller: str = "") -> Terms:
    """By what this publisher counts; for a client's people, by the time agreed with that client."""
    document = policy.document
    rights = document.rights or Rights()
    client = document.clients.get(controller) if controller else None
    return Terms(
        policy.country, policy.timezone, parse_duration(rights.answer_within),
        parse_duration(client.requests_forwarded_within) if client else None, marketing_of(document),
    )  # fmt: skip


def marketing_of(document: PolicyDocument) -> frozenset[str]:
    """The purposes that are direct marketing."""
    return frozenset(name for name, purpose in document.purposes.items() if purpose.direct_marketing)
