"""What an erasure leaves for another day: how it is remembered, and how its rows are recognised then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from troth.core.ports import Want
from troth.core.query import Everything, Expr, Key, KeyIn, NotClear, Nothing, all_of
from troth.core.records import Anchors, Held, Known, Pending, Records
from troth.core.rights.assemble import flag_step
from troth.core.rights.leading import hangs
from troth.core.rights.plan import Plan, Step
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import person_rows
from troth.core.rights.wish import Wish
from troth.core.tombstone import is_tombstone

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
    rows: dict[str, dict[str, dict[str, tuple[Key, ...]]]] = {}
    for held in (waiting.held, rest.held):
        for store, by in held.rows.items():
            merge(rows.setdefault(store, {}), by)
    held = Held(together(waiting.held.fields, rest.held.fields), rows)
    return replace(rest, anchors=anchors, due=due, cleared=together(waiting.cleared, rest.cleared), held=held)


def held_of(session: Session, anchors: Anchors, kept: Sequence[Step], before: Held | None = None) -> Held:
    """What an erasure of some kinds of data has left for another day: what still stands in these fields of the person's
    rows after it. ``before``: what an earlier part had left; nothing is added to that."""
    fields = together(*({s.store: {s.collection: s.fields}} for s in kept))
    rows: dict[str, dict[str, dict[str, tuple[Key, ...]]]] = {}
    for store, collection, names in ((s, c, f) for s, by in fields.items() for c, f in by.items()):
        opened = session.stores.get(store)
        key = opened.graph.key_of(collection) if opened is not None else ()
        if opened is not None and key:
            mine = person_rows(opened, anchors.get(store, {})).get(collection, Nothing())
            for name in names:
                among = [_among(before, store, collection, name, key)] if before else []
                keys = opened.connector.keys(collection, all_of(mine, NotClear((name,)), *among))
                rows.setdefault(store, {}).setdefault(collection, {})[name] = tuple(keys)
    return Held(fields, rows)


def _among(held: Held, store: str, collection: str, name: str, key: tuple[str, ...]) -> Expr:
    keys = held.rows.get(store, {}).get(collection, {}).get(name, ())
    return KeyIn(key, keys) if keys else Nothing()


def only_held(opened: Opened, held: Held) -> dict[str, dict[str, Expr]]:
    """For each collection the fields that were left for another day, each with the rows that hold it; where rows have
    no key, all of the person's."""
    store, found = opened.graph.store.name, dict[str, dict[str, Expr]]()
    known = opened.graph.store.collections
    for collection, names in held.fields.get(store, {}).items():
        key = opened.graph.key_of(collection) if collection in known else ()
        ways = {name: _among(held, store, collection, name, key) if key else Everything() for name in names}
        found[collection] = ways
    return found


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


def still_theirs(session: Session, pending: Pending, wish: Wish, records: Records) -> tuple[Anchors, list[Step]]:
    """Of an erasure of some kinds of data, which leaves living rows: the anchor rows that are the person's still, since
    an identifier in them says so, or a row that they belong to; those that hold none look as the erasure left them. The
    others are flagged: keys get reused."""
    left, _ = still_erased(session, pending)
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    unsaid: list[tuple[str, str, Key, bool]] = []
    gone: dict[tuple[str, str], int] = {}
    for store, collection, keys in ((s, c, k) for s, by in pending.anchors.items() for c, k in by.items()):
        if store not in session.stores:
            anchors.setdefault(store, {})[collection] = keys
            continue
        rows = dict(_signs(session.stores[store], collection, keys, pending, wish))
        matched = records.match_erased(store, collection, rows.items())
        same = {key for key, ref, how in matched if ref == pending.ref and how == "same"}
        if same:
            anchors.setdefault(store, {})[collection] = tuple(key for key in rows if key in same)
        unsaid += [(store, collection, key, not known) for key, known in rows.items() if key not in same]
    for store, collection, key, bare in unsaid:
        cleared = pending.cleared.get(store, {}).get(collection, ())
        as_left = bare and bool(cleared) and key in left.get(store, {}).get(collection, ())
        if as_left or hangs(session.stores[store], (store, collection, key), anchors):
            have = anchors.setdefault(store, {}).get(collection, ())
            anchors[store][collection] = (*have, key)
        else:
            gone[store, collection] = gone.get((store, collection), 0) + 1
    return anchors, [flag_step(*place, rows, "key_reused") for place, rows in gone.items()]


def _signs(
    opened: Opened, name: str, keys: tuple[Key, ...], pending: Pending, wish: Wish
) -> Iterator[tuple[Key, tuple[Known, ...]]]:  # fmt: skip
    """The rows that are left, each with what it is known by. Its own key tells nothing where there is anything else."""
    described, key = opened.graph.store.collections[name], opened.graph.key_of(name)
    cleared = pending.cleared.get(opened.graph.store.name, {}).get(name, ())
    emptied = {one.column for one in described.fields if one.name in cleared and one.within is None}
    named = [i for i in described.identifiers if i.verified or wish.decisions.unverified]
    signs = [i for i in named if (i.column,) != key] or named
    columns = tuple(dict.fromkeys([*key, *(i.column for i in signs)]))
    where = KeyIn(key, keys)
    refilled = set(opened.connector.keys(name, all_of(where, NotClear(cleared)))) if cleared else set()
    for row in opened.connector.read(name, where, columns):
        at: Key = tuple(row[k] for k in key)  # type: ignore[misc]
        filled = [i for i in signs if row[i.column] not in (None, "") and not is_tombstone(row[i.column])]
        known = [i for i in filled if i.column not in emptied or at in refilled]
        yield at, tuple((i.kind, str(row[i.column])) for i in known)


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
