"""``troth request assign``: who of staff does what waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from troth.cli.common import DEFAULT_POLICY, PolicyOption, StateOption
from troth.cli.request_common import AsOption, RefArgument, as_member, asking_house


def assign(
    ref: RefArgument,
    to: Annotated[
        str, typer.Option("--to", metavar="ADDRESS", help="Who of staff; without: nobody in particular.")
    ] = "",
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """Say who of staff does what waits: it stands among what waits for them, and they are reminded by mail."""
    with asking_house(policy, state) as house:
        from troth.desk import byhand

        me = as_member(house, by, needed=False)
        name = email = ""
        if to:
            from troth.web.console.assigning import colleague_named

            found = colleague_named(house.policy, to)
            name, email = found.name, found.email
        byhand.assign(house, ref, name, me.public_id if me else byhand.COMMAND, datetime.now(UTC))
        typer.echo(f"● {ref}  " + (f"{email} has it" if name else "nobody in particular has it"))
