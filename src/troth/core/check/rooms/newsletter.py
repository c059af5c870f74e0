"""The newsletter: how people get on the list, how they leave it, and what it observes."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import customers, with_basis
from troth.core.check.rule import ERROR, WARNING, Case, Place, Source, place, rule
from troth.core.check.sources import MARKETING_LAW, TRACKERS_LAW, gdpr

_PIXELS = Source("CNIL, délibération 2026-042", "S")
_ONE_CLICK = Source("RFC 8058", "C")


@rule(
    "newsletter_unconfirmed", WARNING, gdpr(7, "(1)"),
    en=(
        "anybody can subscribe somebody else's address: no mail asks for confirmation",
        "write `double_opt_in: true`; it is the usual way to show that the holder of the address agreed",
    ),
    fr=(
        "n'importe qui peut inscrire l'adresse d'un autre : aucun courriel ne demande confirmation",
        "écrivez `double_opt_in: true` ; c'est la façon usuelle de montrer que le titulaire de l'adresse est d'accord",
    ),
)  # fmt: skip
def newsletter_unconfirmed(case: Case) -> Iterator[Place]:
    """Consent must be shown, and be that person's."""
    if case.document.newsletter is not None and not case.document.newsletter.double_opt_in:
        yield place("newsletter", "double_opt_in")


@rule(
    "newsletter_hard_to_leave", WARNING, MARKETING_LAW, gdpr(21, "(2)"), _ONE_CLICK,
    en=(
        "the newsletter cannot be stopped with one click",
        "write `one_click_unsubscribe: true`; large mail providers ask for it too",
    ),
    fr=(
        "la lettre ne s'arrête pas d'un seul clic",
        "écrivez `one_click_unsubscribe: true` ; les grands fournisseurs de courriel le demandent aussi",
    ),
)  # fmt: skip
def newsletter_hard_to_leave(case: Case) -> Iterator[Place]:
    """Simple, free of charge, in every message."""
    if case.document.newsletter is not None and not case.document.newsletter.one_click_unsubscribe:
        yield place("newsletter", "one_click_unsubscribe")


@rule(
    "opens_tracked_without_consent", ERROR, TRACKERS_LAW, _PIXELS,
    en=(
        "opened mails are observed person by person, and no purpose of its own asks readers for consent to that",
        "write `tracking: false`, or add a purpose on `basis: consent` for the same people that says so",
    ),
    fr=(
        "l'ouverture des courriels est observée personne par personne, sans finalité qui en demande l'accord",
        "écrivez `tracking: false`, ou ajoutez une finalité `basis: consent` pour les mêmes personnes qui le dise",
    ),
)  # fmt: skip
def opens_tracked_without_consent(case: Case) -> Iterator[Place]:
    """A consent of its own, beside the one to receive."""
    newsletter = case.document.newsletter
    if newsletter is None or not newsletter.tracking:
        return
    own = case.document.purposes.get(newsletter.purpose)
    readers = set(own.people) if own is not None else set()
    others = with_basis(case.document, "consent")
    others.pop(newsletter.purpose, None)
    if not any(readers & set(purpose.people) for purpose in others.values()):
        yield place("newsletter", "tracking")


@rule(
    "newsletter_without_consent", ERROR, MARKETING_LAW, gdpr(6, "(1)(a)"),
    en=(
        "the newsletter goes to {people} without their consent ({basis}), and they are not customers",
        "set `basis: consent` on '{purpose}', or send it only to those with whom there is a contract",
    ),
    fr=(
        "la lettre va à {people} sans leur accord ({basis}), et ce ne sont pas des clients",
        "mettez `basis: consent` sur « {purpose} », ou ne l'envoyez qu'à ceux qu'un contrat lie à vous",
    ),
)  # fmt: skip
def newsletter_without_consent(case: Case) -> Iterator[Place]:
    """As for all marketing by mail, also where the purpose is not marked as such."""
    newsletter = case.document.newsletter
    purpose = case.document.purposes.get(newsletter.purpose) if newsletter is not None else None
    if newsletter is None or purpose is None or purpose.basis == "consent" or purpose.direct_marketing:
        return
    strangers = tuple(group for group in purpose.people if group not in customers(case.document))
    if strangers:
        yield place("newsletter", "purpose", people=strangers, basis=purpose.basis, purpose=newsletter.purpose)


@rule(
    "newsletter_not_marked", WARNING, gdpr(21, "(2)"),
    en=(
        "'{purpose}' is the newsletter's, and is not marked as direct marketing: an objection would be weighed",
        "write `direct_marketing: true`; then an objection is always heeded",
    ),
    fr=(
        "« {purpose} » est la finalité de la lettre et n'est pas marquée comme prospection : une opposition serait "
        "pesée",
        "écrivez `direct_marketing: true` ; une opposition est alors toujours suivie",
    ),
)  # fmt: skip
def newsletter_not_marked(case: Case) -> Iterator[Place]:
    """The objection to marketing is absolute."""
    newsletter = case.document.newsletter
    purpose = case.document.purposes.get(newsletter.purpose) if newsletter is not None else None
    if newsletter is not None and purpose is not None and not purpose.direct_marketing:
        yield place("purposes", newsletter.purpose, purpose=newsletter.purpose)
