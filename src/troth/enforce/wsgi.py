"""For any WSGI application (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from troth.enforce.answer import Enforcement, utc_today
from troth.enforce.source import Source

Environ = dict[str, Any]
Start = Callable[..., Callable[[bytes], object]]
Application = Callable[[Environ, Start], Iterable[bytes]]


class Enforce:
    """``app = Enforce(app, "csp.json", base="default-src 'self'")``. Bodies pass by untouched, in whatever pieces."""

    def __init__(
        self, app: Application, rules: str | Path, base: str | None = None, today: Callable[[], date] = utc_today
    ) -> None:
        """``rules``: the file csp.json or its address. ``base``: the Content-Security-Policy of answers that bring
        none of their own. Raises UsageError when either cannot be used."""
        self._app, self._enforcement = app, Enforcement(Source(rules), base, today)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        cookies, destination = environ.get("HTTP_COOKIE", ""), environ.get("HTTP_SEC_FETCH_DEST", "")

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            return start_response(status, self._enforcement.headers(list(headers), cookies, destination), *error)

        return self._app(environ, start)
