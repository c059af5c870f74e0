"""The Python client and names under ``.localhost``, which not every machine resolves."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from troth.client import Client, Unreachable


class _Site(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append(self.headers["Host"])
        body = json.dumps({"may": True, "reason": "no_consent_needed", "handle": None}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A site on this machine, which resolves no name at all."""
    real = socket.getaddrinfo

    def numbers_only(host: Any, *rest: Any, **more: Any) -> Any:
        if any(letter.isalpha() for letter in str(host)):
            raise socket.gaierror("no such name")
        return real(host, *rest, **more)

    _Site.asked = []
    with HTTPServer(("127.0.0.1", 0), _Site) as site:
        monkeypatch.setattr(socket, "getaddrinfo", numbers_only)
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site.server_port
        site.shutdown()
        thread.join()


def test_a_name_under_localhost_is_this_machine_and_stands_in_the_request(port: int) -> None:
    said = Client(f"http://maison.localhost:{port}", "troth_x", tries=1).may("offers", email="ana@example.org")
    assert said
    assert _Site.asked == [f"maison.localhost:{port}"]


def test_every_other_name_is_resolved_as_ever(port: int) -> None:
    for name in ("maison.test", "notlocalhost", "localhost.example.org"):
        with pytest.raises(Unreachable):
            Client(f"http://{name}:{port}", "troth_x", tries=1).may("offers", email="ana@example.org")
    assert _Site.asked == []
