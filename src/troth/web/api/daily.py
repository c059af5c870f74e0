"""Once a day: answers kept for idempotency keys go when their time is over, and the tables of refusals in the
publisher's databases are filled anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from troth.bootstrap import open_session
from troth.core.errors import StoreError, StoreUnreachable, UsageError
from troth.core.policy.model import Mode
from troth.core.requests.route import terms_of
from troth.desk import mirror
from troth.desk.house import House, house
from troth.jobs import schedule
from troth.jobs.enqueue import Planned
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work
from troth.web.api.once import KEPT, forget

KIND = "api.daily"
FILL = "may.fill"


def _run(work: Work) -> Outcome:
    return Done({"answers": forget(datetime.now(UTC) - KEPT)})


def _fill(work: Work) -> Outcome:
    """Where there are none, or Troth may not write, nothing is to be done; a store that is away, or that this process
    has no address of, waits for tomorrow."""
    rows, away = 0, []
    with house() as at:
        for name in [name for name, store in at.policy.stores.items() if store.mode is Mode.ENFORCE]:
            work.still_mine()
            try:
                rows += _fill_store(at, name, datetime.now(UTC))
            except (StoreError, UsageError):
                away.append(name)
    return Done({"changed": rows, "unreachable": away})


def _fill_store(at: House, store: str, now: datetime) -> int:
    with open_session(at.policy, settings.POLICY, terms_of(at.policy).day(now), [store]) as session:
        if session.unreachable:
            raise StoreUnreachable("it does not answer", store=store)
        return sum(one.added + one.removed for one in mirror.fill(at, session, store, now))


def register() -> None:
    """Every day, when there is nothing else to do."""
    known_kind(StepKind(name_of(KIND, 1), _run))
    known_kind(StepKind(name_of(FILL, 1), _fill))
    steps = [Planned(KIND), Planned(FILL)]
    schedule.register(schedule.Schedule(KIND, schedule.every(timedelta(days=1)), steps))
