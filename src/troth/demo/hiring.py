"""``main([EXAMPLE])``, with policy and state of an example in the environment: what ``troth staff add`` and ``troth
request new`` do, in one process (``commands``). Prints the links by which passwords are chosen, a line each."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from troth.demo.staff import STAFF

if TYPE_CHECKING:
    from troth.desk.house import House

LETTER = "bruno@example.org"
"""Who has written that he wants to be erased. An unpaid invoice keeps something."""


def main(arguments: list[str]) -> None:
    """Let the staff of this example in, and put a letter on the officer's desk."""
    from troth.jobs.running import ready

    ready()
    [example] = arguments
    from troth.desk.house import house
    from troth.web.console import staffing

    now = datetime.now(UTC)
    with house() as at:
        for role, _, address in STAFF["maison" if example == "maison" else "atelier"]:
            staff, _ = staffing.add(at.policy, address, [role], now)
            sys.stdout.write(staffing.invitation(at.policy, staff) + "\n")
        if example == "maison":
            _enter_letter(at, now)


def _enter_letter(at: House, now: datetime) -> None:
    from troth.core.requests.model import Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.particulars import Particulars

    who = Particulars((("email", LETTER),), LETTER, "fr")
    open_file(at, Wish(Right.ERASURE, who, Channel.POST, verified="known"), now)
