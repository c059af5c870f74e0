"""What a column's values say: what they are by themselves, and how they fit what the name says."""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.discover.lexicon import Concept
from troth.core.discover.model import Profile

FEW = 5
"""Filled values below which a sample says little."""

_NAME = ("full_name", "given_name", "surname")
_SHAPED = ("name_shape", "full_name", "given_name")
_SECRET = ("password_hash", "digest", "token", "uuid", "binary", "hex8", "code")
_IP = ("ip", "ip_packed", "ip_integer", "ip_hex", "hex8", "code", "digest")
_LOGINS = ("word", "slug", "name_shape", "email", "code", "given_name", "surname", "words", "handle", "ip", "domain")
_PROSE = ("sentence", "html", "words")


@dataclass(frozen=True, slots=True)
class Expected:
    """What values of a concept are like: ``proof`` when many of them show it (``proving`` is how far that alone
    is believed), ``like`` when they may; below ``least`` of either, the name is not believed further than
    ``else_``."""

    proof: tuple[str, ...]
    proving: float
    like: tuple[str, ...] = ()
    least: float = 0.3
    else_: float = 0.2


_EXPECTED = {
    "host": Expected(("ip",), 0.9, ("domain", *_IP), 0.3, 0.3),
    "email": Expected(("email",), 0.96, ("email_inside",), 0.25, 0.15),
    "phone": Expected(("phone",), 0.9, ("phone_bare",), 0.25, 0.3),
    "first_name": Expected(("given_name",), 0.85, (*_SHAPED, "word", "words"), 0.4, 0.4),
    "last_name": Expected(("surname", "full_name"), 0.8, (*_SHAPED, "word", "words"), 0.4, 0.4),
    "full_name": Expected(_NAME, 0.9, (*_SHAPED, "words", "word", "email"), 0.3, 0.4),
    "name": Expected(_NAME, 0.85, (*_SHAPED, "words", "word"), 0.3, 0.4),
    "display_name": Expected(_NAME, 0.7, (*_SHAPED, "words", "word", "slug", "code", "email"), 0.2, 0.6),
    "ip": Expected(("ip",), 0.95, _IP, 0.3, 0.2),
    "user_agent": Expected(("user_agent",), 0.97, ("words",), 0.1, 0.5),
    "mac": Expected(("mac",), 0.9, ("binary",), 0.3, 0.3),
    "password": Expected(("password_hash",), 0.97, (), 0.0, 1.0),
    "address": Expected(("address_line",), 0.85, ("words", "name_shape", "integer", "code", "city_name"), 0.3, 0.4),
    "postcode": Expected(("postcode", "postcode_digits"), 0.6, ("integer", "code", "words"), 0.3, 0.4),
    "city": Expected(("city_name",), 0.7, ("name_shape", "words", "word"), 0.4, 0.4),
    "country": Expected(("country_name",), 0.5, ("country_code", "name_shape", "word", "code"), 0.4, 0.5),
    "gender": Expected(("gender_word",), 0.7, ("flag", "integer", "word", "name_shape", "code"), 0.3, 0.5),
    "marital": Expected(("marital_word",), 0.7, ("word", "integer", "name_shape", "code", "words"), 0.3, 0.6),
    "iban": Expected(("iban",), 0.97, ("code", "integer", "words", "name_shape", "binary", "token"), 0.3, 0.6),
    "card": Expected(("card", "card_masked"), 0.95, ("integer", "postcode_digits", "token", "binary"), 0.2, 0.5),
    "national_id": Expected(("nir", "nir_short", "national_id"), 0.95, ("integer", "code", "number"), 0.3, 0.5),
    "geo": Expected(("coordinates", "degrees"), 0.6, ("number", "amount", "words", "binary"), 0.3, 0.4),
    "blood": Expected(("blood_type",), 0.9, (), 0.3, 0.4),
    "tax": Expected(("vat", "national_id"), 0.7, ("code", "integer"), 0.2, 0.6),
    "website": Expected(("url",), 0.4, ("domain",), 0.2, 0.5),
    "picture": Expected((), 0.0, ("file", "url", "path", "binary", "integer", "digest", "token", "slug"), 0.2, 0.5),
    "secret": Expected((), 0.0, _SECRET, 0.2, 0.75),
    "token": Expected(("token", "digest"), 0.5, _SECRET, 0.4, 0.4),
    "session": Expected(("token", "digest"), 0.4, _SECRET, 0.3, 0.4),
    "salt": Expected((), 0.0, (*_SECRET, "slug", "word"), 0.0, 0.8),
    "content": Expected(("sentence", "html"), 0.4, (*_PROSE, "name_shape", "word"), 0.15, 0.4),
    "described": Expected((), 0.0, (*_PROSE, "name_shape", "word"), 0.15, 0.4),
    "remark": Expected(("sentence",), 0.4, (*_PROSE, "name_shape", "word"), 0.15, 0.4),
    "bio": Expected(("sentence",), 0.4, (*_PROSE, "name_shape", "word"), 0.1, 0.5),
    "about_person": Expected(("sentence",), 0.4, (*_PROSE, "name_shape", "word"), 0.15, 0.4),
    "search": Expected(("sentence",), 0.1, ("words", "word", "name_shape"), 0.4, 0.4),
    "browsing": Expected((), 0.0, ("url", "path", "words", "word"), 0.3, 0.5),
    "referrer": Expected((), 0.0, ("url", "domain", "path"), 0.3, 0.5),
    "user_key": Expected((), 0.0, ("word", "slug", "name_shape", "email", "given_name", "surname"), 0.4, 0.3),
    "username": Expected((), 0.0, _LOGINS, 0.3, 0.4),
    "username_weak": Expected(_NAME, 0.5, _LOGINS, 0.3, 0.4),
    "maker": Expected(_NAME, 0.6, _LOGINS, 0.3, 0.5),
    "vcard": Expected(("vcard",), 0.9, ("binary",), 0.2, 0.4),
    "subject": Expected(("sentence",), 0.3, (*_PROSE, "name_shape", "word", "slug"), 0.2, 0.5),
}  # fmt: skip

_ALONE: tuple[tuple[str, str, float, float], ...] = (
    # sign, concept, least share, how far a column full of it is believed
    ("email", "email", 0.6, 0.95),
    ("password_hash", "password", 0.6, 0.97),
    ("user_agent", "user_agent", 0.7, 0.95),
    ("ip", "ip", 0.8, 0.92),
    ("iban", "iban", 0.7, 0.95),
    ("card", "card", 0.7, 0.92),
    ("card_masked", "card", 0.8, 0.8),
    ("nir", "national_id", 0.7, 0.96),
    ("national_id", "national_id", 0.85, 0.85),
    ("phone", "phone", 0.7, 0.9),
    ("full_name", "full_name", 0.5, 0.9),
    ("full_name", "full_name", 0.3, 0.82),
    ("given_name", "first_name", 0.55, 0.9),
    ("given_name", "first_name", 0.3, 0.78),
    ("address_line", "address", 0.6, 0.88),
    ("mac", "mac", 0.8, 0.85),
    ("coordinates", "geo", 0.8, 0.65),
    ("blood_type", "blood", 0.9, 0.75),
    ("gender_word", "gender", 0.95, 0.7),
    ("marital_word", "marital", 0.9, 0.8),
    ("surname", "last_name", 0.3, 0.74),
    ("city_name", "city", 0.4, 0.6),
    ("handle", "username", 0.8, 0.7),
    ("vcard", "vcard", 0.6, 0.95),
    ("icalendar", "cv", 0.6, 0.8),
)

_SHARED = frozenset({"Preference", "Language", "Country", "Region", "City", "Gender", "CurrentEmployment"})
"""Categories of which all of few people may have the same."""
_NOTHING_OF_A_PERSON = ("flag", "mime", "colour", "version", "timezone", "currency", "symbol", "duration")
_THING_LIKE = ("file", "path", "slug", "mime", "colour", "version", "symbol", "json", "php", "url", "amount", "locale")
_TEXTUAL = frozenset({"name", "first_name", "last_name", "full_name", "email", "phone", "address", "city"})


@dataclass(frozen=True, slots=True)
class Heard:
    """What the values say by themselves: a concept's name, how far it is believed, the sign and its share."""

    concept: str
    confidence: float
    sign: str
    share: float


def heard(profile: Profile, people: bool, named: bool = False) -> Heard | None:
    """The concept that the values show without any name; None when they could be anybody's or nobody's.
    ``people``: the table is about people; ``named``: the column's name is a word for a person, so that few
    different ones are enough."""
    if profile.filled < 3:
        return None
    best: Heard | None = None
    for sign, concept, least, belief in _ALONE:
        share = profile.share(sign)
        varied = named or _varied(profile, concept)
        if share >= least and varied and _as_names_are(profile, concept):
            few = 0.85 if profile.filled < FEW else 1.0
            found = Heard(concept, round(belief * (0.7 + 0.3 * share) * few, 3), sign, share)
            if best is None or found.confidence > best.confidence:
                best = found
    if profile.share("ip_hex") + profile.share("hex8") >= 0.95 and profile.share("ip_hex") >= 0.02:
        best = Heard("ip", 0.85, "ip_hex", profile.share("ip_hex"))
    if best is None and people and _looks_like_births(profile):
        best = Heard("birth_date", 0.75, "before_1990", profile.share("before_1990"))
    return best


def heard_beside_people(profile: Profile) -> Heard | None:
    """What the values show under a name that says nothing, in a table that is about people for other reasons:
    there a town, a family name or a postcode needs less proof."""
    if profile.filled < 20 or profile.share("firm_word") >= 0.1 or profile.distinct < profile.filled * 0.15:
        return None
    if profile.share("postcode") >= 0.9:
        return Heard("postcode", 0.72, "postcode", profile.share("postcode"))
    if profile.share("postcode_digits") >= 0.97 and profile.max_length == 5:
        return Heard("postcode", 0.6, "postcode_digits", profile.share("postcode_digits"))
    if profile.share("name_shape") >= 0.95 and profile.mean_words <= 1.5 and profile.mean_length >= 4:
        return Heard("last_name", 0.55, "name_shape", profile.share("name_shape"))
    return None


def _varied(profile: Profile, concept: str) -> bool:
    """Whether the values are as different as people's are; a handful of kinds may be gender, not names."""
    if concept in ("gender", "marital", "blood"):
        return 2 <= profile.distinct <= 12
    return profile.distinct >= min(4, profile.filled) and profile.distinct >= profile.filled * 0.02


def _as_names_are(profile: Profile, concept: str) -> bool:
    """Of names: whether nearly all values, not only those the lists know, are written like one."""
    if concept == "full_name":
        return profile.share("name_shape_several") >= 0.75 and profile.share("firm_word") < 0.12
    if concept in ("first_name", "last_name"):
        return profile.share("name_shape_one") >= 0.7 and profile.share("firm_word") < 0.05
    return True


def _looks_like_births(profile: Profile) -> bool:
    if profile.clock not in ("date", "text") or profile.earliest is None or profile.latest is None:
        return False
    old = profile.share("before_1990") >= 0.25 and profile.earliest.year <= 1985
    return old and profile.distinct >= profile.filled * 0.5


def fit(concept: Concept, profile: Profile, one_person: bool = False) -> tuple[float, float, str]:
    """How the values fit the name: what its weight is multiplied by, how far the values prove it by themselves,
    and the sign that does. ``one_person``: all rows are the same person's, and may well say the same."""
    if profile.filled < FEW:
        unused = profile.filled == 0 and profile.sampled >= 20
        return (0.82 if unused else 0.9 if profile.filled == 0 else 0.95), 0.0, ""
    if not one_person and profile.distinct == 1 and profile.filled >= 20 and concept.category not in _SHARED:
        return 0.5, 0.0, ""
    if concept.name == "birth_date":
        return _fit_birth(profile)
    if concept.category == "Preference":
        return 1.0, 0.0, ""
    if not one_person and concept.name in _TEXTUAL and profile.distinct <= 2 and profile.filled >= 50:
        return 0.4, 0.0, ""
    if _is_of_things(concept, profile):
        return 0.12, 0.0, ""
    expected = _EXPECTED.get(concept.name)
    if expected is None:
        return 1.0, 0.0, ""
    shares = {sign: profile.share(sign) for sign in expected.proof}
    sign = max(shares, key=shares.__getitem__, default="")
    proven = shares.get(sign, 0.0)
    like = max((profile.share(s) for s in (*expected.like, *expected.proof)), default=0.0)
    if max(proven, like) < expected.least and not _is_sealed(concept, profile):
        return expected.else_, 0.0, ""
    if concept.name in ("name", "first_name", "last_name", "full_name", "display_name") and _like_no_name(profile):
        return (0.55 if concept.name in ("name", "display_name") else 0.85), 0.0, ""
    return 1.0, expected.proving * proven if proven >= 0.2 else 0.0, sign


def _like_no_name(profile: Profile) -> bool:
    """Whether no value is known as a name, and few are written like one."""
    known = max(profile.share(sign) for sign in _NAME)
    return profile.filled >= 10 and known < 0.05 and profile.share("name_shape") < 0.5


def _fit_birth(profile: Profile) -> tuple[float, float, str]:
    if profile.earliest is None:
        plain = profile.share("integer") >= 0.8 or profile.share("moment") >= 0.5
        flags = profile.share("flag") >= 0.5
        return (0.95 if plain else 0.4 if flags else 0.8), 0.0, ""
    if profile.earliest.year >= 2010 and profile.share("before_1990") == 0:
        return 0.6, 0.0, ""
    return 1.0, 0.6 * min(1.0, 2 * profile.share("before_1990")), "before_1990"


def _is_of_things(concept: Concept, profile: Profile) -> bool:
    """Whether the values are flags, colours, files… which no such concept has."""
    if concept.name in ("gender", "salutation", "marital", "union", "preference_user", "timezone"):
        return False
    if max(profile.share(sign) for sign in _NOTHING_OF_A_PERSON) >= 0.85:
        return True
    if concept.name in ("name", "first_name", "last_name", "full_name"):
        things = sum(profile.share(sign) for sign in _THING_LIKE)
        return things >= 0.6 and profile.share("given_name") < 0.2
    return False


def _is_sealed(concept: Concept, profile: Profile) -> bool:
    """Whether the values look encrypted or hashed: then they neither prove nor disprove."""
    sealed = max(profile.share(sign) for sign in ("token", "digest", "binary", "password_hash"))
    return sealed >= 0.7 and concept.where == "any"
