"""``troth replay``: after a restore."""

from __future__ import annotations

from typing import Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    DryRunOption,
    FormatOption,
    LangOption,
    PlanOption,
    PolicyOption,
    StateOption,
    YesOption,
    opened,
    parse_date,
    print_json,
    shown_errors,
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("replay", help=replay.__doc__)(shown_errors(replay))


def replay(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    store: Annotated[list[str] | None, typer.Option("--store", help="Only this store.")] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="The day of the backup: only what was asked for from then on."),
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    plan: PlanOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """After a restore: erase again who had been erased, flag again who is restricted or has said no."""
    from troth.cli.deciding import decide
    from troth.cli.render import failed, outcomes_json, print_outcomes
    from troth.core.errors import UsageError
    from troth.core.rights.erase import check_runnable
    from troth.core.rights.replay import plan_replay, run_replay

    with opened(policy, state, as_of, lang, store) as work:
        planned = plan_replay(work.session, work.records, parse_date(since) if since else None)
        if planned.consents and since is None and not dry_run:
            raise UsageError(
                "it would say of people that they have withdrawn a consent, also of those who may have given it anew",
                remedy="name the day of the backup with --since: what was said before that day is in it",
            )
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(1 if planned.plan.changes or planned.plan.flags or planned.plan.unreachable else 0)
        check_runnable(work.session, planned.plan, incomplete=True)
        outcomes = run_replay(work.session, planned, work.runner("replay"))
        print_json(outcomes_json(outcomes)) if output == "json" else print_outcomes(outcomes, work.lang)
        if failed(outcomes):
            raise typer.Exit(1)
