"""From what was read of each table and the links between them to one draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from troth.core.discover.inclusion import Profiles
from troth.core.discover.link_index import TableIndex, is_real
from troth.core.discover.model import (
    Catalogue,
    Draft,
    KeyValueGuess,
    LinkGuess,
    Reason,
    Table,
    TableGuess,
    Trouble,
)
from troth.core.discover.people import People, Reading, Standing, ordered
from troth.core.discover.purposes import ACCOUNTS, purpose_by_name


@dataclass
class Seen:
    """Everything that was seen of one database."""

    store: str
    catalogue: Catalogue
    profiles: Profiles
    readings: Mapping[str, Reading]
    people: Mapping[str, float]
    index: TableIndex
    links: Mapping[str, Sequence[LinkGuess]]
    key_values: Mapping[str, KeyValueGuess] = field(default_factory=dict)
    troubles: Sequence[Trouble] = ()


def drafted(seen: Seen) -> Draft:
    """The draft, tables in the order in which a person reads them."""
    standings = People(seen.catalogue, seen.readings, seen.people, seen.profiles, seen.links, seen.index).all()
    purposes = _purposes(seen, standings)
    tables = {t.qualified: t for t in seen.catalogue.tables}
    guesses = [_guess(seen, tables[name], standings[name], purposes.get(name)) for name in ordered(standings)]
    aside = [_aside(seen, t) for t in seen.catalogue.tables if not is_real(t)]
    return Draft(seen.store, seen.catalogue, (*guesses, *aside), tuple(seen.troubles), seen.profiles)


def _guess(seen: Seen, table: Table, standing: Standing, purpose: str | None) -> TableGuess:
    reading = seen.readings.get(table.qualified)
    if reading is None:
        return TableGuess(table, standing.role, links=standing.links, purpose=purpose, reasons=standing.reasons)
    key_value = seen.key_values.get(table.qualified)
    fields = tuple(reading.fields)
    if key_value is not None:
        fields = tuple(f for f in fields if f.column not in (key_value.key, key_value.value))
    return TableGuess(
        table=table,
        role=standing.role,
        fields=fields,
        links=standing.links,
        clocks=tuple(reading.clocks),
        key_value=key_value,
        soft_delete=reading.soft_delete,
        purpose=purpose,
        reasons=standing.reasons,
    )


def _aside(seen: Seen, table: Table) -> TableGuess:
    """A view, or a table that some module of the database answers for: its rows are those of other tables."""
    reading = seen.readings.get(table.qualified)
    why = (Reason("role_not_a_table", {"kind": table.kind}),)
    return TableGuess(table, "none", fields=tuple(reading.fields) if reading else (), reasons=why)


def _purposes(seen: Seen, standings: Mapping[str, Standing]) -> dict[str, str]:
    """A purpose for each table that is not beside the matter: its own, or that of what it hangs on."""
    tables = {t.qualified: t for t in seen.catalogue.tables}
    found: dict[str, str] = {}
    for name, standing in standings.items():
        if standing.role != "none":
            own = purpose_by_name(seen.index.words(tables[name]))
            found[name] = own or _inherited(seen, name, standings, tables)
    return found


def _inherited(seen: Seen, name: str, standings: Mapping[str, Standing], tables: Mapping[str, Table]) -> str:
    passed = {name}
    while standings[name].role == "belongs" and standings[name].links:
        name = standings[name].links[0].parent
        if name in passed or name not in standings:
            break
        passed.add(name)
        purpose = purpose_by_name(seen.index.words(tables[name]))
        if purpose is not None:
            return purpose
    return ACCOUNTS
