"""The sentences that the page adds to the publisher's own, in English and French."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGE_NAMES: Mapping[str, tuple[str, str]] = {
    "fr": ("French", "français"), "en": ("English", "anglais"), "de": ("German", "allemand"),
    "es": ("Spanish", "espagnol"), "it": ("Italian", "italien"), "nl": ("Dutch", "néerlandais"),
    "pt": ("Portuguese", "portugais"), "pl": ("Polish", "polonais"),
}  # fmt: skip

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

BROWSERS = (
    ("Firefox", "https://support.mozilla.org/kb/enhanced-tracking-protection-firefox-desktop"),
    ("Chrome", "https://support.google.com/chrome/answer/95647"),
    ("Safari", "https://support.apple.com/guide/safari/sfri11471/mac"),
    (
        "Edge",
        "https://support.microsoft.com/microsoft-edge/delete-cookies-in-microsoft-edge-63947406-40ac-c3b8-57b9-2a946a29ae09",
    ),
)
"""Where makers of browsers explain their settings."""


@cache
def _said() -> Mapping[str, tuple[str, str]]:
    lines = files("troth.publishing").joinpath("data", "words.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.split(" | ") for line in lines if line and not line.startswith("#"))
    return {name: (english, french) for name, english, french in parts}


def say(key: str, language: str, /, **values: str) -> str:
    """A sentence in English or French; other languages get English."""
    english, french = _said()[key]
    return spaced(french if language == "fr" else english, language).format_map(values)


def pair(table: Mapping[str, tuple[str, str]], name: str, language: str) -> str:
    """A word of a table; the name itself when the table lacks it."""
    english, french = table.get(name, (name, name))
    return french if language == "fr" else english


def row_of(words: list[str], language: str) -> str:
    """Words in a row, the last two joined by *and*."""
    last = " et " if language == "fr" else " and "
    return last.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def spaced(text: str, language: str) -> str:
    """French sets a space that does not break before high punctuation and inside quotation marks."""
    if language != "fr":
        return text
    for mark in (";", ":", "?", "!", "»"):
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")
