"""For Django, sync or async:

    MIDDLEWARE = ["troth.enforce.django.Enforce", …]
    TROTH_ENFORCE = {"rules": BASE_DIR / "csp.json", "base": "default-src 'self'"}

It comes first, so that it sees the policy that other middlewares set (``SECURE_CSP`` of Django 6, django-csp).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from troth.enforce.answer import Enforcement
from troth.enforce.source import Source


class Enforce:
    """Adds the header to each answer."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        """Raises Django's ImproperlyConfigured when TROTH_ENFORCE cannot be used."""
        self._next = get_response
        self._enforcement = _configured()
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Answer."""
        return self._later(request) if self._async else self._with_policy(request, self._next(request))

    async def _later(self, request: Any) -> Any:
        answer: Awaitable[Any] = self._next(request)
        return self._with_policy(request, await answer)

    def _with_policy(self, request: Any, response: Any) -> Any:
        asked = request.META
        before = [(name, str(value)) for name, value in response.items()]
        after = self._enforcement.headers(before, asked.get("HTTP_COOKIE", ""), asked.get("HTTP_SEC_FETCH_DEST", ""))
        made: dict[str, str] = {}
        for name, value in after:
            made[name] = f"{made[name]}, {value}" if name in made else value
        for name, value in made.items():
            response[name] = value
        return response


def _configured() -> Enforcement:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from troth.core.errors import UsageError

    wanted = getattr(settings, "TROTH_ENFORCE", None)
    if not isinstance(wanted, dict) or "rules" not in wanted or set(wanted) - {"rules", "base"}:
        raise ImproperlyConfigured('TROTH_ENFORCE = {"rules": "csp.json", "base": "default-src \'self\'"}')
    try:
        return Enforcement(Source(wanted["rules"]), wanted.get("base"))
    except UsageError as error:
        raise ImproperlyConfigured(f"TROTH_ENFORCE: {error.message}; {error.remedy}") from None
