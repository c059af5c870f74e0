"""Cookies that only the server can take away: those declared ``http_only``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http.cookies import Morsel

from django.http import HttpRequest, HttpResponse

from troth.core.consent.services import SiteCookie, asked
from troth.core.policy.model import Policy
from troth.web.banner.sparing import kept_anyway

LONGEST = 4096
"""Bytes that the names of services may take."""
_PATH = re.compile(r"/[\w./~-]*")
_NAME = re.compile(r"[!#$%&'+.^_`|~0-9A-Za-z-]+")


def expire(response: HttpResponse, request: HttpRequest, policy: Policy, names: Iterable[str]) -> None:
    """Set the hidden cookies of these services to the past, under every domain that this host may speak for. What
    needs no consent under the same name stays."""
    refused = set(names)
    cookies = [cookie for service in asked(policy) if service.name in refused for cookie in service.cookies]
    host = request.get_host().rpartition(":")[0] or request.get_host()
    taken = [
        (name, cookie.path or "/", domain)
        for cookie in cookies
        if cookie.http_only and cookie.storage == "cookie"
        for name in _named(cookie.name, request.COOKIES)
        if not kept_anyway(policy, name)
        for domain in _domains(cookie, host)
    ]
    for number, (name, path, domain) in enumerate(dict.fromkeys(taken)):
        # Django keeps one cookie for each name; here a name is taken away from several domains.
        dict.__setitem__(response.cookies, f"{name} {number}", _gone(name, path, domain, secure=request.is_secure()))


def _named(pattern: str, sent: Iterable[str]) -> list[str]:
    if "*" not in pattern:
        return [pattern] if _NAME.fullmatch(pattern) else []
    shape = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    return [name for name in sent if shape.fullmatch(name) and _NAME.fullmatch(name)]


def _domains(cookie: SiteCookie, host: str) -> Iterator[str]:
    yield ""
    parts = host.split(".")
    if re.fullmatch(r"[\d.]+|.*:.*|\[.*", host):
        return
    yield from (".".join(parts[at:]) for at in range(len(parts) - 1))
    declared = (cookie.domain or "").lstrip(".").lower()
    if declared and (host == declared or host.endswith(f".{declared}")):
        yield declared


def _gone(name: str, path: str, domain: str, *, secure: bool) -> Morsel[str]:
    morsel: Morsel[str] = Morsel()
    morsel.set(name, "", "")
    morsel["max-age"], morsel["samesite"], morsel["httponly"], morsel["secure"] = 0, "Lax", True, secure
    morsel["path"] = path if _PATH.fullmatch(path) else "/"
    morsel["domain"] = domain
    return morsel
