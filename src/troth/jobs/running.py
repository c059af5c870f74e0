"""Getting a process ready for the journal, and running a worker in it."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.jobs.worker import Tally, Tell


def ready() -> None:
    """Start Django on the settings in the environment. Raises UsageError when a server's tables are not there."""
    from troth.web.migrations import ready as tables

    tables(Path(os.environ["TROTH_STATE"]), os.environ.get("TROTH_STATE_URL", ""))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.web.settings")
    import django

    django.setup()


def run(*, once: bool = False, until_idle: bool = False, tell: Tell | None = None) -> Tally:
    """Run a worker in this thread. The first SIGTERM or SIGINT lets it end the step in hand; a second one breaks
    that off, and the step is anybody's."""
    from troth.jobs.worker import Worker

    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return Worker(stop=stop, tell=tell).run(once=once, until_idle=until_idle)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
