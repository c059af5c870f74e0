"""*May I?* in the publisher's own database: its tables of refusals (``troth may sql``), kept as Troth knows it.

What one person says is written there at once, for the rows that are theirs. The rest (a restriction that ends, a new
row of somebody who had objected before) is put right by filling the table anew, every night and by ``troth may fill``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from troth.core.errors import PlanRefused
from troth.core.policy.model import Mode
from troth.core.ports import KeepsRefusals, Refused
from troth.core.query import Everything, Key
from troth.core.requests.route import terms_of
from troth.core.rights.identity import Identity
from troth.core.rights.session import Opened, Session
from troth.desk.house import House
from troth.desk.models import Refusal

EVERY = "*"
RESTRICTED = "restricted"
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of one table: how many refusals it holds, how many came and went."""

    store: str
    collection: str
    refusals: int
    added: int
    removed: int


@dataclass(slots=True)
class _Known:
    """All that Troth knows of refusals: purposes by hash, and who is restricted."""

    refused: dict[bytes, dict[str, tuple[str, date]]] = field(default_factory=dict)
    restricted: set[bytes] = field(default_factory=set)


def put(session: Session, identity: Identity, purposes: Iterable[str], ground: str, now: datetime) -> int:
    """Write what one person has refused into the tables that are there; how many rows. Again changes nothing.

    Raises StoreError; PlanRefused where there is a table in a store that may only be looked at: what it says would
    soon be wrong.
    """
    said, since, rows = sorted(purposes), terms_of(session.policy).day(now), 0
    for store, opened in session.stores.items():
        anchors = identity.anchors.get(store, {})
        if not any(anchors.values()) or not isinstance(opened.connector, KeepsRefusals):
            continue
        tables = opened.connector.refusals()
        for name in sorted(tables.tables() & set(anchors)):
            _writable(opened)
            marks = [Refused(key, purpose, ground, since) for key in anchors[name] for purpose in said]
            rows += tables.change(name, marks)
    return rows


def _writable(opened: Opened) -> None:
    store = opened.connector.store
    if store.mode is Mode.OBSERVE:
        raise PlanRefused(
            f"store {store.name} has a table of refusals, and may only be looked at",
            remedy="say `mode: enforce` for it, or drop the tables and views that `troth may sql` made",
        )


def fill(house: House, session: Session, store: str, now: datetime) -> list[Filled]:
    """Make the tables of one store say what Troth knows now. Raises StoreError, PlanRefused."""
    opened = session.stores[store]
    if not isinstance(opened.connector, KeepsRefusals):
        return []
    tables = opened.connector.refusals()
    found = []
    for name in sorted(tables.tables()):
        _writable(opened)
        before = tables.present(name)  # first: what is put in meanwhile is not taken out again
        wanted = {(one.key, one.purpose): one for one in _rows(house, opened, name, now)}
        gone, new = before - set(wanted), [wanted[one] for one in wanted if one not in before]
        if gone or new:
            tables.change(name, new, gone)
        found.append(Filled(store, name, len(wanted), len(new), len(gone)))
    return found


def _rows(house: House, opened: Opened, name: str, now: datetime) -> Iterator[Refused]:
    """Each row of the collection with each of its refusals: rows are read in their order, some at a time."""
    today = terms_of(house.policy).day(now)
    known = _known(house, today)
    if not known.refused and not known.restricted:
        return
    key = opened.graph.key_of(name)
    identifiers = opened.graph.store.collections[name].identifiers
    columns = list(dict.fromkeys([*key, *(one.column for one in identifiers)]))
    vault = house.records.state.keys.vault

    def read() -> Iterator[tuple[Key, Sequence[tuple[str, str]]]]:
        for row in opened.connector.read(name, Everything(), columns):
            said = [(one.kind, str(row[one.column])) for one in identifiers if row[one.column] not in (None, "")]
            yield tuple(row[part] for part in key), said  # type: ignore[misc]

    for at, said in house.records.certain(opened.graph.store.name, name, read()):
        yield from _of_row(known, vault.indexes(said), at, today)


def _of_row(known: _Known, hashes: Sequence[bytes], key: Key, today: date) -> Iterator[Refused]:
    if not known.restricted.isdisjoint(hashes):
        yield Refused(key, EVERY, RESTRICTED, today)
    said: dict[str, tuple[str, date]] = {}
    for item in hashes:
        said |= known.refused.get(item, {})
    for purpose, (ground, since) in said.items():
        yield Refused(key, purpose, ground, since)


def _known(house: House, today: date) -> _Known:
    found = _Known(restricted=house.records.state.restrictions.all_marked(today))
    terms = terms_of(house.policy)
    rows = Refusal.objects.filter(ended__isnull=True).order_by("made").values_list("hash", "purpose", "ground", "made")
    for item, purpose, ground, made in rows.iterator(chunk_size=_AT_ONCE):
        found.refused.setdefault(bytes(item), {})[purpose] = (ground, terms.day(made))
    return found
