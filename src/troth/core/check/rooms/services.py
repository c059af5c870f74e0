"""What is known of services, from the catalogue or the policy: which have ended, whose they are, where that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from troth.core.check.look import cookies, services
from troth.core.check.rule import WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.consent.csp import reaches
from troth.core.consent.rules import LOADS
from troth.core.law.periods import TRACKER
from troth.core.law.territories import home_of, in_eea
from troth.core.policy.sections.site import Service

_AVOIDABLE = {"fonts", "captcha"}
"""Kinds that a site can have without handing every visitor's address to somebody else."""


@rule(
    "service_discontinued", WARNING, ITSELF,
    en=(
        "the service '{service}' no longer exists since {day}",
        "take it off the pages and out of the policy; `active: false` keeps its place in the history",
    ),
    fr=(
        "le service « {service} » n'existe plus depuis le {day}",
        "retirez-le des pages et de la politique ; `active: false` garde sa place dans l'histoire",
    ),
)  # fmt: skip
def service_discontinued(case: Case) -> Iterator[Place]:
    """People are asked about something that is not there, and its address may belong to somebody else tomorrow."""
    for name, service in services(case):
        if service.discontinued is not None and service.discontinued <= case.as_of:
            yield place("services", name, service=name, day=service.discontinued)


@rule(
    "service_without_recipient", WARNING, gdpr(13, "(1)(e)"),
    en=(
        "through the service '{service}' data goes to {company}, which is not among the recipients",
        "add it under `recipients:` with its role, its country and, outside the Union, `transfer:`, and name it in "
        "`recipient:`",
    ),
    fr=(
        "par le service « {service} », des données vont à {company}, qui n'est pas parmi les destinataires",
        "ajoutez-le sous `recipients:` avec son rôle, son pays et, hors de l'Union, `transfer:`, et nommez-le dans "
        "`recipient:`",
    ),
)  # fmt: skip
def service_without_recipient(case: Case) -> Iterator[Place]:
    """Who receives data is told, with the ground of a transfer."""
    for name, service in services(case):
        if service.recipient is None and service.company is not None:
            yield place("services", name, service=name, company=service.company)


@rule(
    "service_without_host", WARNING, ITSELF,
    en=(
        "no host is known for '{service}': a forgotten tag of it could load before consent",
        "write in `host:` where it loads from",
    ),
    fr=(
        "aucun hôte n'est connu pour « {service} » : une balise oubliée pourrait se charger avant l'accord",
        "écrivez dans `host:` d'où il se charge",
    ),
)  # fmt: skip
def service_without_host(case: Case) -> Iterator[Place]:
    """The browser holds back what it is told to hold back."""
    for name, service in services(case):
        if service.uses is not None and service.host is None:
            yield place("services", name, service=name)


@rule(
    "host_let_in_by_exemption", WARNING, ITSELF,
    en=(
        "'{exempt}' needs no consent and loads from {host}, from where '{service}' loads too: the browser lets both in "
        "before consent",
        "write narrower hosts in `host:` of each, or remove `exempt:` from '{exempt}', or mark every tag of "
        "'{service}' with `data-troth`",
    ),
    fr=(
        "« {exempt} » n'a pas besoin d'accord et se charge de {host}, d'où vient aussi « {service} » : le navigateur "
        "laisse entrer les deux avant l'accord",
        "écrivez des hôtes plus étroits dans `host:` de chacun, ou retirez `exempt:` de « {exempt} », ou marquez "
        "chaque balise de « {service} » par `data-troth`",
    ),
)  # fmt: skip
def host_let_in_by_exemption(case: Case) -> Iterator[Place]:
    """A Content-Security-Policy knows hosts, not services; what waits on a host that is open to all is held back by
    its markup alone."""
    exempt = [(name, service) for name, service in services(case) if service.exempt]
    for name, service in services(case):
        found = next(_shared(service, exempt), None) if not service.exempt else None
        if found is not None:
            yield place("services", name, service=name, exempt=found[0], host=found[1])


def _shared(service: Service, exempt: Iterable[tuple[str, Service]]) -> Iterator[tuple[str, str]]:
    """The exempt services, with the host, that open a host of this one for something that both load."""
    for name, other in exempt:
        if set(LOADS[service.kind]) & set(LOADS[other.kind]):
            for host in other.host or ():
                if any(reaches(host, wanted) for wanted in service.host or ()):
                    yield name, host


@rule(
    "avoidable_transfer", WARNING, gdpr(5, "(1)(c)"), gdpr(25, "(1)"), gdpr(44),
    en=(
        "'{service}' ({kind}) hands each visitor's address to {country}, outside the European Economic Area, for "
        "something that needs nobody abroad",
        "serve it from your own site, or choose somebody within",
    ),
    fr=(
        "« {service} » ({kind}) livre l'adresse de chaque visiteur à un pays hors de l'Espace économique européen "
        "({country}), pour ce qui n'exige personne à l'étranger",
        "servez-le depuis votre propre site, ou choisissez qui est dedans",
    ),
)  # fmt: skip
def avoidable_transfer(case: Case) -> Iterator[Place]:
    """No more data than is needed: letters can lie on one's own server, and robots be told without a third party."""
    for name, service in services(case):
        country = _country(case, service)
        if country is None or in_eea(country, case.as_of) or home_of(country) == case.country:
            continue
        if service.kind in _AVOIDABLE:
            yield place("services", name, service=name, kind=service.kind, country=country)


def _country(case: Case, service: Service) -> str | None:
    recipient = case.document.recipients.get(service.recipient or "")
    return recipient.country if recipient is not None else service.country


@rule(
    "tracker_life_unknown", WARNING, gdpr(13, "(2)(a)"),
    en=(
        "it is not known how long the tracker '{cookie}' lives",
        "look it up in a browser, and write its period under `cookies:`",
    ),
    fr=(
        "on ne sait pas combien de temps vit le traceur « {cookie} »",
        "regardez dans un navigateur, et écrivez sa durée sous `cookies:`",
    ),
)  # fmt: skip
def tracker_life_unknown(case: Case) -> Iterator[Place]:
    """People are told how long (CJEU C-673/17, Planet49, on cookies)."""
    for path, name, cookie, _ in cookies(case):
        if cookie.lifetime == "unknown":
            yield place(*path, cookie=name)


@rule(
    "tracker_without_end", WARNING, TRACKER, scope="france",
    en=(
        "the tracker '{cookie}' lives until somebody takes it away; the authority recommends {most} at most",
        "give it an end, or keep it for the visit only",
    ),
    fr=(
        "le traceur « {cookie} » vit jusqu'à ce qu'on l'efface ; l'autorité recommande {most} au plus",
        "donnez-lui une fin, ou ne le gardez que pour la visite",
    ),
)  # fmt: skip
def tracker_without_end(case: Case) -> Iterator[Place]:
    """As for those that live too long."""
    for path, name, cookie, _ in cookies(case):
        if cookie.lifetime == "until_cleared":
            yield place(*path, cookie=name, most=TRACKER.value)
