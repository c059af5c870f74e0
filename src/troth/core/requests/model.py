"""A request and the acts that made it what it is. Nothing here names a person: subjects are references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Right(StrEnum):
    """What can be asked for (GDPR Articles 7(3), 15 to 18, 20 to 22; directives after death are national law)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    HUMAN_REVIEW = "human_review"
    WITHDRAWAL = "withdrawal"
    DIRECTIVES_AFTER_DEATH = "directives_after_death"


class State(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    IDENTITY_AWAITED = "identity_awaited"
    IN_PROGRESS = "in_progress"
    EXTENDED = "extended"
    ANSWERED = "answered"
    PARTLY_REFUSED = "partly_refused"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FORWARDED = "forwarded"
    """Handed on to the controller whose processor the publisher is (Article 28(3)(e))."""


ENDED = frozenset({State.ANSWERED, State.PARTLY_REFUSED, State.REFUSED, State.WITHDRAWN, State.FORWARDED})
"""Nothing more is done for the request."""


class Act(StrEnum):
    """What can happen to a request."""

    IDENTITY_ASKED = "identity_asked"
    IDENTITY_SHOWN = "identity_shown"
    TAKEN_UP = "taken_up"
    APPROVED = "approved"
    """A member of staff has seen what would be done and said yes; ``reference`` says to what."""
    EXTENDED = "extended"
    FEE_ANNOUNCED = "fee_announced"
    ANSWERED = "answered"
    PARTLY_REFUSED = "partly_refused"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FORWARDED = "forwarded"
    JOINED = "joined"
    """A second request for the same thing was put to this one."""


class By(StrEnum):
    """Who acts: the person (or who speaks for them), a member of staff, or Troth as the policy says."""

    PERSON = "person"
    STAFF = "staff"
    TROTH = "troth"


class Behalf(StrEnum):
    """For whom the asker speaks, if not for themselves."""

    MANDATE = "mandate"
    """Somebody the person has charged."""
    PARENT = "parent"
    """A holder of parental authority."""
    HEIR = "heir"
    """An heir, or the executor of directives (France: law of 6 January 1978, Article 85)."""


class Channel(StrEnum):
    """How the request arrived; every official one starts the clock (EDPB guidelines 01/2022)."""

    PORTAL = "portal"
    EMAIL = "email"
    POST = "post"
    PHONE = "phone"
    FORM = "form"
    API = "api"


@dataclass(frozen=True, slots=True)
class Happened:
    """One act. ``reasons`` are codes of ``core.law.bases``; ``reference`` names what it is about elsewhere."""

    act: Act
    at: datetime
    by: By
    reasons: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands. ``subject`` is a reference to who it is about, never an address or a name.

    ``scope`` narrows it: purposes by their names in the policy; empty is everything. ``categories`` narrows an erasure
    to the fields of these kinds (names of the policy, such as ``TelephoneNumber``); empty is every kind. Of both, what
    goes is of one of these kinds and serves none but these purposes.
    """

    ref: str
    right: Right
    subject: str
    received: datetime
    channel: Channel
    scope: frozenset[str] = frozenset()
    behalf: Behalf | None = None
    controller: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    state: State = State.RECEIVED
    history: tuple[Happened, ...] = ()
    begun: bool = False
    """It is being carried out, or was: from then on nobody can say any more that it shall not be."""
    categories: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """Something remains to be done."""
        return self.state not in ENDED

    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""
        return None if self.open else next(h.at for h in reversed(self.history) if h.act != Act.JOINED)

    @property
    def identity_shown(self) -> bool:
        """Somebody asked who it was, and an answer came."""
        return any(h.act == Act.IDENTITY_SHOWN for h in self.history)

    @property
    def extended_at(self) -> datetime | None:
        """When the person was told that it takes longer."""
        return next((h.at for h in self.history if h.act == Act.EXTENDED), None)

    @property
    def last_at(self) -> datetime:
        """When something happened last."""
        return self.history[-1].at if self.history else self.received
