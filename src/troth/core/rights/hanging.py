"""Rows that go although they belong to rows that somebody of staff holds: the lines of an order that is in dispute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from troth.core.ports import Change, Want
from troth.core.query import all_of, any_of, related
from troth.core.records import Anchors, HoldRecord
from troth.core.rights.plan import Plan
from troth.core.rights.session import Opened, Session


@dataclass(frozen=True, slots=True)
class Hanging:
    """So many rows of ``collection`` that would go belong to held rows of ``parent``."""

    store: str
    collection: str
    parent: str
    rows: int


def hanging_on_held(
    session: Session, plan: Plan, anchors: Anchors, holds: Iterable[HoldRecord]
) -> tuple[Hanging, ...]:  # fmt: skip
    """Of the rows that the plan deletes or empties, those that belong to rows held by hand and are in no hold
    themselves. ``anchors``: the person's. Nothing is asked where no hold names a collection of theirs."""
    mine = [one for one in holds if one.kind == "hold" and one.collections and _same(one.anchors, anchors)]
    found: list[Hanging] = []
    for store in plan.stores if mine else ():
        opened = session.stores.get(store.store)
        wants = list(_wants(opened, store.changes, mine)) if opened is not None else []
        counts = opened.connector.count([want for _, want in wants]) if opened is not None and wants else []
        for (parent, want), count in zip(wants, counts, strict=True):
            found += [Hanging(store.store, want.collection, parent, count.rows)] if count.rows else []
    return tuple(dict.fromkeys(found))


def _same(held: Anchors, mine: Anchors) -> bool:
    return any(
        not set(keys).isdisjoint(held.get(store, {}).get(name, ()))
        for store, by in mine.items() for name, keys in by.items()
    )  # fmt: skip


def _wants(opened: Opened, changes: Sequence[Change], holds: Sequence[HoldRecord]) -> Iterator[tuple[str, Want]]:
    graph, name = opened.graph, opened.graph.store.name
    for change in changes:
        for hold in holds:
            if f"{name}.{change.collection}" in hold.collections:
                continue
            for parent in (place.partition(".")[2] for place in hold.collections if place.startswith(f"{name}.")):
                ways = [path for path in graph.paths_up(change.collection, parent) if path]
                held = graph.rows_of(parent, hold.anchors.get(name, {}))
                if ways:
                    on = any_of(*(related(path, held) for path in ways))
                    yield parent, Want(change.collection, all_of(change.where, on))
