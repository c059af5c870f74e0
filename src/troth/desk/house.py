"""What the desk works with: the policy, the state and the stores, opened for one act and closed again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.conf import settings

from troth import bootstrap
from troth.core.policy.model import Policy, Store
from troth.core.requests.route import terms_of
from troth.core.rights.erase import Runner
from troth.core.rights.session import Session
from troth.jobs import shift
from troth.state.engine import StateRecords
from troth.web.pages.published import kept

_REMEMBER = 1.0
"""Seconds between two checkpoints that a worker keeps with the keys."""


@dataclass(frozen=True, slots=True)
class House:
    """The publisher's house, as one act sees it."""

    policy: Policy
    records: StateRecords

    def runner(self, ref: str) -> Runner:
        """What carries out a plan under this name."""
        hook = bootstrap.hook_runner(settings.POLICY)
        return Runner(self.records, datetime.now(UTC), ref, hook, time.sleep, random.random)


@contextmanager
def house() -> Iterator[House]:
    """Open policy and state. The policy is the one in force: what people read on the site is what is carried out, also
    while somebody edits the file. Raises PolicyError, KeyUnavailable, LedgerBusy, LedgerTampered."""
    policy = kept.get().policy
    records = bootstrap.open_records(settings.STATE)
    try:
        yield House(policy, records)
    finally:
        records.state.close()


@contextmanager
def at_work() -> Iterator[House]:
    """The same for a step of the journal: the state stays open for the worker's next one."""
    if not shift.on():
        with house() as at:
            yield at
        return
    state = settings.STATE
    records = shift.keep("records", state, lambda: _for_long(bootstrap.open_records(state)), lambda r: r.state.close())
    yield House(kept.get().policy, records)


def _for_long(records: StateRecords) -> StateRecords:
    records.state.remember_every(_REMEMBER)
    return records


@contextmanager
def stores_at_work(policy: Policy, now: datetime) -> Iterator[Session]:
    """As ``stores``, kept open for the worker's next step while every store answers. Whoever writes asks the store
    again, in the transaction of the write, whether its schema is still the one that was looked at here."""
    if not shift.on():
        with stores(policy, now) as session:
            yield session
        return
    day = terms_of(policy).day(now)

    def opened() -> Session:
        return bootstrap.open_session(policy, settings.POLICY, day)

    session = shift.keep("stores", (policy, day), opened, Session.close)
    if session.unreachable:
        shift.drop("stores")
        with stores(policy, now) as fresh:
            yield fresh
        return
    yield session


HURRIED = 5
"""Seconds that one statement may take while somebody waits for a page."""


@contextmanager
def stores(policy: Policy, now: datetime, *, hurried: bool = False) -> Iterator[Session]:
    """The publisher's stores, looked at; one that does not answer is remembered, not fatal. ``hurried``: somebody waits
    for a page, and a slow store counts as one that does not answer."""
    if hurried:
        policy = replace(policy, stores={name: _hurried(store) for name, store in policy.stores.items()})
    with bootstrap.open_session(policy, settings.POLICY, terms_of(policy).day(now)) as session:
        yield session


def _hurried(store: Store) -> Store:
    """The same store, with less patience."""
    return replace(
        store, statement_timeout=min(HURRIED, store.statement_timeout), lock_timeout=min(HURRIED, store.lock_timeout)
    )
