"""The policy for machines: JSON-LD in the words of the W3C Data Privacy Vocabulary (DPV 2.3).

The context stands in the document, so that nobody has to fetch it to understand it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from troth.core.consent.services import SiteCookie, SiteService, site_services
from troth.core.policy.model import Basis, LocalText, Policy
from troth.core.policy.sections.publishing import PeopleGroup
from troth.core.policy.sections.purposes import Recipient
from troth.core.rights.information_words import keep_words
from troth.core.vocabulary import personal_data_terms
from troth.publishing.speaker import life_in_words

CONTEXT: Mapping[str, Any] = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
}

_BASES = {
    Basis.CONSENT: "a", Basis.CONTRACT: "b", Basis.LEGAL_OBLIGATION: "c", Basis.VITAL_INTEREST: "d",
    Basis.PUBLIC_TASK: "e", Basis.LEGITIMATE_INTEREST: "f",
}  # fmt: skip
_RIGHTS = {
    "access": "A15", "rectification": "A16", "erasure": "A17", "restriction": "A18", "portability": "A20",
    "objection": "A21", "human_review": "A22", "withdrawal": "A7-3", "complaint": "A77",
}  # fmt: skip
_KINDS = {"processor": "DataProcessor", "third_party": "ThirdParty", "joint_controller": "DataController"}


def privacy_json(policy: Policy) -> dict[str, Any]:
    """The whole policy as one JSON-LD document."""
    document = policy.document
    offered = document.rights.offered if document.rights else ()
    return {
        "@context": dict(CONTEXT),
        "@id": "#policy",
        "@type": "dpv:PrivacyNotice",
        "dct:title": _texts(document.policy.title),
        "dct:language": list(policy.languages),
        "dcat:version": policy.version,
        "dpv:hasDataController": _controller(policy),
        "dpv:hasRecipient": [_recipient(name, r) for name, r in document.recipients.items()],
        "dpv:hasProcess": [_process(policy, name) for name in policy.purposes],
        "dpv:hasService": [_service(service) for service in site_services(policy) if service.active],
        "dpv:hasRight": [{"@id": f"eu-gdpr:{_RIGHTS[right]}"} for right in offered if right in _RIGHTS],
    }  # fmt: skip


def _texts(text: LocalText) -> list[dict[str, str]]:
    return [{"@value": said, "@language": language} for language, said in text.items()]


def _controller(policy: Policy) -> dict[str, Any]:
    publisher = policy.document.publisher
    point = publisher.privacy_contact
    contact = (point.email or point.phone) if point else publisher.email
    known: dict[str, Any] = {
        "@type": "dpv:DataController", "dpv:hasName": publisher.name, "dpv:hasAddress": publisher.address,
        "dpv:hasContact": contact, "dpv:hasCountry": {"@id": f"loc:{publisher.country}"},
    }  # fmt: skip
    return {key: value for key, value in known.items() if value}


def _recipient(name: str, recipient: Recipient) -> dict[str, Any]:
    return {
        "@id": f"#recipient-{name}", "@type": f"dpv:{_KINDS.get(recipient.kind, 'Recipient')}",
        "dpv:hasName": recipient.name, "dpv:hasCountry": {"@id": f"loc:{recipient.country}"},
    }  # fmt: skip


def _process(policy: Policy, name: str) -> dict[str, Any]:
    purpose, document = policy.purposes[name], policy.document
    titles = {key: event.title for key, event in document.events.items() if event.title is not None}
    kept = keep_words(purpose.keep, policy.events, titles)
    return {
        "@id": f"#purpose-{name}",
        "@type": "dpv:Process",
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:title": _texts(purpose.title)},
        "dpv:hasLegalBasis": {"@id": f"eu-gdpr:A6-1-{_BASES[purpose.basis]}"},
        "dpv:hasDataSubject": [_people(group, document.people) for group in purpose.people],
        "dpv:hasPersonalData": [_category(category, document.categories) for category in purpose.categories],
        "dpv:hasRecipient": [{"@id": f"#recipient-{r}"} for r in purpose.recipients],
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageCondition", "dct:description": _texts(kept),
        },
    }  # fmt: skip


def _service(service: SiteService) -> dict[str, Any]:
    """Something that the site embeds: whose it is, what it is for, what it keeps in the browser and how long."""
    known: dict[str, Any] = {"@type": "dpv:ServiceProvider", "dpv:hasName": service.company}
    if service.country:
        known["dpv:hasCountry"] = {"@id": f"loc:{service.country}"}
    provider = {"dpv:hasServiceProvider": known} if service.company else {}
    return {
        "@id": f"#service-{service.name}",
        "@type": "dpv:Service",
        "dct:title": _texts(service.title),
        "dpv:hasProcess": {"@id": f"#purpose-{service.purpose}"},
        **provider,
        "dpv:hasStorageCondition": [_kept(cookie) for cookie in service.cookies],
    }


def _kept(cookie: SiteCookie) -> dict[str, Any]:
    lives = {language: life_in_words(cookie.lifetime, language) for language in ("en", "fr")}
    return {"@type": "dpv:StorageCondition", "dct:title": cookie.name, "dct:description": _texts(lives)}


def _people(name: str, known: Mapping[str, PeopleGroup]) -> dict[str, Any]:
    titled = {"dct:title": _texts(known[name].title)} if name in known else {}
    return {"@id": f"#people-{name}", "@type": "dpv:DataSubject", **titled}


def _category(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    if name in personal_data_terms():
        return {"@id": f"pd:{name}"}
    section = own.get(name)
    titled = {"dct:title": _texts(section.title)} if section is not None else {}
    broader = {"@type": f"pd:{section.broader}"} if section is not None and section.broader else {}
    return {"@id": f"#category-{name}", **broader, **titled}
