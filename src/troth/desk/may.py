"""*May I use this person's data for this purpose?* Restriction and objection bite here (GDPR Articles 18 and 21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from troth.core.errors import UsageError
from troth.core.requests.route import terms_of
from troth.desk.house import House
from troth.desk.models import Refusal

Reason = Literal["", "restricted", "objection", "withdrawal"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no. No yes stands for a consent that was never given: only what Troth knows speaks against is told.

    ``reason``: ``restricted`` (only storage is allowed, Article 18(2)), ``objection`` or ``withdrawal``.
    """

    may: bool
    reason: Reason = ""


def may(house: House, identifiers: Sequence[tuple[str, str]], purpose: str) -> Answer:
    """Whether anything that Troth knows of speaks against it today. Raises UsageError for a purpose or a kind of
    identifier that the policy does not know, and for nobody."""
    _check(house, identifiers, purpose)
    today = terms_of(house.policy).day(datetime.now(UTC))
    if house.records.state.restrictions.matching(identifiers, today):
        return Answer(False, "restricted")
    hashes = house.records.state.keys.vault.indexes(identifiers)
    row = Refusal.objects.filter(hash__in=hashes, purpose=purpose, ended__isnull=True).order_by("-made").first()
    if row is None:
        return Answer(True)
    return Answer(False, "withdrawal" if row.ground == "withdrawal" else "objection")


def _check(house: House, identifiers: Sequence[tuple[str, str]], purpose: str) -> None:
    if purpose not in house.policy.purposes:
        known = ", ".join(house.policy.purposes)
        raise UsageError(f"there is no purpose {purpose!r}", remedy=f"the policy has: {known}")
    if not identifiers:
        raise UsageError("nobody is named", remedy="a person is named KIND=VALUE")
    for kind, _ in identifiers:
        if kind not in house.policy.identifiers:
            known = ", ".join(house.policy.identifiers)
            raise UsageError(f"the policy knows no identifier {kind!r}", remedy=f"it knows: {known}")
