"""Starts ``troth`` in a fraction of the time: a process that has imported it once, and forks.

What is born there runs through the same entry point as the command, in a folder, a session and an environment of its
own, and nothing of the tests is in its memory. For tests of what the command does; whether it starts at all, from
nothing, others see to.

    done = nursery.run(["check"], cwd=folder, env={"PATH": …})      # as subprocess.run, with text captured
    process = nursery.popen(["serve"], cwd=folder, env=…, log=file)   # as subprocess.Popen
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from processes import kill_tree

KNOWN = (
    "psycopg", "pymysql", "sqlalchemy.dialects.mysql.pymysql", "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite", "django.contrib.auth", "django.contrib.sessions.middleware",
    "django.core.management", "django.db.backends.sqlite3.base", "django.db.backends.postgresql.base",
    "django.db.migrations.executor", "django.forms", "django.http", "django.middleware.common",
    "django.middleware.csrf", "django.template.loader", "django.test.utils", "django.urls", "django.views.generic",
    "troth.bootstrap", "troth.cli.check", "troth.cli.publish", "troth.core.check.run", "troth.core.rights.plan",
    "troth.publishing.publish", "troth.state.state", "troth.web.migrations",
)  # fmt: skip
"""What most verbs import. Nothing that starts a thread, reads the settings or looks at the environment."""
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


class Process:
    """A run of ``troth``, as ``subprocess.Popen`` would show it."""

    def __init__(self, pid: int, end: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = end

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        with suppress(TimeoutError):
            self._ended(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        try:
            return self._ended(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired("troth", timeout or 0) from None

    def _ended(self, timeout: float | None) -> int:
        if self.returncode is None:
            self._end.settimeout(timeout)
            try:
                told = self._end.recv(16)
            except BlockingIOError:
                raise TimeoutError from None
            self._end.close()
            self.returncode = int(told or b"-9")  # silent: the nursery is gone, and its children with it
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run ``troth`` to its end, and what it printed. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = popen(words, cwd=cwd, env=env, out=out, err=err)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(list(words), code, out.read(), err.read())


def popen(
    words: Sequence[str], *, cwd: Path, env: Mapping[str, str], out: IO[Any], err: IO[Any],
    hook: Callable[[], None] | None = None, known: str = "",
) -> Process:  # fmt: skip
    """Start ``troth``, and return at once. ``hook``, something that can be pickled, runs in its process first; ``known``
    is a function (``module:name``) that the nursery calls once, to learn what such runs need."""
    nursery = _nursery()
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # its number and its end: two messages
    first = pickle.dumps(hook).hex() if hook else ""
    with its:
        asked = json.dumps(
            {"words": list(words), "cwd": str(cwd), "env": dict(env), "hook": first, "known": known}
        ).encode()
        with tempfile.TemporaryFile() as letter:  # a message has less room than a command line
            letter.write(asked)
            letter.flush()
            socket.send_fds(nursery, [b"."], [f.fileno() for f in (letter, out, err, its)])
    ours.settimeout(60)
    return Process(int(ours.recv(16)), ours)


def make_tables(state: Path) -> None:
    """What ``troth migrate`` makes of a state that has no tables of the site yet: made once, and copied."""
    made = state / "site.db"
    if not made.exists():
        made.write_bytes(_tables())
        made.chmod(0o600)


@cache
def _tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TROTH_STATE": str(here / "state")}
        for words in (["keys", "init", "--origin", "essai.test/troth"], ["migrate"]):
            done = run(words, cwd=here, env=env)
            assert done.returncode == 0, done.stderr
        assert not (here / "state" / "site.db-wal").exists()
        return (here / "state" / "site.db").read_bytes()


_started: dict[int, socket.socket] = {}


def _nursery() -> socket.socket:
    """The way to the nursery of this process; it ends with it, however that ends."""
    if os.getpid() not in _started:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TROTH_", "DJANGO_"))}
        process = subprocess.Popen([sys.executable, __file__, str(its.fileno())], env=clean, pass_fds=[its.fileno()])
        its.close()
        _started[os.getpid()] = ours
        atexit.register(_end, ours, process)
    return _started[os.getpid()]


def _end(ours: socket.socket, process: subprocess.Popen[bytes]) -> None:
    ours.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)


# --- in the nursery ---------------------------------------------------------------------------------------


def main(line: socket.socket) -> None:
    """Give birth whenever asked, and tell how each ended, until nobody can ask any more."""
    _learn()
    children: dict[int, socket.socket] = {}
    waker, woken = socket.socketpair()
    waker.setblocking(False)
    woken.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    with suppress(BlockingIOError):
                        woken.recv(4096)
                elif not _asked(line, children, (waker, woken, line)):
                    for pid in children:
                        kill_tree(pid)
                    return
            _bury(children)


@cache
def learn() -> None:
    """Import and read what most verbs need, so that the children of this process find it done."""
    for name in KNOWN:
        importlib.import_module(name)
    from troth.bootstrap import examine_policy

    for policy in EXAMPLES.glob("*/troth.yaml"):
        examine_policy(policy, {})


@cache
def know(known: str) -> None:
    """Call the function of this name (``module:name``), once in this process."""
    module, _, name = known.partition(":")
    getattr(importlib.import_module(module), name)()


@cache
def _learn(known: str = "") -> None:
    if known:
        know(known)
    else:
        learn()
    gc.collect()
    gc.freeze()  # else each child's first collection copies all this, page by page


def _asked(line: socket.socket, children: dict[int, socket.socket], ours: tuple[socket.socket, ...]) -> bool:
    asked, handed, _, _ = socket.recv_fds(line, 1, 4)
    if not asked:
        return False
    letter, out, err, end = handed
    with open(letter, "rb") as file:
        file.seek(0)
        wish = json.load(file)
    _learn(wish["known"])
    pid = os.fork()
    if pid:
        os.close(out)
        os.close(err)
        children[pid] = socket.socket(fileno=end)
        children[pid].sendall(str(pid).encode())
        return True
    for one in (*ours, *children.values()):
        one.close()
    os.close(end)
    os._exit(_born(wish, out, err))


def _bury(children: dict[int, socket.socket]) -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            with children.pop(pid) as end, suppress(OSError):
                end.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _born(asked: dict[str, Any], out: int, err: int) -> int:
    """In the child: become the command."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, number in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(given, number)
        os.close(given)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", encoding="utf-8"), open(2, "w", encoding="utf-8")  # noqa: SIM115
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.path[:0] = [place for place in asked["env"].get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.argv = ["troth", *asked["words"]]
    try:
        if asked["hook"]:
            pickle.loads(bytes.fromhex(asked["hook"]))()  # noqa: S301  the tests wrote it
        from troth.cli.main import run as typed

        typed(asked["words"])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
