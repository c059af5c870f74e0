"""Where a right can be exercised now: the one place that knows what the site offers."""

from __future__ import annotations

from urllib.parse import quote

from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights

SPACE = "/me"
"""The personal space of this site."""


def way_to(policy: Policy, right: str, subject: str) -> str:
    """The address that leads there, or nothing. ``subject`` is what a mail about it is called.

    In this order: a portal elsewhere, the personal space of this site, the contact form, a mail, a call, the
    publisher's own page.
    """
    document, publisher = policy.document, policy.document.publisher
    if right == "complaint":
        return "#detail-complaint"
    portal = document.rights.portal if document.rights else None
    if portal and not portal.startswith("/"):
        return portal
    if has_space(policy):
        return f"{SPACE}/ask/{right}"
    if document.contact is not None:
        return f"/contact?about={right}"
    point = publisher.privacy_contact
    mail = (point.email if point else None) or publisher.email
    if mail:
        return f"mailto:{mail}?subject={quote(subject)}"
    phone = (point.phone if point else None) or publisher.phone
    if phone:
        return telephone(phone)
    return publisher.website or ""


def has_space(policy: Policy) -> bool:
    """Whether people can come into the personal space: mail can be sent to them, they are found by its address, the
    cookie that keeps them inside is declared, and an account or a letter is a proof for this publisher."""
    document = policy.document
    declared = any(
        cookie.exempt == "authentication" and cookie.storage == "cookie" and cookie.party == "first"
        for cookie in document.cookies.values()
    )
    by_letter = "email_link" in proofs(policy)
    by_account = "account" in proofs(policy) and document.accounts is not None
    return declared and document.mail is not None and "email" in policy.identifiers and (by_letter or by_account)


def proofs(policy: Policy) -> tuple[str, ...]:
    """How people may show who they are, by the policy (``rights: verify:``)."""
    return tuple((policy.document.rights or Rights()).verify)


def telephone(number: str) -> str:
    """The address of a telephone number (RFC 3966)."""
    return f"tel:{''.join(c for c in number if c.isdigit() or c == '+')}"
