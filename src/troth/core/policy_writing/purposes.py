"""Why data is used, on what basis, and for how long: the purposes that follow from what the site does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from troth.core.law import periods
from troth.core.law.facts import Fact
from troth.core.policy.values import Duration
from troth.core.policy_writing.answers import Answers, Does
from troth.core.policy_writing.mapped import Found, Mapped
from troth.core.policy_writing.pen import Pen, indented, listed, quoted
from troth.core.policy_writing.publishing import groups


def period(fact: Fact[Duration]) -> str:
    """A period in the unit that its rule speaks in."""
    months, hours = fact.value.months, fact.value.minutes // 60
    if months % 12:
        return f"{months} month" + "s" * (months > 1)
    return f"{hours} hours" if hours else str(fact.value)


@dataclass(frozen=True, slots=True)
class _Page:
    """What the purposes are written from."""

    answers: Answers
    pen: Pen
    today: date
    mapped: Mapped


def purposes(answers: Answers, pen: Pen, today: date, mapped: Mapped) -> Iterator[str]:
    """The section, in the order in which people meet the purposes."""
    yield from pen.note(
        "Why data is used. `basis` is one of GDPR Article 6(1); `keep` counts in calendar months and years. The "
        "periods are those of French law and of the French authority (docs/reference/law.md): compare your country's.",
        "Pourquoi les données servent. `basis` est l’une des bases de l’article 6(1) du RGPD ; `keep` compte en "
        "mois et en années de calendrier. Les durées viennent de la CNIL et de la loi : voir docs/reference/law.md.",
    )
    yield "purposes:"
    page = _Page(answers, pen, today, mapped)
    for does, (name, write) in _WRITERS.items():
        if does in answers.does or name in mapped.purposes:
            yield from indented(write(page))
            yield ""
    if Does.ORDERS in answers.does:
        yield from indented(_orders(page))
        yield ""
    own = {name for name, _ in _WRITERS.values()} | ({"orders"} if Does.ORDERS in answers.does else set())
    for name, found in mapped.purposes.items():
        if name not in own:
            yield from indented(_found(name, found, page))
            yield ""
    yield from indented(_requests(page))


def _balance(page: _Page, interest: str, necessity: str, outcome: str) -> Iterator[str]:
    """The weighing of a legitimate interest; ``today`` is when it was written down."""
    yield from page.pen.note(
        "The weighing that this basis needs. Read it, and make it yours.",
        "L’examen que cette base demande. Relisez-le, et faites-le vôtre.",
    )
    yield "balance:"
    yield f"  interest: {interest}"
    yield f"  necessity: {necessity}"
    yield f"  outcome: {outcome}"
    yield f"  date: {page.today.isoformat()}"


def _keep(name: str, usual: str, page: _Page) -> Iterator[str]:
    """How long, counted from an event that the database can tell, if it holds such data."""
    if name in page.mapped.purposes:
        yield from page.pen.note(
            "Guessed from the moments that the database tells. Is it so?",
            "Deviné d’après les moments que la base connaît. Est-ce bien cela ?", 2,
        )  # fmt: skip
    yield f"  keep: {page.mapped.keep(name, usual)}"


def _contact(page: _Page) -> Iterator[str]:
    pen = page.pen
    yield "contact:"
    yield f"  title: {pen.text('Answering your messages', 'Répondre à vos messages')}"
    yield "  basis: legitimate_interest"
    yield "  people: [visitors]"
    yield "  categories: [Name, EmailAddress, TelephoneNumber, Communication]"
    yield "  recipients: [web-host]"
    yield "  keep: {for: 1 year, after: last_contact}"
    yield from indented(
        _balance(
            page,
            pen.text("to answer whoever writes to us", "répondre à qui nous écrit"),
            pen.text("without an address there is no answer", "sans adresse, pas de réponse"),
            pen.text(
                "the person expects that answer; nothing else is done with it",
                "la personne attend cette réponse ; rien d’autre n’en est fait",
            ),
        )
    )


def _newsletter(page: _Page) -> Iterator[str]:
    answers, pen, mapped = page.answers, page.pen, page.mapped
    sender = "mailing" if answers.mailing is not None else "web-host"
    yield "newsletter:"
    yield f"  title: {pen.text('Our newsletter', 'Notre lettre d’information')}"
    yield "  basis: consent"
    yield "  people: [subscribers]"
    yield f"  categories: {mapped.categories('newsletter', 'EmailAddress', 'Name')}"
    yield f"  recipients: [{sender}]"
    yield "  direct_marketing: true"
    usual = f"{{for: {period(periods.PROSPECT)}, after: last_contact}}"
    yield from _keep("newsletter", usual, page)
    yield ""
    yield from pen.note(
        "Who has said no is remembered, so as not to be written to again.",
        "Qui a dit non est retenu, pour ne plus lui écrire.",
    )
    yield "objection_list:"
    yield f"  title: {pen.text('Not writing to you again', 'Ne plus vous écrire')}"
    yield "  basis: legal_obligation"
    yield f"  law: {quoted(pen.chosen('GDPR art. 21(3)', 'RGPD art. 21(3)'))}"
    yield "  people: [subscribers]"
    yield "  categories: [EmailAddress]"
    yield f"  recipients: [{sender}]"
    yield f"  keep: {{for: {period(periods.OBJECTION_LIST)}, after: collected}}"


def _account(page: _Page) -> Iterator[str]:
    pen, mapped = page.pen, page.mapped
    yield "accounts:"
    yield f"  title: {pen.text('Your account', 'Votre compte')}"
    yield "  basis: contract"
    yield "  people: [customers]"
    usual = ("Name", "EmailAddress", "TelephoneNumber", "Password", "Authenticating", "Preference")
    yield f"  categories: {mapped.categories('accounts', *usual)}"
    yield "  recipients: [web-host]"
    yield "  required: " + pen.text(
        "without an e-mail address and a password no account can be opened",
        "sans adresse électronique ni mot de passe, aucun compte ne peut être ouvert",
    )
    kept = f"{{for: {period(periods.ACCOUNT_INACTIVE)}, after: account_activity}}"
    yield from _keep("accounts", kept, page)


def _orders(page: _Page) -> Iterator[str]:
    answers, pen, mapped = page.answers, page.pen, page.mapped
    paid = ["payment"] if answers.payment is not None else []
    yield "orders:"
    yield f"  title: {pen.text('Your orders', 'Vos commandes')}"
    yield "  basis: contract"
    yield "  people: [customers]"
    usual = ("Name", "EmailAddress", "TelephoneNumber", "PhysicalAddress", "Purchase", "Communication")
    yield f"  categories: {mapped.categories('orders', *usual)}"
    yield f"  recipients: {listed(['web-host', *paid])}"
    yield "  required: " + pen.text(
        "without name and address we cannot deliver", "sans nom ni adresse, nous ne pouvons rien livrer"
    )
    if "orders" in mapped.purposes:
        yield from _keep("orders", "", page)
    else:
        yield from indented(_order_keep(page))
    yield ""
    yield "billing:"
    yield f"  title: {pen.text('Invoices and payments', 'Factures et paiements')}"
    yield "  basis: legal_obligation"
    yield f"  law: {quoted(answers.accounting_law)}"
    yield "  people: [customers]"
    yield "  categories: [Name, EmailAddress, PhysicalAddress, Purchase, Transaction]"
    yield f"  recipients: {listed(['web-host', *paid])}"
    yield "  required: " + pen.text(
        "the law requires these particulars on an invoice", "la loi exige ces mentions sur une facture"
    )
    years = f"{answers.accounting_years} year" + "s" * (answers.accounting_years > 1)
    yield f"  keep: {{for: {years}, after: financial_year_end}}"


def _order_keep(page: _Page) -> Iterator[str]:
    answers, pen = page.answers, page.pen
    if not answers.french:
        yield from pen.note(
            "As long as a claim can be made: look up the limitation period of your country.",
            "Tant qu’une action est possible : vérifiez la prescription dans votre pays.",
        )
        yield "keep: {for: 3 years, after: contract_end}"
        return
    yield from pen.note(
        "In use for the guarantee of two years; then apart, as contracts made on line for 120 euros or more must be "
        "kept at the customer's disposal (C. conso. L213-1).",
        "En usage pendant la garantie de deux ans ; puis à part, car un contrat conclu en ligne de 120 euros ou plus "
        "doit rester à la disposition du client (C. conso. L213-1).",
    )
    because = pen.text("contracts made on line (C. conso. L213-1)", "contrats conclus en ligne (C. conso. L213-1)")
    yield "keep:"
    yield "  for: 2 years"
    yield "  after: contract_end"
    yield "  archive:"
    yield f"    for: {period(periods.ELECTRONIC_CONTRACT)}"
    yield "    after: contract_end"
    yield f"    because: {because}"
    yield "    readers: [privacy]"


def _audience(page: _Page) -> Iterator[str]:
    pen = page.pen
    yield "audience:"
    yield f"  title: {pen.text('Audience measurement', 'Mesure d’audience')}"
    yield "  basis: consent"
    yield "  people: [visitors]"
    yield "  categories: [BrowsingBehaviour, BrowsingReferral, UserAgent]"
    yield "  recipients: [web-host]"
    yield f"  keep: {{for: {period(periods.AUDIENCE_DATA)}, after: collected}}"
    yield ""
    yield "consent_proof:"
    yield f"  title: {pen.text('Proof of your choices', 'Preuve de vos choix')}"
    yield "  basis: legal_obligation"
    yield f"  law: {quoted(pen.chosen('GDPR art. 7(1)', 'RGPD art. 7(1)'))}"
    yield "  people: [visitors]"
    yield "  categories: [PrivacyPreference]"
    yield "  recipients: [web-host]"
    yield f"  keep: {{for: {period(periods.CONSENT_PROOF)}, after: collected}}"


def _logs(page: _Page) -> Iterator[str]:
    pen, mapped = page.pen, page.mapped
    yield "logs:"
    yield f"  title: {pen.text('Faults, attacks and fraud', 'Pannes, attaques et fraudes')}"
    yield "  basis: legitimate_interest"
    yield "  people: [visitors]"
    yield f"  categories: {mapped.categories('logs', 'IPAddress', 'UserAgent', 'BrowsingBehaviour')}"
    yield "  recipients: [web-host]"
    usual = f"{{for: {period(periods.LOGS_MOST)}, after: collected}}"
    yield from _keep("logs", usual, page)
    yield from indented(
        _balance(
            page,
            pen.text("a site that stays up and is not abused", "un site qui tient debout et n’est pas détourné"),
            pen.text("an attack shows in the sequence of requests", "une attaque se lit dans la suite des requêtes"),
            pen.text("few data, a short time, no other use", "peu de données, peu de temps, aucun autre usage"),
        )
    )


def _requests(page: _Page) -> Iterator[str]:
    answers, pen, mapped = page.answers, page.pen, page.mapped
    yield "rights_requests:"
    yield f"  title: {pen.text('Handling your requests', 'Traiter vos demandes')}"
    yield "  basis: legal_obligation"
    yield f"  law: {quoted(pen.chosen('GDPR art. 12 to 22', 'RGPD art. 12 à 22'))}"
    yield f"  people: {listed(groups(answers, mapped))}"
    yield "  categories: [Name, EmailAddress, Communication]"
    yield "  recipients: [web-host]"
    yield f"  keep: {{for: {period(periods.REQUEST_FILE)}, after: closed}}"


def _found(name: str, found: Found, page: _Page) -> Iterator[str]:
    """A purpose that only the database speaks of."""
    pen = page.pen
    yield from pen.note(
        "Found in the database. Is it so, on this basis, for this long?",
        "Trouvé dans la base. Est-ce bien cela, sur cette base légale, pour cette durée ?",
    )
    yield f"{name}:"
    yield f"  title: {pen.texts(dict(found.title))}"
    yield f"  basis: {found.basis}"
    yield f"  people: [{found.people}]"
    yield f"  categories: {page.mapped.categories(name)}"
    yield "  recipients: [web-host]"
    yield f"  keep: {found.keep}"
    if found.basis == "legitimate_interest":
        yield from indented(
            _balance(
                page,
                pen.text("to handle what people send us", "traiter ce que les gens nous envoient"),
                pen.text(
                    "without it nothing can be answered or shown", "sans cela, rien ne peut être traité ni montré"
                ),
                pen.text(
                    "people expect it; nothing else is done with it", "on s’y attend ; rien d’autre n’en est fait"
                ),
            )
        )


_WRITERS = {
    Does.CONTACT: ("contact", _contact), Does.NEWSLETTER: ("newsletter", _newsletter),
    Does.ACCOUNTS: ("accounts", _account), Does.AUDIENCE: ("audience", _audience), Does.LOGS: ("logs", _logs),
}  # fmt: skip
"""Orders are written apart: they need answers that only a shop gives."""
