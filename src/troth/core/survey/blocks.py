"""What would stop, slow or undo an erasure: from the inspection of the draft's store, or from its schema alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from troth.core.discover.draft import collection_names
from troth.core.discover.model import Draft, TableGuess
from troth.core.policy.model import Collection, Store
from troth.core.ports import Finding, StoreFacts, TableFacts
from troth.core.rights.clearing import clear_fields
from troth.core.survey.measure import sure
from troth.core.survey.model import BlockLine, Weight

_WEIGHTS: Mapping[str, Weight] = {
    "untransactional": "act", "trigger_untransactional": "act", "reference_mismatch": "act", "rule_instead": "act",
    "view_not_updatable": "act", "materialised_view": "act", "row_security": "act", "shadow_table": "act",
    "partition_twice": "act", "history_table": "check", "materialised_copy": "check", "trigger_may_skip": "check",
    "rule_also": "check", "cascade_skips_triggers": "check", "search_index": "check", "key_nullable": "check",
    "key_unproven": "check", "not_validated": "check", "orphan_reference": "check", "missing_index": "check",
    "link_collation": "check", "link_family": "check", "virtual_table": "check", "foreign_table": "check",
    "view_mapped": "check", "inherits": "check", "inherited": "check", "is_partition": "check", "no_key": "check",
    "rule_not_visible": "check", "reference_not_visible": "check", "conflict_clause": "check", "full_scan": "check",
}  # fmt: skip
"""Findings of the inspection that matter to an erasure; the others are about names, rights and policy files."""

EXTRA: Mapping[str, Weight] = {
    "restrict_unmapped": "act", "cascade_unmapped": "act", "cannot_be_emptied": "check", "triggers": "check",
    "shared_rows": "check",
}  # fmt: skip
"""What is concluded here, beside the findings."""

CODES: tuple[str, ...] = (*_WEIGHTS, *EXTRA)
"""Every code that a line may have."""

_SMALL = 10_000
_ORDER = {"act": 0, "check": 1, "good": 2}


def blocks(draft: Draft, store: Store, facts: StoreFacts) -> tuple[BlockLine, ...]:
    """What the inspection of the draft's store found, the gravest first."""
    named = {name: facts.tables[name].table for name in facts.tables}
    named |= {collection: table for table, collection in collection_names(draft).items()}
    loose = {g.table.qualified for g in draft.tables if g.role == "loose"}
    found = [
        *_found(facts.findings, named),
        *_referring({named[c]: t for c, t in facts.tables.items()}, loose),
        *_triggers({named[c]: t for c, t in facts.tables.items()}),
        *_emptied(store, facts, named),
        *_two_people(draft),
    ]
    return _sorted(found)


def blocks_of_schema(draft: Draft) -> tuple[BlockLine, ...]:
    """What the schema alone tells, where the store could not be inspected."""
    personal = [g for g in draft.tables if g.role != "none"]
    found: list[BlockLine] = []
    for guess in personal:
        table = guess.table
        if not table.key and table.kind == "table":
            found.append(BlockLine("no_key", "check", table.qualified))
        if table.triggers:
            found.append(BlockLine("triggers", "check", table.qualified))
        found += [
            BlockLine("missing_index", "check", table.qualified, columns)
            for columns in dict.fromkeys(tuple(ours for ours, _ in link.columns) for link in sure(guess))
            if (table.rows or 0) >= _SMALL and not _indexed(guess, columns)
        ]
    return _sorted([*found, *_two_people(draft)])


def _sorted(found: Iterable[BlockLine]) -> tuple[BlockLine, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda b: (_ORDER[b.weight], b.code, b.table, b.columns)))


def _indexed(guess: TableGuess, columns: tuple[str, ...]) -> bool:
    table = guess.table
    known = [table.key, *table.indexes, *(u.columns for u in table.uniques)]
    return any(set(index[: len(columns)]) == set(columns) for index in known)


def _found(findings: Iterable[Finding], tables: Mapping[str, str]) -> Iterator[BlockLine]:
    for finding in findings:
        weight = _WEIGHTS.get(finding.code)
        if weight is None or (finding.code == "missing_index" and finding.severity == "note"):
            continue
        columns = (finding.column,) if finding.column else ()
        name = finding.collection or ""
        yield BlockLine(finding.code, weight, tables.get(name, name), columns)


def _referring(tables: Mapping[str, TableFacts], loose: set[str]) -> Iterator[BlockLine]:
    """Foreign keys from tables outside the map: they refuse a deletion, or let it spread unseen. No request of a
    person reaches the ``loose`` tables."""
    mapped = {table.table for table in tables.values()}
    for name, table in tables.items():
        for key in table.incoming if name not in loose else ():
            if key.table in mapped:
                continue
            if key.on_delete in ("restrict", "no action"):
                yield BlockLine("restrict_unmapped", "act", name, key.columns, other=key.table)
            elif key.on_delete == "cascade":
                yield BlockLine("cascade_unmapped", "act", name, key.columns, other=key.table)


def _triggers(tables: Mapping[str, TableFacts]) -> Iterator[BlockLine]:
    for name, table in tables.items():
        if any(trigger.on & {"update", "delete"} for trigger in table.triggers):
            yield BlockLine("triggers", "check", name)


def _emptied(store: Store, facts: StoreFacts, named: Mapping[str, str]) -> Iterator[BlockLine]:
    """Fields of rows that stay (a document that the law keeps) and can be neither NULL nor a placeholder."""
    for collection in store.collections.values():
        table = facts.tables.get(collection.name)
        if table is None or not _rows_stay(collection):
            continue
        held = {name for hold in collection.holds for name in hold.fields}
        names = tuple(f.name for f in collection.fields if f.name not in held)
        refused = [f for f in clear_fields(collection, table, names).findings if f.severity == "refuse"]
        columns = tuple(dict.fromkeys(f.column for f in refused if f.column))
        if columns:
            yield BlockLine("cannot_be_emptied", "check", named[collection.name], columns)


def _rows_stay(collection: Collection) -> bool:
    return collection.on_erase == "clear" or bool(collection.holds)


def _two_people(draft: Draft) -> Iterator[BlockLine]:
    """Rows that hang on two people by different columns: a message has a sender and a recipient."""
    persons = {g.table.qualified for g in draft.tables if g.role == "person"}
    for guess in draft.tables:
        columns = {link.columns for link in sure(guess) if link.parent in persons and link.where is None}
        if guess.role == "belongs" and len(columns) > 1:
            names = tuple(dict.fromkeys(ours for pairs in sorted(columns) for ours, _ in pairs))
            yield BlockLine("shared_rows", "check", guess.table.qualified, names)
