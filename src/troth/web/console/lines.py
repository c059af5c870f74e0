"""Requests as lines of a list: what each waits for, and until when. Nobody is named here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from troth.core.policy.model import Policy
from troth.core.requests.clock import REMINDERS
from troth.core.requests.model import Act, Request, State
from troth.core.requests.route import terms_of
from troth.desk.ahead import AWAY, DOCUMENT, STUCK, TRYING, Ahead, ahead_of
from troth.desk.files import request_of
from troth.desk.models import File
from troth.desk.telling import spelt
from troth.package import locale
from troth.web.console.assigning import OTHER, Whose, colleagues, whose
from troth.web.console.gate import Member
from troth.web.wording import Words

STAFF = ("approval", "identity", DOCUMENT, "shared", "staff", "refused_plan")
"""What only a member of staff can answer."""
TROUBLE = (AWAY, TRYING, STUCK)
_SOON = timedelta(days=max(REMINDERS))


@dataclass(frozen=True, slots=True)
class Line:
    """``mark`` and ``urgency`` say the same, one as a shape, one in words; ``mine`` that it waits for the reader."""

    ref: str
    mark: str
    right: str
    received: str
    state: str
    due: str
    urgency: str
    late: bool
    soon: bool
    waits: str
    mine: bool
    stuck: bool
    day: date
    theirs: bool
    """It waits for a colleague."""
    whose: str
    """Who does it, in words."""


def lines(rows: Iterable[Any], policy: Policy, words: Words, language: str, me: Member) -> list[Line]:
    """Rows of files in the reader's words, in the order in which they come."""
    rows = list(rows)
    waits, known = ahead_of(row.ref for row in rows), colleagues(policy)
    today = terms_of(policy).day(datetime.now(UTC))
    return [
        _line(row, ahead, whose(row, ahead, policy, known, words, me), today, policy, words, language)
        for row, ahead in ((row, waits.get(row.ref, Ahead())) for row in rows)
    ]


def _line(
    row: Any, ahead: Ahead, whose: Whose, today: date, policy: Policy, words: Words, language: str
) -> Line:  # fmt: skip
    request = request_of(row)
    waiting = waits_for_staff(request, ahead)
    waits = waits_in_words(request, ahead, policy, words, language)
    running = request.open and request.state != State.IDENTITY_AWAITED
    late, soon = running and row.due < today, running and today <= row.due <= today + _SOON
    day = locale.day(row.due, language)
    due = day if running else words["clock_still"] if request.open else ""
    return Line(
        request.ref, mark_of(request, late), words[f"kind_{request.right}"],
        locale.day(terms_of(policy).day(request.received), language),
        words["state_again" if ahead.again else f"state_{request.state}"], due,
        left(row.due, today, words) if running else "", late, soon, waits,
        waiting and whose.who != OTHER, ahead.what in TROUBLE, row.due, waiting and whose.who == OTHER,
        whose.said if request.open else "",
    )  # fmt: skip


def mark_of(request: Request, late: bool) -> str:
    """● done, ○ open, ▲ late or refused."""
    refused = any(one.act == Act.REFUSED for one in request.history)
    return "▲" if late or refused else "○" if request.open else "●"


def left(due: date, today: date, words: Words) -> str:
    """How many days are left."""
    days = (due - today).days
    if days == 0:
        return words["left_today"]
    key = ("late" if days < 0 else "left") + ("_one" if abs(days) == 1 else "_many")
    return words.say(key, n=abs(days))


def waits_for_staff(request: Request, ahead: Ahead) -> bool:
    """Whether it goes on only when a member of staff does something. Once the person was asked who they are, it is
    their turn, until a copy of a document comes."""
    if request.state == State.IDENTITY_AWAITED:
        return ahead.what == DOCUMENT
    return request.open and ahead.what in STAFF


def waits_in_words(request: Request, ahead: Ahead, policy: Policy, words: Words, language: str) -> str:
    """What it waits for."""
    if request.state == State.IDENTITY_AWAITED and ahead.what != DOCUMENT:
        return words["waits_person"]
    if not ahead.what or (not request.open and ahead.what != "fetching"):
        return ""
    names = (f"waits_{ahead.what}_{ahead.stop}", f"waits_{ahead.what}", "waits_working")
    said = next(words[name] for name in names if words.has(name))
    if ahead.until is not None and ahead.what in ("cooling", "fetching", AWAY, TRYING):
        return f"{said} ({words.say('waits_until', at=spelt(policy, ahead.until, language))})"
    return said


def open_rows() -> Any:
    """Files of requests that have not ended, the most urgent first."""
    return File.objects.filter(settled__isnull=True).order_by("due", "received")
