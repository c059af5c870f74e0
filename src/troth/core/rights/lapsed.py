"""Which holds keep nothing of somebody's rows just now: nobody is told that they owe what they have paid."""

from __future__ import annotations

from collections.abc import Iterable

from troth.core.ports import Want
from troth.core.query import all_of
from troth.core.retention.due import DueRules
from troth.core.rights.access import Reading
from troth.core.rights.session import Session

Lapsed = frozenset[tuple[str, str, str]]
"""(store, collection, hold)."""


def lapsed_holds(session: Session, readings: Iterable[Reading]) -> Lapsed:
    """The holds whose state none of these rows is in. All of a store is asked at once. Raises StoreError."""
    wants: dict[str, list[tuple[str, Want]]] = {}
    for reading in readings:
        store, name = reading.place
        opened = session.stores.get(store)
        if opened is None:
            continue
        rules = DueRules(session.policy, opened.graph, session.as_of)
        wants.setdefault(store, []).extend(
            (hold.name, Want(name, all_of(reading.where, rules.hold_active(hold, name))))
            for hold in reading.collection.holds if hold.while_state is not None or hold.if_state is not None
        )  # fmt: skip
    found: set[tuple[str, str, str]] = set()
    for store, asked in wants.items():
        counts = session.stores[store].connector.count([want for _, want in asked]) if asked else []
        named = zip(asked, counts, strict=True)
        found |= {(store, want.collection, hold) for (hold, want), count in named if not count.rows}
    return frozenset(found)
