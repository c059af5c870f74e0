"""``troth worker``: carry out what waits in the journal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from troth.cli.common import DEFAULT_POLICY, FormatOption, PolicyOption, StateOption, print_json, shown_errors
from troth.cli.serve import DatabaseOption


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("worker", help=worker.__doc__)(shown_errors(worker))


def worker(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    site: Annotated[
        list[str] | None, typer.Option("--site", help="An address under which people reach the site; may be repeated.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take one step at most, then end.")] = False,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when there is nothing to do now.")] = False,
    output: FormatOption = "text",
) -> None:
    """Carry out what waits in the journal, step by step, until SIGTERM or Ctrl-C; the step in hand is ended first.

    `troth serve` runs one. On PostgreSQL as many as wanted may run, on as many machines.
    """
    from troth.cli.serve import prepare
    from troth.jobs.running import ready, run
    from troth.web import logs, serving

    prepare(policy, state, database_url, site)
    logs.configure()
    serving.without_images()
    ready()
    tally = run(once=once, until_idle=until_idle, tell=logs.say)
    counts = {name: count for name, count in asdict(tally).items() if count}
    if output == "json":
        print_json(asdict(tally))
    else:
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        typer.echo(f"● {told}" if told else "○ nothing to do")
    raise typer.Exit(1 if tally.failed else 0)
