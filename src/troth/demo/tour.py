"""The guided tour: each step says what it is about, runs one real command, and looks whether it did its job.

The commands are run through their own entry, in processes of their own with the example's folder as the working
directory, so that what is shown is what anybody will see.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from troth.demo.commands import Result
from troth.demo.generate import Example

Say = Callable[[str], None]
Run = Callable[[Sequence[str], Path], Result]
"""Runs a command of Troth in a folder, and returns its exit code and what it printed."""
Look = Callable[[Path, Result], str]
"""Looks at the truth after a step. Returns what is wrong; an empty text when all is as it should be."""

_DIGEST = "Digest of this plan"
"""How the last line of a printed plan begins."""


@dataclass(frozen=True)
class Step:
    """One command of the tour."""

    title: str
    why: str
    command: Sequence[str]
    example: Example = "maison"
    ends_with: int = 0
    dated: bool = True
    lines: int = 14
    result_only: bool = False
    look: Look | None = None
    then: str = ""


class Progress(Protocol):
    """Tells how far the tour is, for those who do not read it as it goes."""

    def begins(self, title: str) -> None:
        """A step is under way."""

    def ended(self, title: str, seconds: float, well: bool) -> None:
        """It is over; ``well``: it did what it announced."""


@dataclass
class Tour:
    """Runs steps and remembers which of them did not go as announced."""

    homes: dict[Example, Path]
    as_of: date
    dated: bool
    """Whether to write ``--as-of`` into the commands: where another day than today was asked for."""
    say: Say
    run: Run
    progress: Progress | None = None
    failures: list[str] = field(default_factory=list)

    def take(self, step: Step) -> Result:
        """Announce, run, show, look."""
        if self.progress is None:
            return self._take(step)
        start, before = time.monotonic(), len(self.failures)
        self.progress.begins(step.title)
        result = self._take(step)
        self.progress.ended(step.title, time.monotonic() - start, len(self.failures) == before)
        return result

    def _take(self, step: Step) -> Result:
        home = self.homes[step.example]
        words = [*step.command, *(["--as-of", str(self.as_of)] if step.dated and self.dated else [])]
        self.say(f"\n## {step.title}\n\n{step.why}\n")
        self.say(f"   {step.example}$ troth {shlex.join(words)}")
        result = self.run(words, home)
        self._show(result, step)
        wrong = _verdict(step, home, result)
        if wrong:
            self.failures.append(f"{step.title}: {wrong}")
            self.say(f"\n   ▲ not as expected: {wrong}")
        elif step.then:
            self.say(f"\n{step.then}")
        return result

    def _show(self, result: Result, step: Step) -> None:
        printed = [*result.stdout.splitlines(), *result.stderr.splitlines()]
        digest = next((n for n, line in enumerate(printed) if line.startswith(_DIGEST)), None)
        if step.result_only and digest is not None:
            self.say("   │ … the plan, as above")
            printed = printed[digest:]
        for line in printed[: step.lines]:
            self.say(f"   │ {line}")
        if len(printed) > step.lines:
            self.say(f"   │ … {len(printed) - step.lines} more lines")


def _verdict(step: Step, home: Path, result: Result) -> str:
    if result.returncode != step.ends_with:
        return f"it ended with {result.returncode}, not {step.ends_with}"
    return step.look(home, result) if step.look else ""
