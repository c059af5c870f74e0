"""What stays of somebody after their erasures, as their requests tell. The rows themselves may no longer say whose they
are: who looks for the person by what was erased finds nothing, and would be told that nothing is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from troth.core.requests.model import Right
from troth.core.requests.route import Stop, terms_of
from troth.desk.files import JOB
from troth.desk.grounds import BELOW, FROZEN, LEADS
from troth.desk.kept import last_day
from troth.desk.models import File, Name
from troth.desk.particulars import Particulars
from troth.jobs.journal import left_by

if TYPE_CHECKING:
    from troth.core.rights.identity import Known
    from troth.desk.house import House


@dataclass(frozen=True, slots=True)
class Remains:
    """What one erasure has left: the name of its request, the moment of the answer, and what was kept, as the answer
    tells it (``kept.kept_lines``)."""

    ref: str
    settled: datetime
    kept: tuple[Sequence[Any], ...]


def of(house: House, identifiers: Sequence[Known], now: datetime) -> list[Remains]:
    """Of all erasures that whoever has these verified identifiers has asked for, the last first; without what was to
    stay until a day that is over."""
    return _left(_theirs(house, identifiers), terms_of(house.policy).day(now))


@dataclass(frozen=True, slots=True)
class Ended:
    """An erasure of some uses, ``scope``, with all that it kept."""

    scope: frozenset[str]
    settled: datetime
    kept: tuple[Sequence[Any], ...]


def erasures(house: House, identifiers: Sequence[Known], now: datetime) -> list[Ended]:
    """The erasures of some uses that have ended, of whoever has these verified identifiers, the last first."""
    rows = File.objects.filter(_theirs(house, identifiers), right=str(Right.ERASURE), settled__lte=now)
    found = []
    for row in rows.order_by("-settled"):
        mine = row.scope and not row.categories
        left = left_by(JOB, row.ref, f"request.{Stop.CARRY_OUT}") if mine else None
        if left:
            found.append(Ended(frozenset(row.scope), row.settled, tuple((left[0] or {}).get("kept", ()))))
    return found


def _theirs(house: House, identifiers: Sequence[Known]) -> Q:
    vault = house.records.state.keys.vault
    named = Name.objects.filter(hash__in=vault.indexes(tuple(identifiers))).values("file")
    return Q(subject=Particulars(tuple(identifiers)).subject(vault)) | Q(behalf="", pk__in=named)


def known_to(ref: str) -> list[Sequence[Any]]:
    """What stayed after erasures of whom a request is about, on the day on which it was answered, or today."""
    row = File.objects.filter(ref=ref).first()
    if row is None:
        return []
    same = Q(subject=row.subject)
    if not row.behalf:
        mine = Name.objects.filter(file=row).values("hash")
        same |= Q(behalf="", pk__in=Name.objects.filter(hash__in=mine).values("file"))
    at = row.settled or datetime.now(UTC)
    return [line for one in _left(same & Q(settled__lte=at) & ~Q(pk=row.pk), at.date()) for line in one.kept]


def _left(whose: Q, today: date) -> list[Remains]:
    """The same place kept for the same reason is told by the last erasure that kept it."""
    found, told = list[Remains](), set[tuple[str, ...]]()
    rows = File.objects.filter(whose, right=str(Right.ERASURE), settled__isnull=False)
    for row in rows.order_by("-settled"):
        if row.categories:
            continue  # whose rows they are stands in them still
        left = left_by(JOB, row.ref, f"request.{Stop.CARRY_OUT}")
        lines = [one for one in (left[0] or {}).get("kept", ()) if _stays(one, today)] if left else []
        lines = [] if all(_place(one)[-1] == BELOW for one in lines) else lines
        new = [one for one in lines if _place(one) not in told]
        told.update(map(_place, new))
        if new:
            found.append(Remains(row.ref, row.settled, tuple(new)))
    return found


def _stays(line: Sequence[Any], today: date) -> bool:
    """Not what a day has ended; nor what only a freeze or another use has kept, which is found as before."""
    until, why = line[3], line[4] if len(line) > 4 else ""
    last = last_day(until)
    return why not in (FROZEN, LEADS) and (last is None or last >= today)


def _place(line: Sequence[Any]) -> tuple[str, ...]:
    return (str(line[0]), str(line[1]), str(line[2]), str(line[4]) if len(line) > 4 else "")
