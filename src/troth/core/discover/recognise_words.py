"""Values made of words: names of people, sentences, and the many short words that are nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.core.discover.lexicon_words import folded, given_names, surnames, word_lists

_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-](?=[^\W\d_]|$))*")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.:][a-z0-9]+)+")
_NUMBERED = re.compile(r"[a-z]{3,24}\d{1,4}")
"""As people make a login their own when it is taken."""
_CODE = re.compile(r"(?=.*\d)[A-Z0-9]+(?:[-_/.][A-Z0-9]+)*")
_FILE = re.compile(r"[^/\\<>|?*\n]{1,200}\.(?:[a-z]{2,4}|[a-z]{1,3}\d)", re.IGNORECASE)
_PATH = re.compile(r"(?:[a-z]:\\|\.{0,2}/|[\w.-]+/)(?:[\w .@+-]+[/\\])*[\w .@+-]*", re.IGNORECASE)
_MIME = re.compile(r"(?:text|image|audio|video|application|multipart|font|message|model)/[\w.+-]{1,80}")
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}){1,2}|#[0-9a-f]{8}|rgba?\([\d ,.%]{5,30}\)", re.IGNORECASE)
_VERSION = re.compile(r"v?\d{1,4}(?:\.\d{1,5}){1,3}(?:[-+.]?(?:alpha|beta|rc|dev|a|b|p)[\d.]*)?")
_LOCALE = re.compile(r"[a-z]{2,3}[-_][A-Z]{2}(?:[.@][\w-]{1,12})?")
_ZONE = re.compile(r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[\w/+-]{2,40}")
_HTML = re.compile(r"</?[a-z][a-z0-9]{0,11}(?:\s[^<>]{0,200})?/?>|&[a-z]{2,8};", re.IGNORECASE)
_CLASS = re.compile(r"[A-Za-z_]\w*(?:(?:\\|::|\.)[A-Za-z_]\w*){1,8}")
_CAPITALISED = re.compile(r"[^\W\d_a-zß-öø-ÿ]")


def token_signs(text: str) -> Iterator[str]:
    """The signs of one word: a text without white space."""
    size = len(text)
    if size <= 7 and folded(text) in word_lists()["flag"]:
        yield "flag"
    if size <= 3 and text.isascii() and text.isalpha():
        yield from _short_codes(text)
    if "/" in text or "\\" in text:
        yield from _with_slashes(text)
    elif _COLOUR.fullmatch(text):
        yield "colour"
    elif text[0] in "v0123456789" and _VERSION.fullmatch(text):
        yield "version"
    elif _LOCALE.fullmatch(text):
        yield "locale"
    elif "." in text and _FILE.fullmatch(text):
        yield "file"
    elif _SLUG.fullmatch(text):
        yield "slug"
    elif _CODE.fullmatch(text):
        yield "code"
    elif (text.isalpha() and text.islower()) or _NUMBERED.fullmatch(text):
        yield "word"
    elif _CLASS.fullmatch(text) and ("\\" in text or "::" in text or "_" in text):
        yield "symbol"


def _with_slashes(text: str) -> Iterator[str]:
    if _MIME.fullmatch(text):
        yield "mime"
    elif _ZONE.fullmatch(text):
        yield "timezone"
    elif _CLASS.fullmatch(text):
        yield "symbol"
    elif _PATH.fullmatch(text):
        yield "path"


def _short_codes(text: str) -> Iterator[str]:
    if len(text) == 2:
        if text in word_lists()["language"]:
            yield "language_code"
        if text.isupper():
            yield "country_code"
    elif len(text) == 3 and text.lower() in word_lists()["currency"]:
        yield "currency"
    elif len(text) == 3 and text.isupper():
        yield "code"


def listed_signs(text: str) -> Iterator[str]:
    """The signs of a short text that stands in one of the lists: genders, countries, cities…"""
    if len(text) > 30:
        return
    plain, lists = folded(text).rstrip("."), word_lists()
    for name, sign in _LISTS:
        if plain in lists[name] or (name == "blood" and plain.replace(" ", "") in lists[name]):
            yield sign


_LISTS = (
    ("gender", "gender_word"),
    ("country", "country_name"),
    ("city", "city_name"),
    ("marital", "marital_word"),
    ("blood", "blood_type"),
)


def name_signs(text: str) -> Iterator[str]:
    """``name_shape`` for one to five words written as names are; ``given_name``, ``surname`` and ``full_name``
    when the lists know them."""
    if not 2 <= len(text) <= 70:
        return
    words = text.replace(",", " ").replace("_", " ").split()
    if not 1 <= len(words) <= 6 or not all(_NAME_WORD.fullmatch(word) for word in words):
        return
    plain = [folded(word).rstrip(".") for word in words]
    lists = word_lists()
    core = [w for w in plain if w not in lists["title"] and w not in lists["particle"]]
    if not 1 <= len(core) <= 4:
        return
    if _named(words, plain):
        yield "name_shape"
        yield "name_shape_one" if len(words) == 1 else "name_shape_several"
    yield from _known(core, " ".join(plain))


def _named(words: list[str], plain: list[str]) -> bool:
    particles = word_lists()["particle"]
    return all(_CAPITALISED.match(word) or low in particles for word, low in zip(words, plain, strict=True))


def _known(core: list[str], whole: str) -> Iterator[str]:
    given = [is_given_name(word) for word in core]
    family = whole in surnames() or any(word in surnames() for word in core)
    if any(given):
        yield "given_name"
    if family:
        yield "surname"
    if len(core) >= 2 and (given[0] or given[-1]):
        yield "full_name"


def is_version(text: str) -> bool:
    """Whether it is the number of a release."""
    return len(text) <= 30 and bool(_VERSION.fullmatch(text))


def is_firm(text: str) -> bool:
    """Whether one of the words is a firm's legal form."""
    return len(text) <= 100 and any(folded(w).strip(".,()") in word_lists()["firm"] for w in text.split()[:12])


def is_given_name(word: str) -> bool:
    """Whether a folded word, or both halves of a double one, are given names."""
    names = given_names()
    return word in names or ("-" in word and all(part in names for part in word.split("-")))


def prose_signs(text: str) -> Iterator[str]:
    """The signs of a text of several words."""
    if "<" in text and _HTML.search(text[:2_000]):
        yield "html"
    words = text.split(None, 60)[:60]
    if len(words) < 5 or sum(word[0].islower() for word in words) < len(words) * 0.4:
        return
    known = word_lists()["common"]
    if text[-1] in ".!?" or any(folded(word.strip(".,;:!?()«»\"'")) in known for word in words):
        yield "sentence"
