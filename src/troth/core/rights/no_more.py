"""After an erasure rows may stay for a reason of their own: an invoice, a contract. What stays serves only the reason
for which it stays. A use that rests on consent, on a legitimate interest, or is direct marketing has lost its ground
with what was erased: it is a no from then on (GDPR Articles 7(3), 17(1)(b) and (c), 21(1) and (3)).

No such use ever keeps a row when somebody asks for an erasure (``keepers``), so that none of them is the reason why it
stays. A contract, a legal obligation and a public task are not refused: nobody objects to the first two (Article
21(1)), whoever orders again makes a new contract, and what the law or a public task keeps is kept for that (Article
17(3)(b)).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Basis, Policy
from troth.core.ports import Want
from troth.core.query import Key, KeyIn
from troth.core.records import Known, Pending, Records
from troth.core.requests.route import marketing_of
from troth.core.rights.erase import Outcome, Runner, check_runnable, outcome_line
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.refuse import Ground, heard_by, plan_refusal, run_refusal
from troth.core.rights.rest import merge, still_erased
from troth.core.rights.session import Opened, Session
from troth.core.rights.whose import person_rows, set_apart
from troth.core.tombstone import is_tombstone

First = Callable[[Identity, Sequence[Known], Sequence[str], Ground], None]
"""What has to be said elsewhere before the rows are written: who it is by the rows that stayed, all by which they are
known, the uses, the ground."""


def refused_with(policy: Policy, scope: Collection[str]) -> dict[str, Ground]:
    """The uses that an erasure of these (none: of all) is a no to, each with its ground."""
    found: dict[str, Ground] = {}
    for name in sorted(set(scope) or set(policy.purposes)):
        basis = policy.purposes[name].basis
        if basis == Basis.CONSENT:
            found[name] = "withdrawal"
        elif basis == Basis.LEGITIMATE_INTEREST or name in marketing_of(policy.document):
            found[name] = "objection"
    return found


def no_more(
    session: Session, runner: Runner, scope: Collection[str], identity: Identity, decisions: Decisions, first: First,
    before: Collection[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """Put these uses on record as refused, and say so in the publisher's rows, as far as rows that serve them have
    stayed. ``before``: the uses that an earlier try, or the ledger, knows of; the rows may say so already and be out of
    their collection's filter. Returns (the purposes, the places that failed).

    Raises StoreError, PlanRefused: the next try takes it up again.
    """
    grounds = refused_with(session.policy, scope)
    left = _left(session, identity) if grounds else replace(identity, anchors={})
    uses = (set(before) | (served(session, left) if left.anchors else set())) & set(grounds)
    known = tuple(dict.fromkeys((*left.known, *identity.known)))
    outcomes: list[Outcome] = []
    grounded: tuple[Ground, ...] = ("objection", "withdrawal")
    for ground in grounded:
        purposes = sorted(name for name in uses if grounds[name] == ground)
        if purposes:
            first(left, known, purposes, ground)
            outcomes += _in_rows(session, runner, left, known, purposes, ground, decisions, uses)
    failed = tuple(sorted({f"{o.step.store}.{o.step.collection}" for o in outcomes if o.status == "failed"}))
    if uses and not failed:
        named: list[JSON] = [*sorted(uses)]
        body: dict[str, JSON] = {"request": runner.ref, "ground": "erasure", "purposes": named}
        lines = [outcome_line(one) for one in outcomes]
        runner.records.note(Event("objection.made", runner.now, body | ({"outcomes": lines} if lines else {})))
    return tuple(sorted(uses)), failed


def _in_rows(
    session: Session, runner: Runner, left: Identity, known: Sequence[Known], purposes: Sequence[str], ground: Ground,
    decisions: Decisions, uses: Collection[str],
) -> list[Outcome]:  # fmt: skip
    heard = heard_by(runner.records, runner.ref, purposes)
    planned = plan_refusal(session, replace(left, flags=()), purposes, runner.now, decisions, heard)
    if planned.plan.flags:
        return []  # rows that are somebody else's too say nothing for both of them
    check_runnable(session, planned.plan, incomplete=True)
    return run_refusal(session, planned, runner, ground, known, heard, uses)


def _left(session: Session, identity: Identity) -> Identity:
    """The person, by those of their rows that are still there."""
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    for store, found in identity.anchors.items():
        for name, keys in found.items():
            still = _still_there(session.stores[store], name, keys) if store in session.stores else ()
            if still:
                anchors.setdefault(store, {})[name] = still
    return replace(identity, anchors=anchors)


def _still_there(opened: Opened, name: str, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    columns = opened.graph.key_of(name)
    return tuple(opened.connector.keys(name, KeyIn(columns, keys))) if columns else ()


def served(session: Session, left: Identity) -> set[str]:
    """The purposes of the collections in which rows have stayed."""
    found: set[str] = set()
    for store, anchors in left.anchors.items():
        opened = session.stores[store]
        wants = [Want(name, where) for name, where in person_rows(opened, anchors).items()]
        for want, count in zip(wants, opened.connector.count(wants), strict=True):
            if count.rows:
                found |= opened.graph.purposes_of(want.collection)
    return found


def as_left(
    session: Session, rests: Sequence[Pending], known: Sequence[Known], decisions: Decisions, records: Records
) -> Identity:
    """The person by the rows that an erasure has left, as it remembers them itself: what found them may be erased.
    Rows in which something stands again that it emptied are no longer theirs (keys get reused)."""
    anchors: dict[str, dict[str, tuple[Key, ...]]] = {}
    for rest in rests:
        merge(anchors, still_erased(session, rest)[0])
    apart = set_apart(session, anchors, decisions, records)
    told = [one for store, by in anchors.items() if store in session.stores for one in _told(session.stores[store], by)]
    return Identity(tuple(dict.fromkeys((*known, *told))), anchors, apart=apart)


def _told(opened: Opened, anchors: Mapping[str, tuple[Key, ...]]) -> Iterator[Known]:
    """The identifiers that these rows carry for certain."""
    for name, keys in anchors.items():
        if name not in opened.facts.tables:
            continue
        sure = [one for one in opened.graph.store.collections[name].identifiers if one.verified]
        columns = tuple(dict.fromkeys(one.column for one in sure))
        for row in opened.connector.read(name, KeyIn(opened.graph.key_of(name), keys), columns) if sure else ():
            values = {one.kind: row[one.column] for one in sure}
            yield from ((k, str(v)) for k, v in values.items() if v not in (None, "") and not is_tombstone(v))
