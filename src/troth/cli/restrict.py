"""``troth restrict``: Article 18."""

from __future__ import annotations

from typing import Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    DryRunOption,
    FormatOption,
    LangOption,
    PartialOption,
    PlanOption,
    PolicyOption,
    SharedOption,
    StateOption,
    SubjectArgument,
    YesOption,
    opened,
    parse_date,
    parse_subject,
    print_json,
    shown_errors,
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("restrict", help=restrict.__doc__)(shown_errors(restrict))


def restrict(
    subject: SubjectArgument,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    because: Annotated[
        str, typer.Option("--because", help="The ground, for example: accuracy contested.")
    ] = "requested",
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day, if known.")] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    plan: PlanOption = None,
    partial: PartialOption = False,
    confirm_shared: SharedOption = False,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Freeze a person's data: keep it, use it for nothing else (Article 18). `troth hold release` ends it."""
    from troth.cli.deciding import decide
    from troth.cli.render import failed, outcomes_json, print_outcomes
    from troth.core.errors import UsageError
    from troth.core.rights.erase import check_runnable, identify
    from troth.core.rights.identity import Decisions
    from troth.core.rights.restrict import plan_restriction, run_restriction

    with opened(policy, state, as_of, lang) as work:
        who = parse_subject(subject, work.policy)
        identity = identify(work.session, who, Decisions(shared=confirm_shared), work.records)
        if not identity.found:
            raise UsageError("nobody is known by that identifier, or a human has to decide who it is")
        planned = plan_restriction(work.session, identity, Decisions(shared=confirm_shared))
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(0)
        check_runnable(work.session, planned.plan, incomplete=partial)
        runner = work.runner("restrict")
        end = parse_date(until) if until else None
        outcomes = run_restriction(work.session, planned, runner, because, end)
        if output == "json":
            print_json({**outcomes_json(outcomes), "request": runner.ref})
        else:
            print_outcomes(outcomes, work.lang)
            typer.echo(f"● {runner.ref}")
        if failed(outcomes):
            raise typer.Exit(1)
