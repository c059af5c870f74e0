"""The database against a policy: what holds people's data and is not described, what is described and not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.core.discover.model import Draft, TableGuess
from troth.core.policy.model import Clock, Collection, Policy, Store
from troth.core.survey.measure import SURE
from troth.core.survey.model import GapLine
from troth.core.survey.usual import clock_of_policy


def store_of(policy: Policy, draft: Draft, name: str | None = None) -> Store | None:
    """The store of the policy that this database is: the one named, the only one, or the one whose tables are
    found here most."""
    if name is not None and name in policy.stores:
        return policy.stores[name]
    have = _names(draft)

    def known(store: Store) -> tuple[int, int]:
        tables = [_spelt(c) for c in store.collections.values()]
        return sum(t in have for t in tables), -len(tables)

    best = max(policy.stores.values(), key=known, default=None)
    return best if best is not None and (known(best)[0] or len(policy.stores) == 1) else None


def mapped_tables(store: Store | None, draft: Draft) -> Mapping[str, Collection]:
    """By qualified table name, the collection that describes it; of several the first."""
    have, found = _names(draft), dict[str, Collection]()
    for collection in store.collections.values() if store else ():
        name = have.get(_spelt(collection))
        if name is not None:
            found.setdefault(name, collection)
    return found


def promised_clocks(policy: Policy, store: Store | None, draft: Draft) -> Mapping[str, Clock]:
    """By qualified table name, the clock from which the policy counts the table's period."""
    clocks = {name: clock_of_policy(c, policy) for name, c in mapped_tables(store, draft).items()}
    return {name: clock for name, clock in clocks.items() if clock is not None}


def gaps(draft: Draft, store: Store) -> tuple[GapLine, ...]:
    """The differences: undescribed tables first, then columns, then what is no longer there."""
    return (*_unmapped(draft, store), *_gone(draft, store))


def _unmapped(draft: Draft, store: Store) -> Iterator[GapLine]:
    described = _described(draft, store)
    tables, columns = [], []
    for guess in draft.tables:
        if guess.role == "none":
            continue
        name = guess.table.qualified
        if name not in described:
            tables.append(GapLine("table_unmapped", name, _columns(guess), _categories(guess)))
            continue
        left = tuple(c for c in _columns(guess) if c.lower() not in described[name])
        if left:
            columns.append(GapLine("column_unmapped", name, left))
    yield from tables
    yield from columns


def _columns(guess: TableGuess) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(f.column for f in guess.fields if f.confidence >= SURE and f.column not in guess.table.key)
    )


def _categories(guess: TableGuess) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.category for f in guess.fields if f.confidence >= SURE))


def _described(draft: Draft, store: Store) -> dict[str, set[str]]:
    """By qualified table name, every column that some collection of it speaks of, in lower case."""
    have, found = _names(draft), dict[str, set[str]]()
    for collection in store.collections.values():
        name = have.get(_spelt(collection))
        if name is None:
            continue
        found.setdefault(name, set()).update(c.lower() for c in _spoken_of(collection))
    return found


def _spoken_of(collection: Collection) -> Iterator[str]:
    yield from collection.key
    yield from (f.column for f in collection.fields)
    yield from (i.column for i in collection.identifiers)
    yield from (ours for link in collection.links for ours, _ in link.columns)
    yield from (clock.column for clock in collection.events.values())
    yield from (test.column for test in collection.where)
    yield from (test.column for tests in collection.states.values() for test in tests)
    yield from (flag.column for flag in collection.flags)


def _gone(draft: Draft, store: Store) -> Iterator[GapLine]:
    have = _names(draft)
    for collection in store.collections.values():
        name = have.get(_spelt(collection))
        table = draft.catalogue.table(name) if name is not None else None
        if table is None:
            yield GapLine("table_gone", collection.table)
            continue
        columns = {c.name.lower() for c in table.columns}
        left = tuple(c for c in dict.fromkeys(_spoken_of(collection)) if c.lower() not in columns)
        if left:
            yield GapLine("column_gone", table.qualified, left)


def _names(draft: Draft) -> dict[str, str]:
    """Spelling in lower case, with and without the schema, to qualified name."""
    found: dict[str, str] = {}
    for table in draft.catalogue.tables:
        found[table.qualified.lower()] = table.qualified
        found.setdefault(table.name.lower(), table.qualified)
    return found


def _spelt(collection: Collection) -> str:
    return (f"{collection.schema}.{collection.table}" if collection.schema else collection.table).lower()
