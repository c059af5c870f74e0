"""Why data is processed, for whom, and how long; the people and events that this speaks of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from troth.core.policy.sections.base import (
    Country,
    Day,
    Email,
    LocalText,
    Name,
    OneOrMore,
    Period,
    Section,
    Some,
    Text,
    WebAddress,
    short_for,
)


class IdentifierKind(Section):
    """A kind of identifier by which a person is found."""

    strong: bool = True
    """It is unlike to stand for anyone else, and may be searched for in other texts."""
    title: LocalText | None = None
    """What people call it."""


class Event(Section):
    """A moment from which a period is counted."""

    per: Literal["row", "person"] = "row"
    """Whether each row has its own, or each person one: the latest in any collection of any store."""
    computed: Literal["financial_year_end"] | None = None
    """How it follows from the column: the end of the financial year in which that day lies."""
    title: LocalText | None = None
    """What the policy calls it. Worded as in *the end of your order*, it stands in sentences without quotes."""


class Transfer(Section):
    """On what ground data may go to a country outside the European Economic Area."""

    basis: Literal["adequacy", "standard_clauses", "binding_rules", "certification", "derogation"]
    """GDPR Articles 45, 46 and 49."""
    source: Text | None = None
    """The decision, the module, or the list on which the recipient stands."""
    checked: Day | None = None
    """When somebody looked."""


class Notice(Section):
    """How a recipient is told that data was rectified, erased or restricted (GDPR Article 19)."""

    by: Literal["email", "api", "post", "none"]
    """The way; none needs a reason."""
    to: Text | None = None
    """The address for it."""
    because: LocalText | None = None
    """Why telling would be impossible or take disproportionate effort."""

    @model_validator(mode="after")
    def _reason(self) -> Notice:
        if self.by == "none" and self.because is None:
            raise PydanticCustomError("notice_without_reason", "reason missing", {})
        return self


class Recipient(Section):
    """A processor or third party that receives data."""

    name: Text
    """The full legal name."""
    role: Text
    """What it does for the publisher, such as hosting."""
    country: Country
    """Where it processes the data."""
    kind: Literal["processor", "third_party", "joint_controller", "authority"] = "processor"
    """What it is in law."""
    agreement: Day | None = None
    """When the processing agreement (GDPR Article 28) was signed."""
    transfer: Annotated[Transfer, short_for("basis")] | None = None
    """The ground for a transfer outside the European Economic Area."""
    address: Text | None = None
    """Its registered office."""
    registration: Text | None = None
    """Its number and register."""
    phone: Text | None = None
    """Its telephone number, in quotes."""
    email: Email | None = None
    """Its address for mail."""
    website: WebAddress | None = None
    """Its site."""
    subprocessors: Some[Name] = ()
    """Other recipients it hands the data to."""
    notices: Annotated[Notice, short_for("by")] | None = None
    """How it is told of rectifications and erasures."""


class Archive(Section):
    """A sealed archive apart from daily use, read by few, destroyed at its end."""

    period: Period = Field(alias="for")
    """How long the archive is kept."""
    after: Name
    """The event from which that is counted."""
    because: LocalText
    """The reason, such as the accounting duty."""
    readers: Some[Name] = ()
    """The staff roles that may read it."""


class Keep(Section):
    """How long a purpose needs its data."""

    while_: Name | None = Field(default=None, alias="while")
    """The state during which it is needed, such as contract."""
    period: Period | None = Field(default=None, alias="for")
    """How long it is needed after the event."""
    after: Name | None = None
    """The event from which the period is counted."""
    then: Literal["erase", "anonymise"] = "erase"
    """What happens at the end."""
    archive: Archive | None = None
    """What goes into the archive before."""

    @model_validator(mode="after")
    def _complete(self) -> Keep:
        if self.while_ is None and self.period is None:
            raise PydanticCustomError("keep_endless", "no end", {})
        if (self.period is None) != (self.after is None):
            raise PydanticCustomError("keep_half", "period and event belong together", {})
        return self


class Balance(Section):
    """The weighing that a legitimate interest needs (GDPR Article 6(1)(f))."""

    interest: LocalText
    """The interest."""
    necessity: LocalText | None = None
    """Why nothing milder would do."""
    outcome: LocalText | None = None
    """Why people's interests do not weigh more."""
    date: Day | None = None
    """When it was weighed."""


class Purpose(Section):
    """Why data is processed (GDPR Articles 5(1)(b), 6 and 30)."""

    title: LocalText
    """What the policy calls it."""
    basis: Literal["consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest"]
    """The lawful basis: GDPR Article 6(1), a to f."""
    people: OneOrMore[Name]
    """Whose data it is, such as prospects."""
    categories: Some[Name] = ()
    """The categories of data, by W3C DPV names such as EmailAddress."""
    recipients: Some[Name] = ()
    """Who receives the data."""
    keep: Keep
    """How long the data is needed."""
    description: LocalText | None = None
    """More about it, in a sentence or two."""
    source: LocalText | None = None
    """Where the data comes from, if not from the person."""
    law: Text | None = None
    """The duty or task, for the bases legal_obligation and public_task."""
    balance: Balance | None = None
    """The weighing, for the basis legitimate_interest."""
    direct_marketing: bool = False
    """Objecting to it is always heeded (GDPR Article 21(2))."""
    required: LocalText | None = None
    """Whether the person must give the data, and what follows otherwise (GDPR Article 13(2)(e))."""
    special_ground: (
        Literal[
            "explicit_consent", "employment", "vital_interest", "association", "made_public", "claims",
            "public_interest", "health_care", "public_health", "research",
        ]
        | None
    ) = None  # fmt: skip
    """For data that GDPR Article 9 protects (health, beliefs, origin …): the ground of Article 9(2), a to j."""
    asked: LocalText | None = None
    """For the basis consent: how it is asked for, where no service, form or newsletter of this file does."""
