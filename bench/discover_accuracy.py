"""How well `troth discover` reads databases it has never seen, held against labelled schemas.

    .venv/bin/python bench/discover_accuracy.py [--empty] [--invented] [--holdout] [--random 50] [--show phpbb]

*Development* schemas are those the heuristics may be improved on; *hold-out* schemas are only measured, and what
is missed in them is shown to nobody who works on the heuristics (`--show` refuses them without `--open-holdout`).
*Invented* schemas are in the style of business software of five countries; their first figures, before anybody had
seen a miss, are in docs/reference/discover.md. *Random* databases have invented names in five languages. `--empty`
measures names and types alone, without rows.

Recall: of what is personal, how much was found. Precision: of what was said to be personal, how much is. What is
arguable counts neither way (tests/fixtures/schemas/README.md).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import reduce
from operator import add
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from common import again, table  # noqa: E402

from labelled import DEVELOPMENT, HOLDOUT, INVENTED, Labelled, fill, load  # noqa: E402
from labelled_scoring import Score, score  # noqa: E402

GOALS = {"columns recall": 0.95, "columns precision": 0.85, "links recall": 0.9, "links precision": 0.9}
HEADS = ["schema", "columns", "recall", "precision", "category", "branch", "links", "recall", "precision", "keys",
         "clocks", "seconds"]  # fmt: skip


def measured(schema: Labelled, url: str, *, empty: bool) -> tuple[Score, float]:
    """The schema made, filled and looked at; what came of it, and how long the looking took."""
    from troth.bootstrap import open_source
    from troth.core.discover.run import discover

    fill(schema, url, empty=empty)
    source = open_source(url, name=schema.name)
    since = time.perf_counter()
    try:
        draft = discover(source, schema.name)
    finally:
        source.close()
    return score(schema, draft), time.perf_counter() - since


def row(name: str, one: Score, seconds: float) -> list[str]:
    """A line of the table."""
    found = one.columns.found or 1
    keys = f"{one.keys.recall:.2f}/{one.keys.precision:.2f}" if one.keys.found + one.keys.missed else ""
    clocks = f"{one.clocks}/{one.clocks_there}" if one.clocks_there else ""
    return [
        name, str(one.columns.found + one.columns.missed), f"{one.columns.recall:.3f}", f"{one.columns.precision:.3f}",
        f"{one.exact / found:.2f}", f"{one.branch / found:.2f}", str(one.links.found + one.links.missed),
        f"{one.links.recall:.3f}", f"{one.links.precision:.3f}", keys, clocks, f"{seconds:.1f}",
    ]  # fmt: skip


def on_sqlite(action: Callable[[str], tuple[Score, float]]) -> tuple[Score, float]:
    """Do it on a SQLite file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return action(f"sqlite:///{folder}/store.sqlite")


def report(title: str, names: Iterable[str], *, empty: bool, show: str = "") -> None:
    """Measure and print some schemas and all of them together."""
    scores, rows, spent = [], [], 0.0
    for name in names:
        one, seconds = on_sqlite(lambda url, name=name: measured(load(name), url, empty=empty))  # type: ignore[misc]
        scores.append(one)
        spent += seconds
        rows.append(row(name, one, seconds))
        if name == show:
            print(*sorted(one.notes), sep="\n")
    table(title, HEADS, [*rows, row("all", reduce(add, scores), spent)])


def report_random(count: int, *, empty: bool) -> None:
    """Measure so many random databases."""
    from random_databases import example

    scores, spent = [], 0.0
    for seed in range(count):
        world = example(seed).schema
        one, seconds = on_sqlite(lambda url, world=world: measured(world, url, empty=empty))  # type: ignore[misc]
        scores.append(one)
        spent += seconds
    table(f"{count} random databases", HEADS, [row("all", reduce(add, scores), spent)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--schemas", nargs="*", default=list(DEVELOPMENT), help="which development schemas")
    parser.add_argument("--holdout", action="store_true", help="measure the hold-out instead: carry-over")
    parser.add_argument("--invented", action="store_true", help="measure the invented schemas instead")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="N random databases instead")
    parser.add_argument("--empty", action="store_true", help="tables without rows: names and types alone")
    parser.add_argument("--show", default="", metavar="SCHEMA", help="also list what was missed and falsely claimed")
    parser.add_argument("--open-holdout", action="store_true", help="allow --show on the hold-out; it is spent then")
    given = parser.parse_args()
    if given.show in HOLDOUT and not given.open_holdout:
        parser.error(f"{given.show} is hold-out: whoever has seen its misses tunes on it (--open-holdout insists)")
    rows = "without rows" if given.empty else "with rows"
    if given.random:
        report_random(given.random, empty=given.empty)
    elif given.holdout:
        report(f"hold-out, {rows}", HOLDOUT, empty=given.empty, show=given.show)
    elif given.invented:
        report(f"invented, {rows}", INVENTED, empty=given.empty, show=given.show)
    else:
        report(f"development, {rows}", given.schemas, empty=given.empty, show=given.show)
    print("\ngoals: " + ", ".join(f"{name} {value}" for name, value in GOALS.items()))
    again("discover_accuracy.py")


if __name__ == "__main__":
    main()
