"""Whether a value that somebody typed can be what its category says: an e-mail address, a day, a telephone number.

Never stricter than the world: names, places and whatever else has no form of its own are taken as they come. A column
that does not hold such values now has a use of its own, and is not judged, except for e-mail addresses: by a wrong one
nobody can be reached any more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date

from troth.core.errors import UsageError
from troth.core.policy.model import Policy, Scalar
from troth.core.rights.rectify import Correction
from troth.core.vocabulary import falls_under

EMAIL, DAY, PHONE, POSTCODE, COUNTRY = "unfit_email", "unfit_day", "unfit_phone", "unfit_postcode", "unfit_country"

_KINDS = (
    ("EmailAddress", EMAIL), ("BirthDate", DAY), ("TelephoneNumber", PHONE), ("PostalCode", POSTCODE),
    ("Country", COUNTRY),
)  # fmt: skip
_LONGEST_EMAIL = 254
_LOCAL = re.compile(r"""[^\s@<>()\[\],;:"\\]+""")
_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_SIGNS = re.compile(r"\+?[\d\s().\-/+·*#,]*(?:(?:ext|x|poste|p)\.?\s*\d+)?", re.IGNORECASE)
_DAYS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?", re.ASCII), "ymd"),
    (re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", re.ASCII), "ymd/"),
    (re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII), "dmy"),
    (re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII), "compact"),
    (re.compile(r"(\d{4})", re.ASCII), "year"),
)
_SAYS = {
    EMAIL: ("is no e-mail address", "write one such as name@example.org"),
    DAY: ("is no day", "write one that exists, such as 1980-02-28, in the way of what stands there"),
    PHONE: ("is no telephone number", "write it in digits, such as +33 1 23 45 67 89"),
    POSTCODE: ("is no postcode", "write the code alone"),
    COUNTRY: ("is no code of a country", "write two letters, such as FR"),
}  # fmt: skip


def unfit(category: str, value: str, standing: Collection[str] = (), length: int | None = None) -> str:
    """What is wrong with a value of this category, as the name of a sentence; empty where nothing is. ``standing`` is
    what stands there now, ``length`` the column's in characters where it has one. Nothing typed is never wrong."""
    kind = next((code for name, code in _KINDS if falls_under(category, name)), "")
    text, now = value.strip(), [one.strip() for one in standing if one.strip()]
    if not kind or not text or text in now:
        return ""
    if kind == EMAIL:
        return "" if is_email(text) else EMAIL
    if kind == COUNTRY:
        coded = length == 2 or bool(now and all(_two_letters(one) for one in now))
        return COUNTRY if coded and not _two_letters(text) else ""
    if kind == DAY:
        return _unfit_day(text, now)
    fits = _is_phone if kind == PHONE else _is_postcode
    return "" if fits(text) or (now and not any(fits(one) for one in now)) else kind


def is_email(value: str) -> bool:
    """One @, something before it, a domain with a dot after it, no blanks; letters of any script (RFC 6531)."""
    local, at, domain = value.partition("@")
    labels = domain.split(".")
    return (
        bool(at) and len(value) <= _LONGEST_EMAIL and _LOCAL.fullmatch(local) is not None
        and len(labels) > 1 and all(_LABEL.fullmatch(one) for one in labels)
    )  # fmt: skip


def _is_phone(value: str) -> bool:
    return _SIGNS.fullmatch(value) is not None and 5 <= sum(one.isdigit() for one in value) <= 20


def _is_postcode(value: str) -> bool:
    return len(value) <= 16 and value.isprintable() and any(one.isalnum() for one in value)


def _two_letters(value: str) -> bool:
    return len(value) == 2 and value.isascii() and value.isalpha()


def _unfit_day(text: str, now: list[str]) -> str:
    """In a notation that stands there; in any that is known where nothing does, or nothing that is known."""
    known = {_notation(one) for one in now} - {""}
    if now and not known:
        return ""
    written = _notation(text)
    return "" if written and (not known or written in known) else DAY


def _notation(text: str) -> str:
    """How a real day is written; empty where it is none. A year alone is one: some give no more."""
    for pattern, name in _DAYS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        numbers = [int(one) for one in found.groups()]
        if name == "year":
            return name
        year, month, day = numbers if name != "dmy" else reversed(numbers)
        # Month first is written too, and nothing here tells which.
        return name if _real(year, month, day) or (name == "dmy" and _real(year, day, month)) else ""
    return ""


def _real(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def unfit_in(policy: Policy, correction: Correction, standing: Collection[str] = ()) -> str:
    """The same of a correction, by what the policy calls its field."""
    if correction.value is None:
        return ""
    found = (unfit(category, str(correction.value), standing) for category in _categories(policy, correction.field))
    return next((one for one in found if one), "")


def check_fit(policy: Policy, corrections: Iterable[Correction]) -> None:
    """Raises UsageError that names the field, never the value."""
    for one in corrections:
        code = unfit_in(policy, one)
        if code:
            what, remedy = _SAYS[code]
            raise UsageError(f"{one.field}: the value {what}", remedy=remedy)


def new_addresses(policy: Policy, corrections: Iterable[Correction]) -> tuple[tuple[Scalar, ...], tuple[str, ...]]:
    """Of corrections that give somebody another e-mail address to be found by: the ones that stood there, as far as
    they are named, and the new ones."""
    old: dict[Scalar, None] = {}
    new: dict[str, None] = {}
    for one in corrections:
        if one.value is not None and _finds_by_mail(policy, one.field):
            new[str(one.value)] = None
            old |= dict.fromkeys(one.instead_of)
    return tuple(old), tuple(new)


def _categories(policy: Policy, name: str) -> Iterable[str]:
    return (f.category for c in policy.collections() for f in c.fields if name in spellings(c.store, c.name, f.name))


def _finds_by_mail(policy: Policy, name: str) -> bool:
    return any(
        one.kind == "email" and one.column == f.column and f.within is None
        for c in policy.collections() for f in c.fields if name in spellings(c.store, c.name, f.name)
        for one in c.identifiers
    )  # fmt: skip


def spellings(store: str, collection: str, field: str) -> tuple[str, str, str]:
    """How a correction may name a field."""
    return field, f"{collection}.{field}", f"{store}.{collection}.{field}"
