"""The findings of the SQL connector: one code each, with its severity, its words and what to do.

docs/reference/findings.md explains every code; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.core.ports import Finding, Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """What a code says: ``{name}`` places are filled in by ``finding``."""

    severity: Severity
    message: str
    remedy: str = ""


KINDS: Mapping[str, Kind] = {
    # names
    "table_missing": Kind(
        "refuse", "there is no table {table} that this account can see{nearest}", "correct `table:` in the policy"
    ),
    "table_ambiguous": Kind(
        "refuse",
        "the name {table} could mean {candidates}",
        "write `schema:` or the exact spelling in the policy",
    ),
    "column_missing": Kind(
        "refuse",
        "table {table} has no column {column} that this account can see{nearest}",
        "correct the name in the policy, or grant the account a right on the column",
    ),
    "not_a_number": Kind(
        "refuse",
        "{column} of {table} is compared with a number in the policy, and is {declared}",
        "compare a column of numbers: of a text an engine would compare letters, or nothing at all",
    ),
    "name_case": Kind("note", "the policy writes {written}, the database has {real}: taken as the same"),
    # kinds of tables
    "view_not_updatable": Kind(
        "refuse", "{table} is a view that rows cannot be changed through", "map the tables beneath the view"
    ),
    "view_mapped": Kind(
        "warn", "{table} is a view: what lies beneath decides what a change does", "map the tables beneath it"
    ),
    "materialised_view": Kind(
        "refuse", "{table} is a materialised view: its rows are a copy", "map the tables that it reads"
    ),
    "materialised_copy": Kind(
        "warn",
        "the materialised view {name} copies from {table} and keeps what is erased until it is refreshed",
        "refresh it in a hook after erasures",
    ),
    "foreign_table": Kind(
        "warn",
        "{table} lies on another server: one transaction over both is not assured",
        "map it as a store of its own",
    ),
    "is_partition": Kind(
        "warn", "{table} is a partition of {parent}: rows in its other partitions are not reached", "map {parent}"
    ),
    "partition_twice": Kind(
        "refuse",
        "{table} is a partition of {parent}, which is mapped too: its rows would be counted twice",
        "map {parent} only",
    ),
    "inherits": Kind(
        "warn", "{table} inherits from {parent}: its rows appear in both, and keys may repeat", "map {parent} only"
    ),
    "inherited": Kind(
        "warn",
        "{table} has inheriting tables ({children}), whose rows appear in it and whose keys may repeat",
        "name a `key:` that is unique over all of them",
    ),
    "unlogged": Kind("note", "{table} is unlogged: it is empty after a crash of the server"),
    "shadow_table": Kind("refuse", "{table} is an inner table of the search index {name}", "map {name} instead"),
    "virtual_table": Kind("warn", "{table} is a virtual table ({module}): what a change does depends on it"),
    "search_index": Kind(
        "warn",
        "the search index {name} holds the words of {table} and no trigger removes them",
        "add the delete and update triggers of external-content FTS tables, or rebuild it in a hook",
    ),
    "search_index_kept": Kind(
        "note", "the search index {name} holds the words of {table}; triggers on {table} keep it in step"
    ),
    "untransactional": Kind(
        "refuse",
        "{table} uses {engine}, which cannot roll back: a failure would leave people half-erased",
        "`ALTER TABLE … ENGINE=InnoDB`, or accept it with `accept_untransactional: true`",
    ),
    "trigger_untransactional": Kind(
        "refuse",
        "the trigger {name} of {table} writes to {target}, which uses {engine} and survives a rollback",
        "`ALTER TABLE … ENGINE=InnoDB`, or accept it with `accept_untransactional: true`",
    ),
    "history_table": Kind(
        "warn",
        "{table} keeps every old version of its rows (system versioning): what is erased stays in its history",
        "`DELETE HISTORY FROM …` is a right of its own; run it in a hook",
    ),
    # keys
    "no_key": Kind(
        "note",
        "{table} has no primary key: it is changed by condition, in one statement, not in batches",
        "add a primary key, or name unique columns with `key:`",
    ),
    "key_from_unique": Kind("note", "{table} has no primary key; its unique index on {columns} is used instead"),
    "key_not_unique": Kind(
        "refuse",
        "no unique index over NOT NULL columns proves that {columns} is a key of {table}",
        "correct `key:` in the policy or add the index",
    ),
    "key_nullable": Kind(
        "warn",
        "the key column {column} of {table} may be NULL (SQLite allows that): such rows are not reached by key",
        "declare the column NOT NULL",
    ),
    # columns
    "clock_kind": Kind(
        "refuse",
        "the clock {column} of {table} is declared `is: {kind}` but is {declared}: comparing them picks wrong rows",
        "declare {suggestion}",
    ),
    "generated": Kind(
        "warn",
        "{column} of {table} is computed by the database and cannot be written",
        "map the columns that it is computed from",
    ),
    "identity_always": Kind(
        "note", "{column} of {table} is GENERATED ALWAYS AS IDENTITY: it cannot be written, only deleted"
    ),
    "updates_itself": Kind(
        "note", "{column} of {table} sets itself to now on every update; Troth writes its old value back"
    ),
    "unknown_type": Kind("note", "{column} of {table} has the type {declared}, which Troth does not interpret"),
    # links
    "missing_index": Kind(
        "warn",
        "no index begins with {columns} of {table}{rows}: finding a person's rows reads the whole table",
        "CREATE INDEX on {columns}",
    ),
    "link_collation": Kind(
        "warn",
        "{column} of {table} ({ours}) and {other} of {target} ({theirs}) are compared across collations: slow, "
        "and different people may be taken for the same",
        "give both columns the same character set and collation",
    ),
    "link_family": Kind(
        "warn",
        "{column} of {table} is {ours} and {other} of {target} is {theirs}: the link compares unlike things",
        "link columns of the same type, or write the link with `text:`",
    ),
    "link_unproven": Kind(
        "note",
        "no foreign key backs the link from {table} to {parent}: rows added while Troth works are only found by "
        "the second reading after the commit",
    ),
    "not_validated": Kind(
        "warn",
        "the constraint {name} of {table} is NOT VALID: old rows may break it, and updating one then fails",
        "`ALTER TABLE … VALIDATE CONSTRAINT`",
    ),
    "orphan_reference": Kind(
        "warn",
        "{table} refers to {target}, which does not exist: writing to {table} can fail with foreign keys on",
        "drop the reference or create the table",
    ),
    "reference_mismatch": Kind(
        "refuse",
        "the foreign key from {name} to {table} names columns without a unique index: any deletion in {table} fails",
        "add a unique index on the columns that are referred to",
    ),
    "key_unproven": Kind(
        "warn",
        "this account sees some columns of {table} but no whole key: rows are changed by condition, not in batches",
        "`troth grants` prints the rights it needs; or name the `key:` in the policy",
    ),
    "reference_not_visible": Kind(
        "warn",
        "{name} refers to {table}, but this account cannot see by which columns (on delete: {rule})",
        "inspect with the account of `troth grants --account inspect`",
    ),
    "rule_not_visible": Kind(
        "warn",
        "what deleting a row of {target} does to {table} is not visible to this account; taken as `cascade`",
        "inspect with the account of `troth grants --account inspect`",
    ),
    "cascade_skips_triggers": Kind(
        "warn",
        "deleting from {table} cascades to {name}, whose triggers do not fire then (MariaDB, MySQL)",
        "map {name}, so that its rows are deleted explicitly",
    ),
    # what acts by itself
    "trigger_may_skip": Kind(
        "warn", "the trigger {name} of {table} runs before a change and may silently skip it", "read what it does"
    ),
    "rule_instead": Kind(
        "refuse",
        "the rule {name} of {table} does something else instead of {event}",
        "drop the rule, or map the table where the rows really are",
    ),
    "rule_also": Kind("warn", "the rule {name} of {table} does more on {event}", "read what it does"),
    "row_security": Kind(
        "refuse",
        "row-level security hides rows of {table} from this account",
        "give the account BYPASSRLS, or policies that show and let delete every row",
    ),
    "conflict_clause": Kind(
        "warn",
        "{table} has ON CONFLICT {action}: a plain write could {effect}; Troth writes with OR ABORT",
        "remove the clause",
    ),
    # rights
    "no_schema_usage": Kind(
        "refuse", "this account may not use the schema {schema}", "`troth grants` prints the rights it needs"
    ),
    "no_select": Kind(
        "refuse", "this account may not read {column} of {table}", "`troth grants` prints the rights it needs"
    ),
    "no_update": Kind(
        "warn", "this account may not update {column} of {table}", "`troth grants` prints the rights it needs"
    ),
    "no_delete": Kind("warn", "this account may not delete from {table}", "`troth grants` prints the rights it needs"),
    "read_only_file": Kind("warn", "the file {table} is not writable for this user", "run as its owner"),
    # questions
    "full_scan": Kind(
        "warn", "the database reads all of {table} (about {rows} rows) to find these", "add an index: {hint}"
    ),
    "reflection_warning": Kind("warn", "the database library warned: {message}"),
}


def finding(code: str, *, collection: str | None = None, column: str | None = None, **figures: object) -> Finding:
    """The finding of a code, its places filled in. Raises KeyError for an unknown code or a missing place."""
    kind = KINDS[code]
    places = {"column": column, **figures}
    return Finding(
        code=code,
        severity=kind.severity,
        message=kind.message.format(**places),
        collection=collection,
        column=column,
        remedy=kind.remedy.format(**places),
    )
