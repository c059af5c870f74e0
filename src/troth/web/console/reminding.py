"""Each morning whoever has requests to see to is told so by letter: when they are new with them, before their day, and
when it is over. Numbers, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from troth.core.requests.clock import REMINDERS
from troth.core.requests.model import State
from troth.core.requests.route import terms_of
from troth.desk import byhand
from troth.desk.ahead import Ahead, ahead_of
from troth.desk.files import request_of
from troth.web.console.assigning import BY_HAND, Colleague, colleagues
from troth.web.console.lines import open_rows, waits_for_staff
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.desk.house import House


@dataclass(slots=True)
class Load:
    """What somebody has to see to. ``due``: one of them is to be told of today; the rest are numbers."""

    new: int = 0
    soon: int = 0
    late: int = 0
    due: bool = field(default=False)

    def add(self, left: int, *, new: bool) -> None:
        """One more, so many days before its day (negative: after it)."""
        self.new += new
        self.late += left < 0
        self.soon += 0 <= left <= max(REMINDERS)
        self.due = self.due or new or left < 0 or left in REMINDERS


def loads(policy: Policy, today: date) -> dict[str, Load]:
    """What each colleague has to see to, by the name that stands for them: what they were named for, and what is to be
    done by hand by the role that they hold."""
    known, role = colleagues(policy), byhand.role_for(policy)
    holders = [one.name for one in known.values() if role and role in one.roles]
    rows = list(open_rows())
    waits = ahead_of(row.ref for row in rows)
    found: dict[str, Load] = {}
    for row in rows:
        coming = waits.get(row.ref, Ahead())
        if row.state == State.IDENTITY_AWAITED or not waits_for_staff(request_of(row), coming):
            continue
        named = [row.assigned] if row.assigned in known else holders if coming.what == BY_HAND else []
        since = terms_of(policy).day(row.assigned_at) if row.assigned in known and row.assigned_at else None
        for name in named:
            new = since is not None and today - since <= timedelta(days=1)
            found.setdefault(name, Load()).add((row.due - today).days, new=new)
    return found


def remind(at: House, today: date) -> int:
    """Write to whoever has something to see to and is to be told of it today; how many letters. Raises MailRefused."""
    if at.policy.document.mail is None:
        return 0
    known, told = colleagues(at.policy), 0
    for name, load in loads(at.policy, today).items():
        if load.due:
            _write(at, known[name], load)
            told += 1
    return told


def _write(at: House, who: Colleague, load: Load) -> None:
    from troth.web.mail.messages import compose, send

    words = Words("console", who.language)
    numbers = (("late", load.late), ("soon", load.soon), ("new", load.new))
    lines = [words.say(f"hand_mail_{name}", n=count) for name, count in numbers if count]
    said = [*lines, words["hand_mail_how"]]
    send(compose(who.email, words["hand_mail_subject"], said, language=who.language))
