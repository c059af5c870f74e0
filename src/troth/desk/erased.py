"""After an erasure rows may stay for a reason of their own: an invoice, a contract. What was erased for direct
marketing, or for what rests on consent, is a no from then on (GDPR Articles 7(3), 17(1)(b) and (c), 21(3)): what stays
serves only the reason for which it stays. Like any other no it is seen in the personal space, and ended there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Basis, Policy
from troth.core.ports import Want
from troth.core.query import Key, KeyIn
from troth.core.records import Known
from troth.core.requests.model import Request
from troth.core.requests.route import marketing_of
from troth.core.rights.erase import Outcome, check_runnable, identify, outcome_line, person_rows
from troth.core.rights.identity import Decisions, Identity, Subject
from troth.core.rights.refuse import Ground, plan_refusal, run_refusal
from troth.core.rights.session import Opened, Session
from troth.desk import mirror
from troth.desk.house import House, stores_at_work
from troth.desk.models import File, Refusal


def refused_with(policy: Policy, scope: Collection[str]) -> dict[str, Ground]:
    """The uses that an erasure of these (none: of all) is a no to, each with its ground."""
    wanted = sorted(set(scope) or set(policy.purposes))
    consent = {name for name in wanted if policy.purposes[name].basis == Basis.CONSENT}
    marketing = marketing_of(policy.document)
    return {name: "withdrawal" if name in consent else "objection" for name in wanted if name in consent | marketing}


def no_more(
    house: House, session: Session, request: Request, identity: Identity, decisions: Decisions, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """Put these uses on record as refused, in the answers to *may I?* and in the publisher's rows, as far as rows that
    serve them have stayed. Returns (the purposes, the steps that failed); what was done before is not done again.

    Raises StoreError, PlanRefused: the next try takes it up again.
    """
    earlier = _made(house, request.ref)
    if earlier is not None:
        return earlier, ()
    grounds = refused_with(house.policy, request.scope)
    left = _left(session, identity) if grounds else replace(identity, anchors={})
    served = _served(session, left) & set(grounds) if left.anchors else set()
    known = tuple(dict.fromkeys((*left.known, *identity.known)))
    outcomes: list[Outcome] = []
    for ground in ("objection", "withdrawal"):
        purposes = sorted(name for name in served if grounds[name] == ground)
        if purposes:
            outcomes += _write_no(house, session, request, left, known, purposes, ground, decisions, now)
    failed = tuple(sorted({f"{o.step.store}.{o.step.collection}" for o in outcomes if o.status == "failed"}))
    if served and not failed:
        named: list[JSON] = [*sorted(served)]
        body: dict[str, JSON] = {"request": request.ref, "ground": "erasure", "purposes": named}
        lines = [outcome_line(one) for one in outcomes]
        house.records.note(Event("objection.made", now, body | ({"outcomes": lines} if lines else {})))
    return tuple(sorted(served)), failed


def once_more(
    house: House, request: Request, identifiers: Sequence[Known], decisions: Decisions, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """``no_more`` for an erasure that is done already, where a crash may have come before it."""
    earlier = _made(house, request.ref)
    if earlier is not None:
        return earlier, ()
    with stores_at_work(house.policy, now) as session:
        identity = identify(session, Subject(tuple(identifiers)), decisions, house.records)
        return no_more(house, session, request, identity, decisions, now)


def _made(house: House, ref: str) -> tuple[str, ...] | None:
    for kind, body in house.records.state.events_of(ref):
        if kind == "objection.made" and body is not None:
            return tuple(cast("list[str]", body.get("purposes", [])))
    return None


def _write_no(
    house: House, session: Session, request: Request, left: Identity, known: Sequence[Known], purposes: list[str],
    ground: Ground, decisions: Decisions, now: datetime,
) -> list[Outcome]:  # fmt: skip
    row = File.objects.get(ref=request.ref)
    Refusal.objects.bulk_create(
        (
            Refusal(file=row, hash=item, purpose=purpose, ground=ground, made=now)
            for item in house.records.state.keys.vault.indexes(known) for purpose in purposes
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    mirror.put(session, left, purposes, ground, now)
    planned = plan_refusal(session, replace(left, flags=()), purposes, now, decisions)
    if planned.plan.flags:
        return []  # rows that are somebody else's too say nothing for both of them
    check_runnable(session, planned.plan, incomplete=True)
    return run_refusal(session, planned, house.runner(request.ref), ground, known)


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


def _served(session: Session, left: Identity) -> set[str]:
    """The purposes of the collections in which rows have stayed."""
    found: set[str] = set()
    for store, anchors in left.anchors.items():
        opened = session.stores[store]
        wants = [Want(name, where) for name, where in person_rows(opened, anchors).items()]
        for want, count in zip(wants, opened.connector.count(wants), strict=True):
            if count.rows:
                found |= opened.graph.purposes_of(want.collection)
    return found
