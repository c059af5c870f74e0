"""Once a day: rows that have come since somebody objected, or since their data was frozen, say so too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from troth.bootstrap import open_session
from troth.core.errors import StoreError
from troth.core.policy.model import Mode
from troth.core.requests.route import terms_of
from troth.core.rights.newcomers import flag_new_rows
from troth.desk.house import House, house
from troth.jobs import schedule
from troth.jobs.enqueue import Planned
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work

KIND = "flags.new_rows"


def flag(at: House, store: str, now: datetime) -> tuple[int, bool]:
    """Flag what has come to one store; how many rows, and whether nothing is left for another day. Whose rows they were
    nobody is told; the ledger hears of it under the name of the day."""
    with open_session(at.policy, settings.POLICY, terms_of(at.policy).day(now), [store]) as session:
        outcomes = flag_new_rows(session, at.runner(f"new-rows-{now:%Y-%m-%d}"))
        failed = any(one.status == "failed" for one in outcomes)
        return sum(one.rows for one in outcomes if one.status == "done"), not (failed or session.unreachable)


def _run(work: Work) -> Outcome:
    rows, away = 0, []
    with house() as at:
        for name in [name for name, store in at.policy.stores.items() if store.mode is Mode.ENFORCE]:
            work.still_mine()
            try:
                found, whole = flag(at, name, datetime.now(UTC))
            except StoreError:
                found, whole = 0, False
            rows += found
            away += [] if whole else [name]
    return Done({"rows": rows, "again": away})


def register() -> None:
    """Every day, when there is nothing else to do."""
    known_kind(StepKind(name_of(KIND, 1), _run))
    schedule.register(schedule.Schedule(KIND, schedule.every(timedelta(days=1)), [Planned(KIND)]))
