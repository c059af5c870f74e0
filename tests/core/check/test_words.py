"""Sentences that no longer hold are found in both languages; those that deny them are not."""

from __future__ import annotations

import pytest

from core.check.world import TEXT, Change, codes

BROWSING = [
    ("fr", "En poursuivant votre navigation sur ce site, vous acceptez les cookies."),
    ("fr", "La poursuite de la navigation vaut consentement. Poursuivre la navigation vaut accord."),
    ("fr", "Fermer le bandeau vaut consentement."),
    ("en", "By continuing to use this site you agree to our cookies."),
    ("en", "Browsing on or closing the banner counts as consent."),
    ("en", "If you continue browsing the site, you accept cookies."),
]
NOT_BROWSING = [
    ("fr", "Poursuivre la navigation ne vaut pas accord."),
    ("fr", "Vous pouvez poursuivre votre navigation sans accepter."),
    ("fr", "Rien ne se charge sans votre accord, et refuser ne vous prive d’aucune page."),
    ("en", "Closing the banner is not consent."),
    ("en", "You may continue to browse the site without accepting."),
    ("en", "Nothing loads before you agree."),
]
VISITING = [
    ("fr", "L’usage du site vaut acceptation pleine et entière de la politique."),
    ("fr", "L’utilisation de notre site implique l’acceptation des présentes."),
    ("en", "Use of this site constitutes acceptance of this policy."),
    ("en", "Using the site is full acceptance of the policy."),
]
NOT_VISITING = [
    ("fr", "L’usage du site ne vaut pas acceptation de la politique."),
    ("fr", "L’usage du site ne laisse rien. L’acceptation des cookies se fait par le bandeau."),
    ("en", "Using the site is not acceptance of anything."),
    ("en", "Using the site leaves a line in the log."),
]
NOT_DEATH = [
    ("fr", "Les pièces sont gardées dix ans (loi de 1978, articles 84 à 86)."),
    ("fr", "RGPD, article 40 : codes de conduite."),
    ("en", "Kept for 40 years under the law of 1978."),
]


def clause(language: str, text: str) -> Change:
    other = {"fr": "Texte", "en": "Text"}
    return {"clauses/it": {"text": {**other, language: text}}}


@pytest.mark.parametrize(("language", "text"), BROWSING)
def test_consent_by_browsing_is_found(language: str, text: str) -> None:
    assert codes(clause(language, text)) == {"silence_in_words"}


@pytest.mark.parametrize(("language", "text"), VISITING)
def test_acceptance_by_visiting_is_found(language: str, text: str) -> None:
    assert codes(clause(language, text)) == {"acceptance_in_words"}


@pytest.mark.parametrize(("language", "text"), [*NOT_BROWSING, *NOT_VISITING, *NOT_DEATH])
def test_what_denies_it_is_left_alone(language: str, text: str) -> None:
    assert codes(clause(language, text)) == set()


def test_history_may_say_it() -> None:
    change = clause(*BROWSING[0])["clauses/it"]
    assert codes({"clauses/it": {**change, "history": True, "until": "2020-10-01", "because": TEXT}}) == set()


@pytest.mark.parametrize(
    "category",
    [
        {"title": TEXT, "special": True},
        {"title": TEXT, "broader": "Health"},
        {"title": TEXT, "broader": "Biometric"},
    ],
)
def test_special_data_is_known_by_the_vocabulary_and_by_what_the_policy_declares(category: dict[str, object]) -> None:
    told = {"categories/Ailments": category, "purposes/orders/categories": ["Name", "EmailAddress", "Ailments"]}
    assert codes(told) == {"special_without_ground"}
    assert codes({**told, "purposes/orders/special_ground": "health_care"}) == set()
    assert codes({**told, "categories/Ailments": {"title": TEXT, "broader": "Preference"}}) == set()


@pytest.mark.parametrize("name", ["cvv", "card_cvc2", "cryptogramme", "CardSecurityCode", "card_verification_value"])
def test_a_security_code_is_known_by_its_name(name: str) -> None:
    change = {f"stores/shop/collections/customers/fields/{name}": {"is": "PaymentCard", "for": "orders"}}
    assert "card_code_kept" in codes(change)


@pytest.mark.parametrize("name", ["cvs_file", "recvc", "security_code_of_the_door", "promo_code"])
def test_other_codes_are_left_alone(name: str) -> None:
    change = {f"stores/shop/collections/customers/fields/{name}": {"is": "Name", "for": "orders"}}
    assert "card_code_kept" not in codes(change)


def test_thirty_days_and_a_month() -> None:
    assert "days_for_a_month" in codes({"rights/answer_within": "31 days"})
    assert "days_for_a_month" not in codes({"rights/answer_within": "28 days"})
    assert "answer_too_late" in codes({"rights/answer_within": "2 months"})
    assert "answer_too_late" not in codes({"rights/answer_within": "4 weeks"})
