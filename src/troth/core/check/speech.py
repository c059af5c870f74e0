"""How values stand in a sentence: periods, days, lists and citations, in English and in French."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from troth.core.policy.values import Duration

Value: TypeAlias = str | int | date | Duration | Mapping[str, str] | tuple[str, ...]
"""What may fill a place in a message. A mapping is a text by language."""

_UNITS = {
    "en": (("year", "years"), ("month", "months"), ("day", "days"), ("hour", "hours"), ("minute", "minutes")),
    "fr": (("an", "ans"), ("mois", "mois"), ("jour", "jours"), ("heure", "heures"), ("minute", "minutes")),
}
_FRENCH_NAMES = {
    "GDPR": "RGPD", "EDPB guidelines": "CEPD, lignes directrices", "Directive": "directive", "/EC": "/CE",
    "Decision (EU)": "décision (UE)", "Decision": "décision", "Commission decision of": "décision de la Commission du",
    "decree": "décret", "practice": "usage", "since": "depuis", "unconfirmed": "non confirmé",
    " and ": " et ", " to ": " à ",
    "4 July 2025": "4 juillet 2025", "18 September 2025": "18 septembre 2025", "3 Feb 2022": "3 février 2022",
    "19 December 2025": "19 décembre 2025", "26 January 2026": "26 janvier 2026",
}  # fmt: skip
_ENGLISH_NAMES = {"délibérations": "deliberations", "délibération": "deliberation", " et ": " and "}


def said(language: str, value: Value) -> str:
    """The value in words of a language."""
    if isinstance(value, Duration):
        return period(language, value)
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, Mapping):
        return value.get(language) or value.get("en") or next(iter(value.values()), "")
    return value.isoformat() if isinstance(value, date) else str(value)


def period(language: str, duration: Duration) -> str:
    """A period as people write it: whole years as years, 13 months as months, 72 hours as hours."""
    years, months = (duration.months // 12, 0) if duration.months % 12 == 0 else (0, duration.months)
    hours, minutes = divmod(duration.minutes, 60)
    amounts = (years, months, duration.days, hours, minutes)
    pairs = zip(amounts, _UNITS[language], strict=True)
    words = [f"{amount} {many if amount > 1 else one}" for amount, (one, many) in pairs if amount]
    return " ".join(words) or f"0 {_UNITS[language][2][1]}"


def citation(language: str, sources: Iterable[str]) -> str:
    """Rules of law, each once, as they are called in a language."""
    text = "; ".join(dict.fromkeys(sources))
    for name, other in (_FRENCH_NAMES if language == "fr" else _ENGLISH_NAMES).items():
        text = text.replace(name, other)
    return typeset(text.replace(";", " ;")) if language == "fr" else text


def typeset(text: str) -> str:
    """French with its non-breaking spaces and its apostrophes."""
    text = text.replace("'", "’")
    text = re.sub(r" ([;:!?»])", "\N{NO-BREAK SPACE}\\1", text)
    return text.replace("« ", "«\N{NO-BREAK SPACE}")
