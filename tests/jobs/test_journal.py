"""Claims, leases and fences, one worker after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from jobs.scene import Journal
from troth.jobs import journal as protocol
from troth.jobs.errors import Fenced
from troth.jobs.work import Done, Kept, Wait

KINDS = ["a-1", "b-1", "c-1"]


def test_a_step_is_claimed_by_one_worker_only(journal: Journal) -> None:
    journal.plan("a")
    first = protocol.claim("w1", KINDS)
    assert first is not None
    assert first.key == "test/k/1"
    assert protocol.claim("w2", KINDS) is None


def test_the_next_stage_begins_when_the_one_before_has_ended(journal: Journal) -> None:
    journal.plan("a", "b")
    assert journal.states() == ["ready", "waiting"]
    first = protocol.claim("w1", KINDS)
    assert first is not None
    protocol.end(first, Done({"rows": 3}))
    assert journal.states() == ["done", "ready"]
    second = protocol.claim("w1", KINDS)
    assert second is not None
    protocol.end(second, Kept())
    assert journal.states() == ["done", "kept"]
    assert journal.job().state == "done"
    assert journal.job().settled is not None


def test_a_step_is_taken_over_when_its_lease_ends_and_the_first_holder_is_told(journal: Journal) -> None:
    journal.plan("a")
    first = protocol.claim("w1", KINDS, lease=60)
    assert first is not None
    journal.pass_time(59)
    assert protocol.claim("w2", KINDS) is None
    journal.pass_time(2)
    second = protocol.claim("w2", KINDS)
    assert second is not None
    assert (second.attempt, second.key) == (2, first.key)
    for write in (
        lambda: protocol.end(first, Done()), lambda: protocol.hold(first), lambda: protocol.note(first, {"upto": 1}),
        lambda: protocol.put_off(first, 1, "x", failed=True), lambda: protocol.fail(first, "x"),
        lambda: protocol.wait(first, Wait("human")), lambda: protocol.release(first), lambda: protocol.drop(first),
    ):  # fmt: skip
        with pytest.raises(Fenced):
            write()
    assert journal.states() == ["claimed"]
    protocol.end(second, Done())
    assert journal.states() == ["done"]


def test_only_what_comes_before_an_act_waits_for_the_disk(postgresql_journal: Journal) -> None:
    said: list[str] = []

    def watching(run: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        found = run(sql, values, many, context)
        if sql.startswith("UPDATE jobs_step"):
            with context["connection"].connection.cursor() as cursor:
                said.append(cursor.execute("SHOW synchronous_commit").fetchone()[0])
        return found

    postgresql_journal.plan("a")
    with connection.execute_wrapper(watching):
        claim = protocol.claim("w1", KINDS)
        assert claim is not None
        with transaction.atomic():
            protocol.hold(claim)
        protocol.end(claim, Done())
    assert said == ["off", "on", "off"]
