"""What stands in force about a person: restrictions, objections, withdrawn consents; and how each is lifted.

Only what the person asked for is theirs to lift. What staff has put in force (a restriction during a dispute) ends by
staff (``troth hold release``), who tell the person before (GDPR Article 18(3)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from django.db import transaction

from troth.core.errors import PlanRefused, StoreError, UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.requests.route import terms_of
from troth.core.rights.erase import Outcome, identify
from troth.core.rights.identity import Decisions, Known, Subject
from troth.core.rights.refuse import allow
from troth.core.rights.restrict import lift as lift_restriction
from troth.core.rights.restrict import release as release_hold
from troth.desk import ended, informed
from troth.desk.house import House, stores
from troth.desk.models import Refusal

Kind = Literal["restriction", "objection", "withdrawal"]
_ASKED_FOR = "requested"
"""The reason of a restriction that the person asked for (``carry``)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``name`` is what it is lifted by: of a restriction its own, of the others the purpose. ``theirs``: the person
    may lift it."""

    kind: Kind
    name: str
    since: datetime
    theirs: bool


def in_force(house: House, identifiers: Sequence[Known], now: datetime) -> tuple[Standing, ...]:
    """Everything that speaks against a use of this person's data today."""
    today = terms_of(house.policy).day(now)
    marks = house.records.state.restrictions.matching(identifiers, today)
    found = [
        Standing("restriction", mark.id, mark.made_at, cast("list[object]", mark.anchors or [""])[0] == _ASKED_FOR)
        for mark in marks
    ]
    said: dict[tuple[str, str], datetime] = {}
    for row in _refusals(house, identifiers).order_by("made"):
        if row.purpose in house.policy.purposes:
            said.setdefault((row.ground, row.purpose), row.made)
    for (ground, purpose), since in said.items():
        kind: Kind = "withdrawal" if ground == "withdrawal" else "objection"
        found.append(Standing(kind, purpose, since, theirs=True))
    return tuple(found)


def lift(house: House, identifiers: Sequence[Known], kind: Kind, name: str, now: datetime) -> None:
    """End what the person themselves put in force. Raises UsageError when there is no such thing (any more) or it is
    not theirs to end; StoreUnreachable and PlanRefused when a store cannot be changed now: then it stays in force."""
    one = next((s for s in in_force(house, identifiers, now) if (s.kind, s.name) == (kind, name)), None)
    if one is None:
        raise UsageError(f"there is no such {kind} in force")
    if not one.theirs:
        raise UsageError("this is not the person's to lift", remedy="`troth hold release` ends it; tell them before")
    if kind == "restriction":
        _unrestrict(house, name, now, theirs=True)
    else:
        _allow(house, identifiers, kind, name, now)


def _allow(house: House, identifiers: Sequence[Known], kind: Kind, purpose: str, now: datetime) -> None:
    """The no is taken back: for every identifier under which it was said with this one, and for all by which the
    person is known for certain today. The publisher's rows come first."""
    with stores(house.policy, now) as session:
        identity = identify(session, Subject(tuple(identifiers)), Decisions(), house.records)
        known = tuple(dict.fromkeys((*identifiers, *identity.known)))
        said = [one for one in house.records.refusals(known) if (one.purpose, one.ground) == (purpose, kind)]
        _all_done(allow(session, house.runner(purpose), said, identity.anchors))
    with transaction.atomic():
        rows = _refusals(house, known).filter(purpose=purpose, ground=kind)
        files = set(rows.exclude(file=None).values_list("file", flat=True))
        rows.update(ended=now)
        Refusal.objects.filter(file__in=files, purpose=purpose, ground=kind, ended=None).update(ended=now)
        informed.lifted(files, purpose)
    purposes: list[JSON] = [purpose]
    house.records.note(Event("objection.lifted", now, {"ground": kind, "purposes": purposes}))


def release(house: House, ref: str, now: datetime) -> None:
    """Staff ends a hold or a restriction; whoever had asked for it is written to before, where they can be (Article
    18(3)). Raises as ``lift``, and MailRefused: then it stays in force."""
    if house.records.state.restrictions.get(ref) is None:
        release_hold(house.runner(ref), ref)
    else:
        ended.warn(house, ref, now)
        _unrestrict(house, ref, now, theirs=False)


def _unrestrict(house: House, ref: str, now: datetime, *, theirs: bool) -> None:
    with stores(house.policy, now) as session:
        _all_done(lift_restriction(session, house.runner(ref)))
    ended.over(ref, theirs=theirs)


def _all_done(outcomes: Sequence[Outcome]) -> None:
    if any(one.status == "failed" for one in outcomes):
        raise PlanRefused("a store could not be changed", remedy="try again later")


def end_due(house: House, now: datetime) -> int:
    """End the restrictions whose last day is past: their flags go. How many ended; one whose store cannot be changed
    now is tried again the next time, and one that somebody has released meanwhile is no longer there."""
    count = 0
    due = house.records.ended(terms_of(house.policy).day(now))
    if due:
        with stores(house.policy, now) as session:
            for one in due:
                try:
                    _all_done(lift_restriction(session, house.runner(one.ref)))
                    count += 1
                except (StoreError, PlanRefused, UsageError):
                    continue
    return count


def _refusals(house: House, identifiers: Sequence[Known]) -> Any:
    hashes = house.records.state.keys.vault.indexes(identifiers)
    return Refusal.objects.filter(hash__in=hashes, ended__isnull=True)
