"""``troth check``: is the policy file in order?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from troth.core.policy.problems import Problem

_DEFAULT = Path("troth.yaml")


class Format(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"


class Lang(StrEnum):
    """The language of messages."""

    EN = "en"
    FR = "fr"


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("check")(check)


def check(
    file: Annotated[Path | None, typer.Argument(metavar="[POLICY]", help="The policy file.")] = None,
    policy: Annotated[Path | None, typer.Option("--policy", help="The same, as an option.")] = None,
    output: Annotated[Format, typer.Option("--format", help="text or json.")] = Format.TEXT,
    lang: Annotated[Lang | None, typer.Option("--lang", help="en or fr; default: as LANG says.")] = None,
) -> None:
    """Check the policy file: every problem with its line, and what to do.

    Exit 0: in order. 1: problems (warnings alone are none). 2: the file cannot be read.
    """
    from troth.bootstrap import examine_policy
    from troth.core.errors import UsageError

    if file is not None and policy is not None and file != policy:
        raise UsageError("two policy files were given", remedy="give POLICY or --policy, not both")
    path = file or policy or _DEFAULT
    language = (lang or _language_of_terminal()).value
    problems = [p.in_language(language) for p in examine_policy(path).problems]
    if output is Format.JSON:
        typer.echo(json.dumps({"problems": [p.as_json() for p in problems]}, ensure_ascii=False, indent=2))
    else:
        typer.echo(as_text(problems, str(path), language))
    if any(p.severity == "error" for p in problems):
        raise typer.Exit(1)


def _language_of_terminal() -> Lang:
    """As POSIX has it: the first of these variables that is set decides."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return Lang.FR if next((s for s in settings if s), "").startswith("fr") else Lang.EN


_WORDS = {
    "en": {"error": "error", "warning": "warning", "fine": "{path}: in order", "sum": "{errors} and {warnings}"},
    "fr": {"error": "erreur", "warning": "avertissement", "fine": "{path} : en ordre", "sum": "{errors} et {warnings}"},
}


def as_text(problems: Iterable[Problem], path: str, language: str) -> str:
    """All problems as a person reads them, with their lines and a sum at the end."""
    words = _WORDS[language]
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
