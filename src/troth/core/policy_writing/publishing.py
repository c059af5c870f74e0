"""Who publishes the policy, for which site, and who receives data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from troth.core.law.authorities import authority
from troth.core.law.transfers import adequacy, in_eea
from troth.core.policy_writing.answers import Answers, Does, Provider
from troth.core.policy_writing.mapped import Mapped
from troth.core.policy_writing.pen import Pen, indented, optional, quoted


def heading(answers: Answers, pen: Pen, today: date) -> Iterator[str]:
    """The top of the file: what it is, and what to do with it."""
    yield from pen.note(
        f"The privacy policy of {answers.site}, written by `troth init`. It is a beginning: read every line, correct "
        "what is not true, and add what is missing. `troth check` tells what is wrong or against the law; the "
        "reference of all keys is docs/reference/policy.md. This is not legal advice.",
        f"La politique de confidentialité de {answers.site}, écrite par `troth init`. C’est un début : lisez chaque "
        "ligne, corrigez ce qui n’est pas vrai, ajoutez ce qui manque. `troth check` dit ce qui est faux ou contraire "
        "à la loi ; toutes les clés sont décrites dans docs/reference/policy.md. Ceci n’est pas un avis juridique.",
    )
    yield "format: 1"
    yield ""
    yield "policy:"
    yield f"  title: {pen.text('Privacy policy', 'Politique de confidentialité')}"
    yield from pen.note(
        "The day from which it applies; every change makes a new version.",
        "Le jour où elle prend effet ; chaque changement fait une nouvelle version.", 2,
    )  # fmt: skip
    yield f"  version: {today.isoformat()}"
    yield f"  languages: [{', '.join(answers.languages)}]"
    yield f"  authoritative: {pen.language}"
    yield "  introduction: " + pen.text(
        "This page tells which personal data we use, why, for how long, and how you stay in charge.",
        "Cette page dit quelles données personnelles nous utilisons, pourquoi, combien de temps, et comment vous "
        "gardez la main.",
    )
    holders = "true" if Does.ACCOUNTS in answers.does else "false"
    yield f"  notice_of_change: {{account_holders: {holders}, banner: true}}"


def publisher(answers: Answers, pen: Pen) -> Iterator[str]:
    """The controller and its particulars."""
    yield from pen.note(
        "The controller. The country decides authority, ages, holidays and periods.",
        "Le responsable du traitement. Le pays décide de l’autorité, des âges, des jours fériés et des durées.",
    )
    yield "publisher:"
    yield from indented(_particulars(answers, pen))
    yield from indented(_authority(answers, pen))


def _particulars(answers: Answers, pen: Pen) -> Iterator[str]:
    yield f"name: {quoted(answers.name)}"
    yield f"country: {quoted(answers.country)}"
    yield f"timezone: {quoted(answers.timezone)}"
    year_end = pen.chosen("change it if your year ends otherwise", "à changer si votre exercice finit autrement")
    yield f'financial_year_end: "12-31"  # {year_end}'
    yield f"address: {quoted(answers.address)}"
    yield from optional("legal_form", answers.legal_form)
    yield from optional("capital", answers.capital)
    yield from optional("registration", answers.registration)
    yield from optional("phone", answers.phone)
    yield f"email: {quoted(answers.contact_email)}"
    yield f"website: {quoted(answers.site)}"
    yield from optional("publication_director", answers.director)
    yield "host: web-host"
    yield "privacy_contact:"
    yield f"  name: {quoted(answers.contact_name)}"
    yield f"  email: {quoted(answers.contact_email)}"
    yield from indented(optional("phone", answers.contact_phone))


def _authority(answers: Answers, pen: Pen) -> Iterator[str]:
    found = authority(answers.country)
    if found is None:
        return
    if found.note:
        yield from pen.note(found.note["en"][:1].upper() + found.note["en"][1:] + ".",
                            found.note["fr"][:1].upper() + found.note["fr"][1:] + ".")  # fmt: skip
    yield "authority:"
    yield f"  name: {quoted(found.name)}"
    yield f"  address: {quoted(found.address)}"
    yield f"  website: {quoted(found.complaint)}"


def sites(answers: Answers, pen: Pen) -> Iterator[str]:
    """The site."""
    yield "sites:"
    yield "  main:"
    yield f"    url: {quoted(answers.site)}"
    yield from pen.note(
        "Pages that must work for who has refused everything.",
        "Les pages qui doivent marcher pour qui a tout refusé.", 4,
    )  # fmt: skip
    yield "    essential_pages: [/]"
    yield "    readable_without_data: true"


GROUPS = {
    "visitors": ("visitors", "visiteurs"),
    "customers": ("customers", "clients"),
    "subscribers": ("newsletter subscribers", "abonnés à la lettre"),
    "users": ("users", "utilisateurs"),
    "employees": ("employees", "salariés"),
}


def groups(answers: Answers, mapped: Mapped) -> list[str]:
    """The groups of people that the site meets, and those found in its database."""
    met = {"visitors"} | {found.people for found in mapped.purposes.values()}
    met |= {"customers"} if answers.does & {Does.ACCOUNTS, Does.ORDERS} else set()
    met |= {"subscribers"} if Does.NEWSLETTER in answers.does else set()
    return [name for name in GROUPS if name in met]


def people(answers: Answers, pen: Pen, mapped: Mapped) -> Iterator[str]:
    """The groups with what the policy calls them."""
    yield "people:"
    yield from (f"  {name}: {{title: {pen.text(*GROUPS[name])}}}" for name in groups(answers, mapped))


_ROLES = {
    "web-host": ("hosting", "hébergement"),
    "mailing": ("e-mailing", "envoi de courriels"),
    "payment": ("payment", "paiement"),
}


def recipients(answers: Answers, pen: Pen, today: date) -> Iterator[str]:
    """Those who process data for the publisher."""
    yield from pen.note(
        "Who receives data. `agreement` is the day on which the processing agreement (GDPR Article 28) was signed. "
        "Add your accountant, your carrier, your software provider.",
        "Qui reçoit des données. `agreement` est le jour de signature du contrat de sous-traitance (RGPD, article 28). "
        "Ajoutez votre comptable, votre transporteur, votre éditeur de logiciel.",
    )
    yield "recipients:"
    for key, provider in answers.providers().items():
        yield f"  {key}:"
        yield from indented(_recipient(key, provider, pen, today), 4)


def _recipient(key: str, provider: Provider, pen: Pen, today: date) -> Iterator[str]:
    yield f"name: {quoted(provider.name)}"
    yield f"role: {quoted(pen.chosen(*_ROLES[key]))}"
    yield f"country: {quoted(provider.country)}"
    if provider.agreement is not None:
        yield f"agreement: {provider.agreement.isoformat()}"
    else:
        yield from pen.note(
            "agreement: TODO, the day it was signed; without one, this recipient may not process data for you",
            "agreement: À COMPLÉTER, le jour de signature ; sans contrat, ce destinataire ne peut traiter de données "
            "pour vous",
        )
    yield from optional("address", provider.address)
    yield from optional("phone", provider.phone)
    decision = None if in_eea(provider.country, today) else adequacy(provider.country, today)
    if decision is not None:
        yield f"transfer: {{basis: adequacy, source: {quoted(decision.source)}}}"
    if key == "web-host":
        because = pen.text(
            "erasing in our databases is erasing at the host",
            "l’effacement dans nos bases est l’effacement chez l’hébergeur",
        )
        yield f"notices: {{by: none, because: {because}}}"
