"""``troth check``: is the policy file in order, with itself and with the law?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    LangOption,
    PolicyOption,
    language,
    parse_date,
    print_json,
    shown_errors,
)

if TYPE_CHECKING:
    from troth.cli.check_todo import Todo

CheckFormat = Literal["text", "json", "sarif"]


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("check")(shown_errors(check))


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="POLICY", help="The policy file, instead of --policy.", show_default=False)
    ] = None,
    policy: PolicyOption = DEFAULT_POLICY,
    output: Annotated[
        CheckFormat, typer.Option("--format", help="How to print the result; sarif is for code hosts.")
    ] = "text",
    as_of: AsOfOption = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Tell of one rule: what, why, what to do.")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Check the policy file: structure, law and coherence, each with its line and what to write instead.

    An error is against the law, or cannot be read. A warning is against what the authority recommends, or a policy
    that contradicts itself. A note is worth knowing. This is not legal advice.

    Exit 0: no errors. 1: errors. 2: the file cannot be read.
    """
    speech = language(lang)
    if explain is not None:
        from troth.cli.check_text import explained

        typer.echo(explained(explain, speech))
        return
    failed = _checked(file or policy, output, as_of, speech)
    if failed:
        raise typer.Exit(1)


def _checked(path: Path, output: CheckFormat, as_of: str | None, speech: str) -> bool:
    """Prints what was found; whether there are errors among it."""
    from troth.bootstrap import examine_policy
    from troth.core.check.run import all_problems

    day = parse_date(as_of)
    examined = examine_policy(path)
    law_checked = examined.document is not None
    problems = [p.in_language(speech) for p in all_problems(examined, day)]
    left = _open_things(path)
    if output == "json":
        listed = [p.as_json() for p in problems]
        print_json({"as_of": day.isoformat(), "law_checked": law_checked, "problems": listed, "todo": _as_json(left)})
    elif output == "sarif":
        from troth.cli.check_sarif import as_sarif

        print_json(as_sarif(problems, path, speech, law_checked=law_checked))
    else:
        from troth.cli.check_text import as_text
        from troth.cli.check_todo import told

        if left:
            typer.echo(told(left, speech) + "\n")
        typer.echo(as_text(problems, str(path), speech, law_checked=law_checked))
    return any(p.severity == "error" for p in problems)


def _open_things(path: Path) -> list[Todo]:
    """What the file's own comments still ask for. That it can be read has been seen before."""
    from troth.cli.check_todo import todos

    try:
        return todos(path.read_text("utf-8", "replace"))
    except OSError:
        return []


def _as_json(left: list[Todo]) -> list[dict[str, Any]]:
    return [{"text": each.text, "lines": list(each.lines)} for each in left]
