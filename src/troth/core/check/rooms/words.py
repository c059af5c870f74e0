"""What sentences say: old phrases that no longer hold, found by their words in French and English.

Only sentences that are published as holding today are read; one that denies the phrase is passed over. Words can
be missed, and that is said in the explanation of this command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from troth.core.check.look import live_clauses
from troth.core.check.rule import ERROR, WARNING, Case, Place, place, rule
from troth.core.check.sources import DEATH_LAW, ITSELF, gdpr
from troth.core.law.exempt import SILENCE_IS_REFUSAL
from troth.core.policy.tree import Path

_NOT = re.compile(r"\b(ne|n['’]\w+|no longer|not|never|without|sans)\b", re.IGNORECASE)
_BROWSING = re.compile(
    r"(poursui\w+|continu\w+|en navigant)[^.;]{0,40}(navigation|naviguer|visite|site)[^.;]{0,60}(accept|accord|consent)"
    r"|ferm\w+ (le|ce) bandeau[^.;]{0,40}(accept|accord|consent)"
    r"|(browsing on|continu\w+ (to|your)|closing the banner|by browsing)[^.;]{0,60}(accept|agree|consent)",
    re.IGNORECASE,
)
_VISITING = re.compile(
    r"(usage|utilisation|utiliser|visite) [^.;]{0,30}site[^.;]{0,30}(vaut|emporte|implique)[^.;]{0,40}accept"
    r"|(using|use of|visiting) [^.;]{0,30}site[^.;]{0,30}(is|means|implies|counts|constitutes)[^.;]{0,30}accept",
    re.IGNORECASE,
)
_STATISTICS = re.compile(
    r"(seul\w*|uniquement|exclusiv\w+|ne servent qu|que pour|only|solely)[^.;]{0,40}statisti"
    r"|statisti\w+[^.;]{0,15}(seulement|uniquement|exclusivement|only)",
    re.IGNORECASE,
)
_ATTACKS = re.compile(
    r"attaque|attack|fraude|fraud|intrusion|malveillan|malicious|sécurité|security|panne|\bfaults?\b", re.IGNORECASE
)
_ONLY = re.compile(
    r"\b(seul\w*|uniquement|exclusiv\w+|qu['’]|only|solely|nothing else|rien d['’]autre)\b", re.IGNORECASE
)
_OLD_DEATH = re.compile(
    r"(article|art\.?) 40\b(?! ?(ans|years))[^.;]{0,60}|(1978|78-17)[^.;]{0,30}(article|art\.?) 40\b", re.IGNORECASE
)


@rule(
    "silence_in_words", ERROR, SILENCE_IS_REFUSAL, gdpr(4, "(11)"),
    en=(
        "this sentence says that browsing on or closing the banner is consent",
        "say what is true: nothing loads before a clear yes; old wording belongs in a clause of `kind: history`",
    ),
    fr=(
        "cette phrase dit que poursuivre la navigation ou fermer le bandeau vaut accord",
        "dites ce qui est : rien ne se charge avant un oui clair ; l'ancien texte devient une clause `kind: history`",
    ),
)  # fmt: skip
def silence_in_words(case: Case) -> Iterator[Place]:
    """The banner's text and the clauses."""
    for path, texts in _sentences(case):
        if _says(texts, _BROWSING):
            yield place(*path)


@rule(
    "acceptance_in_words", ERROR, gdpr(4, "(11)"), gdpr(7),
    en=(
        "this sentence takes the use of the site for acceptance of the policy",
        "drop it, or keep it as a clause of `kind: history` with `because:`",
    ),
    fr=(
        "cette phrase prend l'usage du site pour une acceptation de la politique",
        "supprimez-la, ou gardez-la comme clause `kind: history` avec `because:`",
    ),
)  # fmt: skip
def acceptance_in_words(case: Case) -> Iterator[Place]:
    """As `visit_as_acceptance`, where it is only written."""
    for path, texts in _sentences(case):
        if _says(texts, _VISITING):
            yield place(*path)


@rule(
    "liability_disclaimer", WARNING, gdpr(24), gdpr(32), gdpr(82),
    en=(
        "a disclaimer does not bind the people whose data it is: the publisher answers for what it does with it",
        "drop the sentence, or keep it as a clause of `kind: history` with `because:`",
    ),
    fr=(
        "une clause d'irresponsabilité ne lie pas les personnes : qui traite leurs données en répond",
        "supprimez la phrase, ou gardez-la comme clause `kind: history` avec `because:`",
    ),
)  # fmt: skip
def liability_disclaimer(case: Case) -> Iterator[Place]:
    """Liability under Article 82 is not waived by the one who is liable."""
    for index, _ in enumerate(case.document.policy.disclaimers):
        yield place("policy", "disclaimers", index)


@rule(
    "log_statements_contradict", WARNING, ITSELF, gdpr(5, "(1)(b)"),
    en=(
        "the log '{log}' is said to serve statistics only, and also to find faults, attacks or fraud",
        "say one thing: what the log is used for; put statistics into a purpose of their own",
    ),
    fr=(
        "le journal « {log} » ne servirait qu'aux statistiques, et aussi à déceler pannes, attaques ou fraudes",
        "dites une seule chose : à quoi sert le journal ; faites des statistiques une finalité à part",
    ),
)  # fmt: skip
def log_statements_contradict(case: Case) -> Iterator[Place]:
    """Two statements of one log, or one statement against another of its purposes."""
    for name, log in case.document.logs.items():
        texts = [text for local in log.statements for text in local.values()]
        only = any(_STATISTICS.search(text) for text in texts)
        against = any(_ATTACKS.search(text) and not _STATISTICS.search(text) for text in texts)
        if only and against:
            yield place("logs", name, "statements", log=name)


@rule(
    "log_said_for_one_use", WARNING, ITSELF, gdpr(5, "(1)(b)"),
    en=(
        "the log '{log}' is said to serve one use only, but its purposes are {purposes}",
        "name every use in the statement, or take the others from `purposes:`",
    ),
    fr=(
        "le journal « {log} » n'aurait qu'un seul usage, mais ses finalités sont {purposes}",
        "nommez chaque usage dans la phrase, ou retirez les autres de `purposes:`",
    ),
)  # fmt: skip
def log_said_for_one_use(case: Case) -> Iterator[Place]:
    """ "Only" and a list do not go together."""
    for name, log in case.document.logs.items():
        only = any(_ONLY.search(text) for local in log.statements for text in local.values())
        if only and len(set(log.purposes)) > 1:
            yield place("logs", name, "purposes", log=name, purposes=tuple(log.purposes))


@rule(
    "repealed_article", WARNING, DEATH_LAW, scope="france",
    en=(
        "article 40 of the law of 1978 no longer speaks of this: since 1 June 2019 it is articles 84 to 86",
        "cite articles 84 to 86",
    ),
    fr=(
        "l'article 40 de la loi de 1978 n'en parle plus : depuis le 1er juin 2019, ce sont les articles 84 à 86",
        "citez les articles 84 à 86",
    ),
)  # fmt: skip
def repealed_article(case: Case) -> Iterator[Place]:
    """Directives after death were in article 40 until the law was renumbered."""
    for name, clause in live_clauses(case.document):
        cited = [*clause.text.values(), *([clause.source] if clause.source else [])]
        if any(_OLD_DEATH.search(text) and re.search("1978|78-17|informatique et libert", text) for text in cited):
            yield place("clauses", name, "text")


def _sentences(case: Case) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """What is published as holding today."""
    consent, policy = case.document.consent, case.document.policy
    if consent is not None and consent.text:
        yield ("consent", "text"), consent.text
    if policy.introduction:
        yield ("policy", "introduction"), policy.introduction
    for name, clause in live_clauses(case.document):
        yield ("clauses", name, "text"), clause.text


def _says(texts: Mapping[str, str], phrase: re.Pattern[str]) -> bool:
    """Whether a sentence of any language says it, and does not deny it."""
    sentences = [s for text in texts.values() for s in re.split(r"(?<=[.!?;:])\s", text)]
    return any(phrase.search(s) and not _NOT.search(s) for s in sentences)
