"""The names under which people reach the site, and with which scheme: a proxy in front of it may speak TLS for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def addresses(written: str) -> dict[str, str]:
    """Scheme by name, of ``https://privacy.example.org`` or a bare name; empty where none was said."""
    found = {}
    for part in filter(None, (word.strip() for word in written.split(","))):
        split = urlsplit(part if "://" in part else f"//{part}")
        name = split.hostname or ""
        found[f"[{name}]" if ":" in name else name] = split.scheme
    return found


def base_of(request: HttpRequest) -> str:
    """What stands before a path in an absolute address of this site."""
    host = request.get_host()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return f"{settings.SITES.get(name) or request.scheme}://{host}"
