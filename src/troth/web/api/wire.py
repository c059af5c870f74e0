"""Sending a webhook to where somebody else has said, without becoming their tool against our own network (SSRF).

1. Only ``https``, with the certificate checked under the name that was written.
2. The name is resolved once. If any of its addresses is not a public one, nothing is sent.
3. The connection goes to the address that was looked at, not to the name again (DNS rebinding).
4. No redirect is followed, no proxy of the environment is used; of the answer the head is read, up to 8 KiB.
5. All of it together may take 15 seconds.

``TROTH_WEBHOOKS_LOCAL=1`` lets a developer receive on this machine: then ``http`` and loopback are allowed as well,
and still nothing else that is not public.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from troth.core.errors import UsageError

SECONDS = 15.0
_HEAD = 8192
_LONGEST = 500
_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?"
)
_PRIVATE = frozenset({"internal", "local", "lan", "intranet", "localdomain", "home", "corp", "private"})
_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")
"""The last part of a host by which it is read as an address (WHATWG URL, "ends in a number")."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")
_LATER = re.compile(rb"\r\nretry-after:[ \t]*(\d{1,6})[ \t]*\r\n", re.IGNORECASE)

_NOT_FOR_US = (
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("168.63.129.16/32"),  # a cloud's own services, on a public address
)
_UNICAST = IPv6Network("2000::/3")
_TUNNELS = (
    IPv6Network("2001::/23"),  # Teredo and other special purposes
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address in disguise
    IPv6Network("3fff::/20"),
)

Lookup = Callable[[str, int], Sequence[str]]
"""Name and port to addresses; raises OSError."""


class Unsent(Exception):
    """It did not get there. ``code`` says why, without a name or an address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes, taken apart."""

    tls: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, and for how many seconds we are asked to wait."""

    status: int
    after: int = 0


def local_allowed() -> bool:
    """Whether this machine may be told: a setting for developers."""
    return os.environ.get("TROTH_WEBHOOKS_LOCAL", "") == "1"


def target_of(url: str) -> Target:
    """Take an address apart. Raises UsageError for one that nothing can be sent to."""
    remedy = "write it as https://receiver.example.org/path, without a user name and without #"
    if len(url) > _LONGEST or not re.fullmatch(r"[!-~]+", url):
        raise UsageError("that is not an address of the web", remedy=remedy)
    try:
        split = urlsplit(url)
        host, port = (split.hostname or "").lower(), split.port
    except ValueError:
        raise UsageError("that is not an address of the web", remedy=remedy) from None
    schemes = ("https", "http") if local_allowed() else ("https",)
    if split.scheme not in schemes or "@" in split.netloc or "#" in url or port == 0:
        raise UsageError("webhooks are sent by https only, to an address without user name or #", remedy=remedy)
    if not _NAME.fullmatch(host) and _literal(host) is None:
        raise UsageError("the address names no server", remedy=remedy)
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    target = Target(split.scheme == "https", host, port or (443 if split.scheme == "https" else 80), path)
    literal = _literal(host)
    if literal is not None and not allowed(literal):
        raise UsageError("webhooks are sent to public addresses only", remedy="see docs/reference/api.md, Webhooks")
    if literal is None and _inside(host):
        raise UsageError(
            "webhooks are sent to public servers by their full names only",
            remedy="see docs/reference/api.md, Webhooks: receivers on your own network need a public name",
        )
    return target


def _inside(host: str) -> bool:
    """Whether a name can only be that of this machine, of its network or of the cloud's own services, or is an address
    in another spelling (``2130706433``, ``0x7f.1``). What a public name leads to is looked at when it is sent."""
    *_, last = labels = host.rstrip(".").split(".")
    if last == "localhost":
        return not local_allowed()
    return len(labels) == 1 or last in _PRIVATE or labels[-2:] == ["home", "arpa"] or bool(_NUMERIC.fullmatch(last))


def allowed(address: IPv4Address | IPv6Address) -> bool:
    """Whether anything may be sent there: public, and one machine's own."""
    if local_allowed() and address.is_loopback:
        return True
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_FOR_US)
    plain = address.scope_id is None and address in _UNICAST and address.is_global
    return plain and not any(address in net for net in _TUNNELS)


def lookup(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def addresses(target: Target, look: Lookup) -> list[str]:
    """Where to connect. Raises Unsent when there is nothing, or when anything of it is not public."""
    try:
        found = [ip_address(one) for one in look(target.host, target.port)]
    except (OSError, ValueError, UnicodeError):
        raise Unsent("no_such_name") from None
    if not found:
        raise Unsent("no_such_name")
    if not all(map(allowed, found)):
        raise Unsent("not_public")
    return [str(one) for one in found[:4]]


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, look: Lookup = lookup, seconds: float = SECONDS
) -> Reply:
    """Send it. Raises Unsent; UsageError when what was allowed once is not any more."""
    target = target_of(url)
    ends = time.monotonic() + seconds
    reached = _connected(addresses(target, look), target, ends)
    try:
        with reached as line:
            _send(line, _request(target, headers, body), ends)
            return _reply(_head(line, ends))
    except TimeoutError:
        raise Unsent("timeout") from None
    except OSError:
        raise Unsent("broken_off") from None


def _connected(found: Sequence[str], target: Target, ends: float) -> socket.socket:
    fault = "unreachable"
    for address in found:
        try:
            plain = socket.create_connection((address, target.port), timeout=_left(ends))
        except OSError:
            continue
        if not target.tls:
            return plain
        try:
            plain.settimeout(_left(ends))
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except ssl.SSLCertVerificationError:
            fault = "certificate"
        except OSError:
            fault = "tls"
        plain.close()
    raise Unsent(fault)


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = 443 if target.tls else 80
    lines = [
        f"POST {target.path} HTTP/1.1", f"Host: {host}" + ("" if target.port == usual else f":{target.port}"),
        "User-Agent: Troth", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _send(line: socket.socket, content: bytes, ends: float) -> None:
    line.settimeout(_left(ends))
    line.sendall(content)


def _head(line: socket.socket, ends: float) -> bytes:
    """The head of the answer, or as much of it as is read."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD:
        line.settimeout(_left(ends))
        part = line.recv(_HEAD - len(head))
        if not part:
            break
        head += part
    return head


def _reply(head: bytes) -> Reply:
    status = _STATUS.match(head)
    if status is None:
        raise Unsent("no_http")
    later = _LATER.search(head)
    return Reply(int(status[1]), int(later[1]) if later else 0)


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
