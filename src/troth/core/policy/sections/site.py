"""What visitors meet: services, cookies, consent, forms, accounts, and the logs of the web server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from troth.core.policy.sections.base import (
    Country,
    Day,
    Email,
    Lifetime,
    LocalText,
    Many,
    Name,
    OneOrMore,
    Period,
    Positive,
    Section,
    Some,
    Text,
    WebAddress,
    empty,
    short_for,
)

Exempt = Literal[
    "consent_choice", "authentication", "cart_or_billing", "ui_personalisation", "load_balancing",
    "paywall_sample_quota", "audience_measurement_exempt", "test_of_cookies", "security",
]  # fmt: skip
"""Kinds of trackers that need no consent (CNIL guidelines of 17 September 2020, article 5)."""


class Cookie(Section):
    """A cookie, or another thing that is kept in the visitor's browser."""

    lifetime: Lifetime = Field(alias="for")
    """How long it lives: ``session`` (until the browser closes) or a period."""
    purpose: Name | None = None
    """The purpose it serves; default: that of the service that sets it."""
    remembered: Period | None = None
    """How long it lives when the person has ticked "remember me"."""
    exempt: Exempt | None = None
    """Why it needs no consent, if it needs none."""
    title: LocalText | None = None
    """What the policy calls it."""
    description: LocalText | None = None
    """What it does."""
    storage: Literal["cookie", "local_storage", "session_storage", "indexed_db"] = "cookie"
    """Where it is kept."""
    path: Text | None = None
    """The path it is set for, if not ``/``; needed to take it away."""
    domain: Text | None = None
    """The domain it is set for, if not the site's own; needed to take it away."""
    http_only: bool = False
    """No script can see it: the server takes it away."""
    party: Literal["first", "third"] = "first"
    """Whose domain sets it."""
    until_logout: bool = False
    """It goes when the person logs out."""
    personal: bool = False
    """Its value identifies a person."""


class SelfAssessment(Section):
    """What was found when audience measurement was examined for the exemption."""

    date: Day
    """When."""
    only_own_audience: bool
    """Its only purpose is to measure the audience of this site, for its publisher."""
    anonymous_output: bool
    """It produces anonymous statistics only."""
    no_crossing: bool
    """Nothing is crossed with other processing or handed to third parties."""
    no_following: bool
    """Visitors are not followed across sites."""


ServiceKind = Literal[
    "audience", "advertising", "social", "video", "audio", "map", "badge", "chat", "captcha", "fonts", "payment",
    "forms", "reviews", "newsletter", "tags", "other",
]  # fmt: skip
"""What a service is; ``tags`` loads others by itself (a tag manager)."""

ConsentSignal = Literal["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"]
"""A signal of Google's Consent Mode, version 2."""


class Service(Section):
    """Something of others, or of its own, that the site embeds; nothing loads before its purpose is accepted."""

    uses: Name | None = None
    """The entry of Troth's catalogue (``troth services``) that it is; what is written here wins over it."""
    purpose: Name
    """The purpose for which consent is asked."""
    kind: ServiceKind = "other"
    """What it is."""
    title: LocalText | None = None
    """What the banner calls it."""
    description: LocalText | None = None
    """What it does, in a sentence."""
    recipient: Name | None = None
    """Who receives data through it."""
    host: OneOrMore[Text] | None = None
    """The hosts it loads from; ``*.example.org`` stands for all below."""
    company: Text | None = None
    """Whose it is, if not told by the recipient."""
    country: Country | None = None
    """Where it processes data, if not told by the recipient."""
    cookies: dict[Text, Annotated[Cookie, short_for("for")]] = empty()
    """What it keeps in the browser and how long (``_pk_id: 13 months``); ``*`` stands for any letters. With
    ``uses:``, what is named here is added, or replaces what the catalogue says of it."""
    without: Some[Text] = ()
    """With ``uses:``: what the catalogue says that it keeps, and does not keep here."""
    exempt: Exempt | None = None
    """Why it needs no consent, if it needs none."""
    self_assessment: SelfAssessment | None = None
    """For exempt audience measurement: what was found."""
    placeholder: LocalText | None = None
    """What stands in its place until it is accepted."""
    policy: WebAddress | None = None
    """Its own privacy policy."""
    consent_mode: Some[ConsentSignal] = ()
    """The signals of Google's Consent Mode that are granted with it."""
    discontinued: Day | None = None
    """Since when it no longer exists."""
    active: bool = True
    """It is in use; a service that is not keeps its place in the history."""


class Consent(Section):
    """How consent is asked for, remembered and withdrawn."""

    ask_again_after: Period = "6 months"
    """When a choice, yes or no, is asked for again."""
    trackers_live: Period = "13 months"
    """The longest that an accepted tracker lives."""
    global_privacy_control: Literal["refuse", "ignore"] = "refuse"
    """What the browser's signal (Sec-GPC) means."""
    silence: Literal["refuse", "accept"] = "refuse"
    """What browsing on or closing the banner means. ``accept`` is not valid since 2020 and is loaded only so
    that old texts can be shown and reported; it is executed as refusal."""
    required_for: Literal["all_trackers", "third_party_persistent"] = "all_trackers"
    """Which trackers wait for consent. Anything narrower than ``all_trackers`` is reported and not executed."""
    when_all_off: Literal["remember", "ask_on_next_page"] = "remember"
    """Whether a visitor who has turned everything off is asked again at once."""
    advertising: Literal["none", "asked"] = "asked"
    """``none`` promises that no advertising tracker is used at all."""
    button: Literal["bottom_right", "bottom_left", "footer", "none"] = "bottom_right"
    """Where the button to manage services is."""
    title: LocalText | None = None
    """The heading of the banner."""
    text: LocalText | None = None
    """The text of the banner."""
    refusal_consequences: LocalText | None = None
    """What does not work when everything is refused."""
    proof_kept: Period | None = None
    """How long receipts are kept."""
    browser_help: bool = True
    """The policy page says how to set current browsers."""


class FormField(Section):
    """A field of a form, with what the person is told beside it."""

    is_: Name = Field(alias="is")
    """The category of the data, by its W3C DPV name."""
    required: bool = False
    """The form cannot be sent without it."""
    kind: Literal["text", "email", "phone", "choice", "country", "address", "message"] = "text"
    """How it is asked for."""
    choices: Many[LocalText] = ()
    """For ``choice``: what can be chosen."""
    title: LocalText | None = None
    """Its label."""
    why: LocalText | None = None
    """Why it is asked for."""


FormFields = dict[Name, Annotated[FormField, short_for("is")]]


class Acknowledgement(Section):
    """The box by which the person acknowledges the policy before sending; never ticked beforehand."""

    text: LocalText
    """What stands beside it."""
    shows_version: bool = True
    """The version of the policy is shown and travels in the mail."""


class Contact(Section):
    """The contact form."""

    purpose: Name
    """What the messages are used for."""
    deliver_to: Email
    """Who receives them."""
    fields: FormFields = empty()
    """What it asks for."""
    acknowledgement: Annotated[Acknowledgement, short_for("text")] | None = None
    """The acknowledgement of the policy."""
    stored: bool = False
    """Whether messages are kept on the site; ``false`` promises that they leave by mail and nothing stays."""
    when_mail_fails: LocalText | None = None
    """What the visitor is told then; the text stays in the form."""


class Newsletter(Section):
    """The newsletter."""

    purpose: Name
    """The purpose it serves."""
    recipient: Name | None = None
    """Who sends it for the publisher."""
    store: Name | None = None
    """Where the subscribers lie."""
    fields: FormFields = empty()
    """What subscribing asks for."""
    double_opt_in: bool = True
    """A mail asks for confirmation before anything is sent."""
    one_click_unsubscribe: bool = True
    """Mails can be stopped with one click (RFC 8058)."""
    keep_after_unsubscribing: Period | None = None
    """How long the subscription is kept then."""
    tracking: bool = False
    """Opened mails are observed; needs consent."""
    frequency: LocalText | None = None
    """How often it comes."""


class PasswordRule(Section):
    """What a password must be."""

    min_length: Positive = 12
    """Characters."""
    min_bits: Positive = 80
    """Entropy in bits (CNIL 2022-100: 80, or 50 with limited attempts)."""
    classes: Annotated[int, Field(ge=1, le=4)] = 1
    """Kinds of characters among lower case, upper case, digits, others."""
    common_refused: bool = True
    """Passwords on lists of common ones are refused."""
    attempts_limited: bool = True
    """Wrong attempts are slowed down and then refused."""
    stored_as: OneOrMore[Literal["argon2", "bcrypt", "scrypt", "pbkdf2", "yescrypt", "phpass"]] = ("argon2",)
    """Forms in which the password column may hold it."""


class Inactive(Section):
    """What happens to accounts nobody uses."""

    after: Period
    """From the last action of the person."""
    warn_before: Period | None = None
    """When the person is warned."""


class Accounts(Section):
    """Accounts of people on the site."""

    purpose: Name
    """The purpose they serve."""
    store: Name | None = None
    """Where they lie."""
    fields: FormFields = empty()
    """What opening one asks for."""
    people_may: Some[Literal["see", "change", "delete"]] = ("see", "change", "delete")
    """What people may do with their data by themselves."""
    managers_may: Some[Literal["see", "change", "delete"]] = ()
    """What site managers may do; each look and change leaves a trace."""
    managers: Some[Name] = ()
    """The staff roles that are site managers."""
    password: PasswordRule = PasswordRule()
    """What a password must be."""
    inactive: Inactive | None = None
    """What happens to accounts nobody uses."""
    close: LocalText | None = None
    """How to close one's account."""


class Log(Section):
    """A log that records visits or acts."""

    purposes: OneOrMore[Name]
    """What it is used for."""
    contains: OneOrMore[Name]
    """The categories of data, by W3C DPV names."""
    keep: Period
    """How long an entry is kept."""
    store: Name | None = None
    """The store it belongs to, if it is mapped as one."""
    path: Text | None = None
    """Where its files are."""
    format: Text | None = None
    """How its lines are written, such as ``combined``."""
    location: Country | None = None
    """Where it lies."""
    recipient: Name | None = None
    """Who keeps it for the publisher."""
    statements: Many[LocalText] = ()
    """What the policy says about its use."""
    justification: LocalText | None = None
    """Why it is kept longer than authorities recommend."""


class Mail(Section):
    """How Troth sends mail."""

    sender: Email
    """The address it writes from."""
    url: Text
    """The server: ``smtp://…`` or ``smtps://…``, with the password from the environment."""
    reply_to: Email | None = None
    """Where answers go."""
