"""What goes wrong, told as RFC 9457 has it (``application/problem+json``). A problem never repeats a value that was
sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import JsonResponse

TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its address is ``/api/problems/NAME``."""

    status: int
    title: str
    about: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, "The request cannot be read", "It is not HTTP or JSON as expected here."),
    "bad-cursor": Kind(400, "There is no such page", "A cursor is used as it was given, with the same filters."),
    "unauthorized": Kind(401, "A token is needed", "None was shown, or it is wrong, has ended or has expired."),
    "missing-scope": Kind(403, "The token does not allow this", "It was made without the scope that is named."),
    "not-yours": Kind(403, "This was entered by somebody else", "A token withdraws only what it has entered itself."),
    "not-found": Kind(404, "There is nothing here", "The address leads nowhere, or what it names does not exist."),
    "method-not-allowed": Kind(405, "This cannot be done here", "The header Allow names what can."),
    "conflict": Kind(409, "This is not possible now", "What it is about has gone on in the meantime."),
    "length-required": Kind(411, "The length has to be said", "A body needs a Content-Length."),
    "too-large": Kind(413, "The body is too large", "It is read up to 1 MiB."),
    "unsupported-media-type": Kind(415, "The body is not JSON", "Send it with Content-Type: application/json."),
    "invalid": Kind(422, "Something in it is not right", "The list of errors names the places."),
    "key-reused": Kind(422, "This key stood for something else", "An idempotency key belongs to one body only."),
    "not-vouched": Kind(
        422, "This cannot be vouched for",
        "The policy does not accept this way of knowing who asks, or the answer would go to another address.",
    ),
    "too-many": Kind(429, "Too many requests", "Come back after the seconds that Retry-After names."),
    "broken": Kind(500, "Something failed here", "It is on record, without what was sent. Trying again does no harm."),
    "unavailable": Kind(503, "Not now", "Come back after the seconds that Retry-After names."),
}  # fmt: skip


class Problem(Exception):
    """Ends a request with a problem. ``errors`` are places in the body and what is wrong there."""

    def __init__(
        self, name: str, detail: str = "", *, remedy: str = "", errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name)
        self.name, self.detail, self.remedy = name, detail, remedy
        self.errors, self.headers = errors, dict(headers or {})


def answer(problem: Problem) -> JsonResponse:
    """The problem as an answer."""
    kind = KINDS[problem.name]
    said: dict[str, Any] = {"type": f"/api/problems/{problem.name}", "title": kind.title, "status": kind.status}
    if problem.detail:
        said["detail"] = problem.detail
    if problem.remedy:
        said["remedy"] = problem.remedy
    if problem.errors:
        said["errors"] = problem.errors
    return JsonResponse(said, status=kind.status, content_type=TYPE, headers=problem.headers)


def told(name: str) -> dict[str, Any] | None:
    """What its address says about a kind; None when there is none of that name."""
    kind = KINDS.get(name)
    return None if kind is None else {"status": kind.status, "title": kind.title, "about": kind.about}
