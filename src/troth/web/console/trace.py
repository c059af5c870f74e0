"""Staff sees or changes a person's data: that is on record before it is on the screen. The ledger keeps it, by the
names that stand for people; a row beside it lets the person find it.

    trace.seen(me, "request", at=house, ref=request.ref, ground="request")
    trace.seen(me, "person", at=house, person=identifiers, ground="asked_by_person")
    trace.changed(me, "hold", at=house, person=identifiers, ground="legal_claims", ref=hold.ref)

Raises EvidenceError when the ledger cannot be written; the gate refuses the page then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event, write_time
from troth.desk.models import Name
from troth.web.console.models import Look, Seen

if TYPE_CHECKING:
    from troth.desk.house import House
    from troth.web.console.gate import Member

KEPT = timedelta(days=365)
"""How long it can be found who looked (CNIL, deliberation 2021-122: six months to a year)."""
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,39}")

Identifiers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Trace:
    """One look or change, as the person and the auditor may know it. ``what`` and ``ground`` are words of ours
    (``trace_what_…``, ``trace_ground_…`` in the console's ``words.txt``); ``who`` stands for the member of staff."""

    at: datetime
    kind: str
    what: str
    ground: str
    ref: str
    who: str
    roles: tuple[str, ...]


def seen(
    me: Member, what: str, *, at: House, ref: str = "", person: Identifiers = (), ground: str = "", words: str = ""
) -> None:
    """``me`` is about to be shown ``what`` of a person: whose request ``ref`` is, or who has these identifiers.
    ``ground`` is the code of the reason, ``words`` what they wrote about it. Raises EvidenceError."""
    _record(me, "seen", what, at, ref, person, ground, words)


def changed(me: Member, what: str, *, at: House, ref: str = "", person: Identifiers = (), ground: str = "") -> None:
    """``me`` is about to change ``what`` of a person. Raises EvidenceError."""
    _record(me, "changed", what, at, ref, person, ground)


def _record(
    me: Member, kind: str, what: str, at: House, ref: str, person: Identifiers, ground: str, words: str = ""
) -> None:
    for code in (what, ground):
        if code and not _CODE.fullmatch(code):
            raise ValueError("a trace takes codes, never what somebody wrote")
    now = datetime.now(UTC)
    hashes = list(dict.fromkeys(at.records.state.keys.vault.indexes(person)))
    body: dict[str, JSON] = {
        "who": me.public_id, "what": what, "ground": ground, "person": [item.hex() for item in hashes]
    }  # fmt: skip
    if ref:
        body["request"] = ref
    event = Event("staff.seen", now, body) if kind == "seen" else Event("staff.changed", now, body)
    position = at.records.state.record(event).positions[0]
    sealed = at.records.state.keys.vault.seal(words.encode(), _place(me.public_id, now)) if words else None
    with transaction.atomic():
        look = Look.objects.create(
            staff=me.staff, kind=kind, what=what, ground=ground, ref=ref, at=now, position=position, words=sealed
        )
        Seen.objects.bulk_create(Seen(look=look, hash=item) for item in hashes)


def _place(who: str, at: datetime) -> str:
    """What the sealed words of a look are bound to."""
    return f"console/look/{who}/{write_time(at)}"


def about(at: House, identifiers: Identifiers) -> list[Trace]:
    """What staff has seen and changed of whoever has these identifiers, the newest first: for the person's own space,
    where the policy lets people see (``accounts: people_may: [see]``). Where somebody asks for somebody else, a look at
    that request is one at the other's data: whoever asks is told of those only that name them."""
    hashes = at.records.state.keys.vault.indexes(identifiers)
    refs = Name.objects.filter(hash__in=hashes, file__behalf="").values("file__ref")
    by_hash = Seen.objects.filter(hash__in=hashes).values("look")
    return _traces(Q(pk__in=by_hash) | Q(ref__in=refs) & ~Q(ref=""))


def all_traces(since: datetime, who: str = "") -> list[Trace]:
    """What staff has seen and changed since then, the newest first; of one member only if ``who`` names one: for the
    auditor. Nobody whose data it was is named."""
    return _traces(Q(at__gte=since) & (Q(staff__public_id=who) if who else Q()))


def _traces(which: Q) -> list[Trace]:
    rows = Look.objects.filter(which).select_related("staff").order_by("-at")[:500]
    return [
        Trace(row.at, row.kind, row.what, row.ground, row.ref, row.staff.public_id, tuple(row.staff.roles))
        for row in rows
    ]


def clear(at: House, now: datetime) -> int:
    """What is older than ``KEPT`` goes, here and in the ledger, which keeps only that there was an event; how many.
    Raises EvidenceError."""
    over = Look.objects.filter(at__lt=now - KEPT)
    positions = list(over.values_list("position", flat=True))
    if positions:
        at.records.state.ledger.redact(positions)
        Look.objects.filter(position__in=positions).delete()
    return len(positions)
