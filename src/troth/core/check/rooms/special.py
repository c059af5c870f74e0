"""Data that the law protects more: Article 9 and Article 10."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import fields, forms, is_kind, is_special
from troth.core.check.rule import ERROR, WARNING, Case, Place, place, rule
from troth.core.check.sources import gdpr
from troth.core.policy.document import PolicyDocument
from troth.core.policy.sections.purposes import Purpose
from troth.core.policy.tree import Path


@rule(
    "special_without_ground", ERROR, gdpr(9, "(1)"), gdpr(9, "(2)"),
    en=(
        "{category} is data that Article 9 protects; '{purpose}' names no ground for it",
        "add `special_ground:` (explicit_consent, employment, claims …), or do without the data",
    ),
    fr=(
        "{category} est une donnée que protège l'article 9 ; « {purpose} » n'en donne pas de fondement",
        "ajoutez `special_ground:` (explicit_consent, employment, claims…), ou passez-vous de cette donnée",
    ),
)  # fmt: skip
def special_without_ground(case: Case) -> Iterator[Place]:
    """Health, beliefs, origin and the like are forbidden but for ten grounds."""
    for path, category, name, purpose in _by_purpose(case.document):
        if purpose.special_ground is None and is_special(case.document, category):
            yield place(*path, category=category, purpose=name)


@rule(
    "explicit_consent_elsewhere", WARNING, gdpr(9, "(2)(a)"), gdpr(6, "(1)(a)"),
    en=(
        "'{purpose}' has explicit consent as its ground for special data, but rests on `{basis}`",
        "let both be consent, or name the ground that fits the basis",
    ),
    fr=(
        "« {purpose} » a l'accord explicite pour fondement des données sensibles, mais repose sur `{basis}`",
        "que les deux soient l'accord, ou nommez le fondement qui va avec la base",
    ),
)  # fmt: skip
def explicit_consent_elsewhere(case: Case) -> Iterator[Place]:
    """One consent, asked once, explicit."""
    for name, purpose in case.document.purposes.items():
        if purpose.special_ground == "explicit_consent" and purpose.basis != "consent":
            yield place("purposes", name, "special_ground", purpose=name, basis=purpose.basis)


@rule(
    "criminal_data", ERROR, gdpr(10),
    en=(
        "{category} tells of convictions or offences; '{purpose}' rests on `{basis}`, which Article 10 does not admit",
        "such data needs a law that authorises it: name it with `basis: legal_obligation` and `law:`, or do without",
    ),
    fr=(
        "{category} touche aux condamnations ou infractions ; « {purpose} » repose sur `{basis}`, que l'article 10 "
        "n'admet pas",
        "il y faut une loi qui l'autorise : nommez-la (`basis: legal_obligation`, `law:`), ou passez-vous-en",
    ),
)  # fmt: skip
def criminal_data(case: Case) -> Iterator[Place]:
    """Only under official authority, or where a law authorises it."""
    for path, category, name, purpose in _by_purpose(case.document):
        lawful = purpose.law is not None and purpose.basis in ("legal_obligation", "public_task")
        if is_kind(case.document, category, "Criminal") and not lawful:
            yield place(*path, category=category, purpose=name, basis=purpose.basis)


def _by_purpose(document: PolicyDocument) -> Iterator[tuple[Path, str, str, Purpose]]:
    """Every category with each purpose that uses it: where it stands, its name, the purpose's name, the purpose."""
    for name, purpose in document.purposes.items():
        for index, category in enumerate(purpose.categories):
            yield ("purposes", name, "categories", index), category, name, purpose
    for path, category, purposes, _ in fields(document):
        for name in purposes:
            if name in document.purposes and category not in document.purposes[name].categories:
                yield path, category, name, document.purposes[name]
    for form, name, asked in forms(document):
        for field, entry in asked.items():
            if name in document.purposes and entry.is_ not in document.purposes[name].categories:
                yield (form, "fields", field), entry.is_, name, document.purposes[name]
