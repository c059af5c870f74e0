"""Which country codes are Union territory, and since when a country counts as within the EEA.

For data protection, being within the European Economic Area means that the GDPR applies there as at home
(Union law, or Joint Committee Decision 154/2018 for Iceland, Liechtenstein and Norway).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

EU = (
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT",
    "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
)  # fmt: skip
"""The 27 Member States."""
EFTA_EEA = ("IS", "LI", "NO")
"""The states of EFTA that are in the EEA. Switzerland is not."""

_FOUNDERS = date(1994, 1, 1)

EEA: Mapping[str, tuple[date, date | None]] = {
    **dict.fromkeys(EU, (_FOUNDERS, None)),
    **dict.fromkeys(("CY", "CZ", "EE", "HU", "LV", "LT", "MT", "PL", "SK", "SI"), (date(2004, 5, 1), None)),
    **dict.fromkeys(("BG", "RO"), (date(2007, 1, 1), None)),
    "HR": (date(2013, 7, 1), None),
    "IS": (_FOUNDERS, None),
    "LI": (date(1995, 5, 1), None),
    "NO": (_FOUNDERS, None),
    "GB": (_FOUNDERS, date(2020, 12, 31)),
}
"""First and last day within the EEA or the Union. The United Kingdom's last is the end of the transition of the
Withdrawal Agreement. The list of countries was read on a primary text; the days are general knowledge (T)."""

PART_OF: Mapping[str, str] = {**dict.fromkeys(("GF", "GP", "MF", "MQ", "RE", "YT"), "FR"), "AX": "FI"}
"""Territories with a country code of their own in which Union law applies: the French outermost regions (Article
349 of the Treaty on the Functioning of the EU) and Åland. General knowledge (T). The other overseas countries
and territories (New Caledonia, Polynesia, Greenland, the Faroes …) are outside."""


def home_of(country: str) -> str:
    """The country whose law applies in a territory; the code itself for everything else."""
    return PART_OF.get(country, country)


def in_eea(country: str, as_of: date) -> bool:
    """Whether data that lies there on that day has not left the European Economic Area."""
    since, until = EEA.get(home_of(country), (date.max, None))
    return since <= as_of and (until is None or as_of <= until)


def in_eu(country: str) -> bool:
    """Whether the country, or the one it is a part of, is a Member State today."""
    return home_of(country) in EU
