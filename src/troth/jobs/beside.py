"""A worker beside the processes of the site: born by fork, sharing their memory, and born again if it dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from troth.jobs.running import ready, run

if TYPE_CHECKING:
    from troth.jobs.worker import Tell

_REST = 2.0
"""Seconds before one that died is replaced."""


class Beside:
    """Keeps one worker alive until ``stop``. Start it in the process that watches over the site's."""

    def __init__(self, tell: Tell | None = None) -> None:
        self._tell = tell
        self._end = threading.Event()
        self._process: BaseProcess | None = None
        self._keeper = threading.Thread(target=self._keep, name="troth-worker-keeper", daemon=True)
        self._keeper.start()

    def stop(self, grace: float) -> None:
        """Let the worker end its step, for so many seconds; then its lease ends it."""
        self._end.set()
        process = self._process
        if process is not None and process.is_alive():
            process.terminate()
        self._keeper.join(grace)
        if process is not None and process.is_alive():
            process.kill()
            self._keeper.join(5)

    def _keep(self) -> None:
        while not self._end.is_set():
            process = multiprocessing.get_context().Process(target=_work, args=(os.getpid(), self._tell), name="worker")
            process.start()
            self._process = process
            if self._tell is not None:
                self._tell("worker_started", process=process.pid)
            if self._end.is_set():
                process.terminate()
            process.join()
            if self._tell is not None and not self._end.is_set():
                self._tell("worker_died", "error", code=process.exitcode)
            self._end.wait(_REST)


def _work(parent: int, tell: Tell | None) -> None:
    """The life of the worker, which ends with its parent's."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # the parent's handlers, born along by fork, would swallow them
    threading.Thread(target=_outlived, args=(parent,), name="troth-worker-parent", daemon=True).start()
    ready()
    run(tell=tell)


def _outlived(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
