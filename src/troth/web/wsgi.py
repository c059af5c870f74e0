"""What granian runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from troth.web import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.web.settings")
logs.configure()
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, and what is told when even Django fails: neither the request nor the message of the error."""
    try:
        return _django(environ, start_response)
    except Exception as fault:
        logs.error(fault, route="none")
    start_response("500 Internal Server Error", [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
    return [b"something failed; nothing of the request was kept\n"]
