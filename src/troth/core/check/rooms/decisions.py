"""Breaches and automated decisions: what people and the authority are told."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import length, longer
from troth.core.check.rule import ERROR, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.law.periods import BREACH_AUTHORITY

_TOLD = ("consequences", "measures", "contact")
"""What a notice to people holds besides the nature of the breach: Article 33(3)(b) to (d)."""


@rule(
    "authority_told_late", ERROR, BREACH_AUTHORITY,
    en=(
        "the authority is told of a breach within {found}; the law gives {most}",
        "write `authority_within: {most}` or less",
    ),
    fr=(
        "l'autorité apprend une violation sous {found} ; la loi donne {most}",
        "écrivez `authority_within: {most}` ou moins",
    ),
)  # fmt: skip
def authority_told_late(case: Case) -> Iterator[Place]:
    """From becoming aware, week-ends included."""
    breach, most = case.document.breach, BREACH_AUTHORITY.value
    if breach is not None and longer(length(breach.authority_within), most):
        yield place("breach", "authority_within", found=length(breach.authority_within), most=most)


@rule(
    "people_not_told_of_breach", ERROR, gdpr(34, "(1)"),
    en=(
        "people are not told of breaches, not even of those that put them at high risk",
        "write `notify_people: true`",
    ),
    fr=(
        "les personnes n'apprennent pas les violations, même celles qui leur font courir un risque élevé",
        "écrivez `notify_people: true`",
    ),
)  # fmt: skip
def people_not_told_of_breach(case: Case) -> Iterator[Place]:
    """Without undue delay, at high risk."""
    if case.document.breach is not None and not case.document.breach.notify_people:
        yield place("breach", "notify_people")


@rule(
    "breach_notice_incomplete", ERROR, gdpr(34, "(2)"), gdpr(33, "(3)"),
    en=(
        "the notice of a breach does not tell `{missing}`",
        "add it to `tells:`",
    ),
    fr=(
        "l'avis d'une violation ne dit pas `{missing}`",
        "ajoutez-le à `tells:`",
    ),
)  # fmt: skip
def breach_notice_incomplete(case: Case) -> Iterator[Place]:
    """Contact, consequences, measures."""
    breach = case.document.breach
    missing = tuple(word for word in _TOLD if breach is not None and word not in breach.tells)
    if breach is not None and breach.notify_people and missing:
        yield place("breach", "tells", missing=missing)


@rule(
    "decisions_denied", WARNING, ITSELF, gdpr(22),
    en=(
        "`none: true` promises that nothing is decided by software alone, and the decision '{decision}' is described",
        "remove one of the two",
    ),
    fr=(
        "`none: true` promet qu'aucune décision n'est prise par une machine seule, et « {decision} » est décrite",
        "retirez l'un des deux",
    ),
)  # fmt: skip
def decisions_denied(case: Case) -> Iterator[Place]:
    """Either there are some or there are none."""
    automated = case.document.automated_decisions
    for name in automated.decisions if automated is not None and automated.none else ():
        yield place("automated_decisions", "decisions", name, decision=name)


@rule(
    "decision_without_review", ERROR, gdpr(22, "(3)"),
    en=(
        "nobody is named who looks again at the decision '{decision}' when a person asks",
        "name the functions in `review_by:`, and how soon in `review_within:`",
    ),
    fr=(
        "personne n'est nommé pour réexaminer la décision « {decision} » à la demande",
        "nommez les fonctions dans `review_by:`, et le délai dans `review_within:`",
    ),
)  # fmt: skip
def decision_without_review(case: Case) -> Iterator[Place]:
    """Human intervention, the person's view, contesting."""
    automated = case.document.automated_decisions
    for name, decision in automated.decisions.items() if automated is not None else ():
        if not decision.review_by:
            yield place("automated_decisions", "decisions", name, decision=name)


@rule(
    "decision_without_ground", ERROR, gdpr(22, "(2)"),
    en=(
        "the decision '{decision}' is taken by software alone, without one of the three grounds that allow it",
        "add `ground:` (contract, law, explicit_consent), or let a human decide",
    ),
    fr=(
        "la décision « {decision} » est prise par une machine seule, sans l'un des trois fondements qui le permettent",
        "ajoutez `ground:` (contract, law, explicit_consent), ou laissez décider un humain",
    ),
)  # fmt: skip
def decision_without_ground(case: Case) -> Iterator[Place]:
    """Forbidden but for three cases."""
    automated = case.document.automated_decisions
    for name, decision in automated.decisions.items() if automated is not None else ():
        if decision.ground is None:
            yield place("automated_decisions", "decisions", name, decision=name)
