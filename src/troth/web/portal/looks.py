"""Who of the staff has looked at somebody's data, for that person to read, where the policy lets people see
(``accounts: people_may: [see]``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from troth.core.policy.model import Policy
from troth.core.rights.identity import Known
from troth.desk.house import House
from troth.desk.telling import spelt
from troth.web.console import trace
from troth.web.console.member import role_title
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Looked:
    """One look or change: when, and what in words. Nobody of the staff is named: their role is."""

    when: str
    what: str
    who: str = ""
    """What stands for the member of staff; not to be shown."""


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
    """In words. What one member of staff did several times within a minute, for the same reason, is one line."""
    words, found = Words("console", language), list[Looked]()
    times: dict[tuple[str, str, str], int] = {}
    for one in traces:
        said = _said(policy, words, one, language)
        key = (one.who, said.when, said.what)
        times[key] = times.get(key, 0) + 1
        found += [replace(said, who=one.who)] if times[key] == 1 else []
    again = Words("portal", language)
    return [
        replace(one, what=again.say("look_times", what=one.what, n=n)) if (n := times[one.who, one.when, one.what]) > 1
        else one
        for one in found
    ]  # fmt: skip


def _said(policy: Policy, words: Words, one: trace.Trace, language: str) -> Looked:
    what, ground = _word(words, f"trace_what_{one.what}"), _word(words, f"trace_ground_{one.ground}")
    roles = ", ".join(role_title(policy, name, language) for name in one.roles)
    kind = Words("portal", language)[f"look_{one.kind}"]
    return Looked(spelt(policy, one.at, language), " · ".join(filter(None, (roles, kind, what, ground))))


def _word(words: Words, name: str) -> str:
    """A code in words; nothing for one that a later release brought."""
    try:
        return words[name]
    except KeyError:
        return ""
