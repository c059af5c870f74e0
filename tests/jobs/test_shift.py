"""What a worker keeps open from step to step."""

from __future__ import annotations

import os
import threading

import pytest

from troth.jobs import shift


class Things:
    def __init__(self) -> None:
        self.made = 0
        self.closed: list[int] = []

    def make(self) -> int:
        self.made += 1
        return self.made

    def keep(self, key: object = "k") -> int:
        return shift.keep("thing", key, self.make, self.closed.append)


def test_a_thing_is_made_once_and_closed_at_the_end() -> None:
    things = Things()
    with shift.working():
        assert [things.keep(), things.keep()] == [1, 1]
        assert things.closed == []
    assert things.closed == [1]


def test_another_key_or_a_long_time_makes_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    things = Things()
    with shift.working():
        assert [things.keep(), things.keep("other")] == [1, 2]
        assert things.closed == [1]
        monkeypatch.setattr(shift, "LONG", -1.0)
        shift.drop()
        assert [things.keep(), things.keep()] == [3, 4]
    assert things.closed == [1, 2, 3, 4]


def test_nothing_is_kept_outside_a_worker_in_other_threads_or_in_a_forked_process() -> None:
    assert not shift.on()
    seen: list[bool] = []
    with shift.working():
        assert shift.on()
        other = threading.Thread(target=lambda: seen.append(shift.on()))
        other.start()
        other.join()
        child = os.fork()
        if child == 0:
            os._exit(int(shift.on()))
        assert os.waitpid(child, 0)[1] == 0
    assert seen == [False]
    assert not shift.on()


def test_a_worker_inside_a_worker_has_things_of_its_own() -> None:
    outer, inner = Things(), Things()
    with shift.working():
        outer.keep()
        with shift.working():
            assert inner.keep() == 1
        assert (outer.closed, inner.closed) == ([], [1])
        assert outer.keep() == 1
    assert outer.closed == [1]
