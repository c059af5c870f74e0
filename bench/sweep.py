"""Sweeping what is past its time: Troth against DELETE statements written by hand.

    .venv/bin/python bench/sweep.py [--quick] [--engine sqlite …] [--rows 1200000]
    .venv/bin/python bench/sweep.py --memory 100000 10000000

A table of visits, five sixths of them due, without an index on the clock:

- *Troth*: count what is due (*plan*), then span by span: condition, DELETE, look again, commit, note how far
  it came in its own state. The span's size follows the clock, as on the command line.
- *keyset*: batches of 10,000 due rows along the key, each committed; nothing is checked.
- *one*: one DELETE.

``--memory`` compares the highest memory of a process that plans and sweeps tables of these sizes (SQLite).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ENGINES, NOW, Target, again, median, ms, seconds, table, targets, troth

POLICY = """
format: 1
policy: {title: {en: Bench}, version: 2026-11-22, languages: [en], authoritative: en}
publisher:
  name: Bench Ltd
  country: FR
  timezone: Europe/Paris
  financial_year_end: 12-31
  address: 1 Example Street
  registration: none
  privacy_contact: {name: Ada, email: ada@example.org}
recipients: {host: {name: Host, role: hosting, country: FR, agreement: 2024-03-01}}
purposes:
  audience:
    title: {en: Audience}
    basis: consent
    people: [visitors]
    categories: [IPAddress]
    recipients: [host]
    keep: {for: 13 months, after: collected, then: erase}
stores:
  shop:
    url: ${TROTH_BENCH_URL}
    location: FR
    recipient: host
    mode: enforce
    collections:
      visits:
        for: audience
        unidentified: true
        fields: {address: IPAddress, page: BrowsingBehaviour}
        events: {collected: {of: seen_on, is: date}}
"""
CUTOFF = "2025-10-22"
"""What was seen before that day is due on 22 November 2026."""
BATCH = 10_000


def fill(target: Target, rows: int) -> int:
    """A new table of visits, five sixths of them due; returns how many are."""
    key = {"sqlite": "INTEGER PRIMARY KEY"}.get(target.kind, "bigint PRIMARY KEY")
    # Due and not due are mixed along the key, as where people come back.
    day = target.day(CUTOFF, "CASE WHEN i % 6 = 0 THEN i % 300 ELSE -1 - i % 900 END")
    target.script(
        "DROP TABLE IF EXISTS visits",
        f"CREATE TABLE visits (id {key}, seen_on date NOT NULL, address varchar(45), page varchar(120))",
        f"INSERT INTO visits SELECT i, {day}, '192.0.2.' || i % 256, '/pages/' || i % 1000 || '/of/the/site' "
        f"FROM {target.numbers(rows)}",
    )
    target.settle("visits")
    return rows - rows // 6


def by_keyset(target: Target) -> int:
    """The batched DELETE that somebody careful of the shop beside it would write."""
    done, last = 0, 0
    with target.raw() as raw:
        while True:
            edge = "SELECT id FROM visits WHERE id > ? AND seen_on < ? ORDER BY id LIMIT 1 OFFSET ?"
            found = raw.one(edge, last, CUTOFF, BATCH - 1)
            raw.begin()
            if found is None:
                done += raw.run("DELETE FROM visits WHERE id > ? AND seen_on < ?", last, CUTOFF)
                raw.commit()
                return done
            done += raw.run("DELETE FROM visits WHERE id > ? AND id <= ? AND seen_on < ?", last, found[0], CUTOFF)
            raw.commit()
            last = found[0]


def at_once(target: Target) -> int:
    """One statement."""
    with target.raw() as raw:
        raw.begin()
        done = raw.run("DELETE FROM visits WHERE seen_on < ?", CUTOFF)
        raw.commit()
    return done


def by_troth(target: Target, times: dict[str, list[float]]) -> int:
    """Plan and run, as the command does; opening the store and the state is not counted."""
    from troth.cli.pace import paced
    from troth.core.retention.sweep import plan_sweep, run_sweep
    from troth.core.rights.erase import Runner

    with tempfile.TemporaryDirectory() as folder, troth(target, POLICY, Path(folder)) as (session, records):
        plans = []
        times["plan"].append(seconds(lambda: plans.append(plan_sweep(session, records, ignore_limits=True))))
        outcomes = []
        with paced(None) as pace:
            run = seconds(lambda: outcomes.extend(run_sweep(session, plans[0], Runner(records, NOW, "sweep-1"), pace)))
        times["run"].append(run)
    assert all(o.status == "done" for o in outcomes), outcomes
    return sum(o.rows for o in outcomes)


def measure(target: Target, rows: int, rounds: int) -> list[str]:
    """The ways in turn, each on a fresh table; medians."""
    times: dict[str, list[float]] = {"plan": [], "run": [], "keyset": [], "one": []}
    for _ in range(rounds):
        due = fill(target, rows)
        assert by_troth(target, times) == due
        for name, way in (("keyset", by_keyset), ("one", at_once)):
            fill(target, rows)
            counts: list[int] = []
            times[name].append(seconds(lambda way=way, counts=counts: counts.append(way(target))))  # type: ignore[misc]
            assert counts == [due]
    plan, run, keyset, one = (median(times[name]) for name in ("plan", "run", "keyset", "one"))
    return [
        target.kind, ms(plan), ms(run), ms(keyset), ms(one), f"{due / run / 1000:.0f}", f"{keyset / run:.2f}",
        f"{keyset / (plan + run):.2f}", f"{one / run:.2f}",
    ]  # fmt: skip


# --- memory ---------------------------------------------------------------------------------------


def memory_of(rows: int) -> tuple[int, float]:
    """(highest memory in kB, seconds) of a process of its own that plans and sweeps so many rows."""
    with targets(["sqlite"]) as each:
        target = next(each)
        fill(target, rows)
        ran = subprocess.run(
            [sys.executable, __file__, "--child", target.database], capture_output=True, text=True, check=True
        )
        each.close()  # type: ignore[attr-defined]
    highest, took = ran.stdout.split()[-2:]
    return int(highest), float(took)


def child(database: str) -> None:
    """Sweep and tell the highest memory."""
    target = Target("sqlite", f"sqlite:///{database}", database, None)
    times: dict[str, list[float]] = {"plan": [], "run": []}
    by_troth(target, times)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, times["plan"][0] + times["run"][0])


def compare_memory(sizes: list[int]) -> None:
    """Print the highest memory for each size and their ratio to the first."""
    found = [(rows, *memory_of(rows)) for rows in sizes]
    first = found[0][1]
    lines = [[f"{r:,}", f"{kb / 1024:.1f} MB", f"{kb / first:.2f}", f"{s:.1f} s"] for r, kb, s in found]
    table("highest memory while sweeping (sqlite); goal: <= 1.2 x", ["rows", "memory", "x first", "took"], lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small, to see that everything runs")
    parser.add_argument("--engine", nargs="*", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--rows", type=int, default=1_200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="*", default=[100_000, 10_000_000], metavar="ROWS")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(args.child)
    if args.quick:
        args.rows, args.rounds, args.memory = 60_000, 1, [20_000, 200_000]
    if args.engine:
        heads = ["engine", "plan", "run", "keyset", "one", "k rows/s", "x keyset", "with plan", "x one"]
        with targets(args.engine) as each:
            lines = [measure(target, args.rows, args.rounds) for target in each]
        title = (
            f"{args.rows:,} rows, five sixths due, medians; speed in relation to DELETE by hand; goal: x keyset >= 0.8"
        )
        table(title, heads, lines)
    if args.memory:
        compare_memory(args.memory)
    again("sweep.py")


if __name__ == "__main__":
    main()
