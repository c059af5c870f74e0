"""``troth erase``: Article 17, with holds."""

from __future__ import annotations

from collections.abc import Sequence
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
    from troth.core.records import Known
    from troth.core.rights.erase import Planned, Runner, Wish
    from troth.core.rights.identity import Identity, Subject
    from troth.core.rights.refuse import Ground


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
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="Only this kind of data (a word of `is:`, such as TelephoneNumber)."),
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

    decided = Decisions(confirm_shared, confirm_unverified)
    wish = Wish(tuple(purpose or ()), tuple(collection or ()), decided, tuple(category or ()))
    with opened(policy, state, as_of, lang) as work:
        who = parse_subject(subject, work.policy)
        planned = _plan(work, who, wish)
        if dry_run:
            planned = replace(planned, plan=explained(work.session, planned.plan))
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(1 if planned.plan.refusals or planned.plan.unreachable or planned.plan.flags else 0)
        check_runnable(work.session, planned.plan, incomplete=partial)
        runner = work.runner("erase")
        outcomes = run_erasure(work.session, planned, runner)
        stopped, missed = ((), ()) if failed(outcomes) else _no_more(work, planned, runner, policy, state)
        report = _residue(work, planned, residue_seconds)
        if output == "json":
            print_json({**outcomes_json(outcomes, report), "stopped": [*stopped]})
        else:
            print_outcomes(outcomes, work.lang)
            _print_stopped(work, stopped, missed)
            if report is not None:
                print_residue(report, work.lang)
        if failed(outcomes) or missed or (report is not None and report.found):
            raise typer.Exit(1)


def _plan(work: Opened, who: Subject, wish: Wish) -> Planned:
    from troth.core.rights.erase import identify, plan_erasure

    identity = identify(work.session, who, wish.decisions, work.records)
    return plan_erasure(work.session, identity, wish, work.records.holds(work.as_of))


def _no_more(
    work: Opened, planned: Planned, runner: Runner, policy: PolicyOption, state: StateOption
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """What stays serves no use any more but the one for which it stays; where there is a site, *may I?* knows it."""
    from troth.cli.common import the_site
    from troth.core.errors import TrothError
    from troth.core.rights.no_more import no_more

    if planned.wish.collections or planned.wish.categories or not planned.identity.found:
        return (), ()
    site = the_site(policy, state)

    def first(left: Identity, known: Sequence[Known], purposes: Sequence[str], ground: Ground) -> None:
        if site:
            from troth.desk.erased import on_record

            on_record(work.records, work.session, left, known, purposes, ground, runner.now)

    try:
        return no_more(work.session, runner, planned.wish.purposes, planned.identity, planned.wish.decisions, first)
    except TrothError as error:  # what is erased is erased, and is to be told
        return (), (error.message,)


def _print_stopped(work: Opened, stopped: Sequence[str], missed: Sequence[str]) -> None:
    from troth.cli.words import words_for

    words = words_for(work.lang)
    if stopped:
        typer.echo(f"● {words.stopped} {', '.join(stopped)}")
    for place in missed:
        typer.echo(f"▲ {place}: {words.not_stopped}")


def _residue(work: Opened, planned: Planned, seconds: float) -> SearchReport | None:
    """After a whole erasure: are the strong identifiers still somewhere in text?"""
    from troth.core.rights.residue import search_residue

    if seconds <= 0 or planned.wish.partial or not planned.identity.known:
        return None
    return search_residue(work.session, planned.identity, seconds)
