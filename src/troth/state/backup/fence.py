"""What a restored site must not take up again as if no time had passed: work, sessions, letters."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from troth.state.database import queries

_SQL = queries("backup")


@dataclass(frozen=True, slots=True)
class Fence:
    """What was taken back: ``steps`` from workers of then, ``sessions`` and ``letters`` (of logging in, of a forgotten
    password, of invitations) altogether. What is there again as it was then, for somebody to look through: ``waiting``
    requests, ``accounts``, and those of the ``staff`` and the ``tokens`` of the API that have not ended."""

    steps: int = 0
    waiting: int = 0
    sessions: int = 0
    letters: int = 0
    accounts: int = 0
    staff: int = 0
    tokens: int = 0


def fence(tables: Container[str], run: Callable[[str], Any]) -> Fence:
    """Put it up. ``tables`` are those that were restored; ``run`` runs a statement and gives its cursor."""

    def changed(table: str, query: str) -> int:
        return int(run(_SQL[query]).rowcount) if table in tables else 0

    def counted(table: str, query: str) -> int:
        return int(run(_SQL[query]).fetchone()[0]) if table in tables else 0

    return Fence(
        steps=changed("jobs_step", "fence_steps"),
        waiting=counted("desk_file", "open_requests"),
        sessions=changed("accounts_session", "end_sessions"),
        letters=changed("accounts_letter", "end_letters"),
        accounts=counted("accounts_user", "accounts"),
        staff=counted("console_staff", "staff"),
        tokens=counted("api_token", "tokens"),
    )
