"""What is told of a store's part: what was done, and never that nothing was where something may have been."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from troth.core.errors import StoreError, StoreRefused, StoreUnsettled
from troth.core.policy.model import Limits
from troth.core.ports import Batch, Change, Count, Done
from troth.core.query import Everything
from troth.core.rights.erase import Outcome, Runner, run_store
from troth.core.rights.plan import Step, StorePlan

CHANGES = (
    Change(1, "orders", "delete", Everything(), expected=Count(0)),
    Change(2, "customers", "delete", Everything(), expected=Count(1)),
)
PLAN = StorePlan("shop", (Step(2, "shop", "customers", "delete", (), 1),), CHANGES, (), "")


class Answers:
    """A connector that gives these answers, one after the other."""

    def __init__(self, *answers: Done | StoreError) -> None:
        self.left = list(answers)

    def execute(self, batch: Batch) -> Done:
        answer = self.left.pop(0)
        if isinstance(answer, StoreError):
            raise answer
        return answer


def told(*answers: Done | StoreError) -> list[Outcome]:
    graph = SimpleNamespace(store=SimpleNamespace(limits=Limits()), key_of=lambda name: ("id",))
    session: Any = SimpleNamespace(stores={"shop": SimpleNamespace(graph=graph, connector=Answers(*answers))})
    runner = Runner(SimpleNamespace(), datetime(2026, 11, 22, tzinfo=UTC), "r")  # type: ignore[arg-type]
    return run_store(session, PLAN, {"customers": ((1,),)}, runner)


def test_what_was_done_is_told() -> None:
    [outcome] = told(Done({1: 0, 2: 1}))
    assert (outcome.status, outcome.rows, outcome.detail) == ("done", 1, "")


def test_a_refusal_changed_nothing_and_says_so() -> None:
    [outcome] = told(StoreRefused("no"))
    assert (outcome.status, outcome.rows) == ("failed", 0)
    assert "nothing was changed" in outcome.detail


def test_of_a_commit_that_nothing_is_known_of_it_is_not_said_that_nothing_was_changed() -> None:
    [outcome] = told(StoreUnsettled("could not be learnt", remedy="run again"))
    assert outcome.status == "failed"
    assert outcome.detail == "could not be learnt. run again"


def test_rows_that_came_late_into_a_collection_that_had_none_are_told() -> None:
    outcomes = told(Done({1: 0, 2: 1}, late={1: 3}))
    assert [(o.step.collection, o.step.action, o.status, o.rows) for o in outcomes] == [
        ("customers", "delete", "done", 1),
        ("orders", "delete", "failed", 0),
    ]
    assert "appeared meanwhile" in outcomes[1].detail


def test_where_nobody_could_look_again_the_step_has_failed_with_its_rows() -> None:
    [outcome] = told(Done({1: 0, 2: 1}, looked=False))
    assert (outcome.status, outcome.rows) == ("failed", 1)
    assert outcome.detail.startswith("changed, but")


def test_a_later_part_that_fails_does_not_hide_the_earlier_one() -> None:
    [outcome] = told(Done({2: 7}, more=True), StoreRefused("no", remedy="help"))
    assert outcome.status == "failed"
    assert "7 rows had been changed before" in outcome.detail
    assert "nothing was changed" not in outcome.detail
