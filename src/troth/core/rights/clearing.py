"""How each field is emptied, decided before anything is written (preflight).

Order of choice: NULL, the policy's ``neutral:`` value, a random tombstone, or a refusal in the plan. Nothing is
guessed for a CHECK, an enum, a foreign key or a key column: there the policy has to name the value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from troth.core.policy.model import Collection, Field
from troth.core.ports import Assignment, ColumnFacts, Finding, TableFacts

_TOMBSTONE_LENGTH = 32
_EMAIL_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Clearing:
    """What to write for some fields, and what stands in the way."""

    assignments: tuple[Assignment, ...]
    findings: tuple[Finding, ...]


def clear_fields(collection: Collection, table: TableFacts, names: tuple[str, ...]) -> Clearing:
    """The assignments that empty these fields, with a refusing finding for each that cannot be emptied."""
    assignments: list[Assignment] = []
    findings: list[Finding] = []
    for name in names:
        field = collection.field_named(name)
        if field is None:
            continue
        made = _clear(collection, field, table)
        if isinstance(made, Assignment):
            assignments.append(made)
        elif made is not None:
            findings.append(made)
    assignments.extend(self_updating(table, {a.column for a in assignments}))
    return Clearing(tuple(assignments), tuple(findings))


def self_updating(table: TableFacts, written: set[str]) -> list[Assignment]:
    """Columns such as ``ON UPDATE CURRENT_TIMESTAMP``: our own update must not restart a clock."""
    return [Assignment(c.name, "keep") for c in table.columns.values() if c.updates_itself and c.name not in written]


def _clear(collection: Collection, field: Field, table: TableFacts) -> Assignment | Finding | None:
    column = table.columns.get(field.column)
    if column is None:
        return None  # inspect has already refused the unknown column
    field = replace(field, column=column.name)  # as the database spells it
    if column.generated:
        return None  # it follows the columns it is made of
    if field.within is not None:
        return Assignment(field.column, "remove", within=field.within)
    blocked = _blocked(collection, field, column, table)
    if blocked is not None:
        return blocked
    if field.has_neutral:
        return _neutral(collection, field, column, table)
    if column.nullable and not _null_collides(field, table) and not _checked(field, table):
        return Assignment(field.column, "null")
    return _tombstone(collection, field, column, table)


def _blocked(collection: Collection, field: Field, column: ColumnFacts, table: TableFacts) -> Finding | None:
    if field.column in table.key:
        return _refuse(collection, field, "key_column", "it is part of the table's key", "delete the row instead")
    for key in table.outgoing:
        if field.column in key.columns and not (column.nullable or field.has_neutral):
            return _refuse(
                collection, field, "foreign_key", f"it refers to {key.target} and may not be empty",
                "name an existing neutral row with `neutral:`",
            )  # fmt: skip
    if any(field.column in key.target_columns for key in table.incoming):
        return _refuse(collection, field, "referenced_column", "other tables refer to it", "delete the row instead")
    if column.always_identity:
        return _refuse(collection, field, "identity_column", "the database alone writes it", "delete the row instead")
    return None


def _neutral(collection: Collection, field: Field, column: ColumnFacts, table: TableFacts) -> Assignment | Finding:
    value = field.neutral
    if value is None and not column.nullable:
        return _refuse(collection, field, "neutral_null", "it may not be NULL", "give another `neutral:` value")
    if isinstance(value, str) and column.length is not None and len(value) > column.length:
        return _refuse(
            collection, field, "neutral_too_long", f"its neutral value is longer than {column.length} characters",
            "give a shorter `neutral:` value",
        )  # fmt: skip
    if column.enum and value is not None and str(value) not in column.enum:
        return _refuse(
            collection, field, "neutral_not_in_enum", "its neutral value is not one of the labels allowed",
            f"use one of: {', '.join(column.enum)}",
        )  # fmt: skip
    if value is not None and _unique(field, table):
        return _refuse(
            collection, field, "neutral_not_unique", "it must be unique, so one neutral value cannot serve all rows",
            "leave `neutral:` out: a random tombstone is unique",
        )  # fmt: skip
    return Assignment(field.column, "value", value=value)


def _tombstone(collection: Collection, field: Field, column: ColumnFacts, table: TableFacts) -> Assignment | Finding:
    if column.family != "text":
        return _refuse(
            collection, field, "no_neutral", f"it may not be empty and is of type {column.declared}",
            "give a `neutral:` value that the application understands",
        )  # fmt: skip
    if _checked(field, table):
        return _refuse(
            collection, field, "checked_column", "a CHECK of the database decides what it may hold",
            "give a `neutral:` value that the CHECK allows (or `neutral: null`)",
        )  # fmt: skip
    if column.enum:
        return _refuse(collection, field, "enum_column", "only some labels are allowed", "give one as `neutral:`")
    email = _is_email(field) and (column.length is None or column.length >= _EMAIL_LENGTH)
    if column.length is not None and column.length < _TOMBSTONE_LENGTH and not email:
        return _refuse(
            collection, field, "too_short", f"its {column.length} characters are too few for a random tombstone",
            "give a `neutral:` value",
        )  # fmt: skip
    return Assignment(field.column, "tombstone", email=email)


def _is_email(field: Field) -> bool:
    return "Email" in field.category


def _checked(field: Field, table: TableFacts) -> bool:
    return any(not check.columns or field.column in check.columns for check in table.checks)


def _unique(field: Field, table: TableFacts) -> bool:
    return any(field.column in unique.columns or unique.opaque for unique in table.uniques)


def _null_collides(field: Field, table: TableFacts) -> bool:
    return any(
        (unique.nulls_equal and field.column in unique.columns) or (unique.opaque and not unique.columns)
        for unique in table.uniques
    )


def _refuse(collection: Collection, field: Field, code: str, why: str, remedy: str) -> Finding:
    return Finding(
        code=code,
        severity="refuse",
        message=f"{collection.store}.{collection.name}.{field.name} cannot be emptied: {why}",
        collection=collection.name,
        column=field.column,
        remedy=remedy,
    )
