"""What goes with the copy of the data (GDPR Article 15(1)(a) to (h) and 15(2)), assembled from the policy.

Only what concerns this person: the purposes of the rows that were found, and who receives those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from troth.core.law.authorities import authority
from troth.core.law.bases import rights_of
from troth.core.law.territories import in_eea
from troth.core.policy.model import LocalText, Policy, Purpose
from troth.core.policy.sections.publishing import ContactPoint
from troth.core.rights.access import Reading
from troth.core.rights.information_words import (
    BASES,
    RIGHTS,
    TRANSFERS,
    Two,
    hold_words,
    keep_words,
    two,
)
from troth.core.rights.lapsed import Lapsed


@dataclass(frozen=True, slots=True)
class PurposeInformation:
    """Why data is used. ``rights`` are names of ``information_words.RIGHTS``."""

    name: str
    title: LocalText
    description: LocalText | None
    basis: str
    basis_in_words: Two
    law: str | None
    interest: LocalText | None
    categories: tuple[str, ...]
    retention: Two
    holds: tuple[Two, ...]
    source: LocalText | None
    required: LocalText | None
    recipients: tuple[str, ...]
    collections: tuple[str, ...]
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecipientInformation:
    """Who receives data. ``transfer`` says on what ground data leaves the EEA; None inside it."""

    name: str
    role: str
    kind: str
    country: str
    purposes: tuple[str, ...]
    stores: tuple[str, ...]
    transfer: Two | None
    transfer_source: str | None


@dataclass(frozen=True, slots=True)
class DisclosureInformation:
    """What was given to somebody on a day (Article 15(1)(c)). ``kind``: authority or recipient; ``categories`` of the
    vocabulary; ``law``: what it rests on."""

    day: date
    kind: str
    to: str
    categories: tuple[str, ...]
    basis_in_words: Two
    law: str


@dataclass(frozen=True, slots=True)
class StoreInformation:
    """Where data lies."""

    name: str
    title: LocalText | None
    country: str
    in_eea: bool


@dataclass(frozen=True, slots=True)
class DecisionInformation:
    """A decision by software alone: how it comes about and what it means (Article 15(1)(h))."""

    purpose: str
    logic: LocalText
    significance: LocalText


@dataclass(frozen=True, slots=True)
class AuthorityInformation:
    """Where to complain. Without a name: ``website`` lists the authorities of all countries."""

    name: str | None
    address: str | None
    website: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to write or call."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Information:
    """The whole information. ``automated``: ``none`` when the policy promises that nothing is decided by
    software alone, ``some`` when it lists decisions for these purposes, ``unsaid`` when it does not speak of it."""

    publisher: str
    country: str
    address: str | None
    contact: Contact
    officer: Contact | None
    policy_title: LocalText
    policy_version: str
    purposes: tuple[PurposeInformation, ...]
    recipients: tuple[RecipientInformation, ...]
    stores: tuple[StoreInformation, ...]
    automated: str
    decisions: tuple[DecisionInformation, ...]
    authority: AuthorityInformation
    complaint: Two
    disclosures: tuple[DisclosureInformation, ...] = ()


_ANY_AUTHORITY = "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"
_COMPLAINT = two(
    "You may complain to the supervisory authority of the publisher’s country, or to that of the country where you "
    "live or work, and you may go to court.",
    "Vous pouvez introduire une réclamation auprès de l’autorité de contrôle du pays du responsable, ou de celle du "
    "pays où vous vivez ou travaillez, et saisir la justice.",
)


def inform(
    policy: Policy, readings: Iterable[Reading], as_of: date, disclosures: tuple[DisclosureInformation, ...] = (),
    *, lapsed: Lapsed | None = None,
) -> Information:  # fmt: skip
    """The information about the rows of ``readings`` (those in which something was found), by the law of that day, and
    what was given to whom. ``lapsed``: holds that keep nothing of these rows; None where nobody has looked."""
    found = list(readings)
    names = frozenset[str]().union(*(r.purposes for r in found))
    purposes = [p for name, p in policy.purposes.items() if name in names]
    publisher = policy.document.publisher
    officer = publisher.data_protection_officer
    automated, decisions = _decisions(policy, names)
    to_complain_to = _authority(policy)
    return Information(
        publisher=policy.publisher,
        country=policy.country,
        address=publisher.address,
        contact=_contact(publisher.privacy_contact, publisher.email, publisher.phone),
        officer=_contact(officer) if officer is not None else None,
        policy_title=policy.document.policy.title,
        policy_version=policy.version,
        purposes=tuple(_purpose(policy, p, found, lapsed) for p in purposes),
        recipients=tuple(_recipients(policy, purposes, found, as_of)),
        stores=tuple(_stores(policy, found, as_of)),
        automated=automated,
        decisions=decisions,
        authority=to_complain_to,
        complaint=_COMPLAINT,
        disclosures=disclosures,
    )


def _contact(point: ContactPoint | None, email: str | None = None, phone: str | None = None) -> Contact:
    if point is None:
        return Contact(None, email, phone)
    return Contact(point.name, point.email or email, point.phone or phone, point.address)


# --- purposes -------------------------------------------------------------------------------------


def _purpose(
    policy: Policy, purpose: Purpose, found: Sequence[Reading], lapsed: Lapsed | None
) -> PurposeInformation:  # fmt: skip
    section = policy.document.purposes[purpose.name]
    serving = [r for r in found if purpose.name in r.purposes]
    titles = _event_titles(policy)
    rights = rights_of(purpose.basis)
    if section.direct_marketing:
        rights = rights - {"objection"} | {"objection_marketing"}
    return PurposeInformation(
        name=purpose.name,
        title=purpose.title,
        description=section.description,
        basis=purpose.basis.value,
        basis_in_words=BASES[purpose.basis],
        law=section.law,
        interest=section.balance.interest if section.balance is not None else None,
        categories=_categories(purpose, serving),
        retention=keep_words(purpose.keep, policy.events, titles),
        holds=_holds(policy, purpose.name, serving, titles, lapsed),
        source=purpose.source,
        required=section.required,
        recipients=purpose.recipients,
        collections=tuple(f"{store}.{name}" for store, name in (r.place for r in serving)),
        rights=tuple(name for name in RIGHTS if name in rights),
    )


def _categories(purpose: Purpose, serving: Iterable[Reading]) -> tuple[str, ...]:
    """The categories of the fields read for this purpose; those the policy alone declares come after."""
    read = (c.field.category for r in serving for c in r.columns if c.field and purpose.name in c.field.purposes)
    return tuple(dict.fromkeys((*read, *purpose.categories)))


def _event_titles(policy: Policy) -> Mapping[str, LocalText]:
    events = policy.document.events.items()
    return {name: event.title for name, event in events if event.title is not None}


def _holds(
    policy: Policy, purpose: str, serving: Iterable[Reading], titles: Mapping[str, LocalText], lapsed: Lapsed | None
) -> tuple[Two, ...]:
    """What may stay although somebody asks for erasure, each said once; not what keeps no field of this purpose. Where
    nobody has looked whether a state holds, it is told as a condition."""
    said: dict[str, Two] = {}
    for reading in serving:
        fields = [one.name for one in reading.collection.fields if purpose in one.purposes]
        for hold in reading.collection.holds:
            if hold.fields and fields and not set(hold.fields) & set(fields):
                continue
            if (*reading.place, hold.name) in (lapsed or ()):
                continue
            words = hold_words(hold, policy.events, titles, condition=lapsed is None and hold.while_state is not None)
            said.setdefault(words["en"], words)
    return tuple(said.values())


# --- recipients and places ------------------------------------------------------------------------


def _recipients(
    policy: Policy, purposes: Sequence[Purpose], found: Sequence[Reading], as_of: date
) -> Iterable[RecipientInformation]:
    """Those of the purposes, those that host the stores read from, and whom these pass data on to."""
    hosting: dict[str, list[str]] = {}
    for store in dict.fromkeys(r.collection.store for r in found if r.collection.store in policy.stores):
        host = policy.stores[store].recipient
        if host is not None:
            hosting.setdefault(host, []).append(store)
    wanted = dict.fromkeys([*(r for p in purposes for r in p.recipients), *hosting])
    queue = list(wanted)
    while queue:
        for other in policy.document.recipients[queue.pop(0)].subprocessors:
            if other not in wanted:
                wanted[other] = None
                queue.append(other)
    for name in wanted:
        of = tuple(p.name for p in purposes if name in p.recipients)
        yield _recipient(policy, name, of, tuple(hosting.get(name, ())), as_of)


def _recipient(
    policy: Policy, name: str, purposes: tuple[str, ...], stores: tuple[str, ...], as_of: date
) -> RecipientInformation:
    section = policy.document.recipients[name]
    transfer, source = None, None
    if not in_eea(section.country, as_of):
        declared = section.transfer
        transfer = TRANSFERS[declared.basis] if declared is not None else _NO_GROUND
        source = declared.source if declared is not None else None
    return RecipientInformation(
        section.name, section.role, section.kind, section.country, purposes, stores, transfer, source
    )


_NO_GROUND = two(
    "the policy names no ground for this transfer: ask the publisher",
    "la politique n’indique pas de fondement pour ce transfert : interrogez le responsable",
)


def _stores(policy: Policy, found: Sequence[Reading], as_of: date) -> Iterable[StoreInformation]:
    for name in dict.fromkeys(r.collection.store for r in found if r.collection.store in policy.stores):
        location = policy.stores[name].location
        yield StoreInformation(name, policy.document.stores[name].title, location, in_eea(location, as_of))


# --- decisions and authority ----------------------------------------------------------------------


def _decisions(policy: Policy, purposes: frozenset[str]) -> tuple[str, tuple[DecisionInformation, ...]]:
    section = policy.document.automated_decisions
    if section is None:
        return "unsaid", ()
    decisions = tuple(
        DecisionInformation(d.purpose, d.logic, d.significance)
        for d in section.decisions.values()
        if d.purpose in purposes
    )
    return ("some" if decisions else "none"), decisions


def _authority(policy: Policy) -> AuthorityInformation:
    named = policy.document.publisher.authority
    if named is not None:
        return AuthorityInformation(named.name, named.address, named.website)
    known = authority(policy.country)
    if known is None:
        return AuthorityInformation(None, None, _ANY_AUTHORITY)
    return AuthorityInformation(known.name, known.address, known.complaint)


# --- as JSON --------------------------------------------------------------------------------------


def as_json(value: object) -> object:
    """Anything of this module as JSON: mappings, lists, texts."""
    if isinstance(value, date):
        return value.isoformat()
    slots = getattr(value, "__dataclass_fields__", None)
    if slots is not None:
        return {name: as_json(getattr(value, name)) for name in slots}
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value
