"""``troth hold``: holds by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    FormatOption,
    LangOption,
    PolicyOption,
    SharedOption,
    StateOption,
    SubjectArgument,
    opened,
    parse_date,
    parse_subject,
    print_json,
    shown_errors,
)


def register(app: typer.Typer) -> None:
    """Add the verb and its three forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Add, list or release holds by hand.")
    group.command("add", help=add.__doc__)(shown_errors(add))
    group.command("list", help=show.__doc__)(shown_errors(show))
    group.command("release", help=release.__doc__)(shown_errors(release))
    app.add_typer(group, name="hold")


def add(
    subject: SubjectArgument,
    because: Annotated[str, typer.Option("--because", help="The ground, for example: claim before the court.")],
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day, if it has one.")] = None,
    collection: Annotated[
        list[str] | None, typer.Option("--collection", help="Only this collection (store.collection).")
    ] = None,
    field: Annotated[list[str] | None, typer.Option("--field", help="Only this field.")] = None,
    confirm_shared: SharedOption = False,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Keep a person's data for a reason the policy cannot know."""
    from troth.core.errors import UsageError
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions
    from troth.core.rights.restrict import add_hold

    with opened(policy, state, as_of, lang) as work:
        who = parse_subject(subject, work.policy)
        identity = identify(work.session, who, Decisions(shared=confirm_shared), work.records)
        if not identity.found:
            raise UsageError("nobody is known by that identifier, or a human has to decide who it is")
        runner = work.runner("hold")
        add_hold(
            work.session, identity, runner, reason=because, until=parse_date(until) if until else None,
            collections=collection or (), fields=field or (),
        )  # fmt: skip
        print_json({"request": runner.ref}) if output == "json" else typer.echo(f"● {runner.ref}")


def show(state: StateOption = None, as_of: AsOfOption = None, output: FormatOption = "text") -> None:
    """List the holds and restrictions in force."""
    from troth import bootstrap

    records = bootstrap.open_records(state)
    try:
        holds = records.holds(parse_date(as_of))
    finally:
        records.state.close()
    if output == "json":
        rows = [
            {"request": h.ref, "kind": h.kind, "reason": h.reason, "until": h.until.isoformat() if h.until else None}
            for h in holds
        ]
        print_json({"holds": rows})
        return
    if not holds:
        typer.echo("no hold or restriction is in force; `troth hold add` makes one")
    for held in holds:
        typer.echo(f"○ {held.ref}  {held.kind}  {held.reason}" + (f"  until {held.until}" if held.until else ""))


def release(
    ref: Annotated[str, typer.Argument(metavar="HOLD", help="Its name, as `troth hold list` shows it.")],
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """End a hold or a restriction; of a restriction the flags in the rows go first."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from troth import bootstrap
    from troth.core.rights.erase import Runner
    from troth.core.rights.restrict import lift
    from troth.core.rights.restrict import release as end

    if ref.startswith("req-"):
        _release_asked_for(ref, policy, state)
        return
    records = bootstrap.open_records(state)
    try:
        restriction = records.state.restrictions.get(ref) is not None
        if not restriction:
            end(Runner(records, datetime.now(UTC), ref), ref)
    finally:
        records.state.close()
    if restriction:
        with opened(policy, state, None, None) as work:
            outcomes = lift(work.session, replace(work.runner("lift"), ref=ref))
        if any(one.status == "failed" for one in outcomes):
            typer.echo(f"▲ {ref} stays in force: a store could not be changed")
            raise typer.Exit(1)
    typer.echo(f"● {ref} released; the next sweep does what it held back")


def _release_asked_for(ref: str, policy: PolicyOption, state: StateOption) -> None:
    """A restriction that a request has made: whoever asked for it, and whoever was told of it, hears that it ends."""
    from datetime import UTC, datetime

    from troth.cli.request_common import asking_house

    with asking_house(policy, state) as house:
        from troth.desk import ended, standing

        mailed = ended.reachable(house, ref, datetime.now(UTC))
        standing.release(house, ref, datetime.now(UTC))
    told = (
        "whoever asked for it was told before by mail" if mailed else "tell whoever asked for it, if you have not yet"
    )
    typer.echo(f"● {ref} released; {told}")
