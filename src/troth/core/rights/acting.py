"""Carrying out a plan that leaves no rest: intention, stores, outcome."""

from __future__ import annotations

from troth.core.evidence.leaf import Event
from troth.core.rights.erase import Outcome, Planned, Runner, intention, outcome_line, run_store
from troth.core.rights.session import Session


def run_plan(session: Session, planned: Planned, runner: Runner, kind: str) -> list[Outcome]:
    """Carry out the plan store by store. ``kind`` is the event's first word (``rectification``)."""
    runner.records.note(Event(f"{kind}.intended", runner.now, intention(planned.plan, runner.ref)))
    outcomes = [o for s in planned.plan.stores for o in run_store(session, s, planned.identity.anchors, runner)]
    ended = "failed" if any(o.status == "failed" and o.step.action != "flag" for o in outcomes) else "done"
    lines = [outcome_line(o) for o in outcomes]
    runner.records.note(Event(f"{kind}.{ended}", runner.now, {"request": runner.ref, "outcomes": lines}))
    return outcomes
