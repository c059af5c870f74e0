"""Trackers that need no consent, and what audience measurement must be to be one of them.

Law of 6 January 1978, article 82, as read by the CNIL's guidelines and recommendation of 17 September 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.core.law.facts import Fact, LocalText, Mark, both

_GUIDELINES = "Loi 78-17 art. 82; CNIL, délibération 2020-091, art. 5"
_AUDIENCE = "CNIL, délibération 2020-091, art. 5; cnil.fr, 4 July 2025"


def _kind(mark: Mark, en: str, fr: str, source: str = _GUIDELINES, note: LocalText | None = None) -> Fact[LocalText]:
    text = both(en, fr)
    return Fact(text, source, mark, about=text, note=note or {})


EXEMPT_KINDS: Mapping[str, Fact[LocalText]] = {
    "consent_choice": _kind(
        "S", "remembers the choice on trackers", "retient le choix fait sur les traceurs",
    ),
    "authentication": _kind(
        "S",
        "logs in to a service, and keeps that login secure",
        "identifie auprès d’un service, et sécurise cette connexion",
        note=both("also against robots on the login form",
                  "y compris contre les robots sur le formulaire de connexion"),
    ),
    "cart_or_billing": _kind(
        "S", "remembers a shopping cart, or bills what was bought", "retient un panier d’achat, ou facture l’achat",
    ),
    "ui_personalisation": _kind(
        "S",
        "adapts the display (language, layout) where that is part of the service and expected",
        "adapte l’affichage (langue, présentation) quand cela fait partie du service et est attendu",
    ),
    "load_balancing": _kind(
        "S", "spreads the load over servers", "répartit la charge entre les serveurs",
    ),
    "paywall_sample_quota": _kind(
        "T",
        "limits the free samples of paid content",
        "limite l’accès gratuit à un échantillon de contenu payant",
    ),
    "audience_measurement_exempt": _kind(
        "C",
        "measures the audience of the site under the conditions of the exemption",
        "mesure l’audience du site aux conditions de l’exemption",
        _AUDIENCE,
    ),
    "test_of_cookies": _kind(
        "T",
        "finds out whether the browser accepts cookies, which login needs",
        "vérifie que le navigateur accepte les cookies, nécessaires à la connexion",
        note=both("counted as part of authentication", "compté comme une partie de l’authentification"),
    ),
    "security": _kind(
        "T",
        "protects a form or a login that the person uses",
        "protège un formulaire ou une connexion qu’utilise la personne",
        note=both("counted as part of authentication", "compté comme une partie de l’authentification"),
    ),
}  # fmt: skip
"""By the word that the policy file uses (``exempt:``). A tracker that serves another purpose as well is not exempt."""

DESCRIBED = Fact(
    True,
    "CNIL, délibération 2020-092, art. 5",
    "C",
    about=both(
        "Exempt trackers are described in the policy all the same",
        "Les traceurs exemptés sont tout de même décrits dans la politique",
    ),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the exemption for audience measurement.

    ``key`` is the one of ``self_assessment:`` in the policy file. All must hold.
    """

    key: str
    text: LocalText


AUDIENCE_CONDITIONS: Fact[tuple[Condition, ...]] = Fact(
    (
        Condition(
            "only_own_audience",
            both(
                "its only purpose is to measure the audience of this site, for its publisher alone",
                "sa seule finalité est de mesurer l’audience de ce site, pour son seul éditeur",
            ),
        ),
        Condition(
            "anonymous_output",
            both("what comes out is anonymous statistics only", "il n’en sort que des statistiques anonymes"),
        ),
        Condition(
            "no_crossing",
            both(
                "data is not crossed with other processing, nor handed to third parties unless anonymous",
                "les données ne sont ni recoupées avec d’autres traitements, ni transmises à des tiers sauf anonymes",
            ),
        ),
        Condition(
            "no_following",
            both(
                "visitors are not followed across sites, and no identifier is shared between sites",
                "les visiteurs ne sont pas suivis d’un site à l’autre, et aucun identifiant n’est commun à "
                "plusieurs sites",
            ),
        ),
    ),
    _AUDIENCE,
    "C",
    about=both("Conditions of exempt audience measurement", "Conditions de la mesure d’audience exemptée"),
    note=both(
        "recommended besides: information, a way to object, 13 and 25 months, regular review; a self-assessment "
        "is no certification",
        "recommandé en plus : information, possibilité de s’opposer, 13 et 25 mois, réexamen régulier ; une "
        "auto-évaluation n’est pas une certification",
    ),
)  # fmt: skip

SILENCE_IS_REFUSAL = Fact(
    True,
    "CNIL, délibérations 2020-091 et 2020-092",
    "S",
    about=both(
        "Browsing on, scrolling or closing the banner is refusal, never consent",
        "Continuer à naviguer, défiler ou fermer le bandeau est un refus, jamais un consentement",
    ),
)
REFUSING_AS_EASY = Fact(
    True,
    "CNIL, délibérations 2020-091 et 2020-092",
    "S",
    about=both(
        "Refusing is as easy as accepting: same level, same number of actions",
        "Refuser est aussi simple qu’accepter : même niveau, même nombre d’actions",
    ),
)
GPC_IS_BINDING = Fact(
    False,
    "arXiv 2512.08856",
    "S",
    about=both("A browser's Sec-GPC signal binds a site", "Le signal Sec-GPC d’un navigateur s’impose à un site"),
    note=both(
        "a site may treat it as refusal; its absence is never consent",
        "un site peut le traiter comme un refus ; son absence n’est jamais un consentement",
    ),
)
