"""The age from which a child consents alone to an online service (GDPR Article 8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from troth.core.law.facts import Fact, LocalText, Mark, both, in_force
from troth.core.law.territories import home_of

_ABOUT = both("Age of consent to online services", "Âge du consentement aux services en ligne")
_GDPR = "GDPR art. 8(1)"


def _age(value: int, mark: Mark, source: str = _GDPR, *, note: LocalText | None = None) -> tuple[Fact[int], ...]:
    return (Fact(value, source, mark, note=note or {}, about=_ABOUT),)


DIGITAL_AGES: Mapping[str, tuple[Fact[int], ...]] = {
    **{country: _age(13, "S") for country in ("BE", "EE", "FI", "LV", "MT", "PT", "SE")},
    "NO": _age(13, "S", note=both("the government has proposed 15", "le gouvernement a proposé 15 ans")),
    "IS": _age(13, "T"),
    "GB": _age(13, "S", "UK GDPR art. 8(1)"),
    **{country: _age(14, "S") for country in ("AT", "BG", "CY", "IT", "LT")},
    "ES": _age(14, "S", note=both("a bill would raise it to 16 (T)", "un projet de loi le porterait à 16 ans (T)")),
    **{country: _age(15, "S") for country in ("CZ", "GR")},
    "FR": _age(
        15,
        "S",
        "Loi 78-17 art. 45",
        note=both(
            "below it the child and the holders of parental authority consent together",
            "en dessous, le mineur et les titulaires de l’autorité parentale consentent ensemble",
        ),
    ),
    "DK": (
        Fact(13, _GDPR, "S", valid_to=date(2023, 12, 31), about=_ABOUT),
        Fact(15, _GDPR, "S", valid_from=date(2024, 1, 1), about=_ABOUT),
    ),
    "SI": _age(15, "T", "ZVOP-2 (2023)"),
    **{country: _age(16, "S") for country in ("HR", "DE", "HU", "IE", "LU", "NL", "PL", "RO", "SK")},
    "LI": _age(16, "T"),
}
"""By country, in the order of time."""

JOINT = Fact(
    ("FR",),
    "Loi 78-17 art. 45; Cons. const. 2018-765 DC",
    "S",
    about=both(
        "Countries where child and parent consent together, so that two consents are recorded",
        "Pays où l’enfant et le parent consentent ensemble : deux consentements sont enregistrés",
    ),
)


def digital_age(country: str, as_of: date) -> Fact[int] | None:
    """From which age a child consents alone on that day; None for a country of which nothing is known."""
    return in_force(DIGITAL_AGES.get(home_of(country), ()), as_of)


def joint_consent(country: str) -> bool:
    """Whether below that age the child's own consent is needed beside the parent's (elsewhere the parent's, or the
    child's with the parent's authorisation, is enough)."""
    return home_of(country) in JOINT.value
