"""What an erasure leaves for another day: how it is remembered, and how its rows are recognised then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from troth.core.ports import Want
from troth.core.query import Key, KeyIn, NotClear, all_of
from troth.core.records import Anchors, Pending
from troth.core.rights.assemble import flag_step
from troth.core.rights.plan import Plan, Step
from troth.core.rights.session import Opened, Session

Cleared = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Fields by store and collection."""


def rest_of(session: Session, erased: Pending, kept: Sequence[Step]) -> Pending | None:
    """What is kept for now, with the rows of the person that are left and will lead back to it.

    ``erased``: the erasure, with all its anchors and the fields that it emptied.
    """
    if not kept:
        return None
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    for store, by in erased.anchors.items():
        for collection, keys in by.items():
            left = _still_there(session.stores[store], collection, keys) if store in session.stores else keys
            if left:
                anchors.setdefault(store, {})[collection] = left
    if not anchors:
        return None
    days = [s.first_until for s in kept if s.first_until is not None]
    waiting = any(s.first_until is None for s in kept)
    due = min(days) + timedelta(days=1) if days and not waiting else None
    return replace(erased, anchors=anchors, due=due, cleared=_now_clear(session, anchors, erased.cleared))


def _still_there(opened: Opened, collection: str, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    columns = opened.graph.key_of(collection)
    return tuple(opened.connector.keys(collection, KeyIn(columns, keys))) if columns else ()


def to_clear(plan: Plan) -> dict[str, dict[str, tuple[str, ...]]]:
    """The fields that the plan empties, by store and collection."""
    steps = (s for store in plan.stores for s in store.steps if s.action in ("clear", "anonymise"))
    return together(*({s.store: {s.collection: s.fields}} for s in steps))


def together(*parts: Cleared) -> dict[str, dict[str, tuple[str, ...]]]:
    """All of these fields."""
    whole: dict[str, dict[str, tuple[str, ...]]] = {}
    for store, collection, fields in ((s, c, f) for part in parts for s, by in part.items() for c, f in by.items()):
        have = whole.setdefault(store, {}).get(collection, ())
        whole[store][collection] = tuple(dict.fromkeys((*have, *fields)))
    return whole


def both(rest: Pending | None, waiting: Pending | None) -> Pending | None:
    """Two rests of one erasure as one."""
    if rest is None or waiting is None:
        return rest or waiting
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    merge(anchors, waiting.anchors)
    merge(anchors, rest.anchors)
    due = min(rest.due, waiting.due) if rest.due and waiting.due else None
    return replace(rest, anchors=anchors, due=due, cleared=together(waiting.cleared, rest.cleared))


def _now_clear(session: Session, anchors: Anchors, emptied: Cleared) -> dict[str, dict[str, tuple[str, ...]]]:
    """Of these fields, those that are empty in all the rows that lead back: where one is filled again on its
    day, the row is another's. What a hold keeps in one of several rows tells nothing."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for store, collection, keys in ((s, c, k) for s, by in anchors.items() for c, k in by.items()):
        names = emptied.get(store, {}).get(collection, ())
        if not names or store not in session.stores:
            continue
        opened = session.stores[store]
        rows = KeyIn(opened.graph.key_of(collection), keys)
        counts = opened.connector.count([Want(collection, all_of(rows, NotClear((name,)))) for name in names])
        empty = tuple(name for name, count in zip(names, counts, strict=True) if not count.rows)
        found.setdefault(store, {})[collection] = empty
    return found


def merge(into: dict[str, dict[str, tuple[Key, ...]]], more: Anchors) -> None:
    """Add these keys, each once."""
    for store, by in more.items():
        for collection, keys in by.items():
            have = into.setdefault(store, {}).get(collection, ())
            into[store][collection] = tuple(dict.fromkeys((*have, *keys)))


def still_erased(session: Session, pending: Pending) -> tuple[Anchors, list[Step]]:
    """The anchor rows that still look as the erasure left them; the others are flagged (keys get reused)."""
    if pending.unfinished:
        return pending.anchors, []
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    flags: list[Step] = []
    for store, by in pending.anchors.items():
        for collection, keys in by.items():
            cleared = pending.cleared.get(store, {}).get(collection, ())
            trusted = keys
            if cleared and store in session.stores:
                opened = session.stores[store]
                where = all_of(KeyIn(opened.graph.key_of(collection), keys), NotClear(cleared))
                refilled = set(opened.connector.keys(collection, where))
                trusted = tuple(k for k in keys if k not in refilled)
                if refilled:
                    flags.append(flag_step(store, collection, len(refilled), "key_reused"))
            if trusted:
                anchors.setdefault(store, {})[collection] = trusted
    return anchors, flags
