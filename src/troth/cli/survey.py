"""``troth survey``: a report on a database, for people to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from troth.cli.common import AsOfOption, LangOption, language, parse_date, shown_errors

if TYPE_CHECKING:
    from troth.core.survey.model import Survey

DEFAULT_FILE = Path("survey.html")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("survey")(survey)


@shown_errors
def survey(
    url: Annotated[
        str | None,
        typer.Argument(metavar="URL", help="The database, such as sqlite:///shop.sqlite.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it (default survey.html; - for stdout)."),
    ] = None,
    format: Annotated[Literal["html", "json"], typer.Option("--format", help="A page for people, or JSON.")] = "html",
    policy: Annotated[
        Path | None, typer.Option("--policy", "-p", metavar="PATH", help="Compare with this policy.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="What to call the database; a store of --policy.")
    ] = None,
    lang: LangOption = None,
    rows: Annotated[int, typer.Option("--rows", min=1, max=1_000_000, help="Rows of each table to sample.")] = 1_000,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="Time for the whole survey.")] = 120,
    as_of: AsOfOption = None,
    url_from: Annotated[
        str | None, typer.Option("--url-from", metavar="VAR", help="Take the address from this variable.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Look at a database and write a report: what is held about people, how old, how kept, what an erasure would meet.

    Needs no policy and only the right to read. Nothing is changed, and nothing about anybody stands in the report:
    names of tables and columns, and numbers. Without --lang it is in French and English.
    """
    from troth.cli import databases
    from troth.cli.surveying import Asked, look, write

    speech = language(lang)
    asked = Asked(
        url=databases.asked(url, url_from, "survey").url,
        name=name,
        policy=policy,
        as_of=parse_date(as_of),
        rows=rows,
        seconds=seconds,
    )
    target = _target(output, format)
    _not_there_yet(target, force)
    found = look(asked)
    languages = [speech] if lang is not None else [speech, "en" if speech == "fr" else "fr"]
    write(found, target, format, languages, against_policy=policy is not None)
    if target is not None:
        _tell(found, target, speech)


def _target(output: Path | None, format: str) -> Path | None:
    """The file; None for standard output."""
    if output is None:
        return DEFAULT_FILE if format == "html" else None
    return None if str(output) == "-" else output


def _not_there_yet(target: Path | None, force: bool) -> None:
    from troth.core.errors import UsageError

    if target is None:
        return
    if target.is_dir():
        raise UsageError(f"{target} is a folder", remedy="name a file with -o FILE")
    if target.exists() and not force:
        raise UsageError(
            f"{target} exists already", remedy="name another file with -o FILE, or replace it with --force"
        )


def _tell(found: Survey, target: Path, speech: str) -> None:
    """The headline on the terminal."""
    from troth.reports.headline import headline

    typer.echo(headline(found, speech, str(target)))
