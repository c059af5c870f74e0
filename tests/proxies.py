"""nginx and Caddy of the distribution, with our example configurations, in front of a real site."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from databases import CHECKOUT
from letterbox import certificate
from machine import free_port, program
from processes import kill_tree

DEPLOY = CHECKOUT / "deploy"
EXAMPLE = "privacy.example.org"


@dataclass(frozen=True)
class Proxy:
    """One that runs: its ports, its certificate, and where it writes."""

    kind: str
    port: int
    plain: int
    certificate: Path
    folder: Path

    def connect(self) -> ssl.SSLSocket:
        """An encrypted connection whose certificate has been checked."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 30), server_hostname=EXAMPLE)

    def send(self, content: bytes) -> bytes:
        """What comes back for these very bytes."""
        with self.connect() as line:
            line.sendall(content)
            return everything(line)

    def ask(self, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> tuple[str, list[str], bytes]:
        """Status line, headers as they came, body."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {EXAMPLE}", "Connection: close", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return parts(self.send("\r\n".join([*lines, "", ""]).encode() + body))

    def written(self) -> str:
        """All that it has written into its folder."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.suffix in (".log", ".txt")]
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def parts(answer: bytes) -> tuple[str, list[str], bytes]:
    """Status line, headers and body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    return status, headers, body


def everything(line: socket.socket) -> bytes:
    """All until the other side ends."""
    found = []
    with contextlib.suppress(ConnectionResetError, ssl.SSLError):
        while part := line.recv(65536):
            found.append(part)
    return b"".join(found)


def _nginx(folder: Path, ports: tuple[int, int, int], pem: Path) -> list[str]:
    site, secure, plain = ports
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"\n\s+listen \[::\].*", "", text)
    changes = {
        "127.0.0.1:8440": f"127.0.0.1:{site}", "listen 80": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{secure}", "/etc/letsencrypt/live/privacy.example.org/fullchain.pem": str(pem),
        "/etc/letsencrypt/live/privacy.example.org/privkey.pem": str(pem), "/var/log/nginx": str(folder),
    }  # fmt: skip
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "troth.conf").write_text(text, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    main = f"daemon off; pid {folder}/pid; error_log {folder}/main.log warn; events {{}} http {{ {temporary} include {folder}/troth.conf; }}"
    if os.geteuid() == 0:
        main = f"user root; {main}"
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    return [program("nginx", "/usr/sbin"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, ports: tuple[int, int, int], pem: Path) -> list[str]:
    site, secure, plain = ports
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    run = program("caddy")
    number = subprocess.run([run, "version"], capture_output=True, text=True).stdout.lstrip("v").split()[0]
    if tuple(map(int, number.split("-")[0].split("."))) < (2, 6, 4):
        # As the file itself says.
        text = re.sub(r"request_buffers \S+", "buffer_requests", text)
    text = text.replace(
        "{\n", f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tauto_https disable_certs\n", 1
    )
    text = text.replace("127.0.0.1:8440", f"127.0.0.1:{site}")
    text = text.replace(f"{EXAMPLE} {{", f"{EXAMPLE} {{\n\ttls {pem} {pem}", 1)
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    return [run, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextlib.contextmanager
def proxy(kind: str, folder: Path, site: int) -> Iterator[Proxy]:
    """In front of the site on this port. Raises ServerUnavailable where the program is not installed."""
    secure, plain = free_port(), free_port()
    pem = certificate(folder, EXAMPLE)
    made = {"nginx": _nginx, "caddy": _caddy}[kind](folder, (site, secure, plain), pem)
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(made, stdout=said, stderr=said, env=env, cwd=folder)
    try:
        _wait(process, secure, folder)
        yield Proxy(kind, secure, plain, pem, folder)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        kill_tree(process.pid)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError((folder / "said.txt").read_text(encoding="utf-8"))
