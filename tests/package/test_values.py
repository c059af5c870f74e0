"""Every kind of value a driver may give, as JSON and without loss."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from troth.package.values import LARGE, SAFE, dumps, plain, suffix_of


class Colour(enum.Enum):
    RED = "red"


def no_file(data: bytes, suffix: str) -> dict[str, Any]:
    raise AssertionError("nothing here becomes a file")


@pytest.fixture
def kept() -> tuple[list[tuple[bytes, str]], Callable[[bytes, str], dict[str, Any]]]:
    files: list[tuple[bytes, str]] = []

    def keep(data: bytes, suffix: str) -> dict[str, Any]:
        files.append((data, suffix))
        return {"file": len(files)}

    return files, keep


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), (True, True), (0, 0), (SAFE, SAFE), (SAFE + 1, "9007199254740992"),
        (-SAFE - 1, "-9007199254740992"),
        ("", ""), ("é\x00\u202e", "é\x00\u202e"), (0.1, 0.1), (float("nan"), "NaN"), (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"), (Decimal("12.50"), "12.50"), (Decimal("-0.000"), "-0.000"),
        (Decimal("NaN"), "NaN"),
        (Decimal("123456789012345678901234.5678"), "123456789012345678901234.5678"),
        (date(2026, 1, 2), "2026-01-02"), (date(1, 1, 1), "0001-01-01"),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006+00:00"),
        (datetime.fromisoformat("2026-01-02 03:04:05"), "2026-01-02T03:04:05"),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3, minutes=-30))), "2026-01-02T00:00:00-03:30"),
        (time(1, 2, 3), "01:02:03"), ("infinity", "infinity"), ("0000-00-00", "0000-00-00"),
        (timedelta(days=1, hours=2, microseconds=5), "P1DT2H0M0.000005S"), (-timedelta(minutes=90), "-P0DT1H30M0S"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"), (ip_address("192.0.2.1"), "192.0.2.1"),
        (Colour.RED, "red"), ([1, None, [Decimal("1.0")]], [1, None, ["1.0"]]), ((1, 2), [1, 2]),
        ({"b", "a"}, ["a", "b"]), ({"a": {1: b"\x00\xff"}}, {"a": {"1": {"base64": "AP8="}}}),
        (b"", {"base64": ""}), (memoryview(b"ab"), {"base64": "YWI="}),
    ],
)  # fmt: skip
def test_it_is_told_without_loss(value: object, expected: object) -> None:
    told = plain(value, "other", no_file)
    assert told == expected
    assert type(told) is type(expected)


def test_a_time_of_day_may_be_longer_than_a_day_and_negative() -> None:
    assert plain(-timedelta(hours=838, minutes=59, seconds=59), "time", no_file) == "-838:59:59"


@given(st.integers() | st.floats() | st.text() | st.decimals() | st.binary(max_size=64) | st.none() | st.booleans())
def test_whatever_comes_is_strict_json_in_utf8(value: object) -> None:
    text = dumps({"value": plain(value, "other", no_file)})
    assert json.loads(text.encode("utf-8"), parse_constant=pytest.fail)


@given(st.text(st.characters(), max_size=50))
@example("\ud800 half")
def test_every_text_comes_back_even_with_half_a_surrogate(text: str) -> None:
    assert json.loads(dumps({"value": plain(text, "text", no_file)}).encode("utf-8"))["value"] == text


@given(st.decimals())
def test_every_decimal_comes_back_with_its_digits(number: Decimal) -> None:
    told = plain(number, "number", no_file)
    assert isinstance(told, str)
    assert str(Decimal(told)) == str(number)


@given(st.timedeltas(min_value=timedelta(0)))
def test_every_span_comes_back(span: timedelta) -> None:
    told = str(plain(span, "other", no_file))
    days, rest = told.removeprefix("P").split("DT")
    hours, rest = rest.split("H")
    minutes, seconds = rest.removesuffix("S").split("M")
    whole, _, fraction = seconds.partition(".")
    parts = {"days": int(days), "hours": int(hours), "minutes": int(minutes), "seconds": int(whole)}
    assert timedelta(**parts, microseconds=int(fraction or 0)) == span


def test_a_large_text_becomes_a_file_and_a_smaller_one_does_not(kept: Any) -> None:
    files, keep = kept
    assert plain("x" * LARGE, "text", keep) == "x" * LARGE
    assert plain("é" * (LARGE // 2), "text", keep) == "é" * (LARGE // 2)
    assert plain("x" * (LARGE + 1), "text", keep) == {"file": 1}
    assert plain("é" * (LARGE // 2 + 1), "text", keep) == {"file": 2}
    assert files == [(b"x" * (LARGE + 1), "txt"), ("é".encode() * (LARGE // 2 + 1), "txt")]


def test_a_large_structure_becomes_one_json_file(kept: Any) -> None:
    files, keep = kept
    value = {"list": ["x" * 1000] * 100}
    assert plain(value, "json", keep) == {"file": 1}
    assert [(json.loads(data), suffix) for data, suffix in files] == [(value, "json")]


def test_binary_values_become_files_but_for_short_ones(kept: Any) -> None:
    files, keep = kept
    assert plain(b"\x00" * 64, "binary", keep) != {"file": 1}
    assert plain(b"\x89PNG\r\n\x1a\n" + b"\x00" * 60, "binary", keep) == {"file": 1}
    assert files[0][1] == "png"


@pytest.mark.parametrize(
    ("data", "suffix"),
    [(b"%PDF-1.7", "pdf"), (b"\xff\xd8\xff\xe0", "jpg"), (b"RIFF\x00\x00\x00\x00WEBP", "webp"), (b"<script>", "bin")],
)
def test_a_suffix_follows_the_content(data: bytes, suffix: str) -> None:
    assert suffix_of(data) == suffix
