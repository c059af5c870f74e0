"""*May I use this person's data for this purpose?* Restriction and objection bite here (GDPR Articles 18 and 21)."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from troth.core.errors import UsageError
from troth.core.policy.model import Basis, Policy
from troth.core.requests.route import terms_of
from troth.desk.house import House
from troth.desk.models import Refusal
from troth.state.state import State

_AT_ONCE = 900
"""Hashes in one question: SQLite takes no more values than that where it is old."""

Reason = Literal["restricted", "objection", "withdrawal", "consent_unknown", "consent_given", "no_consent_needed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no. Silence is no consent (GDPR Articles 4(11) and 7(1)), and Troth keeps no record of consents.

    No: ``restricted`` (only storage is allowed, Article 18(2)), ``objection``, ``withdrawal``, or ``consent_unknown``:
    the purpose rests on consent, and nobody has said that there is one. Yes: ``no_consent_needed``, or
    ``consent_given``: whoever asks has said so, and nothing speaks against it.
    """

    may: bool
    reason: Reason


def may(
    house: House, identifiers: Sequence[tuple[str, str]], purpose: str, *, consent_given: bool = False
) -> Answer:  # fmt: skip
    """Whether it may be used today. ``consent_given``: whoever asks has a record of the person's consent to this
    purpose, and answers for it. Raises UsageError for a purpose or a kind of identifier that the policy does not know,
    and for nobody."""
    check(house.policy, identifiers, purpose)
    hashes = house.records.state.keys.vault.indexes(identifiers)
    return answers(house.policy, house.records.state, [hashes], purpose, consent_given=consent_given)[0]


def answers(
    policy: Policy, state: State, people: Sequence[Sequence[bytes]], purpose: str, *, consent_given: bool = False
) -> list[Answer]:
    """The same about many people at once, each named by the vault's hashes of their identifiers: two questions to the
    databases for each thousand, however many people there are."""
    every = list({item for hashes in people for item in hashes})
    today = terms_of(policy).day(datetime.now(UTC))
    restricted = state.restrictions.marked(every, today)
    refused = _refused(every, purpose)
    silent = _silent(policy, purpose, consent_given=consent_given)
    return [_against(hashes, restricted, refused) or silent for hashes in people]


def _silent(policy: Policy, purpose: str, *, consent_given: bool) -> Answer:
    """About somebody of whom nothing is known."""
    if policy.purposes[purpose].basis != Basis.CONSENT:
        return Answer(True, "no_consent_needed")
    return Answer(True, "consent_given") if consent_given else Answer(False, "consent_unknown")


def _against(
    hashes: Sequence[bytes], restricted: Container[bytes], refused: Mapping[bytes, tuple[datetime, str]]
) -> Answer | None:
    if any(item in restricted for item in hashes):
        return Answer(False, "restricted")
    found = [refused[item] for item in hashes if item in refused]
    if not found:
        return None
    return Answer(False, "withdrawal" if max(found)[1] == "withdrawal" else "objection")


def _refused(hashes: Sequence[bytes], purpose: str) -> dict[bytes, tuple[datetime, str]]:
    """The newest refusal of each hash: when, and on which ground."""
    found: dict[bytes, tuple[datetime, str]] = {}
    for begin in range(0, len(hashes), _AT_ONCE):
        some = hashes[begin : begin + _AT_ONCE]
        rows = Refusal.objects.filter(hash__in=some, purpose=purpose, ended__isnull=True)
        for item, made, ground in rows.values_list("hash", "made", "ground"):
            found[bytes(item)] = max(found.get(bytes(item), (made, ground)), (made, ground))
    return found


def check(policy: Policy, identifiers: Sequence[tuple[str, str]], purpose: str) -> None:
    """Raises UsageError for a purpose or a kind of identifier that the policy does not know, and for nobody."""
    if purpose not in policy.purposes:
        known = ", ".join(policy.purposes)
        raise UsageError(f"there is no purpose {purpose!r}", remedy=f"the policy has: {known}")
    if not identifiers:
        raise UsageError("nobody is named", remedy="a person is named KIND=VALUE")
    for kind, _ in identifiers:
        if kind not in policy.identifiers:
            known = ", ".join(policy.identifiers)
            raise UsageError(f"the policy knows no identifier {kind!r}", remedy=f"it knows: {known}")
