"""*May I?* over HTTP: answers a second for one person and for a thousand at once, p95, processor, memory.

.venv/bin/python bench/may.py [--quick] [--people 100000] [--seconds 5] [--connections 4]

The state holds objections of so many people and restrictions of a hundredth of them. Beside it stands a Django that
reads the same JSON and answers a constant, served by the same granian with the same threads in the same run. The
client is this Python: it takes its part of the cores.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import socket
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common import ROOT, again, ms, table

from machine import free_port
from processes import process_tree

_spec = importlib.util.spec_from_file_location("bench_site", ROOT / "bench" / "site.py")  # `site` is Python's own
assert _spec is not None
assert _spec.loader is not None
site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(site)

PURPOSE = "offers"
BATCH = 1000


def serve_bare(port: int) -> None:
    """A Django that reads JSON and says yes."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "bench", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=4,
        backpressure=64, websockets=False, log_level=LogLevels.error,
    ).serve(target_loader=bare, wrap_loader=False)  # fmt: skip


def bare() -> object:
    """Called in the worker, by granian."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse, JsonResponse
    from django.urls import path

    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return JsonResponse({})
        asked = json.loads(request.body)
        if "subjects" in asked:
            return JsonResponse({"answers": [{"may": True, "reason": "x"} for _ in asked["subjects"]]})
        return JsonResponse({"may": True, "reason": "x"})

    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="bench", LOGGING_CONFIG=None)
    globals()["urlpatterns"] = [path("api/may", view), path("readyz", view)]
    return get_wsgi_application()


def fill(folder: Path, people: int) -> str:
    """Objections and restrictions of people whom nobody knows, and a token."""
    os.environ |= {"TROTH_STATE": str(folder / "troth-state"), "TROTH_POLICY": str(folder / "troth.yaml")}
    os.environ["DJANGO_SETTINGS_MODULE"] = "troth.web.settings"
    import django

    django.setup()
    from django.db import connection

    from troth.desk.models import Refusal
    from troth.state.state import open_state
    from troth.web.api.tokens import make

    now = datetime.now(UTC)
    with open_state(folder / "troth-state") as state:
        index = state.keys.vault.index
        rows = (
            Refusal(hash=index("email", f"p{n}@example.org"), purpose=PURPOSE, ground="objection", made=now)
            for n in range(people)
        )
        Refusal.objects.bulk_create(rows, batch_size=5000)
        for n in range(people // 100):
            who = [("email", f"r{n}@example.org")]
            state.restrictions.add(f"restrict-{n}", identifiers=who, anchors={}, ground="x", scope=None, at=now)
    _, secret = make("bench", ["may:ask"], now)
    connection.close()
    return secret


def asking(body: bytes, secret: str) -> bytes:
    head = (
        f"POST /api/may HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def load(port: int, requests: list[bytes], connections: int, lasting: float) -> tuple[float, float]:
    """Answers a second, and the time within which 95 of 100 came."""
    took: list[float] = []
    until = time.perf_counter() + lasting

    def ask(begin: int) -> None:
        mine, turn = [], begin
        with socket.create_connection(("127.0.0.1", port), 30) as line, line.makefile("rb") as reading:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (since := time.perf_counter()) < until:
                line.sendall(requests[turn % len(requests)])
                site.read_one(reading)
                mine.append(time.perf_counter() - since)
                turn += 1
        took.extend(mine)

    threads = [threading.Thread(target=ask, args=(n * 97,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return len(took) / lasting, took[int(len(took) * 0.95)]


def bodies(people: int, secret: str) -> dict[str, tuple[list[bytes], int]]:
    """What is sent, by arm: half of those who are asked about have objected."""

    def who(n: int) -> dict[str, str]:
        return {"email": f"p{n}@example.org" if n % 2 else f"q{n}@example.org"}

    step = max(1, people // 1000)
    one = [asking(json.dumps({"purpose": PURPOSE, "subject": who(n)}).encode(), secret) for n in range(0, people, step)]
    many = [
        asking(json.dumps({"purpose": PURPOSE, "subjects": [who(begin + n) for n in range(BATCH)]}).encode(), secret)
        for begin in range(0, max(BATCH, people) - BATCH + 1, max(BATCH, people // 10))
    ]
    return {"one person": (one, 1), f"{BATCH} people": (many, BATCH)}


def worked(root: int) -> float:
    """Seconds of processor that a tree of processes has had: a busy machine does not lengthen them much."""
    ticks = 0
    for process in process_tree(root):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measured(command: list[str], folder: Path, arms: Any, connections: int, lasting: float) -> tuple[Any, int]:
    port = free_port()
    with site.running([*command, "--port", str(port)], port, folder, "/readyz") as process:
        found = {}
        for name, (requests, size) in arms.items():
            load(port, requests, connections, 0.5)
            before = worked(process)
            rate, late = load(port, requests, connections, lasting)
            cost = (worked(process) - before) / (rate * lasting)
            _, alone = load(port, requests, 1, lasting / 2)
            found[name] = (rate * size, late, alone, cost)
        return found, site.memory(process)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer people, shorter")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--server", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.server:
        serve_bare(args.port)
        return
    people, lasting = (2000, 1.0) if args.quick else (args.people, args.seconds)
    with tempfile.TemporaryDirectory(prefix="troth-bench-") as made:
        folder = site.publisher(Path(made) / "maison")
        arms = bodies(people, fill(folder, people))
        ours, held = measured(
            ["env", "TROTH_API_PER_MINUTE=1000000", str(site.BIN / "troth"), "serve"],
            folder,
            arms,
            args.connections,
            lasting,
        )
        bare_ones, _ = measured([sys.executable, __file__, "--server"], folder, arms, args.connections, lasting)
    rows = [
        [name, who, f"{rate:.0f}/s", f"{rate / bare_ones[name][0]:.2f}", ms(late), ms(alone), ms(cost),
         f"{cost / bare_ones[name][3]:.1f}"]
        for name in arms for who, found in (("troth", ours), ("bare Django", bare_ones))
        for rate, late, alone, cost in (found[name],)
    ]  # fmt: skip
    table(
        f"people answered for, of {people} who objected; {args.connections} connections, {lasting:.0f} s each "
        f"(all processes of Troth at the end: {held / 1e6:.0f} MB)",
        ["a question about", "server", "people", "× bare", "p95", "p95, one at a time", "processor", "× bare"], rows,
    )  # fmt: skip
    again("may.py")


if __name__ == "__main__":
    main()
