"""Who publishes the policy, and the policy as a text."""

from __future__ import annotations

from typing import Annotated, Literal

from troth.core.policy.sections.base import (
    Colour,
    Country,
    Day,
    Email,
    Language,
    LocalText,
    Many,
    MonthDay,
    Name,
    OneOrMore,
    Section,
    Some,
    Text,
    WebAddress,
    short_for,
)


class ChangeNotice(Section):
    """How people learn that the policy has changed."""

    account_holders: bool = True
    """A mail goes to everyone who has an account."""
    banner: bool = True
    """The banner says so at the next visit."""
    before: Text | None = None
    """How long beforehand, if a time is promised."""


class PolicyInfo(Section):
    """The policy as a published text."""

    title: LocalText
    """The title of the page."""
    version: Text
    """The version, best the date from which it applies; shown first on the page."""
    languages: OneOrMore[Language]
    """The languages in which the policy is published."""
    authoritative: Language
    """The language whose text prevails; the others carry a notice that they are translations."""
    introduction: LocalText | None = None
    """What stands before everything else."""
    changes: LocalText | None = None
    """What this version changes, in a sentence."""
    address: WebAddress | None = None
    """Where Troth's pages are, such as https://privacy.example.org; the PDF and the fragments for other pages link
    there. Not part of the text: it can change without a new version."""
    notice_of_change: ChangeNotice = ChangeNotice()
    """How people learn that the policy has changed."""
    use_means_acceptance: bool = False
    """The policy says that using the site is to accept it. It is not: kept so that old texts can be loaded."""
    disclaimers: Many[LocalText] = ()
    """Sentences by which the publisher says what it does not answer for."""


class ContactPoint(Section):
    """Where to write or call."""

    name: Text | None = None
    """A person or a function."""
    email: Email | None = None
    """An address for mail."""
    phone: Text | None = None
    """A telephone number, in quotes."""
    hours: LocalText | None = None
    """When somebody answers."""
    address: LocalText | None = None
    """A postal address."""


class Authority(Section):
    """The supervisory authority to which people may complain."""

    name: Text
    """Its name."""
    address: Text | None = None
    """Its postal address."""
    website: WebAddress | None = None
    """Where to complain."""


class Logo(Section):
    """The publisher's sign."""

    file: Text
    """An SVG, PNG or WebP file in the policy's folder, of at most 100 KB."""
    dark: Text | None = None
    """The file for a dark page, if the other cannot be seen there."""
    with_name: bool = True
    """The publisher's name stands beside it; ``false`` when the picture holds the name."""
    text: LocalText | None = None
    """What it says, for people who do not see it and when it stands alone; by default the publisher's name."""


class Look(Section):
    """What makes the pages the publisher's own. It is not part of the text: it can change without a new version."""

    accent: Colour = None
    """The colour of links on the light page, in quotes; one that cannot be read there is refused."""
    accent_dark: Colour = None
    """The same on the dark page; by default the nearest to ``accent`` that is read there with ease."""
    logo: Annotated[Logo, short_for("file")] | None = None
    """What stands at the head of each page."""


class Publisher(Section):
    """The controller: who decides about the data and answers for it."""

    name: Text
    """The full legal name."""
    country: Country
    """The country of establishment; it decides authority, ages, holidays and periods."""
    timezone: Text
    """The time zone of dates and deadlines, such as Europe/Paris."""
    financial_year_end: MonthDay = "12-31"
    """The day on which the financial year ends, month first."""
    address: Text | None = None
    """The registered office."""
    registration: Text | None = None
    """The number and register of the company."""
    legal_form: Text | None = None
    """The legal form, such as SARL."""
    capital: Text | None = None
    """The share capital."""
    vat: Text | None = None
    """The VAT number."""
    phone: Text | None = None
    """The general telephone number, in quotes."""
    email: Email | None = None
    """The general mail address."""
    website: WebAddress | None = None
    """The home page."""
    publication_director: Text | None = None
    """Who answers for what the site publishes."""
    host: Name | None = None
    """The recipient that hosts the site; its particulars appear in the legal notice."""
    privacy_contact: ContactPoint | None = None
    """Who answers questions about personal data."""
    data_protection_officer: ContactPoint | None = None
    """The data protection officer, if there is one."""
    representative: ContactPoint | None = None
    """The representative in the Union of a publisher outside it (GDPR Article 27)."""
    authority: Authority | None = None
    """The authority, if it is not the one of the publisher's country."""
    look: Look | None = None
    """Colours and logo of the pages."""


class Site(Section):
    """A site that the policy covers."""

    url: WebAddress
    """Where it is."""
    title: LocalText | None = None
    """What it is called."""
    essential_pages: Many[WebAddress] = ()
    """Pages that must work when everything is refused."""
    login_page: WebAddress | None = None
    """Where people log in."""
    readable_without_data: bool = True
    """Its pages can be read without giving personal data: no form, account or tracker is needed."""
    third_parties: Some[Text] = ()
    """Hosts of others to which it links; the policy does not cover them."""


class PeopleGroup(Section):
    """A group of people whose data is processed."""

    title: LocalText
    """What the policy calls them."""
    description: LocalText | None = None
    """Who belongs to it."""


class Category(Section):
    """A category of data that the W3C vocabulary lacks."""

    title: LocalText
    """What the policy calls it."""
    broader: Text | None = None
    """The category of the vocabulary it falls under."""
    special: bool = False
    """It is one of GDPR Article 9 (health, beliefs, origin …)."""


class Clause(Section):
    """A sentence or paragraph of the policy, and what can be checked about it."""

    text: LocalText
    """The words that are published."""
    kind: Literal["promise", "information", "history"] = "promise"
    """A promise has a verdict; information has none; history was published once and is no longer held."""
    title: LocalText | None = None
    """A heading."""
    chapter: Name | None = None
    """Under which chapter it is published."""
    promise: Name | None = None
    """The check that proves it, such as no_advertising or stores_in_eea."""
    about: Some[Text] = ()
    """What in this file it speaks of, such as purposes.prospecting or stores.shop."""
    history: bool = False
    """Published only as history (the same as kind: history)."""
    since: Day | None = None
    """From when it was published."""
    until: Day | None = None
    """Until when it was published."""
    because: LocalText | None = None
    """Why it is no longer held."""
    source: Text | None = None
    """The rule of law it follows, or was dropped for."""


class Chapter(Section):
    """A part of the published page."""

    title: LocalText
    """Its heading."""
    text: LocalText | None = None
    """What stands before its clauses."""
