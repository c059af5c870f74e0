"""The site as people reach it: its names, its certificate, and what the proxy in front of it does with the answers."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from troth.web.doctor.findings import Case, Finding, fine, note, problem
from troth.web.doctor.mail import SOON, seconds_apart

_WAIT = 10.0
_ONCE = ("content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
         "permissions-policy", "strict-transport-security", "etag", "cache-control", "content-type")  # fmt: skip
_LEAST_HSTS = 15_552_000
"""Seconds: half a year."""


def names(case: Case) -> Iterator[Finding]:
    """The names under which the site answers, against those that the policy gives."""
    from troth.web.addresses import addresses

    written = case.environment.get("TROTH_HOSTS", "")
    known = addresses(written)
    if not known:
        yield note("names_local")
        return
    for name, scheme in known.items():
        if scheme != "https":
            yield problem("names_scheme", name=name)
    if case.url and _host(case.url) not in known:
        yield problem("names_url", name=_host(case.url), names=", ".join(known))
    theirs = sorted(_domain(url) for url in _published(case))
    if theirs and not {_domain(f"//{name}") for name in known} & set(theirs):
        yield note("names_elsewhere", names=", ".join(known), theirs=", ".join(dict.fromkeys(theirs)))
    elif all(scheme == "https" for scheme in known.values()):
        yield fine("names_fine", names=", ".join(known))


def _published(case: Case) -> list[str]:
    if case.policy is None:
        return []
    document = case.policy.document
    home = [document.publisher.website] if document.publisher.website else []
    return [str(url) for url in (*home, *(site.url for site in document.sites.values()))]


def _host(url: str) -> str:
    return urlsplit(url if "//" in url else f"//{url}").hostname or ""


def _domain(url: str) -> str:
    """The last two labels: enough to see that two names have nothing to do with each other."""
    return ".".join(_host(url).split(".")[-2:])


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: its headers in order, and when the certificate ends."""

    status: int
    headers: tuple[tuple[str, str], ...]
    ends: datetime | None = None

    def all(self, name: str) -> list[str]:
        """The values of a header, each time it stands there."""
        return [value for key, value in self.headers if key.lower() == name]


def fetch(url: str, path: str = "/", secure: bool = True) -> Answer:
    """Ask once, following nothing. Raises OSError, http.client.HTTPException."""
    split = urlsplit(url)
    host = split.hostname or ""
    line: http.client.HTTPConnection
    if secure:
        # An authority of the operator's own is trusted where the environment names its file, as by other programs.
        context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)
        line = http.client.HTTPSConnection(host, split.port or 443, timeout=_WAIT, context=context)
    else:
        line = http.client.HTTPConnection(host, 80, timeout=_WAIT)
    try:
        line.request("GET", path, headers={"User-Agent": "troth-doctor", "Accept-Encoding": "gzip"})
        ends = _ends(line.sock)
        answer = line.getresponse()
        answer.read(2_000_000)
        return Answer(answer.status, tuple(answer.getheaders()), ends)
    finally:
        line.close()


def _ends(line: socket.socket | None) -> datetime | None:
    found = line.getpeercert() if isinstance(line, ssl.SSLSocket) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC) if found else None


def answers(case: Case) -> Iterator[Finding]:
    """The site fetched as anybody would, when its address was given."""
    if not case.url:
        return
    if urlsplit(case.url).scheme != "https":
        yield problem("url_scheme", url=case.url)
        return
    try:
        got = fetch(case.url)
    except ssl.SSLCertVerificationError as error:
        yield problem("url_certificate", why=error.verify_message or "?")
        return
    except (OSError, http.client.HTTPException) as error:
        yield problem("url_unreachable", url=case.url, why=type(error).__name__)
        return
    yield from certificate(got)
    yield from page(got)
    yield from headers(got)
    yield from redirect(case.url)
    yield from forwarded(case.url)


def certificate(got: Answer) -> Iterator[Finding]:
    """It holds, and does for some time."""
    if got.ends is None:
        return
    date = f"{got.ends:%Y-%m-%d}"
    date = f"{got.ends:%Y-%m-%d}"
    soon = got.ends - datetime.now(UTC) < SOON
    yield problem("url_certificate_ends", date=date) if soon else fine("url_certificate_fine", date=date)


def page(got: Answer) -> Iterator[Finding]:
    """It is our page, and its clock is ours."""
    if got.status != 200:
        yield problem("url_status", status=got.status)
    for date in got.all("date")[:1]:
        apart = seconds_apart(date)
        if apart:
            yield problem("clock_apart", other=case_of(got), seconds=round(apart))


def case_of(got: Answer) -> str:
    """How the machine in front calls itself."""
    return (got.all("server") or ["proxy"])[0].split("/")[0][:30]


def headers(got: Answer) -> Iterator[Finding]:
    """Each of our headers arrives once, as it was sent."""
    from troth.web.headers import HEADERS, SCRIPTED

    wrong = False
    for name in _ONCE:
        if len(got.all(name)) > 1:
            wrong = True
            yield problem("header_twice", name=name)
    for name, value in HEADERS.items():
        seen = got.all(name.lower())
        known = (value, SCRIPTED) if name == "Content-Security-Policy" else (value,)
        if not seen:
            wrong = True
            yield problem("header_gone", name=name)
        elif name == "Content-Security-Policy" and seen[0] not in known:
            wrong = True
            yield problem("header_changed", name=name)
    lasts = _max_age(got.all("strict-transport-security"))
    if lasts < _LEAST_HSTS:
        wrong = True
        yield problem("hsts_short" if lasts else "hsts_missing")
    for cookie in got.all("set-cookie"):
        wrong = True
        yield problem("url_cookie", name=cookie.partition("=")[0][:40])
    if not wrong:
        yield fine("headers_fine")


def _max_age(values: list[str]) -> int:
    for part in values[0].split(";") if values else ():
        name, _, number = part.strip().lower().partition("=")
        if name == "max-age" and number.strip('"').isdigit():
            return int(number.strip('"'))
    return 0


def redirect(url: str) -> Iterator[Finding]:
    """Whoever comes without encryption is sent to the encrypted page."""
    try:
        got = fetch(url, urlsplit(url).path or "/", secure=False)
    except (OSError, http.client.HTTPException):
        yield note("redirect_none")
        return
    target = (got.all("location") or [""])[0]
    if got.status in (301, 302, 307, 308) and target.startswith("https://") and _host(target) == _host(url):
        yield fine("redirect_fine")
    else:
        yield problem("redirect_missing", status=got.status)


def forwarded(url: str) -> Iterator[Finding]:
    """The proxy says for whom it asks: what only this machine may see is refused through it."""
    try:
        got = fetch(url, "/metrics")
    except (OSError, http.client.HTTPException):
        return
    yield problem("forwarded_missing") if got.status == 200 else fine("forwarded_fine")
