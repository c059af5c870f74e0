"""The archivist's room: what lies in the sealed archive, and one person's records of it, for a reason that is on record
before anything is opened. Who may read which purpose's archive, the policy says (``keep: archive: readers:``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.bootstrap import new_ref
from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Policy
from troth.desk.house import House, house
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.person import GROUNDS, LONGEST, called, identifier_of, kinds_of, known_for_certain, wrong_reason
from troth.web.console.shelved import Group, grouped

MOST = 100
"""Records on one page."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened of one person. ``groups``: the records, each with what hangs on it under it; ``others``: how many
    lie there that this member's roles may not read; ``more``: how many were not shown."""

    groups: tuple[Group, ...]
    others: int
    more: int


@staff_only("read_archives")
@require_http_methods(["GET", "POST"])
def archive(request: HttpRequest, me: Member) -> HttpResponse:
    """What lies there, by number; and, once somebody has said who and why, that person's records."""
    found, error, said = None, "", ""
    ground, words = request.POST.get("ground", ""), request.POST.get("words", "").strip()[:LONGEST]
    ref = request.POST.get("ref", "").strip()
    with house() as at:
        if request.method == "POST":
            error = wrong_reason(ground, words, ref)
            try:
                named = identifier_of(at.policy, request.POST.get("who", "")[:254])
            except UsageError:
                error = "people_nobody"
            if not error:
                said = called(at.policy, (named,), language_of(request))
                found = _opened(me, at, named, (ground, words, ref), language_of(request))
        shelves = _shelves(at, me, language_of(request))
    spoken = words_for(request)
    return draw(
        request, me, "archive", 400 if error else 200, error=error, room="archive", shelves=shelves, found=found,
        said_who=said, grounds=[(code, spoken[f"ground_{code}"]) for code in GROUNDS], ground=ground, ref=ref,
        who=request.POST.get("who", "")[:254] if error else "", words_said=words if error else "",
        kinds=kinds_of(at.policy, language_of(request)),
        not_mine=spoken.say("archive_others", n=found.others) if found else "",
        rest=spoken.say("archive_more", n=found.more) if found else "", why=spoken[f"ground_{ground}"] if found else "",
    )  # fmt: skip


def may_read(policy: Policy, me: Member, purpose: str) -> bool:
    """Whether the policy lets this member read the archive of a purpose: whoever may read archives, where it names no
    readers for it."""
    said = policy.document.purposes.get(purpose)
    keep = said.keep if said is not None else None
    readers = keep.archive.readers if keep is not None and keep.archive is not None else ()
    return not readers or bool(set(readers) & set(me.staff.roles))


def _shelves(at: House, me: Member, language: str) -> list[dict[str, Any]]:
    namer = Namer(at.policy, language)
    return [
        {
            "purpose": _title(at.policy, one.purpose, language), "place": namer.place(one.store, one.collection),
            "records": locale.whole(one.records, language), "mine": may_read(at.policy, me, one.purpose),
            "first": locale.day(one.first_until, language), "last": locale.day(one.last_until, language),
        }
        for one in at.records.state.archive.shelves()
    ]  # fmt: skip


def _opened(
    me: Member, at: House, named: tuple[str, str], why: tuple[str, str, str], language: str
) -> Opened:  # fmt: skip
    """The records of whoever has this identifier, on record before they are opened. Raises EvidenceError."""
    ground, words, ref = why
    names = tuple(dict.fromkeys((named, *known_for_certain(at, (named,)))))
    trace.seen(me, "archive", at=at, ref=ref, person=names, ground=ground, words=words)
    entries = at.records.state.archive.matching(names)
    mine = [one for one in entries if may_read(at.policy, me, one.purpose)]
    shown = mine[:MOST]
    body: dict[str, JSON] = {
        "who": me.public_id,
        "because": ground,
        "records": len(shown),
        "request": ref or new_ref("archive"),
    }
    at.records.note(Event("archive.opened", datetime.now(UTC), body))
    return Opened(grouped(at, shown, language), len(entries) - len(mine), len(mine) - len(shown))


def _title(policy: Policy, purpose: str, language: str) -> str:
    known = policy.purposes.get(purpose)
    titles = known.title if known is not None else {}
    return titles.get(language) or next(iter(titles.values()), purpose)
