"""What a single value shows of itself.

``signs_of`` looks at one value and names the kinds it could be, from ``SIGNS``. A sign is a likeness and no
proof: one number in ten passes a check digit. What a column holds is concluded from the share of its values
that show a sign, together with its name (``classify.py``). The time for one value is bounded: only its first
``LONGEST`` characters are looked at, and no expression here goes back over what it has read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any
from uuid import UUID

from troth.core.discover.recognise_contact import (
    is_address_line,
    is_postcode,
    is_user_agent,
    mail_signs,
    network_signs,
)
from troth.core.discover.recognise_dates import text_moments
from troth.core.discover.recognise_numbers import digit_signs, lettered_signs, masked_card, phone_signs
from troth.core.discover.recognise_secrets import secret_signs
from troth.core.discover.recognise_words import is_firm, is_version, listed_signs, name_signs, prose_signs, token_signs

LONGEST = 2_000
"""Characters of a text that are looked at."""

_NAMES = (
    # reaching somebody
    "email email_inside handle phone phone_bare url domain ip ip_packed ip_integer ip_hex mac user_agent "
    # numbers of persons, firms, cards
    "iban card card_masked nir nir_short siren siret vat national_id uuid uuid_packed "
    # secrets
    "password_hash hash_argon2 hash_bcrypt hash_scrypt hash_pbkdf2 hash_phpass hash_crypt hash_salted "
    "digest digest_md5 digest_sha1 digest_sha224 digest_sha256 digest_sha384 digest_sha512 hex8 token binary "
    # people and places
    "name_shape name_shape_one name_shape_several firm_word given_name surname full_name address_line "
    "postcode postcode_digits "
    "coordinates degrees country_code country_name city_name gender_word marital_word blood_type "
    # texts
    "words sentence html json php vcard icalendar "
    # moments
    "moment midnight before_1990 "
    # things, and nobody's
    "flag integer amount number word slug code file path mime colour version locale language_code currency "
    "timezone symbol duration"
)
SIGNS = frozenset(_NAMES.split())
"""Every sign there is."""

_NETWORKS = (IPv4Address, IPv6Address, IPv4Interface, IPv6Interface, IPv4Network, IPv6Network)
_FIGURE = re.compile(r"\d")
_DIGITS = frozenset("0123456789 +-.,/()\u00a0\u202f")


def signs_of(value: Any) -> frozenset[str]:
    """The signs of one value as a database driver gives it; empty for NULL, blanks and what is like nothing.
    Never raises."""
    if isinstance(value, str):
        text = value.strip()
        return frozenset(_text_signs(text[:LONGEST])) if text else frozenset()
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes_signs(bytes(value))
    return frozenset(_other_signs(value))


def as_text(data: bytes) -> str | None:
    """The text that binary columns often hold; None for real binary."""
    head = data[: LONGEST * 4]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut in two at the end of what was read is no fault.
        if error.start < len(head) - 3 or len(head) == len(data):
            return None
        text = head[: error.start].decode("utf-8")
    shown = text[:200].translate(_WHITE)
    return text if shown.isprintable() else None


_WHITE = {ord(c): " " for c in "\t\r\n\u00a0\u202f\u200b"}


def _bytes_signs(data: bytes) -> frozenset[str]:
    if not data:
        return frozenset()
    text = as_text(data)
    if text is not None and len(data) > 4:
        return signs_of(text)
    sizes = {4: ("ip_packed",), 16: ("ip_packed", "uuid_packed"), 20: ("digest_sha1",), 32: ("digest_sha256",)}
    return frozenset(("binary", *sizes.get(len(data), ())))


def _other_signs(value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bool):
        yield "flag"
    elif isinstance(value, int):
        yield from _integer_signs(value)
    elif isinstance(value, float | Decimal):
        yield "number"
        if isinstance(value, Decimal) and not value.is_finite():
            return
        if -180 <= float(value) <= 180 and len(str(value).partition(".")[2].rstrip("0")) >= 4:
            yield "degrees"
    elif isinstance(value, date):
        yield "moment"
    elif isinstance(value, UUID):
        yield "uuid"
    elif isinstance(value, _NETWORKS):
        yield "ip"
    elif isinstance(value, time | timedelta):
        yield "duration"
    elif isinstance(value, dict | list):
        yield "json"


def _integer_signs(value: int) -> Iterator[str]:
    yield "integer"
    if value in (0, 1):
        yield "flag"
    elif 16_777_216 <= value < 4_294_967_296:
        yield "ip_integer"
    if 10**8 <= value < 10**13:
        yield "phone_bare"
    if 10**12 <= value < 10**19:
        yield from (sign for sign in digit_signs(str(value)) if sign in ("card", "siret", "nir_short", "nir"))


def _text_signs(text: str) -> set[str]:
    found: set[str] = set()
    if text[:6] in ("BEGIN:", "begin:"):
        return (
            {"vcard"}
            if text[6:11].upper() == "VCARD"
            else {"icalendar"}
            if text[6:15].upper() == "VCALENDAR"
            else found
        )
    if text[0] in "{[<aO" and text[-1] in "}]":
        found.update(_opening(text))
    if len(text) <= 40 and _DIGITS.issuperset(text):
        found.update(_unlettered_signs(text))
        return found
    if "@" in text:
        found.update(mail_signs(text[:400]))
        if "email" in found:
            return found
    if len(text.split(None, 1)) > 1:
        found.update(_spaced_signs(text))
    else:
        found.update(_token_signs(text))
    return found


def _unlettered_signs(text: str) -> Iterator[str]:
    if text.count(".") == 3 and (network := set(network_signs(text))):
        yield from network
    elif any(True for _ in text_moments(text)):
        yield "moment"
        yield from ("integer", "siret") if text.isdecimal() and "siret" in set(digit_signs(text)) else ()
    else:
        yield from digit_signs(text)
        if text in ("0", "1"):
            yield "flag"
        if text.count(".") == 2 and is_version(text):
            yield "version"
        if not text.isdecimal() and is_postcode(text):
            yield "postcode"


def _opening(text: str) -> Iterator[str]:
    if text[0] in "{[" and ('"' in text[:200] or text[1:2] in "]}0123456789[{"):
        yield "json"
    elif text[1:2] == ":" and text[2:3].isdecimal():
        yield "php"


def _token_signs(text: str) -> Iterator[str]:
    if "/" in text and is_user_agent(text):
        yield "user_agent"
        return
    if text[0].isdecimal() and any(True for _ in text_moments(text)):
        yield "moment"
        return
    yield from network_signs(text)
    yield from secret_signs(text)
    yield from token_signs(text[:400])
    yield from _numbers_with_letters(text)
    yield from listed_signs(text)
    if text[0].isalpha():
        yield from name_signs(text)


def _spaced_signs(text: str) -> Iterator[str]:
    size = len(text)
    if size > 12 and is_user_agent(text):
        yield "user_agent"
        return
    if text[0].isdecimal() and any(True for _ in text_moments(text)):
        yield "moment"
        return
    yield "words"
    yield from prose_signs(text)
    yield from listed_signs(text)
    yield from name_signs(text)
    if size <= 40:
        yield from _numbers_with_letters(text)
    if is_address_line(text):
        yield "address_line"
    elif is_firm(text):
        yield "firm_word"


def _numbers_with_letters(text: str) -> Iterator[str]:
    """The signs of short texts of letters and digits."""
    if len(text) > 42 or not _FIGURE.search(text):
        return
    yield from lettered_signs(text.upper())
    if is_postcode(text):
        yield "postcode"
    if masked_card(text):
        yield "card_masked"
    elif text[0] in "+0(" or text[0].isdecimal():
        yield from phone_signs(text)
