"""A client of Troth's API, and the receiver's side of its webhooks; nothing but Python's own library.

    from troth.client import Client

    troth = Client("https://privacy.example.org", token="troth_…")
    if troth.may("offers", email="ana@example.org"):
        ...
    request = troth.create("erasure", {"email": "ana@example.org"}, answer_to="ana@example.org")
    troth.request(request.ref).state

It needs none of Troth's other modules: the file may be copied into a program.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import http.client
import json
import secrets
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

_MOST = 1000
_AGAIN = (429, 503)


class Problem(Exception):
    """The API says no. ``kind`` is the last part of the problem's type (``unauthorized``, ``invalid`` …); ``after``
    the seconds to wait before trying again, if it says so; ``errors`` the places in the body and what is wrong there,
    without values."""

    def __init__(
        self, status: int, kind: str, title: str, detail: str = "", after: float | None = None,
        errors: tuple[tuple[str, str], ...] = (),
    ) -> None:  # fmt: skip
        wrong = "; ".join(f"{place}: {what}" for place, what in errors)
        super().__init__(f"{status} {title}" + (f": {detail}" if detail else "") + (f" ({wrong})" if wrong else ""))
        self.status, self.kind, self.title, self.detail, self.after = status, kind, title, detail, after
        self.errors = errors


class Unreachable(Exception):
    """No answer came. Whether anything was done is not known: try again with the same idempotency key."""


class NotSigned(Exception):
    """A webhook that did not come from there, is too old, or was changed."""


@dataclass(frozen=True, slots=True)
class May:
    """Whether data may be used. ``reason``: ``restricted``, ``objection``, ``withdrawal``, ``consent_unknown`` (the
    purpose rests on consent, and nobody said that there is one); with a yes ``no_consent_needed``, ``consent_given``.
    True in a condition only for a yes."""

    may: bool
    reason: str
    handle: str | None = None

    def __bool__(self) -> bool:
        return self.may


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands. ``due`` is the day by which it is to be answered; ``json`` all that the API said."""

    ref: str
    right: str
    state: str
    open: bool
    due: date
    late: bool
    verified: bool
    joined: bool
    json: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook tells. ``id`` stays the same when it is told again: keep it, and do nothing twice."""

    id: str
    type: str
    timestamp: datetime
    data: Mapping[str, Any]


class Client:
    """Talks to one site with one token. Connections are opened for each call; threads may share it.

    ``timeout`` in seconds, ``tries`` for calls that are safe to repeat (all of these are). Raises Problem, Unreachable.
    """

    def __init__(self, base: str, token: str, *, timeout: float = 10.0, tries: int = 3) -> None:
        split = urlsplit(base)
        if split.scheme not in ("http", "https") or not split.hostname:
            raise ValueError("write the address of the site as https://privacy.example.org")
        self._tls, self._host, self._port = split.scheme == "https", split.hostname, split.port
        self._before = split.path.rstrip("/")
        self._token, self._timeout, self._tries = token, timeout, max(1, tries)

    # --- may I? ------------------------------------------------------------------------------------------

    def may(
        self,
        purpose: str,
        subject: Mapping[str, str] | None = None,
        *,
        consent_given: bool = False,
        **identifiers: str,
    ) -> May:
        """Whether one person's data may be used: ``may("offers", email="ana@example.org")``.

        ``consent_given`` for a purpose that rests on consent: you hold a record of the person's, and answer for it.
        """
        body = {"purpose": purpose, "subject": {**(subject or {}), **identifiers}}
        return _may(self._ask("POST", "/api/may", body | _consent(consent_given)))

    def may_all(
        self,
        purpose: str,
        subjects: Iterable[Mapping[str, str]],
        *,
        handles: bool = False,
        consent_given: bool = False,
    ) -> Iterator[May]:
        """The same for many, in their order, a thousand at a time. ``consent_given`` speaks for all of them."""
        more = {"handles": handles, **_consent(consent_given)}
        some: list[Mapping[str, str]] = []
        for subject in subjects:
            some.append(subject)
            if len(some) == _MOST:
                yield from self._may_some(purpose, some, more)
                some = []
        if some:
            yield from self._may_some(purpose, some, more)

    def _may_some(
        self, purpose: str, subjects: Sequence[Mapping[str, str]], more: Mapping[str, Any]
    ) -> Iterator[May]:  # fmt: skip
        body = {"purpose": purpose, "subjects": [dict(one) for one in subjects], **more}
        yield from map(_may, self._ask("POST", "/api/may", body)["answers"])

    # --- requests ----------------------------------------------------------------------------------------

    def create(self, right: str, identifiers: Mapping[str, str], *, key: str | None = None, **more: Any) -> Request:
        """Enter a request. ``more`` are the other fields of the API (``answer_to``, ``scope``, ``verified`` …).

        ``key`` is the idempotency key; give one of your own (the number of a ticket) where your program may be
        started again in between.
        """
        received = more.get("received")
        if isinstance(received, datetime):
            more["received"] = received.isoformat()
        body = {"right": right, "identifiers": dict(identifiers), **more}
        return _request(self._ask("POST", "/api/requests", body, key=key or secrets.token_urlsafe(18)))

    def request(self, ref: str) -> Request:
        """How a request stands."""
        return _request(self._ask("GET", f"/api/requests/{quote(ref, safe='')}"))

    def requests(self, *, state: str = "open", due_before: date | None = None) -> Iterator[Request]:
        """All requests in a state, page by page."""
        query = {"state": state, "limit": "100"}
        if due_before is not None:
            query["due_before"] = due_before.isoformat()
        while True:
            page = self._ask("GET", f"/api/requests?{urlencode(query)}")
            yield from map(_request, page["requests"])
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    def withdraw(self, ref: str) -> Request:
        """Take back a request that this token has entered."""
        return _request(self._ask("POST", f"/api/requests/{quote(ref, safe='')}/withdraw"))

    # --- the wire ----------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        for left in range(self._tries - 1, -1, -1):
            try:
                return self._once(method, path, body, key)
            except Unreachable:
                if not left:
                    raise
                time.sleep(0.2)
            except Problem as problem:
                if not left or problem.status not in _AGAIN or (problem.after or 0) > self._timeout:
                    raise
                time.sleep(problem.after or 1.0)
        raise AssertionError("there is always a last try")

    def _once(self, method: str, path: str, body: Any, key: str | None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        if self._host == "localhost" or self._host.endswith(".localhost"):
            kind: type[http.client.HTTPConnection] = _HomeTls if self._tls else _Home
        else:
            kind = http.client.HTTPSConnection if self._tls else http.client.HTTPConnection
        line = kind(self._host, self._port, timeout=self._timeout)
        try:
            line.request(method, self._before + path, sent, headers)
            answer = line.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as fault:
            raise Unreachable(type(fault).__name__) from None
        finally:
            line.close()
        return _read(answer.status, answer.headers.get("Retry-After"), content)


class _Home(http.client.HTTPConnection):
    """To this very machine: that is what names under ``.localhost`` mean, whether it resolves them or not (RFC 6761,
    section 6.3). The name stands in the request as it was written."""

    def connect(self) -> None:
        try:
            self.sock = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        except ConnectionRefusedError:
            self.sock = socket.create_connection(("::1", self.port), self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _HomeTls(http.client.HTTPSConnection, _Home):
    """The same, encrypted; the certificate is that of the name."""


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None, tolerance: float = 300.0
) -> Event:
    """Check that a webhook came from Troth and is no older than ``tolerance`` seconds; what it tells.

    ``body`` is what arrived, byte for byte. By Standard Webhooks 1.0.0; raises NotSigned.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        identifier, at = given["webhook-id"], int(given["webhook-timestamp"])
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (KeyError, ValueError, binascii.Error):
        raise NotSigned("its headers, or the secret, are not those of Standard Webhooks") from None
    if abs((time.time() if now is None else now) - at) > tolerance:
        raise NotSigned("it is too old, or this clock is wrong")
    mark = base64.b64encode(hmac.digest(key, f"{identifier}.{at}.".encode() + body, sha256))
    said = (one.partition(",") for one in given.get("webhook-signature", "").split(" "))
    if not any(kind == "v1" and hmac.compare_digest(value.encode(), mark) for kind, _, value in said):
        raise NotSigned("the signature is not that of this secret")
    told = json.loads(body)
    return Event(identifier, told["type"], datetime.fromisoformat(told["timestamp"]), told["data"])


def _read(status: int, after: str | None, content: bytes) -> Any:
    try:
        said = json.loads(content) if content else None
    except ValueError:
        said = None
    if 200 <= status < 300:
        return said
    told = said if isinstance(said, dict) else {}
    kind = str(told.get("type", "")).rpartition("/")[2] or "unknown"
    wait = float(after) if after and after.isdigit() else None
    listed = told.get("errors")
    errors = tuple(
        (str(one.get("pointer", "")), str(one.get("detail", "")))
        for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)
    )  # fmt: skip
    title = str(told.get("title", "no answer of Troth"))
    raise Problem(status, kind, title, str(told.get("detail", "")), wait, errors)


def _consent(given: bool) -> dict[str, Any]:
    return {"consent": "given"} if given else {}


def _may(said: Mapping[str, Any]) -> May:
    return May(said["may"], said["reason"], said.get("handle"))


def _request(said: Mapping[str, Any]) -> Request:
    return Request(
        said["request"], said["right"], said["state"], said["open"], date.fromisoformat(said["due"]), said["late"],
        said["verified"], said.get("joined", False), said,
    )  # fmt: skip
