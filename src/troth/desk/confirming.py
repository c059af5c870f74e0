"""A correction that waits until a new e-mail address is confirmed: a mistyped one, or somebody else's, would be given
all that is known of the person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from troth.core.evidence.pseudonym import normalise
from troth.core.requests.model import Channel, Right
from troth.core.rights.formats import new_addresses
from troth.desk.files import Wish
from troth.desk.models import Unconfirmed
from troth.desk.particulars import Particulars, unsealed

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.desk.house import House


def to_confirm(policy: Policy, who: Particulars) -> tuple[str, ...]:
    """The new addresses that a correction brings and that nobody has shown to be theirs, each once."""
    shown = {normalise(kind, value) for kind, value in who.identifiers}
    _, new = new_addresses(policy, who.wanted)
    return tuple({normalise("email", one): one for one in new if normalise("email", one) not in shown}.values())


def park(house: House, handle: str, wish: Wish, until: datetime, now: datetime) -> None:
    """Keep a correction under the name of a letter until then; it takes the place of an earlier one of that person."""
    vault = house.records.state.keys.vault
    who = wish.particulars
    clear(now)
    Unconfirmed.objects.update_or_create(
        subject=who.subject(vault),
        defaults={
            "handle": handle, "verified": wish.verified, "account": wish.account, "until": until,
            "sealed": who.seal(vault, handle),
        },
    )  # fmt: skip


def waits(handle: str, now: datetime) -> bool:
    """Whether a correction waits under this letter."""
    return Unconfirmed.objects.filter(handle=handle, until__gt=now).exists()


def take(house: House, handle: str, now: datetime) -> Wish | None:
    """What waits under this letter, once; None where nothing does any more."""
    with transaction.atomic():
        row = Unconfirmed.objects.select_for_update().filter(handle=handle, until__gt=now).first()
        if row is None or not Unconfirmed.objects.filter(pk=row.pk).delete()[0]:
            return None
    who = unsealed(house.records.state.keys.vault, handle, row.sealed)
    return Wish(Right.RECTIFICATION, who, Channel.PORTAL, verified=row.verified, account=row.account)


def clear(now: datetime) -> int:
    """Forget what was not confirmed in time; how many."""
    return int(Unconfirmed.objects.filter(until__lte=now).delete()[0])
