"""A run that freezes (SIGSTOP: a paused machine, a stalled disk) while another starts: never twice, never half."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from crash.killing import at_moment, freeze
from integration.world import Running, World

ANA = "email=ana@example.org"
ERASE = ("erase", "--as-of", "2025-12-31", "--yes", "--residue-seconds", "0", ANA)
FIRST_LOCK = r"^shop: (BEGIN IMMEDIATE|SELECT pg_advisory|SELECT get_lock)"
FIRST_WRITE = r"^shop: UPDATE .*customers"
BEFORE_COMMIT = r"^shop: before COMMIT"
AFTER_COMMIT = r"^shop: after COMMIT"


def frozen(world: World, at: str) -> Running:
    """A run that has stopped at that moment."""
    running = world.start(*ERASE, hook=at_moment(at, freeze))
    for _ in range(3000):
        if Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return running
        time.sleep(0.01)
    raise AssertionError(f"it never came to {at}")


def _whole(world: World) -> None:
    assert world.rows("shop", "SELECT id FROM addresses WHERE customer_id = 1") == []
    assert world.rows("shop", "SELECT id, billing_name FROM orders WHERE customer_id = 1") == [(31, "Ana Canary")]
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []
    assert [p.unfinished for p in world.waiting()] == [False]
    world.evidence_holds()


@pytest.mark.parametrize("at", [FIRST_WRITE, BEFORE_COMMIT], ids=["inside", "before its commit"])
def test_while_one_is_frozen_inside_its_transaction_the_other_waits_and_gives_up_clearly(world: World, at: str) -> None:
    first = frozen(world, at)
    second = world.troth(*ERASE)
    os.kill(first.pid, signal.SIGCONT)
    woken = first.wait()
    assert second.code == 1, second.said
    assert "locked" in second.out or "executed elsewhere" in second.out, second.out
    assert woken.code == 0 or "changed since the plan" in woken.out, woken.said
    third = world.troth(*ERASE)
    assert third.code == 0, third.said
    _whole(world)


@pytest.mark.parametrize("at", [FIRST_LOCK, AFTER_COMMIT], ids=["before it began", "between the stores"])
def test_while_one_is_frozen_outside_a_transaction_the_other_completes_and_the_first_does_no_harm(
    world: World, at: str
) -> None:
    first = frozen(world, at)
    second = world.troth(*ERASE)
    assert second.code == 0, second.said
    after = world.raw()
    os.kill(first.pid, signal.SIGCONT)
    woken = first.wait()
    assert woken.code in (0, 1), woken.said
    assert world.raw() == after
    third = world.troth(*ERASE)
    assert third.code == 0, third.said
    _whole(world)
