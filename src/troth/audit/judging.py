"""What the visits mean: which of it should not have been, and what to change. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from troth.audit.seen import Asked, Phase, Visit
from troth.core.consent.csp import Embed, admits, parse, reaches
from troth.core.consent.rules import Rules
from troth.core.errors import UsageError

Level = Literal["problem", "note"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the policy says of the site."""

    rules: Rules
    site: str
    """The host of the page, with its port."""
    own: frozenset[str]
    """Other hosts of the publisher's: its sites, Troth."""
    cookies: tuple[tuple[str, str | None], ...]
    """Names, with ``*``, of what may be kept, and the service that keeps it; None: the site itself."""

    def accepted(self, phase: Phase) -> frozenset[str]:
        """The services whose turn it is."""
        return frozenset(one.name for one in self.rules.services) if phase == "accepted" else frozenset()

    def is_own(self, host: str) -> bool:
        """Whether it is one of the publisher's hosts."""
        name, site = host.partition(":")[0], self.site.partition(":")[0].removeprefix("www.")
        return host in self.own or name == site or name.endswith(f".{site}")

    def service(self, host: str) -> Embed | None:
        """Whose host it is."""
        rules = self.rules
        found = (one for one in (*rules.services, *rules.retired, *rules.always) for h in one.hosts if reaches(h, host))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know, and to mend where it is a problem."""

    level: Level
    name: str
    """Of its words: ``loads``, ``undeclared`` …"""
    phase: Phase
    service: str = ""
    host: str = ""
    tag: str = ""
    kept: str = ""
    """The name of a cookie or key."""


def judge(visits: Sequence[Visit], expected: Expected) -> list[Finding]:
    """What is to be said of these visits, in their order; each thing once a phase."""
    found: list[Finding] = []
    for visit in visits:
        found += _requests(visit, expected)
        found += _kept(visit, expected)
        found += _headers(visit, expected)
        found += _banner(visit, expected)
    return list(dict.fromkeys(found))


def _requests(visit: Visit, expected: Expected) -> Iterator[Finding]:
    accepted = expected.accepted(visit.phase)
    always = {one.name for one in expected.rules.always}
    for one in visit.asked:
        service = expected.service(one.host)
        if one.held:
            yield Finding("problem", "private", visit.phase, host=one.host, tag=one.tag)
        elif service is None:
            if not expected.is_own(one.host):
                yield Finding("problem", "undeclared", visit.phase, host=one.host, tag=one.tag)
        elif service.name not in accepted and service.name not in always:
            name = _cause(one, service, expected)
            yield Finding("problem", name, visit.phase, service.name, one.host, one.tag)


def _cause(one: Asked, service: Embed, expected: Expected) -> str:
    """Which remedy to give."""
    if service in expected.rules.retired:
        return "loads_retired"
    if not one.tag:
        return "loads_by_script"
    kind = one.tag.lstrip("<").partition(" ")[0].lower()
    return f"loads_{kind}" if kind in ("script", "iframe", "link", "img") else "loads"


def _kept(visit: Visit, expected: Expected) -> Iterator[Finding]:
    accepted = expected.accepted(visit.phase)
    always = {one.name for one in expected.rules.always}
    for one in visit.kept:
        if one.name == expected.rules.cookie:
            continue
        owners = [service for pattern, service in expected.cookies if fnmatchcase(one.name, pattern)]
        if not owners:
            yield Finding("problem", "kept_undeclared", visit.phase, host=one.host, kept=one.name)
        elif not any(service is None or service in accepted or service in always for service in owners):
            yield Finding("problem", "kept", visit.phase, owners[0] or "", one.host, kept=one.name)


def _headers(visit: Visit, expected: Expected) -> Iterator[Finding]:
    if not visit.policies:
        if visit.phase == "before":
            yield Finding("note", "no_header", visit.phase)
        return
    accepted = expected.accepted(visit.phase)
    read = [parsed for text in visit.policies if (parsed := _parsed(text)) is not None]
    for service in (*expected.rules.services, *expected.rules.retired):
        for host in service.hosts:
            let = [name for name in service.directives if all(admits(one, name, host) for one in read)]
            if let and service.name not in accepted and not _shared(host, accepted, expected):
                yield Finding("problem", "header_lets_in", visit.phase, service.name, host)
            elif service.name in accepted and not let:
                yield Finding("note", "header_stops", visit.phase, service.name, host)
    shared = {"public", "s-maxage"} & {part.strip().partition("=")[0].lower() for part in visit.cache.split(",")}
    varies = {"cookie", "*"} & {part.strip().lower() for part in visit.vary.split(",")}
    if visit.phase == "before" and (shared or not varies):
        yield Finding("note", "cached", visit.phase)


def _parsed(text: str) -> dict[str, tuple[str, ...]] | None:
    try:
        return parse(text)
    except UsageError:
        return None


def _shared(host: str, accepted: frozenset[str], expected: Expected) -> bool:
    """Whether an accepted service has the same host."""
    return any(reaches(h, host) for one in expected.rules.services if one.name in accepted for h in one.hosts)


def _banner(visit: Visit, expected: Expected) -> Iterator[Finding]:
    if visit.phase == "before" and not visit.banner:
        yield Finding("problem", "no_banner", visit.phase)
    elif visit.phase == "before" and visit.accepted is None:
        yield Finding("problem", "banner_silent", visit.phase, host=visit.banner)
    elif (
        visit.phase == "accepted"
        and visit.accepted is not None
        and set(visit.accepted) != expected.accepted("accepted")
    ):
        yield Finding("note", "other_version", visit.phase)
    for problem in visit.problems:
        yield Finding("problem", problem, visit.phase)
