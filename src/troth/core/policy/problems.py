"""What is wrong with a policy file, told with its place; and the error that carries all of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from troth.core.errors import TrothError
from troth.core.policy.model import Position
from troth.core.policy.texts import expected_in, message_in

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule of law says of a place, in one language."""

    message: str
    advice: str
    source: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a policy file. Lines and columns count from 1; ``excerpt`` is the line as it stands there,
    with secrets blotted out.

    A fault of structure is worded by its ``params``, which fill the message of ``code`` in any language. One that a
    rule of law or of coherence found is worded in ``told``, by language; it has a ``source`` (the rule of law),
    ``advice`` (what to write instead), ``mark`` (how far the source was read: C, S or T) and ``path`` (what it is
    about, with dots).
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    message: str
    source: str = ""
    advice: str = ""
    excerpt: str = ""
    expected: str = ""
    nearest: str = ""
    mark: str = ""
    path: str = ""
    params: Mapping[str, str] = field(default_factory=dict, compare=False)
    told: Mapping[str, Told] = field(default_factory=dict, compare=False)

    def in_language(self, language: str) -> Problem:
        """The same problem told in another language (``en`` or ``fr``)."""
        if self.told:
            words = self.told["fr" if language.startswith("fr") else "en"]
            return replace(self, message=words.message, advice=words.advice, source=words.source)
        return replace(
            self,
            message=message_in(language, self.code, self.params),
            expected=expected_in(language, self.params.get("expected", "")),
        )

    def as_json(self) -> dict[str, str | int]:
        """The shape of ``troth check --format json``."""
        return {
            "code": self.code, "severity": self.severity, "file": self.file, "line": self.line,
            "column": self.column, "message": self.message, "source": self.source, "mark": self.mark,
            "advice": self.advice, "excerpt": self.excerpt, "path": self.path,
            "expected": self.expected, "nearest": self.nearest,
        }  # fmt: skip


def warning(code: str, at: Position, **params: str) -> Problem:
    """A problem that does not stop the policy from being used."""
    return replace(problem(code, at, **params), severity="warning")


def problem(code: str, at: Position, **params: str) -> Problem:
    """A problem at a place, worded in English. ``expected`` and ``nearest`` among the params are also kept
    on their own."""
    return Problem(
        code=code,
        severity="error",
        file=at.file,
        line=at.line,
        column=at.column,
        message=message_in("en", code, params),
        expected=expected_in("en", params.get("expected", "")),
        nearest=params.get("nearest", ""),
        params=params,
    )


def nearest(word: str, words: Iterable[str]) -> str:
    """The known word most like ``word``, or '' when none is like it."""
    known = sorted(set(words))
    by_lower = {k.lower(): k for k in known}
    found = difflib.get_close_matches(word.lower()[:100], list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""


class PolicyError(TrothError):
    """The policy file cannot be used. ``problems`` holds everything found, in the order of the files."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        first = self.problems[0]
        more = len(self.problems) - 1
        tail = f" (and {more} more)" if more else ""
        super().__init__(
            f"{first.file}:{first.line}:{first.column}: {first.message}{tail}",
            remedy="run 'troth check' to see every problem with its line",
        )
