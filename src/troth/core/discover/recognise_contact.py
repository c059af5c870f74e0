"""Values by which people and machines are reached: mail, pages, addresses of networks and of streets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from troth.core.discover.lexicon_words import folded, street_endings, word_lists

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_SOME_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_URL = re.compile(r"(?:https?|ftp)://[^\s/?#]{3,}|//?[\w.-]+\.[a-z]{2,}/|www\.[\w-]+\.[a-z]{2,}", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,18}", re.IGNORECASE)
_IPV4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::\d{1,5}|/\d{1,2})?")
_IPV6 = re.compile(r"(?=[^:]*:[^:]*:)[0-9a-fA-F:]{2,39}(?:\d{1,3}\.\d{1,3}\.\d{1,3})?(?:%\w{1,16}|/\d{1,3})?")
_MAC = re.compile(r"[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}")
_AGENT = re.compile(
    r"(?:Mozilla|Opera|Dalvik|curl|Wget|PostmanRuntime|okhttp)/\d|[A-Za-z][\w.-]{1,40}/\d[\w.]{0,20} \("
)
_POSTCODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}"
    r"|[A-Z]\d[A-Z] ?\d[A-Z]\d|(?:L|B|F|D|A|CH|DE|FR|AT|I|E)-\d{4,5}|\d{5}-\d{4}"
)
_HOUSE = re.compile(r"(?:n[°ºo]\.? ?)?\d{1,4} ?[a-z]?(?:[-/]\d{1,4}[a-z]?)?", re.IGNORECASE)
_BOX = re.compile(r"\b(?:BP|CS|B\.P\.|P\.? ?O\.? ?Box|Postfach|Apartado)\b\W{0,3}\d", re.IGNORECASE)
_NUMBER_FIRST = re.compile(r"\d{1,5} ?[a-z]?,? (?:[A-ZÀ-Þ][\w'’-]+[ ,\n]{1,2}){1,4}[A-ZÀ-Þ][\w'’-]+")
_HEX_IP = re.compile(r"(?:ip)?v?6-[0-9A-F]{32}", re.IGNORECASE)
_HANDLE = re.compile(r"@[A-Za-z][\w.]{1,30}")


def mail_signs(text: str) -> Iterator[str]:
    """``email`` for an address and nothing else, ``email_inside`` for one among other words."""
    bare = text[7:] if text[:7].lower() == "mailto:" else text
    if len(bare) <= 254 and _EMAIL.fullmatch(bare):
        yield "email"
    elif _SOME_EMAIL.search(text):
        yield "email_inside"
    elif _HANDLE.fullmatch(text):
        yield "handle"


def network_signs(text: str) -> Iterator[str]:
    """The signs of a text without white space: pages, addresses of machines."""
    if _URL.match(text):
        yield "url"
    elif "-" in text[:5] and len(text) <= 38 and _HEX_IP.fullmatch(text):
        yield "ip_hex"
    elif text.count(".") == 3 and (match := _IPV4.fullmatch(text)):
        if all(int(part) < 256 for part in match.groups()):
            yield "ip"
    elif _MAC.fullmatch(text):
        yield "mac"
    elif text.count(":") >= 2 and len(text) <= 60 and _IPV6.fullmatch(text):
        if _is_ip(text.partition("/")[0].partition("%")[0]):
            yield "ip"
    elif "." in text and len(text) <= 253 and _DOMAIN.fullmatch(text):
        yield "domain"


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_user_agent(text: str) -> bool:
    """Whether a browser or another program presents itself like that (RFC 9110, 10.1.5)."""
    return bool(_AGENT.match(text))


def is_postcode(text: str) -> bool:
    """Whether the text has the form of a postcode that no plain number has."""
    return len(text) <= 10 and bool(_POSTCODE.fullmatch(text.upper()))


def is_address_line(text: str) -> bool:
    """Whether a street and a house stand there, as written in French, English, German, Spanish or Italian."""
    if not 6 <= len(text) <= 250:
        return False
    words = text.replace(",", " ").split(None, 14)[:14]
    if len(words) < 2:
        return False
    if _BOX.search(text) or _NUMBER_FIRST.fullmatch(text):
        return True
    numbered = any(_HOUSE.fullmatch(word) for word in words)
    streets = word_lists()["street"]
    lower = [folded(word).rstrip(".") for word in words]
    street = any(word in streets or (len(word) > 5 and word.endswith(street_endings())) for word in lower)
    return street and (numbered or (lower[0] in streets and len(words) <= 7 and words[0][0].isupper()))
