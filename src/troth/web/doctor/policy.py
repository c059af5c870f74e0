"""The policy: can it be used, is it in order, what does it let Troth do."""

from __future__ import annotations

from collections.abc import Iterator

from troth.web.doctor.findings import Case, Finding, fine, note, problem


def loads(case: Case) -> Iterator[Finding]:
    """The file can be read and passes ``troth check``."""
    from troth.core.check.run import all_problems

    problems = all_problems(case.examined, case.now.date())
    count = {level: sum(p.severity == level for p in problems) for level in ("error", "warning")}
    values = {"path": case.policy_path, "errors": count["error"], "warnings": count["warning"]}
    if case.policy is None or count["error"]:
        yield problem("policy_errors", **values)
    elif count["warning"]:
        yield note("policy_warnings", **values)
    else:
        yield fine("policy_fine", path=case.policy_path)


def mode(case: Case) -> Iterator[Finding]:
    """What may be changed in the stores."""
    for store in case.policy.stores.values() if case.policy else ():
        enforced = store.mode == "enforce"
        yield fine("mode_enforce", store=store.name) if enforced else note("mode_observe", store=store.name)


def names(case: Case) -> Iterator[Finding]:
    """The time zone of deadlines is one that this machine knows."""
    from zoneinfo import ZoneInfo

    if case.policy is None:
        return
    try:
        ZoneInfo(case.policy.timezone)
    except (LookupError, ValueError, OSError):
        yield problem("zone_unknown", zone=case.policy.timezone)
