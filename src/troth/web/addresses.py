"""The names under which people reach the site, with which scheme, and from which address: a proxy in front of it may
speak TLS for it, and then says for whom it asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from troth.core.errors import UsageError
from troth.core.policy.model import Policy

LOOPBACK = "127.0.0.0/8,::1"
"""The proxies that are believed unless told otherwise: those on this machine."""

PEER = "troth.peer"
FORWARDED = "troth.forwarded"
_MOST_HOPS = 20
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|\[[0-9a-f:.]+\]")
_OF_MACHINES = ("/healthz", "/readyz", "/metrics")
_CLAIMS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
_NOBODY = str(IPv4Address(0))

Address = IPv4Address | IPv6Address


class Proxies:
    """The machines whose word is believed about whom they ask for."""

    def __init__(self, written: str) -> None:
        """Of addresses and networks with commas between them: ``10.0.0.4, fd00::/8``. Raises UsageError."""
        words = [word.strip() for word in written.split(",") if word.strip()]
        try:
            self._networks = [ip_network(word) for word in words]
        except ValueError:
            raise UsageError(
                "TROTH_PROXIES names something that is not an address or a network",
                remedy="write addresses with commas between them: 127.0.0.1,10.0.0.0/24",
            ) from None

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def addresses(written: str) -> dict[str, str]:
    """Scheme by name, of ``https://privacy.example.org`` or a bare name; empty where none was said."""
    found = {}
    for part in filter(None, (word.strip() for word in written.split(","))):
        try:
            split = urlsplit(part if "://" in part else f"//{part}")
            name = split.hostname or ""
        except ValueError:
            split, name = urlsplit(""), ""
        found[f"[{name}]" if ":" in name else name] = split.scheme
    return found


def bases(written: str) -> dict[str, str]:
    """What stands before paths, by name, where the scheme was said: the port is the one written there, whatever port
    a client names."""
    found = {}
    for part in filter(None, (word.strip() for word in written.split(","))):
        for name, scheme in addresses(part).items():
            if scheme:
                port = urlsplit(part).port
                found[name] = f"{scheme}://{name}" + (f":{port}" if port else "")
    return found


def check_names(written: str) -> None:
    """Raises UsageError for what cannot be the name of a site."""
    for name, scheme in addresses(written).items():
        if scheme not in ("", "http", "https") or not _NAME.fullmatch(name):
            raise UsageError(
                "TROTH_HOSTS (--site) names something that is not the address of a site",
                remedy="write https://privacy.example.org; several with commas between them",
            )


def site_address(policy: Policy) -> str:
    """Where this site is when nobody is asking, for links in mails: the first address that was said with its scheme,
    else as the policy says, else nothing."""
    return next(iter(settings.BASES.values()), "") or (policy.document.policy.address or "").rstrip("/")


def base_of(request: HttpRequest) -> str:
    """What stands before a path in an absolute address of this site."""
    host = request.get_host()
    return settings.BASES.get(_name_of(host).lower()) or f"{request.scheme}://{host}"


def client_address(request: HttpRequest) -> str:
    """The address from which this person asks, as a proxy of ours has told it, or as the connection has it.

    For limits kept in memory. It is personal data: never to be logged, kept or put into a page.
    """
    meta = request.META
    return told(meta.get(PEER) or meta.get("REMOTE_ADDR", ""), meta.get(FORWARDED, ""), settings.PROXIES)


def client_network(request: HttpRequest) -> str:
    """As ``client_address``, but of IPv6 the network of 64 bits: whoever has one has all its addresses."""
    address = ip_address(client_address(request))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def told(peer: str, forwarded: str, proxies: Proxies) -> str:
    """Who asks: from the connection's other end towards the client as long as a believed proxy speaks.

    ``forwarded`` is X-Forwarded-For; each proxy has added at its end whom it heard. What stands before the first
    address that is no proxy of ours may have been invented by the client.
    """
    address = parsed(peer)
    if address is None:
        return _NOBODY
    for word in _heard(forwarded):
        if address not in proxies:
            break
        before = parsed(word)
        if before is None:
            break
        address = before
    return str(address)


def parsed(word: str) -> Address | None:
    """An address as proxies write it: bare, in brackets, with a port; None for anything else."""
    word = word.strip().strip('"')
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ip_address(word.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_local(request: HttpRequest) -> bool:
    """Asked on this machine itself, by nobody on behalf of another."""
    address = parsed(request.META.get(PEER) or request.META.get("REMOTE_ADDR", ""))
    return address is not None and address.is_loopback and FORWARDED not in request.META


def _heard(forwarded: str) -> Iterable[str]:
    return reversed(forwarded.split(",")[-_MOST_HOPS:]) if forwarded else ()


def _name_of(host: str) -> str:
    return host if host.endswith("]") else host.rpartition(":")[0] or host


class BehindProxy:
    """The first middleware: all that comes after sees who asks and with which scheme, and no header that claims it.

    The scheme is the one of TROTH_HOSTS; where that says none, the one that a believed proxy tells.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request that says what is known about it."""
        meta = request.META
        peer = meta.get("REMOTE_ADDR", "")
        claims = {name: meta.pop(name) for name in _CLAIMS if name in meta}
        meta[PEER] = peer
        if claims:
            meta[FORWARDED] = claims.get("HTTP_X_FORWARDED_FOR", "")
        address = parsed(peer)
        believed = address is not None and address in settings.PROXIES
        scheme = settings.SITES.get(_name_of(meta.get("HTTP_HOST", "")).lower())
        if not scheme and believed:
            scheme = claims.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            meta["wsgi.url_scheme"] = scheme
        if request.path_info in _OF_MACHINES and is_local(request):
            # A health check on this machine knows no name of the site.
            meta["HTTP_HOST"] = next(iter(settings.SITES), "")
        meta["REMOTE_ADDR"] = client_address(request)
        return self._next(request)
