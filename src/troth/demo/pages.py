"""Small web servers for the demo's own pages, on 127.0.0.1, in threads of this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    body: bytes | str = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Site = Callable[[Asked], Answer]


def is_here(host: str) -> bool:
    """Whether a name means this machine, whoever asks: otherwise a stranger's page could read ours under its own name
    (DNS rebinding)."""
    name = host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()
    return name in ("127.0.0.1", "localhost", "[::1]") or name.endswith(".localhost")


def is_own(headers: Mapping[str, str]) -> bool:
    """Whether a request that changes something comes from one of our own pages."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class PageServer:
    """Serves one site."""

    def __init__(self, site: Site, listening: socket.socket) -> None:
        self.port: int = listening.getsockname()[1]
        self._server = _Server(listening, _handler(site))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def start(self) -> None:
        """Answer requests."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(listening.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no news."""


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20
        server_version = "troth-demo"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer()

        do_HEAD = do_GET
        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing about who asked for what."""

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            split = urlsplit(self.path)
            asked = Asked(self.command, split.path, dict(parse_qsl(split.query)), headers)
            if not is_here(headers.get("host", "")):
                self._send(Answer("This name does not lead here.\n", "text/plain", 421))
            elif self.command == "POST" and not is_own(headers):
                self._send(Answer("This comes from another page.\n", "text/plain", 403))
            else:
                self._send(site(asked))

        def _send(self, answer: Answer) -> None:
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in {**HEADERS, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler
