"""How a field is emptied: NULL, neutral value, tombstone, or a refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from troth.core.policy.model import Collection, Field
from troth.core.ports import CheckFacts, ColumnFacts, ForeignKeyFacts, TableFacts, UniqueFacts
from troth.core.rights.clearing import clear_fields

COLUMN = ColumnFacts("x", "text", "varchar(80)", nullable=True, length=80)
FIELD = Field("x", "x", "Name", frozenset({"orders"}))


def cleared(field: Field = FIELD, column: ColumnFacts = COLUMN, **table: object) -> list[str]:
    """The assignment's kind, or the finding's code."""
    facts = TableFacts("customer", "table", ("id",), {"x": column}, **table)  # type: ignore[arg-type]
    made = clear_fields(Collection("shop", "customer", "customer", fields=(field,)), facts, ("x",))
    return [a.kind for a in made.assignments] + [f.code for f in made.findings]


def test_null_comes_first() -> None:
    assert cleared() == ["null"]


def test_a_column_that_may_not_be_null_gets_a_tombstone() -> None:
    assert cleared(column=replace(COLUMN, nullable=False)) == ["tombstone"]


def test_an_email_column_gets_an_address_that_cannot_exist() -> None:
    facts = TableFacts("customer", "table", ("id",), {"x": replace(COLUMN, nullable=False)})
    field = replace(FIELD, category="EmailAddress")
    made = clear_fields(Collection("shop", "customer", "customer", fields=(field,)), facts, ("x",))
    assert made.assignments[0].email


def test_the_neutral_value_of_the_policy_wins() -> None:
    assert cleared(replace(FIELD, neutral="-", has_neutral=True)) == ["value"]


@pytest.mark.parametrize(
    ("column", "table", "code"),
    [
        ({"nullable": False, "length": 10}, {}, "too_short"),
        ({"nullable": False, "family": "integer", "declared": "integer"}, {}, "no_neutral"),
        ({"nullable": False}, {"checks": (CheckFacts("c", ("x",)),)}, "checked_column"),
        ({"nullable": False}, {"checks": (CheckFacts("c", ()),)}, "checked_column"),
        ({"always_identity": True}, {}, "identity_column"),
    ],
)
def test_it_refuses_rather_than_guesses(column: dict[str, object], table: dict[str, object], code: str) -> None:
    assert cleared(column=replace(COLUMN, **column), **table) == [code]  # type: ignore[arg-type]


def test_a_null_that_would_collide_becomes_a_tombstone() -> None:
    unique = UniqueFacts("u", ("x",), nulls_equal=True)
    assert cleared(uniques=(unique,)) == ["tombstone"]


def test_a_plain_unique_column_may_be_null_many_times() -> None:
    assert cleared(uniques=(UniqueFacts("u", ("x",)),)) == ["null"]


def test_one_neutral_value_cannot_serve_a_unique_column() -> None:
    field = replace(FIELD, neutral="gone", has_neutral=True)
    assert cleared(field, uniques=(UniqueFacts("u", ("x",)),)) == ["neutral_not_unique"]


def test_a_neutral_value_must_fit() -> None:
    field = replace(FIELD, neutral="x" * 81, has_neutral=True)
    assert cleared(field) == ["neutral_too_long"]
    assert cleared(replace(FIELD, neutral=None, has_neutral=True), replace(COLUMN, nullable=False)) == ["neutral_null"]


def test_an_enum_needs_one_of_its_labels() -> None:
    column = replace(COLUMN, family="enum", enum=("a", "b"))
    assert cleared(replace(FIELD, neutral="c", has_neutral=True), column) == ["neutral_not_in_enum"]
    assert cleared(replace(FIELD, neutral="a", has_neutral=True), column) == ["value"]


def test_generated_columns_follow_their_sources() -> None:
    assert cleared(column=replace(COLUMN, generated=True)) == []


def test_a_key_column_is_never_emptied() -> None:
    facts = TableFacts("customer", "table", ("x",), {"x": COLUMN})
    made = clear_fields(Collection("shop", "customer", "customer", fields=(FIELD,)), facts, ("x",))
    assert [f.code for f in made.findings] == ["key_column"]


def test_a_column_that_others_refer_to_is_never_emptied() -> None:
    key = ForeignKeyFacts("fk", "child", ("ref",), "customer", ("x",))
    assert cleared(incoming=(key,)) == ["referenced_column"]


def test_a_clock_that_restarts_itself_is_written_with_its_own_value() -> None:
    clock = ColumnFacts("seen", "datetime", "timestamp", nullable=False, updates_itself=True)
    facts = TableFacts("customer", "table", ("id",), {"x": COLUMN, "seen": clock})
    made = clear_fields(Collection("shop", "customer", "customer", fields=(FIELD,)), facts, ("x",))
    assert [(a.column, a.kind) for a in made.assignments] == [("x", "null"), ("seen", "keep")]


def test_every_refusal_says_what_to_do() -> None:
    facts = TableFacts("customer", "table", ("x",), {"x": COLUMN})
    made = clear_fields(Collection("shop", "customer", "customer", fields=(FIELD,)), facts, ("x",))
    assert all(f.remedy and f.severity == "refuse" for f in made.findings)


def test_a_name_in_another_case_is_taken_as_the_database_spells_it() -> None:
    column = replace(COLUMN, name="X")
    facts = TableFacts("customer", "table", ("X",), {"x": column})
    made = clear_fields(Collection("shop", "customer", "customer", fields=(FIELD,)), facts, ("x",))
    assert [f.code for f in made.findings] == ["key_column"]
