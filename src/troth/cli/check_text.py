"""What ``troth check`` prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.core.check.rule import Rule
    from troth.core.policy.problems import Problem

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "error": "error", "warning": "warning", "note": "note", "advice": "→ ", "source": "law: ",
        "fine": "{path}: in order", "sum": "{path}: {errors}, {warnings} and {notes}",
        "no_law": "The law was not looked at: first the file's structure must be sound.",
        "france": "only for a publisher in France",
        "structure": "a fault of the file itself, not of law",
    },
    "fr": {
        "error": "erreur", "warning": "avertissement", "note": "remarque", "advice": "→ ", "source": "droit : ",
        "fine": "{path} : en ordre", "sum": "{path} : {errors}, {warnings} et {notes}",
        "no_law": "Le droit n’a pas été examiné : il faut d’abord que la structure du fichier soit saine.",
        "france": "seulement pour un éditeur établi en France",
        "structure": "une faute du fichier lui-même, non de droit",
    },
}  # fmt: skip

LAW_NOT_CHECKED: Mapping[str, str] = {speech: words["no_law"] for speech, words in _WORDS.items()}
"""Said where the structure is not sound."""

_MARKS = ("S", "T")
"""Sources that were not read on a primary text are said to be so."""


def as_text(problems: Iterable[Problem], path: str, speech: str, *, law_checked: bool = True) -> str:
    """All problems in the order of the files, with their lines, and a sum at the end.

    Advice and law are told once where a rule strikes several times in the same words.
    """
    words, listed = _WORDS[speech], list(problems)
    parts, told = [], set[tuple[str, str, str]]()
    for found in listed:
        again = (found.code, found.advice, found.source)
        parts.append("\n".join([*_one(found, words), *([] if again in told else _why(found, speech))]))
        told.add(again)
    parts += [] if law_checked else [words["no_law"]]
    if not listed:
        return "\n\n".join([*parts, words["fine"].format(path=path)])
    counts = {f"{kind}s": _counted(listed, kind, speech) for kind in ("error", "warning", "note")}
    return "\n\n".join([*parts, words["sum"].format(path=path, **counts)])


def _counted(problems: list[Problem], kind: str, speech: str) -> str:
    number, word = sum(p.severity == kind for p in problems), _WORDS[speech][kind]
    # French, unlike English, has its singular after nought.
    return f"{number} {word}" + ("" if number == 1 or (number == 0 and speech == "fr") else "s")


def _one(found: Problem, words: Mapping[str, str]) -> list[str]:
    head = f"{found.file}:{found.line}:{found.column}: {words[found.severity]}: {found.message} [{found.code}]"
    line, column = _window(found.excerpt, found.column)
    if not line.strip():
        return [head]
    return [head, f"  {found.line:>5} | {line}", f"  {'':>5} | {' ' * column}^"]


def _why(found: Problem, speech: str) -> list[str]:
    words = _WORDS[speech]
    lines = [f"          {words['advice']}{found.advice}"] if found.advice else []
    if found.source:
        lines.append(f"          {words['source']}{found.source}{_marked(found.mark, speech)}")
    return lines


def _marked(mark: str, speech: str) -> str:
    from troth.core.law.facts import MARKS

    texts = {str(key): text[speech] for key, text in MARKS.items()}
    return f" ({texts[mark]})" if mark in _MARKS else ""


def _window(line: str, column: int, width: int = 100) -> tuple[str, int]:
    """The part of a long line around the column, and how far in the column then stands."""
    line = line.replace("\t", " ")
    start = max(0, min(column - 1 - width // 2, len(line) - width))
    shown = line[start : start + width].rstrip()
    return (f"…{shown[1:]}" if start else shown), max(0, column - 1 - start)


def explained(code: str, speech: str) -> str:
    """One rule in words. Raises UsageError for a code that does not exist."""
    from troth.core.check.registry import RULES
    from troth.core.policy.problems import nearest
    from troth.core.policy.texts import MESSAGES, message_in

    if code in RULES:
        return _rule(RULES[code], speech)
    if code in MESSAGES:
        return f"{code} ({_WORDS[speech]['structure']})\n  {message_in(speech, code, {})}"
    known = nearest(code, [*RULES, *MESSAGES])
    remedy = f"did you mean {known}?" if known else "docs/reference/check.md lists every rule"
    raise UsageError(f"no rule is called {code[:60]!r}", remedy=remedy)


def _rule(rule: Rule, speech: str) -> str:
    words = _WORDS[speech]
    message, advice = rule.in_general(speech)
    only = f", {words['france']}" if rule.scope == "france" else ""
    return (
        f"{rule.code} ({words[rule.severity]}{only})\n  {message}\n  {words['advice']}{advice}\n"
        f"  {words['source']}{rule.source_in(speech)}{_marked(rule.mark, speech)}"
    )
