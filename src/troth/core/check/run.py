"""The rules applied to one policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from troth.core.check.registry import RULES
from troth.core.check.rule import Case, Place, Rule
from troth.core.law.facts import Mark
from troth.core.policy.loader import Examined
from troth.core.policy.places import Places
from troth.core.policy.problems import Problem


def law_problems(examined: Examined, as_of: date, rules: Iterable[Rule] | None = None) -> tuple[Problem, ...]:
    """What the rules find in a policy on a day, in the order of its files.

    Nothing for a policy whose structure is not sound (``examined.document`` is None).
    """
    if examined.document is None or examined.places is None:
        return ()
    case = Case(examined.document, examined.policy, as_of)
    chosen = [r for r in (RULES.values() if rules is None else rules) if r.applies(case)]
    found = [_problem(rule, place, examined.places) for rule in chosen for place in rule.find(case)]
    return examined.places.finished(found)


def all_problems(examined: Examined, as_of: date) -> tuple[Problem, ...]:
    """Structure, law and coherence together, in the order of the files."""
    if examined.places is None:
        return examined.problems
    return examined.places.finished([*examined.problems, *law_problems(examined, as_of)])


def _problem(rule: Rule, found: Place, places: Places) -> Problem:
    told = rule.told(found)
    words, at = told["en"], places.at(found.path)
    mark: Mark = found.fact.mark if found.fact is not None else rule.mark
    return Problem(
        code=rule.code, severity=rule.severity, file=at.file, line=at.line, column=at.column, message=words.message,
        advice=words.advice, source=words.source, mark=mark, path=".".join(map(str, found.path)), told=told,
    )  # fmt: skip
