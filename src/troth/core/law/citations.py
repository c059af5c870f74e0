"""Finding the rules of French law that a text cites, however they are spelt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_CODES: Mapping[str, str] = {
    "com": r"(?:c|code)(?:de)?(?:com|commerce)(?!m)|commercialcode",
    "lpf": r"lpf|livre(?:des)?procedures?fiscales?|taxprocedure",
    "civ": r"(?:c|code)civ|civilcode",
    "conso": r"(?:c|code)(?:de)?(?:la)?conso|consumercode",
    "cnil": r"cnil|deliberation|deliberationno",
}
"""How each code is named in a text without spaces, signs and accents."""

_ARTICLES: Mapping[str, tuple[str, str]] = {
    "com L123-22": ("com", "l12322"),
    "lpf L102B": ("lpf", "l102b"),
    "civ 2224": ("civ", "2224"),
    "conso L218-2": ("conso", "l2182"),
    "conso L213-1": ("conso", "l2131"),
    "conso D213-1": ("conso", "d2131"),
    "conso D213-2": ("conso", "d2132"),
    "cnil 2018-303": ("cnil", "2018303"),
    "cnil 2020-092": ("cnil", "2020092"),
    "cnil 2021-122": ("cnil", "2021122"),
    "cnil 2021-131": ("cnil", "2021131"),
}


def cited(text: str) -> tuple[str, ...]:
    """The known rules that a text cites, as ``code article`` (``com L123-22``), in a fixed order.

    An article counts if its code is named anywhere in the text. A lettered article counts too if no code is named
    at all; a bare number does not, since it might be anything.
    """
    plain = _plain(text)
    codes = {code for code, pattern in _CODES.items() if re.search(pattern, plain)}
    return tuple(rule for rule, (code, article) in _ARTICLES.items() if _stands(plain, article, code, codes))


def spelt(text: str, language: str) -> str:
    """A citation of the General Data Protection Regulation as that language has it; any other as it stands."""
    found = re.fullmatch(r"(?:RGPD|GDPR),? (?:[Aa]rt\.|[Aa]rticle) ?(\d[\d()a-z]*)", text)
    if found is None:
        return text
    return f"RGPD, article {found[1]}" if language.startswith("fr") else f"GDPR Article {found[1]}"


def _stands(plain: str, article: str, code: str, codes: set[str]) -> bool:
    if re.search(rf"(?<!\d){article}(?!\d)", plain) is None:
        return False
    return code in codes or (not codes and article[0].isalpha())


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).lower()
    return re.sub(r"[^a-z0-9]", "", letters)
