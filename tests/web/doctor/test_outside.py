"""The site as people reach it: each thing that a proxy can spoil is found."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from letterbox import certificate
from machine import free_port
from troth.web.doctor import outside
from troth.web.headers import HEADERS
from web.doctor.conftest import Looked


@pytest.mark.parametrize(
    ("written", "url", "expected"),
    [
        ("", "", {"names_local": "note"}),
        ("https://privacy.verdier.test", "", {"names_fine": "fine"}),
        ("privacy.verdier.test", "", {"names_scheme": "problem"}),
        ("http://privacy.verdier.test", "", {"names_scheme": "problem"}),
        ("https://privacy.example.org", "", {"names_elsewhere": "note"}),
        ("https://privacy.verdier.test", "https://www.verdier.test", {"names_url": "problem", "names_fine": "fine"}),
    ],
)
def test_the_names_of_the_site(looked: Looked, written: str, url: str, expected: dict[str, str]) -> None:
    looked.environment["TROTH_HOSTS"], looked.url = written, url
    assert looked.levels(outside.names) == expected


class Front(BaseHTTPRequestHandler):
    """A proxy that does what it should, or what a test says."""

    headers_sent: ClassVar[list[tuple[str, str]]] = []
    metrics = 404
    status = 200

    def do_GET(self) -> None:
        self.send_response_only(self.metrics if self.path == "/metrics" else self.status)
        for name, value in self.headers_sent:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def fronted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, changed: Callable[[type[Front]], None], **more: Any
) -> Iterator[str]:
    """The address of such a proxy, whose certificate is trusted."""
    pem = certificate(folder, **more)

    class Ours(Front):
        headers_sent: ClassVar[list[tuple[str, str]]] = [
            *HEADERS.items(), ("Strict-Transport-Security", "max-age=31536000"),
            ("Date", datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")),
        ]  # fmt: skip

    changed(Ours)
    with HTTPServer(("127.0.0.1", 0), Ours) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        monkeypatch.setattr(outside, "redirect", lambda _: iter(()))
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def without(name: str) -> Callable[[type[Front]], None]:
    def change(front: type[Front]) -> None:
        front.headers_sent = [one for one in front.headers_sent if one[0] != name]

    return change


def also(name: str, value: str) -> Callable[[type[Front]], None]:
    return lambda front: front.headers_sent.append((name, value))


def instead(name: str, value: str) -> Callable[[type[Front]], None]:
    def change(front: type[Front]) -> None:
        without(name)(front)
        front.headers_sent.append((name, value))

    return change


FRONTS = [
    (lambda _: None, {"url_certificate_ends": "problem", "headers_fine": "fine", "forwarded_fine": "fine"}),
    (without("Content-Security-Policy"), {"header_gone": "problem"}),
    (also("Content-Security-Policy", "default-src *"), {"header_twice": "problem"}),
    (instead("Content-Security-Policy", "default-src *"), {"header_changed": "problem"}),
    (without("Strict-Transport-Security"), {"hsts_missing": "problem"}),
    (instead("Strict-Transport-Security", "max-age=60"), {"hsts_short": "problem"}),
    (also("Set-Cookie", "__shield=1; Path=/"), {"url_cookie": "problem"}),
    (instead("Date", "Sun, 22 Nov 2020 09:00:00 GMT"), {"clock_apart": "problem"}),
    (lambda front: setattr(front, "status", 502), {"url_status": "problem"}),
    (lambda front: setattr(front, "metrics", 200), {"forwarded_missing": "problem"}),
]


@pytest.mark.parametrize(("changed", "expected"), FRONTS)
def test_what_a_proxy_spoils_is_found(
    looked: Looked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: Any, expected: dict[str, str]
) -> None:
    with fronted(tmp_path, monkeypatch, changed) as url:
        looked.url = url
        levels = looked.levels(outside.answers)
    assert expected.items() <= levels.items()
    others = {name for name, level in levels.items() if level == "problem"} - set(expected) - {"url_certificate_ends"}
    assert others == set()


@pytest.mark.parametrize("more", [{"expired": True}, {"trusted": False}])
def test_a_certificate_that_does_not_hold_is_a_problem(
    looked: Looked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, bool]
) -> None:
    trusted = more.pop("trusted", True)
    with fronted(tmp_path, monkeypatch, lambda _: None, **more) as url:
        if not trusted:
            monkeypatch.delenv("SSL_CERT_FILE")
        looked.url = url
        assert looked.levels(outside.answers) == {"url_certificate": "problem"}


def test_a_site_that_does_not_answer_and_one_without_encryption(looked: Looked) -> None:
    looked.url = f"https://localhost:{free_port()}"
    assert looked.levels(outside.answers) == {"url_unreachable": "problem"}
    looked.url = "http://privacy.verdier.test"
    assert looked.levels(outside.answers) == {"url_scheme": "problem"}
    looked.url = ""
    assert looked.levels(outside.answers) == {}


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [
        (301, "https://privacy.verdier.test/", "redirect_fine"),
        (308, "https://privacy.verdier.test/", "redirect_fine"),
        (301, "https://evil.test/", "redirect_missing"),
        (301, "http://privacy.verdier.test/", "redirect_missing"),
        (200, "", "redirect_missing"),
        (0, "", "redirect_none"),
    ],
)
def test_who_comes_unencrypted(monkeypatch: pytest.MonkeyPatch, status: int, location: str, expected: str) -> None:
    def fetched(url: str, path: str = "/", secure: bool = True) -> outside.Answer:
        assert not secure
        if not status:
            raise ConnectionRefusedError
        return outside.Answer(status, (("Location", location),) if location else ())

    monkeypatch.setattr(outside, "fetch", fetched)
    assert [found.name for found in outside.redirect("https://privacy.verdier.test/")] == [expected]
