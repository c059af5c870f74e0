"""Those who process for the publisher, and those for whom the publisher processes (Article 28)."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import length, longer, services, with_basis
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.law.periods import BREACH_AUTHORITY
from troth.core.policy.document import PolicyDocument

_POINTS = "abcdefgh"
"""The points of Article 28(3)."""


@rule(
    "processor_without_agreement", ERROR, gdpr(28, "(3)"),
    en=(
        "'{name}' processes data for the publisher, and no agreement with it is told",
        "sign one and write its day in `agreement:`; if it decides for itself what it does, say `kind: third_party`",
    ),
    fr=(
        "« {name} » traite des données pour l'éditeur, et aucun accord avec lui n'est mentionné",
        "signez-en un et écrivez sa date dans `agreement:` ; s'il décide lui-même, dites `kind: third_party`",
    ),
)  # fmt: skip
def processor_without_agreement(case: Case) -> Iterator[Place]:
    """A contract or another legal act binds every processor."""
    signed = {agreement.recipient for agreement in case.document.agreements.values()}
    for name, recipient in case.document.recipients.items():
        if recipient.kind == "processor" and recipient.agreement is None and name not in signed:
            yield place("recipients", name, name=name)


@rule(
    "client_without_agreement", ERROR, gdpr(28, "(3)"),
    en=(
        "the publisher processes data for '{name}', and no agreement with it is told",
        "sign one and write its day in `agreement:`",
    ),
    fr=(
        "l'éditeur traite des données pour « {name} », et aucun accord avec lui n'est mentionné",
        "signez-en un et écrivez sa date dans `agreement:`",
    ),
)  # fmt: skip
def client_without_agreement(case: Case) -> Iterator[Place]:
    """The same duty from the other side."""
    signed = {agreement.client for agreement in case.document.agreements.values()}
    for name, client in case.document.clients.items():
        if client.agreement is None and name not in signed:
            yield place("clients", name, name=name)


@rule(
    "agreement_incomplete", ERROR, gdpr(28, "(3)"),
    en=(
        "the agreement '{name}' lacks the mandatory points `{missing}`",
        "have it completed; each point is one of Article 28(3), a to h",
    ),
    fr=(
        "l'accord « {name} » n'a pas les points obligatoires `{missing}`",
        "faites-le compléter ; chaque point est l'un de ceux de l'article 28(3), a à h",
    ),
)  # fmt: skip
def agreement_incomplete(case: Case) -> Iterator[Place]:
    """Eight points, a to h."""
    for name, agreement in case.document.agreements.items():
        missing = tuple(point for point in _POINTS if point not in agreement.points)
        if agreement.points and missing:
            yield place("agreements", name, "points", name=name, missing=missing)


@rule(
    "agreement_unread", WARNING, gdpr(28, "(3)"),
    en=(
        "nobody has written which mandatory points the agreement '{name}' holds",
        "read it and list them: `points: [a, b, c, d, e, f, g, h]`",
    ),
    fr=(
        "personne n'a noté quels points obligatoires contient l'accord « {name} »",
        "lisez-le et énumérez-les : `points: [a, b, c, d, e, f, g, h]`",
    ),
)  # fmt: skip
def agreement_unread(case: Case) -> Iterator[Place]:
    """What was not looked at is not known."""
    for name, agreement in case.document.agreements.items():
        if not agreement.points:
            yield place("agreements", name, name=name)


@rule(
    "agreement_ended", ERROR, gdpr(28, "(3)"),
    en=(
        "the agreement '{name}' ended on {end}",
        "renew it, or stop giving data",
    ),
    fr=(
        "l'accord « {name} » a pris fin le {end}",
        "renouvelez-le, ou cessez de transmettre des données",
    ),
)  # fmt: skip
def agreement_ended(case: Case) -> Iterator[Place]:
    """An agreement with an end is watched."""
    for name, agreement in case.document.agreements.items():
        if agreement.until is not None and agreement.until < case.as_of:
            yield place("agreements", name, "until", name=name, end=agreement.until)


@rule(
    "subprocessor_not_told", WARNING, gdpr(28, "(2)"), gdpr(13, "(1)(e)"),
    en=(
        "'{name}' hands data on to '{other}', which no purpose names among its recipients",
        "add '{other}' to the recipients of the purposes that '{name}' serves",
    ),
    fr=(
        "« {name} » transmet des données à « {other} », qu'aucune finalité ne nomme parmi ses destinataires",
        "ajoutez « {other} » aux destinataires des finalités que sert « {name} »",
    ),
)  # fmt: skip
def subprocessor_not_told(case: Case) -> Iterator[Place]:
    """Where a purpose names the one, it names the other."""
    purposes = case.document.purposes.values()
    for name, recipient in case.document.recipients.items():
        serving = [purpose for purpose in purposes if name in purpose.recipients]
        for index, other in enumerate(recipient.subprocessors):
            if serving and not any(other in purpose.recipients for purpose in serving):
                yield place("recipients", name, "subprocessors", index, name=name, other=other)


@rule(
    "recipient_unused", NOTE, ITSELF,
    en=(
        "nothing in this file gives data to '{name}': no purpose, store, service, log or backup",
        "name it where it receives data, or remove it",
    ),
    fr=(
        "rien dans ce fichier ne donne de données à « {name} » : ni finalité, ni stockage, ni service, ni journal, "
        "ni sauvegarde",
        "nommez-le là où il en reçoit, ou retirez-le",
    ),
)  # fmt: skip
def recipient_unused(case: Case) -> Iterator[Place]:
    """One that has an agreement, or is said to receive nothing, may stay."""
    used = _used(case)
    for name, recipient in case.document.recipients.items():
        silent = recipient.notices is not None and recipient.notices.by == "none"
        if name not in used and not silent:
            yield place("recipients", name, name=name)


def _used(case: Case) -> set[str | None]:
    document = case.document
    used: set[str | None] = {document.publisher.host}
    used |= {name for purpose in document.purposes.values() for name in purpose.recipients}
    used |= {name for recipient in document.recipients.values() for name in recipient.subprocessors}
    used |= {store.recipient for store in document.stores.values()}
    used |= {service.recipient for _, service in services(case)}
    used |= {log.recipient for log in document.logs.values()} | {b.recipient for b in document.backups.values()}
    used |= {document.newsletter.recipient} if document.newsletter is not None else set()
    cards = document.security.cards if document.security is not None else None
    return used | ({cards.partner} if cards is not None else set())


@rule(
    "clients_told_late", WARNING, gdpr(33, "(2)"), BREACH_AUTHORITY,
    en=(
        "the client '{name}' is told of incidents within {found}; it has itself {most} to tell the authority",
        "promise less, so that the client can do its duty",
    ),
    fr=(
        "le client « {name} » apprend les incidents sous {found} ; il n'a lui-même que {most} pour prévenir l'autorité",
        "promettez moins, pour que le client puisse faire son devoir",
    ),
)  # fmt: skip
def clients_told_late(case: Case) -> Iterator[Place]:
    """Without undue delay."""
    for name, client in case.document.clients.items():
        found, most = length(client.incidents_told_within), BREACH_AUTHORITY.value
        if longer(found, most):
            yield place("clients", name, "incidents_told_within", name=name, found=found, most=most)


@rule(
    "marketing_by_others", WARNING, ITSELF, gdpr(6, "(1)(a)"),
    en=(
        "data may be passed on for the marketing of others with consent, but no purpose asks for that consent",
        "write `marketing: never`, or add a purpose on `basis: consent` with `direct_marketing: true`",
    ),
    fr=(
        "des données pourraient être cédées pour la prospection d'autrui avec accord, mais aucune finalité ne le "
        "demande",
        "écrivez `marketing: never`, ou ajoutez une finalité `basis: consent` avec `direct_marketing: true`",
    ),
)  # fmt: skip
def marketing_by_others(case: Case) -> Iterator[Place]:
    """A consent that is never asked cannot be had."""
    disclosures = case.document.disclosures
    if disclosures is not None and disclosures.marketing == "with_consent" and not _asks(case.document):
        yield place("disclosures", "marketing")


def _asks(document: PolicyDocument) -> bool:
    return any(purpose.direct_marketing for purpose in with_basis(document, "consent").values())


@rule(
    "staff_not_bound", WARNING, gdpr(28, "(3)(b)"), gdpr(32, "(4)"),
    en=(
        "staff see personal data, and sign no undertaking of confidentiality",
        "add `undertaking:` with its version and its words",
    ),
    fr=(
        "le personnel voit des données personnelles et ne signe aucun engagement de confidentialité",
        "ajoutez `undertaking:` avec sa version et ses termes",
    ),
)  # fmt: skip
def staff_not_bound(case: Case) -> Iterator[Place]:
    """Bound before the first look."""
    staff = case.document.staff
    if staff is not None and staff.undertaking is None and any(role.may for role in staff.roles.values()):
        yield place("staff")
