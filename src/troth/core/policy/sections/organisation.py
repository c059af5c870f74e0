"""How the publisher keeps its house: staff, security, backups, agreements, clients, disclosures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from troth.core.policy.sections.base import (
    Area,
    Country,
    Day,
    Email,
    LocalText,
    Many,
    Name,
    OneOrMore,
    Period,
    Section,
    Some,
    Text,
    Whole,
    empty,
    short_for,
)


class Undertaking(Section):
    """The undertaking of confidentiality that staff sign."""

    version: Text
    """A new version is signed again."""
    text: LocalText
    """Its words."""


class Role(Section):
    """A role of staff."""

    title: LocalText
    """What it is called."""
    may: Some[
        Literal[
            "see_people", "change_people", "erase_people", "answer_requests", "see_identity_documents",
            "read_archives", "decide_disclosures", "handle_incidents", "publish", "manage_staff", "audit",
        ]
    ] = ()  # fmt: skip
    """What it may do in Troth's console."""
    people: Whole | None = None
    """How many hold it at most, if the policy says so; it is given to no more."""


class Staff(Section):
    """The people who may see personal data."""

    undertaking: Undertaking | None = None
    """What they sign before the console opens."""
    roles: dict[Name, Role] = empty()
    """Who may do what."""
    training: LocalText | None = None
    """How they are taught."""


class Updates(Section):
    """How servers are kept up to date."""

    within: Period = "7 days"
    """How soon security updates are installed."""
    checked_every: Period = "1 day"
    """How often that is looked at."""


class Cards(Section):
    """How payment cards are treated."""

    stored: bool = False
    """``false`` promises that card numbers are never stored: they are refused in forms and hunted for."""
    partner: Name | None = None
    """The recipient that takes the payments."""
    payment_page: Text | None = None
    """Where paying happens."""


class Security(Section):
    """Security measures that can be looked at from outside or on the server."""

    tls: Literal["1.2", "1.3"] = "1.2"
    """The oldest version of TLS that is accepted."""
    headers: Some[Text] = ()
    """Response headers that must be set, such as Strict-Transport-Security."""
    updates: Updates | None = None
    """How servers are kept up to date."""
    cards: Cards | None = None
    """How payment cards are treated."""
    certificate_renewed_before: Period | None = None
    """How long before its end the certificate is renewed."""
    measures: Many[LocalText] = ()
    """Further measures, in words."""


class CheckItem(Section):
    """Something a person looks at, because software cannot see it."""

    text: LocalText
    """What to look at."""
    every: Period | None = None
    """How often, if not as often as the list."""
    done: Day | None = None
    """When it was last found in order."""
    by: Text | None = None
    """Who looked: a function, not a name."""


class Checklist(Section):
    """A list that a person goes through and signs."""

    title: LocalText
    """What it is about."""
    every: Period
    """How often."""
    items: OneOrMore[Annotated[CheckItem, short_for("text")]]
    """What is looked at."""
    signed_by: Some[Name] = ()
    """The staff roles that sign."""


class Backup(Section):
    """A backup; after a restore the erasures done since are replayed."""

    stores: OneOrMore[Name]
    """What it holds."""
    location: Country
    """Where it lies."""
    keep: Period
    """How long a copy lives."""
    every: Period | None = None
    """How often it is made."""
    recipient: Name | None = None
    """Who keeps it."""
    encrypted: bool = True
    """It cannot be read without a key kept elsewhere."""
    restore_tried_every: Period | None = None
    """How often a restore is rehearsed."""
    restore_tried: Day | None = None
    """When one was last rehearsed."""


class DataLocation(Section):
    """Where data may lie."""

    allowed: OneOrMore[Area] = ("EEA",)
    """``EEA``, ``EU``, countries, or several of these; stores, recipients and backups elsewhere break the
    promise."""
    mostly: Country | None = None
    """Where most of it lies."""
    text: LocalText | None = None
    """What the policy says."""


class Agreement(Section):
    """A processing agreement (GDPR Article 28(3))."""

    recipient: Name | None = None
    """With a recipient that processes for us."""
    client: Name | None = None
    """With a client for whom we process."""
    signed: Day
    """When."""
    until: Day | None = None
    """When it ends, if it does."""
    subject: LocalText | None = None
    """What it is about."""
    points: Some[Literal["a", "b", "c", "d", "e", "f", "g", "h"]] = ()
    """The mandatory points of Article 28(3) that were found in it."""
    document: Text | None = None
    """Where the document is, beside this file."""

    @model_validator(mode="after")
    def _one_party(self) -> Agreement:
        if (self.recipient is None) == (self.client is None):
            raise PydanticCustomError("agreement_party", "recipient or client", {})
        return self


class AgreementRequests(Section):
    """Agreements made to measure on request."""

    languages: OneOrMore[Text] = ("en",)
    """The languages in which they can be had."""
    formats: OneOrMore[Literal["pdf", "docx"]] = ("pdf", "docx")
    """The formats."""
    answered_within: Period | None = None
    """How soon."""
    handled_by: Some[Name] = ()
    """The staff roles that handle them."""


class Instruction(Section):
    """What a client has told us to do with its data."""

    date: Day
    """When."""
    text: LocalText
    """What."""


class Client(Section):
    """A client who is the controller of data for which the publisher is processor."""

    name: Text
    """Its legal name."""
    country: Country
    """Where it is established."""
    contact: Email
    """Where requests of its people and incidents are sent."""
    agreement: Day | None = None
    """When the processing agreement was signed."""
    contract_until: Day | None = None
    """When the contract ends, if it does."""
    stores: Some[Name] = ()
    """Where its data lies."""
    instructions: Many[Instruction] = ()
    """What it has told us to do."""
    requests_forwarded_within: Period = "2 days"
    """How soon a request of one of its people is passed on."""
    incidents_told_within: Period = "24 hours"
    """How soon it is told of an incident."""
    data_returned_within: Period | None = None
    """How soon after the contract its data is given back."""
    data_deleted_within: Period = "30 days"
    """How soon after the contract nothing is left."""


class Disclosures(Section):
    """When data is given to authorities or third parties."""

    grounds: Some[Literal["consent", "law", "court_order", "legal_claim"]] = ("consent", "law")
    """Without one of these nothing is given."""
    decided_by: Some[Name] = ()
    """The staff roles that decide."""
    person_told: bool = True
    """The person is told, unless the law forbids it."""
    register_kept: Period | None = None
    """How long the register is kept."""
    marketing: Literal["never", "with_consent"] = "never"
    """Whether data is passed on for the marketing of others."""
    text: LocalText | None = None
    """What the policy says."""
