"""The policy as a published text: its version, its history, its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from troth.core.check.look import is_history
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import FRENCH_LANGUAGE, ITSELF, gdpr
from troth.core.policy.tree import Path


@rule(
    "version_without_date", WARNING, gdpr(12, "(1)"), gdpr(5, "(2)"),
    en=(
        "the version '{version}' is no date: people cannot tell since when this text holds",
        "write the day from which it applies, such as 2026-11-22",
    ),
    fr=(
        "la version « {version} » n'est pas une date : on ne peut savoir depuis quand ce texte vaut",
        "écrivez le jour à partir duquel elle s'applique, comme 2026-11-22",
    ),
)  # fmt: skip
def version_without_date(case: Case) -> Iterator[Place]:
    """Best the date itself."""
    if _day(case.document.policy.version) is None:
        yield place("policy", "version", version=case.document.policy.version)


@rule(
    "version_in_future", WARNING, ITSELF,
    en=(
        "the version is of {version}, which is after {day}: this text does not hold yet",
        "publish it on its day, or correct the date",
    ),
    fr=(
        "la version est du {version}, après le {day} : ce texte ne vaut pas encore",
        "publiez-le à son jour, ou corrigez la date",
    ),
)  # fmt: skip
def version_in_future(case: Case) -> Iterator[Place]:
    """Against the day of the check."""
    day = _day(case.document.policy.version)
    if day is not None and day > case.as_of:
        yield place("policy", "version", version=day, day=case.as_of)


@rule(
    "left_to_do", ERROR, gdpr(12, "(1)"), gdpr(13),
    en=(
        "'{value}' was left to be filled in, and would be published as it stands",
        "write what belongs there, or take the key out",
    ),
    fr=(
        "« {value} » était à compléter, et serait publié tel quel",
        "écrivez ce qu'il faut à cet endroit, ou retirez la clé",
    ),
)  # fmt: skip
def left_to_do(case: Case) -> Iterator[Place]:
    """A text that is nothing but the mark of a draft."""
    for path, text in _texts(case.document.model_dump(mode="json", by_alias=True, exclude_defaults=True), ()):
        if _TO_DO.fullmatch(text.strip()):
            yield place(*path, value=text.strip()[:40])


_TO_DO = re.compile(r"(TODO|FIXME|TBD|\?{2,}|[Àà] compléter|[Tt]o be completed)([:.…].{0,200})?", re.DOTALL)


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))


def _day(version: str) -> date | None:
    """The date that a version is or begins with."""
    found = re.match(r"\d{4}-\d{2}-\d{2}(?!\d)", version)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


@rule(
    "history_without_reason", WARNING, ITSELF,
    en=(
        "the clause '{clause}' is history, and does not say `{missing}`",
        "add it: readers should see what was said once, until when, and why no longer",
    ),
    fr=(
        "la clause « {clause} » appartient à l'histoire et ne dit pas `{missing}`",
        "ajoutez-le : on doit voir ce qui fut dit, jusqu'à quand, et pourquoi ce n'est plus le cas",
    ),
)  # fmt: skip
def history_without_reason(case: Case) -> Iterator[Place]:
    """An old sentence without its reason reads like a present one."""
    for name, clause in case.document.clauses.items():
        missing = tuple(key for key in ("until", "because") if getattr(clause, key) is None)
        if is_history(clause) and missing:
            yield place("clauses", name, clause=name, missing=missing)


@rule(
    "history_still_held", WARNING, ITSELF,
    en=(
        "the clause '{clause}' is history, but ends only on {until}",
        "let it be a promise until then, or correct the date",
    ),
    fr=(
        "la clause « {clause} » appartient à l'histoire, mais ne finit que le {until}",
        "laissez-la promesse jusque-là, ou corrigez la date",
    ),
)  # fmt: skip
def history_still_held(case: Case) -> Iterator[Place]:
    """Past is past."""
    for name, clause in case.document.clauses.items():
        if is_history(clause) and clause.until is not None and clause.until > case.as_of:
            yield place("clauses", name, "until", clause=name, until=clause.until)


@rule(
    "clause_ended", WARNING, ITSELF,
    en=(
        "the clause '{clause}' ended on {until} and is still published as holding",
        "write `kind: history` and `because:`, or remove `until:`",
    ),
    fr=(
        "la clause « {clause} » a pris fin le {until} et reste publiée comme valable",
        "écrivez `kind: history` et `because:`, ou retirez `until:`",
    ),
)  # fmt: skip
def clause_ended(case: Case) -> Iterator[Place]:
    """A promise with an end that has passed."""
    for name, clause in case.document.clauses.items():
        if not is_history(clause) and clause.until is not None and clause.until < case.as_of:
            yield place("clauses", name, "until", clause=name, until=clause.until)


@rule(
    "french_missing", NOTE, FRENCH_LANGUAGE, scope="france",
    en=(
        "the policy is not published in French",
        "add `fr` to `languages:` if consumers in France use the site",
    ),
    fr=(
        "la politique n'est pas publiée en français",
        "ajoutez `fr` à `languages:` si des consommateurs en France utilisent le site",
    ),
)  # fmt: skip
def french_missing(case: Case) -> Iterator[Place]:
    """Consumers are informed in French."""
    if not any(language.split("-")[0] == "fr" for language in case.document.policy.languages):
        yield place("policy", "languages")


@rule(
    "change_unannounced", NOTE, gdpr(12, "(1)"), gdpr(13, "(3)"),
    en=(
        "nobody is told when the policy changes",
        "write `notice_of_change: {{account_holders: true, banner: true}}`",
    ),
    fr=(
        "personne n'est prévenu quand la politique change",
        "écrivez `notice_of_change: {{account_holders: true, banner: true}}`",
    ),
)  # fmt: skip
def change_unannounced(case: Case) -> Iterator[Place]:
    """Inviting people to look again is not telling them."""
    notice = case.document.policy.notice_of_change
    if not notice.account_holders and not notice.banner:
        yield place("policy", "notice_of_change")
