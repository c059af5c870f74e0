"""What a visitor has chosen, as their browser keeps it: the day, what was asked, and the services accepted.

The choice lives in one first-party cookie and names nobody. Its value is ``1.<day>.<mark>[.<service>…]``: the version
of this format; the day of the choice, as days since 1 January 1970 in base 36; the first eight hexadecimal digits of
``fingerprint``; then the accepted services in the order of the policy. ``banner/src/choice.js`` reads and writes the
same; ``tests/vectors/consent`` holds both to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from troth.core.consent.services import SiteCookie, SiteService, asked
from troth.core.policy.model import Policy
from troth.core.policy.sections.site import Consent
from troth.core.policy.values import Duration, parse_duration

NAME = "troth_choice"
"""The cookie's name where the policy declares none as ``exempt: consent_choice``."""
SEPARATOR = "."
LONGEST = 4096
"""What browsers keep of a cookie, in bytes."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_VALUE = re.compile(r"1\.([0-9a-z]{1,5})\.([0-9a-f]{8})((?:\.[A-Za-z][A-Za-z0-9_-]*)*)")
_FIRST = date(1970, 1, 1)
_DAYS_OF_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen on a day; whoever refused everything has accepted nothing."""

    day: date
    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where and how long a choice is kept."""

    name: str
    """The cookie's name."""
    domain: str | None
    """The domain that shares it, or None: the host that asked only."""
    days: int
    """Days after which the visitor is asked again."""


def keeping(policy: Policy) -> Keeping:
    """Where and how long this policy keeps choices. A month is counted as thirty days, which is never too long."""
    found = ((n, c) for n, c in policy.document.cookies.items() if c.exempt == "consent_choice" and "*" not in n)
    name, cookie = next(found, (NAME, None))
    consent = policy.document.consent or Consent()
    domain = cookie.domain.lstrip(".") if cookie and cookie.domain and not name.startswith("__Host-") else None
    return Keeping(name, domain, max(1, _days(parse_duration(consent.ask_again_after))))


def _days(period: Duration) -> int:
    return period.months * _DAYS_OF_A_MONTH + period.days + period.minutes // (24 * 60)


def fingerprint(policy: Policy) -> str:
    """The SHA-256, in hexadecimal, of what is asked in substance: services, their purposes, hosts, companies,
    countries, signals to Google, what they keep for how long; and where and how long the answer is kept. Wording and
    order are no substance.

    Consent named who would receive data (the controllers: GDPR, Article 4(11) with recital 42), so another company
    asks again. Another domain does too: a choice that an older one hides from sight must not speak for today's.
    """
    kept = keeping(policy)
    substance = [[kept.name, kept.domain or "", kept.days], sorted(map(_substance, asked(policy)))]
    text = json.dumps(substance, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def mark(policy: Policy) -> str:
    """What a choice carries of the fingerprint."""
    return fingerprint(policy)[:8]


def _substance(service: SiteService) -> list[object]:
    kept = sorted([cookie.name, cookie.storage, _lifetime(cookie)] for cookie in service.cookies)
    receives = [service.company or "", service.country or "", sorted(service.consent_mode)]
    return [service.name, service.purpose, sorted(service.hosts), receives, kept]


def _lifetime(cookie: SiteCookie) -> str:
    try:
        return str(parse_duration(cookie.lifetime))
    except ValueError:  # `session` and its likes
        return cookie.lifetime


def write(choice: Choice, *, mark: str) -> str:
    """The value of the cookie."""
    return SEPARATOR.join(["1", _base36((choice.day - _FIRST).days), mark, *choice.accepted])


def read(value: str, *, mark: str, today: date, ask_again: int) -> Choice | None:
    """The choice that a cookie holds, or None where there is none that still counts: it cannot be read, something
    else was asked then, or ``ask_again`` days have gone by. A choice of tomorrow comes from another time zone's clock
    and counts; one of a later day does not."""
    found = _VALUE.fullmatch(value) if len(value) <= LONGEST else None
    if found is None or found[2] != mark:
        return None
    accepted = tuple(found[3].split(SEPARATOR)[1:])
    age = (today - _FIRST).days - int(found[1], 36)
    if not -1 <= age < ask_again or len(set(accepted)) != len(accepted):
        return None
    return Choice(today - timedelta(days=age), accepted)


def accepting(names: Iterable[str], policy: Policy) -> tuple[str, ...]:
    """These services in the policy's order, without those that nobody is asked for."""
    wanted = set(names)
    return tuple(service.name for service in asked(policy) if service.name in wanted)


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
