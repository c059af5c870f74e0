"""Forms that come drop by drop, or without end, at a real `troth serve` without a proxy in front of it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from web.served import Served, publisher, served

SLOW = 5
"""More than the process has threads."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(publisher(tmp_path_factory.mktemp("bodies") / "maison")) as made:
        yield made


def opened(site: Served, path: str, length: int) -> socket.socket:
    """A form whose body does not come."""
    line = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\nemail="
    )
    line.sendall(head.encode())
    return line


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_who_sends_drop_by_drop_keeps_nobody_from_reading(site: Served) -> None:
    with contextlib.ExitStack() as lines:
        slow = [lines.enter_context(opened(site, "/account/signup", 100)) for _ in range(SLOW)]
        refused = [line for line in slow if _answer(line, 2.0).startswith("HTTP/1.1 503")]
        assert len(refused) == SLOW - 3
        assert " 200 " in site.ask("/en/").partition("\r\n")[0]
        assert _answer(lines.enter_context(opened(site, "/account/login", 100)), 5.0).startswith("HTTP/1.1 503")
    since = site.ask(
        "/account/login", "Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded",
        method="POST", body=b"email=ana",
    )  # fmt: skip
    assert " 400 " in since.partition("\r\n")[0]  # who has gone away holds nothing any more


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("path", ["/account/login", "/me/door", "/preferences", "/nowhere"])
def test_what_is_too_large_is_refused_before_it_is_read(site: Served, path: str) -> None:
    with opened(site, path, 3_000_000_000) as line:
        assert _answer(line, 10.0).startswith("HTTP/1.1 413")


def _answer(line: socket.socket, seconds: float) -> str:
    """What has come within this time; empty for nothing."""
    line.settimeout(seconds)
    with contextlib.suppress(TimeoutError):
        return line.recv(65536).decode()
    return ""
