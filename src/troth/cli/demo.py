"""``troth demo``: two invented publishers, and a walk through what Troth does for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.common import AsOfOption, parse_date, shown_errors


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo", help=demo.__doc__)(shown_errors(demo))


def demo(
    dir: Annotated[Path, typer.Option("--dir", help="Where to make it; must be empty or an earlier demo.")] = Path(
        ".demo"
    ),
    as_of: AsOfOption = None,
) -> None:
    """Show what Troth does, on generated data, in a folder of its own.

    Nothing outside that folder is touched. Ends with 0 only if every step did what it announced.
    """
    from troth.demo.tour import run_tour

    failures = run_tour(dir, parse_date(as_of), as_of is not None, typer.echo)
    raise typer.Exit(1 if failures else 0)
