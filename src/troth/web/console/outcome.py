"""What came of a request: what was changed, what the person was told, and who else was."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from troth.core.requests.model import Request, State
from troth.desk.deeds import Deed, deeds_of, place_of
from troth.desk.telling import letter_lines, reference_lines, spelt
from troth.desk.told import told_of
from troth.desk.way import result_of
from troth.package import locale
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.desk.house import House
    from troth.desk.particulars import Particulars


def outcome_of(at: House, found: Request, who: Particulars, language: str, *, by_post: bool) -> dict[str, Any]:
    """What was changed and who was told as soon as there is something to say; the rest once it has ended."""
    if found.open and not found.begun:
        return {}
    words, own = Words("portal", language), Words("console", language)
    deeds = deeds_of(at, found)
    if found.open and not deeds.deeds:
        return {}
    done = [_deed(at.policy, one, words, language) for one in deeds.deeds]
    values: dict[str, Any] = {
        "deeds": done, "no_deeds": "" if done else own["deeds_none" if deeds.known else "deeds_gone"],
        "told": [(one.name, _how(at.policy, one.how, one.at, one.why, words, language))
                 for one in told_of(at.policy, found, language)],
    }  # fmt: skip
    if found.open or found.state in (State.WITHDRAWN, State.FORWARDED):
        return values
    theirs = who.language if who.language in ("en", "fr") else at.policy.authoritative
    title = own["letter_again" if by_post else "answer_again"]
    lines = [*letter_lines(at, found, who, result_of(found.ref)), *(reference_lines(at, found, who) if by_post else [])]
    return values | {"letter": lines, "letter_language": theirs, "letter_title": title}


def _deed(policy: Policy, one: Deed, words: Words, language: str) -> tuple[str, str, list[str]]:
    """(when, what, its lines); each place once, by its title."""
    rows: dict[tuple[str, str], int] = {}
    for change in one.changes:
        place = (place_of(policy, change, language), change.how)
        rows[place] = rows.get(place, 0) + change.rows
    said = "deed_cut_short" if one.cut_short else "deed_part" if one.failed else "deed_done"
    lines = [
        words.say(f"deed_{how}{'_one' if n == 1 else ''}", place=place, n=locale.whole(n, language))
        for (place, how), n in rows.items()
    ]
    return spelt(policy, one.at, language), words[said], lines


def _how(policy: Policy, how: str, at: datetime | None, why: str, words: Words, language: str) -> str:
    if at is None:
        return why or words["told_refused"]
    return words.say(f"told_by_{how}", at=spelt(policy, at, language))
