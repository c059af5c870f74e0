"""Values made of digits: which numbers of people, cards, firms and telephones they could be.

A check digit alone proves little of one value (one number in ten passes); a column where nearly all pass is told
by its share. Numbers whose check is weak are therefore signs of their own, never taken for a person's by
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from stdnum import iban
from stdnum.be import nn as belgian
from stdnum.ch import ssn as swiss
from stdnum.de import idnr as german
from stdnum.es import dni, nie
from stdnum.eu import vat
from stdnum.fi import hetu as finnish
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.pl import pesel as polish
from stdnum.se import personnummer as swedish

from troth.core.discover.lexicon_words import word_lists

_SEPARATORS = re.compile(r"[ \u00a0\u202f./()\-]")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+(?:[.,]\d{1,2})?")
_AMOUNT = re.compile(r"[+-]?\d{1,12}[.,]\d{1,6}")
_DIALLED = re.compile(r"\+?[\d(][\d ().\-/\u00a0\u202f]{5,24}(?:\s?(?:x|ext\.?|poste|-)\s?\d{1,6})?")
_NOT_DIALLED = re.compile(r"\d{3}-\d{2}-\d{4}|\d{4,5}-\d{3,4}|\d{2}-\d{3}")
"""Ways of writing a social security number and postcodes."""
_SECURED = re.compile(r"\d{3}-\d{2}-\d{4}")
_DECIMAL_PAIR = re.compile(r"(-?\d{1,2}\.\d{2,10})[,; ]\s?(-?\d{1,3}\.\d{2,10})")
_MASKED = re.compile(r"(?=.*\d{2})(?=.*[xX*•]{4})[\dxX*• -]{8,25}")
_VAT = re.compile(r"[A-Z]{2} ?[0-9A-Z+*.]{2,12}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_NIR = re.compile(r"[1-478]\d{4}(?:\d|2[AB])\d{6,9}")
_CODICE = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")
_SPANISH = re.compile(r"[XYZ]?\d{7,8}-?[A-Z]")
_NORTHERN = re.compile(r"\d{6}(?:\d{2})?[-+A]\d{3}[0-9A-Z]")
_INSURED = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]")
_WRITTEN_REGIONS = ("FR", "DE", "ES", "IT", "GB", "BE", "CH", "NL", "AT", "PT", "US", "LU", "IE", "PL", "SE")
_BARE_REGIONS = ("FR", "BE", "CH", "GB", "NL", "IT")
_written, _bare = list(_WRITTEN_REGIONS), list(_BARE_REGIONS)
"""The same, the region that fitted last in front: a column's numbers are mostly of one country."""
_WITHOUT_ZERO = ("ES", "US", "IT", "PT", "PL", "FR", "DE")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, figure in enumerate(reversed(digits)):
        number = int(figure) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _issued(digits: str) -> bool:
    """Whether a payment card could begin like that and have that many digits."""
    first, two, four = digits[0], int(digits[:2]), int(digits[:4])
    match len(digits):
        case 13 | 19:
            return first == "4"
        case 14:
            return two in (36, 38, 39) or 300 <= four // 10 <= 305
        case 15:
            return two in (34, 37)
        case 16:
            master = 51 <= two <= 55 or 2221 <= four <= 2720
            return first == "4" or master or four == 6011 or two == 65 or 3528 <= four <= 3589
    return False


def digit_signs(text: str) -> Iterator[str]:
    """The signs of a text without letters."""
    digits = _SEPARATORS.sub("", text)
    if digits.isdecimal() and digits.isascii():
        yield from _checked(digits)
    if text.isdecimal():
        yield "integer"
        if len(text) in (4, 5):
            yield "postcode_digits"
        elif len(text) == 8:
            yield "hex8"
    elif _AMOUNT.fullmatch(text) or _GROUPED.fullmatch(text):
        yield "amount"
        return
    if pair := _DECIMAL_PAIR.fullmatch(text):
        if abs(float(pair[1])) <= 90 and abs(float(pair[2])) <= 180:
            yield "coordinates"
        return
    if _SECURED.fullmatch(text):
        yield "national_id"
    yield from phone_signs(text)


def _checked(digits: str) -> Iterator[str]:
    size = len(digits)
    if size == 9 and luhn(digits) and digits[0] != "0":
        yield "siren"
    elif size == 14 and luhn(digits) and luhn(digits[:9]):
        yield "siret"
    elif size in (13, 15) and _NIR.fullmatch(digits) and (size == 13 or nir.is_valid(digits)):
        yield "nir" if size == 15 else "nir_short"
    elif _of_a_person(digits):
        yield "national_id"
    if is_card(digits):
        yield "card"


def is_card(digits: str) -> bool:
    """Whether a payment card could have this number: length, first digits of an issuer, check digit."""
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and _issued(digits) and luhn(digits)


def _of_a_person(digits: str) -> bool:
    if len(digits) == 11:
        return any(number.is_valid(digits) for number in (belgian, polish, german))
    return len(digits) == 13 and digits.startswith("756") and bool(swiss.is_valid(digits))


def phone_signs(text: str) -> Iterator[str]:
    """``phone`` for what is written like a telephone number and is one somewhere near; ``phone_bare`` for plain
    digits that could be dialled: those need a name that says so."""
    if not 7 <= len(text) <= 32 or not _DIALLED.fullmatch(text) or _NOT_DIALLED.fullmatch(text):
        return
    digits = sum(c.isdecimal() for c in text)
    if not 7 <= digits <= 17 or _GROUPED.fullmatch(text):
        return
    if text.startswith("00") and text[2:3] not in ("", "0"):
        text = "+" + text[2:]
    if text[0] == "+":
        if _valid(text, None):
            yield "phone"
    elif not text.isdecimal():
        if _somewhere(text, _written):
            yield "phone"
    elif text[0] == "0" and _somewhere(text, _bare):
        yield "phone"
    elif 9 <= digits <= 13:
        yield "phone_bare"


def _somewhere(text: str, regions: list[str]) -> bool:
    for region in tuple(regions):
        if _valid(text, region):
            if region != regions[0]:
                regions[:] = [region, *(other for other in regions if other != region)]
            return True
    return False


def _valid(text: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def dialled_without_zero(text: str) -> bool:
    """Whether plain digits are somebody's number once a country is supposed."""
    return any(_valid(text, region) for region in _WITHOUT_ZERO)


def lettered_signs(text: str) -> Iterator[str]:
    """The signs of short numbers with letters in them: bank accounts, firms, persons. ``text`` in capitals."""
    if _IBAN.fullmatch(text):
        if iban.is_valid(text):
            yield "iban"
    elif _CODICE.fullmatch(text):
        if codicefiscale.is_valid(text):
            yield "national_id"
    elif _SPANISH.fullmatch(text):
        if dni.is_valid(text) or nie.is_valid(text):
            yield "national_id"
    elif _NORTHERN.fullmatch(text):
        if swedish.is_valid(text) or finnish.is_valid(text):
            yield "national_id"
    elif _INSURED.fullmatch(text):
        yield "national_id"
    elif len(text) == 15 and _NIR.fullmatch(text) and nir.is_valid(text):
        yield "nir"
    if (
        _VAT.fullmatch(text)
        and text[:2].lower() in word_lists()["vat_country"]
        and any(map(str.isdigit, text))
        and vat.is_valid(text)
    ):
        yield "vat"


def masked_card(text: str) -> bool:
    """Whether the text looks like a number of which only some digits are shown."""
    return len(text) <= 25 and bool(_MASKED.fullmatch(text))
