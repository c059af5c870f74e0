"""Rows that may also concern somebody else: what a member of staff is shown of them, and that nothing else is opened.

Who says that such rows are this person's says it of the rows that they saw. The digest is over the keys of everything
that would be opened, and for an erasure over every step of its plan: what lies in a collection that has nothing to tell
goes too. When it has changed by the time the request is carried out, they are asked again.

Of each row they may say that it is somebody else's after all: it is set apart (``Decisions.apart``) and the request
goes on with the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from troth.core.errors import StoreUnreachable, UsageError
from troth.core.evidence.canonical import JSON, canonical
from troth.core.ports import Want
from troth.core.query import Expr, Nothing, all_of, none_of
from troth.core.requests.model import Request, Right
from troth.core.rights.access import plan_access
from troth.core.rights.erase import Wish, identify, plan_erasure
from troth.core.rights.identity import Decisions, Flag, Identity, Subject
from troth.core.rights.plan import Step
from troth.core.rights.rectify import Correction
from troth.core.rights.session import Session
from troth.core.rights.whose import not_theirs, person_rows
from troth.desk.house import House, stores
from troth.desk.particulars import Particulars

MOST_APART = 250
"""So many rows of one request can be set apart; the journal holds no more."""

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
    wish = Wish(tuple(sorted(request.scope)), (), OPENED, tuple(sorted(request.categories)))
    plan = plan_erasure(session, theirs, wish, house.records.holds(session.as_of)).plan
    return [step for store in plan.stores for step in store.steps if step.action != "keep"]


def rows_apart(house: House, who: Particulars, now: datetime, said: Sequence[str] | None) -> tuple[str, ...]:
    """The tags of the rows that are somebody else's: those in ``said``, or with None every row in doubt. Raises
    UsageError when one of them is not in doubt, has nothing to be told by, or when there are too many."""
    found = tagged(house, who, now)
    nameless = next((f"{store}.{name}" for store, name, tag in found if not tag), "")
    if said is None and nameless:
        raise UsageError(
            f"rows of {nameless} have no key: nothing tells them apart",
            remedy="refuse the request with its reason, or give the collection a `key:` in the policy",
        )
    tags = {tag for _, _, tag in found}
    apart = tuple(sorted(tags)) if said is None else tuple(dict.fromkeys(said))
    if not tags.issuperset(apart) or "" in apart:
        raise UsageError(
            "one of these is no row in doubt", remedy="name rows as they are shown: `row-` and sixteen signs"
        )
    if len(apart) > MOST_APART:
        raise UsageError(
            f"more than {MOST_APART} rows cannot be set apart one by one",
            remedy="part in your software what is shared, or refuse the request with its reason",
        )
    return apart


def tagged(house: House, who: Particulars, now: datetime) -> list[tuple[str, str, str]]:
    """(store, collection, tag) of each row in doubt; one without a key has no tag. Raises StoreError."""
    found = []
    with stores(house.policy, now) as session:
        sure = identify(session, Subject(who.identifiers), Decisions(), house.records)
        wide = identify(session, Subject(who.identifiers), OPENED, house.records)
        for store, name, where in _in_doubt(session, sure, wide):
            opened = session.stores[store]
            if opened.graph.key_of(name):
                tags = [house.records.tag(store, name, key) for key in opened.connector.keys(name, where)]
            else:
                tags = [""] * opened.connector.count([Want(name, where)])[0].rows
            found += [(store, name, tag) for tag in tags]
    return found


def _in_doubt(session: Session, sure: Identity, wide: Identity) -> Iterator[tuple[str, str, Expr]]:
    """(store, collection, rows): what counts as the person's with a yes, and does not without one."""
    for store, opened in session.stores.items():
        mine = person_rows(opened, sure.anchors.get(store, {}))
        anchors, apart = sure.anchors.get(store, {}), sure.apart.get(store, {})
        shared = not_theirs(opened, mine, anchors, apart, Decisions())
        for name, where in person_rows(opened, wide.anchors.get(store, {})).items():
            certain = all_of(mine.get(name, Nothing()), none_of(shared.get(name, Nothing())))
            only = all_of(where, none_of(certain))
            if not isinstance(only, Nothing):
                yield store, name, only


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
