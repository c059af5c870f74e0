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
    the_site,
)
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from troth.cli.common import Opened
    from troth.core.records import Known
    from troth.core.rights.identity import Decisions, Identity
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
    from troth.core.rights.erase import check_runnable, identify
    from troth.core.rights.identity import Decisions
    from troth.core.rights.rectify import new_identifiers, plan_rectification, run_rectification

    wanted = [_correction(word) for word in corrections]
    with opened(policy, state, as_of, lang) as work:
        who = parse_subject([subject], work.policy)
        identity = identify(work.session, who, Decisions(shared=confirm_shared), work.records)
        planned = plan_rectification(work.session, identity, wanted)
        if not decide(planned.plan, dry_run=dry_run, yes=yes, digest=plan, output=output, lang=work.lang):
            raise typer.Exit(1 if planned.plan.refusals or planned.plan.flags else 0)
        check_runnable(work.session, planned.plan, incomplete=partial)
        new = new_identifiers(work.policy, planned.plan)
        new = new if new and the_site(policy, state) else ()
        _known_too(work, planned.identity, new, Decisions(shared=confirm_shared))
        outcomes = run_rectification(work.session, planned, work.runner("rectify"))
        _left_behind(work, planned.identity, new if not failed(outcomes) else ())
        print_json(outcomes_json(outcomes)) if output == "json" else print_outcomes(outcomes, work.lang)
        if failed(outcomes):
            raise typer.Exit(1)


def _known_too(work: Opened, identity: Identity, new: Sequence[Known], decisions: Decisions) -> None:
    """What the site knows of the person stays theirs under their new identifiers; none are given where there is no
    site."""
    if new:
        from troth.desk.renaming import doubtful, known_too

        known_too(work.records.state.keys.vault, identity.known, new, doubtful(identity, decisions, new))


def _left_behind(work: Opened, identity: Identity, new: Sequence[Known]) -> None:
    """What was given away about them is no longer told to whoever has the identifier before."""
    if new:
        from troth.desk.renaming import left_behind

        left_behind(work.records, work.session, identity.known, new)


def _correction(word: str) -> Correction:
    from troth.core.rights.rectify import Correction

    field, separator, value = word.partition("=")
    if not separator or not field:
        raise UsageError("a correction is written FIELD=VALUE", remedy="for example customer.City=Lyon")
    return Correction(field.strip(), value if value != "" else None)
