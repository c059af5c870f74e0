"""Whether a value that somebody typed can stand in a column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.ports import ColumnFacts, Family
from troth.core.rights.fitting import Engine, approximate, family_of, in_range, of_family


def column(family: Family, declared: str) -> ColumnFacts:
    return ColumnFacts("x", family, declared, nullable=True)


@pytest.mark.parametrize(
    ("family", "fit", "unfit"),
    [
        ("integer", ["0", "-12", str(2**63 - 1)], ["two", "1.5", "007", "+1", str(2**63), ""]),
        ("number", ["1.75", "-3", "0.50"], ["1,75", "NaN", "1e5", "Infinity", "1_000", "."]),
        ("boolean", ["true", "0", "False"], ["yes", "2"]),
        ("date", ["2026-11-22"], ["20261122", "2026-11-31", "2026-W47-7", "22/11/2026"]),
        ("datetime", ["2026-11-22 10:00:00"], ["yesterday"]),
        ("time", ["10:00", "00:00"], ["25:00"]),
        ("uuid", ["7b1c2f3e-0000-4000-8000-000000000001"], ["7b1c"]),
        ("json", ["null", "[1]"], ["{"]),
        ("binary", ["00ff"], ["zz"]),
        ("text", ["", "two"], []),
    ],
)
def test_a_value_is_of_its_columns_kind_or_it_is_not(family: Family, fit: list[str], unfit: list[str]) -> None:
    assert [value for value in fit if not of_family(family, value)] == []
    assert [value for value in unfit if of_family(family, value)] == []


@given(
    st.sampled_from(["integer", "number", "boolean", "date", "datetime", "time", "uuid", "json", "binary"]), st.text()
)
def test_whatever_is_typed_the_answer_is_yes_or_no(family: Family, value: str) -> None:
    assert of_family(family, value) in (True, False)


@pytest.mark.parametrize(
    ("engine", "declared", "value", "fits"),
    [
        ("postgresql", "smallint", "32767", True), ("postgresql", "smallint", "32768", False),
        ("postgresql", "integer", "-2147483649", False), ("postgresql", "bigint", str(2**63 - 1), True),
        ("mariadb", "tinyint(3) unsigned", "255", True), ("mariadb", "tinyint(3) unsigned", "-1", False),
        ("mariadb", "int(11)", "2147483648", False), ("sqlite", "SMALLINT", "99999", True),
    ],
)  # fmt: skip
def test_a_whole_number_fits_its_size(engine: Engine, declared: str, value: str, *, fits: bool) -> None:
    assert in_range(engine, column("integer", declared), value) is fits


@pytest.mark.parametrize(
    ("declared", "value", "fits"),
    [
        ("numeric(5,2)", "999.99", True), ("numeric(5,2)", "1000", False), ("numeric(5,2)", "1.755", False),
        ("numeric(5,2)", "-001.750", True), ("decimal(3)", "1.5", False), ("numeric", "1.23456789", True),
        ("decimal(5,2) unsigned", "-1", False), ("double", "12345.678", True), ("numeric(2,2)", "0.5", True),
    ],
)  # fmt: skip
def test_a_number_is_never_rounded(declared: str, value: str, *, fits: bool) -> None:
    assert in_range("mariadb", column("number", declared), value) is fits


def test_what_is_only_a_name_to_the_engine_takes_any_text() -> None:
    assert family_of("sqlite", column("date", "DATE")) == "text"
    assert family_of("sqlite", column("integer", "INTEGER")) == "integer"
    assert family_of("postgresql", column("date", "date")) == "date"
    assert approximate("mariadb", column("number", "float"))
    assert not approximate("postgresql", column("number", "real"))
