"""Data that leaves the European Economic Area, and on what ground."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from troth.core.check.look import services
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import gdpr
from troth.core.law.territories import home_of, in_eea
from troth.core.law.transfers import adequacy
from troth.core.policy.sections.purposes import Recipient
from troth.core.policy.tree import Path

_SOON = 365
"""Days before the end of an adequacy decision in which it is told."""
_STALE = 365
"""Days after which a look at a recipient's place on a list is old."""


def _leaves(case: Case, country: str) -> bool:
    """Whether data that goes there leaves the European Economic Area, and the publisher's own country."""
    return not in_eea(country, case.as_of) and home_of(country) != case.country


def _abroad(case: Case) -> Iterator[tuple[str, Recipient]]:
    """The recipients to whom data is transferred."""
    for name, recipient in case.document.recipients.items():
        if _leaves(case, recipient.country):
            yield name, recipient


@rule(
    "transfer_without_ground", ERROR, gdpr(44), gdpr(46), gdpr(13, "(1)(f)"),
    en=(
        "'{name}' is in {country}, outside the European Economic Area and without an adequacy decision; no ground "
        "for the transfer is given",
        "add `transfer:` (standard_clauses, binding_rules, certification) with its source, or choose somebody within",
    ),
    fr=(
        "« {name} » est en {country}, hors de l'Espace économique européen et sans décision d'adéquation ; aucun "
        "fondement du transfert n'est donné",
        "ajoutez `transfer:` (standard_clauses, binding_rules, certification) et sa source, ou choisissez qui est "
        "dedans",
    ),
)  # fmt: skip
def transfer_without_ground(case: Case) -> Iterator[Place]:
    """Recipients; and stores, backups, logs and services that lie outside without a recipient who has a ground."""
    for name, recipient in _abroad(case):
        if recipient.transfer is None and adequacy(recipient.country, case.as_of) is None:
            yield place("recipients", name, "country", name=name, country=recipient.country)
    for path, name, country, recipient_name in _elsewhere(case):
        known = case.document.recipients.get(recipient_name or "")
        ground = known is not None and known.transfer is not None
        if not ground and _leaves(case, country) and adequacy(country, case.as_of) is None:
            yield place(*path, name=name, country=country)


def _elsewhere(case: Case) -> Iterator[tuple[Path, str, str, str | None]]:
    """Each place of data: its path, its name, its country, who keeps it."""
    document = case.document
    for name, store in document.stores.items():
        yield ("stores", name, "location"), name, store.location, store.recipient
    for name, backup in document.backups.items():
        yield ("backups", name, "location"), name, backup.location, backup.recipient
    for name, log in document.logs.items():
        if log.location is not None:
            yield ("logs", name, "location"), name, log.location, log.recipient
    for name, service in services(case):
        if service.country is not None:
            yield ("services", name, "country"), name, service.country, service.recipient


@rule(
    "transfer_ground_not_told", WARNING, gdpr(13, "(1)(f)"),
    en=(
        "'{name}' is in {country}, which has an adequacy decision; people must be told of it",
        "add `transfer: {{basis: adequacy, source: …}}` with the decision ({law})",
    ),
    fr=(
        "« {name} » est en {country}, qui bénéficie d'une décision d'adéquation ; il faut le dire aux personnes",
        "ajoutez `transfer: {{basis: adequacy, source: …}}` avec la décision ({law})",
    ),
)  # fmt: skip
def transfer_ground_not_told(case: Case) -> Iterator[Place]:
    """A transfer is told together with its ground."""
    for name, recipient in _abroad(case):
        decision = adequacy(recipient.country, case.as_of)
        if recipient.transfer is None and decision is not None:
            yield place("recipients", name, "country", name=name, country=recipient.country, law=decision.source)


@rule(
    "adequacy_absent", ERROR, gdpr(45),
    en=(
        "'{name}' relies on an adequacy decision for {country}, but none holds on {day}",
        "use another ground of Article 46, such as standard_clauses, or stop the transfer",
    ),
    fr=(
        "« {name} » s'appuie sur une décision d'adéquation pour {country}, mais aucune ne vaut le {day}",
        "prenez un autre fondement de l'article 46, comme standard_clauses, ou cessez le transfert",
    ),
)  # fmt: skip
def adequacy_absent(case: Case) -> Iterator[Place]:
    """Never taken, ended or annulled."""
    for name, recipient in _abroad(case):
        transfer = recipient.transfer
        if transfer is not None and transfer.basis == "adequacy" and adequacy(recipient.country, case.as_of) is None:
            yield place("recipients", name, "transfer", name=name, country=recipient.country, day=case.as_of)


@rule(
    "adequacy_not_checked", WARNING, gdpr(45),
    en=(
        "the adequacy decision for {country} covers some recipients only ({condition}); nobody has written that "
        "'{name}' is one of them",
        "look it up and write the day in `checked:`",
    ),
    fr=(
        "la décision d'adéquation pour {country} ne couvre que certains destinataires ({condition}) ; personne n'a "
        "noté que « {name} » en est",
        "vérifiez-le et écrivez le jour dans `checked:`",
    ),
)  # fmt: skip
def adequacy_not_checked(case: Case) -> Iterator[Place]:
    """Partial decisions and lists hold for those they name."""
    for name, recipient in _abroad(case):
        decision, transfer = adequacy(recipient.country, case.as_of), recipient.transfer
        if (
            decision is None
            or decision.value.scope == "full"
            or (transfer is not None and transfer.basis != "adequacy")
        ):
            continue
        if transfer is None or transfer.checked is None:
            condition = decision.value.condition
            yield place(
                "recipients", name, "transfer", fact=decision, name=name, country=recipient.country, condition=condition
            )


@rule(
    "adequacy_checked_long_ago", NOTE, gdpr(45),
    en=(
        "'{name}' was last looked up on {found}; recipients leave such lists",
        "look it up again and write the day in `checked:`",
    ),
    fr=(
        "« {name} » a été vérifié le {found} ; on sort de telles listes",
        "vérifiez de nouveau et écrivez le jour dans `checked:`",
    ),
)  # fmt: skip
def adequacy_checked_long_ago(case: Case) -> Iterator[Place]:
    """Once a year, at least."""
    for name, recipient in _abroad(case):
        decision, transfer = adequacy(recipient.country, case.as_of), recipient.transfer
        if decision is None or decision.value.scope == "full" or transfer is None or transfer.checked is None:
            continue
        if transfer.basis == "adequacy" and (case.as_of - transfer.checked).days > _STALE:
            yield place("recipients", name, "transfer", "checked", fact=decision, name=name, found=transfer.checked)


@rule(
    "adequacy_ends_soon", NOTE, gdpr(45, "(3)"),
    en=(
        "the adequacy decision for {country}, on which '{name}' relies, ends on {end}",
        "prepare another ground, or make sure that the decision was renewed",
    ),
    fr=(
        "la décision d'adéquation pour {country}, dont dépend « {name} », prend fin le {end}",
        "préparez un autre fondement, ou assurez-vous qu'elle est renouvelée",
    ),
)  # fmt: skip
def adequacy_ends_soon(case: Case) -> Iterator[Place]:
    """Told a year before."""
    for name, recipient in _abroad(case):
        decision = adequacy(recipient.country, case.as_of)
        other = recipient.transfer is not None and recipient.transfer.basis != "adequacy"
        if decision is not None and not other and _near(decision.valid_to, case.as_of):
            end = decision.valid_to or case.as_of
            yield place("recipients", name, "country", fact=decision, name=name, country=recipient.country, end=end)


def _near(end: date | None, as_of: date) -> bool:
    return end is not None and (end - as_of).days <= _SOON


@rule(
    "transfer_without_source", WARNING, gdpr(13, "(1)(f)"), gdpr(46),
    en=(
        "'{name}' receives data under `{basis}`, but where people can see it is not said",
        "write in `source:` the module, the decision or the list, and how to obtain a copy",
    ),
    fr=(
        "« {name} » reçoit des données sous `{basis}`, sans qu'on dise où les personnes peuvent le voir",
        "écrivez dans `source:` le module, la décision ou la liste, et comment en obtenir copie",
    ),
)  # fmt: skip
def transfer_without_source(case: Case) -> Iterator[Place]:
    """The safeguards are named, and a copy can be had."""
    for name, recipient in _abroad(case):
        if recipient.transfer is not None and recipient.transfer.source is None:
            yield place("recipients", name, "transfer", name=name, basis=recipient.transfer.basis)


@rule(
    "derogation_as_rule", WARNING, gdpr(49),
    en=(
        "'{name}' receives data under a derogation of Article 49, which is for single cases",
        "use a ground of Article 46 for what happens regularly",
    ),
    fr=(
        "« {name} » reçoit des données sous une dérogation de l'article 49, faite pour des cas isolés",
        "prenez un fondement de l'article 46 pour ce qui se répète",
    ),
)  # fmt: skip
def derogation_as_rule(case: Case) -> Iterator[Place]:
    """A recipient in a policy is no single case."""
    for name, recipient in _abroad(case):
        if recipient.transfer is not None and recipient.transfer.basis == "derogation":
            yield place("recipients", name, "transfer", name=name)
