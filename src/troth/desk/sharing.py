"""Rows that may also concern somebody else: what a member of staff is shown of them, and that nothing else is opened.

Who says that such rows are this person's says it of the rows that they saw. The digest is over the keys of everything
that would be opened, and for an erasure over every step of its plan: what lies in a collection that has nothing to tell
goes too. When it has changed by the time the request is carried out, they are asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from troth.core.errors import StoreUnreachable
from troth.core.evidence.canonical import JSON, canonical
from troth.core.ports import Want
from troth.core.requests.model import Request, Right
from troth.core.rights.access import plan_access
from troth.core.rights.erase import Wish, identify, plan_erasure
from troth.core.rights.identity import Decisions, Flag, Identity, Subject
from troth.core.rights.plan import Step
from troth.core.rights.rectify import Correction
from troth.core.rights.session import Session
from troth.desk.house import House, stores
from troth.desk.particulars import Particulars

OPENED = Decisions(shared=True, unverified=True)
"""What somebody who says *these are theirs* has decided."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """``rows``: those in doubt; ``opens``: (store, collection, rows) of everything that would then count as the
    person's, or be erased; ``digest``: of exactly that, and of what an erasure would do with it."""

    rows: tuple[Flag, ...]
    opens: tuple[tuple[str, str, int], ...]
    digest: str


def doubt(house: House, request: Request, who: Particulars, now: datetime, *, hurried: bool = False) -> Doubt:
    """What is in doubt about a request now. Raises StoreUnreachable when a store does not answer: what cannot be seen
    cannot be decided about."""
    with stores(house.policy, now, hurried=hurried) as session:
        theirs = identify(session, Subject(who.identifiers), OPENED, house.records)
        opens = _opened(session, theirs)
        steps = _steps(house, session, theirs, request) if request.right == Right.ERASURE else []
        closed = identify(session, Subject(who.identifiers), Decisions(), house.records)
        plan = plan_access(session, closed, Decisions(), "access")
    found = [
        Flag(one.store, one.collection, one.rows, one.reason, one.kind)
        for one in plan.left_out if one.reason in ("shared", "unverified", "too_many")
    ]  # fmt: skip
    told: JSON = [[store, name, rows, keys] for store, name, rows, keys in opens]
    done: JSON = [[step.store, step.collection, step.action, [*step.fields], step.rows, step.keys] for step in steps]
    digest = hashlib.sha256(canonical([request.ref, told, done])).hexdigest()
    return Doubt(tuple(found), _places(opens, steps), digest)


def _places(opens: list[tuple[str, str, int, str]], steps: Sequence[Step]) -> tuple[tuple[str, str, int], ...]:
    """What would be opened, and after it what would only be erased; the most rows that one step takes."""
    rows = {(store, name): count for store, name, count, _ in opens}
    told = set(rows)
    for step in steps:
        place = (step.store, step.collection)
        if step.rows and step.action != "hook" and place not in told:
            rows[place] = max(rows.get(place, 0), step.rows)
    return tuple((*place, count) for place, count in rows.items())


def _steps(house: House, session: Session, theirs: Identity, request: Request) -> list[Step]:
    """What an erasure would do; what is kept is not opened by it."""
    wish = Wish(tuple(sorted(request.scope)), (), OPENED)
    plan = plan_erasure(session, theirs, wish, house.records.holds(session.as_of)).plan
    return [step for store in plan.stores for step in store.steps if step.action != "keep"]


def _opened(session: Session, identity: Identity) -> list[tuple[str, str, int, str]]:
    """Everything that would be opened, with a hash over its keys."""
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


def in_the_way(house: House, request: Request, who: Particulars, identity: Identity) -> int:
    """How many rows in doubt about who they belong to have to be decided about before this can be done. A correction
    is held up by those only that lie where it would write, or where those rows hang from."""
    return sum(
        flag.rows for flag in identity.flags
        if request.right != Right.RECTIFICATION or (flag.store, flag.collection) in concerned(house, who.wanted)
    )  # fmt: skip


def concerned(house: House, corrections: Sequence[Correction]) -> set[tuple[str, str]]:
    """The collections in which these would be written, and all those that their rows belong to."""
    fields = {one.field for one in corrections}
    found: set[tuple[str, str]] = set()
    for collection in house.policy.collections():
        places = ("", f"{collection.name}.", f"{collection.store}.{collection.name}.")
        if any(place + field.name in fields for place in places for field in collection.fields):
            _upwards(house, collection.store, collection.name, found)
    return found


def _upwards(house: House, store: str, name: str, found: set[tuple[str, str]]) -> None:
    if (store, name) in found:
        return
    found.add((store, name))
    collection = house.policy.stores[store].collections.get(name)
    for link in collection.links if collection is not None else ():
        _upwards(house, store, link.parent, found)
