"""What a person reads about a problem, in English and in French, by its code.

Each text says what is wrong and what to do. ``{name}`` places take the problem's params; ``{nearest}`` becomes
a question when there is a nearest word and nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.policy.texts_meaning import MEANING
from troth.core.policy.texts_writing import WRITING

LANGUAGES = ("en", "fr")

MESSAGES: Mapping[str, tuple[str, str]] = {**WRITING, **MEANING}

_DID_YOU_MEAN = ("; did you mean '{}'?", " ; vouliez-vous dire « {} » ?")

EXPECTED: Mapping[str, tuple[str, str]] = {
    "@text": ("a text", "un texte"),
    "@quoted": ("a text: write it in quotes", "un texte : écrivez-le entre guillemets"),
    "@mapping": ("keys and values", "des clés et des valeurs"),
    "@list": ("a list", "une liste"),
    "@whole": ("a whole number", "un nombre entier"),
    "@number": ("a number", "un nombre"),
    "@truth": ("true or false", "true ou false"),
    "@date": ("a date such as 2026-11-22", "une date comme 2026-11-22"),
    "@value": ("a single value", "une seule valeur"),
    "@period": ("a period such as '3 years' or '13 months'", "une durée comme « 3 ans » ou « 13 mois »"),
    "@country": ("two letters such as FR", "deux lettres comme FR"),
    "@month_day": ("a day of the year, month first, such as 12-31", "un jour de l'année, le mois d'abord, comme 12-31"),
    "@nonempty": ("something in it", "au moins un élément"),
    "@name": (
        "a name of letters, digits, hyphens and underscores that begins with a letter",
        "un nom de lettres, chiffres, traits d'union et traits bas, commençant par une lettre",
    ),
    "@email": ("a mail address", "une adresse électronique"),
    "@address": ("an address that begins with https:// or /", "une adresse qui commence par https:// ou /"),
    "@language": ("a language code such as fr", "un code de langue comme fr"),
    "@pattern": ("another spelling", "une autre écriture"),
    "@range": ("a number within {low} and {high}", "un nombre entre {low} et {high}"),
    "@shorter": ("a shorter text", "un texte plus court"),
}


def message_in(language: str, code: str, params: Mapping[str, str]) -> str:
    """The message of a problem. Unknown languages get English; KeyError for an unknown code."""
    index = 1 if language.startswith("fr") else 0
    values = dict(params)
    word = values.get("nearest", "")
    values["nearest"] = _DID_YOU_MEAN[index].format(word) if word else ""
    values["expected"] = expected_in(language, values.get("expected", ""))
    return MESSAGES[code][index].format_map(_Blank(values))


def expected_in(language: str, expected: str) -> str:
    """What was expected: a phrase of the catalogue, or words that are the same in every language."""
    index = 1 if language.startswith("fr") else 0
    phrase, _, rest = expected.partition("|")
    if phrase not in EXPECTED:
        return expected
    low, _, high = rest.partition("|")
    return EXPECTED[phrase][index].format(low=low, high=high)


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
