"""Flags when a worker is killed at any moment, and when two of them have the same row in hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from contract.test_flags import ANA, TODAY, House, house  # noqa: F401  (a fixture)
from effort import usually
from troth.core.rights import marking

on_one = pytest.mark.parametrize("engine_case", usually(["sqlite"], ["sqlite", "postgresql", "mariadb"]), indirect=True)
"""Where no lock of the engine's is in question."""


class Killed(BaseException):
    """The process is gone."""


def instead(patch: pytest.MonkeyPatch, name: str, first: Callable[[], Any]) -> None:
    """Something happens before ``marking.name`` does what it does, once."""
    real: Any = getattr(marking, name)

    def called(*words: Any) -> Any:
        patch.setattr(marking, name, real)
        first()
        return real(*words)

    patch.setattr(marking, name, called)


def kill() -> None:
    raise Killed


def status(house: House) -> str:  # noqa: F811
    return house.rows("status")[0][0]


def leaves(house: House) -> None:  # noqa: F811
    """The person follows the link in the publisher's own letter."""
    assert house.world.case is not None
    house.world.case.execute_script("UPDATE people SET status = 'gone' WHERE id = 1")


@on_one
def test_what_was_only_noted_when_the_worker_was_killed_is_nobodys_to_put_back(
    house: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instead(monkeypatch, "run_store", kill)
    with pytest.raises(Killed):
        house.refuse("offers")
    assert status(house) == "vip"
    leaves(house)
    house.refuse("offers")
    house.allow("offers")
    assert status(house) == "gone", "who has left by the shop's own link is not brought back"


@on_one
def test_what_was_written_when_the_worker_was_killed_comes_back(
    house: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = marking.run_store

    def died(*words: Any) -> Any:
        real(*words)
        raise Killed

    monkeypatch.setattr(marking, "run_store", died)
    with pytest.raises(Killed):
        house.refuse("offers")
    monkeypatch.undo()
    assert status(house) == "gone"
    house.refuse("offers")
    house.allow("offers")
    assert status(house) == "vip"


@on_one
def test_who_lifts_while_another_sets_leaves_the_flag(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    house.restrict("frozen")
    with monkeypatch.context() as patch:
        instead(patch, "run_plan", lambda: house.restrict("second"))
        house.lift("frozen")
    assert status(house) == "frozen", "the second came between the plan and the write"
    assert [one.ref for one in house.records.holds(TODAY)] == ["second"]
    house.lift("second")
    assert status(house) == "vip"


@on_one
def test_who_sets_while_another_lifts_looks_once_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    house.restrict("frozen")
    with monkeypatch.context() as patch:
        instead(patch, "compared", lambda: house.lift("frozen"))
        house.restrict("second")
    assert status(house) == "frozen", "the first gave the row back after the second had seen the flag"
    house.lift("second")
    assert status(house) == "vip"


@on_one
def test_what_is_lifted_before_it_was_written_is_not_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    instead(monkeypatch, "run_store", lambda: house.allow("offers"))
    with pytest.raises(AssertionError, match="taken back meanwhile"):
        house.refuse("offers")
    assert status(house) == "vip"
    assert house.records.refusals([ANA]) == []


def test_who_sets_waits_for_whoever_has_the_row_in_hand(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """The first has asked whether anybody needs the flag, and not committed, when the second notes that it does."""
    house.restrict("frozen")
    asked, seen = threading.Event(), threading.Event()
    beside = type(house.records).beside

    def slowly(records: Any, name: str, rows: Any = ()) -> Any:
        found = beside(records, name, rows)
        if threading.current_thread() is lifting and name == "frozen" and held:
            asked.set()
            assert seen.wait(20)
        return found

    held: list[str] = []
    given, wait = marking._given, marking.wait_for

    def holding(*words: Any) -> Any:
        held.append("now")
        return given(*words)

    def waiting(*words: Any) -> None:
        if threading.current_thread() is not lifting:
            threading.Timer(0.3, seen.set).start()
        wait(*words)

    lifting = threading.Thread(target=lambda: house.lift("frozen"))
    monkeypatch.setattr(type(house.records), "beside", slowly)
    monkeypatch.setattr(marking, "_given", holding)
    monkeypatch.setattr(marking, "wait_for", waiting)
    lifting.start()
    assert asked.wait(20)
    house.restrict("second")
    lifting.join(20)
    assert status(house) == "frozen"
    house.lift("second")
    assert status(house) == "vip"


@on_one
def test_who_lifts_what_is_written_meanwhile_gives_it_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    instead(monkeypatch, "run_store", kill)
    with pytest.raises(Killed):
        house.refuse("offers")
    instead(monkeypatch, "check_runnable", lambda: house.refuse("offers"))
    house.allow("offers")
    assert house.records.refusals([ANA]) == []
    assert status(house) == "vip"


def test_who_lifts_waits_for_whoever_is_setting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """What is lifted has been written a moment ago, and is committed a moment later."""
    lifting = threading.Thread(target=lambda: house.allow("offers"))
    waits = threading.Event()
    settle, wait = type(house.records).settle, marking.wait_for

    def settled(records: Any, name: str, before: Any) -> bool:
        found = settle(records, name, before)
        lifting.start()
        assert waits.wait(20)
        lifting.join(0.3)
        return found

    def waiting(session: Any, rows: Any, runner: Any) -> None:
        rows = [*rows]
        if threading.current_thread() is lifting:
            waits.set()
        wait(session, rows, runner)

    monkeypatch.setattr(marking, "wait_for", waiting)
    monkeypatch.setattr(type(house.records), "settle", settled)
    house.refuse("offers")
    lifting.join(20)
    assert house.records.refusals([ANA]) == []
    assert status(house) == "vip"


@on_one
def test_a_no_whose_end_never_comes_to_pass_is_told_as_failed_and_stands(
    house: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house.refuse("offers")
    monkeypatch.setattr(type(house.records), "release_refusal", lambda *_: False)
    done = house.allow("offers")
    assert [one.status for one in done][-1] == "failed"
    assert house.records.refusals([ANA])
