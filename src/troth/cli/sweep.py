"""``troth sweep``: retention, and the rests of earlier erasures."""

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
    print_json,
    shown_errors,
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("sweep", help=sweep.__doc__)(shown_errors(sweep))


def sweep(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    store: Annotated[list[str] | None, typer.Option("--store", help="Only this store.")] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    plan: PlanOption = None,
    rate: Annotated[int | None, typer.Option("--rate", help="At most so many rows a second.")] = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Erase what is past its time. A plan over the limits runs only with --plan and its digest."""
    from troth.cli.deciding import decide
    from troth.cli.pace import paced
    from troth.cli.render import failed, outcomes_json, print_outcomes, print_plan
    from troth.core.retention.sweep import plan_sweep, run_sweep
    from troth.core.rights.erase import check_runnable

    with opened(policy, state, as_of, lang) as work:
        planned = plan_sweep(work.session, work.records, stores=store or (), ignore_limits=plan is not None)
        if output == "text" and plan is None:
            for pending, rest, _ in planned.rests:
                typer.echo(f"rest of {pending.ref}:")
                print_plan(rest.plan, work.lang)
            for record, flags in planned.ended:
                typer.echo(f"end of {record.ref}:")
                print_plan(flags.plan, work.lang)
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(1 if planned.plan.refusals or planned.plan.unreachable else 0)
        check_runnable(work.session, planned.plan, incomplete=True, some=True)
        limits = [s.limits.rows_per_second for s in work.policy.stores.values() if s.limits.rows_per_second]
        with paced(rate or (min(limits) if limits else None)) as pace:
            outcomes = run_sweep(work.session, planned, work.runner("sweep"), pace)
        print_json(outcomes_json(outcomes)) if output == "json" else print_outcomes(outcomes, work.lang)
        if failed(outcomes):
            raise typer.Exit(1)
