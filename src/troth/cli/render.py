"""Plans and outcomes in words and as JSON. Nothing here shows anybody's data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from troth.cli.words import REASONS, Words, words_for

if TYPE_CHECKING:
    from troth.core.ports import SearchReport
    from troth.core.rights.erase import Outcome
    from troth.core.rights.plan import Plan, Step, StorePlan

MARKS = {"done": "●", "kept": "○", "failed": "▲"}


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON (docs/reference/json.md)."""
    return {
        "kind": plan.kind,
        "digest": plan.digest,
        "as_of": plan.as_of.isoformat(),
        "policy": {"version": plan.policy_version, "digest": plan.policy_digest},
        "found": plan.found,
        "stores": [
            {
                "store": s.store,
                "unreachable": s.unreachable or None,
                "steps": [step_json(step) for step in s.steps],
                "findings": [
                    {"code": f.code, "severity": f.severity, "collection": f.collection, "column": f.column,
                     "message": f.message, "remedy": f.remedy}
                    for f in s.findings
                ],
                "remains": list(s.remains),
                "not_visible": list(s.not_visible),
            }
            for s in plan.stores
        ],
    }  # fmt: skip


def step_json(step: Step) -> dict[str, Any]:
    """One step of a plan."""
    return {
        "store": step.store, "collection": step.collection, "action": step.action, "fields": list(step.fields),
        "rows": step.rows, "reason": step.reason or None, "until": _iso(step.until), "undated": step.undated,
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def outcomes_json(outcomes: Iterable[Outcome], report: SearchReport | None = None) -> dict[str, Any]:
    """Outcomes in the contract's shape."""
    residue = [
        {"collection": r.collection, "column": r.column, "kind": r.kind, "rows": r.rows}
        for r in (report.found if report else ())
    ]
    return {"outcomes": [_outcome_json(o) for o in outcomes], "residue": residue}


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    step = outcome.step
    kept = []
    if outcome.status == "kept":
        kept = [{"fields": list(step.fields), "reason": step.reason, "until": _iso(step.until)}]
    return {
        "store": step.store, "collection": step.collection, "action": step.action, "rows": outcome.rows,
        "status": outcome.status, "kept": kept, "detail": outcome.detail or None,
    }  # fmt: skip


# --- text -----------------------------------------------------------------------------------------


def print_plan(plan: Plan, lang: str) -> None:
    """The plan in words."""
    w = words_for(lang)
    typer.echo(w.plan_title(plan))
    # A store that could not be asked may well know them.
    if not plan.found and not any(store.unreachable for store in plan.stores):
        typer.echo("  " + w.nobody)
    for store in plan.stores:
        _print_store(store, w)
    typer.echo(f"{w.digest}: {plan.digest}")


def _print_store(store: StorePlan, w: Words) -> None:
    if store.unreachable:
        typer.echo(f"\n{store.store}: {w.unreachable} — {store.unreachable}")
        return
    if not store.steps and not any(f.severity == "refuse" for f in store.findings):
        return
    typer.echo(f"\n{store.store}")
    for number, step in enumerate(store.steps, 1):
        typer.echo(f"  {number:>2}. {step_line(step, w)}")
    for finding in {f.message: f for f in store.findings}.values():
        mark = {"refuse": "▲", "warn": "!", "note": "·"}[finding.severity]
        typer.echo(f"   {mark}  {finding.message}")
        if finding.remedy and finding.severity != "note":
            typer.echo(f"      → {finding.remedy}")
    if any(s.action not in ("keep", "flag", "hook") for s in store.steps):
        for text in store.remains:
            typer.echo(f"   ·  {w.may_remain} {text}")
        for text in store.not_visible:
            typer.echo(f"   ·  {w.not_visible} {text}")


def step_line(step: Step, w: Words) -> str:
    """One step as a sentence."""
    fields = ", ".join(step.fields)
    reason = dict(step.reason_in).get(w.lang) or REASONS[w.lang].get(step.reason, step.reason)
    if step.action == "keep":
        what = fields or w.the_row
        first = f"{w.date(step.first_until)} … " if step.first_until not in (None, step.until) else ""
        until = f" {w.until} {first}{w.date(step.until)}" if step.until else ""
        undated = f" ({step.undated} {w.undated})" if step.undated else ""
        return f"{w.keep} {step.collection}: {w.rows(step.rows)} — {what}; {reason}{until}{undated}"
    if step.action == "flag":
        return f"{w.flag} {step.collection}: {w.rows(step.rows)} — {reason}"
    if step.action == "hook":
        return f"{w.hook} {step.collection}"
    verb = {
        "delete": w.delete, "clear": w.clear, "anonymise": w.anonymise, "unlink": w.unlink, "set": w.set,
    }.get(step.action, step.action)  # fmt: skip
    what = f" — {fields}" if step.action != "delete" and fields else ""
    return f"{verb} {step.collection}: {w.rows(step.rows)}{what}"


def print_outcomes(outcomes: Sequence[Outcome], lang: str) -> None:
    """What was done, one line a step: a shape and a word."""
    w = words_for(lang)
    for outcome in outcomes:
        if outcome.status == "done" and not outcome.rows and outcome.step.rows:
            continue  # a sweep's plan is an upper bound; what came to nothing is in the JSON
        line = step_line(_with_rows(outcome), w)
        detail = f" — {outcome.detail}" if outcome.detail else ""
        typer.echo(f"{MARKS[outcome.status]} {w.status(outcome.status):<7} {outcome.step.store}: {line}{detail}")


def _with_rows(outcome: Outcome) -> Step:
    from dataclasses import replace

    return replace(outcome.step, rows=outcome.rows)


def print_residue(report: SearchReport, lang: str) -> None:
    """Where the person's identifiers still stand in text, and what was not searched."""
    w = words_for(lang)
    if not report.found:
        typer.echo(w.no_residue.format(rows=report.searched_rows))
    for residue in report.found:
        typer.echo(f"▲ {w.residue}: {residue.collection}.{residue.column}: {w.rows(residue.rows)} ({residue.kind})")
    for place, why in report.not_searched:
        typer.echo(f"·  {w.not_searched}: {place} ({why})")
    if not report.finished:
        typer.echo(f"·  {w.budget_over}")


def failed(outcomes: Iterable[Outcome]) -> bool:
    """Whether the command must end with 1."""
    return any(o.status == "failed" for o in outcomes)
