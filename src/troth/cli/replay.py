"""``troth replay``: after a restore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from datetime import date

    from troth.cli.common import Opened
    from troth.state.corrections import Corrected

_WORDS = {
    "en": {
        "again": "\nCorrections on record. Values are not kept: where the backup is older, do them again by hand.",
        "one": "  {request} corrected {rows} in {place} on {day}",
        "deleted": "  on {day} something was corrected of which the ledger says no more",
    },
    "fr": {
        "again": "\nRectifications au journal. Les valeurs ne sont pas gardées : si la sauvegarde est plus ancienne, "
        "refaites-les à la main.",
        "one": "  {request} a rectifié {rows} dans {place} le {day}",
        "deleted": "  le {day}, quelque chose a été rectifié dont le journal ne dit plus rien",
    },
}


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
        day = parse_date(since) if since else None
        planned = plan_replay(work.session, work.records, day)
        by_hand = _by_hand(work, day, store)
        beside = {"corrected": [{**asdict(one), "at": one.at.isoformat()} for one in by_hand]}
        if planned.consents and since is None and not dry_run:
            raise UsageError(
                "it would say of people that they have withdrawn a consent, also of those who may have given it anew",
                remedy="name the day of the backup with --since: what was said before that day is in it",
            )
        asked = {"dry_run": dry_run, "yes": yes, "digest": plan, "output": output, "lang": work.lang}
        if not decide(planned.plan, **asked, beside=beside):  # type: ignore[arg-type]
            _print_by_hand(by_hand if output == "text" else (), work.lang)
            raise typer.Exit(1 if planned.plan.changes or planned.plan.flags or planned.plan.unreachable else 0)
        check_runnable(work.session, planned.plan, incomplete=True)
        outcomes = run_replay(work.session, planned, work.runner("replay"))
        if output == "json":
            print_json({**outcomes_json(outcomes), **beside})
        else:
            print_outcomes(outcomes, work.lang)
            _print_by_hand(by_hand, work.lang)
        if failed(outcomes):
            raise typer.Exit(1)


def _by_hand(work: Opened, since: date | None, only: list[str] | None) -> list[Corrected]:
    """What was corrected since then, in these stores, and would have to be corrected again."""
    from troth.state.corrections import corrected

    told = corrected(work.records.state.ledger, since)
    return [one for one in told if not only or one.store in (None, *only)]


def _print_by_hand(by_hand: Iterable[Corrected], lang: str) -> None:
    from troth.cli.words import words_for

    words = words_for(lang)
    for number, one in enumerate(by_hand):
        if not number:
            typer.echo(_WORDS[lang]["again"])
        said = {
            "request": one.request, "rows": words.rows(one.rows or 0), "place": f"{one.store}.{one.collection}",
            "day": words.date(one.at.date()),
        }  # fmt: skip
        typer.echo(_WORDS[lang]["one" if one.request else "deleted"].format(**said))
