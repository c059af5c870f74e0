"""Logs: how long they are kept, and for what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.core.check.look import is_kind, length, live_clauses, longer, longest
from troth.core.check.rule import NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, gdpr
from troth.core.law.periods import LOGS_JUSTIFIED, LOGS_MOST


@rule(
    "logs_too_long", WARNING, LOGS_MOST, scope="france",
    en=(
        "the log '{log}' is kept for {found}; the authority recommends {most} at most",
        "shorten it, or write in `justification:` why more is needed",
    ),
    fr=(
        "le journal « {log} » est gardé {found} ; l'autorité recommande {most} au plus",
        "raccourcissez-le, ou écrivez dans `justification:` pourquoi il en faut davantage",
    ),
)  # fmt: skip
def logs_too_long(case: Case) -> Iterator[Place]:
    """Six to twelve months, as a rule."""
    for name, log in case.document.logs.items():
        if log.justification is None and longer(length(log.keep), LOGS_MOST.value):
            yield place("logs", name, "keep", log=name, found=length(log.keep), most=LOGS_MOST.value)


@rule(
    "logs_long_justified", NOTE, LOGS_MOST, LOGS_JUSTIFIED, scope="france",
    en=(
        "the log '{log}' is kept for {found}, longer than the usual {most}; a justification is given",
        "look at the justification again every year, and keep it at hand",
    ),
    fr=(
        "le journal « {log} » est gardé {found}, plus que la durée usuelle ({most}) ; une justification est donnée",
        "revoyez la justification chaque année et gardez-la sous la main",
    ),
)  # fmt: skip
def logs_long_justified(case: Case) -> Iterator[Place]:
    """Allowed, and to be looked at again."""
    for name, log in case.document.logs.items():
        found = length(log.keep)
        long = longer(found, LOGS_MOST.value) and not longer(found, LOGS_JUSTIFIED.value)
        if log.justification is not None and long:
            yield place("logs", name, "keep", log=name, found=found, most=LOGS_MOST.value)


@rule(
    "logs_beyond_justifying", WARNING, LOGS_JUSTIFIED, scope="france",
    en=(
        "the log '{log}' is kept for {found}; beyond {most} no justification is enough, only a law that says so",
        "shorten it to {most}, or cite that law in a hold",
    ),
    fr=(
        "le journal « {log} » est gardé {found} ; au-delà de {most}, aucune justification ne suffit sans loi spéciale",
        "ramenez-le à {most}, ou citez cette loi dans une conservation",
    ),
)  # fmt: skip
def logs_beyond_justifying(case: Case) -> Iterator[Place]:
    """The ceiling of the ceiling."""
    for name, log in case.document.logs.items():
        if log.justification is not None and longer(length(log.keep), LOGS_JUSTIFIED.value):
            yield place("logs", name, "keep", log=name, found=length(log.keep), most=LOGS_JUSTIFIED.value)


@rule(
    "log_outlives_purposes", WARNING, ITSELF, gdpr(5, "(1)(e)"),
    en=(
        "the log '{log}' is kept for {found}, its purposes need it for {promised} at most",
        "give the log and its purposes the same period",
    ),
    fr=(
        "le journal « {log} » est gardé {found}, ses finalités n'en ont besoin que {promised}",
        "donnez la même durée au journal et à ses finalités",
    ),
)  # fmt: skip
def log_outlives_purposes(case: Case) -> Iterator[Place]:
    """Nothing stays when no purpose needs it."""
    for name, log in case.document.logs.items():
        purposes = [case.document.purposes[p] for p in log.purposes if p in case.document.purposes]
        if any(p.keep.period is None or p.keep.while_ is not None for p in purposes):
            continue
        promised = longest(length(p.keep.period) for p in purposes if p.keep.period is not None)
        if promised is not None and longer(length(log.keep), promised):
            yield place("logs", name, "keep", log=name, found=length(log.keep), promised=promised)


@rule(
    "log_data_not_told", WARNING, gdpr(13, "(1)(c)"), ITSELF,
    en=(
        "the log '{log}' holds {category}, which none of its purposes tells",
        "add it to the categories of a purpose, or do not log it",
    ),
    fr=(
        "le journal « {log} » contient {category}, qu'aucune de ses finalités n'annonce",
        "ajoutez-la aux catégories d'une finalité, ou ne la notez pas",
    ),
)  # fmt: skip
def log_data_not_told(case: Case) -> Iterator[Place]:
    """A log holds what its purposes say."""
    for name, log in case.document.logs.items():
        purposes = [case.document.purposes[p] for p in log.purposes if p in case.document.purposes]
        told = {category for purpose in purposes for category in purpose.categories}
        for index, category in enumerate(log.contains):
            if purposes and not is_kind(case.document, category, *told):
                yield place("logs", name, "contains", index, log=name, category=category)


@rule(
    "addresses_are_personal", NOTE, gdpr(4, "(1)"),
    en=(
        "the site can be read without giving data, it is said; the log '{log}' keeps visitors' IP addresses, "
        "which are personal data",
        "say so in a clause about the log (`about: [logs.{log}]`)",
    ),
    fr=(
        "le site se lirait sans donner de données ; le journal « {log} » garde l'adresse IP des visiteurs, "
        "qui est une donnée personnelle",
        "dites-le dans une clause qui parle du journal (`about: [logs.{log}]`)",
    ),
)  # fmt: skip
def addresses_are_personal(case: Case) -> Iterator[Place]:
    """A visit leaves an address."""
    sites = [name for name, site in case.document.sites.items() if site.readable_without_data]
    for name, log in case.document.logs.items() if sites else ():
        logged = any(is_kind(case.document, category, "IPAddress") for category in log.contains)
        if logged and not _told(case, name):
            yield place("sites", sites[0], "readable_without_data", log=name)


def _told(case: Case, log: str) -> bool:
    """Whether a clause that is held today speaks of this log and of IP addresses."""
    return any(
        f"logs.{log}" in clause.about and all(re.search(r"\bIP\b", text) for text in clause.text.values())
        for _, clause in live_clauses(case.document)
    )
