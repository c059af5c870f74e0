"""``troth rectify``: Article 16."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    YesOption,
    opened,
    parse_subject,
    print_json,
    shown_errors,
)
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.core.rights.rectify import Correction


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("rectify", help=rectify.__doc__)(shown_errors(rectify))


def rectify(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Who: KIND=VALUE, or an e-mail address.")],
    corrections: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE...", help="collection.field=right value; empty for none.")
    ],
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    plan: PlanOption = None,
    partial: PartialOption = False,
    confirm_shared: SharedOption = False,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Correct a person's data (Article 16)."""
    from troth.cli.deciding import decide
    from troth.cli.render import failed, outcomes_json, print_outcomes
    from troth.core.rights.acting import run_plan
    from troth.core.rights.erase import check_runnable, identify
    from troth.core.rights.identity import Decisions
    from troth.core.rights.rectify import plan_rectification

    wanted = [_correction(word) for word in corrections]
    with opened(policy, state, as_of, lang) as work:
        who = parse_subject([subject], work.policy)
        identity = identify(work.session, who, Decisions(shared=confirm_shared), work.records)
        planned = plan_rectification(work.session, identity, wanted)
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(1 if planned.plan.refusals or planned.plan.flags else 0)
        check_runnable(work.session, planned.plan, incomplete=partial)
        outcomes = run_plan(work.session, planned, work.runner("rectify"), "rectification")
        print_json(outcomes_json(outcomes)) if output == "json" else print_outcomes(outcomes, work.lang)
        if failed(outcomes):
            raise typer.Exit(1)


def _correction(word: str) -> Correction:
    from troth.core.rights.rectify import Correction

    field, separator, value = word.partition("=")
    if not separator or not field:
        raise UsageError("a correction is written FIELD=VALUE", remedy="for example customer.City=Lyon")
    return Correction(field.strip(), value if value != "" else None)
