"""What jobs find out for the console: what the next sweeps will do, and how the stores are. No page waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from time import monotonic
from typing import Any

from troth.core.ports import Finding
from troth.core.requests.route import terms_of
from troth.core.retention.forecast import Due, Forecast, forecast
from troth.core.rights.session import Session
from troth.desk.house import House, house, stores
from troth.jobs import schedule
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.models import UNDERWAY, Job
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work
from troth.web.console.models import Outlook, Staff
from troth.web.pages import published

KIND = "console.outlook"
SWEEPS, STORES = "sweeps", "stores"
_HOUR = time(3)
LONGEST = 180.0
"""Seconds that counting may take altogether, since a worker does nothing else meanwhile. A slow store is asked about
fewer days; what is not through by then is told as not asked."""
_FINDINGS = 200
"""Of one store that are kept; more are only counted."""


def register() -> None:
    """Every night, and when somebody of staff asks for it."""
    known_kind(StepKind(name_of(KIND, 1), _run, tries=2))
    schedule.register(schedule.Schedule(KIND, _each_night, [Planned(KIND)]))


def _each_night(now: datetime) -> datetime:
    """Three by the clocks where the publisher is."""
    return schedule.daily(_HOUR, published.kept.get().policy.timezone)(now)


def ask() -> None:
    """Have it found out anew as soon as a worker is free. Whoever asks twice in a minute asks once."""
    enqueue(KIND, datetime.now(UTC).strftime("asked-%Y-%m-%dT%H:%MZ"), [Planned(KIND)])


def underway() -> bool:
    """Whether it is being found out now, or waits for a worker."""
    return bool(Job.objects.filter(kind=KIND, state=UNDERWAY).exists())


def found(kind: str) -> tuple[datetime, dict[str, Any]] | None:
    """What was found last, and when; None before the first time."""
    row = Outlook.objects.filter(kind=kind).first()
    return (row.made, row.found) if row is not None else None


def _run(work: Work) -> Outcome:
    if not Staff.objects.filter(ended__isnull=True).exists():
        return Done()  # nobody reads it: the publisher's stores are left in peace
    with house() as at:
        look(at, datetime.now(UTC), work.still_mine)
    return Done()


def look(at: House, now: datetime, go_on: Callable[[], object] = lambda: None) -> None:
    """Look at the stores and keep what was found. What one store refuses is said of that store."""
    with stores(at.policy, now) as session:
        _keep(STORES, now, stores_json(session))
        go_on()
        end = monotonic() + LONGEST
        _keep(SWEEPS, now, forecast_json(forecast(session, at.records, lambda: end - monotonic())))


def _keep(kind: str, now: datetime, what: dict[str, Any]) -> None:
    Outlook.objects.update_or_create(kind=kind, defaults={"made": now, "found": what})


# --- as JSON and back -----------------------------------------------------------------------------------


def forecast_json(one: Forecast) -> dict[str, Any]:
    """The forecast as it is kept."""
    due = [
        {**asdict(line), "day": line.day.isoformat(), "causes": [list(one) for one in line.causes]} for line in one.due
    ]
    return {
        "as_of": one.as_of.isoformat(),
        "due": due,
        "away": list(one.away),
        "asks_others": one.asks_others,
        "coarse": [[name, [day.isoformat() for day in asked]] for name, asked in one.coarse],
    }


def forecast_of(kept: dict[str, Any]) -> Forecast:
    """The inverse."""
    due = tuple(
        Due(
            **{
                **line,
                "day": date.fromisoformat(line["day"]),
                "causes": tuple((name, rows) for name, rows in line["causes"]),
            }
        )
        for line in kept["due"]
    )  # fmt: skip
    coarse = tuple((name, tuple(map(date.fromisoformat, asked))) for name, asked in kept["coarse"])
    return Forecast(date.fromisoformat(kept["as_of"]), due, tuple(kept["away"]), kept["asks_others"], coarse)


def stores_json(session: Session) -> dict[str, Any]:
    """What opening and inspecting the stores has told; the findings as ``troth doctor`` and the plans say them."""
    told: dict[str, Any] = {name: {"away": why} for name, why in session.unreachable.items()}
    for name, opened in session.stores.items():
        facts = opened.facts
        told[name] = {
            "away": "", "engine": facts.engine, "version": facts.version, "collections": len(facts.tables),
            "findings": [_finding(one) for one in facts.findings[:_FINDINGS]],
            "not_visible": list(facts.not_visible), "remains": list(facts.remains),
        }  # fmt: skip
    return {"stores": told, "day": terms_of(session.policy).day(datetime.now(UTC)).isoformat()}


def _finding(one: Finding) -> dict[str, str]:
    return {
        "code": one.code, "severity": one.severity, "message": one.message, "collection": one.collection or "",
        "remedy": one.remedy,
    }  # fmt: skip
