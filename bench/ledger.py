"""The ledger: durable appends in groups, and an inclusion proof in a million leaves.

    python bench/ledger.py [LEAVES]        (default 1 000 000; state goes to a temporary folder)

Goals: at least 20 000 appends a second, a proof under 1 ms. Ratios are to what one would do without Troth's
storage of subtrees: insert the same rows and nothing else, hash the whole tree for each proof.
"""

from __future__ import annotations

import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from troth.core.evidence import merkle
from troth.core.evidence.bundle import write_bundle
from troth.core.evidence.leaf import Event
from troth.core.evidence.verify import verify_bundle
from troth.state import init_state
from troth.state.treelog import TreeLog

GROUP = 1000
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def events(start: int, count: int) -> list[Event]:
    return [
        Event("erasure.done", AT, {"request": f"R-{number}", "store": "shop", "rows": 12, "step": "customer"})
        for number in range(start, start + count)
    ]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_inserts(path: Path, leaves: list[bytes]) -> float:
    """The same number of rows in groups, as durable, without hashes, salts or bodies."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE leaves (position INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    start = time.perf_counter()
    for here in range(0, len(leaves), GROUP):
        db.execute("BEGIN IMMEDIATE")
        rows = list(enumerate(leaves[here : here + GROUP], here))
        db.executemany("INSERT INTO leaves VALUES (?, ?)", rows)
        db.execute("COMMIT")
    taken = time.perf_counter() - start
    db.close()
    return taken


def naive_proof(ledger: TreeLog, position: int) -> list[bytes]:
    """Without stored subtrees: read every leaf, hash everything."""
    hashes = [merkle.leaf_hash(leaf) for leaf in ledger.leaves(0, ledger.size)]
    path: list[bytes] = []
    start, end = 0, len(hashes)
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if position < middle:
            path.append(merkle.root(hashes[middle:end]))
            end = middle
        else:
            path.append(merkle.root(hashes[start:middle]))
            start = middle
    return path[::-1]


def main(size: int) -> None:
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder:
        place = Path(folder)
        with init_state(place / "state", origin="example.org/troth", at=AT) as state:
            ledger = state.ledger
            taken = 0.0
            for here in range(0, size, GROUP):
                group = events(here, min(GROUP, size - here))
                start = time.perf_counter()
                ledger.append(group)
                taken += time.perf_counter() - start
            ones = [seconds(lambda: state.record(*events(size, 1))) for _ in range(200)]
            sample = [(number * 7919) % size for number in range(1000)]
            proofs = [seconds(lambda p=position: ledger.inclusion(p)) for position in sample]
            naive = seconds(lambda: naive_proof(ledger, sample[1]))
            assert naive_proof(ledger, sample[1]) == ledger.inclusion(sample[1])
            bare = bare_inserts(place / "bare.db", list(ledger.leaves(0, min(size, 200_000))))
            state.checkpoint()
            with open(place / "all.jsonl", "wb") as file:
                bundled = seconds(lambda: file.writelines(write_bundle(ledger)))
            with open(place / "all.jsonl", "rb") as file:
                verified = seconds(lambda: verify_bundle(file))
            length = (place / "all.jsonl").stat().st_size
    rate, bare_rate = size / taken, min(size, 200_000) / bare
    proof = statistics.median(proofs) * 1000
    worst = sorted(proofs)[int(len(proofs) * 0.99)] * 1000
    print(f"appends, durable, groups of {GROUP}     {rate:>12,.0f} /s    goal 20 000 /s")
    print(f"  ratio to bare inserts                {rate / bare_rate:>12.2f}")
    print(f"one event, signed and durable          {statistics.median(ones) * 1000:>12.2f} ms")
    print(f"inclusion proof in {size:,} leaves  {proof:>12.3f} ms   goal < 1 ms (p99 {worst:.3f} ms)")
    print(f"  ratio of hashing the whole tree      {naive * 1000 / proof:>12,.0f} x ({naive:.2f} s)")
    print(f"bundle of everything                   {bundled:>12.1f} s    {length / 2**20:,.0f} MiB")
    print(f"verify of everything                   {verified:>12.1f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory                            {memory:>12,.0f} MiB")
    if rate < 20_000 or proof >= 1:
        sys.exit("goal missed")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
