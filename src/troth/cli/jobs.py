"""``troth jobs``: what waits in the journal, and what is stuck there."""

from __future__ import annotations

from dataclasses import asdict
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
    from troth.jobs.standing import JobStands

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="Its name, as `troth jobs list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What waits in the journal; what is stuck.")
    group.command("list", help=show.__doc__)(shown_errors(show))
    group.command("retry", help=retry.__doc__)(shown_errors(retry))
    group.command("cancel", help=cancel.__doc__)(shown_errors(cancel))
    app.add_typer(group, name="jobs")


def show(
    everything: Annotated[bool, typer.Option("--all", help="Also what has ended and was not yet pruned.")] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """List jobs that have not ended, each with its open steps. Exits with 1 when one is stuck."""
    _ready(policy, state, database_url)
    from troth.jobs.standing import standing

    jobs = standing(everything=everything)
    if output == "json":
        print_json({"jobs": [asdict(job) for job in jobs]})
    else:
        _print(jobs, language(lang))
    raise typer.Exit(1 if any(job.stuck for job in jobs) else 0)


def retry(
    job: JobArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None,
    database_url: DatabaseOption = None,
) -> None:  # fmt: skip
    """Try a job's failed steps again, and those that wait for another try, now."""
    _ready(policy, state, database_url)
    from troth.jobs.orders import retry as order

    typer.echo(f"● {job}: {order(job)} steps are tried again")


def cancel(
    job: JobArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None,
    database_url: DatabaseOption = None,
) -> None:  # fmt: skip
    """Do no more of a job. A step in a worker's hands is not torn from them; what was done stays done."""
    _ready(policy, state, database_url)
    from troth.jobs.orders import cancel as order

    typer.echo(f"● {job}: {order(job)} steps will not be done")


def _ready(policy: PolicyOption, state: StateOption, database_url: DatabaseOption) -> None:
    from troth.cli.serve import prepare
    from troth.jobs.running import ready

    prepare(policy, state, database_url)
    ready()


def _print(jobs: list[JobStands], spoken: str) -> None:
    from troth.cli.jobs_words import said
    from troth.web.wording import Words

    for line in [line for job in jobs for line in said(job, spoken)] or [Words("console", spoken)["jobs_nothing"]]:
        typer.echo(line)
