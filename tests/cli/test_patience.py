"""Waiting with a limit."""

from __future__ import annotations

import threading
import time

import pytest

from troth.cli.patience import Impatient


def test_what_is_asked_is_answered() -> None:
    assert Impatient().ask(lambda: 7, 5) == 7


def test_everything_is_done_in_one_thread() -> None:
    worker = Impatient()
    threads = {worker.ask(threading.get_ident, 5) for _ in range(3)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_what_it_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        Impatient().ask(lambda: 1 // 0, 5)


def test_a_wait_that_is_too_long_ends_and_nothing_is_asked_any_more() -> None:
    worker, begun = Impatient(), time.monotonic()
    with pytest.raises(TimeoutError):
        worker.ask(lambda: time.sleep(30), 0.05)
    with pytest.raises(TimeoutError):
        worker.ask(lambda: 7, 5)
    assert time.monotonic() - begun < 5
