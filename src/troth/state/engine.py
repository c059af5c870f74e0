"""The engine's memory (``core.records.Records``) on top of the vault and the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.evidence.pseudonym import row_kind, row_value
from troth.core.query import Key
from troth.core.records import Anchors, ArchiveRecord, Erased, Held, HoldRecord, Known, Pending, RefusalRecord
from troth.core.rights.before import Before, merged, without
from troth.core.rights.rest import merge
from troth.state.archive import NewRecord
from troth.state.erasures import Status, StepKey
from troth.state.marks import Mark, Marks
from troth.state.portable import lists, portable, restored, scalar
from troth.state.state import State

_SEALED = "sealed"
"""Stands for the ground of a hold: what people write there may name somebody, so it lies with the anchors."""

_HEARD = "heard/"
"""Before the kind of the hashes of rows that a restriction or refusal has reached."""

_WHOLE = "*"
"""The step of a request that stands for all of it."""

_ANY_DAY = date.min + timedelta(days=1)
"""Of what waits without a date: each sweep looks whether it may go."""


class StateRecords:
    """``Records`` kept in a State. Identifiers and keys of rows are stored as keyed hashes or encrypted."""

    def __init__(self, state: State) -> None:
        self.state = state

    def transaction(self) -> AbstractContextManager[None]:
        return self.state.transaction()

    def note(self, *events: Event) -> str:
        return self.state.record(*events).checkpoint

    # --- erasures ---------------------------------------------------------------------------------

    def begin(self, pending: Pending, at: datetime, rows: Iterable[tuple[str, str, Key]]) -> None:
        subjects = self.state.subjects
        hashes = [subjects.current(kind, value) for kind, value in pending.known]
        hashes += [subjects.current_row(store, collection, key) for store, collection, key in rows]
        scope = cast(JSON, {name: list(values) for name, values in pending.scope.items()})
        with self.state.transaction():
            self.state.erasures.intend(_key(pending.ref), at=at, epoch=subjects.newest.id, scope=scope, hashes=hashes)
            self._schedule(pending, 0)

    def unfinished(self, known: Sequence[Known]) -> list[Pending]:
        subjects = self.state.subjects
        candidates = [h for kind, value in known for h in subjects.candidates(kind, value)]
        found: list[Pending] = []
        for erasure in self.state.erasures.matching(candidates):
            if erasure.status is not Status.DONE:
                found.extend(p for p in self.pendings(erasure.key.request) if p.unfinished)
        return found

    def finish(self, ref: str, at: datetime, rest: Pending | None, *, failed: bool = False) -> None:
        with self.state.transaction():
            if failed:
                self.state.erasures.finish(_key(ref), Status.FAILED, at=at)
                return
            self.state.erasures.finish(_key(ref), Status.DONE, at=at)
            parts = self.state.deferred.of_request(ref)
            for part in parts:
                self.state.deferred.done(part.key, at=at)
            if rest is not None:
                self._schedule(rest, len(parts))

    def due(self, as_of: date) -> list[Pending]:
        return [_pending(part.payload) for part in self.state.deferred.due(as_of)]

    def _schedule(self, pending: Pending, number: int) -> None:
        due = pending.due or _ANY_DAY
        key = StepKey(pending.ref, _WHOLE, f"rest-{number}")
        self.state.deferred.schedule(key, due=due, payload=_packed(pending))

    def pendings(self, ref: str) -> list[Pending]:
        """What an erasure of that name has left to do, now or on another day."""
        parts = self.state.deferred.of_request(ref)
        return [_pending(part.payload) for part in parts if part.payload is not None]

    def tag(self, store: str, collection: str, key: Key) -> str:
        return self.state.apart.tag(store, collection, key)

    def set_apart(self, known: Sequence[Known], rows: Collection[str], again: Iterable[tuple[Known, str]] = ()) -> None:
        with self.state.transaction():
            self.state.apart.unsay(again)
            self.state.apart.say(known, rows)

    def apart_of(self, known: Known) -> frozenset[str]:
        return self.state.apart.of(known)

    def certain(
        self, store: str, collection: str, rows: Iterable[tuple[Key, Sequence[Known]]]
    ) -> Iterable[tuple[Key, Sequence[Known]]]:
        return self.state.apart.certain(store, collection, rows)

    # --- replay -----------------------------------------------------------------------------------

    def erased(self) -> list[Erased]:
        # Those that ended in part too: what they did erase must not live again.
        return [Erased(e.key.request, e.at, _scope(e.scope)) for e in self.state.erasures.all()]

    def match_erased(
        self, store: str, collection: str, rows: Iterable[tuple[Key, Sequence[Known]]]
    ) -> list[tuple[Key, str, Literal["same", "key_only", "identifier_only"]]]:
        subjects = self.state.subjects
        by_row = self.state.erasures.requests(row_kind(store, collection))
        by_kind: dict[str, dict[bytes, set[str]]] = {}
        found: list[tuple[Key, str, Literal["same", "key_only", "identifier_only"]]] = []
        for key, known in rows:
            keyed: set[str] = set()
            for item in subjects.candidate_rows(store, collection, key):
                keyed |= by_row.get(item.digest, set())
            named: set[str] = set()
            for kind, value in known:
                if kind not in by_kind:
                    by_kind[kind] = self.state.erasures.requests(kind)
                for item in subjects.candidates(kind, value):
                    named |= by_kind[kind].get(item.digest, set())
            found.extend((key, ref, "same") for ref in sorted(keyed & named))
            found.extend((key, ref, "key_only") for ref in sorted(keyed - named))
            found.extend((key, ref, "identifier_only") for ref in sorted(named - keyed))
        return found

    # --- holds ------------------------------------------------------------------------------------

    def add_hold(self, record: HoldRecord, at: datetime, known: Sequence[Known]) -> None:
        marks = self.state.holds if record.kind == "hold" else self.state.restrictions
        marks.add(
            record.ref,
            identifiers=known,
            anchors=[record.reason, _anchors_json(record.anchors), _before_json(record.before)],
            ground=_SEALED,
            at=at,
            scope={"collections": list(record.collections), "fields": list(record.fields)},
            until=record.until,
        )

    def release_hold(self, ref: str, at: datetime, while_it_remembers: Sequence[Before] | None = None) -> bool:
        with self.state.transaction():
            for marks in (self.state.holds, self.state.restrictions):
                mark = marks.get(ref)
                if mark is not None:
                    released = self._as_it_was(ref, while_it_remembers) and marks.release(ref, at=at)
                    if released and mark.anchors is not None:
                        self._bring_forward(_anchors(cast(tuple[JSON, JSON, JSON], mark.anchors)[1]))
                    return released
        return False

    def _bring_forward(self, anchors: Anchors) -> None:
        """What an erasure has left of this person is looked at by the next sweep: what kept it may have been the hold
        that ends here."""
        for part in self.state.deferred.due(date.max):
            if part.due > _ANY_DAY and part.payload is not None and _meet(anchors, _pending(part.payload).anchors):
                self.state.deferred.move(part.key, due=_ANY_DAY)

    def holds(self, as_of: date) -> list[HoldRecord]:
        held = [_hold(mark, "hold") for mark in self.state.holds.active(as_of)]
        return held + [_hold(mark, "restriction") for mark in self.state.restrictions.active(as_of)]

    # --- flags in the publisher's rows ------------------------------------------------------------

    def ended(self, as_of: date) -> list[HoldRecord]:
        return [_hold(mark, "restriction") for mark in self.state.restrictions.ended(as_of)]

    def remember(self, name: str, before: Sequence[Before], anchors: Anchors) -> None:
        # Keys as they come back from here, so that the same row is one.
        new = _before(_before_json(before))
        for marks in (self.state.restrictions, self.state.refusals):
            self._rewrite(marks, name, lambda said: merged(new, said), anchors)
            marks.about(name, ((row_kind(one.store, one.place[1]), row_value(key)) for one in new for key in one.keys))

    def forget(self, name: str, before: Sequence[Before]) -> None:
        gone = _before(_before_json(before))
        for marks in (self.state.restrictions, self.state.refusals):
            self._rewrite(marks, name, lambda said: without(said, gone), {})

    def settle(self, name: str, before: Sequence[Before]) -> bool:
        written = [replace(one, done=True) for one in _before(_before_json(before))]
        with self.state.transaction():
            if self.remembered(name) is None:
                return False
            for marks in (self.state.restrictions, self.state.refusals):
                self._rewrite(marks, name, lambda said: merged(written, said), {})
        return True

    def remembered(self, name: str) -> tuple[Before, ...] | None:
        for marks in (self.state.restrictions, self.state.refusals):
            mark = marks.get(name)
            if mark is not None and mark.anchors is not None:
                return _before(cast(tuple[JSON, JSON, JSON], mark.anchors)[2])
        return None

    def _as_it_was(self, name: str, before: Sequence[Before] | None) -> bool:
        now = self.remembered(name)
        return before is None or now is None or set(now) == set(before)

    def reached(self, name: str, store: str, collection: str, keys: Iterable[Key]) -> None:
        heard = [(f"{_HEARD}{row_kind(store, collection)}", row_value(key)) for key in keys]
        for marks in (self.state.restrictions, self.state.refusals) if heard else ():
            marks.about(name, heard)

    def have_heard(self, name: str, store: str, collection: str, keys: Iterable[Key]) -> list[Key]:
        said = self.state.refusals.hashes_of(name)
        index, kind = self.state.keys.vault.index, f"{_HEARD}{row_kind(store, collection)}"
        return [key for key in keys if index(kind, row_value(key)) in said] if said else []

    def _rewrite(
        self, marks: Marks, name: str, change: Callable[[tuple[Before, ...]], Sequence[Before]], anchors: Anchors
    ) -> None:
        mark = marks.get(name)
        if mark is not None and mark.anchors is not None:
            reason, theirs, said = cast(tuple[JSON, JSON, JSON], mark.anchors)
            known = _anchors(theirs)
            merge(known, _anchors(_anchors_json(anchors)))
            marks.rewrite(name, [reason, _anchors_json(known), _before_json(change(_before(said)))])

    def add_refusal(self, record: RefusalRecord, at: datetime, known: Sequence[Known]) -> None:
        marks = self.state.refusals
        with self.state.transaction():
            marks.add(
                record.name, identifiers=known, ground=record.ground, at=at, scope={"purpose": record.purpose},
                anchors=["", _anchors_json(record.anchors), _before_json(record.before)],
            )  # fmt: skip
            marks.about(record.name, known)

    def refusals(self, known: Sequence[Known]) -> list[RefusalRecord]:
        # No refusal has a last day, so any day does.
        return [_refusal(mark) for mark in self.state.refusals.matching(known, date.max)]

    def release_refusal(self, name: str, at: datetime, while_it_remembers: Sequence[Before] | None = None) -> bool:
        with self.state.transaction():
            if not self._as_it_was(name, while_it_remembers):
                return False
            if self.state.refusals.get(name) is not None:
                self.state.refusals.release(name, at=at)
            return True

    def known_too(self, known: Sequence[Known], new: Sequence[Known]) -> None:
        with self.state.transaction():
            for marks in (self.state.holds, self.state.restrictions, self.state.refusals):
                # Also of those whose last day is past: their flags still stand.
                for mark in marks.matching(known, date.min):
                    marks.about(mark.id, new)
            self.state.apart.say(new, {row for one in known for row in self.state.apart.of(one)})

    def beside(self, name: str, rows: Iterable[tuple[str, str, Key]] = ()) -> list[Before]:
        hashed = [(row_kind(store, table), row_value(key)) for store, table, key in rows]
        restrictions = [_hold(mark, "restriction").before for mark in self.state.restrictions.beside(name, hashed)]
        refusals = [_refusal(mark).before for mark in self.state.refusals.beside(name, hashed)]
        return [one for before in (*restrictions, *refusals) for one in before]

    def whose(self, name: str, rows: Iterable[tuple[Key, Sequence[Known]]]) -> list[Key]:
        about = self.state.refusals.hashes_of(name)
        return [key for key, known in rows if not about.isdisjoint(self.state.keys.vault.indexes(known))]

    def match_marked(
        self, rows: Iterable[tuple[Key, Sequence[Known]]], as_of: date, since: date | None
    ) -> dict[tuple[str, datetime], list[Key]]:
        said: dict[bytes, list[tuple[str, datetime]]] = {}
        for item, marks in self.state.restrictions.scopes(as_of, since).items():
            said.setdefault(item, []).extend(("*", at) for _, at in marks)
        for item, marks in self.state.refusals.scopes(as_of, since).items():
            said.setdefault(item, []).extend((cast(dict[str, str], scope)["purpose"], at) for scope, at in marks)
        found: dict[tuple[str, datetime], list[Key]] = {}
        for key, known in rows if said else ():
            first: dict[str, datetime] = {}
            for purpose, at in (one for item in self.state.keys.vault.indexes(known) for one in said.get(item, ())):
                first[purpose] = min(at, first.get(purpose, at))
            for one in first.items():
                found.setdefault(one, []).append(key)
        return found

    def standing(
        self, rows: Iterable[tuple[Key, Sequence[Known]]], as_of: date
    ) -> dict[tuple[str, str, datetime], list[Key]]:
        said: dict[bytes, list[tuple[str, str, datetime]]] = {}
        for item, name, _, at in self.state.restrictions.by_hash(as_of):
            said.setdefault(item, []).append((name, "*", at))
        for item, name, scope, at in self.state.refusals.by_hash(as_of):
            said.setdefault(item, []).append((name, cast(dict[str, str], scope)["purpose"], at))
        found: dict[tuple[str, str, datetime], list[Key]] = {}
        for key, known in rows if said else ():
            for one in {one for item in self.state.keys.vault.indexes(known) for one in said.get(item, ())}:
                found.setdefault(one, []).append(key)
        return found

    def heard_of(self, purpose: str, store: str, collection: str, keys: Sequence[Key]) -> list[Key]:
        kind = f"{_HEARD}{row_kind(store, collection)}"
        marks = self.state.restrictions if purpose == "*" else self.state.refusals

        def heard(key: Key) -> bool:
            found = marks.matching([(kind, row_value(key))], date.min)
            return any(purpose in ("*", cast(dict[str, str], mark.scope).get("purpose")) for mark in found)

        return [key for key in keys if heard(key)]

    # --- archive ----------------------------------------------------------------------------------

    def archive(self, records: Sequence[ArchiveRecord]) -> int:
        return self.state.archive.put(
            NewRecord(
                _archive_id(r), r.purpose, r.store, r.collection, r.ends,
                cast(JSON, {name: portable(value) for name, value in r.row.items()}), r.known,
            )
            for r in records
        )  # fmt: skip

    def archived(self, known: Sequence[Known]) -> list[ArchiveRecord]:
        shelf = self.state.archive
        entries = sorted(shelf.matching(known), key=lambda e: (e.store, e.collection, e.purpose, e.until, e.id))
        opened = ((e, cast(dict[str, Any], shelf.read(e.id))) for e in entries)
        return [
            ArchiveRecord(
                e.purpose, e.store, e.collection, (), e.until, {name: restored(value) for name, value in row.items()}
            )
            for e, row in opened
        ]

    def archive_due(self, as_of: date) -> list[tuple[str, str, int]]:
        counts: dict[tuple[str, str], int] = {}
        for entry in self.state.archive.ended(as_of):
            place = (entry.purpose, f"{entry.store}.{entry.collection}")
            counts[place] = counts.get(place, 0) + 1
        return [(purpose, place, rows) for (purpose, place), rows in sorted(counts.items())]

    def destroy_archive(self, as_of: date) -> int:
        return self.state.archive.destroy_ended(as_of)

    # --- sweeps -----------------------------------------------------------------------------------

    def sweep_start(self, name: str, ref: str, at: datetime) -> tuple[str, dict[str, Any], dict[str, int]]:
        run = self.state.sweeps.start(ref, name, at=at)
        return run.id, cast(dict[str, Any], run.cursor or {}), dict(run.counts)

    def sweeps_given_up(self, name: str, at: datetime) -> list[str]:
        runs = [run for run in self.state.sweeps.unfinished() if run.plan != name]
        for run in runs:
            self.state.sweeps.end(run.id, at=at, counts=run.counts)
        return [run.id for run in runs]

    def sweep_save(self, ref: str, cursor: dict[str, Any], counts: dict[str, int]) -> None:
        self.state.sweeps.advance(ref, cursor=cast(JSON, cursor), counts=counts)

    def sweep_end(self, ref: str, at: datetime, counts: dict[str, int]) -> None:
        self.state.sweeps.end(ref, at=at, counts=counts)


def _meet(one: Anchors, other: Anchors) -> bool:
    """Whether a row is among both."""
    return any(
        not set(keys).isdisjoint(other.get(store, {}).get(collection, ()))
        for store, by in one.items() for collection, keys in by.items()
    )  # fmt: skip


def _key(ref: str) -> StepKey:
    return StepKey(ref, _WHOLE, "erase")


def _archive_id(record: ArchiveRecord) -> str:
    """The same row under the same purpose always has the same name, so that it is put away once."""
    value = row_value(record.key)
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{record.purpose}/{record.store}/{record.collection}/{value}"))


def _packed(pending: Pending) -> JSON:
    raw = asdict(pending)
    raw["anchors"] = _anchors_json(pending.anchors)
    raw["held"]["rows"] = {store: _anchors_json(by) for store, by in pending.held.rows.items()}
    raw["due"] = pending.due.isoformat() if pending.due else None
    return cast(JSON, lists(raw))


def _pending(payload: JSON) -> Pending:
    raw = cast(dict[str, Any], payload)
    return Pending(
        ref=raw["ref"],
        anchors=_anchors(raw["anchors"]),
        known=tuple((kind, value) for kind, value in raw["known"]),
        scope=_scope(raw["scope"]),
        due=date.fromisoformat(raw["due"]) if raw["due"] else None,
        cleared=_fields(raw["cleared"]),
        unfinished=raw["unfinished"],
        held=Held(_fields(raw["held"]["fields"]), {store: _anchors(by) for store, by in raw["held"]["rows"].items()}),
    )


def _fields(raw: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {store: {name: tuple(fields) for name, fields in by.items()} for store, by in raw.items()}


def _scope(scope: JSON) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in cast(dict[str, list[str]], scope).items()}


def _hold(mark: Mark, kind: Literal["hold", "restriction"]) -> HoldRecord:
    scope = _scope(mark.scope)
    reason, anchors, before = cast(tuple[str, JSON, JSON], mark.anchors)
    return HoldRecord(
        mark.id, kind, reason, _anchors(anchors), scope["collections"], scope["fields"], mark.until, _before(before)
    )


def _refusal(mark: Mark) -> RefusalRecord:
    purpose = cast(dict[str, str], mark.scope)["purpose"]
    ground: Literal["objection", "withdrawal"] = "withdrawal" if mark.ground == "withdrawal" else "objection"
    _, anchors, before = cast(tuple[str, JSON, JSON], mark.anchors)
    return RefusalRecord(mark.id, purpose, ground, _before(before), _anchors(anchors))


def _before_json(before: Iterable[Before]) -> JSON:
    return [
        [
            one.store,
            one.collection,
            one.column,
            portable(one.former),
            portable(one.written),
            [[portable(v) for v in key] for key in one.keys],
            one.table,
            one.done,
        ]
        for one in before
    ]


def _before(raw: JSON) -> tuple[Before, ...]:
    return tuple(
        Before(
            store,
            name,
            col,
            scalar(former),
            scalar(mark),
            tuple(tuple(map(restored, key)) for key in keys),
            table,
            done=all(rest),
        )
        for store, name, col, former, mark, keys, table, *rest in cast(list[list[Any]], raw or [])
    )


def _anchors_json(anchors: Anchors) -> JSON:
    return {
        store: {c: [[portable(v) for v in key] for key in keys] for c, keys in by.items()}
        for store, by in anchors.items()
    }


def _anchors(raw: JSON) -> dict[str, dict[str, tuple[Key, ...]]]:
    stores = cast(dict[str, dict[str, list[list[Any]]]], raw)
    return {
        store: {c: tuple(tuple(restored(v) for v in key) for key in keys) for c, keys in by.items()}
        for store, by in stores.items()
    }
