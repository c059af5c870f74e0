"""What people can ask for, and what they are told: rights, minors, breaches, decisions, death."""

from __future__ import annotations

from typing import Literal

from troth.core.policy.sections.base import (
    Age,
    Destruction,
    LocalText,
    Name,
    OneOrMore,
    Period,
    Section,
    Some,
    Text,
    WebAddress,
    empty,
)

Right = Literal[
    "access", "rectification", "erasure", "restriction", "portability", "objection", "human_review",
    "withdrawal", "directives_after_death", "complaint",
]  # fmt: skip


class IdentityDocument(Section):
    """How identity documents are treated when one must be asked for."""

    when: Literal["reasonable_doubt", "always"] = "reasonable_doubt"
    """When one is asked for. ``always`` is disproportionate and is reported."""
    seen_by: Some[Name] = ()
    """The staff roles that may see it."""
    destroyed: Destruction = "on_decision"
    """When it is destroyed."""
    encrypted: bool = True
    """It is kept encrypted until then."""
    kept_at_most: Period = "30 days"
    """It is destroyed then at the latest, decided or not; so long can it be sent in, too."""


class Notices(Section):
    """Who is told when data was rectified, erased or restricted (GDPR Article 19)."""

    person: bool = True
    """The person."""
    recipients: bool = True
    """Every recipient that had the data."""


class Portability(Section):
    """How data moves to another service (GDPR Article 20)."""

    formats: OneOrMore[Literal["json", "csv", "xml"]] = ("json", "csv")
    """Formats a machine can read."""
    direct_transfer: bool = False
    """It can be sent straight to another service, with the person's authorisation."""


class HandSystem(Section):
    """A system that no connector reaches: a paper file, a program whose database cannot be mapped."""

    title: LocalText
    """What it is called."""
    rights: OneOrMore[Literal["access", "rectification", "erasure", "restriction", "portability"]] = (
        "access", "rectification", "erasure", "restriction",
    )  # fmt: skip
    """The requests for which somebody sees to it there, after the stores and before the answer."""


class ByHand(Section):
    """What no program can do: systems without a connector, letters, recipients that are told by hand."""

    by: Name | None = None
    """The staff role that does it, unless somebody is named for a request; without one, whoever answers requests."""
    systems: dict[Name, HandSystem] = empty()
    """The systems without a connector."""


class Rights(Section):
    """The rights people have, and how they are served."""

    answer_within: Period = "1 month"
    """The promise; the law's own limit applies as well, whichever comes first."""
    verify: OneOrMore[Literal["account", "email_link", "phone", "customer_number", "identity_document"]] = (
        "account",
        "email_link",
    )
    """How somebody shows who they are, in the order of trying."""
    offered: Some[Right] = (
        "access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal", "complaint",
    )  # fmt: skip
    """The rights that the policy speaks of."""
    channels: Some[Literal["portal", "email", "post", "phone", "form"]] = ("portal", "email")
    """How to ask."""
    portal: WebAddress | None = None
    """Where the portal is."""
    identity_document: IdentityDocument = IdentityDocument()
    """How identity documents are treated."""
    request_needs: Some[Name] = ()
    """What a request must contain, by W3C DPV names."""
    notices: Notices = Notices()
    """Who is told of what was done."""
    portability: Portability = Portability()
    """How data moves to another service."""
    requests_kept: Period | None = None
    """How long the file of a request is kept."""
    approval: dict[Right, Literal["automatic", "staff"]] = empty()
    """Which requests wait for a member of staff before anything is done (``erasure: staff``). What is not named:
    access, portability, objection, restriction and withdrawal are carried out at once; the others wait. Whatever is
    said here, a request on behalf of somebody else, an answer to an address that is not the person's, rows that belong
    to two people and doubts about who asks always wait for a human."""
    by_hand: ByHand = ByHand()
    """What no program can do, and who does it."""
    cooling_off: Period | None = None
    """How long an erasure asked for in the portal waits, so that the person can change their mind."""
    answer_kept: Period = "7 days"
    """How long a package that answers a request can be fetched; then it is deleted."""


class Minors(Section):
    """What holds for children (GDPR Article 8)."""

    joint_consent_under: Age
    """Below this age the child and a parent consent together; from it on, the child alone."""
    parent_verified_by: OneOrMore[Literal["email_link", "identity_document", "payment_check"]] = ("email_link",)
    """How the parent's consent is checked."""
    age_asked: Literal["where_consent_needs_it", "everywhere", "never"] = "where_consent_needs_it"
    """Where the age is asked for."""
    text: LocalText | None = None
    """What children are told, in words for them."""


class Breach(Section):
    """What happens after a personal data breach (GDPR Articles 33 and 34)."""

    notify_people: bool = True
    """The people concerned are told."""
    threshold: Literal["high_risk", "any"] = "high_risk"
    """From which risk on."""
    people_within: Period | None = None
    """How soon, if a time is promised; else as soon as possible."""
    authority_within: Period = "72 hours"
    """How soon the authority is told."""
    tells: Some[Literal["origin", "consequences", "measures", "technical_details", "contact", "advice"]] = (
        "consequences", "measures", "contact",
    )  # fmt: skip
    """What the notice says."""
    follow_up: bool = False
    """People are kept informed afterwards."""
    decided_by: Some[Name] = ()
    """The staff roles that assess the risk."""


class AutomatedDecision(Section):
    """A decision taken by software alone (GDPR Article 22)."""

    purpose: Name
    """The purpose it serves."""
    logic: LocalText
    """How it comes about, in words people understand."""
    significance: LocalText
    """What it means for the person."""
    review_by: Some[Name] = ()
    """The staff roles that look again when asked."""
    review_within: Period | None = None
    """How soon."""
    ground: Literal["contract", "law", "explicit_consent"] | None = None
    """Why it may be automatic (Article 22(2))."""


class AutomatedDecisions(Section):
    """Whether anything is decided by software alone."""

    none: bool = False
    """Promises that nothing is."""
    decisions: dict[Name, AutomatedDecision] = empty()
    """Those that exist."""


class AfterDeath(Section):
    """What becomes of data after death (for France: law of 6 January 1978, Articles 84 to 86)."""

    directives: Some[Literal["general", "specific"]] = ("specific",)
    """Which directives are recorded."""
    executor: bool = True
    """A person may be named to carry them out."""
    proof: Some[Text] = ()
    """What shows the death."""
    without_directives: LocalText | None = None
    """What heirs may ask for."""
