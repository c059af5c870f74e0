"""The one person whose data a member of staff has open: for a quarter of an hour, for a reason that is on record.

Who it is lies sealed in the session: in no address, in no page's history. A second search takes the place of the first.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from html import unescape
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from troth.core.errors import KeyUnavailable, StoreError, UsageError
from troth.core.evidence.canonical import JSON
from troth.core.policy.model import Policy
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.desk.house import House, house, stores
from troth.desk.models import File
from troth.package.html_names import Namer
from troth.web.console import trace
from troth.web.console.drawing import to
from troth.web.console.gate import Member

OPEN = "console_person"
STAY = timedelta(minutes=15)
"""How long a look lasts; then the reason is asked for again."""
GROUNDS = ("asked_by_person", "request", "service", "incident", "authority", "other")
"""Reasons to look somebody up: words ``ground_…``."""
LONGEST = 300
"""Characters that may be written about a reason."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is open, why, and until when. ``ref`` is the request that it is about, if it is one; ``known`` is by what
    else the stores know them for certain."""

    identifiers: tuple[tuple[str, str], ...]
    ground: str
    ref: str
    until: datetime
    known: tuple[tuple[str, str], ...] = ()

    @property
    def email(self) -> str:
        """An address to write to; empty where none is known."""
        return next((value for kind, value in self.names if kind == "email"), "")

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Everything they are known by, what was typed first."""
        return tuple(dict.fromkeys((*self.identifiers, *self.known)))


View = Callable[..., HttpResponse]


def called(policy: Policy, names: Iterable[tuple[str, str]], language: str) -> str:
    """Somebody as they were looked up: an address as it is, everything else with what it is (*customer number 24*)."""
    namer = Namer(policy, language)
    return ", ".join(
        value if kind == "email" else f"{unescape(namer.identifier(kind))} {value}" for kind, value in names
    )  # fmt: skip


def kinds_of(policy: Policy, language: str) -> list[tuple[str, str]]:
    """By what somebody can be looked up: the word to type, and what it is called, as finished markup."""
    namer = Namer(policy, language)
    return [(kind, namer.identifier(kind)) for kind in policy.identifiers]


def identifier_of(policy: Policy, text: str) -> tuple[str, str]:
    """``KIND=VALUE`` with a kind that the policy knows, or an e-mail address. Raises UsageError."""
    kind, separator, value = text.strip().partition("=")
    if separator and kind.strip() in policy.identifiers and value.strip():
        return kind.strip(), value.strip()
    if "@" in text and not separator and "email" in policy.identifiers:
        return "email", text.strip()
    raise UsageError("that names nobody", remedy=f"KIND=VALUE, with one of: {', '.join(policy.identifiers)}")


def wrong_reason(ground: str, words: str, ref: str) -> str:
    """What is missing of the reason, as a word; empty when nothing is."""
    if ground not in GROUNDS:
        return "people_no_ground"
    if ground == "other" and not words:
        return "people_no_words"
    if ground == "request" and not ref:
        return "people_no_ref"
    if ref and not File.objects.filter(ref=ref).exists():
        return "people_wrong_ref"
    return ""


def enter(request: HttpRequest, me: Member, at: House, person: Person, words: str) -> None:
    """Open somebody's data. It is on record before anything is kept or shown. Raises EvidenceError."""
    trace.seen(
        me, "person", at=at, ref=person.ref, person=person.identifiers, ground=person.ground, words=words[:LONGEST]
    )
    said: JSON = {
        "identifiers": [list(one) for one in person.identifiers], "ground": person.ground, "ref": person.ref,
        "until": person.until.isoformat(), "known": [list(one) for one in known_for_certain(at, person.identifiers)],
    }  # fmt: skip
    sealed = at.records.state.keys.vault.seal_json(said, _place(me))
    request.session[OPEN] = base64.b64encode(sealed).decode()


def known_for_certain(at: House, identifiers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """By what the stores know whoever has these identifiers; nothing more than was typed where one does not answer."""
    try:
        with stores(at.policy, datetime.now(UTC), hurried=True) as session:
            return identify(session, Subject(identifiers), Decisions(), at.records).certain
    except StoreError:
        return ()


def leave(request: HttpRequest) -> None:
    """Close it."""
    request.session.pop(OPEN, None)


def open_person(request: HttpRequest, me: Member, at: House) -> Person | None:
    """Who is open, if somebody is and the time is not over."""
    kept = request.session.get(OPEN)
    if not kept:
        return None
    try:
        said = cast(dict[str, Any], at.records.state.keys.vault.open_json(base64.b64decode(kept), _place(me)))
    except (KeyUnavailable, ValueError):
        leave(request)
        return None
    until = datetime.fromisoformat(said["until"])
    if until <= datetime.now(UTC):
        leave(request)
        return None
    identifiers, known = (tuple((kind, value) for kind, value in said[name]) for name in ("identifiers", "known"))
    return Person(identifiers, said["ground"], said["ref"], until, known)


def with_person(view: View) -> View:
    """Under ``staff_only``: the view gets the house and who is open; without anybody, back to the search."""

    @wraps(view)
    def shown(request: HttpRequest, me: Member, *args: Any, **kwargs: Any) -> HttpResponse:
        with house() as at:
            person = open_person(request, me, at)
            if person is None:
                return to(request, "console_people", said="person_closed")
            return view(request, me, at, person, *args, **kwargs)

    return shown


def _place(me: Member) -> str:
    """What it is sealed for: no other member's session opens it."""
    return f"console/person/{me.public_id}"
