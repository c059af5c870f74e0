"""Payment cards: what is never kept, and what hardly ever."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.core.check.look import everywhere, fields, is_kind
from troth.core.check.rule import ERROR, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.law.periods import CARD_CLAIMS, CARD_CLAIMS_DEFERRED, CARD_CODE
from troth.core.policy.tree import Path

_CODE = re.compile(
    r"(?<![a-z])(cvv2?|cvc2?|cvn|csc|cryptogram\w*)(?![a-z])|card.?(security|verification).?(code|value)|code.?securite",
    re.IGNORECASE,
)
_NUMBERS = ("PaymentCardNumber", "CreditCardNumber")


@rule(
    "card_code_kept", ERROR, CARD_CODE, gdpr(5, "(1)(e)"),
    en=(
        "this holds a card's security code, which is never kept after the first payment, not even for a subscription",
        "delete the column now, from backups too; let the payment partner take the code",
    ),
    fr=(
        "ceci contient le cryptogramme d'une carte, qui ne se garde jamais après le premier paiement, même "
        "d'abonnement",
        "supprimez la colonne dès maintenant, sauvegardes comprises ; laissez le prestataire de paiement le recueillir",
    ),
)  # fmt: skip
def card_code_kept(case: Case) -> Iterator[Place]:
    """Known by the name of the category or of the column."""
    for path, category in everywhere(case.document):
        if _CODE.search(_words(category)) or (path[0] == "stores" and _CODE.search(_words(str(path[-1])))):
            yield place(*path)


def _words(name: str) -> str:
    """``CardSecurityCode`` and ``card_cvv`` as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)


@rule(
    "card_promise_broken", ERROR, ITSELF,
    en=(
        "`cards.stored: false` promises that card numbers are never stored, but {where} holds {category}",
        "delete the numbers and keep the payment partner's reference instead",
    ),
    fr=(
        "`cards.stored: false` promet qu'aucun numéro de carte n'est conservé, mais {where} contient {category}",
        "supprimez les numéros et gardez plutôt la référence du prestataire de paiement",
    ),
)  # fmt: skip
def card_promise_broken(case: Case) -> Iterator[Place]:
    """Never is never."""
    cards = case.document.security.cards if case.document.security is not None else None
    if cards is None or cards.stored:
        return
    for path, category in _numbers(case):
        yield place(*path, where=".".join(map(str, path[1:-1])), category=category)


@rule(
    "card_number_kept", WARNING, CARD_CLAIMS, CARD_CLAIMS_DEFERRED, gdpr(5, "(1)(c)"),
    en=(
        "card numbers are kept; beyond the payment that is for claims only ({most}, {deferred} for deferred debit), "
        "apart, or with the holder's consent by a box",
        "keep the payment partner's reference instead of the number",
    ),
    fr=(
        "des numéros de carte sont gardés ; après le paiement, ce n'est permis que pour les réclamations ({most}, "
        "{deferred} en débit différé), à part, ou avec l'accord du titulaire par une case",
        "gardez la référence du prestataire de paiement au lieu du numéro",
    ),
)  # fmt: skip
def card_number_kept(case: Case) -> Iterator[Place]:
    """Where no promise forbids it."""
    cards = case.document.security.cards if case.document.security is not None else None
    if cards is not None and not cards.stored:
        return
    places: list[Path] = [path for path, _ in _numbers(case)]
    if cards is not None:
        places.append(("security", "cards", "stored"))
    for path in places:
        yield place(*path, most=CARD_CLAIMS.value, deferred=CARD_CLAIMS_DEFERRED.value)


def _numbers(case: Case) -> Iterator[tuple[Path, str]]:
    """The fields that hold card numbers."""
    return (
        (path, category)
        for path, category, _, _ in fields(case.document)
        if is_kind(case.document, category, *_NUMBERS)
    )
