"""Purposes: what each lawful basis needs beside it, marketing, and names that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import customers, fields, forms, is_kind, with_basis
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, MARKETING_LAW, gdpr
from troth.core.policy.document import PolicyDocument

_REACHED_BY = ("Contact", "SocialMediaCommunication")
"""Categories by which people are written to or called."""


@rule(
    "interest_without_balance", ERROR, gdpr(6, "(1)(f)"), gdpr(13, "(1)(d)"),
    en=(
        "'{purpose}' rests on a legitimate interest that is not named and was not weighed",
        "add `balance:` with the interest, why nothing milder would do, and why people's interests do not weigh more",
    ),
    fr=(
        "« {purpose} » repose sur un intérêt légitime qui n'est ni nommé ni mis en balance",
        "ajoutez `balance:` : l'intérêt, pourquoi rien de plus doux ne suffit, pourquoi celui des personnes pèse moins",
    ),
)  # fmt: skip
def interest_without_balance(case: Case) -> Iterator[Place]:
    """The interest must be told, and weighed."""
    for name, purpose in with_basis(case.document, "legitimate_interest").items():
        if purpose.balance is None:
            yield place("purposes", name, "basis", purpose=name)


@rule(
    "balance_incomplete", WARNING, gdpr(6, "(1)(f)"), gdpr(5, "(2)"),
    en=(
        "the weighing of '{purpose}' lacks `{missing}`",
        "an interest, its necessity, the outcome and the date belong together",
    ),
    fr=(
        "la mise en balance de « {purpose} » n'a pas `{missing}`",
        "l'intérêt, la nécessité, le résultat et la date vont ensemble",
    ),
)  # fmt: skip
def balance_incomplete(case: Case) -> Iterator[Place]:
    """Three steps: interest, necessity, balance."""
    for name, purpose in with_basis(case.document, "legitimate_interest").items():
        balance = purpose.balance
        if balance is None:
            continue
        parts = {"necessity": balance.necessity, "outcome": balance.outcome, "date": balance.date}
        missing = tuple(key for key, value in parts.items() if value is None)
        if missing:
            yield place("purposes", name, "balance", purpose=name, missing=missing)


@rule(
    "obligation_without_law", ERROR, gdpr(6, "(3)"), gdpr(13, "(1)(c)"),
    en=(
        "'{purpose}' rests on a duty or a task that is not named",
        "write in `law:` which rule obliges or entrusts you; without one this basis does not exist",
    ),
    fr=(
        "« {purpose} » repose sur une obligation ou une mission qui n'est pas nommée",
        "écrivez dans `law:` quelle règle vous y oblige ; sans elle, cette base n'existe pas",
    ),
)  # fmt: skip
def obligation_without_law(case: Case) -> Iterator[Place]:
    """A legal obligation is laid down by law."""
    for name, purpose in with_basis(case.document, "legal_obligation", "public_task").items():
        if purpose.law is None:
            yield place("purposes", name, "basis", purpose=name)


@rule(
    "required_not_told", NOTE, gdpr(13, "(2)(e)"),
    en=(
        "'{purpose}' does not tell whether people must give the data, and what follows if they do not",
        "add `required:` with one sentence",
    ),
    fr=(
        "« {purpose} » ne dit pas si les personnes doivent donner ces données, ni ce qui suit sinon",
        "ajoutez `required:` en une phrase",
    ),
)  # fmt: skip
def required_not_told(case: Case) -> Iterator[Place]:
    """Contracts and statutes are where data must be given."""
    for name, purpose in with_basis(case.document, "contract").items():
        if purpose.required is None and purpose.source is None and name in _asking(case.document):
            yield place("purposes", name, purpose=name)


def _asking(document: PolicyDocument) -> set[str]:
    """The purposes for which a form asks people for data."""
    return {purpose for _, purpose, asked in forms(document) if asked}


@rule(
    "marketing_to_strangers", ERROR, MARKETING_LAW, gdpr(6, "(1)(a)"),
    en=(
        "'{purpose}' writes to {people} on a legitimate interest; marketing by mail, SMS or automatic calls to people "
        "who are not customers needs their consent first",
        "set `basis: consent`, or name only groups with whom there is a contract, for similar goods and services",
    ),
    fr=(
        "« {purpose} » écrit à {people} au nom d'un intérêt légitime ; prospecter par courriel, SMS ou automate des "
        "personnes qui ne sont pas clientes exige leur accord préalable",
        "mettez `basis: consent`, ou ne nommez que des groupes liés par un contrat, pour des produits analogues",
    ),
)  # fmt: skip
def marketing_to_strangers(case: Case) -> Iterator[Place]:
    """Opt-in, except for one's own customers and similar goods."""
    known = customers(case.document)
    for name, purpose in with_basis(case.document, "legitimate_interest").items():
        strangers = tuple(group for group in purpose.people if group not in known)
        if purpose.direct_marketing and strangers and _reaches(case.document, purpose.categories):
            yield place("purposes", name, "basis", purpose=name, people=strangers)


def _reaches(document: PolicyDocument, categories: tuple[str, ...]) -> bool:

    return any(is_kind(document, c, "EmailAddress", "TelephoneNumber", "SocialMediaCommunication") for c in categories)


@rule(
    "purpose_without_categories", WARNING, gdpr(30, "(1)(c)"), gdpr(15, "(1)(b)"),
    en=(
        "'{purpose}' does not say which data it uses",
        "list the categories, by their W3C DPV names",
    ),
    fr=(
        "« {purpose} » ne dit pas quelles données elle emploie",
        "énumérez les catégories, par leurs noms W3C DPV",
    ),
)  # fmt: skip
def purpose_without_categories(case: Case) -> Iterator[Place]:
    """What is processed must be known."""
    for name, purpose in case.document.purposes.items():
        if not purpose.categories:
            yield place("purposes", name, purpose=name)


@rule(
    "purpose_unused", NOTE, ITSELF,
    en=(
        "nothing in this file serves '{purpose}': no collection, form, log, service or cookie",
        "map the data that it speaks of, or remove it",
    ),
    fr=(
        "rien dans ce fichier ne sert « {purpose} » : ni collection, ni formulaire, ni journal, ni service, ni cookie",
        "décrivez les données dont elle parle, ou retirez-la",
    ),
)  # fmt: skip
def purpose_unused(case: Case) -> Iterator[Place]:
    """Only told where data is mapped at all."""
    document = case.document
    if not document.stores:
        return
    used = _used(document)
    for name, purpose in document.purposes.items():
        # The files of requests lie in Troth itself.
        if name not in used and not (document.rights and purpose.keep.after == "closed" and purpose.law):
            yield place("purposes", name, purpose=name)


def _used(document: PolicyDocument) -> set[str]:
    used = {purpose for _, _, purposes, _ in fields(document) for purpose in purposes}
    used |= {purpose for s in document.stores.values() for c in s.collections.values() for purpose in c.for_}
    used |= {purpose for _, purpose, _ in forms(document)}
    used |= {purpose for log in document.logs.values() for purpose in log.purposes}
    used |= {service.purpose for service in document.services.values()}
    return used | {cookie.purpose for cookie in document.cookies.values() if cookie.purpose}


@rule(
    "people_unused", NOTE, ITSELF,
    en=(
        "no purpose concerns the group '{people}'",
        "name it in a purpose, or remove it",
    ),
    fr=(
        "aucune finalité ne concerne le groupe « {people} »",
        "nommez-le dans une finalité, ou retirez-le",
    ),
)  # fmt: skip
def people_unused(case: Case) -> Iterator[Place]:
    """A group that is told of and not met."""
    used = {group for purpose in case.document.purposes.values() for group in purpose.people}
    for group in case.document.people:
        if group not in used:
            yield place("people", group, people=group)


@rule(
    "form_data_not_told", WARNING, gdpr(13, "(1)(c)"), ITSELF,
    en=(
        "the form '{form}' asks for {category}, which the purpose '{purpose}' does not tell",
        "add it to the purpose's categories, or take it from the form",
    ),
    fr=(
        "le formulaire « {form} » demande {category}, que la finalité « {purpose} » n'annonce pas",
        "ajoutez-la aux catégories de la finalité, ou retirez-la du formulaire",
    ),
)  # fmt: skip
def form_data_not_told(case: Case) -> Iterator[Place]:
    """As the loader warns of collections, so of forms."""

    for form, purpose, asked in forms(case.document):
        told = case.document.purposes.get(purpose)
        for name, field in asked.items() if told is not None else ():
            if told is not None and not is_kind(case.document, field.is_, *told.categories):
                yield place(form, "fields", name, form=form, category=field.is_, purpose=purpose)
