"""The cookies of this site, each as the policy declares it: its name, and how long it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.core.policy.sections.base import ENDLESS
from troth.core.policy.sections.site import Cookie
from troth.core.policy.values import add_months, parse_duration

if TYPE_CHECKING:  # `troth serve` asks `check` in a process that stays small
    from django.http import HttpResponse

PREFIX = "__Host-"


@dataclass(frozen=True, slots=True)
class Declared:
    """A cookie that the policy promises; periods as the file has them, ``session`` for the life of the browser."""

    name: str
    lifetime: str
    remembered: str | None = None

    def ends(self, now: datetime, remembered: bool = False) -> datetime | None:
        """When one that is set now ends; None: with the browser."""
        period = self.remembered if remembered and self.remembered else self.lifetime
        if period in ENDLESS:
            return None
        duration = parse_duration(period)
        day = add_months(now.date(), duration.months)
        moved = now.replace(year=day.year, month=day.month, day=day.day)
        return moved + timedelta(days=duration.days, minutes=duration.minutes)

    def put(self, response: HttpResponse, value: str, ends: datetime | None, now: datetime | None = None) -> None:
        """Set it: for this site alone, out of the reach of scripts, never with requests that come from elsewhere."""
        age = None if ends is None else max(0, round((ends - (now or datetime.now(UTC))).total_seconds()))
        response.set_cookie(self.name, value, max_age=age, path="/", secure=True, httponly=True, samesite="Lax")

    def drop(self, response: HttpResponse) -> None:
        """Make the browser forget it."""
        response.delete_cookie(self.name, path="/", samesite="Lax")
        response.cookies[self.name]["secure"] = True
        response.cookies[self.name]["httponly"] = True


@dataclass(frozen=True, slots=True)
class Jar:
    """What this site may set. What is None is not promised, so it is never set."""

    login: Declared | None
    test: Declared | None
    screen: Declared | None


def jar(policy: Policy) -> Jar:
    """The cookies of the policy that are ours to set: the first own one of each kind."""
    cookies = policy.document.cookies
    return Jar(
        _first(cookies, "authentication"), _first(cookies, "test_of_cookies"), _first(cookies, "ui_personalisation")
    )


def _first(cookies: Mapping[str, Cookie], kind: str) -> Declared | None:
    for name, cookie in cookies.items():
        if cookie.exempt == kind and cookie.storage == "cookie" and cookie.party == "first":
            return Declared(name, cookie.lifetime, cookie.remembered)
    return None


def check(policy: Policy) -> None:
    """That accounts have what they need. Raises UsageError that names the missing lines."""
    if policy.document.accounts is None:
        return
    found, missing = jar(policy), []
    if found.login is None:
        missing.append(
            f"cookies: {{{PREFIX}login: {{for: 2 days, remembered: 2 weeks, exempt: authentication, "
            "until_logout: true, purpose: …}}"
        )
    elif found.login.lifetime in ENDLESS:
        missing.append(f"a period in the `for:` of cookies.{found.login.name}, such as `for: 2 days`")
    if found.test is None:
        missing.append(f"cookies: {{{PREFIX}test: {{for: session, exempt: test_of_cookies, purpose: …}}}}")
    if policy.document.mail is None:
        missing.append("mail: {sender: …, url: smtps://…}, to confirm addresses")
    if missing:
        raise UsageError(
            f"the policy has `accounts:` but lacks what they need: {'; '.join(missing)}",
            remedy="add these lines to the policy, or remove `accounts:` to run the site without them",
        )
