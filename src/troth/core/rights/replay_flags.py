"""After a restore: who is restricted, has objected or withdrawn a consent is flagged again in the publisher's rows.

The copy is of a time before the person said so, or it may be: its flags speak of then. A row is the person's when it
carries one of their verified identifiers. A flag that is a moment tells when the person said so, as it did before.

Whoever wants an older no left alone names the day of the copy (``since``): what was said before is in it, and so is
what the person has allowed anew on the publisher's own pages since then. Where a consent is in question that day has to
be named (``sets_consent``): else one that was given anew would be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from troth.core.policy.model import Basis, Collection, Policy, Scalar
from troth.core.ports import Finding
from troth.core.query import Expr, Key, KeyIn, all_of, none_of
from troth.core.records import Known, Records
from troth.core.retention.due import DueRules
from troth.core.rights import refuse, restrict
from troth.core.rights.assemble import assemble
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import Outcome, person_rows
from troth.core.rights.flags import Flags, setting, written, zoned
from troth.core.rights.hooks import with_hooks
from troth.core.rights.plan import Draft, Step, StorePlan
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import shared_of

Sort = Literal["restriction", "objection"]
Rows = Callable[[Opened, str], Iterable[tuple[Key, Sequence[Known]]]]
"""The rows of an anchor collection with their verified identifiers."""

Said = Mapping[datetime, Mapping[str, Sequence[Key]]]
"""Whose rows they are that somebody said something about, by the moment they said it and by collection."""
Wanted = Callable[[Collection], list[Flags]]

EVERY = "*"


def plan_flags(
    session: Session, records: Records, rows: Rows, since: date | None
) -> tuple[tuple[Sort, StorePlan], ...]:  # fmt: skip
    """What has to be flagged again in each store; stores where the policy names no flag are not read."""
    found: list[tuple[Sort, StorePlan]] = []
    for opened in session.stores.values():
        if not any(collection.flags for collection in opened.graph.store.collections.values()):
            continue
        whose: dict[str, dict[datetime, dict[str, Sequence[Key]]]] = {}
        for name in opened.graph.anchors:
            certain = records.certain(opened.graph.store.name, name, rows(opened, name))
            for (purpose, at), keys in records.match_marked(certain, session.as_of, since).items():
                whose.setdefault(purpose, {}).setdefault(at, {})[name] = keys
        found += _plans(session, opened, whose, records)
    return tuple(found)


def sets_consent(policy: Policy, flags: Iterable[tuple[Sort, StorePlan]]) -> bool:
    """Whether any of it would say that somebody has withdrawn a consent."""
    return any(
        _consents(policy, policy.stores[store.store].collections[step.collection]).intersection(step.fields)
        for sort, store in flags if sort == "objection" for step in store.steps if step.action == "set"
    )  # fmt: skip


def _consents(policy: Policy, collection: Collection) -> set[str]:
    refused = collection.refused.items()
    return {
        flag.column for name, flags in refused if policy.purposes[name].basis == Basis.CONSENT for flag in flags
    }  # fmt: skip


def possible(store: StorePlan) -> tuple[StorePlan, list[Outcome]]:
    """What of it can be done, and how the rest has ended: a flag that its column cannot hold keeps nothing else back,
    least of all an erasure."""
    refusals = [one for one in store.findings if one.severity == "refuse"]
    why = {step.number: next((one.message for one in refusals if _stops(one, step)), "") for step in store.steps}
    failed = [Outcome(step, "failed", 0, why[step.number]) for step in store.steps if why[step.number]]
    left = tuple(step for step in store.steps if not why[step.number])
    return replace(
        store, steps=left if any(step.number for step in left) else (),
        changes=tuple(change for change in store.changes if not why.get(change.number)),
        findings=tuple(one for one in store.findings if one not in refusals),
    ), failed  # fmt: skip


def _stops(refusal: Finding, step: Step) -> bool:
    return refusal.collection in (None, step.collection) and refusal.column in (None, *step.fields)


def _plans(
    session: Session, opened: Opened, whose: Mapping[str, Said], records: Records
) -> Iterator[tuple[Sort, StorePlan]]:  # fmt: skip
    everything = {EVERY: restrict.flags_of} if EVERY in whose else {}
    refused = {purpose: refuse.flags_of([purpose]) for purpose in sorted(whose) if purpose != EVERY}
    sorts: tuple[tuple[Sort, Mapping[str, Wanted]], ...] = (
        ("restriction", everything), ("objection", refused),
    )  # fmt: skip
    zone = session.policy.timezone
    for sort, wanted in sorts:
        drafts: list[Draft] = []
        findings: dict[int, tuple[Finding, ...]] = {}
        told = (
            (purpose, flags, *group)
            for purpose, flags in wanted.items() for group in _alike(opened, flags, whose[purpose], zone)
        )  # fmt: skip
        for purpose, flags, at, keys in told:
            one = setting(opened, _theirs(opened, keys, purpose, flags, records), flags, at, zone)
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


def _theirs(
    opened: Opened, keys: Mapping[str, tuple[Key, ...]], purpose: str, flags: Wanted, records: Records
) -> dict[str, Expr]:
    """Their rows, but for those that belong to somebody else too, unless a human has opened them: then what was said
    has reached them."""
    mine, collections, store = person_rows(opened, keys), opened.graph.store.collections, opened.graph.store.name
    shared = shared_of(opened, mine)
    mine = {name: where for name, where in mine.items() if any(flags(collections[name]))}
    for name in sorted(mine.keys() & shared.keys()):
        key = opened.graph.key_of(name)
        doubtful = list(opened.connector.keys(name, all_of(mine[name], shared[name]))) if key else []
        heard = {*records.heard_of(purpose, store, name, doubtful)}
        left = tuple(one for one in doubtful if one not in heard)
        if left or not key:
            mine[name] = all_of(mine[name], none_of(KeyIn(key, left) if key else shared[name]))
    return mine


def _alike(
    opened: Opened, flags: Wanted, said: Said, zone: str
) -> list[tuple[datetime, dict[str, tuple[Key, ...]]]]:  # fmt: skip
    """The rows into which the same is written, with the moment of it: of flags without a moment all of them."""
    every = [
        (flag, zoned(opened.facts, one.name, flag.column))
        for one in opened.graph.store.collections.values() if one.name in opened.facts.tables
        for group in flags(one) for flag in group
    ]  # fmt: skip
    found: dict[tuple[Scalar, ...], tuple[datetime, dict[str, tuple[Key, ...]]]] = {}
    for at, by in sorted(said.items()):
        _, rows = found.setdefault(tuple(written(flag, at, zone, zoned=moments) for flag, moments in every), (at, {}))
        for name, keys in by.items():
            rows[name] = (*rows.get(name, ()), *keys)
    return list(found.values())
