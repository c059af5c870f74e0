"""What follows from the policy and the facts together: names, clocks, keys, links, rights. Any engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from troth.connectors.sql.facts import Catalogue, nearest, resolve
from troth.connectors.sql.findings import finding
from troth.core.policy.model import Clock, Collection, Condition, Link, Mode, Store
from troth.core.ports import ColumnFacts, Family, Finding, TableFacts

LARGE = 10_000
"""From about this many rows on, reading a whole table is worth a warning."""

_ALIKE: Mapping[Family, str] = {
    "integer": "number", "number": "number", "boolean": "number", "text": "text", "enum": "text",
}  # fmt: skip


def collection_findings(
    store: Store, collection: Collection, table: str, catalogue: Catalogue
) -> tuple[TableFacts, list[Finding]]:
    """The facts of a collection (its declared key in place) and all findings about it but those on links."""
    facts = catalogue.tables[table]
    found = [replace(f, collection=collection.name) for f in catalogue.remarks.get(table, [])]
    if store.accept_untransactional:
        found = [replace(f, severity="warn") if f.code.endswith("untransactional") else f for f in found]
    used = columns_used(collection)
    found += _names(collection, facts, used)
    facts, keys = _key(collection, facts)
    found += keys
    for clock in (*collection.events.values(), *(flag.clock for flag in collection.flags if flag.clock)):
        found += _clock(collection, facts, clock, catalogue.engine)
    found += _numbers(collection, facts, catalogue.engine)
    found += _columns(collection, facts, used)
    found += _rights(store, collection, facts, catalogue)
    return facts, found


def columns_used(collection: Collection) -> list[str]:
    """Every column of its own that the policy names for a collection, each once, as the policy writes it."""
    links = [ours for link in collection.links for ours, _ in link.columns]
    names = [
        *collection.key,
        *(i.column for i in collection.identifiers),
        *(f.column for f in collection.fields),
        *links,
        *(c.column for c in _conditions(collection)),
        *(clock.column for clock in collection.events.values()),
        *(flag.column for flag in collection.flags),
    ]
    return list(dict.fromkeys(names))


def _conditions(collection: Collection) -> list[Condition]:
    states = (one for tests in collection.states.values() for one in tests)
    return [*collection.where, *states, *(one for link in collection.links for one in link.where)]


def _numbers(collection: Collection, facts: TableFacts, engine: str) -> list[Finding]:
    """More or less than a number can be only a column of numbers: else a state never holds, or always does."""
    found = []
    for one in _conditions(collection):
        column = facts.columns.get(one.column)
        counts = one.op in ("lt", "le", "gt", "ge") and isinstance(one.values[0], int | float)
        if column is not None and counts and not _is_number(column, engine):
            told = {"table": facts.table, "declared": column.declared or "without a type"}
            found.append(finding("not_a_number", collection=collection.name, column=one.column, **told))
    return found


def _is_number(column: ColumnFacts, engine: str) -> bool:
    """Whether the column keeps what looks like a number as a number. On SQLite truth is one, and so is what stands in
    a column of any type that SQLite does not know (``MONEY``, ``DEC(10,2)``); on MariaDB bits are."""
    if column.family in ("integer", "number"):
        return True
    if engine == "sqlite":
        return column.family == "boolean" or (column.family == "other" and column.declared != "")
    return engine in ("mariadb", "mysql") and re.match(r"bit\b", column.declared, re.IGNORECASE) is not None


def _names(collection: Collection, facts: TableFacts, used: Iterable[str]) -> list[Finding]:
    """Each name checked against the real columns: SQLite would take a wrong one for a string."""
    found = []
    for name in used:
        real = resolve(name, facts.columns)
        if real is None:
            found.append(column_missing(collection.name, facts, name))
        elif real != name:
            found.append(finding("name_case", collection=collection.name, column=name, written=name, real=real))
    return found


def column_missing(collection: str, facts: TableFacts, name: str) -> Finding:
    """The finding for a column that is not there, with the name that was perhaps meant."""
    near = nearest(name, facts.columns)
    hint = f"; did you mean {near}?" if near else ""
    return finding("column_missing", collection=collection, column=name, table=facts.table, nearest=hint)


def _key(collection: Collection, facts: TableFacts) -> tuple[TableFacts, list[Finding]]:
    name = collection.name
    declared = tuple(resolve(c, facts.columns) or c for c in collection.key)
    found = []
    if declared and set(declared) != set(facts.key) and not _proven(facts, declared):
        columns = ", ".join(declared)
        found.append(finding("key_not_unique", collection=name, table=facts.table, columns=columns))
    facts = replace(facts, key=declared or facts.key)
    if not facts.key and facts.kind in ("table", "partitioned", "foreign"):
        found.append(finding("no_key", collection=name, table=facts.table))
    for column in facts.key:
        if column in facts.columns and facts.columns[column].nullable:
            found.append(finding("key_nullable", collection=name, column=column, table=facts.table))
    return facts, found


def _proven(facts: TableFacts, columns: tuple[str, ...]) -> bool:
    """Whether a unique index shows that these columns tell rows apart."""
    return any(
        not u.opaque and set(u.columns) <= set(columns) and all(not facts.columns[c].nullable for c in u.columns)
        for u in facts.uniques
    )


# --- clocks --------------------------------------------------------------------------------------------

_FITS: Mapping[str, frozenset[Family]] = {
    "date": frozenset({"date", "datetime"}),
    "datetime": frozenset({"date", "datetime"}),
    "epoch_s": frozenset({"integer", "number"}),
    "epoch_ms": frozenset({"integer", "number"}),
    "text": frozenset({"text"}),
}
_FITS_SQLITE: Mapping[str, frozenset[Family]] = {
    # The declared type binds nothing on SQLite; but a number is never a date there, and sorts before all text.
    "date": frozenset({"date", "datetime", "text", "other"}),
    "datetime": frozenset({"date", "datetime", "text", "other"}),
    "epoch_s": frozenset({"integer", "number", "date", "datetime", "other"}),
    "epoch_ms": frozenset({"integer", "number", "date", "datetime", "other"}),
    "text": frozenset({"text", "date", "datetime", "other"}),
}


def _clock(collection: Collection, facts: TableFacts, clock: Clock, engine: str) -> list[Finding]:
    """A clock must be declared as what it is: an epoch compared with a date makes every row due."""
    column = facts.columns.get(clock.column)
    fits = _FITS_SQLITE if engine == "sqlite" else _FITS
    if column is None or (column.family in fits[clock.kind] and column.declared.lower() != "year"):
        return []
    return [
        finding(
            "clock_kind",
            collection=collection.name,
            column=clock.column,
            table=facts.table,
            kind=clock.kind,
            declared=column.declared or "without a type",
            suggestion=_suggestion(column),
        )
    ]


def _suggestion(column: ColumnFacts) -> str:
    if column.family in ("date", "datetime"):
        return f"`is: {column.family}`"
    if column.family == "text":
        return "`is: text` with its `format:`"
    if column.family in ("integer", "number") and column.declared.lower() != "year":
        return "`is: epoch_s` or `is: epoch_ms`, whichever its numbers are"
    return "another column: this one tells no time"


# --- columns and rights --------------------------------------------------------------------------------


def _columns(collection: Collection, facts: TableFacts, used: Iterable[str]) -> list[Finding]:
    found = []
    fields = {f.column for f in collection.fields}
    for name in used:
        column = facts.columns.get(name)
        if column is None:
            continue
        about = {"collection": collection.name, "column": name, "table": facts.table}
        if name in fields and column.generated:
            found.append(finding("generated", **about))
        if name in fields and column.always_identity:
            found.append(finding("identity_always", **about))
        if name in fields and column.family == "other" and column.declared:
            found.append(finding("unknown_type", declared=column.declared, **about))
    for column in facts.columns.values():
        if column.updates_itself:
            found.append(finding("updates_itself", collection=collection.name, column=column.name, table=facts.table))
    return found


def _rights(store: Store, collection: Collection, facts: TableFacts, catalogue: Catalogue) -> list[Finding]:
    about = {"collection": collection.name, "table": facts.table}
    hidden = catalogue.unreadable.get(facts.table, frozenset())
    fixed = catalogue.unwritable.get(facts.table, frozenset())
    real = {name: facts.columns[name].name for name in columns_used(collection) if name in facts.columns}
    found = [finding("no_select", column=n, **about) for n, r in real.items() if r in hidden]
    if store.mode is not Mode.ENFORCE:
        return found
    fields = {f.column for f in collection.fields}
    found += [finding("no_update", column=n, **about) for n, r in real.items() if n in fields and r in fixed]
    if collection.on_erase == "delete" and facts.rights is not None and "delete" not in facts.rights:
        found.append(finding("no_delete", **about))
    return found


# --- links ---------------------------------------------------------------------------------------------


def link_findings(store: Store, tables: Mapping[str, TableFacts], engine: str) -> list[Finding]:
    """Indexes for identifiers and links, and both ends of each link compared."""
    found: list[Finding] = []
    for name, facts in tables.items():
        collection = store.collections[name]
        for identifier in collection.identifiers:
            found += _index(name, facts, [identifier.column], [])
        for link in collection.links:
            found += _index(name, facts, [ours for ours, _ in link.columns], [c.column for c in link.where])
            if link.parent in tables:
                found += _ends(name, facts, link, tables[link.parent], engine)
    return list(dict.fromkeys(found))


def _index(name: str, facts: TableFacts, columns: list[str], also: list[str]) -> list[Finding]:
    if facts.kind not in ("table", "partitioned"):
        return []
    wanted = {resolve(c, facts.columns) or c for c in columns}
    allowed = wanted | {resolve(c, facts.columns) or c for c in also}
    if any(index and index[0] in allowed for index in facts.indexes) or not wanted <= set(facts.columns):
        return []
    found = finding(
        "missing_index",
        collection=name,
        column=columns[0],
        table=facts.table,
        columns=", ".join(sorted(wanted)),
        rows="" if facts.rows is None else f" (about {facts.rows} rows)",
    )
    small = facts.rows is not None and facts.rows < LARGE
    return [replace(found, severity="note") if small else found]


def _ends(name: str, facts: TableFacts, link: Link, parent: TableFacts, engine: str) -> list[Finding]:
    theirs = [other or key for (_, other), key in zip(link.columns, _padded(parent.key, link), strict=True)]
    found = []
    for (ours, _), other in zip(link.columns, theirs, strict=True):
        if resolve(other, parent.columns) is None:
            found.append(column_missing(name, parent, other))
        elif ours in facts.columns and link.template is None:
            found += _pair(name, facts, facts.columns[ours], parent, parent.columns[other], engine)
    if link.template is None and not _declared(facts, link, parent):
        found.append(finding("link_unproven", collection=name, table=facts.table, parent=parent.table))
    return found


def _padded(key: tuple[str, ...], link: Link) -> tuple[str, ...]:
    """As many parent columns as the link has; a link longer than the key names its own."""
    return (key + ("",) * len(link.columns))[: len(link.columns)]


def _pair(
    name: str, facts: TableFacts, ours: ColumnFacts, parent: TableFacts, theirs: ColumnFacts, engine: str
) -> list[Finding]:
    about = {
        "collection": name, "column": ours.name, "table": facts.table, "target": parent.table, "other": theirs.name,
    }  # fmt: skip
    families = {_ALIKE.get(c.family, c.family) for c in (ours, theirs)}
    if len(families) == 2 and not (engine == "sqlite" and "other" in families):
        return [finding("link_family", ours=ours.declared, theirs=theirs.declared, **about)]
    if families == {"text"} and ours.collation != theirs.collation:
        return [finding("link_collation", ours=ours.collation, theirs=theirs.collation, **about)]
    return []


def _declared(facts: TableFacts, link: Link, parent: TableFacts) -> bool:
    """Whether the database itself knows the link."""
    ours = {resolve(o, facts.columns) for o, _ in link.columns}
    return any(key.target == parent.table and ours <= set(key.columns) for key in facts.outgoing)
