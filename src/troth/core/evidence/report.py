"""What verifying a bundle found: findings by check, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MOST_FINDINGS = 5
"""Findings kept for each check; the rest is only counted."""


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence by its code (see words.py) and what it speaks of."""

    code: str
    values: dict[str, str | int] = field(default_factory=dict)


@dataclass(slots=True)
class Check:
    """One of the numbered checks of verify.py."""

    number: int
    state: State = State.NOT_REACHED
    findings: list[Finding] = field(default_factory=list)
    failures: int = 0

    def fail(self, code: str, **values: str | int) -> None:
        """Note a failure."""
        self.state = State.FAILED
        self.failures += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, values))


@dataclass(frozen=True, slots=True)
class Report:
    """The result. ``proven`` and ``not_proven`` are sentences by code; a report that failed proves nothing."""

    checks: tuple[Check, ...]
    leaves: int
    checkpoints: int
    proven: tuple[Finding, ...]
    not_proven: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return all(check.state in (State.OK, State.NOT_APPLICABLE) for check in self.checks)

    @property
    def failed(self) -> list[int]:
        """Numbers of the checks that failed."""
        return [check.number for check in self.checks if check.state is State.FAILED]
