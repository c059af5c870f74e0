"""The site: from the command to an answer, memory of all its processes, pages a second, size of an installation.

.venv/bin/python bench/site.py [--quick] [--runs 5] [--seconds 5] [--connections 8] [--install]

The policy page is compared with the same bytes from a Django view that does nothing else and from a file, each served
by the same granian with the same threads in the same run. The client is this Python: it takes its part of the cores.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from common import ROOT, again, median, ms, seconds, table

from machine import free_port
from processes import kill_tree, process_tree

BIN = Path(sys.executable).parent
PAGE = "/en/"
READY_GOAL, MEMORY_GOAL = 3.0, 200


# --- servers --------------------------------------------------------------------------------------


@contextlib.contextmanager
def running(command: Sequence[str], port: int, folder: Path, path: str) -> Iterator[int]:
    """A server until the end of the block, once it answers; its process."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("TROTH_")} | {"TROTH_LOG_LEVEL": "error"}
    with (folder / "said.txt").open("ab") as said:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=said)
    try:
        while not answers(port, path):
            if process.poll() is not None:
                raise SystemExit((folder / "said.txt").read_text(encoding="utf-8"))
            time.sleep(0.005)
        yield process.pid
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        kill_tree(process.pid)
        process.wait()


def answers(port: int, path: str) -> bool:
    """Whether somebody says 200 there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as line:
            line.sendall(asking(path, "close"))
            return line.recv(65536).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def asking(path: str, connection: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: {connection}\r\n\r\n".encode()


def troth(port: int) -> list[str]:
    return [str(BIN / "troth"), "serve", "--port", str(port)]


def other(kind: str, port: int) -> list[str]:
    return [sys.executable, __file__, "--server", kind, "--port", str(port)]


def serve_other(kind: str, port: int) -> None:
    """A server to compare with: ``django`` or ``file``, of the page in the current folder."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    static = {"static_path_route": ["/file"], "static_path_mount": [Path.cwd()]} if kind == "file" else {}
    Granian(
        "bench", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=4,
        backpressure=64, websockets=False, log_level=LogLevels.error, **static,
    ).serve(target_loader=minimal, wrap_loader=False)  # fmt: skip


def minimal() -> object:
    """A Django that says one thing. Called in the worker, by granian."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    content = Path(os.environ["BENCH_PAGE"]).read_bytes()

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(content, headers={"Content-Length": str(len(content))})

    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bench", LOGGING_CONFIG=None)
    globals()["urlpatterns"] = [path("en/", view)]
    return get_wsgi_application()


# --- measuring ------------------------------------------------------------------------------------


def memory(root: int) -> int:
    """Bytes that a tree of processes costs; what they share is counted once."""
    found = 0
    for process in process_tree(root):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
                found += int(line.split()[1]) * 1024 if line.startswith("Pss:") else 0
    return found


def load(port: int, path: str, connections: int, lasting: float) -> tuple[float, float]:
    """Answers a second, and the time within which 95 of 100 came."""
    took: list[float] = []
    until = time.perf_counter() + lasting

    def ask() -> None:
        mine = []
        with socket.create_connection(("127.0.0.1", port), 30) as line, line.makefile("rb") as reading:
            while (since := time.perf_counter()) < until:
                line.sendall(asking(path, "keep-alive"))
                read_one(reading)
                mine.append(time.perf_counter() - since)
        took.extend(mine)

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return len(took) / lasting, took[int(len(took) * 0.95)]


def read_one(reading: BinaryIO) -> None:
    """One whole answer."""
    if b" 200 " not in reading.readline():
        raise RuntimeError("not answered")
    length, chunked = 0, False
    while (line := reading.readline().lower()) not in (b"\r\n", b""):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        chunked |= line.startswith(b"transfer-encoding:")
    while chunked and (size := int(reading.readline(), 16)):
        reading.read(size + 2)
    reading.read(2 if chunked else length)


def publisher(folder: Path) -> Path:
    """Maison Verdier, published, its tables made."""
    shutil.copytree(ROOT / "examples" / "maison", folder)
    from troth.bootstrap import publish
    from troth.state.state import init_state

    state = folder / "troth-state"
    init_state(state, origin="verdier.test/troth", at=datetime.now(UTC)).close()
    publish(folder / "troth.yaml", state, datetime.now(UTC))
    subprocess.run([str(BIN / "troth"), "migrate"], cwd=folder, check=True, capture_output=True)
    return folder


# --- figures --------------------------------------------------------------------------------------


def started(folder: Path, runs: int) -> None:
    """From the command to /readyz, and memory then and after some pages."""
    bare = median([seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)) for _ in range(runs)])
    times, idle, busy = [], 0, 0
    for _ in range(runs):
        port, since = free_port(), time.perf_counter()
        with running(troth(port), port, folder, "/readyz") as process:
            times.append(time.perf_counter() - since)
            idle = memory(process)
            load(port, PAGE, 4, 1)
            busy = memory(process)
    took = median(times)
    rows = [
        ["command to /readyz", f"{took:.2f} s", f"{took / bare:.0f} × python -c pass", f"< {READY_GOAL:.0f} s"],
        ["memory, all processes", f"{idle / 1e6:.0f} MB", "before the first page", f"< {MEMORY_GOAL} MB"],
        ["memory, all processes", f"{busy / 1e6:.0f} MB", "after a second of pages", f"< {MEMORY_GOAL} MB"],
    ]
    table(f"start, median of {runs}", ["what", "measured", "", "goal"], rows)


def served(folder: Path, connections: int, lasting: float) -> None:
    """Pages a second, against the same bytes from a bare view and from a file."""
    results = {}
    port = free_port()
    with running(troth(port), port, folder, "/readyz") as process:
        load(port, PAGE, connections, 0.5)
        results["policy page"] = load(port, PAGE, connections, lasting)
        held = memory(process)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(asking(PAGE, "close"))
            answer = b"".join(iter(lambda: line.recv(65536), b""))
    page = folder / "page.html"
    page.write_bytes(answer.partition(b"\r\n\r\n")[2])
    os.environ["BENCH_PAGE"] = str(page)
    for name, kind, path in (("bare Django view", "django", PAGE), ("a file", "file", "/file/page.html")):
        port = free_port()
        with running(other(kind, port), port, folder, path):
            load(port, path, connections, 0.5)
            results[name] = load(port, path, connections, lasting)
    base = results["policy page"]
    rows = [
        [name, f"{rate:.0f}/s", f"{rate / base[0]:.1f}", ms(late), f"{late / base[1]:.2f}"]
        for name, (rate, late) in results.items()
    ]
    size, end = page.stat().st_size / 1000, f"at its end {held / 1e6:.0f} MB"
    table(
        f"{size:.0f} kB, {connections} connections, {lasting:.0f} s each, one process ({end})",
        ["what", "answers", "× policy page", "p95", "× policy page"], rows,
    )  # fmt: skip


def installed() -> None:
    """Size of a whole installation, made from the lock file in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as folder:
        env = {**os.environ, "UV_PROJECT_ENVIRONMENT": f"{folder}/venv", "UV_LINK_MODE": "copy"}
        subprocess.run(
            [str(BIN / "uv"), "sync", "--frozen", "--no-dev", "--no-editable", "--quiet"], cwd=ROOT, env=env, check=True
        )
        libraries = next(Path(folder).glob("venv/lib/python3*/site-packages"))
        sizes = sorted(((_size(path), path.name) for path in libraries.iterdir()), reverse=True)
        rows = [[name, f"{size / 1e6:.0f} MB"] for size, name in sizes[:8]]
        rows.append(["all", f"{_size(Path(folder)) / 1e6:.0f} MB"])
        table("whole installation without compiled files", ["library", "size"], rows)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if file.is_file())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer runs, shorter")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--install", action="store_true", help="also make an installation and weigh it (a minute)")
    parser.add_argument("--server", choices=("django", "file"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.server:
        serve_other(args.server, args.port)
        return
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as made:
        folder = publisher(Path(made) / "maison")
        started(folder, 2 if args.quick else args.runs)
        served(folder, args.connections, 2 if args.quick else args.seconds)
    if args.install:
        installed()
    again("site.py")


if __name__ == "__main__":
    main()
