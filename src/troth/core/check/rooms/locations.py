"""Where the policy says that data lies, and which law the publisher itself is under."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from troth.core.check.look import services
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.law.territories import home_of, in_eea, in_eu
from troth.core.policy.tree import Path


@rule(
    "location_promise_broken", ERROR, ITSELF,
    en=(
        "'{name}' lies in {country}, but `data_location` promises {allowed} only",
        "move it, or tell people the truth in `data_location`",
    ),
    fr=(
        "« {name} » se trouve en {country}, mais `data_location` ne promet que {allowed}",
        "déplacez-le, ou dites la vérité dans `data_location`",
    ),
)  # fmt: skip
def location_promise_broken(case: Case) -> Iterator[Place]:
    """Stores, recipients, backups, logs, services."""
    promised = case.document.data_location
    for path, name, country in _places(case) if promised is not None else ():
        if promised is not None and not any(_within(case, country, area) for area in promised.allowed):
            yield place(*path, name=name, country=country, allowed=tuple(promised.allowed))


def _places(case: Case) -> Iterator[tuple[Path, str, str]]:
    document = case.document
    yield from ((("stores", name, "location"), name, s.location) for name, s in document.stores.items())
    yield from ((("recipients", name, "country"), name, r.country) for name, r in document.recipients.items())
    yield from ((("backups", name, "location"), name, b.location) for name, b in document.backups.items())
    yield from ((("logs", n, "location"), n, log.location) for n, log in document.logs.items() if log.location)
    yield from ((("services", n, "country"), n, s.country) for n, s in services(case) if s.country)


def _within(case: Case, country: str, area: str) -> bool:
    if area == "EU":
        return in_eu(country)
    return in_eea(country, case.as_of) if area == "EEA" else home_of(country) == home_of(area)


@rule(
    "mostly_elsewhere", WARNING, ITSELF,
    en=(
        "most data is said to lie in {promised}, but most stores lie elsewhere ({found})",
        "correct `mostly:`",
    ),
    fr=(
        "l'essentiel des données serait en {promised}, mais la plupart des stockages sont ailleurs ({found})",
        "corrigez `mostly:`",
    ),
)  # fmt: skip
def mostly_elsewhere(case: Case) -> Iterator[Place]:
    """Counted by stores, since the policy does not know their size."""
    promised = case.document.data_location.mostly if case.document.data_location is not None else None
    counted = Counter(home_of(store.location) for store in case.document.stores.values())
    if promised is not None and counted and counted[home_of(promised)] * 2 < counted.total():
        yield place("data_location", "mostly", promised=promised, found=tuple(sorted(counted)))


@rule(
    "national_law_not_known", NOTE, gdpr(55),
    en=(
        "the publisher is in {country}: periods, logs, passwords and the legal notice are judged by French rules only, "
        "so they were not judged here",
        "ask the authority of {country} for its own; what holds in the whole European Economic Area was looked at",
    ),
    fr=(
        "l'éditeur est en {country} : durées, journaux, mots de passe et mentions légales ne sont jugés que selon les "
        "règles françaises ; ils ne l'ont donc pas été",
        "demandez les siennes à l'autorité de {country} ; ce qui vaut dans tout l'Espace économique européen a été vu",
    ),
)  # fmt: skip
def national_law_not_known(case: Case) -> Iterator[Place]:
    """Never a guess."""
    if case.in_eea and not case.french:
        yield place("publisher", "country", country=case.document.publisher.country)


@rule(
    "outside_the_union", NOTE, gdpr(3, "(2)"),
    en=(
        "the publisher is in {country}, outside the European Economic Area: the law there was not looked at; the rest "
        "is judged as if the GDPR applied, which it does to offers made to people in the Union",
        "find out which law applies besides",
    ),
    fr=(
        "l'éditeur est en {country}, hors de l'Espace économique européen : le droit local n'a pas été examiné ; le "
        "reste est jugé comme si le RGPD s'appliquait, ce qui est le cas des offres faites à des personnes de l'Union",
        "cherchez quel autre droit s'applique",
    ),
)  # fmt: skip
def outside_the_union(case: Case) -> Iterator[Place]:
    """Never a guess, here either."""
    if not case.in_eea:
        yield place("publisher", "country", country=case.document.publisher.country)


@rule(
    "representative_missing", WARNING, gdpr(27), gdpr(13, "(1)(a)"),
    en=(
        "the publisher is outside the European Economic Area and names no representative in the Union",
        "add `representative:` if you offer goods or services to people there, or observe them",
    ),
    fr=(
        "l'éditeur est hors de l'Espace économique européen et ne nomme pas de représentant dans l'Union",
        "ajoutez `representative:` si vous vous adressez à des personnes qui s'y trouvent, ou les observez",
    ),
)  # fmt: skip
def representative_missing(case: Case) -> Iterator[Place]:
    """Not for occasional processing; software cannot tell."""
    if not case.in_eea and case.document.publisher.representative is None:
        yield place("publisher", "country")
