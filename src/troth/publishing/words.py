"""The sentences that the page adds to the publisher's own, in English and French."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from troth.publishing.typography import typeset

LANGUAGE_NAMES: Mapping[str, tuple[str, str]] = {
    "bg": ("Bulgarian", "bulgare"), "cs": ("Czech", "tchèque"), "da": ("Danish", "danois"),
    "de": ("German", "allemand"), "el": ("Greek", "grec"), "en": ("English", "anglais"), "es": ("Spanish", "espagnol"),
    "et": ("Estonian", "estonien"), "fi": ("Finnish", "finnois"), "fr": ("French", "français"),
    "ga": ("Irish", "irlandais"), "hr": ("Croatian", "croate"), "hu": ("Hungarian", "hongrois"),
    "is": ("Icelandic", "islandais"), "it": ("Italian", "italien"), "lt": ("Lithuanian", "lituanien"),
    "lv": ("Latvian", "letton"), "mt": ("Maltese", "maltais"), "nb": ("Norwegian", "norvégien"),
    "nl": ("Dutch", "néerlandais"), "no": ("Norwegian", "norvégien"), "pl": ("Polish", "polonais"),
    "pt": ("Portuguese", "portugais"), "ro": ("Romanian", "roumain"), "sk": ("Slovak", "slovaque"),
    "sl": ("Slovenian", "slovène"), "sv": ("Swedish", "suédois"),
}  # fmt: skip

AUTONYMS: Mapping[str, str] = {
    "bg": "български", "cs": "čeština", "da": "dansk", "de": "Deutsch", "el": "ελληνικά", "en": "English",
    "es": "español", "et": "eesti", "fi": "suomi", "fr": "français", "ga": "Gaeilge", "hr": "hrvatski",
    "hu": "magyar", "is": "íslenska", "it": "italiano", "lt": "lietuvių", "lv": "latviešu", "mt": "Malti",
    "nb": "norsk (bokmål)", "nl": "Nederlands", "no": "norsk", "pl": "polski", "pt": "português", "ro": "română",
    "sk": "slovenčina", "sl": "slovenščina", "sv": "svenska",
}  # fmt: skip
"""Languages by their own name."""

EXEMPT: Mapping[str, tuple[str, str]] = {
    "consent_choice": ("it remembers your choice", "il retient votre choix"),
    "authentication": ("it keeps you logged in", "il vous garde connecté"),
    "cart_or_billing": ("it holds your basket", "il tient votre panier"),
    "ui_personalisation": ("it remembers how you like the page", "il retient l’affichage que vous préférez"),
    "load_balancing": ("it spreads visits over the servers", "il répartit les visites entre les serveurs"),
    "paywall_sample_quota": ("it counts free pages", "il compte les pages gratuites"),
    "audience_measurement_exempt": (
        "it measures our audience anonymously", "il mesure notre audience de façon anonyme",
    ),
    "test_of_cookies": ("it tests whether cookies work", "il vérifie que les cookies fonctionnent"),
    "security": ("it keeps the site safe", "il protège le site"),
}  # fmt: skip

_LOCALES: Mapping[str, str] = {
    "cs": "cs-cz", "da": "da-dk", "el": "el-gr", "en": "en-gb", "et": "et-ee", "sl": "sl-si", "sv": "sv-se",
}  # fmt: skip
_FIREFOX: Mapping[str, str] = {
    "en": "en-US/kb/enhanced-tracking-protection-firefox-desktop",
    "fr": "fr/kb/protection-renforcee-contre-pistage-firefox-ordinateur",
}
_EDGE: Mapping[str, str] = {
    "en": "en-gb/microsoft-edge/delete-cookies-in-microsoft-edge",
    "fr": "fr-fr/microsoft-edge/supprimer-les-cookies-dans-microsoft-edge",
}


def browsers(language: str) -> list[tuple[str, str, str]]:
    """Where makers of browsers explain their settings in that language: name, address, and the language of the page
    where it exists in another one only."""
    short = language.partition("-")[0]
    place = _LOCALES.get(short, f"{short}-{short}")
    firefox = _FIREFOX.get(short, "kb/enhanced-tracking-protection-firefox-desktop")
    edge = _EDGE.get(short, f"{place}/microsoft-edge/delete-cookies-in-microsoft-edge")
    return [
        ("Firefox", f"https://support.mozilla.org/{firefox}", ""),
        ("Chrome", f"https://support.google.com/chrome/answer/95647?hl={short}", ""),
        ("Safari (Mac)", f"https://support.apple.com/{place}/guide/safari/sfri11471/mac", ""),
        ("Safari (iPhone, iPad)", f"https://support.apple.com/{place}/105082", ""),
        ("Edge", f"https://support.microsoft.com/{edge}-63947406-40ac-c3b8-57b9-2a946a29ae09", ""),
        ("Opera", "https://help.opera.com/en/latest/web-preferences/", "" if short == "en" else "en"),
    ]


@cache
def _said() -> Mapping[str, tuple[str, str]]:
    lines = files("troth.publishing").joinpath("data", "words.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.split(" | ") for line in lines if line and not line.startswith("#"))
    return {name: (english, french) for name, english, french in parts}


def say(key: str, language: str, /, **values: str) -> str:
    """A sentence in English or French; other languages get English."""
    english, french = _said()[key]
    said = french if language == "fr" else english
    return spaced(said.format_map(values), "fr" if language == "fr" else "en")


def pair(table: Mapping[str, tuple[str, str]], name: str, language: str) -> str:
    """A word of a table; the name itself when the table lacks it."""
    english, french = table.get(name, (name, name))
    return french if language == "fr" else english


def row_of(words: list[str], language: str) -> str:
    """Words in a row, the last two joined by *and*."""
    last = " et " if language == "fr" else " and "
    return last.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def spaced(text: str, language: str) -> str:
    """A sentence with the spaces that do not break."""
    return typeset(text, language)
