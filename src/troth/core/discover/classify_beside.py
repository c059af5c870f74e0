"""What stands beside a column makes of what its name and its values say: the rest of its table, and how far its
values differ from each other."""

from __future__ import annotations

from dataclasses import replace

from troth.core.discover.classify_content import FEW
from troth.core.discover.classify_names import Told
from troth.core.discover.classify_table import LANGUAGES, Setting
from troth.core.discover.lexicon import Words, concept_named
from troth.core.discover.model import Column, Profile, Reason
from troth.core.discover.names import kinds_of, words_of

_FREE = frozenset({"content", "described", "subject", "remark", "about_person", "bio"})
_WRITTEN = _FREE - {"subject"}
"""What people write in more than one word."""
_LOGIN_BESIDE = frozenset({"password", "email", "salt"})
_SECRET_WORDS = frozenset(
    {"token", "key", "code", "hash", "secret", "nonce", "auth", "credential", "ticket", "challenge"}
)
_SURELY_SECRET = _SECRET_WORDS - {"key", "code", "hash"}
_SIGNING_IN = frozenset(
    {"user", "login", "auth", "session", "reset", "confirm", "confirmation", "activation", "verify", "verification",
     "remember", "cookie", "api", "access", "password", "pass", "recovery", "device", "push", "invite", "unsubscribe",
     "registration", "signup", "email", "mail", "account", "member", "customer"}
)  # fmt: skip
"""Beside these a key, code or hash lets somebody in; beside a word for a thing it is a checksum of that."""
_OPEN = frozenset(
    {
        "public",
        "pub",
        "foreign",
        "sort",
        "cache",
        "etag",
        "checksum",
        "file",
        "content",
        "storage",
        "bundle",
        "object",
        "blob",
    }
)
"""Beside a word for a secret, these make it one that everybody may know."""
_OF_ROWS = frozenset({"default", "source", "original", "content", "translation", "row"})
_KNOWN = ("full_name", "given_name", "surname")
_PERSONS = frozenset({"username", "username_weak", "user_key", "maker"})


def beside(one: Told, column: Column, profile: Profile | None, setting: Setting) -> Told:
    """What is left of a reading, or becomes of it, beside the other columns."""
    name = one.concept.name
    words = words_of(column.name)
    if name in ("name", "display_name"):
        return _name(one, words, profile, setting)
    if name == "language" and setting.translated and set(words) <= LANGUAGES | _OF_ROWS:
        return replace(one, confidence=one.confidence * 0.3)
    if name in ("height", "body") and setting.has_width:
        return replace(one, confidence=one.confidence * 0.1)
    if one.concept.secret and set(words) & _OPEN and "credential" not in words:
        return replace(one, confidence=one.confidence * 0.4)
    if profile is None or profile.filled < FEW:
        return one
    if name == "title_person" and profile.share("gender_word") < 0.5:
        return _title(one, profile, setting)
    if name in _FREE and _repeated(profile) and setting.kind != "people":
        return replace(one, confidence=one.confidence * 0.55)
    if name in _WRITTEN and profile.filled >= 20 and profile.mean_words < 1.2 and not profile.share("html"):
        return replace(one, confidence=one.confidence * 0.6)
    if name in _PERSONS and profile.share("uuid") >= 0.5:
        return replace(one, confidence=one.confidence * 0.2)
    return one


def _title(one: Told, profile: Profile, setting: Setting) -> Told:
    """A ``title`` that is no form of address: what somebody is at work."""
    shaped = max(profile.share(sign) for sign in ("name_shape", "words", "word"))
    if setting.about_people and shaped >= 0.5 and profile.mean_length >= 4:
        return replace(one, concept=concept_named("job"), confidence=max(one.confidence, 0.6))
    return replace(one, confidence=one.confidence * 0.7)


def _repeated(profile: Profile) -> bool:
    """Whether the same texts come back: templates and kinds, not what somebody wrote."""
    return profile.filled >= 20 and profile.distinct < 0.2 * profile.filled


def _name(one: Told, words: Words, profile: Profile | None, setting: Setting) -> Told:
    """A bare ``name``: where people sign in it is what they are called there; elsewhere values must speak for it."""
    signs_in = bool(setting.said & _LOGIN_BESIDE) and (setting.about_people or "password" in setting.said)
    if profile is None or profile.filled < FEW:
        return one
    known = max(profile.share(sign) for sign in _KNOWN)
    if _of_people(words[:-1]) and known < 0.5 and _like_logins(profile):
        return Told(concept_named("username"), max(one.confidence, 0.72), one.reasons)
    different = profile.distinct >= 0.95 * profile.filled
    if signs_in and different and not setting.named and _like_logins(profile):
        concept = concept_named("username")
        return Told(concept, max(one.confidence, 0.78), (*one.reasons, Reason("columns_speak_of_people")))
    if setting.kind == "people" and different and known < 0.5 and not setting.named and _like_logins(profile):
        return Told(concept_named("username"), max(one.confidence, 0.62), one.reasons)
    nick = one.concept.name == "display_name" and setting.kind in ("written", "activity") and _like_logins(profile)
    if profile.filled >= 20 and known < 0.1 and not setting.about_people and not nick:
        return replace(one, confidence=one.confidence * 0.5)
    return one


def _of_people(words: Words) -> bool:
    return any("people" in kinds for kinds in kinds_of(words[-1:]))


def _like_logins(profile: Profile) -> bool:
    """Whether they are single words, mostly small, as people choose them."""
    if profile.mean_words > 1.3 or profile.mean_length > 30:
        return False
    things = max(profile.share(sign) for sign in ("file", "path", "url", "uuid", "digest", "token", "symbol", "php"))
    shaped = sum(profile.share(sign) for sign in ("word", "slug", "domain", "code", "name_shape", "email"))
    return things < 0.3 and shaped >= 0.4


def secret_by_values(column: Column, profile: Profile | None, setting: Setting) -> Told | None:
    """A word for a secret somewhere in the name, and values that nobody could guess, all different."""
    words = set(words_of(column.name))
    if profile is None or profile.filled < FEW or not words & _SECRET_WORDS or words & _OPEN:
        return None
    if not words & _SURELY_SECRET and not _of_signing_in(column, setting):
        return None
    if not (setting.linked or setting.about_people or setting.kind == "session"):
        return None
    hidden = max(profile.share(sign) for sign in ("token", "digest", "password_hash"))
    if hidden < 0.7 or profile.distinct < 0.9 * profile.filled:
        return None
    reason = Reason("name_says", {"what": "token", "words": " ".join(words & _SECRET_WORDS)})
    return Told(concept_named("token"), 0.62, (reason,))


def _of_signing_in(column: Column, setting: Setting) -> bool:
    """Whether all that a key or hash is called after has to do with signing in."""
    words = words_of(column.name)
    rest = [word for word in words if word not in _SECRET_WORDS and word not in setting.prefix]
    if not rest:
        return setting.kind in ("session", "people")
    if "hash" not in words and not any("thing" in kinds for kinds in kinds_of(rest)):
        return True
    return any(word in _SIGNING_IN or "people" in kinds for word, kinds in zip(rest, kinds_of(rest), strict=True))


def as_it_holds(column: Column, profile: Profile | None, setting: Setting) -> Column:
    """The column as a text where its bytes are one: some schemas keep every text in bytes."""
    if column.family != "binary":
        return column
    if profile is not None and profile.filled >= 3:
        texts = profile.share("binary") < 0.1 and profile.mean_length > 0
    else:
        texts = setting.bytes_are_text
    return replace(column, family="text") if texts else column
