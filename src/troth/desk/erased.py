"""What an erasure is a no to, where rows stay (``core.rights.no_more``): like any other no it is in the answers to *may
I?*, is seen in the personal space, and is ended there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from troth.core.records import Known
from troth.core.requests.model import Request
from troth.core.rights import no_more as after
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.refuse import Ground
from troth.core.rights.session import Session
from troth.desk import mirror
from troth.desk.house import House, stores_at_work
from troth.desk.models import File, Refusal
from troth.state.engine import StateRecords

Told = Sequence[tuple[str, Mapping[str, Any] | None]]
"""What the ledger knows of a request: kinds and bodies; None where a body's time was over."""


def no_more(
    house: House, session: Session, request: Request, identity: Identity, decisions: Decisions, now: datetime,
    kept: Collection[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """Put these uses on record as refused, in the answers to *may I?* and in the publisher's rows, as far as rows that
    serve them have stayed; ``kept``: the uses of what the ledger says has stayed. Returns (the purposes, the steps that
    failed); what was done before is not done again.

    Raises StoreError, PlanRefused: the next try takes it up again.
    """
    told = house.records.state.events_of(request.ref)
    earlier = _made(told)
    if earlier is not None:
        return earlier, ()
    runner = replace(house.runner(request.ref), now=now)

    def first(left: Identity, known: Sequence[Known], purposes: Sequence[str], ground: Ground) -> None:
        on_record(house.records, session, left, known, purposes, ground, now, File.objects.get(ref=request.ref))

    before = _serving(told) | set(kept)
    return after.no_more(session, runner, request.scope, identity, decisions, first, before)


def once_more(
    house: House, request: Request, identifiers: Sequence[Known], decisions: Decisions, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """``no_more`` for an erasure that is done already, where a crash or a store may have come in between: for the rows
    that the erasure remembers, since what the person gave to be found by is mostly erased. Where it remembers none, all
    that the ledger says has stayed is a no at least in the answers to *may I?*."""
    earlier = _made(house.records.state.events_of(request.ref))
    if earlier is not None:
        return earlier, ()
    with stores_at_work(house.policy, now) as session:
        rests = [one for one in house.records.pendings(_carried_by(house, request.ref)) if not one.unfinished]
        away = tuple(sorted({store for one in rests for store in one.anchors if store in session.unreachable}))
        if away:
            return (), away
        identity = after.as_left(session, rests, identifiers, decisions, house.records)
        kept = () if rests else _uses_kept(house, session, request.ref)
        return no_more(house, session, request, identity, decisions, now, kept)


def _ends(house: House, ref: str) -> list[Mapping[str, Any]]:
    return [body for kind, body in house.records.state.events_of(ref) if kind == "erasure.done" and body is not None]


def _carried_by(house: House, ref: str) -> str:
    """The request that brought this erasure to its end: a later one may have."""
    return next((str(body["completed_by"]) for body in reversed(_ends(house, ref)) if "completed_by" in body), ref)


def _uses_kept(house: House, session: Session, ref: str) -> set[str]:
    """The uses of the collections in which rows have stayed, as the ledger tells."""
    bodies = _ends(house, _carried_by(house, ref))[-1:]
    lines = [line for body in bodies for line in cast("list[list[Any]]", body.get("outcomes", []))]
    places = {(line[0], line[1]) for line in lines if line[4] == "kept" and line[3]}
    graphs = session.graphs
    known = [(graphs[s], name) for s, name in places if s in graphs and name in graphs[s].store.collections]
    return {use for graph, name in known for use in graph.purposes_of(name)}


def serving(house: House, ref: str) -> frozenset[str]:
    """The uses that rows of the person served before a no was written into them, as the ledger heard."""
    return _serving(house.records.state.events_of(ref))


def _serving(told: Told) -> frozenset[str]:
    bodies = (body for kind, body in told if kind == "objection.intended" and body)
    return frozenset(use for body in bodies for use in cast("list[str]", body.get("serving", [])))


def _made(told: Told) -> tuple[str, ...] | None:
    for kind, body in told:
        if kind == "objection.made" and body is not None:
            return tuple(cast("list[str]", body.get("purposes", [])))
    return None


def on_record(
    records: StateRecords, session: Session, left: Identity, known: Sequence[Known], purposes: Sequence[str],
    ground: Ground, now: datetime, file: File | None = None,
) -> None:  # fmt: skip
    """From now on the answer to *may I?* is no for these uses. Without a ``file`` no request of the desk says so; what
    somebody has refused already is not said twice."""
    hashes = records.state.keys.vault.indexes(known)
    said = set[tuple[bytes, str]]()
    if file is None:
        rows = Refusal.objects.filter(hash__in=hashes, purpose__in=purposes, ground=ground, ended=None)
        said = {(bytes(item), purpose) for item, purpose in rows.values_list("hash", "purpose")}
    Refusal.objects.bulk_create(
        (
            Refusal(file=file, hash=item, purpose=purpose, ground=ground, made=now)
            for item in hashes for purpose in purposes if (item, purpose) not in said
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    mirror.put(session, left, purposes, ground, now)
