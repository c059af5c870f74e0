"""What a refused service does not lose, and does not hold back, because it belongs to what needs no consent: the site's
own cookies and its exempt services.

Only what a service that is asked for could take is told, so that most scripts carry nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.consent.choice import keeping
from troth.core.consent.services import asked, site_services
from troth.core.policy.model import Policy


def spared(policy: Policy) -> list[tuple[str, str]]:
    """Pattern and storage of what is never taken away, where it has a name in common with a service's."""
    taken = [(cookie.name, cookie.storage) for service in asked(policy) for cookie in service.cookies]
    return [
        (pattern, storage)
        for pattern, storage in dict.fromkeys(_kept(policy))
        if any(storage == other and overlap(pattern, name) for name, other in taken)
    ]


def open_hosts(policy: Policy) -> list[str]:
    """Hosts of exempt services that a service which is asked for has too, without ports, as the script compares."""
    guarded = [_bare(host) for service in asked(policy) for host in service.hosts]
    free = [_bare(host) for one in site_services(policy) if one.active and one.exempt for host in one.hosts]
    return [host for host in dict.fromkeys(free) if any(overlap(host, other) for other in guarded)]


def _kept(policy: Policy) -> Iterator[tuple[str, str]]:
    name = keeping(policy).name
    yield from ((name, "cookie"), (f"{name}_once", "cookie"))
    services = {cookie.name for service in asked(policy) for cookie in service.cookies}
    for pattern, cookie in policy.document.cookies.items():
        if cookie.exempt or pattern not in services:  # else it is the service's, told twice
            yield pattern, cookie.storage
    for service in site_services(policy):
        if service.active and service.exempt:
            yield from ((cookie.name, cookie.storage) for cookie in service.cookies)


def kept_anyway(policy: Policy, name: str) -> bool:
    """Whether a cookie of this name belongs to what needs no consent."""
    return any(storage == "cookie" and overlap(pattern, name) for pattern, storage in spared(policy))


def _bare(host: str) -> str:
    return host.partition(":")[0]


def overlap(one: str, other: str) -> bool:
    """Whether some name fits both patterns; ``*`` stands for any letters."""
    length = len(other)
    after = [not other[at:].strip("*") for at in range(length + 1)]  # whether the rests fit, from each place of `other`
    for letter in reversed(one):
        fits = [False] * length + [letter == "*" and after[length]]
        for at in reversed(range(length)):
            if "*" in (letter, other[at]):
                fits[at] = after[at] or fits[at + 1]
            else:
                fits[at] = letter == other[at] and after[at + 1]
        after = fits
    return after[0]
