"""How the house is kept, and what people can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from troth.core.law import periods
from troth.core.law.ages import digital_age, joint_consent
from troth.core.law.bases import rights_of
from troth.core.law.transfers import in_eea
from troth.core.policy.model import Basis
from troth.core.policy_writing.answers import Answers, Does
from troth.core.policy_writing.mapped import Mapped
from troth.core.policy_writing.pen import Pen, listed, quoted
from troth.core.policy_writing.purposes import period

_RIGHTS = (
    "access", "rectification", "erasure", "restriction", "portability", "objection", "human_review", "withdrawal",
    "directives_after_death", "complaint",
)  # fmt: skip
_BASES = {
    Does.CONTACT: (Basis.LEGITIMATE_INTEREST,),
    Does.NEWSLETTER: (Basis.CONSENT,),
    Does.ACCOUNTS: (Basis.CONTRACT,),
    Does.ORDERS: (Basis.CONTRACT,),
    Does.AUDIENCE: (Basis.CONSENT,),
    Does.LOGS: (Basis.LEGITIMATE_INTEREST,),
}


def rights(answers: Answers, pen: Pen, mapped: Mapped) -> Iterator[str]:
    """The rights that follow from the purposes' bases."""
    yield from pen.note(
        "The rights that follow from the bases above. The law counts one month; 30 days can be later.",
        "Les droits qui suivent des bases ci-dessus. La loi compte un mois ; 30 jours peuvent le dépasser.",
    )
    ways = ["email_link", "customer_number"] if Does.ORDERS in answers.does else ["email_link"]
    ways = ["account", *ways] if Does.ACCOUNTS in answers.does else ways
    yield "rights:"
    yield f"  answer_within: {period(periods.ANSWER)}"
    yield f"  verify: {listed(ways)}"
    yield f"  offered: {listed(_offered(answers, mapped))}"
    yield "  channels: [email, post]"
    yield "  notices: {person: true, recipients: true}"
    yield f"  requests_kept: {period(periods.REQUEST_FILE)}"


def _offered(answers: Answers, mapped: Mapped) -> list[str]:
    bases = {Basis.LEGAL_OBLIGATION, *(basis for does in answers.does for basis in _BASES[does])}
    bases |= {Basis(found.basis) for found in mapped.purposes.values()}
    given = set().union(*map(rights_of, bases))
    marketing = Does.NEWSLETTER in answers.does or "newsletter" in mapped.purposes
    given |= {"objection"} if marketing else set()
    given |= {"directives_after_death"} if answers.french else set()
    return [right for right in _RIGHTS if right in given]


def minors(answers: Answers, pen: Pen, today: date) -> Iterator[str]:
    """From which age children consent alone."""
    age = digital_age(answers.country, today)
    if age is None:
        return
    years = age.value
    yield from pen.note(
        f"In your country one consents alone from {years} ({age.source}).",
        f"Dans votre pays, on consent seul dès {years} ans ({age.source}).",
    )
    together = joint_consent(answers.country)
    yield "minors:"
    yield f"  joint_consent_under: {years}"
    yield "  parent_verified_by: [email_link]"
    yield "  age_asked: where_consent_needs_it"
    yield "  text: " + pen.text(
        f"If you are under {years}, ask a parent to say yes {'together with you' if together else 'for you'}. "
        f"From {years} on, you decide by yourself.",
        f"Si tu as moins de {years} ans, demande à un parent de dire oui {'avec toi' if together else 'pour toi'}. "
        f"À partir de {years} ans, tu décides seul.",
    )


def breach(answers: Answers, pen: Pen) -> Iterator[str]:
    """What happens after a breach."""
    yield from pen.note(
        "After a breach: the authority within 72 hours, people as soon as possible where the risk is high.",
        "Après une violation : l’autorité sous 72 heures, les personnes au plus tôt si le risque est élevé.",
    )
    yield "breach:"
    yield "  notify_people: true"
    yield "  threshold: high_risk"
    yield f"  authority_within: {period(periods.BREACH_AUTHORITY)}"
    yield "  tells: [origin, consequences, measures, contact, advice]"
    yield "  decided_by: [privacy]"


def decisions(answers: Answers, pen: Pen) -> Iterator[str]:
    """Automated decisions, and directives after death where the law knows them."""
    promise = pen.chosen(
        "a promise: nothing is decided by software alone", "une promesse : aucune décision automatique"
    )
    yield f"automated_decisions: {{none: true}}  # {promise}"
    if answers.french:
        yield ""
        yield from pen.note(
            "Directives after death (law of 6 January 1978, articles 84 to 86).",
            "Directives après la mort (loi du 6 janvier 1978, articles 84 à 86).",
        )
        yield "after_death:"
        yield "  directives: [specific]"
        yield "  executor: true"
        yield "  without_directives: " + pen.text(
            "Without directives, heirs may ask for what settling the estate needs, report the death and have the "
            "account closed.",
            "Sans directive, les héritiers peuvent demander ce qu’il faut pour régler la succession, signaler le décès "
            "et faire fermer le compte.",
        )


def house(answers: Answers, pen: Pen, today: date) -> Iterator[str]:
    """Staff, security, where data lies, disclosures."""
    yield from pen.note(
        "Who may see personal data. The undertaking is signed before the console opens.",
        "Qui peut voir des données personnelles. L’engagement est signé avant l’ouverture de la console.",
    )
    yield "staff:"
    yield "  undertaking:"
    yield f'    version: "{today.isoformat()}"'
    yield "    text: " + pen.text(
        "I open personal data only when my work needs it, I speak of it to nobody else, and I report any accident on "
        "the same day.",
        "Je n’ouvre une donnée personnelle que si mon travail le demande, je n’en parle à personne d’autre, et je "
        "signale tout accident le jour même.",
    )
    yield "  roles:"
    yield "    privacy:"
    yield f"      title: {pen.text('Privacy officer', 'Responsable des données')}"
    yield "      may: [see_people, change_people, erase_people, answer_requests, see_identity_documents, read_archives,"
    yield "        decide_disclosures, handle_incidents, publish, manage_staff, audit]"
    yield ""
    yield "security:"
    yield '  tls: "1.2"'
    yield "  headers: [Strict-Transport-Security, X-Content-Type-Options, Referrer-Policy]"
    yield "  updates: {within: 7 days, checked_every: 1 day}"
    if Does.ORDERS in answers.does and answers.payment is not None:
        promise = pen.chosen("a promise: card numbers are never stored", "une promesse : aucun numéro de carte gardé")
        yield f"  cards: {{stored: false, partner: payment}}  # {promise}"
    yield ""
    yield from _places(answers, pen, today)
    yield ""
    yield "disclosures:"
    yield "  grounds: [law, court_order]"
    yield "  decided_by: [privacy]"
    yield "  person_told: true"
    yield "  marketing: never"


def _places(answers: Answers, pen: Pen, today: date) -> Iterator[str]:
    abroad = sorted({p.country for p in answers.providers().values() if not in_eea(p.country, today)})
    yield from pen.note(
        "Where data may lie; a store, recipient or backup elsewhere breaks the promise.",
        "Où les données peuvent se trouver ; un stockage, destinataire ou sauvegarde ailleurs rompt la promesse.",
    )
    yield "data_location:"
    yield f"  allowed: {listed(['EEA', *map(quoted, abroad)])}"
