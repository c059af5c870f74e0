"""``troth request show``: one request, without its person; with ``--values`` who asks, on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    LangOption,
    PolicyOption,
    StateOption,
    language,
    print_json,
)
from troth.cli.request_common import AsOption, RefArgument, as_member, asking_house, put_on_record, request_json

if TYPE_CHECKING:
    from troth.core.requests.clock import Clock
    from troth.core.requests.model import Request
    from troth.desk.house import House
    from troth.desk.particulars import Particulars


def details(
    ref: RefArgument,
    values: Annotated[
        bool, typer.Option("--values", help="Also who asks, and what they wrote; who looks is put on record.")
    ] = False,
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Show one request: its state, its days, what it waits for, who has it, and what has happened. Nobody is named
    without --values."""
    with asking_house(policy, state) as house:
        from troth.desk.ahead import ahead
        from troth.desk.files import file_of
        from troth.desk.models import File
        from troth.web.console import lines, requests
        from troth.web.console.staffing import people
        from troth.web.wording import Words

        now, spoken = datetime.now(UTC), language(lang)
        opened, who = file_of(house, ref, now)
        found, row, coming = opened.request, File.objects.get(ref=ref), ahead(ref)
        asks: list[tuple[str, str, bool]] = []
        words = Words("console", spoken)
        if values:
            put_on_record(house, as_member(house, by, needed=False), ref, who, now)
            asks = requests.person(house, found, who, row, words, spoken)
        if output == "json":
            said = {plain_of(label): value for label, value, _ in asks}
            print_json(_json(found, opened.clock, coming.what, row.assigned) | ({"who": said} if values else {}))
            return
        waits = lines.waits_in_words(found, coming, house.policy, words, spoken)
        typer.echo(
            f"{'○' if found.open else '●'} {ref}  {words[f'kind_{found.right}']}  {words[f'state_{found.state}']}"
        )
        for label, value in [
            *requests.facts(house, found, opened.clock, words, spoken),
            *([(words["h_waits"], waits)] if waits else []),
            *([(words["assign_title"], people().get(row.assigned, row.assigned))] if row.assigned else []),
            *((label, value) for label, value, _ in asks),
        ]:  # fmt: skip
            typer.echo(f"  {plain_of(label)}: {value}")
        typer.echo(words["timeline_title"])
        for when, what, why in requests.timeline(house.policy, found, words, spoken):
            typer.echo(f"  {when}  {what}" + (f" – {why}" if why else ""))


def in_doubt(house: House, who: Particulars, spoken: str, now: datetime, *, values: bool) -> Iterator[str]:
    """The rows in doubt, each with its place and the number that it has in the store; with ``values`` what it says."""
    from troth.desk.doubtful import rows_in_doubt
    from troth.web.wording import Words

    words = Words("console", spoken)
    found = rows_in_doubt(house, who, spoken, now, words["doubt_another"])
    for row in found.rows:
        number = row.key if values or row.key.isdigit() else "…"
        named = f" ({row.tag})" if row.tag else ""
        yield f"  {plain_of(row.place)}" + (f", {words['doubt_number']} {number}" if number else "") + named
        if values:
            yield from (f"    {plain_of(head)}: {plain_of(cell)}" for head, cell in row.cells)
    if found.more:
        yield f"  ▲ {words['doubt_more']}"


def plain_of(label: Any) -> str:
    """A label without its markup."""
    from troth.cli.request_approve import plain

    return plain(label)


def _json(found: Request, clock: Clock, waits: str, assigned: str) -> dict[str, Any]:
    return {
        **request_json(found), "due": clock.due.isoformat(), "law": clock.limit.isoformat(),
        "promised": clock.promised.isoformat() if clock.promised else None, "running": clock.running,
        "waits_for": waits or None, "assigned": assigned or None,
        "history": [
            {"at": one.at.isoformat(), "act": one.act, "by": one.by, "reasons": [*one.reasons],
             "reference": one.reference or None}
            for one in found.history
        ],
    }  # fmt: skip
