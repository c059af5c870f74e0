"""What stands between the form and a flood: used tickets, rates, work, the question in words, and how many messages
leave at once. All of it is in this process's memory and ends with it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from troth.web.contact import questions, tickets, work
from troth.web.contact.rates import Rates
from troth.web.contact.tickets import Fate, Ticket

QUICKEST = 3.0
"""Seconds that nobody can be quicker than."""
SLOWEST = 15.0
"""Seconds to wait without work."""
_TOLERANCE = 3
_SLOWER_AT_MOST = 7
AT_ONCE = 2
"""Messages that are read or leave at the same time: a sender or the mail server may be slow, and pages are to be
answered meanwhile. Half of the process's threads (serving.py)."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a form brought against being taken for a flood."""

    proof: str
    answer: str
    trap: str


class Guard:
    """One for each process."""

    def __init__(self) -> None:
        self.spent = tickets.Spent()
        self.rates = Rates()
        self.doors = threading.BoundedSemaphore(AT_ONCE)

    def ticket(self, network: str, now: float, before: Ticket | None = None) -> Ticket:
        """For a form that is drawn; ``before`` is the ticket of the form that it replaces."""
        return tickets.issue(work.asked(self.rates.steps(network, now)), now, before.since if before else None)

    def wait(self, network: str, now: float) -> float:
        """Seconds that somebody without scripts has to take."""
        return SLOWEST * (1 + min(self.rates.steps(network, now), _SLOWER_AT_MOST))

    def objection(self, ticket: Ticket, proven: Proven, network: str, language: str, now: float) -> str:
        """Why this form must not leave yet, as a word of words.txt; empty when it may."""
        if proven.trap:
            return "not_empty"
        if now - ticket.since < QUICKEST:
            return "too_fast"
        if self.rates.too_often(network, now):
            return "too_often"
        if proven.proof:
            return self._of_work(ticket, proven.proof, network, now)
        return self._of_question(ticket, proven.answer, network, language, now)

    def _of_work(self, ticket: Ticket, proof: str, network: str, now: float) -> str:
        if not work.is_done(ticket.nonce, proof, ticket.bits):
            return "not_checked"
        harder = work.asked(self.rates.steps(network, now))
        return "not_checked" if harder > ticket.bits + _TOLERANCE else ""

    def _of_question(self, ticket: Ticket, answer: str, network: str, language: str, now: float) -> str:
        if not answer.strip():
            return "unanswered"
        if not questions.is_right(questions.question(ticket.seed, language), answer):
            return "wrong_answer"
        if self.rates.gate_closed(now):
            return "gate_closed"
        return "too_soon" if now - ticket.since < self.wait(network, now) else ""


guard = Guard()

__all__ = ["AT_ONCE", "QUICKEST", "SLOWEST", "Fate", "Guard", "Proven", "guard"]
