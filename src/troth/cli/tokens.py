"""``troth tokens``: what lets programs use the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from troth.cli.common import DEFAULT_POLICY, FormatOption, PolicyOption, StateOption, print_json, shown_errors

_SCOPES = "requests:create, requests:vouch, requests:read, may:ask, webhooks:manage"


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Tokens for programs that use the API.")
    for name, form in (("new", new), ("list", show), ("end", end)):
        group.command(name, help=form.__doc__)(shown_errors(form))
    app.add_typer(group, name="tokens")


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which program has it.")],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", metavar="SCOPE", help=f"What it may do; may be repeated: {_SCOPES}.")
    ] = None,
    period: Annotated[
        str | None, typer.Option("--for", metavar="PERIOD", help="How long: 12h, 90d, 1y. Without: until it is ended.")
    ] = None,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:  # fmt: skip
    """Make a token. Its secret is shown this once; only its hash is kept."""
    from datetime import UTC, datetime

    with site(policy, state):
        from troth.web.api import tokens

        now = datetime.now(UTC)
        row, secret = tokens.make(name, scope or (), now, _until(period, now))
        _record("token.made", row, now)
        if output == "json":
            print_json({**_json(row), "secret": secret})
            return
        typer.echo(f"● {row.name}  {row.ref}  {', '.join(row.scopes)}")
        typer.echo(f"  until {_day(row.expires)}" if row.expires else "  until it is ended")
        typer.echo(f"  {secret}")
        typer.echo("  Keep it where the program reads it; it is not shown again.")


def show(
    everything: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:
    """List the tokens, what each may do, and when it was used last."""
    from datetime import UTC, datetime

    with site(policy, state):
        from troth.web.api import tokens

        now = datetime.now(UTC)
        rows = [row for row in tokens.all_tokens() if everything or tokens.in_force(row, now)]
        if output == "json":
            print_json({"tokens": [_json(row) for row in rows]})
            return
        if not rows:
            typer.echo("no token is in force; `troth tokens new` makes one")
        for row in rows:
            sign = "●" if tokens.in_force(row, now) else "○"
            end = f"until {_day(row.expires)}" if row.expires else "no end"
            typer.echo(f"{sign} {row.name}  {row.ref}  {', '.join(row.scopes)}  used {_day(row.used)}  {end}")


def end(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its reference.")],
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """End a token: from now on it opens nothing."""
    from datetime import UTC, datetime

    with site(policy, state):
        from troth.web.api import tokens

        now = datetime.now(UTC)
        row = tokens.end(name, now)
        _record("token.ended", row, now)
        typer.echo(f"● {row.ref} has ended")


def _record(kind: str, row: Any, now: Any) -> None:
    """In the ledger: who could ask what, and from when to when. The name may speak of somebody, so it is left out."""
    from troth.core.evidence.leaf import Event
    from troth.desk.house import house

    with house() as at:
        at.records.note(Event(kind, now, {"token": row.ref, "scopes": [*row.scopes]}))


@contextmanager
def site(policy: PolicyOption, state: StateOption) -> Iterator[None]:
    """The site's database, ready for use."""
    from troth.cli.serve import prepare
    from troth.jobs.running import ready

    prepare(policy, state, None)
    ready()
    yield


def _until(period: str | None, now: Any) -> Any:
    """The moment after so long. Raises UsageError."""
    if period is None:
        return None
    import re
    from datetime import timedelta

    from troth.core.errors import UsageError

    found = re.fullmatch(r"([1-9][0-9]{0,3})([dhy])", period)
    if found is None:
        raise UsageError("that is not a period", remedy="write it as 90d, 12h or 1y")
    return now + int(found[1]) * {"h": timedelta(hours=1), "d": timedelta(days=1), "y": timedelta(days=365)}[found[2]]


def _json(row: Any) -> dict[str, Any]:
    return {
        "token": row.ref, "name": row.name, "scopes": row.scopes, "created": row.created.isoformat(),
        "used": row.used.isoformat() if row.used else None,
        "expires": row.expires.isoformat() if row.expires else None,
        "ended": row.ended.isoformat() if row.ended else None,
    }  # fmt: skip


def _day(at: Any) -> str:
    return at.strftime("%Y-%m-%d") if at else "never"
