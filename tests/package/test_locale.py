"""Dates, numbers and sizes as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from troth.core.ports import Family
from troth.package import locale


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (Decimal("1234.50"), "1234.50", "1234,50"), (Decimal("-12345.5"), "−12,345.5", "−12\u202f345,5"),
        (0.1, "0.1", "0,1"), (Decimal("1E+9"), "1E+9", "1E+9"), (float("nan"), "nan", "nan"),
        (1e300, "1e+300", "1e+300"),
    ],
)  # fmt: skip
def test_a_number_keeps_every_digit(value: Decimal | float, en: str, fr: str) -> None:
    assert (locale.number(value, "en"), locale.number(value, "fr")) == (en, fr)


def test_a_day_is_written_out() -> None:
    assert locale.day(date(2026, 5, 1), "fr") == "1er mai 2026"
    assert locale.day(date(2026, 5, 1), "en") == "1 May 2026"
    assert locale.day(date(26, 5, 2), "en") == "2 May 0026"


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        (None, ""), (UTC, " UTC"), (timezone(timedelta(hours=2)), " UTC+02:00"),
        (timezone(-timedelta(minutes=210)), " UTC−03:30"),
    ],
)  # fmt: skip
def test_a_moment_tells_its_zone(zone: timezone | None, told: str) -> None:
    moment = datetime(2026, 5, 1, 9, 8, 7, tzinfo=zone)
    assert locale.moment(moment, "en") == f"1 May 2026, 09:08:07{told}"
    assert locale.moment(moment, "fr") == f"1er mai 2026 à 09:08:07{told}"


@pytest.mark.parametrize(
    ("text", "family", "expected"),
    [
        ("2026-05-01", "date", date(2026, 5, 1)),
        ("2026-05-01 09:08", "datetime", datetime.fromisoformat("2026-05-01 09:08")),
        ("2026-05-01T09:08:07.5Z", "datetime", datetime(2026, 5, 1, 9, 8, 7, 500000, tzinfo=UTC)),
        ("0000-00-00", "date", None), ("infinity", "datetime", None), ("2026-13-01", "date", None),
        ("2026-05-01", "text", None), ("01/05/2026", "date", None), (20260501, "date", None),
    ],
)  # fmt: skip
def test_a_moment_kept_as_text_is_read_only_where_the_column_is_one(
    text: object, family: Family, expected: date | None
) -> None:
    assert locale.read_moment(text, family) == expected


@pytest.mark.parametrize(
    ("count", "en", "fr"),
    [(0, "0\u202fbytes", "0\u202foctets"),
     (999, "999\u202fbytes", "999\u202foctets"), (1500, "1.5\u202fKB", "1,5\u202fKo"),
     (70_000, "70\u202fKB", "70\u202fKo"), (5 * 10**12, "5000\u202fGB", "5000\u202fGo")],
)  # fmt: skip
def test_a_size_is_rounded(count: int, en: str, fr: str) -> None:
    assert (locale.size(count, "en"), locale.size(count, "fr")) == (en, fr)


def test_counts_are_grouped() -> None:
    assert (locale.whole(1234567, "en"), locale.whole(1234567, "fr")) == ("1,234,567", "1\u202f234\u202f567")


def test_a_moment_is_told_by_the_publishers_clocks_with_their_name() -> None:
    at = datetime(2026, 11, 22, 17, 40, tzinfo=UTC)
    assert locale.moment(at, "fr", "Europe/Paris") == "22 novembre 2026 à 18:40:00 (Europe/Paris)"
    assert locale.moment(at.replace(month=7), "en", "Europe/Paris") == "22 July 2026, 19:40:00 (Europe/Paris)"
    assert locale.moment(at.replace(tzinfo=None), "en", "Europe/Paris") == "22 November 2026, 17:40:00"
