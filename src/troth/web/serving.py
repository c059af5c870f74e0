"""The processes of the site: one that watches, and those that answer."""

from __future__ import annotations

import contextlib
import errno
import gc
import multiprocessing
import os
import resource
import shutil
import socket
import tempfile
import time
from importlib import import_module
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING

from troth import bootstrap
from troth.core.errors import UsageError
from troth.jobs.beside import Beside
from troth.web import logs, migrations
from troth.web.accounts import cookies

if TYPE_CHECKING:
    from granian.server import MPServer

_HEADERS_WITHIN = 10_000
"""Milliseconds in which a request's headers have to arrive."""
_THREADS = 4
"""Requests that one process answers at a time; others wait their turn."""
_WAITING = 64


def check_port(host: str, port: int) -> None:
    """Raises UsageError when nobody can listen there. The server itself would share a port with another one."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
    except OSError:
        raise UsageError(
            f"{host} is not an address to listen on", remedy="write a number, such as 127.0.0.1 or ::1"
        ) from None
    with socket.socket(family[0], family[1]) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(family[4])
            probe.listen(1)
        except OSError as error:
            raise UsageError(f"cannot listen on {host}, port {port}: {_why(error)}", remedy=_remedy(error)) from None


def _why(error: OSError) -> str:
    said = {
        errno.EADDRINUSE: "another program listens there",
        errno.EADDRNOTAVAIL: "this machine has no such address",
        errno.EACCES: "this port needs rights that this account does not have",
    }
    return said.get(error.errno or 0, (error.strerror or "error").lower())


def _remedy(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "end that program (`ss -ltnp` names it), or choose another port with --port"
    return "choose another with --host and --port; a proxy in front of the site listens on 443"


def without_images() -> None:
    """Let the system write no image of this process, or of one born by it, when it crashes: it would hold what people
    have just sent (core(5); systemd-coredump heeds the limit too). Where a process may not set its own limits, the
    units of deploy/ have set this one."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check() -> str:
    """Faults of settings, policy and state are told here, not by a worker that dies; the policy's version."""
    from troth.state.environment import secret
    from troth.web.addresses import LOOPBACK, Proxies, check_names
    from troth.web.api.rates import per_minute

    logs.configure()
    without_images()
    Proxies(os.environ.get("TROTH_PROXIES", LOOPBACK))
    check_names(os.environ.get("TROTH_HOSTS", ""))
    secret("TROTH_METRICS_TOKEN")
    per_minute()
    bootstrap.check_state(os.environ["TROTH_STATE"])
    migrations.ready(Path(os.environ["TROTH_STATE"]), os.environ.get("TROTH_STATE_URL", ""))
    return _loaded()


def run(host: str, port: int, workers: int, grace: int, version: str) -> None:
    """Answer until SIGTERM or SIGINT. Requests under way then have ``grace`` seconds; new ones are refused."""
    server = _server(host, port, workers, grace)
    since = time.monotonic()
    folder = tempfile.mkdtemp(prefix="troth-")
    os.environ["TROTH_METRICS_DIR"] = folder
    beside = Beside(logs.say)
    try:
        logs.say("start", troth=installed("troth"), policy=version, workers=workers, listening=f"{host} port {port}")
        server.serve()
    finally:
        beside.stop(grace)
        shutil.rmtree(folder, ignore_errors=True)
        logs.say("stop", seconds=round(time.monotonic() - since, 1))


def _server(host: str, port: int, workers: int, grace: int) -> MPServer:
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import MPServer

    return MPServer(
        "troth.web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=_THREADS, backpressure=_WAITING, websockets=False, log_access=False,
        log_level=LogLevels.warning, log_dictconfig=logs.of_granian(), workers_kill_timeout=grace,
        respawn_failed_workers=True, http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN),
    )  # fmt: skip


def _loaded() -> str:
    """What every process needs is loaded once and shared, where processes are born by fork; the policy's version."""
    if multiprocessing.get_start_method() != "fork":
        policy = bootstrap.load_policy(Path(os.environ["TROTH_POLICY"]))
        cookies.check(policy)
        return policy.version
    import_module("troth.web.wsgi")
    from troth.web import metrics
    from troth.web.pages.published import kept

    metrics.routes()
    version = kept.get().version
    cookies.check(kept.get().policy)
    gc.collect()
    gc.freeze()
    return version
