"""The steps: a batch of mails, those that could not be taken at once, and the ledger's note of it all.

A mail is sent, then the step's progress is written. Between the two lies a moment, that of one write to the database:
a worker killed in it has sent a mail that the journal does not know of, and whoever takes the step over sends that one
again, under the same Message-ID. Never more than one mail for each death; never none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from troth.core.evidence.leaf import Event
from troth.jobs import registry
from troth.jobs.errors import Later
from troth.jobs.registry import StepKind, name_of
from troth.jobs.work import Done, Outcome, Work
from troth.state.state import open_state
from troth.web.mail.errors import MailRefused
from troth.web.mail.messages import send
from troth.web.notices.letter import Letter
from troth.web.notices.queue import END, KIND, LATE

_ONLY_THIS_MAIL = ("recipient", "content")
"""Refusals that concern one person: counted, and the next is told."""
_IN_A_ROW = 3
"""So many in a row are asked to come back later: that is about the server, not about them."""
_ROUNDS = 6
_FIRST_ROUND = 900.0
"""Seconds until the first of the rounds for late ones: longer than greylisting usually takes. They double."""
_MOST_LATE = 900
"""Keys that fit into a step's progress."""


@dataclass
class _Progress:
    """How far a step has come: the last key, counts, and the keys of those whose server asks to come back."""

    upto: int = 0
    told: int = 0
    refused: int = 0
    late: list[int] = field(default_factory=list)
    rounds: int = 0

    @classmethod
    def of(cls, work: Work) -> _Progress:
        return cls(**(work.claim.progress or {}))


def notify(work: Work) -> Outcome:
    """Tell the account holders whose keys lie between two."""
    first, _, last = work.claim.reference.partition(":")
    progress = _Progress.of(work)
    begin = max(int(first), progress.upto + 1)
    _tell(work, list(get_user_model().objects.filter(pk__gte=begin, pk__lte=int(last)).order_by("pk")), progress)
    count = progress.told + progress.refused + len(progress.late)
    result = {"told": progress.told, "refused": progress.refused, "late": progress.late}
    return Done(result, pause=count * 60.0 / work.claim.plan["per_minute"])


def _tell(work: Work, users: Iterable[Any], progress: _Progress) -> None:
    letter = Letter(work.claim.plan["number"])
    in_a_row = 0
    work.still_mine()
    for user in users:
        if work.stopping:
            raise Later(0.0, "stopping")
        said = _sent(letter, user)
        if said is None:
            progress.told, in_a_row = progress.told + 1, 0
        elif said.cause in _ONLY_THIS_MAIL:
            progress.refused, in_a_row = progress.refused + 1, 0
        elif said.cause != "later" or in_a_row + 1 >= _IN_A_ROW:
            raise said
        else:
            in_a_row += 1
            progress.late.append(user.pk)
        progress.upto = user.pk
        work.note(asdict(progress))


def _sent(letter: Letter, user: Any) -> MailRefused | None:
    try:
        send(letter.to(user))
    except MailRefused as refused:
        return refused
    return None


def late(work: Work) -> Outcome:
    """Tell those whose server asked to come back later, in some rounds. Who could not be told then is counted so."""
    progress = _Progress.of(work)
    if work.claim.progress is None:
        keys = [key for result in work.results() for key in (result or {}).get("late", ())]
        progress.late, progress.refused = keys[:_MOST_LATE], len(keys[_MOST_LATE:])
    if progress.late and (progress.rounds or work.claim.progress is not None):
        _round(work, progress)
    if progress.late and progress.rounds < _ROUNDS:
        work.note(asdict(progress))
        raise Later(_FIRST_ROUND * 2.0**progress.rounds, "mail_server_asks_to_wait")
    return Done({"told": progress.told, "refused": progress.refused + len(progress.late)})


def _round(work: Work, progress: _Progress) -> None:
    """Once to each; who was told leaves the list at once."""
    letter = Letter(work.claim.plan["number"])
    for user in get_user_model().objects.filter(pk__in=list(progress.late), pk__gt=progress.upto).order_by("pk"):
        work.still_mine()
        said = _sent(letter, user)
        if said is not None and said.cause not in (*_ONLY_THIS_MAIL, "later"):
            raise said
        if said is None or said.cause != "later":
            progress.late.remove(user.pk)
            progress.told += said is None
            progress.refused += said is not None
        progress.upto = user.pk
        work.note(asdict(progress))
    progress.rounds, progress.upto = progress.rounds + 1, 0


def notified(work: Work) -> Outcome:
    """Put on record that people were told: how many, never whom."""
    results = [result or {} for result in work.results()]
    told = sum(result.get("told", 0) for result in results)
    refused = sum(result.get("refused", 0) for result in results)
    publication = Letter(work.claim.plan["number"]).publication
    with open_state(settings.STATE) as state:
        state.record(Event(END, datetime.now(UTC), {
            "request": work.claim.ref, "version": publication.version, "policy": publication.policy,
            "told": told, "refused": refused,
        }))  # fmt: skip
    return Done({"told": told, "refused": refused})


def on_record(work: Work) -> bool:
    """Whether the ledger tells of it already."""
    with open_state(settings.STATE, check_last=False) as state:
        return state.ledger.find(work.claim.ref) != []


def register() -> None:
    """Make the kinds known. A mail server that is away for two days is waited for; then somebody has to look."""
    for name, run in ((KIND, notify), (LATE, late)):
        registry.register(StepKind(name_of(name, 1), run, tries=16, first_pause=30.0, longest_pause=6 * 3600.0))
    registry.register(StepKind(name_of(END, 1), notified, on_record, tries=16))
