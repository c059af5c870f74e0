"""How long ``troth --help`` takes to answer, and what it spends that time importing.

.venv/bin/python bench/start.py [--quick] [--runs 10]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from common import again, median, ms, seconds, table

TROTH = [str(Path(sys.executable).parent / "troth"), "--help"]
BARE = [sys.executable, "-c", "pass"]
GOAL = 0.3
"""Seconds."""


def took(command: Sequence[str]) -> float:
    """Wall time of one run."""
    return seconds(lambda: subprocess.run(command, capture_output=True, check=True))


def imports(most: int) -> list[list[str]]:
    """The modules that take longest by themselves."""
    code = "from troth.cli.main import build; build(None)"
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )  # fmt: skip
    found = re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", ran.stderr)
    slowest = sorted(((int(alone), name) for alone, name in found), reverse=True)[:most]
    return [[name, f"{alone / 1000:.1f} ms"] for alone, name in slowest]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--runs", type=int, default=10)
    args = parser.parse_args()
    runs = 3 if args.quick else args.runs
    took(TROTH)
    pairs = [(took(TROTH), took(BARE)) for _ in range(runs)]
    help_, bare = median([p[0] for p in pairs]), median([p[1] for p in pairs])
    rows = [["troth --help", ms(help_), f"{help_ / bare:.1f}"], ["python -c pass", ms(bare), "1.0"]]
    table(f"median of {runs}; goal: troth --help < {ms(GOAL)}", ["command", "took", "x bare"], rows)
    table("imports that take longest by themselves", ["module", "alone"], imports(5))
    again("start.py")


if __name__ == "__main__":
    main()
