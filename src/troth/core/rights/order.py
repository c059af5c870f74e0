"""In which order tables must be written so that foreign keys hold: referring rows first.

Cycles are broken at a nullable foreign key: its column is emptied first, in rows that will be deleted anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from troth.core.errors import PlanRefused
from troth.core.ports import ForeignKeyFacts, TableFacts


def write_order(
    collections: Iterable[str], tables: Mapping[str, TableFacts]
) -> tuple[list[str], list[tuple[str, ForeignKeyFacts]]]:
    """The collections, referring tables first, and the foreign keys to empty beforehand to break cycles.

    Raises PlanRefused when a cycle has no nullable foreign key.
    """
    names = list(collections)
    by_table: dict[str, list[str]] = {}
    for name in names:
        by_table.setdefault(tables[name].table, []).append(name)
    edges = _edges(by_table, tables)
    cut: list[tuple[str, ForeignKeyFacts]] = []
    for own in by_table:
        key = edges[own].pop(own, None)
        if key is not None and key.nullable:
            cut.append((by_table[own][0], key))
    ordered: list[str] = []
    left = dict.fromkeys(by_table)
    while left:
        free = [t for t in left if not any(t in edges[other] for other in left if other != t)]
        if not free:
            cut.append(_cut(left, edges, by_table))
            continue
        for table in free:
            ordered.append(table)
            del left[table]
    return [name for table in ordered for name in by_table[table]], cut


def _edges(
    by_table: Mapping[str, list[str]], tables: Mapping[str, TableFacts]
) -> dict[str, dict[str, ForeignKeyFacts]]:
    """For each table, the tables it refers to (of those in question), with the foreign key."""
    edges: dict[str, dict[str, ForeignKeyFacts]] = {}
    for table, names in by_table.items():
        edges[table] = {}
        for key in tables[names[0]].outgoing:
            if key.target in by_table and not (key.target in edges[table] and not key.nullable):
                edges[table][key.target] = key
    return edges


def _cut(
    left: Mapping[str, None], edges: dict[str, dict[str, ForeignKeyFacts]], by_table: Mapping[str, list[str]]
) -> tuple[str, ForeignKeyFacts]:
    """Take one nullable foreign key out of the cycle among the tables that are left."""
    for table in left:
        for target, key in edges[table].items():
            if target in left and target != table and key.nullable and _in_cycle(target, table, edges):
                del edges[table][target]
                return by_table[table][0], key
    raise PlanRefused(
        f"the tables {', '.join(sorted(left))} refer to each other in a circle in which no column may be empty",
        remedy="set on_erase: clear for one of them, or make one of the foreign keys nullable",
    )


def _in_cycle(start: str, goal: str, edges: Mapping[str, Mapping[str, ForeignKeyFacts]]) -> bool:
    seen, frontier = {start}, [start]
    while frontier:
        at = frontier.pop()
        if at == goal:
            return True
        for step in edges.get(at, {}):
            if step not in seen:
                seen.add(step)
                frontier.append(step)
    return False
