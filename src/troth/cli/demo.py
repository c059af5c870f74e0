"""``troth demo``: two invented publishers, brought to life."""

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
    check: Annotated[
        bool, typer.Option("--check", help="Tell the whole story, visit every site, and end; nothing stays up.")
    ] = False,
) -> None:
    """Show what Troth does, on generated data, in a folder of its own.

    Two invented publishers with their sites, a mail server that delivers to nobody and its web view stay up until
    Ctrl-C. Nothing outside the folder is touched and nothing leaves the machine. With --check it ends with 0 only if
    every step did what it announced.
    """
    from troth.demo.show import run_demo

    raise typer.Exit(run_demo(dir, parse_date(as_of), as_of is not None, check, typer.echo))
