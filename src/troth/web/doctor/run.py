"""All probes in their order, by the part of the whole they look at."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.errors import TrothError
from troth.web.doctor import clock, database, machine, mail, outside, policy, state
from troth.web.doctor.findings import Case, Finding, Probe, problem

PROBES: dict[str, tuple[Probe, ...]] = {
    "policy": (policy.loads, policy.mode, policy.names),
    "state": (state.folder, state.keys, state.opens, state.room),
    "database": (database.kind, database.tables, database.stores),
    "clock": (clock.synchronised, clock.state_not_ahead, clock.database_agrees),
    "mail": (mail.set_up, mail.server, mail.sender_domain, mail.delivered),
    "site": (outside.names, outside.answers),
    "machine": (machine.python, machine.libraries, machine.settings),
}


def examine(case: Case, only: tuple[str, ...] = ()) -> Iterator[tuple[str, Finding]]:
    """What every probe finds, with the part it belongs to. A probe that fails is a finding too."""
    for part, probes in PROBES.items():
        if only and part not in only:
            continue
        for probe in probes:
            yield from ((part, found) for found in _guarded(probe, case))


def _guarded(probe: Probe, case: Case) -> Iterator[Finding]:
    try:
        yield from probe(case)
    except TrothError as error:
        yield problem("told", said=error.message, remedy=error.remedy or "-")
    except Exception as error:  # one probe that fails must not hide what the others see
        name = f"{probe.__module__.rpartition('.')[2]}.{probe.__name__}"
        yield problem("probe_failed", probe=name, kind=type(error).__name__)
