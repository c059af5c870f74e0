"""What no program can do for a request: who does it, that it was done, and by what that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.sections.people import Rights
from troth.core.requests.route import Stop, systems_by_hand
from troth.desk.models import File, Hand

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.requests.model import Request
    from troth.desk.house import House

COMMAND = "command"
"""Stands where nobody of staff has said who they are: somebody at the command line."""
LONGEST = 2000
"""Characters of a note."""
OUTCOMES = ("stays", "changed", "partly")
"""What a human who has looked at a decision again comes to."""


@dataclass(frozen=True, slots=True)
class Review:
    """A decision that a human has looked at again (GDPR Article 22(3)): what they came to, and why, in their words. The
    person reads both."""

    outcome: str = ""
    reasons: str = ""
    about: str = ""
    """The name of the request whose decision it was; empty where it was another one."""

    @property
    def said(self) -> bool:
        """Both are there."""
        return self.outcome in OUTCOMES and bool(self.reasons.strip())


def role_for(policy: Policy) -> str:
    """The staff role that does such things unless somebody is named; empty where the policy names none."""
    return (policy.document.rights or Rights()).by_hand.by or ""


def systems(policy: Policy, request: Request, language: str) -> list[str]:
    """What the systems are called to which somebody has to see for this request."""
    said = policy.document.rights or Rights()
    titles = (said.by_hand.systems[name].title for name in systems_by_hand(request.right, said))
    return [title.get(language) or next(iter(title.values())) for title in titles]


def assign(house: House, ref: str, to: str, by: str, now: datetime) -> None:
    """From now on ``to`` does what waits for staff; empty: nobody in particular. Both are names that stand for members
    of staff, or ``COMMAND``. The ledger hears of it first. Raises UsageError for a request that has ended."""
    row = File.objects.filter(ref=ref).first()
    if row is None:
        raise UsageError(f"there is no request {ref}", remedy="`troth request list` shows them")
    if row.settled is not None:
        raise UsageError("this request has ended", remedy="nothing is left to be done for it")
    if row.assigned == to:
        return
    body: dict[str, JSON] = {"request": ref, "to": to or None, "by": by, "from": row.assigned or None}
    house.records.note(Event("request.assigned", now, body))
    File.objects.filter(pk=row.pk).update(assigned=to, assigned_at=now if to else None)


def assigned() -> dict[str, str]:
    """Who was named for which open request, by the names that stand for them."""
    rows = File.objects.filter(settled__isnull=True).exclude(assigned="")
    return dict(rows.values_list("ref", "assigned"))


def record(
    house: House, ref: str, stop: str, who: str, now: datetime, number: str, note: str, *, found: bool,
    review: Review | None = None,
) -> None:  # fmt: skip
    """Put on record that it was done. Raises UsageError when that has been said already."""
    row = File.objects.get(ref=ref)
    vault = house.records.state.keys.vault
    sealed = vault.seal(note[:LONGEST].encode(), _place(ref, stop)) if note else None
    values: dict[str, Any] = {"who": who, "at": now, "found": found, "number": number, "note": sealed}
    if review is not None:
        reasons = vault.seal(review.reasons.strip()[:LONGEST].encode(), f"{_place(ref, stop)}/reasons")
        values |= {"outcome": review.outcome, "reasons": reasons, "about": review.about}
    _, made = Hand.objects.get_or_create(file=row, stop=stop, defaults=values)
    if not made:
        raise UsageError("somebody has said already that this was done", remedy="`troth request list` shows what waits")


def was_done(ref: str, stop: Stop) -> bool:
    """Whether somebody has said that what waits at this stop was done."""
    return Hand.objects.filter(file__ref=ref, stop=str(stop)).exists()


def review_of(house: House, ref: str) -> Review | None:
    """What a review by a human came to; None where none has."""
    row = Hand.objects.filter(file__ref=ref, stop=str(Stop.BY_HAND)).exclude(outcome="").first()
    if row is None or row.reasons is None:
        return None
    place = f"{_place(ref, row.stop)}/reasons"
    return Review(row.outcome, house.records.state.keys.vault.open(bytes(row.reasons), place).decode())


def found_something(ref: str) -> bool:
    """Whether somebody has found the person in a system without a connector."""
    return Hand.objects.filter(file__ref=ref, stop=str(Stop.BY_HAND), found=True).exists()


def hands(house: House, ref: str) -> list[tuple[Any, str]]:
    """What was done by hand, with what was written about it. Reading that is an act: whoever shows it records it."""
    vault = house.records.state.keys.vault
    rows = Hand.objects.filter(file__ref=ref).exclude(day__isnull=False).order_by("at")
    return [(row, vault.open(bytes(row.note), _place(ref, row.stop)).decode() if row.note else "") for row in rows]


def _place(ref: str, stop: str) -> str:
    """What a note is sealed for."""
    return f"desk/{ref}/hand/{stop}"
