"""CSV that spreadsheets open rightly, run nothing of, and that gives everything back."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.package.csv_writer import BOM, CsvWriter, cell, guard, is_guarded
from troth.package.files import FileReference


def written(*rows: list[object], columns: list[str] | None = None) -> bytes:
    file = io.BytesIO()
    writer = CsvWriter(file, columns or ["a", "b"])
    for row in rows:
        writer.line(cell(value, value) for value in row)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("text", [
    "=1+1", "+33 6 01", "-2", "@SUM(A1)", "\tx", "\r=1", "\n", "  =1", "\x00=1", "\uff1d1", "\uff0b1", "\uff20a",
    "'=1", "''@a", "\ufeff=1",
])  # fmt: skip
def test_a_text_that_could_run_gets_an_apostrophe(text: str) -> None:
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "'tis", "12", "a\n=1", "x@example.org", "1-2", "''"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert guard(text) == text


@given(st.text(alphabet="'=+-@ \t\r\nab＝", max_size=8))
def test_the_apostrophe_can_be_taken_off_again(text: str) -> None:
    told = guard(text)
    assert (told[1:] if is_guarded(told) else told) == text


def test_what_the_database_keeps_as_a_number_is_a_number() -> None:
    assert cell(-5, -5) == "-5"
    assert cell(Decimal("-5.00"), "-5.00") == "-5.00"
    assert cell("-5.00", "-5.00") == "'-5.00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""), ("", '""'), (True, "true"), (False, "false"), (0, "0"),
        ("a,b", '"a,b"'), ('say "x"', '"say ""x"""'),
        ("two\r\nlines", '"two\r\nlines"'), (" x", '" x"'), ([1, "a"], '"[1,""a""]"'), ({"k": None}, '"{""k"":null}"'),
    ],
)  # fmt: skip
def test_a_cell_follows_rfc_4180(value: object, expected: str) -> None:
    assert cell(value, value) == expected  # type: ignore[arg-type]


def test_a_file_is_named_and_a_look_alike_is_not_taken_for_one() -> None:
    content = {"file": "files/x.png", "bytes": 1, "sha256": ""}
    assert cell(b"", FileReference(content)) == "files/x.png"
    assert cell(content, dict(content)).startswith('"{')


def test_it_begins_with_the_mark_and_ends_lines_with_crlf() -> None:
    assert written(["é", None]) == BOM + "a,b\r\né,\r\n".encode()


def test_a_column_name_cannot_run_either() -> None:
    assert written(columns=["=cmd()", "b"]) == BOM + b"'=cmd(),b\r\n"


def test_a_line_of_one_null_is_not_an_empty_line() -> None:
    assert written([None], columns=["a"]) == BOM + b'a\r\n""\r\n'


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=10), min_size=2, max_size=2), max_size=5))
def test_a_reader_gets_back_what_was_written(rows: list[list[str]]) -> None:
    text = written(*rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert [[c[1:] if is_guarded(c) else c for c in row] for row in read[1:]] == rows
