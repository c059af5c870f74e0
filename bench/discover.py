"""How long ``troth discover`` looks at a database: the catalogue, and a profile of every column.

    .venv/bin/python bench/discover.py [--quick] [--tables 200] [--rows 10000000]

A shop's database on PostgreSQL, as large as asked: a few tables hold most of the rows, most hold few, as in
life. *Reading* is what the server and the wire cost: the same samples, handed to nobody. *By hand* counts the
rows of every table once, the least that a tool does which looks at all of them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from common import Target, again, ms, seconds, table, targets

GOAL = 60.0
"""Seconds for 200 tables and 10 million rows."""
_COLUMNS = """
    id bigint PRIMARY KEY, email varchar(80) NOT NULL, first_name varchar(40), last_name varchar(40),
    phone varchar(30), address text, birth_date date, seen_at timestamp, status varchar(20), total numeric(10, 2),
    ip inet, notes text, data jsonb, parent bigint
"""
_ROW = """
    i, 'person.' || i || '@example.org', 'Name' || i % 900, 'Family' || i % 4000, '+331' || (10000000 + i % 90000000),
    i % 90 || ' Test Road, Testville', date '1950-01-01' + (i % 20000)::int,
    timestamp '2020-01-01' + i % 2000 * interval '1 day',
    CASE i % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' ELSE 'sent' END, i % 1000 / 10.0, '192.0.2.1'::inet + i % 200,
    'an order that came on day ' || i % 1000, jsonb_build_object('city', 'Testville', 'mail', 'q' || i ||
    '@example.org'), 1 + i % 100
"""


def sizes(tables: int, rows: int) -> list[int]:
    """Rows of each table: the n-th largest holds one n-th of the largest."""
    largest = rows / sum(1 / n for n in range(1, tables + 1))
    return [max(1, int(largest / n)) for n in range(1, tables + 1)]


def fill(target: Target, counts: Sequence[int]) -> None:
    """Make and fill the tables, with statistics as a database in use has them."""
    for number, count in enumerate(counts):
        name = f"table_{number:03}"
        # Every row as long as its like: the content is counted, not judged, here.
        target.script(
            f"CREATE TABLE {name} ({_COLUMNS})",
            f"INSERT INTO {name} SELECT {_ROW} FROM {target.numbers(count)}",
        )
    target.script("VACUUM ANALYZE")


class Nobody:
    """A profiler that does nothing."""

    def add(self, value: Any) -> None:
        """Nothing."""

    def add_all(self, values: Iterable[Any]) -> None:
        """Go through them, no more."""
        for _ in values:
            pass

    def profile(self) -> Any:
        """Nothing, too."""
        return None


def look(target: Target, new_profiler: Any) -> dict[str, float]:
    """Seconds for opening, for the catalogue and for the profiles, and how much of it was our own work."""
    from troth.connectors.sql.source import SqlSource
    from troth.core.discover.model import Budget

    took: dict[str, float] = {}
    since = time.perf_counter()
    source = SqlSource("bench", target.url, Budget(seconds=600), new_profiler)
    took["open"] = time.perf_counter() - since
    try:
        since, worked = time.perf_counter(), time.process_time()
        catalogue = source.catalogue()
        took["catalogue"] = time.perf_counter() - since
        since = time.perf_counter()
        troubles = [t for each in catalogue.tables for t in source.profiles(each)[1]]
        took["profiles"] = time.perf_counter() - since
        took["own"] = time.process_time() - worked
    finally:
        source.close()
    if troubles or catalogue.troubles:
        raise SystemExit(f"troubles: {[t.message for t in [*catalogue.troubles, *troubles]][:3]}")
    took["all"] = took["open"] + took["catalogue"] + took["profiles"]
    return took


def measure(target: Target, counts: Sequence[int]) -> None:
    """Measure and print."""
    from troth.core.discover.profile import new_profiler

    look(target, lambda family: Nobody())
    reading = look(target, lambda family: Nobody())
    profiled = look(target, new_profiler)

    def by_hand() -> None:
        with target.raw() as raw:
            for number in range(len(counts)):
                raw.one(f"SELECT count(*) FROM table_{number:03}")

    counted = seconds(by_hand)
    rows = [
        [name, *(ms(took[part]) for part in ("catalogue", "profiles", "own", "all")), f"{took['all'] / counted:.2f}"]
        for name, took in (("reading", reading), ("profiling", profiled))
    ]
    rows.append(["by hand: count(*)", "", "", "", ms(counted), "1.00"])
    title = f"{len(counts)} tables of 14 columns, {sum(counts):,} rows; goal for 200 and 10 million: < {GOAL:.0f} s"
    table(title, ["what", "catalogue", "profiles", "our own CPU", "all", "x by hand"], rows)
    print(f"  load while measuring {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    share = 1 - reading["all"] / profiled["all"]
    print(f"  limited by {'Python recognising values' if share > 0.5 else 'reading'}: recognising is {share:.0%} of it")
    sys.stdout.flush()


def main() -> None:
    """Fill a database, look at it, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="40 tables, 200,000 rows")
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--rows", type=int, default=10_000_000)
    args = parser.parse_args()
    counts = sizes(40, 200_000) if args.quick else sizes(args.tables, args.rows)
    with targets(["postgresql"]) as each:
        for target in each:
            print(f"filling {len(counts)} tables: {seconds(lambda t=target: fill(t, counts)):.0f} s", flush=True)
            measure(target, counts)
    again("discover.py")


if __name__ == "__main__":
    main()
