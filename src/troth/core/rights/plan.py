"""The plan: what will be done where, in order, with the rows it expects and why the rest stays.

A plan has a digest over everything it relied on: policy, facts of the stores, the person's keys, counts. What
runs is that plan, or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from troth.core.policy.model import Event
from troth.core.policy.values import Duration
from troth.core.ports import Change, Count, Finding, Want
from troth.core.query import Expr

StepAction = Literal["delete", "clear", "anonymise", "unlink", "set", "keep", "flag", "manual", "hook"]
PASSIVE: tuple[StepAction, ...] = ("keep", "flag", "hook")
"""Steps that change no row of the store."""
Reason = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the plan. ``rows`` is what it expects; ``until`` the last day something is kept."""

    number: int
    store: str
    collection: str
    action: StepAction
    fields: tuple[str, ...]
    rows: int
    reason: str = ""
    until: date | None = None
    first_until: date | None = None
    undated: int = 0
    keys: str = ""
    detail: str = ""
    reason_in: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class UntilSource:
    """Where to look to tell until when a row is kept: these rows' clock, and the period it starts."""

    want: Want
    event: Event
    period: Duration


@dataclass(frozen=True, slots=True)
class Draft:
    """A step before it is counted: the questions whose answers fill it in."""

    action: StepAction
    collection: str
    fields: tuple[str, ...]
    where: Expr
    reason: str = ""
    detail: str = ""
    change: Change | None = None
    until: tuple[UntilSource, ...] = ()
    undated: Want | None = None
    fixed_until: date | None = None
    together: bool = False
    reason_in: tuple[tuple[str, str], ...] = ()

    def wants(self) -> list[Want]:
        """What must be counted for this step: its rows, then its until sources, then the undated rows."""
        wants = [Want(self.collection, self.where, digest=self.change is not None)]
        wants.extend(source.want for source in self.until)
        return [*wants, self.undated] if self.undated else wants


@dataclass(frozen=True, slots=True)
class StorePlan:
    """The part of the plan that concerns one store."""

    store: str
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    facts_digest: str
    remains: tuple[str, ...] = ()
    not_visible: tuple[str, ...] = ()
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan over all stores."""

    kind: Literal["erase", "rectify", "restrict", "refuse", "allow", "sweep", "replay", "deferred"]
    as_of: date
    policy_digest: str
    policy_version: str
    stores: tuple[StorePlan, ...]
    scope: Mapping[str, Sequence[str]] = field(default_factory=dict)
    found: bool = True

    @property
    def digest(self) -> str:
        """SHA-256 over the plan; the same plan made again has the same one."""
        return hashlib.sha256(_canonical(self).encode()).hexdigest()

    @property
    def refusals(self) -> list[Finding]:
        """Findings that stop the plan."""
        return [f for s in self.stores for f in s.findings if f.severity == "refuse"]

    @property
    def unreachable(self) -> list[str]:
        """Stores that could not be asked."""
        return [s.store for s in self.stores if s.unreachable]

    @property
    def flags(self) -> list[Step]:
        """What a human has to decide first."""
        return [step for s in self.stores for step in s.steps if step.action == "flag"]

    @property
    def changes(self) -> int:
        """How many rows the plan would change."""
        return sum(step.rows for s in self.stores for step in s.steps if step.action not in PASSIVE)


def _canonical(plan: Plan) -> str:
    content = {
        "kind": plan.kind,
        "as_of": plan.as_of.isoformat(),
        "policy": plan.policy_digest,
        "scope": plan.scope,
        "stores": [
            {
                "store": s.store,
                "facts": s.facts_digest,
                "unreachable": bool(s.unreachable),
                "steps": [_step(step) for step in s.steps],
                # The limits are not part of it: they stop a plan until somebody names its digest.
                "findings": sorted(
                    [f.code, f.collection or "", f.column or ""]
                    for f in s.findings
                    if f.severity == "refuse" and f.code != "over_limits"
                ),
            }
            for s in plan.stores
        ],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _step(step: Step) -> list[object]:
    return [
        step.action, step.collection, list(step.fields), step.rows, step.keys,
        step.until.isoformat() if step.until else None, step.undated,
    ]  # fmt: skip


def counted(draft: Change, count: Count, *, exact: bool) -> Change:
    """The change with what the plan saw, as an exact expectation or as an upper bound."""
    if exact:
        return replace(draft, expected=count)
    return replace(draft, limit=count.rows)
