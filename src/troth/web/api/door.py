"""The door of the API: everything below ``/api`` is answered here, apart from pages, sessions and forms.

Cookies are thrown away unread, so that no other site can act in the name of somebody's browser and none needs to be
kept from it; there is no CORS header either, so that no page of another site can read an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import Resolver404, resolve
from pydantic import BaseModel, ValidationError

from troth.core.errors import LedgerBusy, StoreUnreachable, UsageError
from troth.desk.files import TooMany
from troth.web import logs
from troth.web.accounts.limits import Limit
from troth.web.addresses import client_network
from troth.web.api import rates, tokens
from troth.web.api.problems import Problem, answer
from troth.web.api.tokens import Scope
from troth.web.bodies import turn

LARGEST = 1024 * 1024
"""Bytes of a body: a thousand people with their addresses, several times over."""
_WRONG = Limit(60, 900)
"""Wrong tokens from one network."""
_AGAIN = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in. ``named`` are the parts of its path; ``sent`` the body as bytes, ``body`` typed."""

    request: HttpRequest
    token: Any
    named: Mapping[str, str]
    now: datetime
    body: Any = None
    sent: bytes = b""

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark. It goes nowhere but into the answer."""
        return {name: values[-1] for name, values in self.request.GET.lists()}

    def may(self, scope: Scope) -> None:
        """Raises Problem unless the token has it."""
        if scope not in self.token.scopes:
            challenge = f'Bearer realm="troth", error="insufficient_scope", scope="{scope}"'
            raise Problem(
                "missing-scope", f"it needs {scope}", remedy=f"troth tokens new NAME --scope {scope}",
                headers={"WWW-Authenticate": challenge},
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint says: a shape, or nothing."""

    body: BaseModel | dict[str, Any] | None
    status: int = 200
    headers: Mapping[str, str] | None = None

    def response(self) -> HttpResponse:
        """As it goes out."""
        if self.body is None:
            return HttpResponse(status=self.status, headers=dict(self.headers or {}))
        content = as_json(self.body) if isinstance(self.body, BaseModel) else self.body
        return JsonResponse(content, status=self.status, headers=dict(self.headers or {}))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one method of one address does. ``scope`` None: open to all, without a token."""

    run: Callable[[Call], Answer]
    scope: Scope | None
    body: type[BaseModel] | None = None


Route = Mapping[str, Endpoint]
"""Endpoints by method."""


class Door:
    """Answers what is below ``/api``; passes on the rest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer. Nothing that goes wrong in here reaches the pages' handlers."""
        if request.path_info != "/api" and not request.path_info.startswith("/api/"):
            return self._next(request)
        request.META.pop("HTTP_COOKIE", None)
        response = _safely(request)
        response.headers["Cache-Control"] = "no-store"
        if request.method == "HEAD":
            response.content = b""
        return response


def _safely(request: HttpRequest) -> HttpResponse:
    try:
        return _answered(request)
    except Problem as problem:
        return answer(problem)
    except TooMany as many:
        return answer(Problem("too-many", many.message, remedy=many.remedy, headers={"Retry-After": "3600"}))
    except UsageError as wrong:
        return answer(Problem("invalid", wrong.message, remedy=wrong.remedy))
    except (OperationalError, LedgerBusy, StoreUnreachable) as fault:
        logs.error(fault, route=_name(request))
        return answer(Problem("unavailable", headers=_AGAIN))
    except Exception as fault:  # whatever it is, it is told as a problem, and never with what was sent
        logs.error(fault, route=_name(request))
        return answer(Problem("broken"))


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        request.get_host()
        match = resolve(request.path_info)
    except DisallowedHost:
        raise Problem("malformed", "this host is not one of the site") from None
    except Resolver404:
        raise Problem("not-found") from None
    route = getattr(match.func, "route", None)
    if route is None:
        raise Problem("not-found")
    request.resolver_match = match
    method = "GET" if request.method == "HEAD" else request.method or ""
    endpoint = route.get(method)
    if endpoint is None:
        raise Problem("method-not-allowed", headers={"Allow": ", ".join(_allowed(route))})
    now = datetime.now(UTC)
    token = _let_in(request, now) if endpoint.scope is not None else None
    call = Call(request, token, match.kwargs, now)
    if endpoint.scope is not None:
        call.may(endpoint.scope)
    sent = _read(request) if endpoint.body is not None else b""
    body = _typed(endpoint.body, sent) if endpoint.body is not None else None
    return endpoint.run(Call(request, token, match.kwargs, now, body, sent)).response()


def _allowed(route: Route) -> list[str]:
    return sorted({*route, *(["HEAD"] if "GET" in route else [])})


def _let_in(request: HttpRequest, now: datetime) -> Any:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if not secret:
        raise Problem("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="troth"'})
    token = tokens.find(secret.strip(), now) if scheme.lower() == "bearer" else None
    if token is None:
        if not _WRONG.take(client_network(request)):
            raise Problem("too-many", headers={"Retry-After": "900"})
        challenge = 'Bearer realm="troth", error="invalid_token"'
        raise Problem("unauthorized", headers={"WWW-Authenticate": challenge})
    if not rates.take(token.ref):
        raise Problem("too-many", headers={"Retry-After": "1"})
    return token


def _read(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length:
        raise Problem("length-required")
    if not (length.isascii() and length.isdecimal()):
        raise Problem("malformed", "the length is no number")
    if int(length) > LARGEST:
        raise Problem("too-large")
    if request.content_type.lower() != "application/json":
        raise Problem("unsupported-media-type")
    with turn() as mine:
        if not mine:
            raise Problem("unavailable", headers=_AGAIN)
        try:
            sent = request.read(int(length))
        except (UnreadablePostError, OSError):
            raise Problem("malformed", "the body ended early") from None
    if len(sent) != int(length):
        raise Problem("malformed", "the body ended early")
    return sent


def _typed(shape: type[BaseModel], sent: bytes) -> BaseModel:
    """The body as its shape. What was sent is not repeated: only the place, and what belongs there."""
    try:
        return shape.model_validate_json(sent)
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in found):
        raise Problem("malformed", "this is not JSON")
    errors = [{"pointer": _pointer(one["loc"]), "detail": one["msg"]} for one in found[:20]]
    raise Problem("invalid", "the body does not have the shape that is documented", errors=errors)


def _pointer(place: tuple[int | str, ...]) -> str:
    """RFC 6901. Names that the caller has made up are his own, and he alone is told them."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _name(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return match.view_name if match is not None else "none"


def view(name: str, route: Route) -> Callable[..., HttpResponse]:
    """A view for urls.py that only the door opens."""

    def closed(request: HttpRequest, **named: str) -> HttpResponse:
        return answer(Problem("not-found"))

    closed.route = route  # type: ignore[attr-defined]
    closed.__name__ = name
    return closed


def as_json(body: BaseModel) -> dict[str, Any]:
    """A shape as JSON's values."""
    return body.model_dump(mode="json")
