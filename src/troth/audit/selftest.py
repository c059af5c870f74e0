"""Does an installation really block? One page, looked at before a choice, after refusal, after acceptance, and without
the banner's script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from troth.audit.browser import Looker, browser, checked, place
from troth.audit.judging import Expected, Finding, judge
from troth.audit.seen import Phase, Visit
from troth.core.consent.choice import Choice, write
from troth.core.consent.enforcing import rules_of
from troth.core.consent.services import site_services
from troth.core.policy.model import Policy

PHASES: tuple[Phase, ...] = ("before", "refused", "accepted", "unscripted")


@dataclass(frozen=True, slots=True)
class Tested:
    """What was seen, and what it means."""

    visits: tuple[Visit, ...]
    findings: tuple[Finding, ...]


def self_test(policy: Policy, url: str, today: date, progress: Callable[[Phase], None] = lambda phase: None) -> Tested:
    """Look at a page with a real browser. Raises UsageError when that cannot be done."""
    checked(url)
    rules = rules_of(policy, "")
    names = tuple(one.name for one in rules.services)
    cookies: dict[Phase, tuple[str, str]] = {
        "refused": (rules.cookie, write(Choice(today, ()), mark=rules.mark)),
        "accepted": (rules.cookie, write(Choice(today, names), mark=rules.mark)),
    }
    visits = []
    with browser() as started:
        looker = Looker(started, url)
        for phase in PHASES:
            progress(phase)
            visits.append(looker.visit(phase, names, cookies.get(phase)))
    expected = expected_of(policy, url)
    troth = next((visit.banner for visit in visits if visit.banner), "")
    expected = replace(expected, own=expected.own | ({place(troth)} if troth else set()))
    return Tested(tuple(visits), tuple(judge(visits, expected)))


def expected_of(policy: Policy, url: str) -> Expected:
    """What the policy says of the site at this address."""
    document = policy.document
    addresses = [site.url for site in document.sites.values()]
    addresses += [document.policy.address] if document.policy.address else []
    own = frozenset(place(one) for one in addresses if urlsplit(one).hostname)
    kept: list[tuple[str, str | None]] = [(name, None) for name in document.cookies]
    kept += [(cookie.name, service.name) for service in site_services(policy) for cookie in service.cookies]
    return Expected(rules_of(policy, ""), place(url), own, tuple(kept))
