"""Who of the staff has looked at somebody's data, for that person to read, where the policy lets people see
(``accounts: people_may: [see]``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from troth.core.policy.model import Policy
from troth.core.rights.identity import Known
from troth.desk.house import House
from troth.desk.telling import spelt
from troth.web.console import trace
from troth.web.console.member import role_title
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Looked:
    """Looks or changes of one kind for one reason, as a sentence. Nobody of the staff is named: their role is."""

    what: str


def shown(policy: Policy) -> bool:
    """Whether the policy lets people see it."""
    accounts = policy.document.accounts
    return accounts is not None and "see" in accounts.people_may


def about(at: House, identifiers: tuple[Known, ...], language: str) -> list[Looked]:
    """Everything on record about whoever has these identifiers, the newest first."""
    return _told(at.policy, trace.about(at, identifiers), language) if shown(at.policy) else []


def of_request(at: House, identifiers: tuple[Known, ...], ref: str, language: str) -> list[Looked]:
    """What concerns one request."""
    if not shown(at.policy):
        return []
    return _told(at.policy, [one for one in trace.about(at, identifiers) if one.ref == ref], language)


def _told(policy: Policy, traces: Iterable[trace.Trace], language: str) -> list[Looked]:
    """In words, the last first. What one role did of one request for one reason is one sentence, with the last time."""
    found: dict[tuple[object, ...], list[trace.Trace]] = {}
    for one in traces:
        found.setdefault((one.roles, one.kind, one.what, one.ground, one.ref), []).append(one)
    words = Words("portal", language)
    ordered = sorted(found.values(), key=lambda same: max(one.at for one in same), reverse=True)
    return [Looked(_said(policy, words, same, language)) for same in ordered]


def _said(policy: Policy, words: Words, same: list[trace.Trace], language: str) -> str:
    one = max(same, key=lambda each: each.at)
    roles = ", ".join(_within(role_title(policy, name, language)) for name in one.roles)
    return words.say(
        "look_often" if len(same) > 1 else "look_once",
        who=words.say("look_who", role=roles) if roles else words["look_nobody"], did=_did(words, one, language),
        n=len(same), when=spelt(policy, one.at, language), why=_why(words, one),
    )  # fmt: skip


def _did(words: Words, one: trace.Trace, language: str) -> str:
    """What was done; by its name for staff where a later release brought it."""
    kind = "look" if one.kind == "seen" else "change"
    name, console = f"{kind}_did_{one.what}", Words("console", language)
    if words.has(name):
        return words[name]
    named = f"trace_what_{one.what}"
    return words.say(f"{kind}_did_other", what=console[named] if console.has(named) else one.what)


def _why(words: Words, one: trace.Trace) -> str:
    """The reason; none for one that the deed says already."""
    name = f"look_why_{one.ground}"
    if one.ground == "request" and one.what != "request":
        name = "" if one.what.startswith("request.") else "look_why_other_request"
    return words.say("look_why", why=words[name]) if words.has(name) else ""


def _within(title: str) -> str:
    """A title within a sentence: an abbreviation stays as it is."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
