"""The outermost middleware: counts each request and writes its line, without saying who asked for what."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from troth.web import logs
from troth.web.metrics import request as counted

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_QUIET = frozenset({"healthz", "readyz", "metrics"})
NO_ROUTE = "none"
"""The route of what leads nowhere, and of what is refused before its route is known."""


class Told:
    """Tells the log and the metrics of every request: the route's name, the class of its status, how long it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response
        got_request_exception.connect(_error, dispatch_uid="troth")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and tell of it."""
        since = time.perf_counter()
        response = self._next(request)
        took = time.perf_counter() - since
        route = route_of(request)
        status = response.status_code // 100
        counted(route, status, took)
        logs.say(
            "request", "debug" if route in _QUIET else "info",
            route=route, method=request.method if request.method in _METHODS else "other",
            status=f"{status}xx", ms=round(took * 1000, 1),
        )  # fmt: skip
        return response


def route_of(request: HttpRequest) -> str:
    """The name that urls.py gives to what was asked for; never a part of its path."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match is not None else "") or NO_ROUTE


def _error(sender: object, request: HttpRequest | None = None, **_: Any) -> None:
    fault = sys.exc_info()[1]
    if fault is not None:
        logs.error(fault, route=route_of(request) if request is not None else NO_ROUTE)
