"""``troth disclosures``: the register of what was given to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    PolicyOption,
    StateOption,
    SubjectArgument,
    parse_date,
    parse_subject,
    print_json,
    shown_errors,
)
from troth.cli.request_common import AsOption, as_member, asking_house

if TYPE_CHECKING:
    from troth.desk.disclosures import Recorded
    from troth.desk.house import House

HELP = "What was given to recipients and authorities, for the person to know."
RefArgument = Annotated[str, typer.Argument(metavar="DISCLOSURE", help="Its name, as `troth disclosures list` shows.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=HELP)
    for name, form in (("add", add), ("list", show), ("tell", tell), ("remove", remove)):
        group.command(name, help=form.__doc__)(shown_errors(form))
    app.add_typer(group, name="disclosures")


def add(
    subject: SubjectArgument,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="The recipient or the authority.")],
    ground: Annotated[str, typer.Option("--ground", metavar="BASIS", help="The lawful basis, as in the policy.")],
    law: Annotated[str, typer.Option("--law", metavar="TEXT", help="The article, order or contract it rests on.")],
    category: Annotated[list[str], typer.Option("--category", help="What was given, by the vocabulary; repeatable.")],
    kind: Annotated[str, typer.Option("--kind", help="authority or recipient.")] = "recipient",
    day: Annotated[str | None, typer.Option("--day", metavar="DATE", help="When, if not today.")] = None,
    decided_by: Annotated[str, typer.Option("--decided-by", metavar="WHO", help="Who decided it.")] = "",
    secret: Annotated[bool, typer.Option("--secret", help="The person may not know before `tell` says so.")] = False,
    secret_until: Annotated[
        str | None, typer.Option("--secret-until", metavar="DATE", help="The person may know from this day on.")
    ] = None,
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:  # fmt: skip
    """Enter what was given to whom about a person. Nothing is entered without its legal ground."""
    with asking_house(policy, state) as house:
        from troth.desk.disclosures import Entry, record

        now = datetime.now(UTC)
        person, today = parse_subject(subject, house.policy).identifiers, _today(house, now)
        told = None if secret else parse_date(secret_until) if secret_until else today
        said = Entry(
            kind, to.strip(), ground, law.strip(), tuple(category),  # type: ignore[arg-type]
            parse_date(day) if day else today, decided_by.strip(), told,
        )  # fmt: skip
        made = record(house, person, said, _who(house, by), now)
    _print([made], output)


def show(
    policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None, output: FormatOption = "text"
) -> None:  # fmt: skip
    """The register, the newest first. Nobody is named whose data it was."""
    with asking_house(policy, state) as house:
        from troth.desk.disclosures import every

        found = every(house)
    if not found and output == "text":
        typer.echo("● nothing was given to anybody, as far as the register knows")
    else:
        _print(found, output)


def tell(
    ref: RefArgument,
    day: Annotated[str | None, typer.Option("--from", metavar="DATE", help="From this day on, if not today.")] = None,
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """The person may know of it: the secrecy has ended, or ends on that day."""
    with asking_house(policy, state) as house:
        from troth.desk.disclosures import let_tell

        now = datetime.now(UTC)
        let_tell(house, ref, parse_date(day) if day else _today(house, now), _who(house, by), now)
    typer.echo(f"● {ref}")


def remove(
    ref: RefArgument, by: AsOption = "", policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None
) -> None:  # fmt: skip
    """It was entered by mistake: it goes, and that is on record."""
    with asking_house(policy, state) as house:
        from troth.desk.disclosures import remove as removing

        removing(house, ref, _who(house, by), datetime.now(UTC))
    typer.echo(f"● {ref} is removed")


def _who(house: House, address: str) -> str:
    from troth.desk.byhand import COMMAND

    me = as_member(house, address, needed=False)
    return me.public_id if me is not None else COMMAND


def _today(house: House, now: datetime) -> date:
    from troth.core.requests.route import terms_of

    return terms_of(house.policy).day(now)


def _print(found: list[Recorded], output: str) -> None:
    if output == "json":
        print_json({"disclosures": [_json(one) for one in found]})
        return
    for one in found:
        said = one.entry
        told = f"told from {said.told_from.isoformat()}" if said.told_from else "▲ the person may not know yet"
        typer.echo(f"● {one.ref}  {said.day.isoformat()}  {said.to}  {', '.join(said.categories)}  {told}")


def _json(one: Recorded) -> dict[str, Any]:
    said = one.entry
    return {
        "disclosure": one.ref, "kind": said.kind, "to": said.to, "ground": said.ground, "law": said.law,
        "categories": [*said.categories], "day": said.day.isoformat(), "decided_by": said.decided_by or None,
        "told_from": said.told_from.isoformat() if said.told_from else None,
    }  # fmt: skip
