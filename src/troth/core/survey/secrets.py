"""Passwords by how they are kept, and other things whose loss hurts: cards, bank accounts, official numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.core.discover.model import Draft, FieldGuess, Profile, TableGuess
from troth.core.survey.model import Figure, Place, SecretLine, Weight

PASSWORDS: Mapping[str, Weight] = {
    "argon2": "good", "scrypt": "good", "bcrypt": "good", "pbkdf2": "good", "phpass": "check", "crypt": "check",
    "salted": "act", "md5": "act", "sha1": "act", "sha224": "act", "sha256": "act", "sha384": "act", "sha512": "act",
    "unrecognised": "act",
}  # fmt: skip
"""How passwords are kept, and what to think of it. Unsalted digests, however long, are guessed by the billion a
second (CNIL, deliberation 2022-100, asks for a salted function made for passwords)."""

_KIND_OF_SIGN = {f"hash_{kind}": kind for kind in PASSWORDS} | {f"digest_{kind}": kind for kind in PASSWORDS}

RISKS: Mapping[str, Weight] = {"card": "act", "national_id": "check", "iban": "check", "token": "check"}
_SIGNS = {"card": "card", "nir": "national_id", "national_id": "national_id", "iban": "iban", "token": "token",
          "digest": "token", "uuid": "token"}  # fmt: skip
_ENOUGH = {"card": 0.3, "national_id": 0.5, "iban": 0.3, "token": 0.5}
"""The share of a column's values that must look like it, before a column that nobody called so is named."""
_LEAST = 2
_ORDER = {"act": 0, "check": 1, "good": 2}
_CLEAR = 0.5


def secrets(draft: Draft) -> tuple[SecretLine, ...]:
    """What the profiles show, the gravest first. Empty where no profiles were kept."""
    found: list[SecretLine] = []
    for guess in draft.tables:
        columns = draft.profiles.get(guess.table.qualified, {})
        guesses = {(f.column, f.path): f for f in guess.fields}
        for place, profile in _places(guess, columns):
            field = guesses.get((place.column, place.path))
            found += _passwords(place, profile, field)
            found += _risks(place, profile, field)
    return tuple(sorted(found, key=lambda s: (_ORDER[s.weight], s.kind, -(s.values.value or 0), s.place.table)))


def _places(guess: TableGuess, columns: Mapping[str, Profile]) -> Iterator[tuple[Place, Profile]]:
    name = guess.table.qualified
    for column, profile in columns.items():
        yield Place(name, column), profile
        for path, inner in profile.inner.items():
            yield Place(name, column, path), inner


def _passwords(place: Place, profile: Profile, field: FieldGuess | None) -> Iterator[SecretLine]:
    """A column of passwords, by kind. Plain digests count only where the column is one of passwords: elsewhere
    they are tokens, or check sums of files."""
    named = field is not None and field.category == "Password"
    known = 0
    for sign, number in profile.signs.items():
        kind = _KIND_OF_SIGN.get(sign)
        if kind is None or not (named or sign.startswith("hash_")):
            continue
        known += number
        yield SecretLine(place, kind, PASSWORDS[kind], Figure(number, "sampled", profile.closely))
    if named and profile.closely > known:
        yield SecretLine(place, "unrecognised", "act", Figure(profile.closely - known, "sampled", profile.closely))


def _risks(place: Place, profile: Profile, field: FieldGuess | None) -> Iterator[SecretLine]:
    found: dict[str, int] = {}
    for sign, number in profile.signs.items():
        if sign in _SIGNS:
            found[_SIGNS[sign]] = max(number, found.get(_SIGNS[sign], 0))
    for kind, number in found.items():
        expected = field is not None and field.confidence >= _CLEAR
        if kind == "token" and not (field is not None and field.secret and field.category != "Password"):
            continue
        if number / profile.closely >= _ENOUGH[kind] and (number >= _LEAST or expected):
            yield SecretLine(place, kind, RISKS[kind], Figure(number, "sampled", profile.closely))
