"""Children: from which age they consent alone, and how that is asked."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

from troth.core.check.look import with_basis
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import gdpr
from troth.core.law.ages import digital_age
from troth.core.law.facts import Fact


@rule(
    "age_of_consent_too_low", ERROR, gdpr(8, "(1)"),
    en=(
        "children consent alone from {found}; in {country} the law says {most}",
        "write `joint_consent_under: {most}`",
    ),
    fr=(
        "les enfants consentent seuls dès {found} ans ; en {country} la loi dit {most} ans",
        "écrivez `joint_consent_under: {most}`",
    ),
)  # fmt: skip
def age_of_consent_too_low(case: Case) -> Iterator[Place]:
    """Each country sets the age, between 13 and 16."""
    yield from _other_age(case, operator.lt)


@rule(
    "age_of_consent_too_high", WARNING, gdpr(8, "(1)"),
    en=(
        "a parent is asked for up to {found}; in {country} one consents alone from {most}",
        "write `joint_consent_under: {most}`",
    ),
    fr=(
        "un parent est demandé jusqu'à {found} ans ; en {country} on consent seul dès {most} ans",
        "écrivez `joint_consent_under: {most}`",
    ),
)  # fmt: skip
def age_of_consent_too_high(case: Case) -> Iterator[Place]:
    """Young people decide for themselves when the law lets them."""
    yield from _other_age(case, operator.gt)


@rule(
    "age_of_consent_unknown", NOTE, gdpr(8, "(1)"),
    en=(
        "the age from which children consent alone in {country} is not known here, so it was not judged",
        "look it up in the law of {country}",
    ),
    fr=(
        "l'âge auquel un enfant consent seul en {country} n'est pas connu ici ; il n'a pas été jugé",
        "cherchez-le dans la loi de {country}",
    ),
)  # fmt: skip
def age_of_consent_unknown(case: Case) -> Iterator[Place]:
    """Never a guess."""
    country = case.document.publisher.country
    if case.document.minors is not None and digital_age(country, case.as_of) is None:
        yield place("minors", "joint_consent_under", country=country)


@rule(
    "minors_not_spoken_of", WARNING, gdpr(8),
    en=(
        "nothing is said about children, though this rests on consent: {purposes}",
        "add `minors:`; if the site is not for children, say so in its `text:`",
    ),
    fr=(
        "rien n'est dit des enfants, alors que ceci repose sur l'accord : {purposes}",
        "ajoutez `minors:` ; si le site ne s'adresse pas aux enfants, dites-le dans son `text:`",
    ),
)  # fmt: skip
def minors_not_spoken_of(case: Case) -> Iterator[Place]:
    """Consent of children needs more."""
    purposes = tuple(with_basis(case.document, "consent"))
    if purposes and case.document.minors is None:
        yield place("purposes", purposes[0], "basis", purposes=purposes)


@rule(
    "age_asked_of_all", WARNING, gdpr(5, "(1)(c)"), gdpr(8),
    en=(
        "everybody is asked for their age, also where no consent is needed",
        "write `age_asked: where_consent_needs_it`",
    ),
    fr=(
        "chacun doit dire son âge, même là où aucun accord n'est nécessaire",
        "écrivez `age_asked: where_consent_needs_it`",
    ),
)  # fmt: skip
def age_asked_of_all(case: Case) -> Iterator[Place]:
    """Protecting children is no reason to ask everybody."""
    if case.document.minors is not None and case.document.minors.age_asked == "everywhere":
        yield place("minors", "age_asked")


@rule(
    "age_never_asked", WARNING, gdpr(8, "(2)"),
    en=(
        "the age is never asked, so a child's consent cannot be told from another's",
        "write `age_asked: where_consent_needs_it`",
    ),
    fr=(
        "l'âge n'est jamais demandé : l'accord d'un enfant ne se distingue pas d'un autre",
        "écrivez `age_asked: where_consent_needs_it`",
    ),
)  # fmt: skip
def age_never_asked(case: Case) -> Iterator[Place]:
    """Reasonable efforts to verify."""
    minors = case.document.minors
    if minors is not None and minors.age_asked == "never" and with_basis(case.document, "consent"):
        yield place("minors", "age_asked")


def _age(found: int, fact: Fact[int], country: str) -> Place:
    return place("minors", "joint_consent_under", fact=fact, found=found, most=fact.value, country=country)


def _other_age(case: Case, differs: Callable[[int, int], bool]) -> Iterator[Place]:
    """The place of an age that differs so from that of the country's law."""
    minors, country = case.document.minors, case.document.publisher.country
    fact = digital_age(country, case.as_of)
    if minors is not None and fact is not None and differs(minors.joint_consent_under, fact.value):
        found = minors.joint_consent_under
        yield place("minors", "joint_consent_under", fact=fact, found=found, most=fact.value, country=country)
