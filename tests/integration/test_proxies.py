"""Our example configurations of nginx and Caddy in front of a real site: what arrives, and what does not."""

from __future__ import annotations

import contextlib
import gzip
import secrets
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ON_CI
from machine import ServerUnavailable
from proxies import EXAMPLE, Proxy, everything, proxy
from troth.web.doctor import outside
from web.served import Served, faulty, publisher, served

HEADERS = (
    "content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
    "permissions-policy", "strict-transport-security", "cache-control", "content-type", "etag", "date",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = publisher(tmp_path_factory.mktemp("site") / "maison")
    with served(folder, "--site", f"https://{EXAMPLE}", **faulty()) as running:
        yield running


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, site: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(proxy(request.param, tmp_path_factory.mktemp(request.param), site.port))
        except ServerUnavailable as reason:
            if ON_CI:
                pytest.fail(str(reason), pytrace=False)
            pytest.skip(f"{request.param}: {reason}")


def values(headers: list[str], name: str) -> list[str]:
    return [value.strip() for key, _, value in (line.partition(":") for line in headers) if key.lower() == name]


def test_each_header_of_ours_arrives_once(front: Proxy, site: Served) -> None:
    status, headers, body = front.ask("/en/")
    assert " 200 " in status
    assert b"<article" in body
    for name in HEADERS:
        assert len(values(headers, name)) == 1, name
    assert values(headers, "strict-transport-security") == ["max-age=31536000"]
    assert values(headers, "set-cookie") == []
    straight = site.ask("/en/", host=EXAMPLE)
    assert f"content-security-policy: {values(headers, 'content-security-policy')[0]}" in straight


def test_the_doctor_finds_nothing_to_mend_in_what_arrives(front: Proxy) -> None:
    _, headers, _ = front.ask("/")
    arrived = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in headers))
    assert [found.name for found in outside.headers(outside.Answer(200, arrived))] == ["headers_fine"]


def test_a_page_that_is_known_is_not_sent_again(front: Proxy) -> None:
    _, headers, _ = front.ask("/en/", "Accept-Encoding: gzip")
    status, again, body = front.ask("/en/", "Accept-Encoding: gzip", f"If-None-Match: {values(headers, 'etag')[0]}")
    assert " 304 " in status
    assert body == b""
    # The tag of the compressed page is the weak form of the page's own (RFC 9110, section 8.8.1).
    assert values(again, "etag")[0].removeprefix("W/") == values(headers, "etag")[0].removeprefix("W/")


def test_pages_are_compressed_once(front: Proxy) -> None:
    _, headers, body = front.ask("/en/", "Accept-Encoding: gzip")
    assert values(headers, "content-encoding") == ["gzip"]
    assert "Accept-Encoding" in values(headers, "vary")[0]
    plain = front.ask("/en/")
    assert gzip.decompress(_whole(headers, body)) == _whole(plain[1], plain[2])


def _whole(headers: list[str], body: bytes) -> bytes:
    if values(headers, "transfer-encoding") != ["chunked"]:
        return body
    found = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        found, body = found + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return found


def test_a_body_that_is_too_large_is_refused(front: Proxy) -> None:
    status, _, body = front.ask("/takes", method="POST", body=b"x" * 200_000)
    assert " 200 " in status
    assert body.endswith(b"200000")
    with contextlib.suppress(ssl.SSLError, OSError):
        status, _, _ = front.ask("/takes", method="POST", body=b"x" * 10_000_000)
        assert " 413 " in status or status == "", status


@pytest.mark.slow
def test_who_sends_slowly_is_cut_off_and_never_reaches_the_site(front: Proxy, site: Served) -> None:
    before = len(site.lines("request"))
    with front.connect() as line:
        line.sendall(f"POST /takes HTTP/1.1\r\nHost: {EXAMPLE}\r\nContent-Length: 100000\r\n\r\n".encode())
        since = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - since < 60:
                line.sendall(b"x")
                time.sleep(0.5 if front.kind == "caddy" else 12)
        answer = everything(line)
    # Caddy says 200 when it gives up, without a word of the site's.
    assert b"content-security-policy" not in answer.lower()
    told = [one for one in site.lines("request")[before:] if one["route"] == "takes" and one["status"] == "2xx"]
    assert told == []
    assert time.monotonic() - since < 50


CLAIMS = [
    "X-Forwarded-For: 203.0.113.66", "X-Forwarded-For: 127.0.0.1, 203.0.113.66", "X_Forwarded_For: 203.0.113.66",
    "X_Forwarded-For: 203.0.113.66", "X-Forwarded_For: 203.0.113.66", "x_forwarded_for: 203.0.113.66",
    "X-Real-IP: 203.0.113.66", "Forwarded: for=203.0.113.66;proto=http", "X-Forwarded-Host: evil.test",
    "X-Forwarded-Proto: http", "X_Forwarded_Proto: http",
]  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_a_client_claims_about_itself_is_not_believed(front: Proxy, claim: str) -> None:
    status, _, body = front.ask("/who", claim)
    assert " 200 " in status
    assert body.decode().split() == ["127.0.0.1", "https", EXAMPLE]


def test_who_comes_unencrypted_is_sent_to_the_encrypted_page(front: Proxy) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", front.plain)) as line:
        line.sendall(f"GET /history?lang=en HTTP/1.1\r\nHost: {EXAMPLE}\r\nConnection: close\r\n\r\n".encode())
        answer = everything(line).decode()
    assert answer.split()[1] in ("301", "308")
    assert f"location: https://{EXAMPLE}" in answer.lower()


def test_the_numbers_of_the_operator_stay_inside(front: Proxy, site: Served) -> None:
    assert " 404 " in front.ask("/metrics")[0]
    assert "troth_info" in site.ask("/metrics")


def test_another_name_gets_nothing_of_the_site(front: Proxy) -> None:
    answer = front.send(b"GET /en/ HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n")
    assert b"<article" not in answer
    assert b"evil.test" not in answer


def test_the_proxy_writes_nothing_about_anybody(front: Proxy, tmp_path: Path) -> None:
    canary = f"canary{secrets.token_hex(8)}"
    front.ask(
        f"/{canary}?q={canary}", f"User-Agent: {canary}", f"Referer: https://{canary}.test/", f"Cookie: a={canary}"
    )
    front.ask("/fails/value", f"X-Token: {canary}", method="POST", body=canary.encode())
    with contextlib.suppress(ssl.SSLError, OSError):
        front.ask(f"/{canary}", method="POST", body=canary.encode() * 50_000)
    front.send(f"GET /{canary} HTTP/9.9\r\nHost: {canary}\r\n\r\n".encode())
    written = front.written()
    assert canary not in written
    assert "127.0.0.1" not in written.replace("127.0.0.1:", "")
