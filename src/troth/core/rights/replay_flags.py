"""After a restore: who is restricted, has objected or withdrawn a consent is flagged again in the publisher's rows.

The copy is of a time before the person said so, or it may be: its flags speak of then. A row is the person's when it
carries one of their verified identifiers. Whoever wants an older no left alone names the day of the copy (``since``):
what was said before is in it, and so is what the person has allowed anew on the publisher's own pages since then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from troth.core.policy.model import Collection
from troth.core.ports import Finding
from troth.core.query import Key
from troth.core.records import Known, Records
from troth.core.retention.due import DueRules
from troth.core.rights import refuse, restrict
from troth.core.rights.assemble import assemble
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import person_rows
from troth.core.rights.flags import Flags, midnight, setting
from troth.core.rights.hooks import with_hooks
from troth.core.rights.plan import Draft, StorePlan
from troth.core.rights.session import Opened, Session

Sort = Literal["restriction", "objection"]
Rows = Callable[[Opened, str], Iterable[tuple[Key, Sequence[Known]]]]
"""The rows of an anchor collection with their verified identifiers."""

EVERY = "*"


def plan_flags(
    session: Session, records: Records, rows: Rows, since: date | None
) -> tuple[tuple[Sort, StorePlan], ...]:  # fmt: skip
    """What has to be flagged again in each store; stores where the policy names no flag are not read."""
    found: list[tuple[Sort, StorePlan]] = []
    for opened in session.stores.values():
        if not any(collection.flags for collection in opened.graph.store.collections.values()):
            continue
        whose: dict[str, dict[str, tuple[Key, ...]]] = {}
        for name in opened.graph.anchors:
            for purpose, keys in records.match_marked(rows(opened, name), session.as_of, since).items():
                whose.setdefault(purpose, {})[name] = tuple(keys)
        found += _plans(session, opened, whose)
    return tuple(found)


def _plans(
    session: Session, opened: Opened, whose: Mapping[str, Mapping[str, tuple[Key, ...]]]
) -> Iterator[tuple[Sort, StorePlan]]:  # fmt: skip
    everything = {EVERY: restrict.flags_of} if EVERY in whose else {}
    refused = {purpose: refuse.flags_of([purpose]) for purpose in sorted(whose) if purpose != EVERY}
    sorts: tuple[tuple[Sort, Mapping[str, Callable[[Collection], list[Flags]]]], ...] = (
        ("restriction", everything), ("objection", refused),
    )  # fmt: skip
    for sort, wanted in sorts:
        drafts: list[Draft] = []
        findings: dict[int, tuple[Finding, ...]] = {}
        for purpose, flags in wanted.items():
            one = setting(opened, person_rows(opened, whose[purpose]), flags, midnight(session.as_of))
            for draft in one.drafts:
                number = len(drafts) + 1
                if draft.change is not None:
                    findings[number] = one.refusals.get(draft.change.number, ())
                    drafts.append(replace(draft, change=replace(draft.change, number=number)))
        if drafts:
            rules = DueRules(session.policy, opened.graph, session.as_of)
            plan = assemble(opened, StoreDraft(tuple(drafts), (), findings), rules, exact=False)
            if plan.steps:
                yield sort, with_hooks(plan, opened.graph.store, "replay")
