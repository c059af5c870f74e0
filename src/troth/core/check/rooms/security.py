"""Passwords and what can be seen from outside."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import fields, is_kind
from troth.core.check.rule import NOTE, WARNING, Case, Place, Source, place, rule
from troth.core.check.sources import gdpr
from troth.core.law.passwords import (
    BITS_ALONE,
    BITS_LIMITED,
    CLASSES,
    HASHES,
    alphabet_of,
    enough,
    entropy,
    required_bits,
)

_RECOMMENDED = Source("CNIL, délibération 2022-100", "S")
_PAST = {"phpass"}
"""Forms that were made to slow guessing, and no longer do."""


@rule(
    "password_too_weak", WARNING, BITS_ALONE, BITS_LIMITED, gdpr(32), scope="france",
    en=(
        "passwords of {found} bits are enough; the authority recommends {most} ({limited})",
        "write `min_bits: {most}` or more",
    ),
    fr=(
        "des mots de passe de {found} bits suffisent ; l'autorité en recommande {most} ({limited})",
        "écrivez `min_bits: {most}` ou plus",
    ),
)  # fmt: skip
def password_too_weak(case: Case) -> Iterator[Place]:
    """Eighty bits alone, fifty where attempts are limited."""
    accounts = case.document.accounts
    if accounts is None or enough(accounts.password.min_bits, accounts.password.attempts_limited):
        return
    most = required_bits(accounts.password.attempts_limited)
    yield place(
        "accounts",
        "password",
        "min_bits",
        fact=most,
        found=accounts.password.min_bits,
        most=most.value,
        limited=most.about,
    )


@rule(
    "password_length_unfit", NOTE, BITS_ALONE,
    en=(
        "{length} characters of any kind hold {found} bits at most, fewer than the {promised} that are promised",
        "raise `min_length:` or lower `min_bits:`, so that one does not mislead about the other",
    ),
    fr=(
        "{length} signes, quels qu'ils soient, font au plus {found} bits, moins que les {promised} promis",
        "relevez `min_length:` ou baissez `min_bits:`, pour que l'un ne trompe pas sur l'autre",
    ),
)  # fmt: skip
def password_length_unfit(case: Case) -> Iterator[Place]:
    """The shortest password that is allowed could never reach the promise."""
    accounts = case.document.accounts
    if accounts is None:
        return
    rule_, alphabet = accounts.password, alphabet_of(*CLASSES)
    found = int(entropy(rule_.min_length, alphabet) + 0.5)
    if found < rule_.min_bits:
        yield place("accounts", "password", "min_length", length=rule_.min_length, found=found, promised=rule_.min_bits)


@rule(
    "password_attempts_unlimited", WARNING, _RECOMMENDED, gdpr(32),
    en=(
        "wrong passwords can be tried without end",
        "write `attempts_limited: true`",
    ),
    fr=(
        "on peut essayer sans fin de faux mots de passe",
        "écrivez `attempts_limited: true`",
    ),
)  # fmt: skip
def password_attempts_unlimited(case: Case) -> Iterator[Place]:
    """Guessing is slowed down, then stopped."""
    if case.document.accounts is not None and not case.document.accounts.password.attempts_limited:
        yield place("accounts", "password", "attempts_limited")


@rule(
    "common_passwords_allowed", WARNING, _RECOMMENDED, gdpr(32),
    en=(
        "passwords that stand on lists of common ones are accepted",
        "write `common_refused: true`",
    ),
    fr=(
        "des mots de passe qui figurent sur les listes des plus courants sont acceptés",
        "écrivez `common_refused: true`",
    ),
)  # fmt: skip
def common_passwords_allowed(case: Case) -> Iterator[Place]:
    """The first guesses."""
    if case.document.accounts is not None and not case.document.accounts.password.common_refused:
        yield place("accounts", "password", "common_refused")


@rule(
    "password_stored_weakly", WARNING, HASHES, gdpr(32),
    en=(
        "passwords may be stored as {found}, which is quick to guess today",
        "store new ones as argon2, and the old ones when their holders next log in",
    ),
    fr=(
        "des mots de passe peuvent être gardés en {found}, vite deviné aujourd'hui",
        "gardez les nouveaux en argon2, et les anciens à la prochaine connexion de leurs titulaires",
    ),
)  # fmt: skip
def password_stored_weakly(case: Case) -> Iterator[Place]:
    """MD5, however often repeated. Plain text and bare hashes cannot even be written in the file."""
    accounts = case.document.accounts
    for index, form in enumerate(accounts.password.stored_as if accounts is not None else ()):
        if form in _PAST:
            yield place("accounts", "password", "stored_as", index, found=form)


@rule(
    "secret_handed_over", WARNING, gdpr(32), gdpr(15, "(4)"),
    en=(
        "the field holds {category} and would be handed over with every access",
        "write `export: false`",
    ),
    fr=(
        "le champ contient {category} et serait remis à chaque demande d'accès",
        "écrivez `export: false`",
    ),
)  # fmt: skip
def secret_handed_over(case: Case) -> Iterator[Place]:
    """A package of data must not open an account."""
    for path, category, _, entry in fields(case.document):
        if entry.export and is_kind(case.document, category, "Authenticating"):
            yield place(*path, category=category)


@rule(
    "hsts_missing", NOTE, gdpr(32),
    en=(
        "the response headers do not include Strict-Transport-Security: a first visit can be led to an open connection",
        "add Strict-Transport-Security to `headers:`",
    ),
    fr=(
        "les en-têtes n'incluent pas Strict-Transport-Security : une première visite peut être menée hors chiffrement",
        "ajoutez Strict-Transport-Security à `headers:`",
    ),
)  # fmt: skip
def hsts_missing(case: Case) -> Iterator[Place]:
    """Only where headers are promised at all."""
    security = case.document.security
    headers = {header.lower() for header in security.headers} if security is not None else set()
    if headers and "strict-transport-security" not in headers:
        yield place("security", "headers")
