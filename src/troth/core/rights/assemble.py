"""Count what was drafted and make the plan of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from troth.core.ports import Change, Count, Finding, Want
from troth.core.retention.due import DueRules
from troth.core.rights.draft import StoreDraft, until_of
from troth.core.rights.plan import Draft, Plan, Step, StorePlan, counted
from troth.core.rights.session import Opened, Session


def assemble(
    opened: Opened, draft: StoreDraft, rules: DueRules, *, exact: bool, extra: Iterable[Finding] = ()
) -> StorePlan:
    """Ask the store for all counts at once; steps that find nothing are left out of the plan.

    ``exact``: the changes expect exactly these rows (one person); else at most so many (sweeps).
    """
    wants: list[Want] = []
    for one in draft.drafts:
        # An upper bound needs no keys: of a sweep they may be millions.
        wants.extend(want if exact else replace(want, digest=False) for want in one.wants())
    answers = iter(opened.connector.count(wants))
    steps: list[Step] = []
    changes: list[Change] = []
    findings = list(draft.findings)
    for one in draft.drafts:
        step = _step(opened, one, [next(answers) for _ in one.wants()], rules)
        if one.change is not None:
            count = Count(step.rows, step.keys)
            changes.append(counted(one.change, count, exact=exact))
            if step.rows:
                findings.extend(draft.refusals.get(one.change.number, ()))
        if step.rows:
            steps.append(step)
    touched = {s.collection for s in steps}
    findings.extend(f for f in opened.facts.findings if f.severity != "refuse" and f.collection in {*touched, None})
    findings.extend(extra)
    return StorePlan(
        store=opened.graph.store.name,
        steps=tuple(steps),
        changes=tuple(changes),
        findings=_needed(findings, {s.collection for s in steps if s.action == "delete"}),
        facts_digest=opened.facts.digest,
        remains=opened.facts.remains,
        not_visible=opened.facts.not_visible,
    )


def _needed(findings: Sequence[Finding], deleted: set[str]) -> tuple[Finding, ...]:
    """Without doubles, and without warnings about deletions that do not happen."""
    about_deletion = ("unmapped_cascade", "unmapped_unlink")
    kept = [f for f in findings if f.code not in about_deletion or f.collection in deleted]
    return tuple(dict.fromkeys(kept))


def _step(opened: Opened, draft: Draft, counts: list[Count], rules: DueRules) -> Step:
    spans = [(c.earliest, c.latest) for c in counts[1 : 1 + len(draft.until)]]
    undated = counts[-1].rows if draft.undated is not None else 0
    first, last = until_of(draft, spans, rules)
    return Step(
        number=draft.change.number if draft.change else 0,
        store=opened.graph.store.name,
        collection=draft.collection,
        action=draft.action,
        fields=draft.fields,
        rows=counts[0].rows,
        reason=draft.reason,
        detail=draft.detail,
        until=last,
        first_until=first,
        undated=undated,
        keys=counts[0].digest,
        reason_in=draft.reason_in,
    )


def flag_step(store: str, collection: str, rows: int, reason: str, detail: str = "") -> Step:
    """A line of the plan that asks a human to decide."""
    return Step(0, store, collection, "flag", (), rows, reason, detail=detail)


def unreachable_plan(store: str, why: str) -> StorePlan:
    """The part of the plan for a store that could not be asked."""
    return StorePlan(store, (), (), (), "", unreachable=why)


def explained(session: Session, plan: Plan) -> Plan:
    """The plan with what each engine says about finding the rows: full scans of large tables become warnings."""
    stores = []
    for store in plan.stores:
        if store.store in session.stores and store.changes:
            wants = [Want(change.collection, change.where) for change in store.changes]
            found = session.stores[store.store].connector.explain(wants)
            stores.append(replace(store, findings=tuple(dict.fromkeys((*store.findings, *found)))))
        else:
            stores.append(store)
    return replace(plan, stores=tuple(stores))
