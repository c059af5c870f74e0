"""What an answer's headers become. One function for every kind of server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from troth.core.consent.csp import Composed, endpoint
from troth.core.consent.rules import Rules
from troth.core.errors import UsageError
from troth.enforce.source import Source

Headers = list[tuple[str, str]]

POLICY, ENDPOINTS = "Content-Security-Policy", "Reporting-Endpoints"
_DOCUMENTS = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
"""Kinds of answers in which a browser looks for a policy. Others stay as they are, and cacheable for everybody."""
_WORKERS = ("worker", "sharedworker", "serviceworker")
_PLACES = ("", "document", "iframe", "frame", "embed", "object")


def utc_today() -> date:
    """The day by which choices end."""
    return datetime.now(UTC).date()


class Enforcement:
    """The rules in force and the site's own policy."""

    def __init__(self, source: Source, base: str | None, today: Callable[[], date] = utc_today) -> None:
        """``base``: the policy of answers that bring none of their own; None: one that asks no other host.

        Raises UsageError for a ``base`` that is none.
        """
        self._source, self._base, self._today = source, base, today
        source.get().composed(base)

    def headers(self, before: Headers, cookies: str, destination: str) -> Headers:
        """The headers to send: ``before`` are the application's, ``cookies`` and ``destination`` what the browser
        sent as ``Cookie`` and ``Sec-Fetch-Dest``. A signal of Global Privacy Control needs no look: without a choice
        nothing is let in, and a choice made on this very site is the later word."""
        if not _matters(before, destination):
            return before
        rules = self._source.get()
        accepted = rules.let_in(cookies, self._today())
        own = [value for name, value in before if name.lower() == POLICY.lower()]
        composed, replaced = self._composed(rules, own)
        kept = [(name, value) for name, value in before if not (replaced and name.lower() == POLICY.lower())]
        kept.append((POLICY, composed.header(accepted)))
        if told := endpoint(composed.reports):
            kept = _joined(kept, ENDPOINTS, told)
        return _told_to_caches(kept)

    def _composed(self, rules: Rules, own: list[str]) -> tuple[Composed, bool]:
        """The policy to send, and whether it stands for the application's own. Where that is not one plain policy,
        it stays, and ours comes beside it: a browser lets through what both allow."""
        if len(own) == 1:
            try:
                return rules.composed(own[0]), True
            except UsageError:
                pass
        return rules.composed(self._base), False


def _matters(headers: Headers, destination: str) -> bool:
    kind = next((value for name, value in headers if name.lower() == "content-type"), None)
    if destination in _WORKERS:
        return True
    return destination in _PLACES if kind is None else kind.partition(";")[0].strip().lower() in _DOCUMENTS


def _told_to_caches(headers: Headers) -> Headers:
    """An answer that depends on the choice: no cache may give it to somebody with another one."""
    vary = ",".join(value for name, value in headers if name.lower() == "vary").lower().replace(" ", "").split(",")
    if "*" not in vary and "cookie" not in vary:
        headers = _joined(headers, "Vary", "Cookie")
    if not any(name.lower() == "cache-control" for name, _ in headers):
        headers = [*headers, ("Cache-Control", "private, no-cache")]
    return headers


def _joined(headers: Headers, wanted: str, more: str) -> Headers:
    """With one more value of a header that is a list."""
    before = [value for name, value in headers if name.lower() == wanted.lower()]
    rest = [(name, value) for name, value in headers if name.lower() != wanted.lower()]
    return [*rest, (wanted, ", ".join([*before, more]))]
