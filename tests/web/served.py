"""`troth serve` as a real process, and what it says on its standard error."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nursery
from databases import CHECKOUT
from machine import free_port
from processes import kill_tree, process_tree

FAULTY = CHECKOUT / "tests" / "fixtures" / "site"
TROTH = str(Path(sys.executable).parent / "troth")


def publisher(folder: Path) -> Path:
    """A publisher's folder with a state of its own; nothing is published yet."""
    from datetime import UTC, datetime

    from troth.state.state import init_state

    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    init_state(folder / "troth-state", origin="verdier.test/troth", at=datetime.now(UTC)).close()
    return folder


def clean() -> dict[str, str]:
    """The environment without any of our own settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("TROTH_", "DJANGO_"))}


class Served:
    """The running site. Its tables are there already; test_beside.py starts one that makes them."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.port = free_port()
        self.log = folder / "stderr.txt"
        if "TROTH_STATE_URL" not in environment and (folder / "troth-state").is_dir():
            nursery.make_tables(folder / "troth-state")
        with self.log.open("wb") as said:
            self.process = nursery.popen(
                ["serve", "--port", str(self.port), *options], cwd=folder, out=said, err=said,
                env={**clean(), "TROTH_LOG": "json", "TMPDIR": str(folder), **environment},
            )  # fmt: skip

    def ready(self) -> Served:
        """Waits for it. Fails with what it said when it ended instead."""
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                if " 200 " in self.ask("/readyz").partition("\r\n")[0]:
                    return self
            time.sleep(0.02)
        raise AssertionError(self.said())

    def said(self) -> str:
        """All that it has written so far."""
        return self.log.read_text(encoding="utf-8")

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of its log about one kind of event."""
        return [line for line in map(json.loads, self.said().splitlines()) if line["event"] == event]

    def send(self, content: bytes, seconds: float = 60) -> bytes:
        """What comes back for these very bytes."""
        with socket.create_connection(("127.0.0.1", self.port), seconds) as line:
            line.sendall(content)
            return received(line)

    def ask(self, path: str, *headers: str, method: str = "GET", body: bytes = b"", host: str = "127.0.0.1") -> str:
        """The whole answer, as text."""
        head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
        if body:
            head.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join([*head, "", ""]).encode("utf-8") + body).decode("utf-8", "replace")

    def tree(self) -> list[int]:
        """All its processes."""
        return process_tree(self.process.pid)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it in the usual way; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


def received(line: socket.socket) -> bytes:
    """All until the other side ends or is silent for too long."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def served(folder: Path, *options: str, **environment: str) -> Iterator[Served]:
    """The site of a folder as long as the block lasts."""
    site = Served(folder, *options, **environment)
    try:
        yield site.ready()
    finally:
        kill_tree(site.process.pid)
        site.process.wait()


def faulty() -> dict[str, str]:
    """The environment of a site that also has addresses that fail."""
    return {"DJANGO_SETTINGS_MODULE": "faulty_settings", "PYTHONPATH": str(FAULTY)}
