"""``troth check``: is the policy file in order?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    LangOption,
    PolicyOption,
    language,
    print_json,
    shown_errors,
)

if TYPE_CHECKING:
    from troth.core.policy.problems import Problem


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("check")(shown_errors(check))


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="POLICY", help="The policy file, instead of --policy.", show_default=False)
    ] = None,
    policy: PolicyOption = DEFAULT_POLICY,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Check the policy file: every problem with its line, and what to do.

    Exit 0: in order. 1: problems (warnings alone are none). 2: the file cannot be read.
    """
    from troth.bootstrap import examine_policy

    speech = language(lang)
    path = file or policy
    problems = [p.in_language(speech) for p in examine_policy(path).problems]
    if output == "json":
        print_json({"problems": [p.as_json() for p in problems]})
    else:
        typer.echo(as_text(problems, str(path), speech))
    if any(p.severity == "error" for p in problems):
        raise typer.Exit(1)


_WORDS = {
    "en": {"error": "error", "warning": "warning", "fine": "{path}: in order", "sum": "{errors} and {warnings}"},
    "fr": {"error": "erreur", "warning": "avertissement", "fine": "{path} : en ordre", "sum": "{errors} et {warnings}"},
}


def as_text(problems: Iterable[Problem], path: str, speech: str) -> str:
    """All problems as a person reads them, with their lines and a sum at the end."""
    words = _WORDS[speech]
    listed = list(problems)
    if not listed:
        return words["fine"].format(path=path)
    errors = sum(p.severity == "error" for p in listed)
    total = words["sum"].format(
        errors=_counted(errors, words["error"]), warnings=_counted(len(listed) - errors, words["warning"])
    )
    return "\n\n".join([*(_one(p, words) for p in listed), f"{path}: {total}"])


def _counted(number: int, word: str) -> str:
    # French, unlike English, has its singular after nought.
    singular = number == 1 or (number == 0 and word in (_WORDS["fr"]["error"], _WORDS["fr"]["warning"]))
    return f"{number} {word}" + ("" if singular else "s")


def _one(found: Problem, words: dict[str, str]) -> str:
    head = f"{found.file}:{found.line}:{found.column}: {words[found.severity]}: {found.message} [{found.code}]"
    line, column = _window(found.source, found.column)
    return f"{head}\n  {found.line:>5} | {line}\n  {'':>5} | {' ' * column}^" if line.strip() else head


def _window(line: str, column: int, width: int = 100) -> tuple[str, int]:
    """The part of a long line around the column, and how far in the column then stands."""
    line = line.replace("\t", " ")
    start = max(0, min(column - 1 - width // 2, len(line) - width))
    shown = line[start : start + width].rstrip()
    return (f"…{shown[1:]}" if start else shown), max(0, column - 1 - start)
