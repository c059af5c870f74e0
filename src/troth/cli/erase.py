"""``troth erase``: Article 17, with holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    DryRunOption,
    FormatOption,
    LangOption,
    Opened,
    PartialOption,
    PlanOption,
    PolicyOption,
    SharedOption,
    StateOption,
    SubjectArgument,
    UnverifiedOption,
    YesOption,
    opened,
    parse_subject,
    print_json,
    shown_errors,
)

if TYPE_CHECKING:
    from troth.core.ports import SearchReport
    from troth.core.rights.erase import Planned, Wish
    from troth.core.rights.identity import Subject


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("erase", help=erase.__doc__)(shown_errors(erase))


def erase(
    subject: SubjectArgument,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    purpose: Annotated[list[str] | None, typer.Option("--purpose", help="Only what serves this purpose.")] = None,
    collection: Annotated[
        list[str] | None, typer.Option("--collection", help="Only this collection (store.collection).")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    plan: PlanOption = None,
    partial: PartialOption = False,
    confirm_shared: SharedOption = False,
    confirm_unverified: UnverifiedOption = False,
    residue_seconds: Annotated[
        float, typer.Option("--residue-seconds", help="Time for the search of what is left in text; 0: none.")
    ] = 30.0,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Erase a person, except what the law makes the publisher keep (Article 17)."""
    from troth.cli.deciding import decide
    from troth.cli.render import failed, outcomes_json, print_outcomes, print_residue
    from troth.core.rights.assemble import explained
    from troth.core.rights.erase import Wish, check_runnable, run_erasure
    from troth.core.rights.identity import Decisions

    wish = Wish(tuple(purpose or ()), tuple(collection or ()), Decisions(confirm_shared, confirm_unverified))
    with opened(policy, state, as_of, lang) as work:
        who = parse_subject(subject, work.policy)
        planned = _plan(work, who, wish)
        if dry_run:
            planned = replace(planned, plan=explained(work.session, planned.plan))
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(1 if planned.plan.refusals or planned.plan.unreachable or planned.plan.flags else 0)
        check_runnable(work.session, planned.plan, incomplete=partial)
        outcomes = run_erasure(work.session, planned, work.runner("erase"))
        report = _residue(work, planned, residue_seconds)
        if output == "json":
            print_json(outcomes_json(outcomes, report))
        else:
            print_outcomes(outcomes, work.lang)
            if report is not None:
                print_residue(report, work.lang)
        if failed(outcomes) or (report is not None and report.found):
            raise typer.Exit(1)


def _plan(work: Opened, who: Subject, wish: Wish) -> Planned:
    from troth.core.rights.erase import identify, plan_erasure

    identity = identify(work.session, who, wish.decisions, work.records)
    return plan_erasure(work.session, identity, wish, work.records.holds(work.as_of))


def _residue(work: Opened, planned: Planned, seconds: float) -> SearchReport | None:
    """After a whole erasure: are the strong identifiers still somewhere in text?"""
    from troth.core.rights.residue import search_residue

    if seconds <= 0 or planned.wish.purposes or planned.wish.collections or not planned.identity.known:
        return None
    return search_residue(work.session, planned.identity, seconds)
