"""Reading one answer: what it must look like, and what to say if it does not.

Each reader takes the text as typed, without the spaces around it, and gives the value. It raises Unfit.
"""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import available_timezones

from troth.core.discover.yaml_text import LONGEST, value_writable
from troth.core.law.transfers import adequacy, in_eea
from troth.core.policy.countries import COUNTRIES, MISTAKEN
from troth.core.policy_writing.answers import LANGUAGES, Does

NONE = frozenset({"", "none", "no", "aucun", "aucune", "non", "-"})
"""What people write for "nothing"."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SITE = re.compile(r"https?://[^\s/]\S*")


class Unfit(ValueError):
    """An answer that cannot be used, and why, in both languages. The answer itself is not repeated."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.by_language = {"en": en, "fr": fr}


def optional(text: str) -> str:
    """A line of text, or nothing."""
    if not text:
        return ""
    if any(sign in text for sign in "\n\r\t"):
        raise Unfit("write it on one line, without tabs", "écrivez-le sur une ligne, sans tabulation")
    if len(text) > LONGEST:
        raise Unfit(f"at most {LONGEST} characters", f"au plus {LONGEST} caractères")
    if not value_writable(text):
        raise Unfit(
            "it holds characters that nobody sees, or a password: neither may stand in a policy",
            "cela contient des caractères invisibles, ou un mot de passe : ni les uns ni l’autre n’ont leur place "
            "dans une politique",
        )
    return text


def required(text: str) -> str:
    """A line of text that must not be empty."""
    if not text:
        raise Unfit("this cannot be left empty", "ceci ne peut pas rester vide")
    return optional(text)


def languages(text: str) -> tuple[str, ...]:
    """Languages of the policy, the one that prevails first."""
    found = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",")))
    if not found or not set(found) <= set(LANGUAGES):
        raise Unfit("write en, fr, or both: fr,en", "écrivez fr, en, ou les deux : fr,en")
    return found


def country(text: str) -> str:
    """A country by its two letters."""
    code = text.upper()
    if code in COUNTRIES:
        return code
    meant = MISTAKEN.get(code)
    en, fr = (f"; did you mean {meant}?", f" ; vouliez-vous dire {meant} ?") if meant else ("", "")
    raise Unfit(f"two letters such as FR{en}", f"deux lettres comme FR{fr}")


def home(text: str, today: date) -> str:
    """The publisher's country, which lies within the European Economic Area."""
    code = country(text)
    if not in_eea(code, today):
        raise Unfit(
            "a first policy can be written for the countries of the European Economic Area only",
            "une première politique ne peut être écrite que pour les pays de l’Espace économique européen",
        )
    return code


def provider_country(text: str, today: date) -> str:
    """A country to which data may go: within the European Economic Area, or with an adequacy decision."""
    code = country(text)
    if not in_eea(code, today) and adequacy(code, today) is None:
        raise Unfit(
            "data goes there only on a further ground (GDPR Article 46): take a country within the European Economic "
            "Area, or add this recipient to the file by hand with its `transfer:`",
            "des données n’y vont qu’avec un fondement de plus (RGPD, article 46) : prenez un pays de l’Espace "
            "économique européen, ou ajoutez ce destinataire à la main avec son `transfer:`",
        )
    return code


def timezone(text: str) -> str:
    """A time zone of the IANA list."""
    if text not in available_timezones():
        raise Unfit("a name such as Europe/Paris", "un nom comme Europe/Paris")
    return text


def email(text: str) -> str:
    """An address for mail."""
    if not _EMAIL.fullmatch(required(text)):
        raise Unfit("an address such as privacy@example.org", "une adresse comme donnees@example.org")
    return text


def site(text: str) -> str:
    """The address of the site."""
    if not _SITE.fullmatch(required(text)):
        raise Unfit("an address that begins with https://", "une adresse qui commence par https://")
    return text


def does(text: str) -> frozenset[Does]:
    """What the site does: words separated by commas."""
    words = {part.strip().lower() for part in text.split(",")} - NONE
    known = {str(each) for each in Does}
    if not words <= known:
        listed = ", ".join(each for each in Does)
        raise Unfit(f"words among {listed}, separated by commas", f"des mots parmi {listed}, séparés par des virgules")
    return frozenset(Does(word) for word in words)


def day_or_none(text: str) -> date | None:
    """A day, or nothing."""
    if text.lower() in NONE:
        return None
    try:
        return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")
    except ValueError:
        raise Unfit("a day such as 2026-01-31, or none", "un jour comme 2026-01-31, ou aucun") from None


def past_day_or_none(text: str, today: date) -> date | None:
    """A day that is not in the future, or nothing."""
    day = day_or_none(text)
    if day is not None and day > today:
        raise Unfit("this day is still to come", "ce jour est encore à venir")
    return day


def years(text: str) -> int:
    """A number of years."""
    if not re.fullmatch("[1-9][0-9]?", text):
        raise Unfit("a number of years from 1 to 99", "un nombre d’années de 1 à 99")
    return int(text)
