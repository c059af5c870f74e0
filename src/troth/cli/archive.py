"""``troth archive``: the sealed archive. Every opening is recorded."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from troth.cli.common import FormatOption, StateOption, print_json, shown_errors


def register(app: typer.Typer) -> None:
    """Add the verb and its two forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The sealed archive.")
    group.command("list", help=show.__doc__)(shown_errors(show))
    group.command("read", help=read.__doc__)(shown_errors(read))
    app.add_typer(group, name="archive")


def show(state: StateOption = None, output: FormatOption = "text") -> None:
    """How much lies in the archive, and until when; opens nothing."""
    from troth import bootstrap

    records = bootstrap.open_records(state)
    try:
        shelves = records.state.archive.shelves()
    finally:
        records.state.close()
    if output == "json":
        rows = [
            {"purpose": s.purpose, "store": s.store, "collection": s.collection, "records": s.records,
             "first_until": s.first_until.isoformat(), "last_until": s.last_until.isoformat()}
            for s in shelves
        ]  # fmt: skip
        print_json({"archive": rows})
        return
    if not shelves:
        typer.echo("the archive is empty; a sweep fills it when a purpose has an archive phase")
    for shelf in shelves:
        typer.echo(
            f"○ {shelf.purpose}: {shelf.records} of {shelf.store}.{shelf.collection}, "
            f"until {shelf.first_until} … {shelf.last_until}"
        )


def read(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Whose records: KIND=VALUE.")],
    because: Annotated[str, typer.Option("--because", help="Why: a code or the number of a file; recorded.")],
    who: Annotated[str, typer.Option("--who", help="Who opens them (role or initials); recorded.")],
    state: StateOption = None,
) -> None:
    """Open a person's archived records, as JSON. Recorded in the ledger before anything is shown."""
    from troth import bootstrap
    from troth.core.errors import UsageError
    from troth.core.evidence.canonical import JSON
    from troth.core.evidence.leaf import Event

    _check_words(because, who)
    kind, separator, value = subject.partition("=")
    if not separator or not value:
        raise UsageError("a person is named KIND=VALUE here")
    records = bootstrap.open_records(state)
    try:
        entries = records.state.archive.matching([(kind, value)])
        body: dict[str, JSON] = {
            "who": who,
            "because": because,
            "records": len(entries),
            "request": bootstrap.new_ref("archive"),
        }
        records.note(Event("archive.opened", datetime.now(UTC), body))
        print_json({"records": [_opened(records.state.archive, entry) for entry in entries]})
    finally:
        records.state.close()


def _check_words(*said: str) -> None:
    """They stand in the ledger for good. Raises UsageError for what could name somebody."""
    from troth.core.errors import UsageError

    for word in said:
        if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,39}", word) or re.search(r"\d(?:[./-]?\d){8}", word):
            raise UsageError(
                "the reason and who opens it stand in the ledger for good: they must not be able to name anybody",
                remedy="write a role, a code or the number of a file, in small letters: officer, claim, ticket-4711",
            )


def _opened(archive: object, entry: object) -> dict[str, object]:
    from typing import Any, cast

    shelf, one = cast(Any, archive), cast(Any, entry)
    return {
        "purpose": one.purpose, "store": one.store, "collection": one.collection,
        "until": one.until.isoformat(), "record": shelf.read(one.id),
    }  # fmt: skip
