"""Doing things that may never come back: in a thread of its own, with a limit to the waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Impatient:
    """One thread, in which everything is done that is asked of this object, one after the other.

    After a wait that was too long nothing more is asked of it. The thread dies with the program.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._given_up = False
        threading.Thread(target=self._work, daemon=True).start()

    def ask(self, what: Callable[[], T], seconds: float) -> T:
        """What it returns. Raises what it raises; TimeoutError when that takes longer, or something before did."""
        if self._given_up:
            raise TimeoutError
        self._asked.put(what)
        try:
            result, error = self._answers.get(timeout=max(seconds, 0.01))
        except Empty:
            self._given_up = True
            raise TimeoutError from None
        if error is not None:
            raise error
        answer: T = result
        return answer

    def _work(self) -> None:
        while True:
            what = self._asked.get()
            try:
                self._answers.put((what(), None))
            except BaseException as error:  # handed to whoever asked
                self._answers.put((None, error))
