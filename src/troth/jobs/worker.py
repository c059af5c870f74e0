"""The worker: takes steps from the journal and carries them out, as many processes as wanted."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import InterfaceError, OperationalError, connection

from troth.jobs import journal, registry, schedule, shift
from troth.jobs.backoff import pause
from troth.jobs.bell import Bell
from troth.jobs.errors import Fenced, Hopeless, Later, code_of
from troth.jobs.heart import Heart
from troth.jobs.registry import StepKind
from troth.jobs.work import Claim, Done, Kept, Outcome, Wait, Work

T = TypeVar("T")


class Tell(Protocol):
    """Where news go: an event, how loud, and words of our own or numbers."""

    def __call__(self, event: str, level: str = "info", /, **fields: object) -> None: ...


_AWAY = (OperationalError, InterfaceError)
"""The database does not answer: locked for too long, restarted, gone."""
_TICK = 20.0
"""Seconds between two looks at the schedules."""
_IN_ONE_GO = 1.0
"""Seconds after which a worker that stays with one job looks in the queue again: something may be more urgent."""
_STUBBORN = 4
"""Times that a result is written before it is left to whoever takes the step over."""


@dataclass(slots=True)
class Tally:
    """What a worker has done: how many steps ended in each way."""

    done: int = 0
    kept: int = 0
    waiting: int = 0
    retried: int = 0
    put_off: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    """Somebody else had taken them over before the outcome could be written."""


class Worker:
    """One loop. Its name tells the machine and the process, and is never used twice."""

    def __init__(
        self, *, lease: float = journal.LEASE, stop: threading.Event | None = None, tell: Tell | None = None
    ) -> None:
        self.name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(3)}"
        self.tally = Tally()
        self._lease = lease
        self._stop = stop or threading.Event()
        self._bell = Bell(self._stop)
        self._next_tick = 0.0
        self._go_on_until = 0.0
        self._next: Claim | None = None
        """The next step of the job in hand, taken with the end of the last."""
        self._of = ""
        """The kind of job of the last step."""
        self._tell = tell or _nothing

    def stop(self) -> None:
        """End after the step in hand. Safe in a signal's handler."""
        self._stop.set()

    def run(self, *, once: bool = False, until_idle: bool = False) -> Tally:
        """Work until stopped, for one step, or until there is nothing to take now."""
        with shift.working():
            return self._run(once, until_idle)

    def _run(self, once: bool, until_idle: bool) -> Tally:
        heart = Heart(self._lease)
        troubles = 0
        try:
            while not self._stop.is_set():
                try:
                    busy = self._turn(heart, alone=once)
                    if once or (until_idle and not busy):
                        break
                    if not busy:
                        shift.drop()
                        self._bell.wait(lambda: journal.anything(registry.known()))
                    troubles = 0
                except _AWAY:
                    connection.close()
                    shift.drop()
                    if (once or until_idle) and troubles >= _STUBBORN:
                        raise
                    troubles += 1
                    self._stop.wait(pause(troubles, 0.2, 30.0))
        finally:
            heart.stop()
            self._let_go()
            connection.close()
        return self.tally

    def _let_go(self) -> None:
        """Of what was taken and will not be carried out here."""
        claim, self._next = self._next, None
        if claim is not None:
            with suppress(*_AWAY):  # then its lease ends by itself
                self._settle(claim, lambda: journal.release(claim))

    def _turn(self, heart: Heart, *, alone: bool) -> bool:
        """Whether there was a step to take. ``alone``: no other after it."""
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + _TICK
            self._see_to_ticks()
        claim, self._next = self._next, None
        if claim is None:
            claim = journal.claim(self.name, registry.known(), self._lease)
            self._go_on_until = 0.0 if alone else time.monotonic() + _IN_ONE_GO
        if claim is None:
            return False
        self._carry_out(claim, heart)
        return True

    def _see_to_ticks(self) -> None:
        """A schedule that cannot be reckoned must not keep the steps from being done; nor a clock that was wrong."""
        if mended := journal.mend():
            self._tell("steps_freed", "warning", steps=mended)
        try:
            schedule.tick()
        except _AWAY:
            raise
        except Exception as error:
            self._tell("schedule_failed", "error", code=code_of(error))

    def _carry_out(self, claim: Claim, heart: Heart) -> None:
        if (of := claim.key.partition("/")[0]) != self._of:
            shift.drop("records")  # a long step of another kind of job would keep it from being closed
            self._of = of
        work = Work(claim, self._stop)
        kind = registry.kind_named(claim.kind)
        try:
            with heart.carry(work):
                outcome = _outcome(work, kind)
        except Fenced:
            shift.drop()
            self._lost(claim)
            return
        except Exception as error:
            shift.drop()
            reason = error
            self._settle(claim, lambda: self._excuse(work, kind, reason))
            return
        except BaseException:
            _stubbornly(lambda: journal.release(claim))
            raise
        self._settle(claim, lambda: self._record(work, outcome))

    def _settle(self, claim: Claim, write: Callable[[], None]) -> None:
        """Write how a step ended, unless it is somebody else's by now."""
        try:
            _stubbornly(write)
        except Fenced:
            self._lost(claim)

    def _lost(self, claim: Claim) -> None:
        self.tally.lost += 1
        self._tell("step_lost", "warning", job=claim.ref, kind=claim.kind)

    def _record(self, work: Work, outcome: Outcome | None) -> None:
        claim = work.claim
        if outcome is None:
            journal.drop(claim)
            self.tally.cancelled += 1
        elif isinstance(outcome, Wait):
            journal.wait(claim, outcome)
            self.tally.waiting += 1
        else:
            self._end(work, outcome)

    def _end(self, work: Work, outcome: Done | Kept) -> None:
        """What the step returned may itself be wrong, or what it wants to change along with it: that is a failure
        of the step."""
        go_on = time.monotonic() < self._go_on_until and not self._stop.is_set()
        try:
            self._next = journal.end(work.claim, outcome, go_on=registry.known() if go_on else ())
        except (Fenced, *_AWAY):
            raise
        except Exception as error:
            self._excuse(work, registry.kind_named(work.claim.kind), error)
            return
        if isinstance(outcome, Done):
            self.tally.done += 1
        else:
            self.tally.kept += 1

    def _excuse(self, work: Work, kind: StepKind, error: Exception) -> None:
        """The step did not end: later, again, or never."""
        claim, code = work.claim, code_of(error)
        if isinstance(error, Later):
            journal.put_off(claim, error.seconds, code, failed=False)
            self.tally.put_off += 1
        elif isinstance(error, Hopeless) or work.tries >= kind.tries:
            journal.fail(claim, code)
            self.tally.failed += 1
            self._tell("step_failed", "error", job=claim.ref, kind=claim.kind, code=code)
        else:
            seconds = pause(work.tries, kind.first_pause, kind.longest_pause)
            journal.put_off(claim, seconds, code, failed=True)
            self.tally.retried += 1
            self._tell("step_retried", "warning", job=claim.ref, kind=claim.kind, code=code, seconds=round(seconds))


def _outcome(work: Work, kind: StepKind) -> Outcome | None:
    """Carry it out. None: its job was cancelled."""
    claim = work.claim
    if claim.attempt > 1 and kind.done_already is not None and kind.done_already(work):
        return Done({"found": "done"})
    if claim.cancelled:
        return None
    if claim.tries > kind.tries:
        raise Hopeless("worker_died")  # each time: more would only kill more
    return kind.run(work)


def _nothing(event: str, level: str = "info", /, **fields: object) -> None:
    """Tells nobody."""


def _stubbornly(write: Callable[[], T]) -> T:
    """Try again when the database was away: the step is done, and only the journal does not know it yet."""
    for turn in range(1, _STUBBORN):
        try:
            return write()
        except _AWAY:
            connection.close()
            time.sleep(pause(turn, 0.2, 5.0))
    return write()
