"""From which page a form was sent: the protection against forms of strangers, without a cookie.

Every browser says it with a POST: ``Origin`` (RFC 6454), ``Sec-Fetch-Site`` (W3C Fetch Metadata), or at least
``Referer``. What claims nothing is not taken for ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

from django.http import HttpRequest

from troth.core.policy.sections.publishing import Site
from troth.web.addresses import base_of

Sender = Literal["ours", "publisher", "stranger", "unknown"]
"""Our own page; a page of the publisher's sites; another one; a browser that does not say."""
_PORTS = {"http": 80, "https": 443}


def origins(sites: Iterable[Site]) -> list[str]:
    """The origins of the sites that the policy covers."""
    found = (origin_of(site.url) for site in sites)
    return list(dict.fromkeys(one for one in found if one))


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; empty when it has none."""
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        return ""
    if split.scheme not in _PORTS or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{split.scheme}://{host}" + (f":{port}" if port and port != _PORTS[split.scheme] else "")


def sender(request: HttpRequest, sites: Iterable[Site]) -> Sender:
    """Whose page the form was sent from."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    fetched = request.headers.get("Sec-Fetch-Site", "")
    if said and said != "null":
        origin = origin_of(said)
        if origin == origin_of(base_of(request)):
            return "ours" if fetched in ("", "same-origin", "none") else "stranger"
        return "publisher" if origin and origin in origins(sites) else "stranger"
    if fetched in ("same-origin", "none"):
        return "ours"
    return "stranger" if fetched else "unknown"
