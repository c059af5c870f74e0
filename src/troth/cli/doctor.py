"""``troth doctor``: is everything set up as it should be?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    LangOption,
    PolicyOption,
    StateOption,
    language,
    print_json,
    shown_errors,
)
from troth.cli.serve import DatabaseOption

if TYPE_CHECKING:
    from troth.web.doctor.findings import Case, Finding

_SHAPES = {"fine": "●", "problem": "▲", "note": "△", "skipped": "○"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor", help=doctor.__doc__)(shown_errors(doctor))


def doctor(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    url: Annotated[str, typer.Option("--url", help="The site as people reach it; it is fetched and looked at.")] = "",
    send_to: Annotated[str, typer.Option("--send-to", help="Send a test mail to this address.")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", metavar="PART", help="Look at this part only.")] = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Say in plain words what is not set up as it should be, and what to do. Nothing is changed.

    Looks at the policy, state and keys, databases, the clock, mail, the site from outside (--url) and this machine.
    Exit 0: nothing to mend. 1: something is.
    """
    from troth.cli.serve import prepare
    from troth.web.doctor.run import PROBES, examine

    speech = language(lang)
    parts = tuple(only or ())
    _check(parts, tuple(PROBES), send_to)
    prepare(policy, state, database_url)
    found: list[tuple[str, Finding]] = []
    for part, finding in examine(_case(policy, url, send_to), parts):
        if output == "text":
            _show(part, finding, speech, new=not found or found[-1][0] != part)
        found.append((part, finding))
    if output == "json":
        print_json(_as_json(found, speech))
    else:
        _sum(found, speech)
    raise typer.Exit(1 if any(finding.level == "problem" for _, finding in found) else 0)


def _check(asked: tuple[str, ...], parts: tuple[str, ...], send_to: str) -> None:
    from troth.core.errors import UsageError
    from troth.web.mail.addresses import spelt

    for part in asked:
        if part not in parts:
            raise UsageError(f"there is no part {part!r} to look at", remedy=f"the parts are {', '.join(parts)}")
    if send_to and not spelt(send_to):
        raise UsageError("--send-to is not a mail address", remedy="for example --send-to you@example.org")


def _case(policy: Path, url: str, send_to: str) -> Case:
    import os

    from troth.state.state import Place
    from troth.web.doctor.findings import Case

    if send_to:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.web.settings")
        django.setup()
    return Case(policy, Place.find(), datetime.now(UTC), url=url, send_to=send_to)


def _show(part: str, finding: Finding, speech: str, *, new: bool) -> None:
    from troth.web.wording import Words

    words = Words("doctor", speech)
    if new:
        typer.echo(f"\n{words[f'part_{part}']}")
    level = "" if finding.level in ("fine", "skipped") else f"{words[f'level_{finding.level}']} "
    typer.echo(f"  {_SHAPES[finding.level]} {level}{finding.said(speech)}")
    remedy = finding.remedy(speech)
    if remedy:
        typer.echo(f"    → {remedy}")


def _sum(found: list[tuple[str, Finding]], speech: str) -> None:
    from troth.web.wording import Words

    levels = [finding.level for _, finding in found]
    counts = {"problems": levels.count("problem"), "notes": levels.count("note"), "skipped": levels.count("skipped")}
    typer.echo("\n" + Words("doctor", speech).say("title", count=len(levels), **counts))


def _as_json(found: list[tuple[str, Finding]], speech: str) -> dict[str, object]:
    listed = [
        {"part": part, "name": finding.name, "level": finding.level, "message": finding.said(speech),
         "remedy": finding.remedy(speech)}
        for part, finding in found
    ]  # fmt: skip
    return {"problems": sum(finding.level == "problem" for _, finding in found), "findings": listed}
