"""The services of a site as the banner, the enforcement and the pages need them: every question answered once.

Facts come from the policy, where those of the catalogue (``uses:``) have been filled in when it was loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.policy.document import PolicyDocument
from troth.core.policy.model import Policy
from troth.core.policy.sections.site import Cookie, Service


@dataclass(frozen=True, slots=True)
class SiteCookie:
    """A cookie, or another thing that a service keeps in the browser. ``*`` in ``name`` stands for any letters."""

    name: str
    lifetime: str
    """``session``, ``until_cleared``, ``unknown``, or a period of the policy (``13 months``)."""
    storage: str
    """``cookie``, ``local_storage``, ``session_storage`` or ``indexed_db``."""
    party: str
    """``first`` or ``third``: whose domain sets it."""
    description: dict[str, str]
    """What it does, by language; empty where nothing is said."""
    path: str | None
    domain: str | None
    http_only: bool


@dataclass(frozen=True, slots=True)
class SiteService:
    """Something that the site embeds and that waits for consent unless it is exempt."""

    name: str
    purpose: str
    kind: str
    title: dict[str, str]
    description: dict[str, str]
    company: str | None
    """Who receives data through it; None where nobody else does or it is not said."""
    country: str | None
    """ISO 3166-1 letters of the country where that is."""
    hosts: tuple[str, ...]
    """The hosts it loads from; ``*.example.org`` stands for all below."""
    cookies: tuple[SiteCookie, ...]
    exempt: str | None
    """The kind of exemption (CNIL guidelines of 17 September 2020, article 5), or None."""
    consent_mode: frozenset[str]
    """Signals of Google's Consent Mode that are granted with it."""
    policy_url: str | None
    placeholder: dict[str, str]
    active: bool
    discontinued: bool


def site_services(policy: Policy) -> tuple[SiteService, ...]:
    """All services of the policy in its order, those no longer in use too."""
    document = policy.document
    return tuple(_service(name, service, document) for name, service in document.services.items())


def asked(policy: Policy) -> tuple[SiteService, ...]:
    """The services for which the visitor is asked: in use, and not exempt."""
    return tuple(service for service in site_services(policy) if service.active and not service.exempt)


def _service(name: str, service: Service, document: PolicyDocument) -> SiteService:
    recipient = document.recipients.get(service.recipient or "")
    return SiteService(
        name=name,
        purpose=service.purpose,
        kind=service.kind,
        title=service.title or dict.fromkeys(document.policy.languages, name),
        description=service.description or {},
        company=recipient.name if recipient else service.company,
        country=recipient.country if recipient else service.country,
        hosts=service.host or (),
        cookies=tuple(_cookie(pattern, cookie) for pattern, cookie in service.cookies.items()),
        exempt=service.exempt,
        consent_mode=frozenset(service.consent_mode),
        policy_url=service.policy,
        placeholder=service.placeholder or {},
        active=service.active,
        discontinued=service.discontinued is not None,
    )


def _cookie(pattern: str, cookie: Cookie) -> SiteCookie:
    return SiteCookie(
        name=pattern,
        lifetime=cookie.lifetime,
        storage=cookie.storage,
        party=cookie.party,
        description=cookie.description or cookie.title or {},
        path=cookie.path,
        domain=cookie.domain,
        http_only=cookie.http_only,
    )
