"""``troth webhooks``: which programs are told of what happens to requests."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from troth.cli.common import DEFAULT_POLICY, FormatOption, PolicyOption, StateOption, print_json, shown_errors
from troth.cli.tokens import site

HookArgument = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its name, as `troth webhooks list` shows it.")]


REMEDIES = {
    "not_allowed": "the process that delivers (`troth serve`, `troth worker`, `troth demo`) does not allow this "
    "address: start it with TROTH_WEBHOOKS_LOCAL=1 too, or give one that is https and reachable from the internet",
    "not_public": "the name leads to an address of your own network: give one that is reachable from the internet",
}
"""What to do about a code of ours, beside the address that does not take events."""


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who is told of what happens to requests.")
    for name, form in (("add", add), ("list", show), ("test", try_out), ("end", end)):
        group.command(name, help=form.__doc__)(shown_errors(form))
    app.add_typer(group, name="webhooks")


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send: https, and reachable from the internet.")],
    event: Annotated[
        list[str] | None, typer.Option("--event", metavar="KIND", help="Only these, such as request.answered.")
    ] = None,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:
    """Tell an address of what happens to requests. The secret that signs is shown this once."""
    from datetime import UTC, datetime

    with site(policy, state):
        from troth.desk.house import house
        from troth.web.api import hooks

        with house() as at:
            row, secret = hooks.add(at.records.state.keys.vault, url, event or (), datetime.now(UTC))
        if output == "json":
            print_json({**_json(row), "secret": secret})
            return
        typer.echo(f"● {row.ref}  {row.url}")
        typer.echo(f"  {secret}")
        typer.echo(f"  The receiver checks signatures with it. Try: troth webhooks test {row.ref}")


def show(policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None, output: FormatOption = "text") -> None:
    """List the webhooks. Exits with 1 when one is failing or has been given up."""
    with site(policy, state):
        from troth.web.api import hooks

        rows = hooks.every()
        if output == "json":
            print_json({"webhooks": [_json(row) for row in rows]})
        elif not rows:
            typer.echo("nobody is told; `troth webhooks add` adds somebody")
        for row in rows if output == "text" else ():
            sign = "▲" if _bad(row) else "○" if row.ended else "●"
            said = f"ended: {row.why}" if row.ended else f"failing: {row.trouble}" if row.failures else "fine"
            typer.echo(f"{sign} {row.ref}  {row.url}  {', '.join(row.events) or 'all events'}  {said}")
            if row.failures and not row.ended and row.trouble in REMEDIES:
                typer.echo(f"  {REMEDIES[row.trouble]}")
        raise typer.Exit(1 if any(map(_bad, rows)) else 0)


def try_out(ref: HookArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None) -> None:
    """Send a test event. `troth worker` or `troth serve` carries it; `troth webhooks list` tells how it went."""
    from datetime import UTC, datetime

    with site(policy, state):
        from troth.web.api import events, hooks

        name = events.test(hooks.in_force(ref).ref, datetime.now(UTC))
        typer.echo(f"● {name} is on its way")


def end(ref: HookArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None) -> None:
    """Tell it nothing more, and forget its secret."""
    from datetime import UTC, datetime

    with site(policy, state):
        from troth.web.api import hooks

        row = hooks.end(ref, datetime.now(UTC))
        typer.echo(f"● {row.ref} has ended")


def _bad(row: Any) -> bool:
    return bool(row.ended and row.why != "by_hand") or bool(not row.ended and row.failures)


def _json(row: Any) -> dict[str, Any]:
    return {
        "webhook": row.ref, "url": row.url, "events": row.events, "created": row.created.isoformat(),
        "failures": row.failures, "failing_since": row.failing_since.isoformat() if row.failing_since else None,
        "trouble": row.trouble or None, "ended": row.ended.isoformat() if row.ended else None, "why": row.why or None,
    }  # fmt: skip
