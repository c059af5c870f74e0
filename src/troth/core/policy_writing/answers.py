"""What a publisher has answered, checked and ready to be written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from troth.core.law.territories import home_of

LANGUAGES = ("en", "fr")
"""Those in which a first policy can be written."""


class Does(StrEnum):
    """What a site does with people's data."""

    CONTACT = "contact"
    NEWSLETTER = "newsletter"
    ACCOUNTS = "accounts"
    ORDERS = "orders"
    AUDIENCE = "audience"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody who processes data for the publisher. ``agreement``: when the agreement of Article 28 was signed."""

    name: str
    country: str
    agreement: date | None = None
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers. Empty texts and None stand for what does not exist.

    ``languages``: the first is the one whose text prevails. ``accounting_years`` and ``accounting_law`` matter only
    where there are orders.
    """

    languages: tuple[str, ...]
    name: str
    country: str
    timezone: str
    address: str
    registration: str
    legal_form: str
    capital: str
    phone: str
    director: str
    contact_name: str
    contact_email: str
    contact_phone: str
    site: str
    does: frozenset[Does]
    host: Provider
    mailing: Provider | None = None
    payment: Provider | None = None
    audience_tool: str = ""
    accounting_years: int = 10
    accounting_law: str = ""

    @property
    def french(self) -> bool:
        """Whether French law is the publisher's."""
        return home_of(self.country) == "FR"

    def providers(self) -> dict[str, Provider]:
        """By their name in the policy."""
        found = {"web-host": self.host, "mailing": self.mailing, "payment": self.payment}
        return {key: provider for key, provider in found.items() if provider is not None}
