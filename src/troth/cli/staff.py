"""``troth staff``: who of the publisher's people may enter the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    PolicyOption,
    StateOption,
    print_json,
    shown_errors,
)

if TYPE_CHECKING:
    from troth.core.policy.model import Policy

HELP = "Who of the publisher’s people may enter the console."
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="Their e-mail address at work.")]
RoleOption = Annotated[
    list[str],
    typer.Option("--role", metavar="ROLE", help="A role of the policy (`staff: roles:`); may be repeated."),
]


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=HELP)
    for name, form in (("add", add), ("list", show), ("role", role), ("end", end)):
        group.command(name, help=form.__doc__)(shown_errors(form))
    app.add_typer(group, name="staff")


def add(
    address: AddressArgument,
    roles: RoleOption,
    link: Annotated[
        bool, typer.Option("--link", help="Print the link to choose a password instead of sending a letter.")
    ] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """Let somebody into the console. Whoever has no account yet gets a letter to choose a password."""
    with _site(policy, state) as found:
        from troth.web.console import staffing

        staff, new = staffing.add(found, address, roles, datetime.now(UTC))
        typer.echo(f"● {staff.user.email}  {', '.join(staff.roles)}  (in the ledger: {staff.public_id})")
        if not new:
            typer.echo("  they log in with the account that they have")
        elif link:
            typer.echo(f"  to choose a password, once, within three days: {staffing.invitation(found, staff)}")
        else:
            staffing.invite(found, staff)
            typer.echo("  a letter to choose a password has been sent")
        typer.echo("  before the console (/console) opens they sign the undertaking and set up a second factor")


def show(
    everything: Annotated[bool, typer.Option("--all", help="Also those who have left.")] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:
    """List staff: roles, and whether the undertaking in force is signed and a second factor set up. Exits with 1 when
    somebody could enter who has not."""
    with _site(policy, state) as found:
        from troth.web.console import staffing

        rows = staffing.overview(found, ended=everything)
    if output == "json":
        print_json({"staff": rows})
    elif not rows:
        typer.echo("nobody: `troth staff add ADDRESS --role ROLE` lets the first one in")
    for row in rows if output == "text" else ():
        typer.echo(_line(row))
    missing = any(
        row["ended"] is None and row["address"] and not (row["signed"] and row["second_factor"]) for row in rows
    )
    raise typer.Exit(1 if missing else 0)


def role(
    address: AddressArgument, roles: RoleOption, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None
) -> None:
    """Give somebody these roles, and no others."""
    with _site(policy, state) as found:
        from troth.web.console import staffing

        staff = staffing.named(address)
        staffing.give(found, staff, roles, datetime.now(UTC))
        typer.echo(f"● {staff.user.email}  {', '.join(roles)}  (in the ledger: {staff.public_id})")


def end(address: AddressArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None) -> None:
    """Close the console to somebody, at once. Their account as a person stays."""
    with _site(policy, state):
        from troth.web.console import staffing

        staff = staffing.named(address)
        staffing.end(staff, datetime.now(UTC))
        typer.echo(f"● {staff.user.email}  has left  (in the ledger: {staff.public_id})")


def _line(row: dict[str, Any]) -> str:
    if row["ended"]:
        return f"○ {row['address'] or '(no account any more)'}  left on {row['ended'][:10]}"
    if row["address"] is None:
        return f"○ (no account any more)  {', '.join(row['roles'])}"
    lacks = [what for what, there in (("undertaking not signed", row["signed"]),
                                      ("no second factor", row["second_factor"])) if not there]  # fmt: skip
    sign = "▲" if lacks else "●"
    return f"{sign} {row['address']}  {', '.join(row['roles'])}" + (f"  ({', '.join(lacks)})" if lacks else "")


@contextmanager
def _site(policy: PolicyOption, state: StateOption) -> Iterator[Policy]:
    from troth.cli.serve import prepare
    from troth.core.errors import UsageError
    from troth.jobs.running import ready

    prepare(policy, state, None)
    ready()
    from troth.bootstrap import load_policy

    found = load_policy(policy)
    if found.document.accounts is None:
        raise UsageError(
            "staff log in with accounts, and the policy has none",
            remedy="write `accounts:` into the policy, and the cookie of its logins",
        )
    yield found
