"""Forms: no more than is needed, and told at the point of asking."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import is_kind, with_basis
from troth.core.check.rule import NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr

_REPLY = ("EmailAddress", "TelephoneNumber", "PhysicalAddress")
"""Ways to answer: one of them may be required."""


@rule(
    "form_demands_too_much", WARNING, gdpr(5, "(1)(c)"), gdpr(25, "(2)"),
    en=(
        "the contact form cannot be sent without {category}, which answering does not need",
        "let it be optional; a message and one way to answer are enough",
    ),
    fr=(
        "le formulaire de contact ne part pas sans {category}, dont la réponse n'a pas besoin",
        "rendez-le facultatif ; un message et un moyen de répondre suffisent",
    ),
)  # fmt: skip
def form_demands_too_much(case: Case) -> Iterator[Place]:
    """One way to answer, the message, and a name at most."""
    contact, replies = case.document.contact, 0
    for name, field in contact.fields.items() if contact is not None else ():
        if not field.required or is_kind(case.document, field.is_, "Communication", "Name"):
            continue
        replies += is_kind(case.document, field.is_, *_REPLY)
        if replies > 1 or not is_kind(case.document, field.is_, *_REPLY):
            yield place("contact", "fields", name, "required", category=field.is_)


@rule(
    "form_without_acknowledgement", NOTE, gdpr(13, "(1)"),
    en=(
        "the contact form shows no box by which people acknowledge the policy; the law asks only that they are told",
        "a link to the policy beside the button is enough, or add `acknowledgement:`",
    ),
    fr=(
        "le formulaire de contact n'a pas de case pour prendre acte de la politique ; la loi demande seulement "
        "d'informer",
        "un lien vers la politique à côté du bouton suffit, ou ajoutez `acknowledgement:`",
    ),
)  # fmt: skip
def form_without_acknowledgement(case: Case) -> Iterator[Place]:
    """Information is owed, an acknowledgement is not."""
    contact = case.document.contact
    told = contact is not None and any(field.why for field in contact.fields.values())
    if contact is not None and contact.acknowledgement is None and not told:
        yield place("contact")


@rule(
    "acknowledged_version_unseen", NOTE, gdpr(5, "(2)"),
    en=(
        "people acknowledge the policy without its version being shown: nobody can tell later which one it was",
        "write `shows_version: true`",
    ),
    fr=(
        "on prend acte de la politique sans que sa version soit montrée : nul ne saura ensuite laquelle c'était",
        "écrivez `shows_version: true`",
    ),
)  # fmt: skip
def acknowledged_version_unseen(case: Case) -> Iterator[Place]:
    """Which text was read?"""
    contact = case.document.contact
    if contact is not None and contact.acknowledgement is not None and not contact.acknowledgement.shows_version:
        yield place("contact", "acknowledgement", "shows_version")


@rule(
    "contact_said_not_stored", WARNING, ITSELF,
    en=(
        "messages are said not to be stored, but the collection '{collection}' holds data for the same purpose",
        "write `stored: true`, or give the collection a purpose of its own",
    ),
    fr=(
        "les messages ne seraient pas conservés, mais la collection « {collection} » sert la même finalité",
        "écrivez `stored: true`, ou donnez à la collection une finalité à elle",
    ),
)  # fmt: skip
def contact_said_not_stored(case: Case) -> Iterator[Place]:
    """Nothing stays, or something does."""
    contact = case.document.contact
    if contact is None or contact.stored:
        return
    for store, held in case.document.stores.items():
        for name, collection in held.collections.items():
            if contact.purpose in collection.for_:
                yield place("contact", "stored", collection=f"{store}.{name}")


@rule(
    "contact_by_consent", NOTE, gdpr(6, "(1)"), gdpr(7, "(4)"),
    en=(
        "answering messages rests on consent; who writes expects an answer, and there is nothing to withdraw",
        "`legitimate_interest` with its `balance:`, or `contract` for requests of quotes, fits better",
    ),
    fr=(
        "répondre aux messages repose sur l'accord ; qui écrit attend une réponse, et il n'y a rien à retirer",
        "`legitimate_interest` avec `balance:`, ou `contract` pour les devis, convient mieux",
    ),
)  # fmt: skip
def contact_by_consent(case: Case) -> Iterator[Place]:
    """Consent is not the best basis for everything."""
    contact = case.document.contact
    if contact is not None and contact.purpose in with_basis(case.document, "consent"):
        yield place("purposes", contact.purpose, "basis")
