"""What a store is, before anything is planned: every mapped table and whatever refers to it.

``inspect`` resolves the policy's names against the engine's own lists, probes mapped tables and their
neighbours only (a database may have five thousand others), and adds what follows from policy and facts
together (``checks``). Nothing is guessed: what is not visible is listed as not visible.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from sqlalchemy import Connection, Engine

from troth.connectors.sql import probes_mariadb, probes_postgresql, probes_sqlite
from troth.connectors.sql.checks import collection_findings, link_findings
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.facts import Catalogue, References, Relation, digest_of, nearest, resolve
from troth.connectors.sql.findings import finding
from troth.connectors.sql.remains import remains
from troth.core.policy.model import Collection, Store
from troth.core.ports import Finding, StoreFacts, TableFacts


class Probe(Protocol):
    """What ``probes_*`` modules offer."""

    def relations(self, connection: Connection, schemas: frozenset[str]) -> list[Relation]:
        """Every table that this account can see, those meant by a bare name first."""

    def references(self, connection: Connection) -> References:
        """Every foreign key that this account can see."""

    def probe(self, connection: Connection, wanted: Sequence[Relation], references: References) -> Catalogue:
        """Facts of these relations."""


_PROBES: dict[str, Probe] = {
    "sqlite": probes_sqlite,
    "postgresql": probes_postgresql,
    "mysql": probes_mariadb,
}


def inspect(engine: Engine, store: Store) -> StoreFacts:
    """Look at the store's catalogues. Reads no rows of mapped tables, except to estimate small ones on SQLite.

    Raises StoreUnreachable, StoreRefused or StoreBusy.
    """
    with cleaned(store), warnings.catch_warnings(record=True) as warned, engine.connect() as connection:
        warnings.simplefilter("always")
        facts = _inspected(connection, store)
    said = sorted({str(w.message).splitlines()[0] for w in warned})
    return replace(facts, findings=(*facts.findings, *(finding("reflection_warning", message=m) for m in said)))


def _inspected(connection: Connection, store: Store) -> StoreFacts:
    probe = _PROBES[connection.dialect.name]
    schemas = frozenset(c.schema for c in store.collections.values() if c.schema)
    known = probe.relations(connection, schemas)
    places, findings = _places(store, known)
    mapped = list(dict.fromkeys(places.values()))
    references = probe.references(connection)
    neighbours = _neighbours(references, mapped, known)
    catalogue = probe.probe(connection, [*mapped, *neighbours], references)
    tables: dict[str, TableFacts] = {}
    for name, relation in places.items():
        collection = store.collections[name]
        facts, found = collection_findings(store, collection, relation.table, catalogue)
        tables[name] = facts
        findings += found
    others = {f"table:{r.table}": catalogue.tables[r.table] for r in neighbours if r.table in catalogue.tables}
    links = link_findings(store, tables, catalogue.engine)
    return StoreFacts(
        engine=catalogue.engine,
        version=catalogue.version,
        tables=tables,
        others=others,
        findings=tuple(findings + links),
        not_visible=tuple(catalogue.not_visible),
        remains=remains(connection, store, list(catalogue.tables.values())),
        digest=digest_of(
            catalogue.engine,
            tables,
            others,
            sorted((f.code, f.collection or "", f.column or "") for f in findings + links),
        ),
    )


def _places(store: Store, known: Sequence[Relation]) -> tuple[dict[str, Relation], list[Finding]]:
    """The relation that each collection means; findings for those that mean none, or perhaps several."""
    places: dict[str, Relation] = {}
    findings: list[Finding] = []
    for collection in store.collections.values():
        relation, found = _place(collection, known)
        if relation is not None:
            places[collection.name] = relation
        findings += found
    return places, findings


def _place(collection: Collection, known: Sequence[Relation]) -> tuple[Relation | None, list[Finding]]:
    name = collection.name
    if collection.schema is None:
        reachable = [r for r in known if r.bare]
    else:
        schema = resolve(collection.schema, [r.schema for r in known if r.schema is not None])
        reachable = [r for r in known if r.schema == schema and schema is not None]
    written = collection.table if collection.schema is None else f"{collection.schema}.{collection.table}"
    exact = [r for r in reachable if r.name == collection.table]
    if exact:
        # Several schemas of a search path: the first one wins, as in the database itself.
        return exact[0], []
    alike = [r for r in reachable if r.name.casefold() == collection.table.casefold()]
    if len(alike) == 1:
        return alike[0], [finding("name_case", collection=name, written=written, real=alike[0].table)]
    if alike:
        candidates = ", ".join(r.table for r in alike)
        return None, [finding("table_ambiguous", collection=name, table=written, candidates=candidates)]
    hint = _hint(collection.table, reachable, known)
    return None, [finding("table_missing", collection=name, table=written, nearest=hint)]


def _hint(name: str, reachable: Sequence[Relation], known: Sequence[Relation]) -> str:
    elsewhere = [r.table for r in known if r.name.casefold() == name.casefold()]
    near = elsewhere[0] if elsewhere else nearest(name, [r.name for r in reachable])
    return f"; did you mean {near}?" if near else ""


def _neighbours(references: References, mapped: Sequence[Relation], known: Sequence[Relation]) -> list[Relation]:
    """Unmapped tables that refer to mapped ones; and, where a deletion cascades into them, those behind."""
    by_name = {(r.schema, r.name): r for r in known}
    ours = {(r.schema, r.name) for r in mapped}
    found: set[tuple[str | None, str]] = set()
    walked: set[tuple[str | None, str]] = set()
    edge = set(ours)
    while edge:
        walked |= edge
        referring = [e for e in references.edges if e.target in edge and e.source not in ours]
        found |= {e.source for e in referring}
        edge = {e.source for e in referring if e.action == "cascade"} - walked
    return [by_name.get(name) or Relation(name[1], name[0]) for name in sorted(found, key=str)]
