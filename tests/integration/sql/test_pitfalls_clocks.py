"""Pitfalls A1 and A2: clocks that make rows due which are not, and values that no driver wants to read."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from databases import EngineCase
from integration.sql.making import connector, only, table
from troth.connectors.sql.connector import SqlConnector
from troth.core.errors import StoreRefused
from troth.core.policy.model import Clock, ClockKind
from troth.core.ports import Want
from troth.core.query import Before, Everything, Expr, Readable, Unreadable

CUTOFF = date(2025, 1, 1)


def ids(made: SqlConnector, where: Expr) -> list[object]:
    return [key[0] for key in made.keys("t", where)]


def three_ways(made: SqlConnector, clock: Clock) -> tuple[list[object], list[object], list[object]]:
    """Due, readable but not due, unreadable."""
    return ids(made, Before(clock, CUTOFF)), ids(made, Readable(clock, CUTOFF)), ids(made, Unreadable(clock))


@pytest.mark.parametrize(("kind", "factor"), [("epoch_s", 1), ("epoch_ms", 1000)])
def test_a1_an_integer_clock_is_compared_as_a_number(engine_case: EngineCase, kind: ClockKind, factor: int) -> None:
    # 1: 2024-12-31T23:59:59; 2: 2025-01-01; 3: 2026; 4: 1970-01-01 (the floor keeps it out); 5: NULL.
    moments = [1735689599, 1735689600, 1780000000, 0]
    rows = ", ".join(f"({i}, {m * factor})" for i, m in enumerate(moments, 1))
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, at BIGINT); INSERT INTO t VALUES {rows}, (5, NULL);"
    with connector(engine_case, table("t"), script=script) as made:
        assert three_ways(made, Clock("at", kind)) == ([1], [2, 3], [4])
        [count] = made.count([Want("t", Everything(), span=Clock("at", kind))])
        assert (count.earliest, count.latest) == (date(2024, 12, 31), date(2026, 5, 28))


@only("postgresql", "mariadb")
def test_a1_the_wrong_kind_of_clock_is_refused_and_not_compared(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, at BIGINT, d DATE); INSERT INTO t VALUES (1, 1, '2020-01-01');"
    with connector(engine_case, table("t"), script=script) as made:
        for clock in (Clock("at", "datetime"), Clock("d", "epoch_s"), Clock("d", "text", "%d/%m/%Y")):
            with pytest.raises(StoreRefused, match="not a clock"):
                ids(made, Before(clock, CUTOFF))


@only("sqlite")
def test_a1_on_sqlite_only_values_of_the_declared_kind_are_read(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, at);
    INSERT INTO t VALUES (1, 1700000000), (2, '2024-01-01'), (3, '01/09/2024'), (4, ''), (5, '2024-02-30'),
        (6, 2460000.5), (7, x'32303234'), (8, '2024-01-01 25:00'), (9, '2026-01-01T10:00:00Z'), (10, NULL);"""
    with connector(engine_case, table("t"), script=script) as made:
        assert three_ways(made, Clock("at", "datetime")) == ([2], [9], [1, 3, 4, 5, 6, 7, 8])
        assert three_ways(made, Clock("at", "epoch_s")) == ([1, 6], [], [2, 3, 4, 5, 7, 8, 9])
        assert three_ways(made, Clock("at", "text", "%d/%m/%Y")) == ([3], [], [1, 2, 4, 5, 6, 7, 8, 9])


@only("sqlite")
def test_a1_on_sqlite_a_moment_is_a_text_with_a_day_that_exists(engine_case: EngineCase) -> None:
    rows = ["'2024-02-29 10:00:00'", "'2025-02-28T10:00'", "'2024-02-30 10:00:00'", "'2023-02-29 10:00:00'",
            "'2024-01-01 25:00:00'", "'2024-01-01x10:00'", "CAST('2024-01-01 10:00:00' AS BLOB)", "2460310.5"]  # fmt: skip
    values = ", ".join(f"({i}, {row})" for i, row in enumerate(rows, 1))
    script = f'CREATE TABLE t (id INTEGER PRIMARY KEY, "the at" TEXT); INSERT INTO t VALUES {values};'
    with connector(engine_case, table("t"), script=script) as made:
        assert three_ways(made, Clock("the at", "datetime")) == ([1], [2], [3, 4, 5, 6, 7, 8])


def test_a1_a_text_clock_is_put_in_order_by_its_format(engine_case: EngineCase) -> None:
    rows = ["31/12/2024 23h59", "01/01/2025 00h00", "01/09/2026 10h00", "", "30/02/2024 10h00", "1/9/2024 10h00",
            "29/02/2024 24h00", "01/09/2024 10h00x", "01/09/2024 10h00\n"]  # fmt: skip
    values = ", ".join(f"({i}, '{row}')" for i, row in enumerate(rows, 1))
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, at VARCHAR(40)); INSERT INTO t VALUES {values};"
    with connector(engine_case, table("t"), script=script) as made:
        clock = Clock("at", "text", "%d/%m/%Y %Hh%M")
        assert three_ways(made, clock) == ([1], [2, 3], [4, 5, 6, 7, 8, 9])
        [count] = made.count([Want("t", Everything(), span=clock)])
        assert (count.earliest, count.latest) == (date(2024, 12, 31), date(2026, 9, 1))


def test_a1_iso_dates_kept_as_text_are_read_on_every_engine(engine_case: EngineCase) -> None:
    rows = ["2024-12-31", "2024-12-31T23:59:59.123+02:00", "2025-01-01 00:00", "2024-13-01", "2023-02-29", "soon", ""]
    values = ", ".join(f"({i}, '{row}')" for i, row in enumerate(rows, 1))
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, at VARCHAR(40)); INSERT INTO t VALUES {values};"
    with connector(engine_case, table("t"), script=script) as made:
        assert three_ways(made, Clock("at", "datetime")) == ([1, 2], [3], [4, 5, 6, 7])


@pytest.mark.parametrize("format_", ["%d/%m", "%Y-%m-%d %p", "%Y-%m-%d %Y", "%Y-%m-%d %"])
def test_a_format_that_cannot_be_ordered_is_refused(engine_case: EngineCase, format_: str) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, at VARCHAR(40));"
    with connector(engine_case, table("t"), script=script) as made, pytest.raises(StoreRefused, match="format"):
        ids(made, Before(Clock("at", "text", format_), CUTOFF))


@only("mariadb")
def test_a2_zero_dates_are_never_due_and_are_told_as_text(engine_case: EngineCase) -> None:
    script = """SET sql_mode = '';
    CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, d DATE, ts TIMESTAMP NULL);
    INSERT INTO t VALUES (1, '2020-01-01', '2020-01-01', '2020-01-01'), (2, 0, 0, 0),
        (3, '2020-00-00', '2020-05-00', NULL), (4, NULL, NULL, NULL);"""
    with connector(engine_case, table("t"), script=script) as made:
        assert three_ways(made, Clock("at", "datetime")) == ([1], [], [2, 3])
        assert three_ways(made, Clock("d", "date")) == ([1], [], [2, 3])
        assert three_ways(made, Clock("ts", "datetime")) == ([1], [], [2])
        told = [row["at"] for row in made.read("t", Everything(), ["at"])]
        assert told == [datetime(2020, 1, 1), "0000-00-00 00:00:00", "2020-00-00 00:00:00", None]  # noqa: DTZ001


@only("postgresql")
def test_a2_infinity_and_dates_before_christ_are_never_due_and_are_told_as_text(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP, z TIMESTAMPTZ, d DATE);
    INSERT INTO t VALUES (1, '2020-01-01', '2020-01-01', '2020-01-01'), (2, '-infinity', '-infinity', '-infinity'),
        (3, 'infinity', 'infinity', 'infinity'), (4, '0044-03-15 BC', '0044-03-15 BC', '0044-03-15 BC'),
        (5, '20000-01-01', '20000-01-01', '20000-01-01'), (6, '9999-12-31 23:00', '9999-12-31 23:00', '9999-12-31');"""
    with connector(engine_case, table("t"), script=script) as made:
        for column, kind in (("at", "datetime"), ("z", "datetime"), ("d", "date")):
            clock = Clock(column, kind)  # type: ignore[arg-type]
            assert three_ways(made, clock) == ([1], [6], [2, 3, 4, 5])
            [count] = made.count([Want("t", Everything(), span=clock)])
            assert (count.earliest, count.latest) == (date(2020, 1, 1), date(9999, 12, 31))
        told = [row["d"] for row in made.read("t", Everything(), ["d"])]
        assert told == [date(2020, 1, 1), "-infinity", "infinity", "0044-03-15 BC", "20000-01-01", date(9999, 12, 31)]


@only("sqlite")
def test_text_that_is_no_utf8_is_still_read(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (1, CAST(x'636166e9' AS TEXT));"
    with connector(engine_case, table("t"), script=script) as made:
        assert [row["s"] for row in made.read("t", Everything(), ["s"])] == ["caf\ufffd"]
