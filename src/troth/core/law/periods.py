"""How long: retention periods, lifetimes of trackers, the hours of a breach.

What holds in the whole EEA is in ``EUROPEAN``; the rest is French (``FRENCH``), most of it good practice of the
French authority (CNIL) rather than statute: ``source`` and ``note`` tell which. Where a rule names no period of
its own ("as long as needed"), there is no fact.

``for_source`` finds the period that a citation in a policy supports.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from troth.core.law.citations import cited
from troth.core.law.facts import Fact, LocalText, Mark, both
from troth.core.law.territories import home_of
from troth.core.policy.values import Duration, add

HOURS = 60
"""Minutes."""


def _fact(
    value: Duration, source: str, mark: Mark, en: str, fr: str, note: LocalText | None = None, since: date | None = None
) -> Fact[Duration]:
    return Fact(value, source, mark, since, note=note or {}, about=both(en, fr))


def _years(years: int) -> Duration:
    return Duration(months=12 * years)


# --- consent and trackers -----------------------------------------------------------------------------

CHOICE_REMEMBERED = _fact(
    Duration(months=6), "CNIL, délibération 2020-092", "S",
    "A choice on trackers, yes or no, is remembered", "Un choix sur les traceurs, oui ou non, est retenu",
    both("good practice, not statute; the same for yes and no",
         "bonne pratique, non une loi ; même durée pour oui et non"),
)  # fmt: skip
TRACKER = _fact(
    Duration(months=13), "CNIL, délibération 2020-092, art. 5", "C",
    "Longest life of an exempt audience tracker", "Vie maximale d’un traceur d’audience exempté",
    both("not prolonged by a new visit", "non prolongée par une nouvelle visite"),
)  # fmt: skip
AUDIENCE_DATA = _fact(
    Duration(months=25), "CNIL, délibération 2020-092, art. 5", "C",
    "Data collected by an exempt audience tracker", "Données d’un traceur d’audience exempté",
)  # fmt: skip
CONSENT_PROOF = _fact(
    _years(5), "C. civ. art. 2224", "T",
    "Proof of a consent, after its end", "Preuve d’un consentement, après sa fin",
    both("a common choice, not a rule", "un choix courant, non une règle"),
)  # fmt: skip

# --- prospects, customers, accounts -------------------------------------------------------------------

PROSPECT = _fact(
    _years(3), "CNIL, référentiel gestion commerciale (JO 3 Feb 2022; délibération 2021-131)", "C",
    "Prospect, from collection or the last contact by the prospect",
    "Prospect, depuis la collecte ou le dernier contact venant de lui",
    both(
        "a click, a message, an order is contact; a mail that was sent or merely opened is not",
        "un clic, un message, une commande est un contact ; un courriel envoyé ou seulement ouvert n’en est pas un",
    ),
)  # fmt: skip
CUSTOMER_MARKETING = _fact(
    _years(3), "CNIL, délibération 2021-131; SAN-2020-008", "S",
    "Customer, for marketing, from the end of the relation",
    "Client, pour la prospection, depuis la fin de la relation",
)  # fmt: skip
OBJECTION_LIST = _fact(
    _years(3), "CNIL, référentiel gestion commerciale", "T",
    "List of those who objected to marketing, at least", "Liste d’opposition à la prospection, au moins",
    both("only what is needed to heed the objection", "seulement ce qu’il faut pour respecter l’opposition"),
)  # fmt: skip
ACCOUNT_INACTIVE = _fact(
    _years(2), "CNIL, 18 September 2025", "S",
    "Account nobody uses, from the last action of its holder",
    "Compte inutilisé, depuis la dernière action de son titulaire",
    both(
        "warn before; what gives access to bought digital content may stay",
        "prévenir avant ; ce qui donne accès à un contenu numérique acheté peut rester",
    ),
)  # fmt: skip

# --- accounts, taxes, claims --------------------------------------------------------------------------

ACCOUNTING = _fact(
    _years(10), "C. com. art. L123-22", "C",
    "Accounting documents, from the end of the financial year", "Pièces comptables, depuis la clôture de l’exercice",
)  # fmt: skip
TAX = _fact(
    _years(6), "LPF art. L102 B", "C",
    "Tax documents, from the last entry or the date of the document",
    "Documents fiscaux, depuis la dernière opération ou la date du document",
    both(
        "an amendment to ten years was tabled in 2025-26; its outcome is not known here",
        "un amendement à dix ans a été déposé en 2025-2026 ; son issue n’est pas connue ici",
    ),
)  # fmt: skip
CIVIL_LIMITATION = _fact(
    _years(5), "C. civ. art. 2224", "C",
    "Claims in general, from the end of the contract or the day the facts were known",
    "Actions en général, depuis la fin du contrat ou la connaissance des faits",
)  # fmt: skip
CONSUMER_CLAIM = _fact(
    _years(2), "C. conso. art. L218-2", "C",
    "Claim of a trader against a consumer", "Action d’un professionnel contre un consommateur",
)  # fmt: skip
ELECTRONIC_CONTRACT = _fact(
    _years(10), "C. conso. art. L213-1, D213-1 and D213-2", "C",
    "Contract made on line for 120 euros or more, from delivery or performance",
    "Contrat conclu en ligne de 120 euros ou plus, depuis la livraison ou l’exécution",
    both("the customer must have access to it", "le client doit y avoir accès"),
)  # fmt: skip
CARD_CLAIMS = _fact(
    Duration(months=13), "CNIL, délibération 2018-303, art. 4", "S",
    "Card number, archived for claims, from the debit",
    "Numéro de carte, archivé pour les réclamations, depuis le débit",
)  # fmt: skip
CARD_CLAIMS_DEFERRED = _fact(
    Duration(months=15), "CNIL, délibération 2018-303, art. 4", "S",
    "The same for a card with deferred debit", "Le même, pour une carte à débit différé",
)  # fmt: skip
CARD_CODE = _fact(
    Duration(), "CNIL, délibération 2018-303, art. 4", "C",
    "Security code of a card, after the first payment", "Cryptogramme d’une carte, après le premier paiement",
    both("never kept, not even for a subscription", "jamais conservé, même pour un abonnement"),
)  # fmt: skip

# --- security, staff, requests ------------------------------------------------------------------------

LOGS_LEAST = _fact(
    Duration(months=6), "CNIL, délibération 2021-122", "S",
    "Security and access logs, at least", "Journaux de sécurité et d’accès, au moins",
)  # fmt: skip
LOGS_MOST = _fact(
    _years(1), "CNIL, délibération 2021-122", "S",
    "Security and access logs, usually at most", "Journaux de sécurité et d’accès, au plus en général",
    both("longer with a documented justification or by a specific law",
         "plus avec une justification écrite ou une loi spéciale"),
)  # fmt: skip
LOGS_JUSTIFIED = _fact(
    _years(3), "CNIL, délibération 2021-122", "S",
    "Logs for internal control with documented justification, at most",
    "Journaux de contrôle interne avec justification écrite, au plus",
)  # fmt: skip
CANDIDATE_REFUSED = _fact(
    Duration(months=3), "CNIL, guide recrutement 2023", "S",
    "Candidate not hired, to explain the refusal", "Candidat non retenu, pour expliquer le refus",
)  # fmt: skip
CANDIDATE_POOL = _fact(
    _years(2), "CNIL, guide recrutement 2023", "S",
    "Candidate not hired, in a pool, from the last contact",
    "Candidat non retenu, dans un vivier, depuis le dernier contact",
    both("with the candidate's agreement", "avec l’accord du candidat"),
)  # fmt: skip
PAYROLL = _fact(
    _years(5), "CNIL, guide du développeur, fiche 14", "C",
    "Payroll and working time", "Paie et temps de travail",
)  # fmt: skip
REQUEST_FILE = _fact(
    _years(5), "C. civ. art. 2224", "T",
    "File of a person's request, from its closing", "Dossier d’une demande, depuis sa clôture",
    both("common practice", "pratique courante"),
)  # fmt: skip
IDENTITY_COPY_MOST = _fact(
    _years(1), "CNIL, norme simplifiée 48 (ancienne)", "T",
    "Copy of an identity document for a request, at the very most", "Copie d’une pièce d’identité, au grand maximum",
    both("destroy it as soon as it was looked at", "détruisez-la dès qu’elle a été vue"),
)  # fmt: skip
BREACH_REGISTER = _fact(
    _years(5), "practice", "T",
    "Register of breaches, at least", "Registre des violations, au moins",
)  # fmt: skip

# --- the whole EEA ------------------------------------------------------------------------------------

ANSWER = _fact(
    Duration(months=1), "GDPR art. 12(3)", "C",
    "Answer to a person's request, from its receipt", "Réponse à une demande, depuis sa réception",
)  # fmt: skip
ANSWER_EXTENDED = _fact(
    Duration(months=3), "GDPR art. 12(3)", "C",
    "The same, if the person was told why within the first month",
    "La même, si la personne en a su la raison dans le premier mois",
)  # fmt: skip
BREACH_AUTHORITY = _fact(
    Duration(minutes=72 * HOURS), "GDPR art. 33(1)", "C",
    "A breach is notified to the authority, from becoming aware of it",
    "Une violation est notifiée à l’autorité, depuis sa connaissance",
    both(
        "hours, week-ends included; not needed where a risk is unlikely",
        "en heures, fins de semaine comprises ; inutile si un risque est improbable",
    ),
)  # fmt: skip

EUROPEAN: Mapping[str, Fact[Duration]] = {
    "answer": ANSWER, "answer_extended": ANSWER_EXTENDED, "breach_authority": BREACH_AUTHORITY,
}  # fmt: skip
"""What holds in the whole EEA."""

FRENCH: Mapping[str, Fact[Duration]] = {
    "choice_remembered": CHOICE_REMEMBERED, "tracker": TRACKER, "audience_data": AUDIENCE_DATA,
    "consent_proof": CONSENT_PROOF, "prospect": PROSPECT, "customer_marketing": CUSTOMER_MARKETING,
    "objection_list": OBJECTION_LIST, "account_inactive": ACCOUNT_INACTIVE, "accounting": ACCOUNTING, "tax": TAX,
    "civil_limitation": CIVIL_LIMITATION, "consumer_claim": CONSUMER_CLAIM,
    "electronic_contract": ELECTRONIC_CONTRACT, "card_claims": CARD_CLAIMS,
    "card_claims_deferred": CARD_CLAIMS_DEFERRED, "card_code": CARD_CODE, "logs_least": LOGS_LEAST,
    "logs_most": LOGS_MOST, "logs_justified": LOGS_JUSTIFIED, "candidate_refused": CANDIDATE_REFUSED,
    "candidate_pool": CANDIDATE_POOL, "payroll": PAYROLL, "request_file": REQUEST_FILE,
    "identity_copy_most": IDENTITY_COPY_MOST, "breach_register": BREACH_REGISTER,
}  # fmt: skip
"""What holds in France. Other countries have periods of their own, which are not known here."""

_BY_CITATION: Mapping[str, Fact[Duration]] = {
    "com L123-22": ACCOUNTING,
    "lpf L102B": TAX,
    "civ 2224": CIVIL_LIMITATION,
    "conso L218-2": CONSUMER_CLAIM,
    "conso L213-1": ELECTRONIC_CONTRACT,
    "conso D213-1": ELECTRONIC_CONTRACT,
    "conso D213-2": ELECTRONIC_CONTRACT,
    "cnil 2018-303": CARD_CLAIMS_DEFERRED,
    "cnil 2020-092": AUDIENCE_DATA,
    "cnil 2021-122": LOGS_JUSTIFIED,
    "cnil 2021-131": PROSPECT,
}


def for_source(text: str, country: str) -> Fact[Duration] | None:
    """The longest period that a rule cited in ``text`` supports, or None if none that is known is cited.

    Spelling is free: ``C. com. art. L123-22``, ``article L. 123-22 du Code de commerce``, ``French Commercial Code,
    L123-22``. Only French rules are known, so that the answer is None for a publisher elsewhere.
    """
    if home_of(country) != "FR":
        return None
    found = [_BY_CITATION[rule] for rule in cited(text) if rule in _BY_CITATION]
    start = date(2026, 1, 1)
    return max(found, key=lambda fact: add(start, fact.value), default=None)
