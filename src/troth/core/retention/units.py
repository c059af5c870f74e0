"""What a sweep works through: persons with everything under them, or rows that end by themselves.

A person's data is swept together, in one transaction, so that nobody is ever half swept. Rows whose period is
their own (log lines, clicks) are their own unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.core.policy.model import Collection
from troth.core.ports import TableFacts
from troth.core.query import Everything, Expr, Nothing, any_of, related
from troth.core.retention.due import DueRules, RemoteGuard
from troth.core.rights.graph import StoreGraph


@dataclass(frozen=True, slots=True)
class Unit:
    """``root`` is walked along its key; ``members`` are written in the same transaction.

    ``guards``: by purpose, what other stores are asked before that purpose counts as over.
    """

    store: str
    root: str
    members: tuple[str, ...]
    guards: Mapping[str, tuple[RemoteGuard, ...]]

    @property
    def name(self) -> str:
        """A stable name, for the place where a sweep was cut short."""
        return f"{self.store}.{self.root}:{'person' if len(self.members) > 1 or self.guards else 'rows'}"


def sweepable(rules: DueRules, collection: Collection) -> bool:
    """Whether any period or state of the policy can ever end something here."""
    keeps = (rules.policy.purposes[p].keep for p in rules.graph.purposes_of(collection.name))
    return any(keep.after or keep.while_state for keep in keeps)


def units_of(rules: DueRules, others: dict[str, StoreGraph]) -> list[Unit]:
    """The units of one store, in an order that respects its foreign keys as far as possible."""
    graph = rules.graph
    collections = [c for c in graph.store.collections.values() if c.name in graph.facts.tables]
    candidates = [c for c in collections if sweepable(rules, c)]
    personal = [c for c in candidates if _personal(rules, c)]
    units = [Unit(graph.store.name, c.name, (c.name,), {}) for c in candidates if c not in personal]
    for person in graph.top_anchors:
        members = tuple(c.name for c in personal if graph.paths_up(c.name, person))
        if members:
            units.append(Unit(graph.store.name, person, members, _guards(rules, members, person, others)))
    return _ordered(units, graph.facts.tables)


def _personal(rules: DueRules, collection: Collection) -> bool:
    return any(
        rules.is_personal(rules.policy.purposes[p], collection.name) for p in rules.graph.purposes_of(collection.name)
    )


def _guards(
    rules: DueRules, members: tuple[str, ...], person: str, others: dict[str, StoreGraph]
) -> dict[str, tuple[RemoteGuard, ...]]:
    names = {p for m in members for p in rules.graph.purposes_of(m)}
    found = {}
    for name in sorted(names):
        guards = rules.remote_guards(rules.policy.purposes[name], person, others)
        if guards:
            found[name] = tuple(guards)
    return found


def _ordered(units: list[Unit], tables: Mapping[str, TableFacts]) -> list[Unit]:
    left, done = list(units), []
    while left:
        free = [u for u in left if not any(_refers(o, u, tables) for o in left if o is not u)] or left[:1]
        done.extend(free)
        left = [u for u in left if u not in free]
    return done


def _refers(unit: Unit, to: Unit, tables: Mapping[str, TableFacts]) -> bool:
    """Whether a table of ``unit`` refers to one of ``to`` that is not its own: it has to go first."""
    own = {tables[m].table for m in unit.members}
    targets = {tables[m].table for m in to.members} - own
    return any(key.target in targets for m in unit.members for key in tables[m].outgoing)


def member_rows(graph: StoreGraph, unit: Unit, span: Expr) -> dict[str, Expr]:
    """For each collection of the store, the rows that belong to the span of the unit's root.

    Collections outside the unit stand with all their rows: their own unit deals with them.
    """
    rows: dict[str, Expr] = {name: Everything() for name in graph.facts.tables}
    for member in unit.members:
        ways = [related(path, span) for path in graph.paths_up(member, unit.root)]
        rows[member] = any_of(*ways) if ways else Nothing()
    return rows
