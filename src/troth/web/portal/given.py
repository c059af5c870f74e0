"""What was given of somebody's data to recipients and authorities, for that person to read (GDPR Article 15(1)(c))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from troth.core.policy.model import Basis
from troth.core.rights.information_words import BASES
from troth.desk import disclosures
from troth.desk.house import House
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.portal.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Given:
    """One disclosure, in words. ``what`` is finished markup."""

    day: str
    to: str
    what: str
    ground: str
    law: str


def about(at: House, visitor: Visitor, language: str) -> list[Given]:
    """What they may know today, the newest first."""
    namer = Namer(at.policy, language)
    spoken = "fr" if language.startswith("fr") else "en"
    return [
        Given(
            locale.day(one.entry.day, language), one.entry.to,
            ", ".join(namer.category(name) for name in one.entry.categories),
            BASES[Basis(one.entry.ground)][spoken], one.entry.law,
        )
        for one in disclosures.told_to(at, visitor.identifiers, datetime.now(UTC))
    ]  # fmt: skip
