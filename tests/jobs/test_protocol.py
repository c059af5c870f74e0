"""The protocol against a model of it: several workers, crashes, frozen ones that wake up, retries, cancellation.

Time in the model goes by whole minutes and every lease and date ends on a half one, so that the seconds which the
test itself takes never decide anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from effort import usually
from jobs.scene import Journal
from troth.jobs import journal as protocol
from troth.jobs import orders
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.errors import Fenced
from troth.jobs.models import Job, Step
from troth.jobs.work import Claim, Done, Kept, Wait

MINUTE = 60.0
LEASE = 1.5 * MINUTE
PAUSE = 2.5 * MINUTE
WORKERS = ("ada", "ben", "cleo")


@dataclass
class Row:
    """What the model knows of a step. ``free``: minutes from which it may be taken, or None."""

    stage: int
    state: str
    free: float | None
    attempt: int = 0
    holder: str = ""
    error: bool = False


@dataclass
class Model:
    """The journal as it should be."""

    minute: float = 0
    jobs: dict[str, list[Row]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)

    def free(self) -> set[str]:
        return {
            f"test/{key}/{number}"
            for key, rows in self.jobs.items()
            for number, row in enumerate(rows, 1)
            if row.free is not None and row.free <= self.minute
        }

    def row(self, claim: Claim) -> Row:
        _, key, number = claim.key.split("/")
        return self.jobs[key][int(number) - 1]

    def valid(self, claim: Claim) -> bool:
        row = self.row(claim)
        return row.state == "claimed" and row.attempt == claim.attempt and row.holder == claim.worker

    def settle(self, claim: Claim, state: str) -> None:
        row = self.row(claim)
        row.state, row.free = state, None
        key = claim.key.split("/")[1]
        if key in self.cancelled:
            return
        left = [r for r in self.jobs[key] if r.state not in ("done", "kept", "cancelled")]
        for other in left:
            if other.state == "waiting" and other.stage == min(r.stage for r in left):
                other.state, other.free = "ready", self.minute

    def let_go(self, claim: Claim, state: str, free: float | None) -> None:
        row = self.row(claim)
        if claim.key.split("/")[1] in self.cancelled:
            state, free = "cancelled", None
        row.state, row.free = state, free


class Protocol(RuleBasedStateMachine):
    """Each worker has at most one claim in hand; one that crashes forgets it, one that is frozen keeps it too long."""

    scene: Journal
    seen: set[str]
    """What the stories came across, all of them together."""

    def __init__(self) -> None:
        super().__init__()
        self.scene.empty()
        self.model = Model()
        self.hands: dict[str, Claim] = {}
        self.effects: set[str] = set()
        self.recorded: list[str] = []
        self.old: list[Claim] = []
        self.names = 0

    @initialize(
        stages=st.lists(st.integers(1, 2), min_size=2, max_size=3), worker=st.sampled_from(WORKERS),
        gone=st.sampled_from([False, False, True]),
    )  # fmt: skip
    def something_is_under_way(self, stages: list[int], worker: str, gone: bool) -> None:
        self.enqueue(stages=stages, later=False)
        self.claim(worker=worker)
        if gone:
            self._end(self.hands.pop(worker), kept=False, go_on=True)
            self.claim(worker=worker)

    # What happens to the journal from outside.

    @rule(stages=st.lists(st.integers(1, 3), min_size=1, max_size=4), later=st.booleans())
    def enqueue(self, stages: list[int], later: bool) -> None:
        from datetime import timedelta

        from troth.jobs import clock

        self.names += 1
        key = f"k{self.names}"
        due = clock.now() + timedelta(seconds=PAUSE) if later else None
        made = enqueue("test", key, [Planned("s", stage=stage) for stage in stages], due=due)
        assert made.fresh
        begin = self.model.minute + (2.5 if later else 0)
        first = min(stages)
        self.model.jobs[key] = [
            Row(s, "ready" if s == first else "waiting", begin if s == first else None) for s in stages
        ]

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data())
    def enqueue_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.jobs)))
        assert not enqueue("test", key, [Planned("s")]).fresh

    @rule(minutes=st.integers(1, 3))
    def time_passes(self, minutes: int) -> None:
        self.scene.pass_time(minutes * MINUTE)
        self.model.minute += minutes

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.jobs)))
        rows = self.model.jobs[key]
        if key in self.model.cancelled or all(r.state in ("done", "kept") for r in rows):
            return
        orders.cancel(Job.objects.get(key=key).ref)
        self.model.cancelled.add(key)
        for row in rows:
            if row.state not in ("done", "kept", "cancelled", "claimed"):
                row.state, row.free = "cancelled", None

    @precondition(lambda self: any(r.state == "failed" for rows in self.model.jobs.values() for r in rows))
    @rule()
    def retry(self) -> None:
        for key, rows in self.model.jobs.items():
            if any(r.state == "failed" for r in rows):
                orders.retry(Job.objects.get(key=key).ref)
                for row in rows:
                    late = row.state == "ready" and row.error and (row.free or 0) > self.model.minute
                    if row.state == "failed" or late:
                        row.state, row.free = "ready", self.model.minute

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.jobs)))
        waiting = [r for r in self.model.jobs[key] if r.state == "waiting_for"]
        assert orders.answer("test", key, "human", {"said": True}) == len(waiting)
        for row in waiting:
            row.state, row.free = "ready", self.model.minute

    # What workers do.

    @rule(worker=st.sampled_from(WORKERS))
    def claim(self, worker: str) -> None:
        if worker in self.hands:
            return
        free = self.model.free()
        claim = protocol.claim(worker, ["s-1"], LEASE)
        if claim is None:
            assert free == set()
            return
        assert claim.key in free
        row = self.model.row(claim)
        assert claim.attempt == row.attempt + 1
        assert claim.cancelled == (claim.key.split("/")[1] in self.model.cancelled)
        self.seen.add("taken over" if row.state == "claimed" else "claimed")
        row.state, row.free, row.attempt, row.holder = "claimed", self.model.minute + 1.5, claim.attempt, worker
        self.hands[worker] = claim

    @precondition(lambda self: self.hands)
    @rule()
    def all_sleep_through_their_leases_and_others_take_over(self) -> None:
        self.time_passes(minutes=2)
        for worker in (*WORKERS, "dora", "emil"):
            self.claim(worker=worker)

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """The effect itself: idempotent under its key, as every step has to be. A zombie may do it too late."""
        claim = self.hands[data.draw(st.sampled_from(sorted(self.hands)))]
        self.effects.add(claim.key)

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        del self.hands[data.draw(st.sampled_from(sorted(self.hands)))]

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        claim = self.hands[data.draw(st.sampled_from(sorted(self.hands)))]
        if self._written(claim, lambda: protocol.hold(claim)):
            self.model.row(claim).free = self.model.minute + 1.5

    @precondition(lambda self: self.hands)
    @rule(data=st.data(), kept=st.booleans(), go_on=st.booleans())
    def end(self, data: st.DataObject, kept: bool, go_on: bool) -> None:
        self._end(self._out_of_hand(data), kept=kept, go_on=go_on)

    def _end(self, claim: Claim, *, kept: bool, go_on: bool) -> None:
        if not kept:
            self.effects.add(claim.key)
        outcome: Any = Kept({"hold": "accounting"}) if kept else Done(also=lambda: self.recorded.append(claim.key))
        taken: list[Claim | None] = []
        write = lambda: taken.append(protocol.end(claim, outcome, go_on=["s-1"] if go_on else []))  # noqa: E731
        if self._written(claim, write):
            self.model.settle(claim, "kept" if kept else "done")
            self._goes_on(claim, go_on, taken[0])

    def _goes_on(self, ended: Claim, asked: bool, taken: Claim | None) -> None:
        """Whoever wants to go on holds the next step when it is the only one of its stage, and any that is free when
        it was the last of its job."""
        key = ended.key.split("/")[1]
        left = [r for r in self.model.jobs[key] if r.state not in ("done", "kept", "cancelled")]
        stage = [r for r in left if r.stage == min(r.stage for r in left)]
        opened = len(stage) == 1 and stage[0].stage > ended.stage
        free = self.model.free() if not left else set()
        assert (taken is not None) == (asked and key not in self.model.cancelled and (opened or bool(free)))
        if taken is None:
            return
        row = self.model.row(taken)
        assert row is stage[0] if opened else taken.key in free
        assert (taken.attempt, taken.worker) == (row.attempt + 1, ended.worker)
        self.seen.add("went on" if opened else "went on elsewhere")
        row.state, row.free, row.attempt, row.holder = "claimed", self.model.minute + 1.5, taken.attempt, taken.worker
        self.hands[taken.worker] = taken

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def end_fails(self, data: st.DataObject) -> None:
        """What should change along with the outcome does not: then neither does the outcome."""
        claim = self.hands[data.draw(st.sampled_from(sorted(self.hands)))]

        def broken() -> None:
            raise ZeroDivisionError

        with pytest.raises((ZeroDivisionError, Fenced)):
            protocol.end(claim, Done(also=broken))

    @precondition(lambda self: self.hands)
    @rule(data=st.data(), how=st.sampled_from(["again", "later", "never", "ask", "ask with a limit", "drop"]))
    def not_now(self, data: st.DataObject, how: str) -> None:
        from datetime import timedelta

        from troth.jobs import clock

        claim = self._out_of_hand(data)
        minute = self.model.minute
        limit = clock.now() + timedelta(seconds=PAUSE)
        write, state, free = {
            "again": (lambda: protocol.put_off(claim, PAUSE, "StoreBusy", failed=True), "ready", minute + 2.5),
            "later": (lambda: protocol.release(claim), "ready", minute),
            "never": (lambda: protocol.fail(claim, "Hopeless"), "failed", None),
            "ask": (lambda: protocol.wait(claim, Wait("human")), "waiting_for", None),
            "ask with a limit": (lambda: protocol.wait(claim, Wait("human", limit)), "waiting_for", minute + 2.5),
            "drop": (lambda: protocol.drop(claim), "cancelled", None),
        }[how]  # fmt: skip
        if how == "drop" and not claim.cancelled:
            self.hands[claim.worker] = self.old.pop()  # a worker drops only what it saw cancelled
            return
        if self._written(claim, write):
            self.model.let_go(claim, state, free)
            self.model.row(claim).error |= how in ("again", "never")

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def a_late_beat(self, data: st.DataObject) -> None:
        """Of the heart, for a step that has left the worker's hands."""
        claim = data.draw(st.sampled_from(self.old))
        with pytest.raises(Fenced):
            protocol.hold(claim)

    def _out_of_hand(self, data: st.DataObject) -> Claim:
        self.old.append(self.hands.pop(data.draw(st.sampled_from(sorted(self.hands)))))
        return self.old[-1]

    def _written(self, claim: Claim, write: Callable[[], None]) -> bool:
        """The fence lets through exactly the last holder."""
        if self.model.valid(claim):
            write()
            return True
        with pytest.raises(Fenced):
            write()
        self.seen.add("fenced out")
        return False

    # What always holds.

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        rows = Step.objects.order_by("job__pk", "number").values_list("job__key", "number", "state", "attempt")
        said = [
            (key, number, row.state, row.attempt)
            for key, found in self.model.jobs.items()
            for number, row in enumerate(found, 1)
        ]
        assert list(rows) == said

    @invariant()
    def no_step_has_two_valid_claims(self) -> None:
        valid = [c.key for c in self.hands.values() if protocol._mine(c).exists()]
        assert len(valid) == len(set(valid))

    @invariant()
    def what_is_done_was_recorded_once_and_really_done(self) -> None:
        done = {f"test/{s.job.key}/{s.number}" for s in Step.objects.filter(state="done").select_related("job")}
        assert sorted(done) == sorted(self.recorded)
        assert done <= self.effects

    @invariant()
    def a_job_is_done_when_all_of_it_is(self) -> None:
        for job in Job.objects.all():
            states = {row.state for row in self.model.jobs[job.key]}
            if job.key in self.model.cancelled:
                assert job.state == "cancelled"
            else:
                assert (job.state == "done") == (states <= {"done", "kept"})
                assert (job.state == "failed") == ("failed" in states)

    def teardown(self) -> None:
        """Nothing is lost: with everybody back at work, all ends."""
        self.hands.clear()
        for job in Job.objects.filter(state="failed"):
            orders.retry(job.ref)
        Step.objects.filter(state="waiting_for").update(free_at=0)
        for _ in range(200):
            self.scene.pass_time(10 * MINUTE)
            claim = protocol.claim("last", ["s-1"], LEASE)
            if claim is None:
                break
            protocol.drop(claim) if claim.cancelled else protocol.end(claim, Done())
        assert set(Job.objects.values_list("state", flat=True)) <= {"done", "cancelled"}
        assert set(Step.objects.values_list("state", flat=True)) <= {"done", "kept", "cancelled"}
        super().teardown()


def _explore(journal: Journal, examples: int, steps: int, *met: str) -> None:
    if journal.kind == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    seen: set[str] = set()
    machine = type("Explored", (Protocol,), {"scene": journal, "seen": seen})
    for _ in range(4):  # few stories may meet none of what they are for
        run_state_machine_as_test(
            machine,
            settings=settings(
                settings.default, max_examples=examples, stateful_step_count=steps, deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
        if seen >= {"claimed", *met}:
            break
    assert seen >= {"claimed", *met}


def test_the_protocol_does_what_its_model_does(journal: Journal) -> None:
    _explore(journal, usually(8, 30), 30)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_protocol_does_what_its_model_does_in_many_long_stories(journal: Journal) -> None:
    _explore(journal, usually(20, 200), 50, "taken over", "fenced out", "went on")
