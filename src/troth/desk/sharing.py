"""Rows that may also concern somebody else: what a member of staff is shown of them, and that nothing else is opened.

Who says that such rows are this person's says it of the rows that they saw. The digest is over the keys of everything
that would be opened; when it has changed by the time the request is carried out, they are asked again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from troth.core.errors import StoreUnreachable
from troth.core.evidence.canonical import JSON, canonical
from troth.core.ports import Want
from troth.core.requests.model import Request
from troth.core.rights.access import plan_access
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.session import Session
from troth.desk.house import House, stores
from troth.desk.particulars import Particulars

OPENED = Decisions(shared=True, unverified=True)
"""What somebody who says *these are theirs* has decided."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Rows of one place. ``reason``: ``shared``, ``unverified`` or ``too_many``; ``kind``: the identifier that found
    them, if it was one."""

    store: str
    collection: str
    rows: int
    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """``rows``: those in doubt; ``opens``: (store, collection, rows) of everything that would then count as the
    person's; ``digest``: of exactly that."""

    rows: tuple[Doubtful, ...]
    opens: tuple[tuple[str, str, int], ...]
    digest: str


def doubt(house: House, request: Request, who: Particulars, now: datetime, *, hurried: bool = False) -> Doubt:
    """What is in doubt about a request now. Raises StoreUnreachable when a store does not answer: what cannot be seen
    cannot be decided about."""
    with stores(house.policy, now, hurried=hurried) as session:
        opens = _opened(house, session, who)
        closed = identify(session, Subject(who.identifiers), Decisions(), house.records)
        plan = plan_access(session, closed, Decisions(), "access")
    found = [
        Doubtful(one.store, one.collection, one.rows, one.reason, one.kind)
        for one in plan.left_out if one.reason in ("shared", "unverified", "too_many")
    ]  # fmt: skip
    told: JSON = [[store, name, rows, keys] for store, name, rows, keys in opens]
    digest = hashlib.sha256(canonical([request.ref, told])).hexdigest()
    return Doubt(tuple(found), tuple((store, name, rows) for store, name, rows, _ in opens), digest)


def _opened(house: House, session: Session, who: Particulars) -> list[tuple[str, str, int, str]]:
    """Everything that would be opened, with a hash over its keys."""
    identity = identify(session, Subject(who.identifiers), OPENED, house.records)
    plan = plan_access(session, identity, OPENED, "access")
    away = {*session.unreachable, *identity.unreachable}
    if away:
        raise StoreUnreachable(f"{', '.join(sorted(away))} does not answer", remedy="decide when all of it can be seen")
    found = []
    for name, opened in session.stores.items():
        here = [reading for reading in plan.readings if reading.place[0] == name]
        wants = [Want(reading.place[1], reading.where, digest=True) for reading in here]
        counts = opened.connector.count(wants) if wants else []
        found += [(name, want.collection, n.rows, n.digest) for want, n in zip(wants, counts, strict=True) if n.rows]
    return found
