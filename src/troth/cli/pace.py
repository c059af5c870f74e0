"""How fast a sweep goes: span size by a time target, a rate limit, a progress bar."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_START, _LEAST, _MOST = 10_000, 1_000, 50_000
_TARGET = 0.25
"""Seconds one transaction should take: short enough for the shop beside it not to notice."""


class TimedPace:
    """A ``Pace`` by the wall clock."""

    def __init__(self, rate: int | None, bar: Progress) -> None:
        self._rate = rate
        self._bar = bar
        self._size = _START if rate is None else max(_LEAST, min(_START, rate))
        self._since: float | None = None
        self._tasks: dict[str, TaskID] = {}

    def next_size(self, rows: int) -> int:
        """See ``Pace``."""
        now = time.monotonic()
        if self._since is not None:
            took = now - self._since
            self._size = int(max(_LEAST, min(_MOST, self._size * max(0.5, min(2.0, _TARGET / max(took, 0.001))))))
            if self._rate and rows / self._rate > took:
                time.sleep(rows / self._rate - took)
        self._since = time.monotonic()
        return self._size

    def advance(self, place: str, rows: int, total: int) -> None:
        """See ``Pace``."""
        if place not in self._tasks:
            self._tasks[place] = self._bar.add_task(place, total=total or None)
        self._bar.advance(self._tasks[place], rows)


@contextmanager
def paced(rate: int | None) -> Iterator[TimedPace]:
    """A pace with a progress bar on standard error, when somebody is looking."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        yield TimedPace(rate, bar)
