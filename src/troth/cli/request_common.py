"""What the forms of ``troth request`` share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import PolicyOption, StateOption, print_json
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from troth.core.evidence.canonical import JSON
    from troth.desk.files import Opened
    from troth.desk.house import House
    from troth.desk.particulars import Particulars
    from troth.web.console.gate import Member

RefArgument = Annotated[str, typer.Argument(metavar="REQUEST", help="Its name, as `troth request list` shows it.")]
AsOption = Annotated[
    str, typer.Option("--as", metavar="ADDRESS", help="Who of staff you are: their e-mail address. On record.")
]


@contextmanager
def asking_house(policy: PolicyOption, state: StateOption) -> Iterator[House]:
    """Policy, state and the site's database, for one form."""
    from troth.cli.serve import prepare
    from troth.jobs.running import ready

    prepare(policy, state, None)
    ready()
    from troth.desk.house import house

    with house() as opened:
        yield opened


def as_member(house: House, address: str, *, needed: bool) -> Member | None:
    """Who of staff is at the command line, by their own word; None where nobody says so. ``needed``: what they do takes
    two people, where there is staff. Raises UsageError."""
    if house.policy.document.accounts is None:
        if address:
            raise UsageError("nobody belongs to staff: the policy has no `accounts:`", remedy="leave --as out")
        return None
    if not address:
        if needed:
            raise UsageError(
                "the answer goes to an address that is not the person’s: that takes two people, by name",
                remedy="say who you are: --as ADDRESS; somebody else of staff approves it",
            )
        return None
    from troth.web.accounts.models import User
    from troth.web.console.assigning import colleague_named
    from troth.web.console.member import member_of

    return member_of(User.objects.get(email=colleague_named(house.policy, address).email))


def put_on_record(house: House, me: Member | None, ref: str, who: Particulars, now: datetime) -> None:
    """Whoever is about to see somebody's data is on record first. Raises UsageError where there is staff and nobody
    says who looks."""
    from troth.core.evidence.leaf import Event
    from troth.desk.byhand import COMMAND
    from troth.web.console import trace

    if me is not None:
        trace.seen(me, "request", at=house, ref=ref, person=who.identifiers, ground="request")
    elif house.policy.document.accounts is not None:
        raise UsageError("whoever sees a person’s values is put on record", remedy="say who you are: --as ADDRESS")
    else:
        body: dict[str, JSON] = {"who": COMMAND, "what": "request", "ground": "request", "person": [], "request": ref}
        house.records.note(Event("staff.seen", now, body))


def check_vouched(who: Particulars, verified: str) -> None:
    """Whoever says that it is known who asks has the answer sent to that person, not to another address."""
    if verified and who.elsewhere:
        raise UsageError(
            "the answer would go to an address that is not among those of the person",
            remedy="name the person by it, leave --answer-to out (you write a letter), or leave --verified out: then "
            "it waits for `troth request identity` and for `troth request approve`",
        )


def tell(opened: Opened, output: str, *, joined: bool = False) -> None:
    """Print how a request stands now. Nobody is named."""
    request, clock = opened.request, opened.clock
    if output == "json":
        print_json({**request_json(request), "due": clock.due.isoformat(), "joined": joined})
        return
    typer.echo(f"● {request.ref}  {request.right}  {request.state}" + ("  (asked for already)" if joined else ""))
    if request.open:
        stands = "" if clock.running else ", the clock stands still"
        typer.echo(f"  answer by {clock.due.isoformat()} (the law: {clock.limit.isoformat()}){stands}")


def request_json(request: Any) -> dict[str, Any]:
    """A request as JSON: references and codes."""
    return {
        "request": request.ref, "right": request.right, "state": request.state, "channel": request.channel,
        "behalf": request.behalf, "controller": request.controller or None, "scope": sorted(request.scope),
        "categories": sorted(request.categories),
        "received": request.received.isoformat(),
    }  # fmt: skip
