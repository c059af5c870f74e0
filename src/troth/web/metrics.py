"""Numbers about the site for its operator, in the text format of Prometheus (0.0.4). None is about anybody.

Each process that answers counts in a file of its own, which all of them map into memory; whoever is asked adds them
up. Files of processes that have ended stay until the site stops, so a count never goes back.
"""

from __future__ import annotations

import contextlib
import hmac
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import require_safe

from troth.core.errors import TrothError
from troth.state.environment import secret
from troth.web.addresses import is_local

FOLDER = "TROTH_METRICS_DIR"
"""Where the processes of one site count; ``troth serve`` makes it and takes it away."""
STARTED = "TROTH_STARTED"
"""When the site was started, in seconds since 1970."""
TOKEN = "TROTH_METRICS_TOKEN"  # noqa: S105  the name of a variable

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the durations that are told apart, in seconds."""
_CLASSES = (1, 2, 3, 4, 5)
_OTHER = "other"
_MAILS = ("sent", "failed")
_SLOT = 8


@cache
def routes() -> tuple[str, ...]:
    """The names of all routes, as urls.py gives them, and what stands for the rest."""
    return (*sorted(set(_names(get_resolver().url_patterns))), "none", _OTHER)


def _names(patterns: Sequence[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}"


@cache
def _slots() -> Mapping[tuple[str, str, str], int]:
    """Where each count lies: the same in all processes, because they run the same code."""
    keys = [("requests", route, str(status)) for route in routes() for status in _CLASSES]
    keys += [("took", route, bound) for route in routes() for bound in (*map(str, BUCKETS), "sum", "count")]
    keys += [("mail", outcome, "") for outcome in _MAILS]
    return {key: place for place, key in enumerate(keys)}


class Counts:
    """This process's own counts: in a file where there is a folder for it, else in its memory."""

    def __init__(self, folder: str) -> None:
        self._lock = threading.Lock()
        size = len(_slots()) * _SLOT
        if folder:
            with open(Path(folder) / f"{os.getpid()}.counts", "w+b") as file:
                file.truncate(size)
                self._map = mmap.mmap(file.fileno(), size)
        else:
            self._map = mmap.mmap(-1, size)

    def add(self, *counts: tuple[tuple[str, str, str], float]) -> None:
        """Add to several counts at once."""
        with self._lock:
            for key, value in counts:
                place = _slots()[key] * _SLOT
                struct.pack_into("d", self._map, place, struct.unpack_from("d", self._map, place)[0] + value)

    def read(self) -> bytes:
        """All counts, as they lie in memory."""
        return self._map[:]


_counts: dict[int, Counts] = {}
_opening = threading.Lock()


def _mine() -> Counts:
    """Those of this process, which may have been born by fork; opened once, whichever of its threads comes first."""
    process = os.getpid()
    with _opening:
        if process not in _counts:
            _counts[process] = Counts(os.environ.get(FOLDER, ""))
        return _counts[process]


def request(route: str, status: int, took: float) -> None:
    """A request was answered: its route's name, the first digit of its status, seconds."""
    name = route if route in routes() else _OTHER
    bound = next((str(most) for most in BUCKETS if took <= most), None)
    counts: list[tuple[tuple[str, str, str], float]] = [
        (("requests", name, str(status if status in _CLASSES else 5)), 1),
        (("took", name, "sum"), took),
        (("took", name, "count"), 1),
    ]
    if bound is not None:
        counts.append((("took", name, bound), 1))
    _mine().add(*counts)


def mail(*, sent: bool) -> None:
    """A mail was handed over, or was not."""
    _mine().add((("mail", "sent" if sent else "failed", ""), 1))


def total() -> dict[tuple[str, str, str], float]:
    """The counts of all processes of this site together."""
    size = len(_slots()) * _SLOT
    sums = [0.0] * len(_slots())
    for content in _contents():
        if len(content) == size:  # another size is another version's, in the middle of a change
            sums = [a + b for a, b in zip(sums, struct.unpack(f"{len(sums)}d", content), strict=True)]
    return {key: sums[place] for key, place in _slots().items()}


def _contents() -> Iterator[bytes]:
    folder = os.environ.get(FOLDER, "")
    _mine()
    if not folder:
        yield _mine().read()
        return
    for path in Path(folder).glob("*.counts"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All numbers; for this machine itself, and for whoever has the token."""
    if not _allowed(request):
        return HttpResponse("only for this machine, or with a token\n", status=403, content_type="text/plain")
    kind = "text/plain; version=0.0.4; charset=utf-8"
    return HttpResponse("\n".join(_text()) + "\n", content_type=kind, headers={"Cache-Control": "no-store"})


def _allowed(request: HttpRequest) -> bool:
    if is_local(request):
        return True
    token = secret(TOKEN)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def _text() -> Iterator[str]:
    sums = total()
    yield from _head("troth_info", "gauge", "Which Troth and which policy are in force.")
    yield f'troth_info{{version="{_plain(version("troth"))}",policy="{_plain(_policy())}"}} 1'
    yield from _requests(sums)
    yield from _durations(sums)
    yield from _head("troth_mail_total", "counter", "Mails handed over to the mail server, and those that were not.")
    for outcome in _MAILS:
        yield f'troth_mail_total{{outcome="{outcome}"}} {sums["mail", outcome, ""]:.0f}'
    yield from _process()


def _requests(sums: Mapping[tuple[str, str, str], float]) -> Iterator[str]:
    yield from _head("troth_requests_total", "counter", "Requests answered, by name of the route and class of status.")
    for (what, route, status), value in sums.items():
        if what == "requests" and value:
            yield f'troth_requests_total{{route="{_plain(route)}",status="{status}xx"}} {value:.0f}'


def _durations(sums: Mapping[tuple[str, str, str], float]) -> Iterator[str]:
    name = "troth_request_duration_seconds"
    yield from _head(name, "histogram", "How long requests took inside the site.")
    for route in routes():
        count = sums["took", route, "count"]
        if not count:
            continue
        label, below = f'route="{_plain(route)}"', 0.0
        for bound in BUCKETS:
            below += sums["took", route, str(bound)]
            yield f'{name}_bucket{{{label},le="{bound}"}} {below:.0f}'
        yield f'{name}_bucket{{{label},le="+Inf"}} {count:.0f}'
        yield f"{name}_sum{{{label}}} {sums['took', route, 'sum']:.6f}"
        yield f"{name}_count{{{label}}} {count:.0f}"


def _process() -> Iterator[str]:
    since = float(os.environ.get(STARTED) or 0)
    if since:
        yield from _head("troth_start_time_seconds", "gauge", "When the site was started, in seconds since 1970.")
        yield f"troth_start_time_seconds {since:.3f}"
        yield from _head("troth_uptime_seconds", "gauge", "For how long it has been running.")
        yield f"troth_uptime_seconds {max(0.0, time.time() - since):.3f}"
    tree = _tree(os.getppid() if os.environ.get(FOLDER) else os.getpid())
    yield from _head("troth_processes", "gauge", "Processes: the one that watches and those that answer or work.")
    yield f"troth_processes {len(tree)}"
    yield from _head("troth_memory_bytes", "gauge", "Memory of all its processes; what they share is counted once.")
    yield f"troth_memory_bytes {sum(map(_memory, tree))}"


def _tree(root: int) -> list[int]:
    """A process and all that descend from it, as the kernel lists them."""
    tree = [root]
    for process in tree:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                tree += map(int, task.read_text(encoding="ascii").split())
    return tree


def _memory(process: int) -> int:
    """Bytes that the process costs (proportional set size); 0 where the system does not say."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _policy() -> str:
    from troth.web.pages.published import kept

    try:
        return kept.get().version
    except TrothError:
        return ""


def _head(name: str, kind: str, said: str) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"


def _plain(value: str) -> str:
    """A label's value, its three special characters escaped."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
