"""A line to a server that goes dead: what comes from the server is passed on up to so many bytes, then nothing more.

Both ends stay connected and everything that is sent is taken: as with a hung server, or a firewall that forgot us.
"""

from __future__ import annotations

import contextlib
import importlib
import socket
import threading
from typing import Self


def know() -> None:
    """Import what the verbs that look at a store begin with, where they are born."""
    for verb in ("discover", "survey", "erase", "grants"):
        importlib.import_module(f"troth.cli.{verb}")
    importlib.import_module("troth.connectors.sql.source")
    importlib.import_module("troth.core.discover.draft")


class StallingProxy:
    """Listens on ``port``; ``passed`` counts the server's bytes. ``most`` None: never stalls."""

    def __init__(self, server_port: int, most: int | None = None) -> None:
        self._server_port = server_port
        self._most = most
        self.passed = 0
        self.accepted = 0
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            self.accepted += 1
            server = socket.create_connection(("127.0.0.1", self._server_port))
            self._open += [client, server]
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if counted:
                    data = self._let_through(data)
                if data:
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _let_through(self, data: bytes) -> bytes:
        with self._lock:
            if self._most is not None:
                data = data[: max(0, self._most - self.passed)]
            self.passed += len(data)
            return data
